"""The figures of services against a slow, obvious recount of the same attempts."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from attempted import DEVICES, Run, Visit, count_runs, random_run
from hypothesis import given
from hypothesis import strategies as st
from recount_attempts import cells_of_attempt

from admin.ranges import Range, buckets, named_range, previous, so_far, year_before
from admin.service_overview import polyline
from admin.service_reading import Place, Report, hours, overview, report, trend
from admin.service_sheets import days_of
from admin.service_stats import cost_of, share, summarise
from admin.service_steps import bounds, funnel, mishaps, quantile, worst_loss
from tracker.attempts import BUCKETS
from tracker.calendar import calendar_of
from tracker.record import Message, Record
from tracker.services.service import Form, Service, Step
from tracker.store import Counts, Store, open_store
from tracker.store.catalogue import Catalogue, Site

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
DAYS = [TODAY - timedelta(days=back) for back in range(420)]
CALENDAR = calendar_of("Europe/Berlin")
HOSTILE = "<b>'\"%_{0}=1"
PARKING = Service(
    "parken",
    "Anwohnerparken",
    forms=(
        Form("parken", "Antrag", steps=(Step("1"), Step("2", "Nachweise", optional=True), Step("3", "Zahlung"))),
        Form("parken2", "Änderung", steps=(Step("a"), Step("nie"))),
    ),
    cost_per_month_cents=30_000,
)
DOGS = Service("hund", "Hundesteuer", forms=(Form("hund", steps=(Step("1"), Step("2"))),))
QUIET = Service("still", "Nie gezählt", forms=(Form("still", steps=(Step("1"),)),))
FORMLESS = Service("ohne", "Ohne Formular")
SERVICES = [PARKING, DOGS, FORMLESS, QUIET]
SPANS = [
    *(named_range(name, TODAY) for name in ("today", "7d", "30d", "month", "year")),
    Range("custom", date(2025, 10, 5), date(2026, 11, 20), TODAY),
]


class City:
    """A database with three sites of one municipality, and all that was counted on them."""

    def __init__(self, path: Path) -> None:
        self.store = open_store(path / "zaehlwerk.db")
        catalogue = Catalogue(self.store.connection)
        town = catalogue.add_municipality("Marburg", "065340014014")
        self.sites = [catalogue.add_site(f"{name}.marburg.de", town.ars) for name in ("www", "formulare")]
        self.place = Place(self.store, town.id, self.sites)
        self.runs: list[Run] = []
        self.visits: list[Visit] = []
        source = random.Random(7)
        for site in self.sites:
            runs = [run for day in DAYS if source.random() < 0.7 for run in _runs(source, day)]
            visits = [_visit(source, day) for day in DAYS for _ in range(source.randrange(3))]
            count_runs(self.store, site, runs, visits)
            self.runs += runs
            self.visits += visits


def _runs(source: random.Random, day: date) -> Iterator[Run]:
    for form, steps in (("parken", ("1", "2", "3", HOSTILE)), ("parken2", ("a", "b")), ("hund", ("1", "2"))):
        for _ in range(source.randrange(3)):
            yield random_run(source, form, steps, day, 0.7)


def _visit(source: random.Random, day: date) -> Visit:
    return Visit(source.choice(("parken", "hund", "ohne")), day, source.randrange(24), source.choice(DEVICES), "Google")


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    city = City(tmp_path_factory.mktemp("city"))
    yield city
    city.store.close()


def recounted(runs: list[Run], span: Range, forms: set[str]) -> Counter[tuple[str, str, str]]:
    """(dimension, key, "attempts" or "times") of the attempts in a range."""
    found: Counter[tuple[str, str, str]] = Counter()
    for run in runs:
        if run.form not in forms or not span.start <= run.day <= span.end:
            continue
        timed = [(time * 1000, _record(run, message)) for time, message in run.messages]
        for (dim, key), (attempts, times, _) in cells_of_attempt(run.form, timed, False).items():
            if run.over or "abandoned" not in f"{dim}/{key}":
                found[dim, key, "attempts"] += attempts
                found[dim, key, "times"] += times
    return found


def _record(run: Run, message: Message) -> Record:
    return Record(0, 1, 1, "s", "", "", "", "", "", run.device, "", "", "", "", 0, 1, message=message)


def of(found: Counter[tuple[str, str, str]], dim: str, measure: str = "attempts", begin: str = "") -> int:
    return sum(value for (name, key, what), value in found.items() if (name, what) == (dim, measure) and begin in key)


def slugs(service: Service) -> set[str]:
    return {form.slug for form in service.forms}


@pytest.mark.parametrize("service", [PARKING, DOGS], ids=lambda service: service.slug)
@pytest.mark.parametrize("span", SPANS, ids=lambda span: span.name)
def test_the_figures_are_those_of_a_slow_recount(city: City, service: Service, span: Range) -> None:
    found = report(city.place, service, span)
    spans = (span, previous(span), so_far(year_before(span), span))
    for facts, there in zip((found.now, found.before, found.year), spans, strict=True):
        assert there is not None
        slow = recounted(city.runs, there, slugs(service))
        if facts is None:
            assert not slow
            continue
        outcomes = {key.rpartition("/")[2] for dim, key, _ in slow if dim == "outcome"}
        expected = {name: of(slow, "outcome", begin=f"/{name}") for name in outcomes}
        assert facts.summary.started == of(slow, "form")
        assert {name: value for name, value in facts.summary.outcomes.items() if value} == expected
        legitimate = sum(expected.get(name, 0) for name in ("submitted", "ended_not_eligible", "ended_redirected"))
        assert facts.summary.completion_rate == (legitimate / of(slow, "form") if of(slow, "form") else None)
        assert facts.summary.unfinished == of(slow, "form") - sum(expected.values())
        days = {visit for visit in city.visits if visit.slug == service.slug and there.start <= visit.day <= there.end}
        assert (facts.totals.visits > 0) == bool(days)
        seen = sum(there.start <= visit.day <= there.end and visit.slug == service.slug for visit in city.visits)
        assert facts.totals.visits == seen


@pytest.mark.parametrize("service", [PARKING, DOGS], ids=lambda service: service.slug)
@pytest.mark.parametrize("span", SPANS, ids=lambda span: span.name)
def test_the_steps_are_those_of_a_slow_recount(city: City, service: Service, span: Range) -> None:
    slow = recounted(city.runs, span, slugs(service))
    for each in report(city.place, service, span).funnels:
        for row in each.rows:
            place = f"{each.form.slug}/{row.step.slug}"
            assert row.reached == slow["step", place, "attempts"]
            assert row.shown == slow["step", place, "times"]
            assert row.again == row.shown - row.reached
            assert row.back == slow["step_back", place, "attempts"]
            assert row.completed == slow["step_done", place, "attempts"]
            assert row.abandoned == slow["abandoned", place, "attempts"]
            assert row.abandonment == (row.abandoned / row.reached if row.reached else None)
            assert row.errors == sum(
                value
                for (dim, key, what), value in slow.items()
                if dim == "step_error" and what == "times" and key.startswith(f"{place}/")
            )
            for device in DEVICES:
                reached, abandoned = row.devices.get(device, (0, 0))
                assert reached == slow["step_device", f"{place}/{device}", "attempts"]
                assert abandoned == slow["abandoned_device", f"{place}/{device}", "attempts"]
        assert {row.step.slug for row in each.rows if row.shown} == {
            key.split("/")[1] for dim, key, _ in slow if dim == "step" and key.startswith(f"{each.form.slug}/")
        }


@pytest.mark.parametrize("dim", ["auth", "assurance", "payment", "payment_status", "step_error", "step_field"])
def test_codes_and_mishaps_are_those_of_a_slow_recount(city: City, dim: str) -> None:
    span = named_range("year", TODAY)
    found = report(city.place, PARKING, span).found[dim]
    slow = recounted(city.runs, span, slugs(PARKING))
    assert {row.key: (row.visits, row.events) for row in found} == {
        key: (slow[dim, key, "attempts"], slow[dim, key, "times"]) for name, key, _ in slow if name == dim
    }


@pytest.mark.parametrize("interval", ["day", "week", "month"])
def test_the_trend_adds_up_to_the_figures(city: City, interval: str) -> None:
    span = named_range("year", TODAY)
    found = report(city.place, PARKING, span)
    places = buckets(span, interval, CALENDAR, NOW)
    facts = [each for each in trend(city.place, found, places) if each]
    assert sum(each.summary.started or 0 for each in facts) == found.now.summary.started
    assert sum(each.summary.submitted for each in facts) == found.now.summary.submitted
    assert sum(each.totals.visits for each in facts) == found.now.totals.visits
    assert len(facts) == sum(place.state != "ahead" for place in places)


def test_hours_are_those_of_the_visits(city: City) -> None:
    span = named_range("30d", TODAY)
    expected = Counter(
        (visit.day.weekday(), visit.hour)
        for visit in city.visits
        if visit.slug == "parken" and span.start <= visit.day <= span.end
    )
    found: Counter[tuple[int, int]] = Counter()
    for row in hours(city.place, PARKING, span):
        day = date(row.day // 10000, row.day // 100 % 100, row.day % 100)
        found[day.weekday(), int(row.hour)] += row.visits
    assert found == expected


# All services


@pytest.mark.parametrize("span", SPANS, ids=lambda span: span.name)
def test_the_overview_says_what_each_report_says(city: City, span: Range) -> None:
    places = buckets(span, "month", CALENDAR, NOW)
    for line in overview(city.place, SERVICES, span, places):
        found = report(city.place, line.service, span)
        assert line.now.totals == found.now.totals
        assert line.now.summary._replace(outcomes={}) == found.now.summary._replace(outcomes={}, cost=None)
        assert dict(line.now.summary.outcomes) == dict(found.now.summary.outcomes)
        assert (line.before is None) == (found.before is None)
        if line.before and found.before:
            assert line.before.summary.started == found.before.summary.started
        worst = worst_loss(found.funnels)
        assert (line.loss is None) == (worst is None)
        if line.loss and worst:
            assert (line.loss.row.step, line.loss.row.abandoned) == (worst.row.step, worst.row.abandoned)
            assert line.loss.row.reached == worst.row.reached
        assert sum(line.started) == (found.now.summary.started or 0)


def test_the_overview_asks_as_often_for_one_service_as_for_many(city: City) -> None:
    span = named_range("30d", TODAY)

    def asked(services: list[Service]) -> int:
        queries: list[str] = []
        city.store.connection.set_trace_callback(queries.append)
        overview(city.place, services, span, buckets(span, "day", CALENDAR, NOW))
        city.store.connection.set_trace_callback(None)
        return len(queries)

    assert asked(SERVICES) == asked([DOGS])


def test_a_line_has_its_highest_value_at_the_top() -> None:
    assert polyline([0, 2, 1], width=10, height=4) == "0.0,4.0 5.0,0.0 10.0,2.0"
    assert polyline([0, 0]) == polyline([7]) == polyline([]) == ""


# Levels


def _levels(tmp_path: Path, *levels: str) -> tuple[Store, list[Site]]:
    store = open_store(tmp_path / "zaehlwerk.db")
    catalogue = Catalogue(store.connection)
    town = catalogue.add_municipality("Marburg", "065340014014")
    sites = [catalogue.add_site(f"{place}.marburg.de", town.ars, level) for place, level in enumerate(levels)]
    source = random.Random(1)
    runs = [random_run(source, "hund", ("1", "2"), TODAY) for _ in range(40)]
    for site in sites:
        count_runs(store, site, runs, [Visit("hund", TODAY, 9, "mobile", "Bing")] * 3)
    return store, sites


def _told(store: Store, sites: list[Site]) -> Report:
    found = report(Place(store, sites[0].municipality_id, sites), DOGS, named_range("7d", TODAY))
    store.close()
    return found


def test_without_attempts_the_funnel_is_made_of_steps_shown(tmp_path: Path) -> None:
    found = _told(*_levels(tmp_path, "counts"))
    assert not found.with_attempts
    assert found.now.summary.started is found.now.summary.abandoned is found.now.summary.completion_rate is None
    assert found.now.summary.submitted > 0
    rows = found.funnels[0].rows
    assert rows[0].shown == found.funnels[0].top > rows[1].shown > 0
    assert {row.reached for row in rows} == {row.abandoned for row in rows} == {None}
    assert worst_loss(found.funnels) is None
    assert (found.now.totals.visits, found.now.totals.views) == (0, 6)


def test_attempts_are_not_mixed_with_bare_counts(tmp_path: Path) -> None:
    found = _told(*_levels(tmp_path, "visits", "counts"))
    assert found.with_attempts
    assert found.left_out == ("1.marburg.de",)
    assert found.now.summary.started == 40
    assert found.funnels[0].rows[0].reached == 40


# Parts


def test_declared_steps_come_first_and_others_are_marked() -> None:
    counts = [Counts(f"f/{step}", 0, 5, 0, 0, 0, shown) for step, shown in (("10", 6), ("2", 7), ("x", 9), ("3", 5))]
    form = Form("f", steps=(Step("3"), Step("1")))
    rows = funnel(form, {"step": counts}, True).rows
    assert [(row.step.slug, row.number) for row in rows] == [("3", 1), ("1", 2), ("2", 0), ("10", 0), ("x", 0)]


def test_forms_whose_names_begin_alike_are_kept_apart() -> None:
    counts = [Counts("hund/1", 0, 1, 0, 0, 0, 1), Counts("hund2/1", 0, 5, 0, 0, 0, 5), Counts("hu/1", 0, 7, 0, 0, 0, 7)]
    assert funnel(Form("hund"), {"step": counts}, True).rows[0].reached == 1


def test_a_declared_step_is_known_by_the_name_it_is_counted_under() -> None:
    form = Form("f", steps=(Step("a/b"), Step("x" * 70)))
    counts = [Counts(f"f/{name}", 0, 2, 0, 0, 0, 2) for name in ("a-b", "x" * 60)]
    assert [(row.number, row.reached) for row in funnel(form, {"step": counts}, True).rows] == [(1, 2), (2, 2)]


def test_an_abandonment_given_back_on_another_day_has_no_rate() -> None:
    counts = {"step": [Counts("f/1", 0, 3, 0, 0, 0, 3)], "abandoned": [Counts("f/1", 0, -1, 0, 0, 0, -1)]}
    row = funnel(Form("f"), counts, True).rows[0]
    assert (row.abandoned, row.abandonment) == (-1, None)
    assert worst_loss([funnel(Form("f"), counts, True)]) is None


def test_mishaps_come_the_most_frequent_first_with_the_names_of_steps() -> None:
    counts = [Counts("f/1/leer", 0, 1, 0, 0, 0, 2), Counts("f/2/zahl", 0, 3, 0, 0, 0, 9)]
    found = mishaps([Form("f", steps=(Step("1", "Name"),))], counts)
    assert [(row.step.name, row.name, row.attempts, row.times) for row in found] == [
        ("", "zahl", 3, 9),
        ("Name", "leer", 1, 2),
    ]


def test_nothing_counted_has_no_rates() -> None:
    summary = summarise({}, True)
    assert summary.empty
    assert (summary.completion_rate, summary.unfinished) == (None, 0)
    assert share(1, 0) is share(None, 2) is None


@given(st.dictionaries(st.integers(0, len(BUCKETS)), st.integers(1, 50), min_size=1), st.sampled_from([1, 5, 9]))
def test_a_quantile_lies_in_the_bucket_that_holds_its_rank(stays: dict[int, int], tenth: int) -> None:
    part = Fraction(tenth, 10)
    value = quantile(stays, part)
    assert value is not None
    buckets_of_stays = sorted(bucket for bucket, number in stays.items() for _ in range(number))
    rank = -(-sum(stays.values()) * part // 1)  # rounded up: the first stay that completes the part
    low, high = bounds(buckets_of_stays[int(rank) - 1])
    assert low <= value <= high
    below = sum(
        number * (1 if bounds(bucket)[1] <= value else Fraction(value) - bounds(bucket)[0]) / 1
        if bounds(bucket)[1] <= value
        else number * max(Fraction(0), (Fraction(value) - bounds(bucket)[0])) / (bounds(bucket)[1] - bounds(bucket)[0])
        for bucket, number in stays.items()
        if bounds(bucket)[0] < value
    )
    if value < 1800:
        assert abs(below - sum(stays.values()) * part) < Fraction(1, 1000)


def test_quantiles_are_spread_evenly_within_a_bucket() -> None:
    assert quantile({}, Fraction(1, 2)) is None
    assert quantile({0: 10}, Fraction(1, 2)) == 2.5
    assert quantile({0: 1, 1: 1}, Fraction(1, 2)) == 5
    assert quantile({4: 10}, Fraction(9, 10)) == 29  # 20 to 30 s
    assert quantile({len(BUCKETS): 3}, Fraction(1, 2)) == 1800


def test_costs_are_those_of_the_days_that_have_begun() -> None:
    month = Range("month", date(2026, 11, 1), date(2026, 11, 30), TODAY)
    assert cost_of(30_000, month) == 23_000
    assert cost_of(30_000, Range("custom", date(2026, 1, 1), date(2026, 2, 28), TODAY)) == 60_000
    assert cost_of(31_000, Range("custom", date(2025, 12, 31), date(2026, 1, 1), TODAY)) == 2_000
    assert cost_of(0, month) == 0
    assert cost_of(None, month) is None


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (date(2026, 11, 1), date(2026, 11, 23), (date(2025, 11, 1), date(2025, 11, 23))),
        (date(2026, 1, 1), date(2026, 12, 31), (date(2025, 1, 1), date(2025, 12, 31))),
        (date(2025, 2, 1), date(2025, 2, 28), (date(2024, 2, 1), date(2024, 2, 29))),
        (date(2024, 2, 1), date(2024, 2, 29), (date(2023, 2, 1), date(2023, 2, 28))),
        (date(2024, 2, 29), date(2024, 3, 5), (date(2023, 2, 28), date(2023, 3, 5))),
        (date(2025, 2, 20), date(2025, 2, 28), (date(2024, 2, 20), date(2024, 2, 28))),
    ],
)
def test_the_year_before_has_the_same_days(start: date, end: date, expected: tuple[date, date]) -> None:
    found = year_before(Range("custom", start, end, TODAY))
    assert found is not None
    assert (found.start, found.end) == expected


def test_nothing_is_compared_with_what_lies_too_far_back() -> None:
    assert year_before(Range("custom", date(2000, 5, 1), date(2000, 5, 2), TODAY)) is None


@given(st.dates(date(2024, 1, 1), TODAY), st.integers(0, 40))
def test_weekdays_are_counted_as_a_calendar_has_them(start: date, more: int) -> None:
    span = Range("custom", start, start + timedelta(days=more), TODAY)
    days = [start + timedelta(days=n) for n in range(more + 1) if start + timedelta(days=n) <= TODAY]
    assert days_of(span) == [sum(day.weekday() == weekday for day in days) for weekday in range(7)]
