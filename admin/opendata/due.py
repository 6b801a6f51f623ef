"""Which days and months of a municipality can be published, and which of them have not been."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tracker.calendar import day_date, day_number
from tracker.config import Config
from tracker.reader import Position, oldest_unread
from tracker.store import Store
from tracker.store.catalogue import Municipality, Site

_DAY = timedelta(days=1)


def last_closed_day(store: Store, config: Config, town: Municipality, sites: Sequence[Site], now: float) -> date:
    """The last local day that is over, closed and wholly counted; `now` in seconds."""
    zone = ZoneInfo(town.timezone)
    days = [datetime.fromtimestamp(now, zone).date()]
    numbers = {site.id for site in sites}
    days += [day_date(day) for site, day in store.open_days() if site in numbers]
    positions = {name: Position(*row) for name, row in store.positions().items()}
    unread = oldest_unread(config.journal, positions)
    if unread is not None:
        days.append(datetime.fromtimestamp(unread / 1000, zone).date())
    return min(days) - _DAY


def days_due(first: date, last: date, published: Collection[str]) -> list[date]:
    """The days from `first` to `last` of which there is no release."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [day for day in days if day.isoformat() not in published]


def months_due(first: date, last: date, published: Collection[str]) -> list[str]:
    """The months ("2026-01") that ended by `last`, from that of `first` on, of which there is no release."""
    months = sorted({f"{day:%Y-%m}" for day in days_due(first, last, ())})
    return [month for month in months if month not in published and end_of(month) <= last]


def first_of_month_from(day: date) -> date:
    """The first day of the first month that begins on or after a day."""
    return day if day.day == 1 else end_of(f"{day:%Y-%m}") + _DAY


def days_of(month: str) -> list[date]:
    """The days of a month such as "2026-01"."""
    return days_due(date.fromisoformat(f"{month}-01"), end_of(month), ())


def end_of(month: str) -> date:
    """The last day of a month such as "2026-01"."""
    return (date.fromisoformat(f"{month}-28") + timedelta(days=4)).replace(day=1) - _DAY


def numbers_of(days: Sequence[date]) -> list[int]:
    """Days as numbers such as 20260131."""
    return [day_number(day) for day in days]
