"""The attacks: each looks at what was published and says whether the visit took place."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from tests.attacker.laws import Seen, Test

Weights = Callable[[Seen], float]


class Worlds(NamedTuple):
    """Publications of a town: a row each, with a column per cell. `present`: whether with the visit."""

    cells: Sequence[Seen]
    present: np.ndarray
    published: np.ndarray


def averaging(cell: Seen) -> float:
    """How much more is published than other visits explain, over all tables, periods and revisions."""
    return 1 / cell.adds if cell.adds else 0


def months_less_days(cell: Seen) -> float:
    """The visits of the month by device, less those of all days but the one in question."""
    return (cell.measure == "visits") * (
        (cell.table == "device-month") - (cell.table == "site-day" and not cell.within)
    )


def totals_less_parts(cell: Seen) -> float:
    """One table's total, less the rows of another that the visit does not belong to."""
    rest = cell.table == "language-month" and not cell.within
    return (cell.measure == "visits") * ((cell.table == "device-month") - rest)


def between_measures(cell: Seen) -> float:
    """Views less visits of the day in question."""
    sign = {"views": 1, "visits": -1}.get(cell.measure, 0)
    return sign * (cell.table == "site-day" and cell.within)


def between_tables(cell: Seen) -> float:
    """How differently two tables tell the rows that the visit belongs to."""
    sign = {"device-month": 1, "language-month": -1}.get(cell.table, 0)
    return sign * (cell.measure == "visits" and cell.within)


def of_the_day(cell: Seen) -> float:
    """The visits of the day in question, over all revisions."""
    return float(cell.table == "site-day" and cell.measure == "visits" and cell.within)


STATISTICS: dict[str, Weights] = {
    "averaging tables and revisions": averaging,
    "days against months": months_less_days,
    "totals against parts": totals_less_parts,
    "measures against each other": between_measures,
    "tables against each other": between_tables,
    "revisions of the day": of_the_day,
}


class Measured(NamedTuple):
    """How well an attack did: the share of guesses that were right beyond guessing, and its standard error."""

    attack: str
    advantage: float
    error: float


def likelihood(worlds: Worlds, test: Test) -> Measured:
    """The best possible attack on a known law: it says whatever is the likelier."""
    right = 0.0
    for present, published in zip(worlds.present, worlds.published, strict=True):
        found = test.evidence(published)
        right += 0.5 if found == 0 else float((found > 0) == present)
    return _measured("likelihood of everything", right, len(worlds.present))


def learned(name: str, worlds: Worlds) -> Measured:
    """An attack that publishes the town itself, over and over, to learn what its statistic looks like in each world.

    It learns from the first half and is measured on the second, and so depends on no theory of ours.
    """
    statistic = worlds.published @ np.array([STATISTICS[name](cell) for cell in worlds.cells], float)
    values = list(zip(worlds.present.tolist(), statistic.round(1).tolist(), strict=True))
    half = len(values) // 2
    often = Counter(values[:half])
    right = 0.0
    for present, value in values[half:]:
        yes, no = often[True, value], often[False, value]
        right += 0.5 if yes == no else float((yes > no) == present)
    return _measured(name, right, len(values) - half)


def _measured(name: str, right: float, worlds: int) -> Measured:
    share = right / worlds
    return Measured(name, 2 * share - 1, 2 * (max(share * (1 - share), 1 / worlds) / worlds) ** 0.5)
