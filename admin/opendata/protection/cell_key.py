"""The cell-key method: noise that depends on nothing but the records of a cell.

1. The cell's record keys are summed modulo 2³²; the sum of uniform keys is uniform. (The rollups keep that sum.)
2. The sum is mixed with the measure's name, so that the noises of visits and views of one row have nothing in common:
   with the same noise, their difference would be published exactly.
3. The result, a fraction of 2³², selects the published count from the row of the true count in the transition table.

Sources: Fraser and Wooton 2005 (Australian Bureau of Statistics); Thompson, Broadfoot and Elazar 2013; Statistisches
Bundesamt, Zensus 2022. The table is made by tools/transition_table.py.
"""

import csv
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b, sha256
from importlib.resources import files
from itertools import accumulate
from types import MappingProxyType
from typing import NamedTuple

from admin.opendata.protection.values import MISSING, PERTURBED, Cell, Protected, ProtectedRow, Table, shown

WHOLE = 2**32  # weights of a row add up to this
STANDARD = "transitions_d3_v2.csv"
WIDE = "transitions_d10_v25.csv"


class Law(NamedTuple):
    """How one true count is published: `counts[n]` where the key lies below `ends[n]`, and in no earlier part."""

    counts: tuple[int, ...]
    weights: tuple[int, ...]
    ends: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Transitions:
    """A transition table. `laws` by true count from 0; the last one, shifted, is that of every greater count."""

    name: str
    digest: str
    laws: tuple[Law, ...]

    @property
    def deviation(self) -> int:
        """The greatest distance of a published count from the true one."""
        return max(abs(count - true) for true, law in enumerate(self.laws) for count in law.counts)

    @property
    def variance(self) -> float:
        """The variance of the noise of great counts."""
        last, law = len(self.laws) - 1, self.laws[-1]
        return sum((n - last) ** 2 * weight for n, weight in zip(law.counts, law.weights, strict=True)) / WHOLE

    def published(self, true: int, key: int) -> int:
        """The published count; `key` from 0 to 2³² − 1. A count below 0 (a net one) is treated like its opposite."""
        if true < 0:
            return -self.published(-true, key)
        row = min(true, len(self.laws) - 1)
        law = self.laws[row]
        return law.counts[bisect_right(law.ends, key)] + true - row

    def law(self, true: int) -> dict[int, float]:
        """Published count → probability."""
        sign, row = (-1 if true < 0 else 1), min(abs(true), len(self.laws) - 1)
        law = self.laws[row]
        return {sign * (n + abs(true) - row): w / WHOLE for n, w in zip(law.counts, law.weights, strict=True)}


@cache
def transitions(name: str = STANDARD) -> Transitions:
    """A table of this package, by its file name. Columns: true, published, weight (in parts of 2³²)."""
    text = files(__package__).joinpath(name).read_text("utf-8")
    rows: dict[int, list[tuple[int, int]]] = {}
    for line in csv.DictReader(text.splitlines()):
        rows.setdefault(int(line["true"]), []).append((int(line["published"]), int(line["weight"])))
    return Transitions(name, sha256(text.encode()).hexdigest(), tuple(_law(rows[true]) for true in sorted(rows)))


def _law(row: list[tuple[int, int]]) -> Law:
    counts, weights = zip(*row, strict=True)
    return Law(counts, weights, tuple(accumulate(weights))[:-1])


def mixed(rkey: int, measure: str) -> int:
    """The cell key of a measure: uniform where `rkey` is, and without any relation to that of another measure."""
    return int.from_bytes(blake2b(rkey.to_bytes(4), digest_size=4, key=measure.encode()[:64]).digest())


@dataclass(frozen=True, slots=True)
class CellKey:
    """The method. `others`: measure → transition table, where it is not the standard one."""

    name: str = "cell-key"
    others: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    version: str = "1"

    @property
    def parameters(self) -> Mapping[str, object]:
        """Deviation, variance and the table itself by its name and SHA-256; likewise for each exception."""
        return {**_described(STANDARD), "exceptions": {name: _described(file) for name, file in self.others.items()}}

    def protect(self, table: Table) -> list[ProtectedRow]:
        """Every count becomes `perturbed`, also where the noise is 0: a reader must not know where."""
        columns = [(row.name, transitions(self.others.get(row.name, STANDARD))) for row in table.measures]
        rows = [
            ProtectedRow(
                row.key, tuple(_protected(cell, *column) for cell, column in zip(row.cells, columns, strict=True))
            )
            for row in table.rows
        ]
        return shown(table, rows)


def _protected(cell: Cell, measure: str, table: Transitions) -> Protected:
    if cell.value is None:
        return Protected(None, MISSING)
    if not cell.value:
        return Protected(0, PERTURBED)
    return Protected(table.published(cell.value, mixed(cell.rkey, measure)), PERTURBED)


def _described(name: str) -> dict[str, object]:
    table = transitions(name)
    return {
        "deviation": table.deviation,
        "variance": round(table.variance, 6),
        "smallest": min(count for count in table.laws[1].counts if count),
        "transitions": table.name,
        "sha256": table.digest,
    }
