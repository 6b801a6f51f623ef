"""An attacker who knows all true counts but one visit, and everything published, tries to find out if it took place."""

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from math import tanh
from random import Random

import numpy as np
import pytest

from admin.opendata.protection.cell_key import STANDARD, WIDE, CellKey, transitions
from admin.opendata.protection.privacy import EPSILON, Ledger, Private
from admin.opendata.protection.values import OK, Cell, Protected, ProtectedRow
from tests.attacker.attacks import STATISTICS, Worlds, learned, likelihood
from tests.attacker.laws import Test, cell_key_law, laplace_law
from tests.attacker.report import Line
from tests.attacker.town import TARGET, Town, visits_of

WORLDS = 2_000
OTHERS = tuple(visits_of(90, Random(7)))  # the same town in every run
QUIET = tuple(visit for visit in OTHERS if visit.day != TARGET.day)
BUSY = "one view on a busy day"
TARGETS = {
    BUSY: (*OTHERS, TARGET),
    "three views": (*OTHERS, TARGET._replace(views=3)),
    "eight views": (*OTHERS, TARGET._replace(views=8)),
    "alone on its day": (*QUIET, TARGET),
    "rare in all properties": (*OTHERS, TARGET._replace(values=("tablet", "other", "other", "referral"))),
}
CELL_KEYS = {"cell-key": CellKey(), "cell-key-wide": CellKey("cell-key-wide", {"views": WIDE})}

pytestmark = pytest.mark.slow


def best_test(method, town):
    """The best test against cell keys."""
    law = cell_key_law({name: transitions(file) for name, file in method.others.items()}, transitions(STANDARD))
    return Test(town.cells(), law, shared=True)


def worlds(town, method, size=WORLDS):
    """Publications of the town without the visit and with it, in turn; each with record keys of its own."""
    chance = Random(31)
    present = np.arange(size) % 2 == 1
    return Worlds(town.cells(), present, np.array([town.publish(bool(one), method, chance) for one in present]))


@cache
def worlds_of(target, method):
    return worlds(Town(TARGETS[target]), lambda: CELL_KEYS[method])


def line(method, target, measured, found, allowed):
    cells = sum(cell.within for cell in found.cells)
    return Line(method, target, measured.attack, cells, f"{measured.advantage:.3f} ± {measured.error:.3f}", allowed)


@pytest.mark.parametrize("method", CELL_KEYS)
@pytest.mark.parametrize("target", TARGETS)
def test_nobody_gains_more_from_cell_keys_than_theory_allows(method, target, report):
    found, test = worlds_of(target, method), best_test(CELL_KEYS[method], Town(TARGETS[target]))
    allowed = test.greatest_advantage
    best, *others = likelihood(found, test), *(learned(name, found) for name in STATISTICS)
    other = max(others, key=lambda result: result.advantage)
    report += [line(method, target, result, found, f"{allowed:.3f}") for result in (best, other)]
    for result in (best, *others):
        assert result.advantage <= allowed + 4 * result.error
    assert best.advantage >= allowed - 4 * best.error  # theory is met, so the publication is what theory takes it for


def test_revisions_and_repeated_publication_gain_nothing(report):
    town = Town(TARGETS[BUSY], revisions=20)
    found, test = worlds(town, CellKey, 300), best_test(CellKey(), town)
    allowed = best_test(CellKey(), Town(TARGETS[BUSY])).greatest_advantage
    assert test.greatest_advantage == allowed
    for result in (likelihood(found, test), learned("averaging tables and revisions", found)):
        report.append(line("cell-key, 20 revisions", BUSY, result, found, f"{allowed:.3f}"))
        assert result.advantage <= allowed + 4 * result.error


@pytest.mark.parametrize("target", [BUSY, "three views", "alone on its day"])
def test_nobody_gains_more_from_differential_privacy_than_epsilon_allows(target, report):
    town, epsilon = Town(TARGETS[target]), float(EPSILON)
    found = worlds(town, lambda: Private(Ledger(Decimal(1_000))), 160)
    test = Test(town.cells(), laplace_law(epsilon), shared=False)
    spent = sum(epsilon / cell.size * cell.adds for cell in found.cells)
    allowed = tanh(spent / 2)
    best, other = likelihood(found, test), learned("averaging tables and revisions", found)
    told = f"{allowed:.3f} by ε = {spent:.2f}; exactly {test.greatest_advantage:.3f}"
    report.append(line("differential-privacy", target, best, found, told))
    assert test.greatest_advantage <= allowed
    for result in (best, other):
        assert result.advantage <= test.greatest_advantage + 4 * result.error


# What must not be done: the same attacks succeed, so that they would be noticed


@dataclass(frozen=True)
class Unprotected:
    """Publishes true counts."""

    def protect(self, table):
        return [ProtectedRow(row.key, tuple(Protected(cell.value, OK) for cell in row.cells)) for row in table.rows]


class Fresh(CellKey):
    """Draws noise afresh for each table and revision, as if each were the only one."""

    chance = Random(5)

    def protect(self, table):
        rows = tuple(
            row._replace(cells=tuple(Cell(cell.value, self.chance.getrandbits(32)) for cell in row.cells))
            for row in table.rows
        )
        return CellKey.protect(self, replace(table, rows=rows))


class Unmixed(CellKey):
    """Gives all measures of a row the same noise."""

    def protect(self, table):
        measures = tuple(measure._replace(name="same") for measure in table.measures)
        return CellKey.protect(self, replace(table, measures=measures))


def test_a_publication_without_protection_is_seen_through(report):
    found = worlds(Town(TARGETS[BUSY]), Unprotected, 100)
    result = learned("days against months", found)
    report.append(line("none (control)", BUSY, result, found, "succeeds, as it must"))
    assert result.advantage == 1


def test_fresh_noise_in_each_revision_is_averaged_away(report):
    town = Town(TARGETS[BUSY], revisions=20)
    found = worlds(town, Fresh, 200)
    law = cell_key_law({}, transitions(STANDARD))
    result = likelihood(found, Test(town.cells(), law, shared=False))
    kept = best_test(CellKey(), town).greatest_advantage
    report.append(line("fresh noise (control)", BUSY, result, found, f"succeeds; {kept:.3f} with cell keys"))
    assert result.advantage > kept + 4 * result.error


def test_the_same_noise_for_all_measures_is_subtracted_away(report):
    found = worlds(Town(TARGETS["three views"]), Unmixed)
    result, mixed = (
        learned("measures against each other", one) for one in (found, worlds_of("three views", "cell-key"))
    )
    told = f"succeeds; {mixed.advantage:.3f} with mixed keys"
    report.append(line("same noise for measures (control)", "three views", result, found, told))
    assert result.advantage > 0.95
    assert mixed.advantage < 0.6
