"""Whether a site was measured: an outage is missing, not 0."""

from collections.abc import Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from tracker.calendar import day_date
from tracker.store.catalogue import Site
from tracker.store.cells import Cells
from tracker.store.imports import Imports
from tracker.store.opendata import Opendata

ENOUGH = 0.9  # of the minutes of a day in which the loader must have been at work
_HOUR = 3600


class Measuring:
    """What is known of some sites in the days from `first` to `last` (20260131). `simulated`: time is made up."""

    def __init__(
        self,
        cells: Cells,
        opendata: Opendata,
        imports: Imports,
        sites: Sequence[Site],
        days: tuple[int, int],
        simulated: bool,
    ) -> None:
        first, last = days
        numbers = [site.id for site in sites]
        self._counted = {(row.site, row.period) for row in cells.read(numbers, [""], "total", first, last)}
        self._imported = imports.days(numbers, first, last)
        self._outages = opendata.outages(numbers)
        self._simulated = simulated
        self._zone = ZoneInfo(sites[0].timezone) if sites else ZoneInfo("UTC")
        self._known_from = opendata.first_uptime()
        self._uptime = opendata.uptime(self._hours(first)[0], self._hours(last)[1])
        self._told: dict[tuple[int, int], bool] = {}

    def day(self, site: Site, day: int) -> bool:
        """Whether a site was measured on a day."""
        found = self._told.get((site.id, day))
        if found is None:
            found = self._told[site.id, day] = self._find_out(site, day)
        return found

    def _find_out(self, site: Site, day: int) -> bool:
        """Whether a site was measured on a day.

        1. An editor's word counts first.
        2. A day whose log was imported, or of before the site's first beacon or before the loader's hours were noted,
           was if anything was counted.
        3. Any other day was if the loader was at work nearly all of it.
        """
        if any(outage.site == site.id and outage.first <= day <= outage.last for outage in self._outages):
            return False
        first, last = self._hours(day)
        silent = site.first_beacon is None or last * _HOUR <= site.first_beacon
        unknown = silent or self._simulated or self._known_from is None or self._known_from > first
        if unknown or (site.id, day) in self._imported:
            return (site.id, day) in self._counted
        return sum(self._uptime.get(hour, 0) for hour in range(first, last)) >= ENOUGH * 60 * (last - first)

    def _hours(self, day: int) -> tuple[int, int]:
        """The hours since 1970 at which a local day begins and is over."""
        begin = datetime.combine(day_date(day), time(), self._zone).timestamp()
        following = datetime.combine(day_date(day), time(23, 59, 59), self._zone).timestamp() + 1
        return int(begin // _HOUR), int(-(-following // _HOUR))
