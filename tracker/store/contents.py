"""What a database really holds, whatever the program thinks it does: for the audit. Nothing here is ever changed."""

import json
import random
from collections.abc import Collection, Iterator, Sequence
from sqlite3 import Connection
from typing import Any, NamedTuple

from tracker.rollups import BY_NAME

HASHED = ("open_visitor", "open_attempt", "session")  # what no copy may hold
_SHADOWS = ("_config", "_content", "_data", "_docsize", "_idx")  # tables that an FTS5 index consists of
_TOTAL = BY_NAME["total"].number


class OpenDay(NamedTuple):
    """A day (20260131) of a site that is not closed; `ends` in ms."""

    site: int
    day: int
    ends: int


class Contents:
    """The tables of one database; `connection` may be read-only, and of an older version."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def columns(self) -> dict[str, dict[str, str]]:
        """Table → column → type in small letters; those that belong to a search index are left out."""
        rows = self._connection.execute(
            """
            select tables.name, columns.name, lower(columns.type)
            from sqlite_master as tables
            cross join pragma_table_info(tables.name) as columns
            where tables.type = 'table'
            """
        )
        found: dict[str, dict[str, str]] = {}
        for table, column, kind in rows:
            found.setdefault(table, {})[column] = kind
        indexes = {name.removesuffix("_docsize") for name in found if name.endswith("_docsize")}
        return {name: row for name, row in found.items() if not _is_shadow(name, indexes)}

    def number(self, table: str, most: int) -> int:
        """How many rows a table has, counted up to `most`."""
        counted = f"select count(*) from (select 1 from {_quoted(table)} limit ?)"  # noqa: S608 - a table of the schema
        return int(self._connection.execute(counted, (most,)).fetchone()[0])

    def lowest(self, table: str, column: str, above: int = 0) -> int | None:
        """The lowest number over `above` in a column; site by site where the table is by site, which is quick."""
        name, value = _quoted(table), _quoted(column)
        plain = f"select min({value}) from {name} where {value} > :above"  # noqa: S608 - names of the schema
        by_site = f"""
            select min(found)
            from (
              select (select min({value}) from {name} where {name}.site = site.id and {value} > :above) as found
              from site
            )
        """  # noqa: S608 - names of the schema
        sql = by_site if "site" in self.columns()[table] and table != "site" else plain
        found = self._connection.execute(sql, {"above": above}).fetchone()[0]
        return None if found is None else int(found)

    def first_counted(self) -> int | None:
        """The first day (20260131) of which there are counts."""
        found = self._connection.execute(
            """
            select min(found)
            from (
              select (
                select min(period)
                from rollup
                where site = place.id and scope = 0 and dim = :dim and period > 10000000
              ) as found
              from site as place
            )
            """,
            {"dim": _TOTAL},
        ).fetchone()[0]
        return None if found is None else int(found)

    def sample(self, table: str, columns: Sequence[str], most: int) -> Iterator[dict[str, Any]]:
        """About `most` rows of a table: the newest, and others at random; all of a small one. May repeat a row."""
        chosen = ", ".join(map(_quoted, columns))
        name = _quoted(table)
        if self.number(table, most) < most:
            yield from self._rows(f"select {chosen} from {name}", columns)  # noqa: S608 - names of the schema
            return
        if self._has_rowid(table):
            yield from self._rows(f"select {chosen} from {name} order by rowid desc limit {most // 2}", columns)  # noqa: S608
            ids = json.dumps(self._some_rowids(table, most // 2))
            sql = f"select {chosen} from {name} where rowid in (select value from json_each(?))"  # noqa: S608
            yield from self._rows(sql, columns, ids)
            return
        for way in ("asc", "desc"):
            order = ", ".join(f"{_quoted(key)} {way}" for key in self._primary_key(table))
            sql = f"select {chosen} from {name} order by {order} limit {most // 2}"  # noqa: S608 - names of the schema
            yield from self._rows(sql, columns)

    def _rows(self, sql: str, columns: Sequence[str], *values: object) -> Iterator[dict[str, Any]]:
        for row in self._connection.execute(sql, values):
            yield dict(zip(columns, row, strict=True))

    def _has_rowid(self, table: str) -> bool:
        found = self._connection.execute("select wr from pragma_table_list where name = ?", (table,)).fetchone()
        return not found[0]

    def _primary_key(self, table: str) -> list[str]:
        rows = self._connection.execute("select name from pragma_table_info(?) where pk > 0 order by pk", (table,))
        return [row[0] for row in rows]

    def _some_rowids(self, table: str, most: int) -> list[int]:
        low, high = self._connection.execute(f"select min(rowid), max(rowid) from {_quoted(table)}").fetchone()  # noqa: S608
        return random.sample(range(low, high + 1), min(most, high + 1 - low))

    # What should be gone

    def days_open_since(self, ended_before: int) -> list[OpenDay]:
        """The days that ended before an instant in ms and are not closed."""
        rows = self._connection.execute("select site, day, ends from open_day where ends < ?", (ended_before,))
        return [OpenDay(*row) for row in rows]

    def pseudonyms_of_no_day(self) -> int:
        """Pseudonyms whose day is closed, or whose site counts without any."""
        return sum(
            int(
                self._connection.execute(
                    f"""
                    select count(*)
                    from {table} as held
                    where not exists (select 1 from open_day where open_day.site = held.site and day = held.day)
                      or (pseudonym <> 0 and held.site in (select id from site where level = 'counts'))
                    """  # noqa: S608 - our own tables
                ).fetchone()[0]
            )
            for table in ("open_visitor", "open_attempt")
        )

    def visits_of_counts_sites(self) -> int:
        """Single visits of sites that keep none."""
        sql = "select count(*) from visit where site in (select id from site where level = 'counts')"
        return int(self._connection.execute(sql).fetchone()[0])

    def before(self, table: str, site: int, day: int) -> int:
        """How many rows of a site (in `visit`, `feedback`, `delivery_seen`, `import_seen`) lie before a day."""
        sql = f"select count(*) from {_quoted(table)} where site = ? and day < ?"  # noqa: S608 - our own tables
        return int(self._connection.execute(sql, (site, day)).fetchone()[0])

    def counts_before(self, site: int, day: int) -> int:
        """How many totals of a site lie before a day (20260131)."""
        found = self._connection.execute(
            """
            select count(*)
            from rollup
            where site = :site and scope = 0 and dim = :dim and period > 10000000 and period < :day
            """,
            {"site": site, "dim": _TOTAL, "day": day},
        )
        return int(found.fetchone()[0])

    def texts_before(self, site: int, day: int) -> int:
        """How many pieces of feedback of a site before a day still have their text or a note."""
        found = self._connection.execute(
            "select count(*) from feedback where site = ? and day < ? and (text <> '' or note <> '')", (site, day)
        )
        return int(found.fetchone()[0])

    def older(self, table: str, column: str, than: float) -> int:
        """How many rows have a number below `than` in a column."""
        sql = f"select count(*) from {_quoted(table)} where {_quoted(column)} < ?"  # noqa: S608 - our own tables
        return int(self._connection.execute(sql, (than,)).fetchone()[0])

    def transfers_before(self, month: int) -> int:
        """How many files for the gateway of months before `month` (202601) still have their content."""
        found = self._connection.execute(
            """
            select count(*)
            from sdg_file
            join sdg_transfer on sdg_transfer.id = transfer_id
            where month < ? and content is not null
            """,
            (month,),
        )
        return int(found.fetchone()[0])

    def features(self, municipality_id: int) -> set[str]:
        """What a municipality uses: feedback, imports (of access logs), tokens (of programs), sdg."""
        found = self._connection.execute(
            """
            select 'feedback' from feedback where municipality_id = :town
            union select 'feedback' from feedback_setting where municipality_id = :town
            union select 'imports' from import_run where site in (select id from site where municipality_id = :town)
            union select 'tokens' from token where municipality_id = :town
            union select 'sdg' from service where municipality_id = :town and sdg = 1
            """,
            {"town": municipality_id},
        )
        return {row[0] for row in found}

    def held(self, tables: Collection[str]) -> list[str]:
        """Those of `tables` that hold any row."""
        known = self.columns()
        return [table for table in tables if table in known and self.number(table, 1)]


def _is_shadow(name: str, indexes: Collection[str]) -> bool:
    return any(name == index + ending for index in indexes for ending in _SHADOWS)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
