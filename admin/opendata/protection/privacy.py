"""Differential privacy: discrete Laplace noise drawn by OpenDP, and the budget it is paid from.

The epsilon of a table is shared equally by its measures. What one epsilon protects is the measure's unit: the day of a
visitor where that adds at most `bound` to the column, else a single event (a visit, a view, an attempt, an answer).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from math import inf, nextafter
from typing import Any, NamedTuple

from admin.opendata.protection.values import MISSING, PERTURBED, Measure, Protected, ProtectedRow, Table
from tracker.errors import ConfigError

EPSILON = Decimal("0.25")  # of one table and period
LIMIT = Decimal(6)  # of one day: twelve tables, and one correction that draws all of them anew


class BudgetError(ConfigError):
    """Publishing would spend more than the budget, or has been paid for already."""


class Entry(NamedTuple):
    """What one table of one period and revision cost. Periods are "2026-01-31", "2026-01", "2026-Q1" or "2026"."""

    period: str
    table: str
    revision: int
    epsilon: Decimal


@dataclass(frozen=True, slots=True)
class Ledger:
    """What was spent, in its order; public. Each day has `limit`, and pays for every period that it lies in."""

    limit: Decimal = LIMIT
    entries: tuple[Entry, ...] = ()

    def spent(self, period: str) -> Decimal:
        """The most that a day of this period has spent."""
        first, last = span(period)
        spans = [(*span(entry.period), entry.epsilon) for entry in self.entries]
        starts = {first, *(start for start, _, _ in spans if first < start <= last)}
        return max(sum((cost for start, end, cost in spans if start <= day <= end), Decimal(0)) for day in starts)

    def spend(self, entry: Entry) -> "Ledger":
        """The ledger with one more entry; BudgetError where a day of its period cannot pay, or it is there already."""
        if not entry.epsilon.is_finite() or entry.epsilon <= 0:
            raise BudgetError(f"{entry.table} {entry.period}: epsilon must be above 0, not {entry.epsilon}")
        if any(known[:3] == entry[:3] for known in self.entries):
            raise BudgetError(f"{entry.table} {entry.period}, revision {entry.revision}, was drawn already")
        left = self.limit - self.spent(entry.period)
        if entry.epsilon > left:
            raise BudgetError(
                f"{entry.table} {entry.period} needs {entry.epsilon}, but only {left} is left of its days"
            )
        return replace(self, entries=(*self.entries, entry))


def span(period: str) -> tuple[date, date]:
    """The first and last day of a period; a ValueError for what is none."""
    year, _, rest = period.partition("-")
    if not rest:
        return date(int(year), 1, 1), date(int(year), 12, 31)
    if rest.startswith("Q"):
        return date(int(year), 3 * int(rest[1:]) - 2, 1), _month_end(int(year), 3 * int(rest[1:]))
    if "-" not in rest:
        return date(int(year), int(rest), 1), _month_end(int(year), int(rest))
    return date.fromisoformat(period), date.fromisoformat(period)


def _month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


@dataclass(slots=True)
class Private:
    """The method. `ledger` is replaced with each table drawn; whoever publishes keeps it in the same transaction."""

    ledger: Ledger
    epsilon: Decimal = EPSILON
    epsilons: Mapping[str, Decimal] = field(default_factory=dict)  # of tables that have another
    name: str = "differential-privacy"
    version: str = "1"

    @property
    def parameters(self) -> Mapping[str, object]:
        """The mechanism, epsilon, and the limit of a day."""
        others = {table: str(epsilon) for table, epsilon in self.epsilons.items()}
        limit = str(self.ledger.limit)
        return {"mechanism": "discrete Laplace", "epsilon": str(self.epsilon), "epsilons": others, "limit": limit}

    def protect(self, table: Table) -> list[ProtectedRow]:
        """Pay, then draw. A frozen file is never drawn again: ask its file, not this.

        Raises BudgetError, and ValueError for an open table, whose rows alone would tell of single events.
        """
        if table.open:
            raise ValueError(f"{table.name}: differential privacy needs the complete list of rows")
        opendp()
        epsilon = self.price(table.name)
        self.ledger = self.ledger.spend(Entry(table.period, table.name, table.revision, epsilon))
        columns = [self._column(table, column, float(epsilon) / len(table.measures)) for column in _columns(table)]
        return [ProtectedRow(row.key, tuple(next(column) for column in columns)) for row in table.rows]

    def price(self, table: str) -> Decimal:
        """The epsilon of a table."""
        return self.epsilons.get(table, self.epsilon)

    def _column(self, table: Table, column: int, epsilon: float) -> Iterator[Protected]:
        """A column with noise. Where it fell below 0 it is 0, which is after the draw and costs nothing."""
        counts = [row.cells[column].value for row in table.rows]
        noisy = iter(draw([count for count in counts if count is not None], table.measures[column], epsilon))
        for count in counts:
            yield Protected(None, MISSING) if count is None else Protected(max(0, next(noisy)), PERTURBED)


def opendp() -> Any:
    """OpenDP, a large library that this method alone needs; ConfigError where it is not installed."""
    try:
        import opendp.prelude as dp  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError("differential privacy needs OpenDP: pip install 'zaehlwerk[dp]'") from error
    dp.enable_features("contrib")
    return dp


def _columns(table: Table) -> range:
    return range(len(table.measures))


def draw(counts: Sequence[int], measure: Measure, epsilon: float) -> list[int]:
    """Counts with noise that costs at most `epsilon` per unit of the measure."""
    return list(_mechanism(measure.bound, epsilon)(list(counts))) if counts else []


@cache
def _mechanism(bound: int, epsilon: float) -> Any:
    """Discrete Laplace noise for a column in which one unit adds at most `bound`."""
    dp = opendp()
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l1_distance(T="i64")
    scale = bound / epsilon
    mechanism = dp.m.make_laplace(*space, scale=scale)
    while mechanism.map(bound) > epsilon:  # OpenDP rounds up in the last digit, and its word counts
        scale = nextafter(scale, inf)
        mechanism = dp.m.make_laplace(*space, scale=scale)
    return mechanism
