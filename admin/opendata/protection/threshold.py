"""Threshold, rounding and secondary suppression.

1. A row is small where a measure of a block is below the threshold and not 0, or all are 0. Small rows are hidden, with
   all measures of the block. A 0 beside greater counts is published: what a hidden row hides could be any of them.
2. Where other files tell the sum of some rows, and one of them is hidden, one more is: the last that is not small,
   rather a row whose count other files tell by itself. In the order of the table, which does not depend on the counts,
   lest the choice itself told something.
3. The same where files of shorter periods already hide a part of that sum, even if no row here is small.
4. If what is hidden leaves too little room, all rows of that sum are hidden.
5. Everything else is rounded to the nearest multiple of the base.

Room: to have any other count from 0 to `threshold - 1`, a small row must be able to take from and give to another
hidden row without anything published changing. docs/disclosure-control.md has the proof,
tests/test_protection_threshold.py an exhaustive check. Source of 1 and 5: Office for National Statistics, "10-5 rule".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from admin.opendata.protection.values import MISSING, ROUNDED, SUPPRESSED, Protected, ProtectedRow, Table, shown


@dataclass(frozen=True, slots=True)
class Threshold:
    """The method."""

    threshold: int = 10
    base: int = 5
    name: str = "threshold"
    version: str = "1"

    @property
    def parameters(self) -> Mapping[str, object]:
        """Threshold, base of rounding, and the interval that no small count is known better than."""
        return {"threshold": self.threshold, "base": self.base, "protection_interval": [0, self.threshold - 1]}

    def protect(self, table: Table) -> list[ProtectedRow]:
        """Hide and round."""
        hidden = {(row, column) for block in _blocks(table) for row in self._hidden(table, block) for column in block}
        rows = [
            ProtectedRow(
                row.key,
                tuple(self._protected(cell.value, (n, column) in hidden) for column, cell in enumerate(row.cells)),
            )
            for n, row in enumerate(table.rows)
        ]
        return shown(table, rows)

    def _hidden(self, table: Table, block: Sequence[int]) -> set[int]:
        """The rows of which this block is hidden."""
        small = {n for n in range(len(table.rows)) if self._is_small(table, n, block)}
        hidden = set(small)
        for total, rows in _sums(table).items():
            if small.intersection(rows) or any(_hidden_before(table, total, block)):
                hidden |= self._hidden_of_sum(table, total, rows, (block, small))
        return hidden

    def _hidden_of_sum(
        self, table: Table, total: str, rows: Sequence[int], known: tuple[Sequence[int], set[int]]
    ) -> set[int]:
        """The rows to hide of one sum: the small ones and one more, or all."""
        block, small = known
        large = [n for n in rows if n not in small]
        further = ([n for n in large if table.rows[n].carries] or large)[-1:]
        chosen = [n for n in rows if n in small] + further
        for column, before in zip(block, _hidden_before(table, total, block), strict=True):
            room = sum(_count(table, n, column) for n in chosen) - self.threshold * len(further)
            if room - self._taken(before) < self.threshold - 1:
                return set(rows)
            alone = [_count(table, n, column) - self.threshold for n in further if table.rows[n].carries]
            if any(spare < self._taken(before) for spare in alone):
                return set(rows)
        return set(chosen)

    def _taken(self, before: Sequence[int]) -> int:
        """The room that hidden counts of shorter periods need here, because they have too little among themselves."""
        most = self.threshold - 1
        return 0 if most <= sum(before) <= most * (len(before) - 1) else sum(before)

    def _is_small(self, table: Table, row: int, block: Sequence[int]) -> bool:
        """Whether a row must be hidden for its own sake. A cell of an outage has no count, and hides nothing."""
        counts = [count for column in block if (count := table.rows[row].cells[column].value) is not None]
        return any(0 < abs(count) < self.threshold for count in counts) or (bool(counts) and not any(counts))

    def _protected(self, count: int | None, hidden: bool) -> Protected:
        if count is None:
            return Protected(None, MISSING)
        if hidden:
            return Protected(None, SUPPRESSED)
        return Protected((2 * count + self.base) // (2 * self.base) * self.base, ROUNDED)


def _blocks(table: Table) -> list[list[int]]:
    """The columns of each block."""
    found: dict[str, list[int]] = {}
    for column, measure in enumerate(table.measures):
        found.setdefault(measure.block, []).append(column)
    return list(found.values())


def _sums(table: Table) -> dict[str, list[int]]:
    """The rows of each sum that other files tell."""
    found: dict[str, list[int]] = {}
    for n, row in enumerate(table.rows):
        if row.total:
            found.setdefault(row.total, []).append(n)
    return found


def _count(table: Table, row: int, column: int) -> int:
    return table.rows[row].cells[column].value or 0


def _hidden_before(table: Table, total: str, block: Sequence[int]) -> list[tuple[int, ...]]:
    """What files of shorter periods hide of a sum, for each column of a block."""
    hidden = table.hidden.get(total, {})
    return [hidden.get(table.measures[column].name, ()) for column in block]
