"""Totals that were imported: connectors, imports and their figures, with the source of every one."""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any, NamedTuple

from tracker.errors import ConfigError
from tracker.store.schema import transaction
from tracker.usage.figures import Figure
from tracker.usage.layout import Connector, check_connector, from_json, to_json
from tracker.usage.periods import is_day, month

ONLINE = ("web", "app", "")  # channels; "" where a file does not tell it
_LISTED = "select value from json_each(?)"  # a list of any length as one value


class Import(NamedTuple):
    """One import. `periods`: the days and months whose figures are still from it, none if replaced or undone."""

    id: int
    connector: str
    title: str
    file: str
    via: str
    span: int | None
    imported: int  # seconds since 1970
    lines: int
    undone: int | None
    figures: int
    periods: tuple[int, ...]


class Replaced(NamedTuple):
    """What an import did: its number, and the periods of earlier figures that it replaced."""

    id: int
    periods: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one source. `numbers`: (measure, channel, code) → number.

    Measures are those of MEASURES ("started", "submitted", …), with code "", and the breakdowns ("auth", "assurance",
    "payment", "payment_status"), which count attempts by code. A channel of "" was not told. `left_out`: months that
    overlap what was asked for without lying in it, so that nothing of them could be counted.
    """

    numbers: Mapping[tuple[str, str, str], int]
    left_out: tuple[int, ...] = ()

    def number(self, measure: str, channels: Sequence[str] | None = None) -> int:
        """The number of a measure on some channels, or on all."""
        return sum(self._of(measure, channels).values())

    def has(self, measure: str) -> bool:
        """Whether the source tells a measure at all; 0 and not told differ."""
        return any(place[0] == measure for place in self.numbers)

    def codes(self, measure: str, channels: Sequence[str] | None = None) -> dict[str, int]:
        """Code → number of a breakdown, the greatest first."""
        found: dict[str, int] = {}
        for (_, _, code), number in self._of(measure, channels).items():
            found[code] = found.get(code, 0) + number
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    def _of(self, measure: str, channels: Sequence[str] | None) -> dict[tuple[str, str, str], int]:
        return {
            place: number
            for place, number in self.numbers.items()
            if place[0] == measure and (channels is None or place[1] in channels)
        }


class Usage:
    """The imported totals of one data directory."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # Connectors

    def connectors(self, municipality_id: int) -> list[Connector]:
        """The connectors of a municipality by title."""
        rows = self._connection.execute(
            "select name, title, layout from usage_connector where municipality_id = ? order by title, name",
            (municipality_id,),
        )
        return [Connector(name, title, from_json(layout)) for name, title, layout in rows]

    def connector(self, municipality_id: int, name: str) -> Connector:
        """The connector with a name; raises ConfigError when there is none."""
        connectors = self.connectors(municipality_id)
        for found in connectors:
            if found.name == name:
                return found
        known = ", ".join(found.name for found in connectors) or "none yet; `zaehlwerk connector add` makes one"
        raise ConfigError(f"There is no connector {name}. Known: {known}.")

    def save(self, municipality_id: int, connector: Connector) -> None:
        """Add a connector, or change the one of the same name; raises ConfigError with the rule that it breaks."""
        check_connector(connector)
        if any(
            one.title == connector.title.strip() and one.name != connector.name
            for one in self.connectors(municipality_id)
        ):
            raise ConfigError(
                f"There is already a connector called “{connector.title}”; figures are shown by that name."
            )
        self._connection.execute(
            """
            insert into usage_connector (municipality_id, name, title, layout, created, changed)
            values (:municipality, :name, :title, :layout, :now, :now)
            on conflict (municipality_id, name) do update set
              title = excluded.title,
              layout = excluded.layout,
              changed = excluded.changed
            """,
            {
                "municipality": municipality_id,
                "name": connector.name,
                "title": connector.title.strip(),
                "layout": to_json(connector.layout),
                "now": int(time.time()),
            },
        )

    def remove(self, municipality_id: int, name: str) -> None:
        """Remove a connector with all its imports and figures; raises ConfigError when there is none."""
        self._connection.execute("delete from usage_connector where id = ?", (self._number(municipality_id, name),))

    def _number(self, municipality_id: int, name: str) -> int:
        row = self._connection.execute(
            "select id from usage_connector where municipality_id = ? and name = ?", (municipality_id, name)
        ).fetchone()
        if row is None:
            self.connector(municipality_id, name)
        return int(row[0])

    # Imports

    def imports(self, municipality_id: int) -> list[Import]:
        """The imports of a municipality, the newest first."""
        rows = self._connection.execute(
            """
            select usage_import.id, name, title, file, via, span, imported, lines, undone, count(number)
            from usage_import
            join usage_connector on usage_connector.id = connector_id
            left join usage on import_id = usage_import.id
            where municipality_id = ?
            group by usage_import.id
            order by usage_import.id desc
            """,
            (municipality_id,),
        ).fetchall()
        return [Import._make((*row, self._periods(row[0]))) for row in rows]

    def _periods(self, number: int) -> tuple[int, ...]:
        rows = self._connection.execute(
            "select distinct period from usage where import_id = ? order by period", (number,)
        )
        return tuple(period for (period,) in rows)

    def would_replace(self, municipality_id: int, name: str, periods: Iterable[int]) -> tuple[int, ...]:
        """The periods of earlier figures of a connector that an import of `periods` would replace."""
        rows = self._connection.execute(
            f"""
            select distinct period
            from usage_import
            join usage on import_id = usage_import.id
            where connector_id = ? and period in ({_LISTED})
            order by period
            """,  # noqa: S608 - a fixed subquery
            (self._number(municipality_id, name), _json(_touched(periods))),
        )
        return tuple(period for (period,) in rows)

    def replace(
        self, municipality_id: int, name: str, figures: Mapping[Figure, int], about: "ImportedFrom"
    ) -> Replaced:
        """Import figures in one transaction: all that this connector told of the same days and months goes.

        That is the span of the import, or every period that occurs in it; a month replaces its days and a day its
        month, so that nothing counts twice. Raises ConfigError when there is no such connector, or nothing to import.
        """
        if not figures:
            raise ConfigError("There are no figures to import.")
        connector = self._number(municipality_id, name)
        periods = {about.span} if about.span is not None else {figure.period for figure in figures}
        with transaction(self._connection):
            gone = self.would_replace(municipality_id, name, periods)
            self._delete(connector, gone)
            cursor = self._connection.execute(
                "insert into usage_import (connector_id, file, via, span, imported, lines) values (?, ?, ?, ?, ?, ?)",
                (connector, about.file[:200], about.via, about.span, int(time.time()), about.lines),
            )
            self._connection.executemany(
                "insert into usage (import_id, service, period, channel, measure, code, number)"
                " values (?, ?, ?, ?, ?, ?, ?)",
                [(cursor.lastrowid, *figure, number) for figure, number in sorted(figures.items())],
            )
        return Replaced(int(cursor.lastrowid or 0), gone)

    def _delete(self, connector: int, periods: Iterable[int]) -> None:
        self._connection.execute(
            f"""
            delete from usage
            where import_id in (select id from usage_import where connector_id = ?) and period in ({_LISTED})
            """,  # noqa: S608 - a fixed subquery
            (connector, _json(periods)),
        )

    def undo(self, municipality_id: int, number: int) -> int:
        """Remove the figures of an import; how many there were. What it had replaced does not come back.

        Raises ConfigError when the municipality has no such import, or it was undone already.
        """
        with transaction(self._connection):
            found = next((one for one in self.imports(municipality_id) if one.id == number), None)
            if found is None or found.undone is not None:
                raise ConfigError(f"There is no import {number} to undo. `zaehlwerk import list` shows them.")
            self._connection.execute("delete from usage where import_id = ?", (number,))
            self._connection.execute("update usage_import set undone = ? where id = ?", (int(time.time()), number))
        return found.figures

    # Figures

    def totals(self, municipality_id: int, service: str, periods: Sequence[int]) -> dict[str, Figures]:
        """Title of the connector → its figures of a service, summed over `periods` (days, months and years).

        A figure of a month counts only where the whole month is asked for. Sources without any figure are missing.
        """
        return self._figures(municipality_id, periods, service).get(service, {})

    def by_service(self, municipality_id: int, periods: Sequence[int]) -> dict[str, dict[str, Figures]]:
        """Slug of a service → `totals`, for all services that have any."""
        return self._figures(municipality_id, periods, None)

    def _figures(
        self, municipality_id: int, periods: Sequence[int], service: str | None
    ) -> dict[str, dict[str, Figures]]:
        numbers: dict[tuple[str, str], dict[tuple[str, str, str], int]] = {}
        for source, slug, measure, channel, code, number in self._sums(municipality_id, periods, service):
            numbers.setdefault((slug, source), {})[measure, channel, code] = number
        left_out: dict[tuple[str, str], list[int]] = {}
        for source, slug, period in self._torn_months(municipality_id, periods, service):
            left_out.setdefault((slug, source), []).append(period)
        result: dict[str, dict[str, Figures]] = {}
        for slug, source in sorted(numbers.keys() | left_out.keys()):
            months = tuple(left_out.get((slug, source), ()))
            result.setdefault(slug, {})[source] = Figures(numbers.get((slug, source), {}), months)
        return result

    def _sums(self, municipality_id: int, periods: Sequence[int], service: str | None) -> list[tuple[Any, ...]]:
        """(source, service, measure, channel, code, number)."""
        return self._connection.execute(
            f"""
            select title, service, measure, channel, code, sum(number)
            from usage_connector
            join usage_import on connector_id = usage_connector.id
            join usage on import_id = usage_import.id
            where municipality_id = ? and period in ({_LISTED}) {_of(service)}
            group by usage_connector.id, service, measure, channel, code
            """,  # noqa: S608 - fixed texts
            (municipality_id, _json(_inside(periods)), *([service] if service else [])),
        ).fetchall()

    def _torn_months(self, municipality_id: int, periods: Sequence[int], service: str | None) -> list[tuple[Any, ...]]:
        """(source, service, month) of figures whose month is asked for in single days only."""
        torn = {period // 100 for period in periods if is_day(period)}
        return self._connection.execute(
            f"""
            select distinct title, service, period
            from usage_connector
            join usage_import on connector_id = usage_connector.id
            join usage on import_id = usage_import.id
            where municipality_id = ? and period in ({_LISTED}) {_of(service)}
            order by period
            """,  # noqa: S608 - fixed texts
            (municipality_id, _json(torn), *([service] if service else [])),
        ).fetchall()

    # The federal statistics

    def zsk_setting(self, municipality_id: int) -> str:
        """How a municipality's transactions are written, as JSON; "" for the defaults."""
        row = self._connection.execute(
            "select setting from zsk_setting where municipality_id = ?", (municipality_id,)
        ).fetchone()
        return row[0] if row else ""

    def save_zsk_setting(self, municipality_id: int, setting: str) -> None:
        """Keep how a municipality's transactions are written."""
        self._connection.execute(
            "insert or replace into zsk_setting (municipality_id, setting) values (?, ?)", (municipality_id, setting)
        )


class ImportedFrom(NamedTuple):
    """Where figures come from: the file's name, how it came (admin, command, api), its span and counted lines."""

    file: str
    via: str
    span: int | None
    lines: int


def _touched(periods: Iterable[int]) -> set[int]:
    """The days and months that some days and months share days with."""
    wanted = list(periods)
    return _inside(wanted) | {month(period) for period in wanted}


def _inside(periods: Iterable[int]) -> set[int]:
    """The days and months that lie in some years, months and days; days that no month has may be among them."""
    found: set[int] = set()
    for period in periods:
        months = [period] if period > 9999 else [period * 100 + number for number in range(1, 13)]
        found.update(months)
        found.update(one * 100 + number for one in months if not is_day(one) for number in range(1, 32))
    return found


def _json(values: Iterable[int]) -> str:
    return json.dumps(list(values))


def _of(service: str | None) -> str:
    return "and service = ?" if service else ""
