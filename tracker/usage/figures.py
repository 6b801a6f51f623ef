"""What a file of totals comes to: figures, and what was found on the way."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from tracker.usage.findings import Findings
from tracker.usage.header import Header
from tracker.usage.names import Names

MOST_VALUES = 300  # different texts of a column that are kept for mapping


class Figure(NamedTuple):
    """What one number is about. `period`: a day (20260131) or a month (202601); `code`: of a breakdown, else ""."""

    service: str
    period: int
    channel: str
    measure: str
    code: str


class Expected(NamedTuple):
    """What a file is read against. `span`: the day or month that it is about, None if its lines tell."""

    names: Names
    today: date
    span: int | None = None


@dataclass(slots=True)
class Reading:
    """What a file holds. Only without errors may it be imported."""

    header: Header
    figures: dict[Figure, int] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)
    lines: int = 0  # that were counted
    left_out: int = 0
    values: dict[str, dict[str, None]] = field(default_factory=dict)  # role → the texts in its column

    @property
    def periods(self) -> set[int]:
        """The days and months that figures are about."""
        return {figure.period for figure in self.figures}

    def add(self, figure: Figure, count: int) -> None:
        """Add to a figure."""
        self.figures[figure] = self.figures.get(figure, 0) + count

    def note(self, role: str, text: str) -> None:
        """Remember that a text occurs in the column of a role."""
        seen = self.values.setdefault(role, {})
        if len(seen) < MOST_VALUES:
            seen[text] = None

    def sums(self) -> dict[tuple[str, str], int]:
        """(measure, code) → its number over all services, periods and channels."""
        found: Counter[tuple[str, str]] = Counter()
        for figure, count in self.figures.items():
            found[figure.measure, figure.code] += count
        return dict(found)
