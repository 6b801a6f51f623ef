"""Deleting a municipality from the database with everything that belongs to it, so that no byte of it stays there."""

import sqlite3
import time
from sqlite3 import Connection

from tracker.errors import StoreError
from tracker.store.feedback import Feedbacks
from tracker.store.schema import transaction
from tracker.store.sqlite import Store

PATIENCE = 30.0  # s for readers to end


def remove_municipality(store: Store, town: int) -> None:
    """Delete a municipality and its texts; hold the loader's lock. Raises sqlite3.Error, and nothing is deleted.

    What its accounts did elsewhere goes too, as their e-mail addresses are its data.
    """
    connection, where = store.connection, {"town": town}
    with transaction(connection):
        _delete(connection, "audit_log", "account in (select email from account where municipality_id = :town)", where)
        sites = "site in (select id from site where municipality_id = :town)"
        _delete(connection, "hit", f"visit in (select id from visit where {sites})", where)  # noqa: S608
        for table in _tables_with(connection, "site"):
            _delete(connection, table, sites, where)
        for table in _tables_with(connection, "municipality_id"):
            _delete(connection, table, "municipality_id = :town", where)
        _delete(connection, "municipality", "id = :town", where)
        Feedbacks(connection).tidy_index()
    store.purge_texts()


def write_anew(connection: Connection) -> None:
    """Write the whole database anew; raises StoreError where that cannot be.

    SQLite overwrites what is deleted (secure_delete), but not the copies that stay in the gaps of its pages when it
    moves rows from one page to another.
    """
    try:
        connection.execute("vacuum")
    except sqlite3.OperationalError as error:
        raise StoreError(
            f"Everything is deleted, but the database cannot be written anew: {error}. Bytes may stay in gaps of its "
            "file until they are overwritten. Free as much space as it takes, and run: sqlite3 zaehlwerk.db vacuum"
        ) from error


def empty_log(connection: Connection) -> None:
    """Bring everything into the database file and empty the write-ahead log; StoreError while a reader keeps it."""
    deadline = time.monotonic() + PATIENCE
    while connection.execute("pragma wal_checkpoint(truncate)").fetchone()[0]:
        if time.monotonic() > deadline:
            raise StoreError(
                "Everything is deleted, but another process reads the database and keeps its write-ahead log. "
                "Bytes may stay there until the server is started anew."
            )
        time.sleep(0.1)


def _delete(connection: Connection, table: str, condition: str, where: dict[str, int]) -> None:
    connection.execute(f"delete from {table} where {condition}", where)  # noqa: S608 - the names of our own tables


def _tables_with(connection: Connection, column: str) -> list[str]:
    """The tables with a column; of those with the number of a municipality, what refers to others comes first."""
    rows = connection.execute(
        """
        select name
        from sqlite_master
        where type = 'table' and sql like 'create table %' and exists (
          select 1 from pragma_table_info(sqlite_master.name) as info where info.name = :column
        )
        order by rowid desc
        """,
        {"column": column},
    )
    return [row[0] for row in rows]
