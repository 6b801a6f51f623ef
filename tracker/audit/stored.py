"""What is stored where, for how long and since when: the declared kinds with what is really there."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from tracker.audit.files import Stored, stored_files
from tracker.audit.kinds import DAYS, FILES, HOURS, MEMORY, MILLISECONDS, SECONDS, TABLES, FileKind, TableKind
from tracker.calendar import day_date
from tracker.config import Config
from tracker.daykey import runtime_directory
from tracker.store import Store
from tracker.store.contents import Contents

MOST = 1_000_000  # rows that are counted
DATABASE, DIRECTORY, SHARED, PROCESS = "database", "directory", "memory", "process"  # where
PLACES = (DATABASE, DIRECTORY, SHARED, PROCESS)


class Fact(NamedTuple):
    """One kind of data. `where`: one of PLACES; `place`: the table with its columns, or the patterns of the files.

    `number`: rows or files, None where that is not known; `bytes` of files. `since`: the day of the oldest.
    """

    name: str
    where: str
    place: str
    personal: str
    keep: str
    number: int | None = None
    bytes: int | None = None
    since: date | None = None


def facts_of(store: Store, config: Config) -> list[Fact]:
    """All declared kinds."""
    contents, files = Contents(store.connection), stored_files(config.data)
    memory = runtime_directory(config.data)
    in_memory = stored_files(memory, MEMORY) if memory else []
    known = contents.columns()
    return [
        *(_of_table(contents, kind) for kind in TABLES if kind.table in known),
        *(_of_files(files, kind, DIRECTORY) for kind in FILES),
        *(_of_files(in_memory, kind, SHARED if kind.patterns else PROCESS) for kind in MEMORY),
    ]


def _of_table(contents: Contents, kind: TableKind) -> Fact:
    place = f"{kind.table} ({', '.join(kind.columns)})" if kind.columns else kind.table
    number = contents.number(kind.table, MOST)
    return Fact(kind.name, DATABASE, place, kind.personal, kind.keep, number, None, _since(contents, kind))


def _since(contents: Contents, kind: TableKind) -> date | None:
    if kind.table == "rollup":
        day = contents.first_counted()
        return None if day is None else day_date(day)
    if kind.since is None:
        return None
    column, unit = kind.since
    lowest = contents.lowest(kind.table, column)
    return None if lowest is None else DATES[unit](lowest)


def _instant(seconds: float) -> date:
    return datetime.fromtimestamp(seconds, UTC).date()


DATES: Mapping[str, Callable[[int], date]] = {
    DAYS: day_date,
    SECONDS: _instant,
    MILLISECONDS: lambda value: _instant(value / 1000),
    HOURS: lambda value: _instant(value * 3600),
}


def _of_files(files: list[Stored], kind: FileKind, where: str) -> Fact:
    place = ", ".join(kind.patterns)
    if not kind.patterns:
        return Fact(kind.name, where, place, kind.personal, kind.keep)
    stats = [stat for stat in (_stat(file.path) for file in files if file.kind == kind) if stat]
    since = _instant(min(stat[1] for stat in stats)) if stats else None
    return Fact(kind.name, where, place, kind.personal, kind.keep, len(stats), sum(stat[0] for stat in stats), since)


def _stat(path: Path) -> tuple[int, float] | None:
    """(bytes, instant of the last change); None for a file that is gone meanwhile."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime
