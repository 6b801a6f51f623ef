"""What the dashboard says, against a slow recount of the same days."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admin.ranges import Range, named_range, previous
from admin.stats import (
    CARDS,
    FIGURES,
    MEASURES,
    bot_share,
    columns_of,
    figure_names,
    figures,
    graph,
    signature,
    table,
    today_of,
)
from tracker.calendar import day_number, whole_periods
from tracker.rollups import BY_NAME, DIMENSIONS, Delta, Measures, add
from tracker.store import Store, open_store
from tracker.store.batch import Batch
from tracker.store.catalogue import Catalogue, Site

FIRST = date(2025, 10, 20)
TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
DAYS = [FIRST + timedelta(days=n) for n in range((TODAY - FIRST).days + 1)]
KEYS = ("/", "/hundesteuer", "/anwohnerparken", "/zuschuss", "/geburtsurkunde")


def _write(store: Store, deltas: dict[tuple[int, int], Delta]) -> None:
    store.begin()
    store.apply(Batch({day: {"": delta} for day, delta in deltas.items()}, {}, [], [], {}, {}, {}, now=1))
    store.commit()


def _random_delta(source: random.Random) -> Delta:
    """One day: totals, hours, pages and bots of which no two days are alike, and some days without anything."""
    delta: Delta = {}
    for _ in range(source.randrange(6)):
        visits = source.randrange(1, 4)
        row: Measures = (
            1,
            visits,
            visits + source.randrange(5),
            source.randrange(visits + 1),
            source.randrange(300),
            1,
            7,
        )
        add(delta, BY_NAME["total"].number, "", row)
        add(delta, BY_NAME["hour"].number, f"{source.randrange(24):02d}", row)
        add(delta, BY_NAME["page"].number, source.choice(KEYS), row)
        add(delta, BY_NAME["bot"].number, source.choice(("a", "b")), (0, 0, 0, 0, 0, 3, 7))
    return delta


@pytest.fixture(scope="module")
def days() -> dict[date, Delta]:
    source = random.Random(4)
    return {day: _random_delta(source) for day in DAYS}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, days: dict[date, Delta]) -> Iterator[Store]:
    opened = open_store(tmp_path_factory.mktemp("stats") / "zaehlwerk.db")
    catalogue = Catalogue(opened.connection)
    catalogue.add_municipality("Marburg", "065340014014")
    catalogue.add_site("www.marburg.de", "065340014014")
    catalogue.add_site("streng.marburg.de", "065340014014", level="counts")
    _write(opened, {(1, day_number(day)): delta for day, delta in days.items()})
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def site(store: Store) -> Site:
    return Catalogue(store.connection).site("www.marburg.de")


def _recount(days: dict[date, Delta], dim: str, start: date, end: date, measure: int) -> Counter[str]:
    """The slow and obvious sum: every day, every key, one measure."""
    found: Counter[str] = Counter()
    for day, delta in days.items():
        if start <= day <= end:
            for key, cell in delta.get(BY_NAME[dim].number, {}).items():
                found[key] += cell[measure]
    return found


ranges = st.builds(
    lambda first, second: Range("custom", min(first, second), max(first, second), TODAY),
    st.sampled_from(DAYS),
    st.sampled_from(DAYS),
)


@settings(deadline=None)
@given(span=ranges)
def test_whole_periods_give_the_same_sums_as_days(
    store: Store, site: Site, days: dict[date, Delta], span: Range
) -> None:
    totals = store.totals(site.id, span.periods)
    for index, name in enumerate(("visitors", "visits", "views", "bounces", "seconds", "events")):
        assert getattr(totals, name) == _recount(days, "total", span.start, span.end, index)[""]


@settings(deadline=None, max_examples=40)
@given(span=ranges, interval=st.sampled_from(("day", "week", "month")))
def test_the_graph_adds_up_to_the_figures_beside_it(store: Store, site: Site, span: Range, interval: str) -> None:
    points = graph(store, site, span, interval, MEASURES["views"], NOW)
    assert sum(point.value or 0 for point in points) == figures(store, site, span)[2].value


@settings(deadline=None, max_examples=40)
@given(span=ranges)
def test_a_card_has_the_rows_of_the_recount(store: Store, site: Site, days: dict[date, Delta], span: Range) -> None:
    wanted = {key: views for key, views in _recount(days, "page", span.start, span.end, 2).items() if views}
    whole = table(store, site, span, CARDS["page"])
    assert {row.key: row.values[0] for row in whole.rows} == wanted
    first = table(store, site, span, CARDS["page"], limit=3)
    assert first.number == whole.number == len(wanted)
    assert [row.values[0] for row in first.rows] == sorted(wanted.values(), reverse=True)[:3]


@settings(deadline=None, max_examples=40)
@given(span=ranges)
def test_each_figure_is_compared_with_the_recount_of_the_range_before(
    store: Store, site: Site, days: dict[date, Delta], span: Range
) -> None:
    before = previous(span)
    assert before is not None
    visits, then = (_recount(days, "total", each.start, each.end, 1)[""] for each in (span, before))
    figure = figures(store, site, span)[1]
    assert (figure.value, figure.before) == (visits, then)
    assert figure.change == (pytest.approx((visits - then) / then) if then else None)


def test_the_hours_of_a_day_are_those_counted_under_that_day(store: Store, site: Site, days: dict[date, Delta]) -> None:
    day = next(day for day, delta in days.items() if delta)
    points = graph(store, site, Range("custom", day, day, TODAY), "hour", MEASURES["visits"], NOW)
    wanted = _recount(days, "hour", day, day, 1)
    assert {point.bucket.key[-2:]: point.value for point in points if point.value} == dict(wanted)


def test_what_lies_ahead_has_no_value_and_what_was_not_counted_is_nought(store: Store, site: Site) -> None:
    points = graph(store, site, named_range("year", TODAY), "month", MEASURES["visits"], NOW)
    assert points[-1].value is None
    empty = Range("custom", date(2024, 1, 1), date(2024, 1, 3), TODAY)
    assert [point.value for point in graph(store, site, empty, "day", MEASURES["views"], NOW)] == [0, 0, 0]


def test_rates_without_visits_are_not_defined_and_changes_from_nothing_neither(store: Store, site: Site) -> None:
    for figure in figures(store, site, Range("custom", date(2024, 1, 1), date(2024, 1, 3), TODAY)):
        assert figure.change is None
        assert figure.value == (0 if figure.measure.kind == "number" else None)


def test_the_change_of_a_share_is_in_points(store: Store, site: Site) -> None:
    figure = figures(store, site, named_range("30d", TODAY))[FIGURES.index("bounce_rate")]
    assert figure.value is not None
    assert figure.before is not None
    assert figure.change == pytest.approx(figure.value - figure.before)


def test_bots_are_shown_as_a_share_of_all_requests(store: Store, site: Site, days: dict[date, Delta]) -> None:
    found = bot_share(store, site, Range("custom", FIRST, TODAY, TODAY))
    bots, views = (sum(_recount(days, dim, FIRST, TODAY, at).values()) for dim, at in (("bot", 5), ("total", 2)))
    assert (found.requests, found.views) == (bots, views)
    assert found.share == pytest.approx(bots / (bots + views))
    assert bot_share(store, site, Range("custom", date(2024, 1, 1), date(2024, 1, 1), TODAY)).share is None


def test_today_is_the_day_of_the_site(site: Site) -> None:
    assert today_of(site, datetime(2026, 11, 22, 23, 30, tzinfo=UTC)) == date(2026, 11, 23)


def test_a_site_without_visits_shows_no_measure_of_visits(store: Store) -> None:
    strict = Catalogue(store.connection).site("streng.marburg.de")
    assert figure_names(strict) == ("views", "events")
    shown = {column.name for card in CARDS.values() for column in columns_of(strict, card)}
    assert shown == {"views", "share_of_views", "count", "requests", "share_of_requests"}


def test_every_dimension_but_the_axes_has_a_card() -> None:
    assert {row.name for row in DIMENSIONS if row.of != "attempt"} - set(CARDS) == {"total", "hour", "sdg"}


def test_the_signature_changes_with_the_counts(tmp_path: Path) -> None:
    opened = open_store(tmp_path / "zaehlwerk.db")
    catalogue = Catalogue(opened.connection)
    catalogue.add_municipality("Marburg", "065340014014")
    site, span = catalogue.add_site("www.marburg.de", "065340014014"), named_range("today", TODAY)
    seen = [signature(opened, site, span, NOW)]
    for dim, row in (
        ("total", (1, 1, 1, 1, 0, 0, 1)),
        ("total", (0, 0, 0, 0, 5, 0, 0)),
        ("bot", (0, 0, 0, 0, 0, 1, 1)),
    ):
        delta: Delta = {}
        add(delta, BY_NAME[dim].number, "", row)
        _write(opened, {(site.id, day_number(TODAY)): delta})
        seen.append(signature(opened, site, span, NOW))
    assert len(set(seen)) == len(seen)
    assert seen[-1] == signature(opened, site, span, NOW)
    opened.close()


def test_a_range_is_read_from_the_fewest_periods() -> None:
    assert named_range("year", TODAY).periods == [2026]
    assert named_range("month", TODAY).periods == [202611]
    assert len(list(whole_periods(date(2025, 12, 31), date(2026, 12, 31)))) == 2


def test_the_numbers_of_a_running_day_are_not_called_a_change_beside_a_whole_day(store: Store, site: Site) -> None:
    changes = {figure.measure.name: figure.change for figure in figures(store, site, named_range("today", TODAY))}
    assert [changes[name] for name in ("visitors", "visits", "views")] == [None, None, None]


def test_a_running_range_takes_the_whole_of_the_running_month(store: Store, site: Site) -> None:
    span = named_range("30d", TODAY)
    assert len(span.periods) == 8
    days = [day_number(span.start + timedelta(days=n)) for n in range(span.days)]
    assert store.totals(site.id, span.periods) == store.totals(site.id, days)
    assert named_range("yesterday", TODAY).periods == [20261122]
