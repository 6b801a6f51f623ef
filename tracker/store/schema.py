"""Connections to the database, and the numbered migrations that bring its schema up to date."""

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from tracker.errors import StoreError
from tracker.store.backup import copy_database

COPY_PREFIX = "zaehlwerk-schema-"  # begins the name of a copy that is made before a migration
_PRAGMAS = (
    "pragma journal_mode = wal",
    "pragma synchronous = normal",  # the journal is the durable copy until a checkpoint has passed
    "pragma secure_delete = on",  # closed days leave no pseudonym in free pages
    "pragma foreign_keys = on",
    "pragma temp_store = memory",
    "pragma cache_size = -65536",
)


def connect(path: Path, readonly: bool = False) -> sqlite3.Connection:
    """A connection in autocommit mode; transactions are begun by name. Raises StoreError with what to do."""
    if not path.exists() and readonly:
        raise StoreError(
            f"There is no database in {path.parent}. Prepare one with `zaehlwerk init --data {path.parent}`."
        )
    target = f"{path.absolute().as_uri()}?mode={'ro' if readonly else 'rwc'}"
    try:
        connection = sqlite3.connect(target, uri=True, timeout=30, isolation_level=None, check_same_thread=False)
        for pragma in _PRAGMAS[4:] if readonly else _PRAGMAS:
            connection.execute(pragma)
        connection.execute("select count(*) from sqlite_master").fetchone()
    except sqlite3.Error as error:
        message = (
            f"The database {path} cannot be opened: {error}. Check permissions; if it is damaged, restore a backup."
        )
        raise StoreError(message) from error
    return connection


def open_database(path: Path, readonly: bool = False) -> sqlite3.Connection:
    """A connection to a database whose schema is current; only a writer migrates."""
    connection = connect(path, readonly)
    try:
        if readonly:
            _refuse_other_version(connection)
        else:
            migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Everything in it is written, or nothing."""
    connection.execute("begin immediate")
    try:
        yield
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")


def migrations() -> list[tuple[int, str, str]]:
    """(number, name, SQL) of every migration, in order."""
    found = [path for path in files("tracker.store").joinpath("migrations").iterdir() if path.name.endswith(".sql")]
    rows = [(int(path.name[:4]), path.name, path.read_text("utf-8")) for path in found]
    return sorted(rows)


def migrate(connection: sqlite3.Connection) -> None:
    """Apply what is missing, each migration in one transaction with its own record; raises StoreError if newer."""
    if not _refuse_other_version(connection, may_be_older=True):
        return
    if version(connection):
        _keep_copy(connection)
    connection.execute("begin immediate")
    try:
        connection.execute(
            "create table if not exists migration"
            " (number integer primary key, name text not null, applied integer not null)"
        )
        connection.execute("commit")
        for number, name, sql in migrations():
            _apply(connection, number, name, sql)
    except BaseException:
        if connection.in_transaction:
            connection.execute("rollback")
        raise


def _keep_copy(connection: sqlite3.Connection) -> None:
    """Put a copy of an older database aside before it is changed; raises StoreError, and nothing is changed."""
    path = Path(connection.execute("select file from pragma_database_list where name = 'main'").fetchone()[0])
    copy = path.parent / "backup" / f"{COPY_PREFIX}{version(connection)}-{time.time_ns()}.db"
    copy_database(connection, copy, lambda _: None)


def _apply(connection: sqlite3.Connection, number: int, name: str, sql: str) -> None:
    connection.execute("begin immediate")
    if connection.execute("select 1 from migration where number = :number", {"number": number}).fetchone() is None:
        for statement in _statements(sql):
            connection.execute(statement)
        row = {"number": number, "name": name, "now": int(time.time())}
        connection.execute("insert into migration (number, name, applied) values (:number, :name, :now)", row)
    connection.execute("commit")


def _statements(sql: str) -> list[str]:
    statements, buffer = [], ""
    for piece in re.split(r"(;)", sql):
        buffer += piece
        if sqlite3.complete_statement(buffer):
            statements.append(buffer.strip())
            buffer = ""
    return statements


def version(connection: sqlite3.Connection) -> int:
    """The number of the newest migration that was applied; 0 for an empty database."""
    if connection.execute("select 1 from sqlite_master where name = 'migration'").fetchone() is None:
        return 0
    return int(connection.execute("select coalesce(max(number), 0) from migration").fetchone()[0])


def _refuse_other_version(connection: sqlite3.Connection, may_be_older: bool = False) -> bool:
    """Whether the database is older than this program; raises StoreError when it cannot be used."""
    have, want = version(connection), migrations()[-1][0]
    if have > want:
        raise StoreError(
            f"This database was written by a newer Zählwerk (schema {have}; this one knows {want}). "
            "Install the newer version again, or restore a backup made with this one."
        )
    if have < want and not may_be_older:
        raise StoreError(
            f"This database has schema {have}, but {want} is needed. Run `zaehlwerk init` to bring it up to date."
        )
    return have < want
