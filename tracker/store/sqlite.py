"""Counts in SQLite: what the loader writes and what every report reads."""

import json
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from tracker.rollups import BY_NAME
from tracker.store.batch import Batch, Texts, write_batch
from tracker.store.schema import open_database
from tracker.visits import Visitor, VisitorKey

_SUMS = """
  sum(visitors) as visitors,
  sum(visits) as visits,
  sum(views) as views,
  sum(bounces) as bounces,
  sum(seconds) as seconds,
  sum(events) as events
"""


_NOT_EMPTY = "(visits or views or events or seconds)"  # no cell is ever negative, so none hides another


class Counts(NamedTuple):
    """The measures of one key: seconds of attention, and otherwise plain numbers."""

    key: str
    visitors: int
    visits: int
    views: int
    bounces: int
    seconds: int
    events: int


NOTHING = Counts("", 0, 0, 0, 0, 0, 0)


# Every column that holds the number of a text.
_TEXT_COLUMNS = {
    "rollup": ("scope", "key"),
    "hit": ("key",),
    "visit": (
        "entry", "exit", "channel", "source", "referrer", "campaign", "device", "browser", "os", "country", "language",
    ),
}  # fmt: skip
_NUMBERS = " union ".join(
    f"select {column} from {table}"  # noqa: S608 - the names of our own columns
    for table, columns in _TEXT_COLUMNS.items()
    for column in columns
)
_UNUSED_TEXTS = f"select id from text where id <> 0 and id not in ({_NUMBERS})"  # noqa: S608


class Store:
    """The counts of one data directory."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._texts = Texts(connection)

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    # Reading

    def rows(self, site: int, dim: str, periods: Sequence[int], scope: str = "") -> list[Counts]:
        """The counts per key of a dimension, summed over `periods`: by views, then events, visits and key."""
        found = self.connection.execute(
            f"""
            select text.value, {_SUMS}
            from rollup
            join text on text.id = rollup.key
            where site = ? and scope = ? and dim = ? and period in ({_marks(periods)})
            group by rollup.key
            having sum(visits) or sum(views) or sum(events) or sum(seconds)
            order by sum(views) desc, sum(events) desc, sum(visits) desc, text.value
            """,  # noqa: S608 - only question marks are put in
            (site, self._text(scope), BY_NAME[dim].number, *periods),
        )
        return [Counts(*row) for row in found]

    def top(
        self, site: int, dim: str, periods: Sequence[int], limit: int, scope: str = "", by: str = "views"
    ) -> list[Counts]:
        """The first `limit` of `rows`, ordered by the measure `by` first; only theirs are added up and looked up.

        Three times as fast as cutting `rows` off, which matters at 50,000 keys.
        """
        if by not in Counts._fields[1:]:
            raise ValueError(f"“{by}” is no measure")
        found = self.connection.execute(
            f"""
            with first as materialized (
              select key, sum({by}) as weight
              from rollup
              where site = ? and scope = ? and dim = ? and period in ({_marks(periods)}) and {_NOT_EMPTY}
              group by key
              order by weight desc, key
              limit ?
            )
            select text.value, {_SUMS}
            from first
            cross join rollup on rollup.key = first.key
            join text on text.id = first.key
            where site = ? and scope = ? and dim = ? and period in ({_marks(periods)})
            group by first.key
            order by weight desc, sum(views) desc, sum(events) desc, sum(visits) desc, text.value
            """,  # noqa: S608 - only question marks and the name of a measure are put in
            (*(place := (site, self._text(scope), BY_NAME[dim].number, *periods)), limit, *place),
        )
        return [Counts(*row) for row in found]

    def number_of_keys(self, site: int, dim: str, periods: Sequence[int], scope: str = "") -> int:
        """How many rows `rows` has."""
        found = self.connection.execute(
            f"""
            select count(distinct key)
            from rollup
            where site = ? and scope = ? and dim = ? and period in ({_marks(periods)}) and {_NOT_EMPTY}
            """,  # noqa: S608 - only question marks are put in
            (site, self._text(scope), BY_NAME[dim].number, *periods),
        )
        return int(found.fetchone()[0])

    def totals(self, site: int, periods: Sequence[int], scope: str = "") -> Counts:
        """The counts of the whole site (or scope), summed over `periods`."""
        rows = self.rows(site, "total", periods, scope)
        return rows[0] if rows else NOTHING

    def series(self, site: int, periods: Sequence[int], scope: str = "") -> dict[int, Counts]:
        """The totals of each of `periods` that has any."""
        found = self.connection.execute(
            f"""
            select period, visitors, visits, views, bounces, seconds, events
            from rollup
            where site = ? and scope = ? and dim = 0 and key = 0 and period in ({_marks(periods)})
            """,  # noqa: S608 - only question marks are put in
            (site, self._text(scope), *periods),
        )
        return {row[0]: Counts("", *row[1:]) for row in found}

    def has_counts(self, site: int) -> bool:
        """Whether anything was ever counted for a site."""
        found = self.connection.execute("select 1 from rollup where site = ? and scope = 0 limit 1", (site,))
        return found.fetchone() is not None

    def _text(self, value: str) -> int:
        """The number of a text; -1, which no row has, when it never occurred."""
        row = self.connection.execute("select id from text where value = ?", (value,)).fetchone()
        return -1 if row is None else int(row[0])

    # Counting, by the loader only

    def begin(self) -> None:
        """Begin a transaction that will write."""
        self.connection.execute("begin immediate")

    def commit(self) -> None:
        """Make the transaction last."""
        self.connection.execute("commit")

    def rollback(self) -> None:
        """Undo the transaction, if one is open, and forget what was remembered of it."""
        self._texts.forget()
        if self.connection.in_transaction:
            self.connection.execute("rollback")

    def positions(self) -> dict[str, tuple[int, int]]:
        """Journal file → how far it is counted, and the instant in ms when its last day closes."""
        return {row[0]: (row[1], row[2]) for row in self.connection.execute("select * from journal_position")}

    def forget_file(self, name: str) -> None:
        """Forget the position of a journal file that is gone."""
        self.connection.execute("delete from journal_position where file = ?", (name,))

    def last_visit(self) -> int:
        """The highest number that a visit in the facts ever had; a purge does not free it."""
        row = self.connection.execute("select seq from sqlite_sequence where name = 'visit'").fetchone()
        return 0 if row is None else int(row[0])

    def visitors(self, site: int, day: int, pseudonyms: Iterable[int]) -> dict[VisitorKey, Visitor]:
        """The stored states of those of `pseudonyms` who are open visitors.

        SQLite takes the tables of a cross join in this order, so that it looks up each pseudonym and scans no day.
        """
        found = self.connection.execute(
            """
            select pseudonym, state
            from json_each(:pseudonyms)
            cross join open_visitor on site = :site and day = :day and pseudonym = json_each.value
            """,
            {"site": site, "day": day, "pseudonyms": json.dumps(list(pseudonyms))},
        )
        return {
            VisitorKey(site, day, pseudonym): msgspec.msgpack.decode(state, type=Visitor) for pseudonym, state in found
        }

    def apply(self, batch: Batch, arrived: Collection[int] = ()) -> None:
        """Write a batch; call between begin and commit. `arrived`: the sites that had a beacon, not only an import."""
        write_batch(self.connection, self._texts, batch, arrived)

    def attempts_silent_since(self, instant: int) -> list[VisitorKey]:
        """Who has attempts without an end and sent nothing after an instant in ms."""
        rows = self.connection.execute("select site, day, pseudonym from open_attempt where last <= ?", (instant,))
        return [VisitorKey(*row) for row in rows]

    def open_attempts(self, site: int, day: int) -> list[VisitorKey]:
        """Who has attempts without an end on a day."""
        rows = self.connection.execute(
            "select site, day, pseudonym from open_attempt where site = ? and day = ?", (site, day)
        )
        return [VisitorKey(*row) for row in rows]

    # Closing and keeping in order

    def damage(self) -> str:
        """What is wrong with the database file; "" if nothing."""
        answer = str(self.connection.execute("pragma quick_check").fetchone()[0])
        return "" if answer == "ok" else answer

    def changes(self) -> int:
        """A number that changes whenever another connection wrote."""
        return int(self.connection.execute("pragma data_version").fetchone()[0])

    def newest_beacons(self) -> dict[int, float]:
        """Site → when its last beacon was counted, in seconds since 1970; sites without a beacon today are missing."""
        rows = self.connection.execute("select site, max(touched) from open_day group by site")
        return {site: touched / 1000 for site, touched in rows}

    def days_to_close(self, ended_before: int, silent_since: int) -> list[tuple[int, int]]:
        """(site, day) of the open days that ended before an instant in ms and had no beacon since another."""
        return self.connection.execute(
            "select site, day from open_day where ends <= ? and touched <= ?", (ended_before, silent_since)
        ).fetchall()

    def open_days(self) -> list[tuple[int, int]]:
        """(site, day) of the days that are still being counted."""
        return self.connection.execute("select site, day from open_day").fetchall()

    def close_day(self, site: int, day: int) -> None:
        """Forget who came on a day; only the counts remain."""
        where = {"site": site, "day": day}
        for table in ("open_visitor", "open_attempt"):
            self.connection.execute(f"delete from {table} where site = :site and day = :day", where)  # noqa: S608
        self.connection.execute("delete from open_day where site = :site and day = :day", where)

    def purge_facts(self, site: int, before: int) -> int:
        """Delete the facts of days before `before` (20260131); the number of visits deleted."""
        where = {"site": site, "before": before}
        self.connection.execute(
            "delete from hit where visit in (select id from visit where site = :site and day < :before)", where
        )
        return self.connection.execute("delete from visit where site = :site and day < :before", where).rowcount

    def purge_rollups(self, site: int, before: int) -> int:
        """Delete daily counts before a day (20260131), and months and years that lie wholly before it."""
        self.connection.execute("delete from import_seen where site = ? and day < ?", (site, before))
        return sum(
            self.connection.execute(
                "delete from rollup where site = ? and period < ? and period >= ?", (site, limit, low)
            ).rowcount
            for limit, low in ((before, 10_000_000), (before // 100, 100_000), (before // 10_000, 0))
        )

    def purge_texts(self) -> int:
        """Delete the texts that nothing is filed under any more; how many there were.

        Only for whoever holds the loader's lock: a loader remembers the numbers of texts. 3 s for two million counts.
        """
        unused = self.connection.execute(_UNUSED_TEXTS).fetchall()
        self._texts.forget()
        self.begin()
        self.connection.executemany("delete from text where id = ?", unused)
        self.commit()
        return len(unused)

    def checkpoint(self) -> None:
        """Bring everything into the database file and empty the write-ahead log."""
        self.connection.execute("pragma wal_checkpoint(truncate)").fetchall()


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def open_store(path: Path, readonly: bool = False) -> Store:
    """The store in an SQLite file; raises StoreError with what to do."""
    return Store(open_database(path, readonly))
