"""What a method of protection takes and gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple, Protocol

OK, PERTURBED, SUPPRESSED, ROUNDED, MISSING = "ok", "perturbed", "suppressed", "rounded", "missing"

# What one unit of a count is, for differential privacy: the person's day where it adds at most `bound`, else one event.
UNITS = ("visitor-day", "visit", "view", "attempt", "step", "answer")


class Cell(NamedTuple):
    """A true count, None in an outage; and the sum of its records' keys modulo 2³²."""

    value: int | None
    rkey: int = 0


class Measure(NamedTuple):
    """A column. The same name in two tables must mean the same count, since the noise depends on it.

    `unit`: one of UNITS. `bound`: the most that one unit can add to the column, over all rows. `block`: columns of one
    block are hidden together, because one can be told from the others.
    """

    name: str
    unit: str
    bound: int = 1
    block: str = ""


class Row(NamedTuple):
    """A row of true counts. `key`: the values of the dimensions; `cells` in the order of the measures.

    `total` names the sum that this row is a part of and that other files tell too, such as "www.example.de 2026-01" of
    days and of devices; "" where there is no such sum. `carries`: other files tell a measure of this row alone, as the
    first step of a form is reached by every attempt.
    """

    key: tuple[str, ...]
    cells: tuple[Cell, ...]
    total: str = ""
    carries: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """True counts of one period ("2026-01-31", "2026-01" or "2026").

    `rows`: the most important first, in an order that does not depend on the counts; complete, with zeros, unless
    `open` says that only what occurred is listed. `hidden`: total → measure → true counts that files of shorter
    periods, which are published already, suppressed.
    """

    name: str
    period: str
    measures: tuple[Measure, ...]
    rows: tuple[Row, ...]
    revision: int = 1
    open: bool = False
    hidden: Mapping[str, Mapping[str, tuple[int, ...]]] = field(default_factory=dict)


class Protected(NamedTuple):
    """What is published: a value, None unless there is one, and its status."""

    value: int | None
    status: str


class ProtectedRow(NamedTuple):
    """A row as it is published, with the cells in the order of the measures."""

    key: tuple[str, ...]
    cells: tuple[Protected, ...]


class Method(Protocol):
    """A way to protect a table. Rows come back in their order; of an open table, only those that show something."""

    @property
    def name(self) -> str:
        """As it stands in every file."""

    @property
    def version(self) -> str:
        """Changes whenever the same counts would be published differently."""

    @property
    def parameters(self) -> Mapping[str, object]:
        """Everything that a reader must know, as JSON values."""

    def protect(self, table: Table) -> list[ProtectedRow]:
        """The table as it may be published."""


def shown(table: Table, rows: list[ProtectedRow]) -> list[ProtectedRow]:
    """The rows to publish: of an open table only those that show a count, since a row itself would tell of one."""
    return [row for row in rows if any(cell.value for cell in row.cells)] if table.open else rows


def substitute_key(secret: bytes, *identity: str) -> int:
    """The key of a count that came without record keys, such as an imported total.

    `identity`: source, service, period, measure, code … and the count itself, so that a corrected count gets other
    noise. Of a sum of imported counts, the key is the sum of their keys modulo 2³².
    """
    text = "\x1f".join(identity).encode()
    return int.from_bytes(blake2b(text, digest_size=4, key=secret[:64]).digest())
