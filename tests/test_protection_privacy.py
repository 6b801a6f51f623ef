"""Differential privacy: noise of the promised size, and a budget that cannot be overspent."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from math import exp
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admin.opendata.protection import build
from admin.opendata.protection.privacy import BudgetError, Entry, Ledger, Private, draw, span
from admin.opendata.protection.values import MISSING, PERTURBED, Cell, Measure, Protected, Row, Table
from tracker.errors import ConfigError

VISITORS, VISITS = Measure("visitors", "visitor-day"), Measure("visits", "visit")
days = st.dates(date(2025, 12, 25), date(2026, 4, 5))
periods = st.one_of(
    days.map(date.isoformat), days.map(lambda day: day.isoformat()[:7]), st.sampled_from(["2025", "2026", "2026-Q1"])
)
costs = st.decimals(Decimal("0.05"), Decimal("0.9"), places=2)


def table_of(counts, period="2026-01-31", revision=1, **known):
    rows = tuple(Row((str(n),), (Cell(count),)) for n, count in enumerate(counts))
    return Table("site-day", period, (VISITORS,), rows, revision, **known)


@given(st.lists(st.tuples(periods, st.sampled_from(["a", "b", "c"]), st.integers(1, 2), costs), max_size=40))
def test_no_day_ever_pays_more_than_the_limit(wishes):
    ledger = Ledger(Decimal(2))
    for wish in wishes:
        try:
            ledger = ledger.spend(Entry(*wish))
        except BudgetError:
            continue
    day = date(2025, 12, 1)
    while day < date(2026, 5, 1):
        spans = [(*span(entry.period), entry.epsilon) for entry in ledger.entries]
        assert sum(cost for first, last, cost in spans if first <= day <= last) <= 2
        day += timedelta(days=1)


@given(st.lists(st.tuples(periods, costs), max_size=20), periods)
def test_spent_is_what_the_dearest_day_of_the_period_paid(wishes, period):
    ledger = Ledger(Decimal(99), tuple(Entry(wish[0], str(n), 1, wish[1]) for n, wish in enumerate(wishes)))
    first, last = span(period)
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    spans = [(*span(entry.period), entry.epsilon) for entry in ledger.entries]
    assert ledger.spent(period) == max(sum(cost for one, two, cost in spans if one <= day <= two) for day in every)


def test_a_ledger_is_a_value_and_entries_are_only_added():
    entry = Entry("2026-01-31", "site-day", 1, Decimal("0.5"))
    empty = Ledger()
    assert empty.spend(entry).entries == (entry,)
    assert empty.entries == ()


def test_the_same_table_period_and_revision_is_not_drawn_twice():
    method = Private(Ledger())
    method.protect(table_of([1]))
    with pytest.raises(BudgetError, match="was drawn already"):
        method.protect(table_of([1]))
    method.protect(table_of([1], revision=2))
    assert [entry.revision for entry in method.ledger.entries] == [1, 2]


def test_what_cannot_be_paid_is_not_drawn():
    method = Private(Ledger(Decimal("0.3")))
    method.protect(table_of([5]))
    before = method.ledger
    with pytest.raises(BudgetError, match=r"only 0\.05 is left"):
        method.protect(table_of([5], revision=2))
    assert method.ledger == before


@pytest.mark.parametrize("cost", ["0", "-1", "NaN", "Infinity"])
def test_an_epsilon_must_be_a_number_above_zero(cost):
    with pytest.raises(BudgetError, match="above 0"):
        Ledger().spend(Entry("2026-01", "a", 1, Decimal(cost)))


@pytest.mark.parametrize("period", ["2026-13", "2026-Q5", "2026-01-32", "January"])
def test_a_period_that_is_none_is_refused(period):
    with pytest.raises(ValueError):
        span(period)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(0, 10_000)), max_size=30))
def test_every_cell_but_an_outage_is_perturbed_and_none_is_below_zero(counts):
    rows = Private(Ledger()).protect(table_of(counts))
    for count, row in zip(counts, rows, strict=True):
        if count is None:
            assert row.cells == (Protected(None, MISSING),)
        else:
            assert row.cells[0].status == PERTURBED
            assert row.cells[0].value >= 0


@pytest.mark.parametrize(("bound", "epsilon"), [(1, 0.5), (1, 1 / 12), (3, 0.25)])
def test_the_noise_is_that_of_the_discrete_laplace_distribution(bound, epsilon):
    found = draw([0] * 40_000, Measure("views", "view", bound), epsilon)
    alpha = exp(-epsilon / bound)
    variance = 2 * alpha / (1 - alpha) ** 2
    assert fmean(found) == pytest.approx(0, abs=6 * (variance / 40_000) ** 0.5)
    assert fmean(x * x for x in found) == pytest.approx(variance, rel=0.12)


@pytest.mark.parametrize("epsilon", [0.1, 0.25, 0.25 / 3, 1.0, 1 / 7])
def test_neighbouring_counts_differ_in_no_outcome_by_more_than_epsilon_allows(epsilon):
    size = 40_000
    one, other = (Counter(draw([count] * size, VISITORS, epsilon)) for count in (3, 4))
    for outcome in one.keys() & other.keys():
        if min(one[outcome], other[outcome]) > 300:
            slack = 1 + 6 * (1 / one[outcome] + 1 / other[outcome]) ** 0.5
            assert 1 / (exp(epsilon) * slack) < one[outcome] / other[outcome] < exp(epsilon) * slack


def test_the_measures_of_a_table_share_its_epsilon():
    rows = tuple(Row((str(n),), (Cell(100_000), Cell(100_000))) for n in range(20_000))
    found = Private(Ledger()).protect(Table("site-day", "2026-01-31", (VISITORS, VISITS), rows))
    alpha = exp(-0.125)
    for column in range(2):
        variance = fmean((row.cells[column].value - 100_000) ** 2 for row in found)
        assert variance == pytest.approx(2 * alpha / (1 - alpha) ** 2, rel=0.15)


def test_an_open_table_is_refused_because_its_rows_alone_would_tell():
    with pytest.raises(ValueError, match="complete list of rows"):
        Private(Ledger()).protect(table_of([1], open=True))


def test_without_opendp_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "opendp.prelude", None)
    method = build("differential-privacy")
    with pytest.raises(ConfigError, match=r"zaehlwerk\[dp\]"):
        method.protect(table_of([1]))
