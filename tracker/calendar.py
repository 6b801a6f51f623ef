"""Local calendar: instants to local days and hours, and ranges of days to the fewest whole periods."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

QUARTER = 900_000  # ms; all zones differ from UTC by multiples of it
_CACHED_QUARTERS = 20_000


class Moment(NamedTuple):
    """Where an instant falls: `day` as 20260131, `hour` as "00" to "23"."""

    day: int
    hour: str


class Calendar:
    """The days and hours of one time zone."""

    def __init__(self, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        self._quarters: dict[int, Moment] = {}

    def moment(self, ms: int) -> Moment:
        """The local day and hour of an instant in ms since 1970."""
        quarter = ms // QUARTER
        found = self._quarters.get(quarter)
        if found is None:
            if len(self._quarters) > _CACHED_QUARTERS:
                self._quarters.clear()
            local = datetime.fromtimestamp(quarter * 900, self.zone)
            found = self._quarters[quarter] = Moment(day_number(local.date()), f"{local.hour:02d}")
        return found

    def day_ends(self, day: int) -> int:
        """The instant in ms at which a local day (20260131) is over: 23, 24 or 25 hours after its begin."""
        following = day_date(day) + timedelta(days=1)
        return int(datetime.combine(following, time(), self.zone).timestamp() * 1000)


@lru_cache(maxsize=512)
def calendar_of(zone: str) -> Calendar:
    """The calendar of a time zone such as Europe/Berlin."""
    return Calendar(zone)


def day_number(day: date) -> int:
    """A date as number: 20260131."""
    return day.year * 10_000 + day.month * 100 + day.day


def day_date(day: int) -> date:
    """The date of a number such as 20260131."""
    return date(day // 10_000, day // 100 % 100, day % 100)


def whole_periods(start: date, end: date) -> Iterator[int]:
    """The fewest years (2026), months (202601) and days (20260131) that make up `start` to `end`, both included."""
    day = start
    while day <= end:
        year_end, month_end = date(day.year, 12, 31), _month_end(day)
        if day.month == day.day == 1 and year_end <= end:
            yield day.year
            day = year_end + timedelta(days=1)
        elif day.day == 1 and month_end <= end:
            yield day.year * 100 + day.month
            day = month_end + timedelta(days=1)
        else:
            yield day_number(day)
            day += timedelta(days=1)


def _month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
