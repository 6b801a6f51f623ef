"""What theory allows: how published counts are distributed, and how well any test can tell two worlds apart."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from math import exp, inf, log
from typing import NamedTuple

from admin.opendata.protection.cell_key import Transitions

Law = Callable[["Seen", int], dict[int, float]]  # cell, true count → published count → probability


class Seen(NamedTuple):
    """All that the attacker knows of a published cell, but what is published.

    `without`: the true count if the visit in question did not take place; `adds`: what it would add. `within`: whether
    its record keys would be summed into the cell. `records` names the set of the other records in the cell: the same
    for the same set, in whatever table. `size`: the number of measures of the table.
    """

    table: str
    period: str
    revision: int
    key: str
    measure: str
    without: int
    adds: int
    within: bool
    records: Hashable
    size: int = 1


def cell_key_law(tables: dict[str, Transitions], standard: Transitions) -> Law:
    """The law of the cell-key method, from its published transition tables."""
    return lambda cell, count: tables.get(cell.measure, standard).law(count)


def laplace_law(epsilon: float) -> Law:
    """The law of discrete Laplace noise, the measures of a table sharing its epsilon, what falls below 0 being 0."""

    def law(cell: Seen, count: int) -> dict[int, float]:
        alpha = exp(-epsilon / cell.size)
        reach = int(30 * cell.size / epsilon)
        found: dict[int, float] = defaultdict(float)
        for noise in range(-reach, reach + 1):
            found[max(0, count + noise)] += (1 - alpha) / (1 + alpha) * alpha ** abs(noise)
        return found

    return law


class Family(NamedTuple):
    """Cells that share their noise if the visit did not take place, by number: one with it, and one without, if any."""

    touched: int
    other: int | None


Outcomes = dict[tuple[int, int | None], tuple[float, float]]  # counts → probability without the visit, and with it


def families(cells: Iterable[Seen], shared: bool) -> list[Family]:
    """Those that can tell of the visit. `shared`: the same records have the same noise, so one of them tells all."""
    groups: dict[Hashable, dict[bool, int]] = defaultdict(dict)
    for number, cell in enumerate(cells):
        group = (cell.measure, cell.records) if shared else number
        groups[group].setdefault(cell.within, number)
    return [Family(group[True], group.get(False)) for group in groups.values() if True in group]


def outcomes(cells: Sequence[Seen], family: Family, law: Law) -> Outcomes:
    """How likely each outcome of a family is in both worlds."""
    cell = cells[family.touched]
    without, present = law(cell, cell.without), law(cell, cell.without + cell.adds)
    counts = without.keys() | present.keys()
    if family.other is None:
        return {(count, None): (without.get(count, 0.0), present.get(count, 0.0)) for count in counts}
    return {
        (count, beside): (without.get(count, 0.0) * (count == beside), present.get(count, 0.0) * without[beside])
        for count in counts
        for beside in without
    }


def _ratio(without: float, present: float) -> float:
    if without and present:
        return log(present / without)
    return inf if present else -inf if without else 0.0


class Test:
    """The best test that there is for one town and law (Neyman and Pearson): which world is the likelier."""

    __test__ = False

    def __init__(self, cells: Sequence[Seen], law: Law, shared: bool) -> None:
        self._families = [(family, outcomes(cells, family, law)) for family in families(cells, shared)]

    def evidence(self, published: Sequence[int]) -> float:
        """The logarithm of how much likelier these published counts are with the visit than without."""
        found = 0.0
        for (touched, other), known in self._families:
            outcome = (int(published[touched]), None if other is None else int(published[other]))
            found += _ratio(*known.get(outcome, (0.0, 0.0)))
        return found

    @property
    def greatest_advantage(self) -> float:
        """The total variation distance of the two worlds: no test has a greater advantage.

        Outcomes whose evidence differs by less than 0.01 are added up on the way.
        """
        ratios = {0.0: (1.0, 1.0)}
        for _, known in self._families:
            after: dict[float, list[float]] = defaultdict(lambda: [0.0, 0.0])
            for ratio, (p, q) in ratios.items():
                for without, present in known.values():
                    if p * without or q * present:
                        both = after[round(ratio + _ratio(without, present), 2)]
                        both[0] += p * without
                        both[1] += q * present
            ratios = {ratio: (p, q) for ratio, (p, q) in after.items()}
        return sum(abs(p - q) for p, q in ratios.values()) / 2
