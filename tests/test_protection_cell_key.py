"""The cell-key method: noise that depends on the records of a cell and nothing else."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.opendata.protection.cell_key import STANDARD, WIDE, CellKey, mixed, transitions
from admin.opendata.protection.values import MISSING, PERTURBED, Cell, Measure, Protected, Row, Table, substitute_key

VISITS, VIEWS = Measure("visits", "visit"), Measure("views", "view")
keys = st.integers(0, 2**32 - 1)
counts = st.integers(-50, 10_000)
SECRET = bytes(range(32))


def table_of(cells, measures=(VISITS,), **known):
    rows = tuple(Row((str(n),), tuple(row)) for n, row in enumerate(cells))
    return Table("site-day", "2026-01-31", measures, rows, **known)


def published(cells, measures=(VISITS,), method=None, **known):
    return [row.cells for row in (method or CellKey()).protect(table_of(cells, measures, **known))]


@given(counts, keys)
def test_a_count_moves_by_three_at_most_and_never_becomes_one_or_two(count, key):
    [[cell]] = published([[Cell(count, key)]])
    assert abs(cell.value - count) <= 3
    assert abs(cell.value) not in (1, 2)
    assert cell.status == PERTURBED


@given(keys)
def test_nothing_stays_nothing(key):
    assert published([[Cell(0, key)]]) == [(Protected(0, PERTURBED),)]


def test_an_outage_is_missing_and_not_zero():
    assert published([[Cell(None, 1)]]) == [(Protected(None, MISSING),)]


@given(st.lists(st.tuples(counts, keys), min_size=1))
def test_the_same_records_get_the_same_noise_in_every_table_period_and_revision(cells):
    rows = [[Cell(*cell)] for cell in cells]
    first = published(rows)
    later = Table("other", "2026-02", (VIEWS, VISITS), tuple(Row(("x",), (Cell(1, 1), *row)) for row in rows), 7)
    assert [row.cells[1:] for row in CellKey().protect(later)] == first


@given(counts, keys)
def test_a_count_below_zero_is_treated_like_its_opposite(count, key):
    [[cell], [opposite]] = published([[Cell(count, key)], [Cell(-count, key)]])
    assert cell.value == -opposite.value


@given(st.lists(st.tuples(st.integers(0, 4), keys)))
def test_rows_that_show_nothing_are_left_out_of_an_open_table(cells):
    rows = [[Cell(*cell)] for cell in cells]
    whole = published(rows)
    assert published(rows, open=True) == [row for row in whole if row[0].value]


@pytest.mark.parametrize("true", range(12))
def test_over_all_keys_the_transition_table_is_met(true):
    table, steps = transitions(), 2**16
    found = Counter(table.published(true, part * 2**16 + 2**15) for part in range(steps))
    for count, probability in table.law(true).items():
        assert found[count] / steps == pytest.approx(probability, abs=2 / steps)


def test_the_published_count_ends_where_its_weight_ends():
    table = transitions()
    for true, law in enumerate(table.laws):
        for end, (before, after) in zip(law.ends, pairwise(law.counts), strict=True):
            assert (table.published(true, end - 1), table.published(true, end)) == (before, after)
        assert table.published(true, 0) == law.counts[0]
        assert table.published(true, 2**32 - 1) == law.counts[-1]


def test_mixed_keys_are_uniform_and_those_of_two_measures_have_nothing_in_common():
    cells = Counter((mixed(n, "visits") >> 28, mixed(n, "views") >> 28) for n in range(51_200))
    expected = 51_200 / 256
    assert (
        sum((cells[a, b] - expected) ** 2 / expected for a in range(16) for b in range(16)) < 380
    )  # 255 degrees, 1e-6


def test_the_difference_of_two_measures_of_one_row_is_not_exact():
    rows = [[Cell(1_000, key * 7919), Cell(1_000, key * 7919)] for key in range(500)]
    assert len({views.value - visits.value for visits, views in published(rows, (VISITS, VIEWS))}) > 8


@given(st.integers(0, 10_000), keys)
def test_views_may_have_a_wider_table(count, key):
    method = CellKey("cell-key-wide", {"views": WIDE})
    [[visits, views]] = published([[Cell(count, key)] * 2], (VISITS, VIEWS), method)
    assert visits.value == transitions(STANDARD).published(count, mixed(key, "visits"))
    assert views.value == transitions(WIDE).published(count, mixed(key, "views"))


def test_the_parameters_name_the_table_by_its_digest():
    found = CellKey().parameters
    assert (found["deviation"], found["variance"], found["smallest"]) == (3, 2.0, 3)
    assert found["transitions"] == "transitions_d3_v2.csv"
    assert len(str(found["sha256"])) == 64


@given(st.lists(st.text(max_size=5), min_size=1))
def test_a_count_without_record_keys_gets_a_key_of_its_own(identity):
    key = substitute_key(SECRET, *identity)
    assert 0 <= key < 2**32
    assert key == substitute_key(SECRET, *identity)
    assert key != substitute_key(SECRET, *identity, "1") or key != substitute_key(SECRET, *identity, "2")
    assert key != substitute_key(SECRET[::-1], *identity)
