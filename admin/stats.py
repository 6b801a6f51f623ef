"""The figures, series and tables of one site, as every page and every file shows them. Reads rollups only."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from admin.ranges import AHEAD, Bucket, Range, buckets, previous, shifted
from tracker.calendar import day_number, whole_periods
from tracker.store import Counts, Store
from tracker.store.catalogue import Site
from tracker.store.sqlite import NOTHING

NUMBER, DECIMAL, PERCENT, DURATION = "number", "decimal", "percent", "duration"


class Measure(NamedTuple):
    """Something shown of counts. `of` takes the counts of one key and of the whole site; None: not defined."""

    name: str
    kind: str
    of: Callable[[Counts, Counts], float | None]
    hourly: bool = False  # whether it means something within one hour


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


MEASURES = {
    row.name: row
    for row in (
        Measure("visitors", NUMBER, lambda row, _: row.visitors, hourly=True),
        Measure("visits", NUMBER, lambda row, _: row.visits, hourly=True),
        Measure("views", NUMBER, lambda row, _: row.views, hourly=True),
        Measure("views_per_visit", DECIMAL, lambda row, _: _ratio(row.views, row.visits)),
        Measure("bounce_rate", PERCENT, lambda row, _: _ratio(row.bounces, row.visits)),
        Measure("duration", DURATION, lambda row, _: _ratio(row.seconds, row.visits)),
        Measure("time_on_page", DURATION, lambda row, _: _ratio(row.seconds, row.views)),
        Measure("events", NUMBER, lambda row, _: row.events, hourly=True),
        Measure("count", NUMBER, lambda row, _: row.views + row.events),
        Measure("requests", NUMBER, lambda row, _: row.events),
        Measure("share_of_visits", PERCENT, lambda row, whole: _ratio(row.visits, whole.visits)),
        Measure("share_of_views", PERCENT, lambda row, whole: _ratio(row.views, whole.views)),
        Measure("share_of_requests", PERCENT, lambda row, whole: _ratio(row.events, whole.events)),
    )
}
FIGURES = ("visitors", "visits", "views", "views_per_visit", "bounce_rate", "duration")
FIGURES_OF_COUNTS = ("views", "events")


class Card(NamedTuple):
    """The table of one dimension: its columns, the first one drawn as bars, and the store's measure that orders it.

    `of_counts` are the columns at privacy level `counts`, which has no visits.
    """

    name: str
    group: str
    columns: tuple[str, ...]
    order: str
    of_counts: tuple[str, ...]
    order_of_counts: str


def _of_visits(name: str, group: str) -> Card:
    return Card(name, group, ("visits", "visitors", "bounce_rate"), "visits", ("views",), "views")


def _shares(name: str, group: str) -> Card:
    return Card(name, group, ("visits", "share_of_visits"), "visits", ("views", "share_of_views"), "views")


def _often(name: str, group: str, order: str = "events") -> Card:
    return Card(name, group, ("count", "visitors"), order, ("count",), order)


CARDS = {
    row.name: row
    for row in (
        Card("page", "pages", ("views", "visitors", "time_on_page"), "views", ("views",), "views"),
        _of_visits("entry", "pages"),
        Card("exit", "pages", ("visits", "visitors"), "visits", ("views",), "views"),
        _often("not_found", "pages", "views"),
        _of_visits("channel", "sources"),
        _of_visits("source", "sources"),
        _of_visits("referrer", "sources"),
        _of_visits("campaign", "sources"),
        _shares("country", "places"),
        _shares("language", "places"),
        _shares("device", "devices"),
        _shares("browser", "devices"),
        _shares("os", "devices"),
        _often("event", "events"),
        _often("property", "events"),
        _often("download", "events"),
        _often("outbound", "events"),
        _often("search", "events", "views"),
        Card("bot", "bots", ("requests", "share_of_requests"), "events", ("requests", "share_of_requests"), "events"),
    )
}
GROUPS = tuple(dict.fromkeys(row.group for row in CARDS.values()))


class Figure(NamedTuple):
    """One number of the top row. `change` is relative, but for shares the difference of the two (0.05: 5 points)."""

    measure: Measure
    value: float | None
    before: float | None
    change: float | None


class Point(NamedTuple):
    """One place of the graph and its value, or None while it lies ahead; and the same of the range before."""

    bucket: Bucket
    value: float | None
    before_bucket: Bucket | None
    before: float | None


class Row(NamedTuple):
    """One row of a card: the key as counted, one value per column, and `weight`, its part of the longest bar."""

    key: str
    values: tuple[float | None, ...]
    weight: float


class Table(NamedTuple):
    """A card filled with rows. `number` is how many rows there are in all."""

    card: Card
    columns: tuple[Measure, ...]
    rows: list[Row]
    number: int


class BotShare(NamedTuple):
    """Requests by bots beside views by people; `share` is None when there was neither."""

    requests: int
    views: int
    share: float | None


def today_of(site: Site, now: datetime) -> date:
    """The local date of a site at an instant (which knows its zone)."""
    return now.astimezone(site.calendar.zone).date()


def figure_names(site: Site) -> tuple[str, ...]:
    """The figures that exist at the site's privacy level."""
    return FIGURES_OF_COUNTS if site.level == "counts" else FIGURES


def figures(store: Store, site: Site, span: Range) -> list[Figure]:
    """The top row, each number against the range before."""
    now = store.totals(site.id, span.periods)
    before = previous(span)
    then = NOTHING if before is None else store.totals(site.id, before.periods)
    partial = span.days == 1 and span.running
    return [_figure(MEASURES[name], now, then, partial) for name in figure_names(site)]


def _figure(measure: Measure, now: Counts, then: Counts, partial: bool) -> Figure:
    """`partial`: half a day beside a whole one, where a change of a number would only tell the time."""
    value, before = measure.of(now, now), measure.of(then, then)
    if value is None or before is None or (partial and measure.kind == NUMBER):
        return Figure(measure, value, before, None)
    if measure.kind == PERCENT:
        return Figure(measure, value, before, value - before)
    return Figure(measure, value, before, (value - before) / before if before else None)


def graph(store: Store, site: Site, span: Range, interval: str, measure: Measure, now: datetime) -> list[Point]:
    """One measure over time beside the range before, place by place; what was not counted is 0."""
    points = _series(store, site, span, interval, measure, now)
    earlier = shifted(span, -1)
    then = [] if earlier is None else _series(store, site, earlier, interval, measure, now)
    padded = [*then, *[(None, None)] * (len(points) - len(then))]
    return [Point(*point, *past) for point, past in zip(points, padded, strict=False)]


def _series(
    store: Store, site: Site, span: Range, interval: str, measure: Measure, now: datetime
) -> list[tuple[Bucket, float | None]]:
    places = buckets(span, interval, site.calendar, now)
    counts = _by_hour(store, site, span) if interval == "hour" else _by_days(store, site, places)
    return [
        (place, None if place.state == AHEAD else measure.of(found := counts.get(place.key, NOTHING), found))
        for place in places
    ]


def _by_hour(store: Store, site: Site, span: Range) -> dict[str, Counts]:
    rows = store.rows(site.id, "hour", [day_number(span.start)])
    return {f"{span.start.isoformat()}T{row.key}": row for row in rows}


def _by_days(store: Store, site: Site, places: Sequence[Bucket]) -> dict[str, Counts]:
    periods = {place.key: list(whole_periods(place.start, place.end)) for place in places if place.state != AHEAD}
    found = store.series(site.id, [period for each in periods.values() for period in each])
    return {key: add_counts([found[period] for period in each if period in found]) for key, each in periods.items()}


def add_counts(rows: Sequence[Counts]) -> Counts:
    """The sum of the measures of `rows`."""
    if not rows:
        return NOTHING
    return Counts("", *(sum(column) for column in zip(*(row[1:] for row in rows), strict=True)))


def table(store: Store, site: Site, span: Range, card: Card, limit: int = 0) -> Table:
    """A card's table, its first `limit` rows or, for 0, all of them."""
    periods, order = span.periods, order_of(site, card)
    if limit:
        rows = store.top(site.id, card.name, periods, limit + 1, by=order)
        number = len(rows) if len(rows) <= limit else store.number_of_keys(site.id, card.name, periods)
    else:
        rows = store.rows(site.id, card.name, periods)
        rows.sort(key=lambda row: getattr(row, order), reverse=True)
        number = len(rows)
    whole = _whole(store, site, span, card)
    return fill(site, card, rows[: limit or None], whole, number)


def fill(site: Site, card: Card, rows: Sequence[Counts], whole: Counts, number: int) -> Table:
    """Counts as a table with the card's columns; `whole` is what shares are shares of."""
    columns = columns_of(site, card)
    order = order_of(site, card)
    longest = max((getattr(row, order) for row in rows), default=0)
    filled = [
        Row(row.key, tuple(column.of(row, whole) for column in columns), _ratio(getattr(row, order), longest) or 0.0)
        for row in rows
    ]
    return Table(card, columns, filled, number)


def columns_of(site: Site, card: Card) -> tuple[Measure, ...]:
    """The columns of a card at the site's privacy level."""
    return tuple(MEASURES[name] for name in (card.of_counts if site.level == "counts" else card.columns))


def order_of(site: Site, card: Card) -> str:
    """The measure of the store by which a card's rows come in order."""
    return card.order_of_counts if site.level == "counts" else card.order


def _whole(store: Store, site: Site, span: Range, card: Card) -> Counts:
    if card.name == "bot":
        return add_counts(store.rows(site.id, "bot", span.periods))
    return store.totals(site.id, span.periods)


def bot_share(store: Store, site: Site, span: Range) -> BotShare:
    """How much of the traffic was bots, who are counted apart."""
    requests = add_counts(store.rows(site.id, "bot", span.periods)).events
    views = store.totals(site.id, span.periods).views
    return BotShare(requests, views, _ratio(requests, requests + views))


def signature(store: Store, site: Site, span: Range, now: datetime) -> str:
    """A short text that changes when anything shown of a range may have changed."""
    totals = store.totals(site.id, span.periods)
    requests = add_counts(store.rows(site.id, "bot", span.periods)).events
    local = now.astimezone(site.calendar.zone)
    return "-".join(str(part) for part in (*totals[1:], requests, f"{local:%Y%m%d%H}"))
