"""What was imported: each run, and a fingerprint of each line, so that none is counted twice."""

import json
from collections.abc import Collection
from sqlite3 import Connection


class Imports:
    """The imports of one data directory."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def is_new(self, site: int, day: int, fingerprint: int) -> bool:
        """Whether an imported line was never counted before; remembers it."""
        cursor = self._connection.execute(
            "insert or ignore into import_seen (site, day, fingerprint) values (?, ?, ?)", (site, day, fingerprint)
        )
        return cursor.rowcount == 1

    def is_first_delivery(self, site: int, day: int, fingerprint: int) -> bool:
        """Whether an item of a form server's batch was never counted before; remembers it."""
        cursor = self._connection.execute(
            "insert or ignore into delivery_seen (site, day, fingerprint) values (?, ?, ?)", (site, day, fingerprint)
        )
        return cursor.rowcount == 1

    def forget_deliveries(self, site: int, before: int) -> None:
        """Forget the items of days before `before` (20260131): no batch is repeated for so long."""
        self._connection.execute("delete from delivery_seen where site = ? and day < ?", (site, before))

    def was_counted(self, site: int, day: int, fingerprint: int) -> bool:
        """Whether an imported line was counted before."""
        found = self._connection.execute(
            "select 1 from import_seen where site = ? and day = ? and fingerprint = ?", (site, day, fingerprint)
        )
        return found.fetchone() is not None

    def begin(self, site: int, file: str, first_day: int, repeated: int, now: int) -> None:
        """Record an import of a log before the loader finds its journal file; `now` in seconds."""
        self._connection.execute(
            "insert into import_run (site, started, first_day, kind, file, repeated) values (?, ?, ?, 'log', ?, ?)",
            (site, now, first_day, file, repeated),
        )

    def first_day(self, site: int, since: float) -> int | None:
        """The earliest day (20260131) that was imported since an instant in seconds; None if nothing was."""
        row = self._connection.execute(
            "select min(first_day) from import_run where site = ? and started >= ?", (site, since)
        ).fetchone()
        return None if row[0] is None else int(row[0])

    def note(self, file: str, counted: int, repeated: int) -> None:
        """Add to what an import found."""
        self._connection.execute(
            "update import_run set counted = counted + ?, repeated = repeated + ? where file = ?",
            (counted, repeated, file),
        )

    def days(self, sites: Collection[int], first: int, last: int) -> set[tuple[int, int]]:
        """(site, day) of the days from `first` to `last` (20260131) of which lines were imported."""
        rows = self._connection.execute(
            """
            select distinct site, day
            from json_each(:sites) as wanted
            cross join import_seen on site = wanted.value and day between :first and :last
            """,
            {"sites": json.dumps(list(sites)), "first": first, "last": last},
        )
        return set(rows.fetchall())
