"""The record keys that the loader keeps are what the cell-key method needs: sums over records, in whatever table."""

from collections import defaultdict

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from admin.opendata.protection.cell_key import CellKey
from admin.opendata.protection.values import Cell, Measure, Row, Table
from tests.recount import stored_cells
from tests.test_counting import COUNTS, STARTS, Harness, lateness, record_of, records

PARTITIONS = ("channel", "source", "device", "browser", "os", "country", "language")
OF_ENTRIES = ("channel", "source")  # at level `counts`, only views from elsewhere have these
CELL = Measure("visits", "visit")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return iter(lambda: tmp_path_factory.mktemp("keys") / "data", None)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(STARTS), st.lists(st.tuples(records, lateness), min_size=1, max_size=40))
def test_keys_add_up_over_values_and_periods_as_the_counts_do(folder, start, sent):
    path = next(folder)
    path.mkdir()
    harness = Harness(path, start)
    for fields, late in sent:
        harness.write(0, record_of(fields, harness.clock(), late))
        harness.clock.now += 5
    harness.finish()
    for scope in ("", "dienst"):
        cells = stored_cells(harness.store.connection, scope)
        over_values, over_days = defaultdict(lambda: [0, 0]), defaultdict(lambda: [0, 0])
        for place, cell in cells.items():
            _add(over_values[place.site, place.period, place.dim], cell)
            _add(over_days[place.site, place.period // 100, place.dim, place.key], cell)
        for (site, period, dim), found in over_values.items():
            if dim in PARTITIONS and not (site == COUNTS and dim in OF_ENTRIES):
                assert found == over_values[site, period, "total"]
        for place, cell in cells.items():
            if 9_999 < place.period < 1_000_000:
                found = over_days[place.site, place.period, place.dim, place.key]
                assert found == [cell.visits, cell.rkey]
    harness.store.close()


def _add(sums, cell):
    sums[0] += cell.visits
    sums[1] = (sums[1] + cell.rkey) % 2**32


@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=50), st.randoms(use_true_random=False))
def test_the_order_in_which_records_are_added_and_moved_does_not_matter(keys, chance):
    total = sum(keys) % 2**32
    moved = [*keys, 77, -77]  # a visit that came, and went to another cell
    chance.shuffle(moved)
    cells = [Cell(len(keys), total), Cell(len(keys), sum(moved) % 2**32)]
    rows = tuple(Row((str(n),), (cell,)) for n, cell in enumerate(cells))
    first, second = CellKey().protect(Table("t", "2026-01", (CELL,), rows))
    assert first.cells == second.cells
