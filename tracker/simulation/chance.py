"""Drawing by lot, the same for the same seed."""

from bisect import bisect
from collections.abc import Iterable
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


class Weighted(Generic[T]):
    """Items that are drawn in proportion to their weights."""

    def __init__(self, rows: Iterable[tuple[T, float]]) -> None:
        self._items, weights = zip(*rows, strict=True)
        self._sums = list(accumulate(weights))

    def draw(self, chance: Random) -> T:
        """One item."""
        item: T = self._items[bisect(self._sums, chance.random() * self._sums[-1], 0, len(self._sums) - 1)]
        return item


def seeded(*parts: object) -> Random:
    """The source of chance that belongs to `parts`."""
    return Random("/".join(map(str, parts)))  # noqa: S311 - a simulation; nothing here is secret


def poisson(chance: Random, expected: float) -> int:
    """How often something happened that is expected `expected` times (at most some hundred)."""
    count, left = -1, expected
    while left >= 0:
        left -= chance.expovariate(1.0)
        count += 1
    return count
