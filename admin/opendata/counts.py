"""The true counts of a municipality, as its tables want them: where they are read, and which of them were measured."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from admin.opendata.due import days_of, last_closed_day, numbers_of
from admin.opendata.measuring import Measuring
from admin.opendata.reading import Measured, Place, Rows
from admin.opendata.tables import DAY, MONTH, TABLES, Table
from tracker.calendar import day_date, day_number
from tracker.config import Config
from tracker.store import Store
from tracker.store.catalogue import Catalogue, Municipality, Site
from tracker.store.cells import Cells
from tracker.store.imports import Imports
from tracker.store.opendata import Opendata
from tracker.store.services import Services

Read = list[tuple[Table, dict[int, Rows]]]


class Counts:
    """Reads the counts of one municipality, `now` in seconds.

    `pages` are those, a line each, that may be published one by one.
    """

    def __init__(self, store: Store, config: Config, town: Municipality, pages: str, now: float) -> None:
        self.sites = Catalogue(store.connection).sites(town.id)
        self._store = store
        self._config = config
        self._town = town
        self._pages = _pages(pages)
        self._now = now
        self._cells = Cells(store.connection)

    def first_day(self) -> date | None:
        """The first day of which anything was counted."""
        found = self._cells.first_day([site.id for site in self.sites])
        return None if found is None else day_date(found)

    def last_day(self) -> date:
        """The last day that is over, closed and wholly counted."""
        return last_closed_day(self._store, self._config, self._town, self.sites, self._now)

    def of_days(self, days: list[date]) -> Read:
        """The tables of days in their order, each with its rows by day (20260131)."""
        return self._read(DAY, self._place(self.measuring(days[0], days[-1]).day, self._known_from()), numbers_of(days))

    def of_days_anyway(self, days: list[date]) -> Read:
        """The same whether or not they count as measured by now: what was released once stays known."""
        return self._read(DAY, self._place(lambda _site, _day: True, {}), numbers_of(days))

    def of_month(self, month: str, open_since: Mapping[str, int]) -> Read:
        """The tables of a month ("2026-01"), each with its rows by month (202601); `open_since` as in Place."""
        days = days_of(month)
        measuring, numbers = self.measuring(days[0], days[-1]), numbers_of(days)

        def measured(site: Site, _month: int) -> bool:
            return any(measuring.day(site, day) for day in numbers)

        return self._read(MONTH, self._place(measured, self._known_from(), open_since), [number_of(month)])

    def measuring(self, first: date, last: date) -> Measuring:
        """What was measured in some days."""
        days = (day_number(first), day_number(last))
        connection = self._store.connection
        simulated = self._config.simulated
        return Measuring(self._cells, Opendata(connection), Imports(connection), self.sites, days, simulated)

    def missing(self, measuring: Measuring, days: list[date]) -> dict[str, list[str]]:
        """Site → its days that were not measured."""
        found = {
            site.host: [day.isoformat() for day in days if not measuring.day(site, day_number(day))]
            for site in self.sites
        }
        return {host: missing for host, missing in found.items() if missing}

    def _place(
        self, measured: Measured, known_from: Mapping[str, int], open_since: Mapping[str, int] | None = None
    ) -> Place:
        services = Services(self._store.connection).all(self._town.id)
        return Place(
            self._cells, self._town.id, self.sites, services, measured, self._pages, open_since or {}, known_from
        )

    def _read(self, period: str, place: Place, numbers: list[int]) -> Read:
        return [(table, table.read(place, numbers)) for table in TABLES if table.period == period]

    def _known_from(self) -> dict[str, int]:
        """Service → the first day of which everything was counted for it, since only then there was such a service.

        That is the day after it was made, or the first that was imported since. What lies ahead was made by a clock
        that went wrong, and what is simulated at no time at all: neither says anything.
        """
        made = {} if self._config.simulated else Services(self._store.connection).created(self._town.id)
        return {slug: self._first_day_since(moment) for slug, moment in made.items() if moment <= self._now}

    def _first_day_since(self, moment: int) -> int:
        imports = Imports(self._store.connection)
        imported = [imports.first_day(site.id, moment) for site in self.sites]
        following = datetime.fromtimestamp(moment, ZoneInfo(self._town.timezone)).date() + timedelta(days=1)
        return min([day_number(following), *(day for day in imported if day is not None)])


def number_of(period: str) -> int:
    """A day or month as a number: 20260131 or 202601."""
    return int(period.replace("-", ""))


def _pages(text: str) -> list[tuple[str, str]]:
    """Host and path of the pages in lines."""
    found = [line.strip().partition("/") for line in text.splitlines() if line.strip()]
    return [(host.lower(), f"/{path}") for host, _, path in found]
