"""A published table as values: its columns and rows, as every file of it holds them. Nothing here is a true count."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from admin.opendata.protection.values import SUPPRESSED, Method, Protected, ProtectedRow
from admin.opendata.protection.values import Measure as ProtectedMeasure
from admin.opendata.protection.values import Row as TrueRow
from admin.opendata.protection.values import Table as TrueTable
from admin.opendata.reading import Rows
from admin.opendata.tables import MEAN, NUMBER, Table, Words

Value = str | int | float | None
STATUS, METHOD = "status", "method"
_KINDS = {NUMBER: "integer", MEAN: "number"}
_STATUS_WORDS = Words("Status", "status")


class Column(NamedTuple):
    """A column of the files. `kind`: string, date, yearmonth, integer or number, as in Table Schema."""

    name: str
    title: Words
    kind: str = "string"
    key: bool = False


class Published(NamedTuple):
    """One table of one period ("2026-01-31" or "2026-01") as it is published; rows have a value per column."""

    table: Table
    period: str
    rows: Sequence[tuple[Value, ...]]

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the files."""
        return columns_of(self.table)


def columns_of(table: Table) -> tuple[Column, ...]:
    """Dimensions, what follows from them, each measure with its status, and the method of protection."""
    dimensions = [Column(row.name, row.title, row.kind, True) for row in table.dimensions]
    attributes = [Column(row.name, row.title, row.kind) for row in table.attributes]
    measures = [
        column
        for row in table.measures
        for column in (
            Column(row.name, row.title, _KINDS[row.kind]),
            Column(
                f"{row.name}_{STATUS}",
                Words(f"{row.title.de}: {_STATUS_WORDS.de}", f"{row.title.en}: {_STATUS_WORDS.en}"),
            ),
        )
    ]
    return (*dimensions, *attributes, *measures, Column(METHOD, Words("Schutzverfahren", "Method of protection")))


def label_of(method: Method) -> str:
    """A method in one cell, with what of its parameters is a number: "cell-key/1 deviation=3 variance=2"."""
    numbers = [(name, value) for name, value in sorted(method.parameters.items()) if _is_number(value)]
    return " ".join([f"{method.name}/{method.version}", *(f"{name}={value}" for name, value in numbers)])


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) or (isinstance(value, str) and value.replace(".", "", 1).isdecimal())


def protect(
    table: Table,
    period: str,
    rows: Rows,
    method: Method,
    revision: int = 1,
    hidden: Mapping[str, Mapping[str, tuple[int, ...]]] | None = None,
) -> Published:
    """The table as it may be published.

    `hidden`: what files of shorter periods suppressed, by total and measure; see the protection's Table.
    """
    if not rows:  # nothing to protect, and nothing to pay for
        return Published(table, period, [])
    counted = [row for row in table.measures if row.unit]
    true = TrueTable(
        table.name,
        period,
        tuple(ProtectedMeasure(row.name, row.unit, row.bound, row.block) for row in counted),
        tuple(TrueRow(row.dimensions, row.cells, row.total, row.carries) for row in rows),
        revision,
        hidden=hidden or {},
    )
    label = label_of(method)
    found = [
        (period, *row.dimensions, *row.attributes, *_cells(table, safe), label)
        for row, safe in zip(rows, method.protect(true), strict=True)
    ]
    return Published(table, period, found)


def _cells(table: Table, row: ProtectedRow) -> list[Value]:
    """Value and status of each measure, those derived from the protected ones among them."""
    cells = _enough(table, list(row.cells))
    flat: list[Value] = [value for cell in cells for value in (cell.value, cell.status)]
    if table.threshold:
        flat += _summary(cells)
    return flat


def _enough(table: Table, cells: list[Protected]) -> list[Protected]:
    """The ratings, or none where they are too few.

    That is decided by what would be published, so that it tells nothing more than the numbers themselves.
    """
    if not table.threshold:
        return cells
    values = [cell.value for cell in cells if cell.value is not None]
    enough = len(values) == len(cells) and sum(values) >= table.threshold
    return cells if enough else [Protected(None, SUPPRESSED)] * len(cells)


def _summary(cells: list[Protected]) -> list[Value]:
    """Number and mean of the ratings 1 to 5, as the published distribution gives them."""
    status = cells[0].status if len({cell.status for cell in cells}) == 1 else "perturbed"
    if any(cell.value is None for cell in cells):
        return [None, SUPPRESSED, None, SUPPRESSED]
    number = sum(cell.value or 0 for cell in cells)
    mean = sum(rating * (cell.value or 0) for rating, cell in enumerate(cells, 1)) / number
    return [number, status, round(mean, 2), status]
