"""What the address of a dashboard asks for, and the addresses that lead on from there."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import request, url_for

from admin import stats
from admin.i18n import LANGUAGES, t
from admin.ranges import DEFAULT, PERIODS, Range, RangeError, named_range, parse_range, shifted
from admin.stats import MEASURES, Measure, Table
from admin.tables import Order
from tracker.store.catalogue import Site

_LONGEST_SEARCH = 200
KEYS = {"today": "D", "yesterday": "E", "7d": "W", "30d": "T", "month": "M", "year": "Y"}

Url = Callable[..., str]  # the address of a page with its choices but for those named; None leaves one out


@dataclass(frozen=True, slots=True)
class View:
    """What the address asks for. `problem` tells why the range asked for is not the one shown."""

    site: Site
    now: datetime
    span: Range
    problem: str
    interval: str
    measure: Measure
    compare: bool

    def url(self, **changes: str | None) -> str:
        """The address of the dashboard with the same choices but for `changes`; None leaves one out."""
        query: dict[str, Any] = {**self.query(), **changes}
        return url_for("dashboard.site", host=self.site.host, **query)

    def card_url(self, endpoint: str, card: str, **choices: str | int | None) -> str:
        """The address of a whole card, or of its CSV, in the same range."""
        query: dict[str, Any] = {**range_query(self.span), **language_query(), **choices}
        return url_for(endpoint, host=self.site.host, card=card, **query)

    def query(self) -> dict[str, str]:
        """The choices as query parameters; what is the default is left out."""
        query = range_query(self.span)
        if self.interval != self.span.interval:
            query["interval"] = self.interval
        if self.measure.name != stats.figure_names(self.site)[0]:
            query["measure"] = self.measure.name
        if not self.compare:
            query["compare"] = "0"
        return {**query, **language_query()}


def range_query(span: Range) -> dict[str, str]:
    """A range as query parameters."""
    if span.name != "custom":
        return {"period": span.name}
    return {"period": "custom", "from": span.start.isoformat(), "to": span.end.isoformat()}


def language_query() -> dict[str, str]:
    """The language, if the address chose it."""
    return {"lang": request.args["lang"]} if request.args.get("lang") in LANGUAGES else {}


def view_of(site: Site, args: Mapping[str, str], now: datetime) -> View:
    """Read the address; what cannot be shown becomes the default, and a bad range a message beside it."""
    span, problem = range_of(args, stats.today_of(site, now))
    wanted = args.get("interval", "")
    interval = wanted if wanted in span.intervals else span.interval
    names = [name for name in stats.figure_names(site) if interval != "hour" or MEASURES[name].hourly]
    measure = args.get("measure", "")
    chosen = MEASURES[measure if measure in names else names[0]]
    return View(site, now, span, problem, interval, chosen, args.get("compare") != "0")


def range_of(args: Mapping[str, str], today: date) -> tuple[Range, str]:
    """The range that the address asks for, "" beside it; or the default, and what is wrong with the one asked for."""
    try:
        return parse_range(args, today), ""
    except RangeError as error:
        return named_range(DEFAULT, today), t(f"dashboard.range_{error.reason}", **error.values)


def period_links(span: Range, url: Url) -> list[dict[str, Any]]:
    """The ranges that have a name, with their addresses and keys."""
    plain = {"from": None, "to": None, "interval": None}
    return [
        {"name": name, "url": url(**{**plain, "period": name}), "current": name == span.name, "key": KEYS[name]}
        for name in PERIODS
        if name != "custom"
    ]


def shift_links(span: Range, url: Url) -> dict[str, str]:
    """The addresses of the neighbouring ranges, by direction; those that exist."""
    plain: dict[str, str | None] = {"interval": None}
    near = {"back": shifted(span, -1), "forward": shifted(span, 1)}
    return {name: url(**{**plain, **range_query(there)}) for name, there in near.items() if there}


def interval_links(intervals: Sequence[str], current: str, url: Url) -> list[dict[str, Any]]:
    """Into what the graph can be cut, with addresses."""
    return [{"name": name, "url": url(interval=name), "current": name == current} for name in intervals]


def order_of(args: Mapping[str, str], table: Table) -> Order:
    """Search, order and page out of the address; what makes no sense there is left at its default."""
    sort = args.get("sort", "")
    names = ("key", *(column.name for column in table.columns))
    page = args.get("page", "")
    return Order(
        search=args.get("q", "").strip()[:_LONGEST_SEARCH],
        sort=sort if sort in names else table.columns[0].name,
        descending=args.get("order") != "asc",
        page=int(page) if page.isascii() and page.isdecimal() and len(page) < 7 else 1,
    )
