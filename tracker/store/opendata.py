"""What a municipality publishes and how, and when nothing was measured."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from sqlite3 import Connection
from typing import Any, NamedTuple

LONGEST_REASON = 500  # characters


@dataclass(frozen=True, slots=True)
class OpendataSetting:
    """How a municipality publishes. `method` is a name of admin.opendata.protection, `licence` one of its list.

    `start`: the first day (20260131) that is published, None for the first one counted. `pages`: pages that may be
    published one by one, host and path, one a line. `attribution` is the text that the licence by-de demands.
    """

    automatic: bool = False
    method: str = "cell-key"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    licence: str = "dl-zero-de/2.0"
    attribution: str = ""
    contributor: str = ""
    contact: str = ""
    email: str = ""
    website: str = ""
    start: int | None = None
    pages: str = ""


class Outage(NamedTuple):
    """Days (20260131) of a site that were not measured as they should."""

    id: int
    site: int
    first: int
    last: int
    reason: str


class Opendata:
    """Settings of publication, and outages, of one data directory."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def setting(self, municipality_id: int) -> OpendataSetting:
        """How a municipality publishes; the default where it never said."""
        columns = ", ".join(OpendataSetting.__slots__)
        row = self._connection.execute(
            f"select {columns} from opendata_setting where municipality_id = ?",  # noqa: S608 - our own columns
            (municipality_id,),
        ).fetchone()
        if row is None:
            return OpendataSetting()
        values = dict(zip(OpendataSetting.__slots__, row, strict=True))
        return OpendataSetting(
            **{**values, "automatic": bool(values["automatic"]), "parameters": json.loads(values["parameters"])}
        )

    def save(self, municipality_id: int, setting: OpendataSetting) -> None:
        """Keep how a municipality publishes."""
        values = {**asdict(setting), "parameters": json.dumps(dict(setting.parameters), sort_keys=True)}
        names = ", ".join(values)
        self._connection.execute(
            f"""
            insert or replace into opendata_setting (municipality_id, {names})
            values (:municipality, {", ".join(f":{name}" for name in values)})
            """,  # noqa: S608 - our own columns
            {**values, "municipality": municipality_id},
        )

    def automatic(self) -> list[int]:
        """The municipalities that publish every night."""
        rows = self._connection.execute("select municipality_id from opendata_setting where automatic = 1")
        return [row[0] for row in rows]

    def note_minute(self, now: float) -> None:
        """Remember that the loader was at work in the minute of an instant in seconds; call it once a minute."""
        self._connection.execute(
            """
            insert into uptime (hour, minutes) values (:hour, 1)
            on conflict (hour) do update set minutes = min(minutes + 1, 60)
            """,
            {"hour": int(now // 3600)},
        )

    def uptime(self, first: int, last: int) -> dict[int, int]:
        """Hour since 1970 → minutes in which the loader was at work, from the hour `first` to before `last`."""
        rows = self._connection.execute("select hour, minutes from uptime where hour >= ? and hour < ?", (first, last))
        return dict(rows.fetchall())

    def first_uptime(self) -> int | None:
        """The first hour since 1970 of which is known whether the loader was at work."""
        found = self._connection.execute("select min(hour) from uptime").fetchone()[0]
        return None if found is None else int(found)

    def outages(self, sites: Iterable[int]) -> list[Outage]:
        """The outages of sites, the latest first."""
        rows = self._connection.execute(
            """
            select id, site, first, last, reason
            from outage
            where site in (select value from json_each(:sites))
            order by first desc, id desc
            """,
            {"sites": json.dumps(list(sites))},
        )
        return [Outage(*row) for row in rows]

    def add_outage(self, site: int, first: int, last: int, reason: str) -> None:
        """Keep an outage; sqlite3.IntegrityError for days or reasons that cannot be."""
        row = (site, first, last, reason.strip()[:LONGEST_REASON])
        self._connection.execute("insert into outage (site, first, last, reason) values (?, ?, ?, ?)", row)

    def remove_outage(self, number: int, sites: Iterable[int]) -> bool:
        """Remove an outage of one of these sites; whether there was one."""
        where = {"number": number, "sites": json.dumps(list(sites))}
        return bool(
            self._connection.execute(
                "delete from outage where id = :number and site in (select value from json_each(:sites))", where
            ).rowcount
        )
