"""Bounds of hidden counts by linear programming, from everything that is published about the same sum."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import NamedTuple

from scipy.optimize import linprog

Bounds = tuple[float, float | None]  # None: no upper bound
Known = Sequence[tuple[int, int] | None]  # by place: between which numbers the count lies, None where it is hidden


class Sums(NamedTuple):
    """Several ways in which one unknown sum is split, such as days and devices of a month.

    `small`: of the places of each way, whether a hidden count is below the threshold or not; None for a way of which
    the attacker does not know.
    """

    parts: Sequence[Known]
    small: Sequence[Sequence[bool] | None]
    threshold: int = 10


def interval(sums: Sums, part: int, place: int) -> tuple[float, float]:
    """Between which numbers one count lies; infinite where nothing is known."""
    places = [(one, other) for one, known in enumerate(sums.parts) for other in range(len(known))]
    bounds = [_bounds(sums, *spot) for spot in places]
    first = [float(one == 0) for one, _ in places]
    equations = [
        [f - float(one == n) for f, (one, _) in zip(first, places, strict=True)] for n in range(1, len(sums.parts))
    ]
    sign = [float(spot == (part, place)) for spot in places]
    return _least(sign, equations, bounds), -_least([-n for n in sign], equations, bounds)


def together(
    known: Mapping[Hashable, Bounds], sums: Sequence[tuple[Collection[Hashable], Collection[Hashable]]], spot: Hashable
) -> tuple[float, float]:
    """Between which numbers one count lies. `sums`: counts that add up to the same as others do."""
    places = {cell: n for n, cell in enumerate(known)}
    equations = []
    for left, right in sums:
        row = [0.0] * len(places)
        for sign, cells in ((1, left), (-1, right)):
            for cell in cells:
                row[places[cell]] += sign
        equations.append(row)
    sign, bounds = [float(cell == spot) for cell in known], list(known.values())
    return _least(sign, equations, bounds), -_least([-n for n in sign], equations, bounds)


def _bounds(sums: Sums, part: int, place: int) -> Bounds:
    known = sums.parts[part][place]
    if known is not None:
        return known
    small = sums.small[part]
    if small is None:
        return 0, None
    return (0, sums.threshold - 1) if small[place] else (sums.threshold, None)


def _least(aim: list[float], equations: list[list[float]], bounds: list[Bounds]) -> float:
    found = linprog(aim, A_eq=equations or None, b_eq=[0.0] * len(equations) or None, bounds=bounds)
    if found.status == 3:  # unbounded
        return float("-inf")
    if found.status:
        raise AssertionError(f"the published counts contradict each other: {found.message}")
    return round(float(found.fun), 6)
