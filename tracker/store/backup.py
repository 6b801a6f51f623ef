"""A checked copy of the database while counting goes on."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tracker.errors import StoreError

PAGES = 1024  # copied between two looks at the progress


def copy_database(source: sqlite3.Connection, target: Path, progress: Callable[[float], None]) -> None:
    """Copy to the new file `target`, readable by its owner only; `progress` gets the share done, 0 to 1.

    Pseudonyms of the present day and sessions are left out: a copy must not keep what the original forgets. The file
    appears under its name only after it was read back. Raises StoreError.
    """
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    hidden = target.with_name(f".{target.name}.part")
    hidden.unlink(missing_ok=True)
    hidden.touch(mode=0o600)
    try:
        _copy(source, hidden, progress)
        _strip_and_check(hidden)
        hidden.rename(target)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"No backup was made: {error}.") from error
    finally:
        for leftover in hidden.parent.glob(hidden.name + "*"):
            leftover.unlink()


def has_feedback(path: Path) -> bool:
    """Whether a copy of a database holds feedback; one that cannot be read, or is older than feedback, does not."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as copy:
            return copy.execute("select 1 from feedback limit 1").fetchone() is not None
    except sqlite3.Error:
        return False


def _copy(source: sqlite3.Connection, hidden: Path, progress: Callable[[float], None]) -> None:
    copy = sqlite3.connect(hidden)
    source.execute("begin")  # one state of the database throughout: without it every write begins the copy anew
    source.execute("select 1 from sqlite_master").fetchone()

    def show(_status: int, remaining: int, total: int) -> None:
        progress(1 - remaining / max(total, 1))

    try:
        source.backup(copy, pages=PAGES, progress=show)
    finally:
        source.execute("rollback")
        copy.close()


def _strip_and_check(hidden: Path) -> None:
    copy = sqlite3.connect(hidden, isolation_level=None)
    copy.execute("pragma journal_mode = delete")
    for table in (*_tables_with_pseudonyms(copy), "session"):
        copy.execute(f"delete from {table}")  # noqa: S608 - the names of our own tables
    copy.execute("vacuum")
    answer = copy.execute("pragma integrity_check").fetchone()[0]
    copy.close()
    if answer != "ok":
        raise StoreError(f"The copy is damaged ({answer}); no backup was made. Run `zaehlwerk doctor`.")


def _tables_with_pseudonyms(copy: sqlite3.Connection) -> list[str]:
    tables = [row[0] for row in copy.execute("select name from sqlite_master where type = 'table'")]
    return [
        table
        for table in tables
        if copy.execute("select 1 from pragma_table_info(?) where name = 'pseudonym'", (table,)).fetchone()
    ]
