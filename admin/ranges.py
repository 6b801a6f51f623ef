"""Ranges of local days: what a visitor of the dashboard asked for, what it is compared with, and how it is cut up."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from tracker.calendar import Calendar, whole_periods
from tracker.errors import ZaehlwerkError

DAY = timedelta(days=1)
EARLIEST = date(2000, 1, 1)
LONGEST = 3660  # days; ten years
DEFAULT = "30d"
PERIODS = ("today", "yesterday", "7d", "30d", "month", "year", "custom")
INTERVALS = ("hour", "day", "week", "month")
_FINEST_LONGEST = {"hour": 1, "day": 400, "week": 1200, "month": LONGEST}  # days that an interval can be drawn for
_FINEST_SHORTEST = {"hour": 1, "day": 2, "week": 14, "month": 59}

DONE, RUNNING, AHEAD = "done", "running", "ahead"


class RangeError(ZaehlwerkError):
    """A range that cannot be shown; `reason` is the end of a text's key, `values` are put into that text."""

    def __init__(self, reason: str, **values: str | int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.values = values


@dataclass(frozen=True, slots=True)
class Range:
    """Local days from `start` to `end`, both included; `end` may lie ahead of `today`."""

    name: str
    start: date
    end: date
    today: date

    @property
    def days(self) -> int:
        """How many days it has, those ahead included."""
        return (self.end - self.start).days + 1

    @property
    def running(self) -> bool:
        """Whether today is one of its days, so that its counts still change."""
        return self.start <= self.today <= self.end

    @property
    def elapsed(self) -> date:
        """Its last day that has begun."""
        return min(self.end, self.today)

    @property
    def periods(self) -> list[int]:
        """The fewest years, months and days that make it up; the days ahead, which are empty, may be among them."""
        ends = (self.end, month_end(self.today), date(self.today.year, 12, 31)) if self.running else (self.end,)
        return min((list(whole_periods(self.start, end)) for end in ends if end >= self.end), key=len)

    @property
    def unit(self) -> str:
        """What it is shifted by: "year" and "month" for whole calendar ones, "day" otherwise."""
        if (self.start.month, self.start.day, self.end.month, self.end.day) == (1, 1, 12, 31) and self.days <= 366:
            return "year"
        if self.start.day == 1 and self.end == month_end(self.start):
            return "month"
        return "day"

    @property
    def intervals(self) -> list[str]:
        """Into what it can be cut for a graph, finest first."""
        return [name for name in INTERVALS if _FINEST_SHORTEST[name] <= self.days <= _FINEST_LONGEST[name]]

    @property
    def intervals_of_days(self) -> list[str]:
        """The same for what is not counted by the hour."""
        return [name for name in self.intervals if name != "hour"]

    @property
    def interval(self) -> str:
        """Into what it is cut unless something else was asked for."""
        fits = [name for name, days in (("hour", 1), ("day", 62), ("week", 183)) if self.days <= days]
        return fits[0] if fits else "month"

    def chosen(self, wanted: str, fits: list[str]) -> str:
        """The interval that was asked for if it fits, else the usual one; "" where that does not fit either."""
        return wanted if wanted in fits else self.interval if self.interval in fits else ""


class Bucket(NamedTuple):
    """One place on the time axis. `key` is 2026-01-31T13, 2026-01-31, 2026-W05 or 2026-01; `end` is included."""

    key: str
    start: date
    end: date
    state: str  # DONE, RUNNING or AHEAD


def month_end(day: date) -> date:
    """The last day of the month of `day`."""
    return (day.replace(day=28) + 4 * DAY).replace(day=1) - DAY


def parse_range(args: Mapping[str, str], today: date) -> Range:
    """The range named by `period`, or by `from` and `to` (2026-01-31); raises RangeError with what is wrong."""
    name = args.get("period") or ("custom" if args.get("from") or args.get("to") else DEFAULT)
    if name not in PERIODS:
        raise RangeError("unknown", period=name[:40])
    if name == "custom":
        return _custom(_date(args.get("from", "")), _date(args.get("to", "")), today)
    return named_range(name, today)


def named_range(name: str, today: date) -> Range:
    """One of PERIODS other than custom, as seen on `today`."""
    month = today.replace(day=1)
    start, end = {
        "today": (today, today),
        "yesterday": (today - DAY, today - DAY),
        "7d": (today - 6 * DAY, today),
        "30d": (today - 29 * DAY, today),
        "month": (month, month_end(month)),
        "year": (date(today.year, 1, 1), date(today.year, 12, 31)),
    }[name]
    return Range(name, start, end, today)


def _date(text: str) -> date:
    if not text.strip():
        raise RangeError("no_date")
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d").date()
    except ValueError as error:
        raise RangeError("date", text=text[:40]) from error


def _custom(start: date, end: date, today: date) -> Range:
    if start > end:
        raise RangeError("reversed")
    if start < EARLIEST:
        raise RangeError("early", year=EARLIEST.year)
    if start > today:
        raise RangeError("ahead")
    if (end - start).days >= LONGEST:
        raise RangeError("long", years=10)
    return Range("custom", start, end, today)


def shifted(span: Range, steps: int) -> Range | None:
    """The neighbouring range `steps` away; None when it would lie ahead or too far back."""
    if span.unit == "day":
        start, end = span.start + steps * span.days * DAY, span.end + steps * span.days * DAY
    else:
        months = steps * (12 if span.unit == "year" else 1) + span.start.year * 12 + span.start.month - 1
        start = date(months // 12, months % 12 + 1, 1)
        end = date(start.year, 12, 31) if span.unit == "year" else month_end(start)
    if start > span.today or start < EARLIEST:
        return None
    return Range("custom", start, end, span.today)


def year_before(span: Range) -> Range | None:
    """The same days of the year before; None when that is too far back. 28 February stands for 29 February."""
    if span.start.year - 1 < EARLIEST.year:
        return None
    start, end = _year_back(span.start), _year_back(span.end)
    return Range("custom", start, end if span.unit == "day" else month_end(end), span.today)


def _year_back(day: date) -> date:
    leap = day.month == 2 and day.day == 29
    return day.replace(year=day.year - 1, day=28 if leap else day.day)


def so_far(before: Range | None, span: Range) -> Range | None:
    """Of a range that another one is compared with, only as many days as have begun in that one."""
    if before is None or not span.running:
        return before
    return replace(before, end=min(before.end, before.start + (span.today - span.start)))


def previous(span: Range) -> Range | None:
    """What a range is compared with: the one before, and of that only as many days as have begun in this one."""
    return so_far(shifted(span, -1), span)


def buckets(span: Range, interval: str, calendar: Calendar, now: datetime) -> list[Bucket]:
    """Cut a range up; the first and the last week or month hold only those of their days that are in the range."""
    if interval == "hour":
        return list(_hours(span.start, calendar, now))
    return list(_spans(span, interval))


def _hours(day: date, calendar: Calendar, now: datetime) -> Iterator[Bucket]:
    """The hours that the clock shows on a day, each once: 23 on the day it is put forward."""
    present = now.astimezone(calendar.zone)
    current = f"{present:%Y-%m-%dT%H}"
    instant = datetime.combine(day, time(), calendar.zone).timestamp()
    seen = ""
    while (local := datetime.fromtimestamp(instant, calendar.zone)).date() == day:
        key = f"{local:%Y-%m-%dT%H}"
        if key != seen:
            yield Bucket(key, day, day, RUNNING if key == current else AHEAD if key > current else DONE)
        seen = key
        instant += 3600


def _spans(span: Range, interval: str) -> Iterator[Bucket]:
    day = span.start
    while day <= span.end:
        key, last = _span_of(day, interval)
        end = min(last, span.end)
        state = AHEAD if day > span.today else RUNNING if end >= span.today else DONE
        yield Bucket(key, day, end, state)
        day = end + DAY


def _span_of(day: date, interval: str) -> tuple[str, date]:
    """The key and the last day of the day, week or month that `day` lies in."""
    if interval == "day":
        return day.isoformat(), day
    if interval == "month":
        return f"{day:%Y-%m}", month_end(day)
    week = day.isocalendar()
    return f"{week.year}-W{week.week:02d}", day + (7 - week.weekday) * DAY
