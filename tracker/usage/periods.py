"""Days and months as offices write them."""

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date, datetime

from tracker.calendar import day_number
from tracker.errors import ConfigError
from tracker.usage.grid import Cell, shown

EARLIEST, LATEST = 2000, 2100

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januar|jan|jänner|jän|january", "februar|feb|february", "märz|mär|mrz|maerz|mar|march", "april|apr",
            "mai|may", "juni|jun|june", "juli|jul|july", "august|aug", "september|sep|sept",
            "oktober|okt|october|oct", "november|nov", "dezember|dez|december|dec",
        ),
        1,
    )
    for name in names.split("|")
}  # fmt: skip
_DAY = (
    re.compile(r"(?P<d>\d{1,2})\.\s*(?P<m>\d{1,2})\.\s*(?P<y>\d{4}|\d{2})"),
    re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})"),
    re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})"),
    re.compile(r"(?P<d>\d{1,2})\.?\s+(?P<n>[a-zä]+)\.?\s+(?P<y>\d{4}|\d{2})"),
)
_MONTH = (
    re.compile(r"(?P<m>\d{1,2})\s*[./-]\s*(?P<y>\d{4})"),
    re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})"),
    re.compile(r"(?P<y>\d{4})(?P<m>\d{2})"),
    re.compile(r"(?P<n>[a-zä]+)\.?[\s-]*'?(?P<y>\d{4}|\d{2})"),
    re.compile(r"(?P<y>\d{4})\s+(?P<n>[a-zä]+)\.?"),
)
_TIME = re.compile(r"[t ]+\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?\s*(uhr|z|[+-]\d{2}:?\d{2})?$")
_BETWEEN = re.compile(r"\s*(?:–|—|\bbis\b|\bto\b|\s-\s)\s*")
_ISO = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?")


def parse_period(text: str) -> int:
    """2026-01 → 202601, 2026-01-31 → 20260131, as commands and addresses name it; raises ConfigError."""
    found = _ISO.fullmatch(text.strip())
    period = _numbered(found[1], found[2], found[3] or "") if found else None
    if period is None:
        raise ConfigError(f"“{text}” is no period; expected a month or a day, such as 2026-01 or 2026-01-31.")
    return period


def period_of(cell: Cell) -> int | None:
    """The day (20260131) or month (202601) in a cell, or a span of days that is one; None if there is none."""
    if isinstance(cell, datetime):
        return day_number(cell.date()) if EARLIEST <= cell.year <= LATEST else None
    if isinstance(cell, float) and not cell.is_integer():
        return None
    text = _TIME.sub("", shown(cell).casefold().strip())
    for pattern in (*_DAY, *_MONTH):
        if found := pattern.fullmatch(text):
            return _of_groups(found.groupdict())
    parts = _BETWEEN.split(text)
    if len(parts) == 2:
        first, last = period_of(parts[0]), period_of(parts[1])
        return span_of(first, last) if first and last else None
    return None


def month_of(cell: Cell, year: Cell) -> int | None:
    """The month in a cell ("Januar", 1, "01") of the year in another; None if there is none."""
    years = re.fullmatch(r"(\d{4})", shown(year))
    text = shown(cell).casefold().rstrip(".")
    month = _MONTHS.get(text) or (int(text) if re.fullmatch(r"\d{1,2}", text) else 0)
    return _numbered(years[1], str(month), "") if years else None


def span_of(first: int, last: int) -> int | None:
    """The day or month that begins with the first period and ends with the last; None if they make up none."""
    if first == last:
        return first
    begin, end = first_day(first), last_day(last)
    if (begin.year, begin.month) != (end.year, end.month) or begin.day != 1 or end.day != _length(end.year, end.month):
        return None
    return begin.year * 100 + begin.month


def _of_groups(found: dict[str, str | None]) -> int | None:
    name = found.get("n")
    month = found.get("m") or str(_MONTHS.get(name or "", 0))
    year = found["y"] or ""
    return _numbered(year if len(year) == 4 else f"20{year}", month, found.get("d") or "")


def _numbered(year: str, month: str, day: str) -> int | None:
    if not EARLIEST <= int(year) <= LATEST or not 1 <= int(month) <= 12:
        return None
    number = int(year) * 100 + int(month)
    if not day:
        return number
    return number * 100 + int(day) if 1 <= int(day) <= _length(int(year), int(month)) else None


def _length(year: int, month: int) -> int:
    return monthrange(year, month)[1]


def is_day(period: int) -> bool:
    """Whether a period is a day, not a month."""
    return period > 9_999_999


def month(period: int) -> int:
    """The month that a day lies in, or the month itself."""
    return period // 100 if is_day(period) else period


def within(period: int, span: int) -> bool:
    """Whether a day or month lies in another."""
    return period == span or (is_day(period) and period // 100 == span)


def first_day(period: int) -> date:
    """The first day of a day or month."""
    whole = period if is_day(period) else period * 100 + 1
    return date(whole // 10_000, whole // 100 % 100, whole % 100)


def last_day(period: int) -> date:
    """The last day of a day or month."""
    begin = first_day(period)
    return begin if is_day(period) else begin.replace(day=_length(begin.year, begin.month))


def written(period: int) -> str:
    """20260131 → 2026-01-31, 202601 → 2026-01."""
    begin = first_day(period).isoformat()
    return begin if is_day(period) else begin[:7]


def in_short(periods: Iterable[int]) -> str:
    """Periods in few words: 2026-01 to 2026-03."""
    ordered = sorted(periods, key=lambda period: (first_day(period), is_day(period)))
    if not ordered:
        return ""
    first, last = written(ordered[0]), written(max(ordered, key=last_day))
    return first if first == last else f"{first} to {last}"
