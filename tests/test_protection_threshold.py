"""The threshold method: nothing below ten, and no way to compute what is hidden."""

from collections import defaultdict
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admin.opendata.protection.threshold import Threshold
from admin.opendata.protection.values import MISSING, ROUNDED, SUPPRESSED, Cell, Measure, Protected, Row, Table
from tests.attacker.bounds import Sums, interval

VISITORS, VISITS, VIEWS = Measure("visitors", "visitor-day"), Measure("visits", "visit"), Measure("views", "view")
SUM = "www.example.de 2026-01"


def table_of(counts, measures=(VISITS,), total="", **known):
    rows = tuple(Row((str(n),), tuple(Cell(count) for count in row), total) for n, row in enumerate(counts))
    return Table("device-month", "2026-01", measures, rows, **known)


def published(counts, method=None, **known):
    return [row.cells for row in (method or Threshold()).protect(table_of(counts, **known))]


def column(counts, method=None, **known):
    return [cell.value for [cell] in published([[count] for count in counts], method, **known)]


@given(st.lists(st.integers(-20, 500), min_size=1))
def test_nothing_below_ten_is_published_and_the_rest_is_rounded_to_five(counts):
    for count, [cell] in zip(counts, published([[count] for count in counts]), strict=True):
        if abs(count) < 10:
            assert cell == Protected(None, SUPPRESSED)
        else:
            assert cell.status == ROUNDED
            assert cell.value % 5 == 0
            assert abs(cell.value - count) <= 2


def test_zero_is_hidden_like_any_small_count():
    assert column([0, 9, 10]) == [None, None, 10]


def test_an_outage_is_missing_and_hides_nothing():
    assert published([[None], [20]], total=SUM) == [(Protected(None, MISSING),), (Protected(20, ROUNDED),)]


def test_one_small_row_of_a_known_sum_takes_the_last_large_one_with_it():
    assert column([200, 40, 30, 3], total=SUM) == [200, 40, None, None]
    assert column([200, 40, 30, 3]) == [200, 40, 30, None]


def test_two_small_rows_take_a_large_one_too():
    assert column([200, 40, 4, 3], total=SUM) == [200, None, None, None]


def test_too_little_room_hides_the_whole_sum():
    assert column([200, 12, 3], total=SUM) == [None, None, None]
    assert column([200, 16, 3], total=SUM) == [200, None, None]


def test_a_sum_of_which_days_are_hidden_stays_unknown():
    assert column([200, 40], total=SUM) == [200, 40]
    assert column([200, 40], total=SUM, hidden={SUM: {"visits": (3,)}}) == [200, None]
    assert column([200, 11], total=SUM, hidden={SUM: {"visits": (3,)}}) == [None, None]


def test_another_sum_is_left_alone():
    rows = (Row(("a",), (Cell(3),), "one"), Row(("b",), (Cell(30),), "two"), Row(("c",), (Cell(40),), "one"))
    found = Threshold().protect(Table("t", "2026-01", (VISITS,), rows))
    assert [row.cells[0].value for row in found] == [None, 30, None]


def test_the_measures_of_a_block_are_hidden_together_and_those_of_another_are_not():
    parts = [Measure(name, "attempt", block="attempts") for name in ("started", "submitted", "abandoned")]
    counts = [[50, 20, 17, 3], [50, 20, 20, 0], [3, 20, 20, 0], [50, 0, 0, 0]]
    found = published(counts, measures=(VIEWS, *parts))
    assert [[cell.value for cell in row] for row in found] == [
        [50, None, None, None],
        [50, 20, 20, 0],
        [None, 20, 20, 0],
        [50, None, None, None],
    ]


def test_rows_that_show_nothing_are_left_out_of_an_open_table():
    assert column([30, 2, 0], open=True) == [30]


# What may be told of a hidden count

counts_of_day = st.lists(st.integers(0, 40), min_size=1, max_size=6)


@st.composite
def months(draw):
    """Days of a month, and two ways of splitting its visits."""
    days = draw(counts_of_day)
    total = sum(days)
    splits = []
    for _ in range(2):
        cuts = sorted(draw(st.lists(st.integers(0, total), min_size=0, max_size=4)))
        splits.append([end - start for start, end in zip([0, *cuts], [*cuts, total], strict=True)])
    return [days, *splits]


def sums_of(parts, method):
    """The published sums: days first, each day by itself as its file was frozen."""
    days = [column([count], method)[0] for count in parts[0]]
    hidden = {SUM: {"visits": tuple(n for n, shown in zip(parts[0], days, strict=True) if shown is None)}}
    return [days, *(column(part, method, total=SUM, hidden=hidden) for part in parts[1:])]


@settings(max_examples=150, deadline=None)
@given(months())
def test_bounds_leave_every_count_below_ten_possible_for_who_knows_all_published_counts_exactly(parts):
    shown = sums_of(parts, Threshold())
    known = [
        [None if seen is None else (true, true) for true, seen in zip(*pair, strict=True)]
        for pair in zip(parts, shown, strict=True)
    ]
    # Who knows the rule knows of each hidden day that it is small. Of the others, let the attacker have guessed which
    # are, but not where all are hidden: these look the same whatever they are.
    small = [
        [true < 10 for true in part] if part is parts[0] or any(row) else None
        for part, row in zip(parts, known, strict=True)
    ]
    sums = Sums(known, small, 10)
    for part, row in enumerate(known):
        for place, seen in enumerate(row):
            if seen is None and parts[part][place] < 10:
                low, high = interval(sums, part, place)
                assert low <= 0
                assert high >= 9


def every_split(total, parts):
    """All ways of splitting a number."""
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in every_split(total - first, parts - 1):
            yield (first, *rest)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("threshold", "days", "splits", "most"),
    [(3, 2, (3,), 9), (3, 3, (3,), 5), (3, 2, (2, 3), 6), (3, 1, (3, 2), 10), (3, 1, (4,), 10), (4, 2, (3,), 8)],
)
def test_even_who_knows_the_rule_and_all_published_counts_exactly_can_exclude_no_small_count(
    threshold, days, splits, most
):
    """Every possible month, by what it would publish: each hidden small count must have all values among its like."""
    method = Threshold(threshold=threshold, base=1)
    alike = defaultdict(list)
    for counts in product(range(most + 1), repeat=days):
        for parts in product(*(every_split(sum(counts), size) for size in splits)):
            month = [counts, *parts]
            alike[str(sums_of(month, method))].append(month)
    for same in alike.values():
        shown = sums_of(same[0], method)
        if max(seen or 0 for seen in shown[0]) == most:
            continue  # at the edge of what was tried
        for part, row in enumerate(shown):
            for place, seen in enumerate(row):
                values = {month[part][place] for month in same} if seen is None else set()
                assert not values or min(values) >= threshold or values >= set(range(threshold))
