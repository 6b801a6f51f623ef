"""A file of totals as lines of cells, whatever its format."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from tracker.usage.findings import CSV, XLSX

MOST_LINES = 1_000_000
MOST_COLUMNS = 200


@dataclass(frozen=True, slots=True)
class Broken:
    """A cell that has no value: the rule that it breaks, and what stands in it."""

    rule: str
    value: str = ""


Cell = str | int | float | datetime | Broken | None


class Line(NamedTuple):
    """One line that is not blank, with its number in the file (JSON: of the object; 0 for the keys)."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """The lines of a file, read anew at each call of `lines`, which may raise UsageError. `sheets`: of a workbook."""

    kind: str
    lines: Callable[[], Iterator[Line]]
    sheets: tuple[str, ...] = ()

    def place(self, column: int) -> str:
        """What people call the column at an index: C in a workbook, 3 in a CSV, nothing in JSON."""
        if self.kind == XLSX:
            return letters(column)
        return str(column + 1) if self.kind == CSV else ""


def letters(column: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    name, rest = "", column + 1
    while rest:
        rest, place = divmod(rest - 1, 26)
        name = chr(ord("A") + place) + name
    return name


def shown(cell: Cell) -> str:
    """A cell as people see it; "" for a blank one."""
    if type(cell) is str:  # nearly all of them
        return " ".join(cell.split())
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == cell.time().min else cell.isoformat(" ", "minutes")
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    if isinstance(cell, Broken):
        return cell.value
    return " ".join(str(cell).split())


def is_blank(cell: Cell) -> bool:
    """Whether nothing stands in a cell."""
    return cell is None or (isinstance(cell, str) and (not cell or cell.isspace()))
