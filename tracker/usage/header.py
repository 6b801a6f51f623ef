"""Where the names of the columns stand in a file, under title lines, in one line or in several merged ones."""

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from tracker.usage.findings import refuse
from tracker.usage.grid import Broken, Cell, Grid, Line, is_blank, shown
from tracker.usage.layout import MOST_HEADER_ROWS, normal
from tracker.usage.periods import period_of

SEARCHED = 100  # lines at the begin of a file
_DIGITS = re.compile(r"[+−-]?[\d.,\s\u00a0\u202f%€]+")


class Header(NamedTuple):
    """`begin`: how many lines that are not blank stand before it; `rows`: how many it takes; `names` by column."""

    begin: int
    rows: int
    names: tuple[str, ...]


def names_of(lines: Sequence[Line]) -> tuple[str, ...]:
    """The names in the lines of a header: those of merged cells go on to the right, parts are joined by " / ".

    A column without a name is called by its number, such as #3; one whose name occurred before gets " (2)".
    """
    width = max(len(line.cells) for line in lines)
    rows = [_filled(line, width) for line in lines[:-1]]
    rows.append([shown(cell) for cell in _padded(lines[-1], width)])
    names: list[str] = []
    for place, parts in enumerate(zip(*rows, strict=True)):
        name = " / ".join(dict.fromkeys(part for part in parts if part))[:200] or f"#{place + 1}"
        again = sum(normal(name) == normal(other) for other in names)
        names.append(f"{name} ({again + 1})" if again else name)
    return tuple(names)


def _filled(line: Line, width: int) -> list[str]:
    found: list[str] = []
    for cell in _padded(line, width):
        found.append(shown(cell) or (found[-1] if found else ""))
    return found


def _padded(line: Line, width: int) -> tuple[Cell, ...]:
    return line.cells + (None,) * (width - len(line.cells))


def head_of(grid: Grid) -> list[Line]:
    """The lines in which the names of columns are looked for."""
    lines = grid.lines()
    found = [line for line, _ in zip(lines, range(SEARCHED + MOST_HEADER_ROWS), strict=False)]
    close = getattr(lines, "close", None)
    if close:
        close()
    return found


def find_header(lines: Sequence[Line], wanted: Collection[str], rows: int) -> Header:
    """The first lines that have all wanted names; raises UsageError with those that the best ones lack."""
    texts = {normal(name) for name in wanted}
    missing = list(wanted)
    for begin in range(min(len(lines) - rows + 1, SEARCHED)):
        names = names_of(lines[begin : begin + rows])
        known = {normal(name) for name in names}
        if texts <= known:
            return Header(begin, rows, names)
        lacking = [name for name in wanted if normal(name) not in known]
        missing = min(missing, lacking, key=len)
    raise refuse("no_header", missing=", ".join(f"“{name}”" for name in missing))


def guess_header(lines: Sequence[Line]) -> Header:
    """Where the names of columns seem to stand; raises UsageError when nothing looks like them."""
    if not lines:
        raise refuse("empty")
    widths = [sum(not is_blank(cell) for cell in line.cells) for line in lines]
    usual = sorted(widths)[len(widths) // 2]
    for begin, line in enumerate(lines[:SEARCHED]):
        if widths[begin] >= max(min(usual, 2), (usual + 1) // 2) and _is_text(line):
            rows = _rows_of(lines[begin:])
            return _with_groups(lines, Header(begin, rows, names_of(lines[begin : begin + rows])))
    raise refuse("no_columns")


def _with_groups(lines: Sequence[Line], header: Header) -> Header:
    """With the merged line above that tells columns of the same name apart, if there is one."""
    begin = header.begin - 1
    if begin < 0 or header.rows == MOST_HEADER_ROWS or not any(name.endswith(" (2)") for name in header.names):
        return header
    if not _is_text(lines[begin]) or lines[begin].number != lines[begin + 1].number - 1:
        return header
    return Header(begin, header.rows + 1, names_of(lines[begin : begin + header.rows + 1]))


def _rows_of(lines: Sequence[Line]) -> int:
    """How many lines a header takes that begins with the first: more while cells are blank that the next one fills."""
    rows = 1
    while rows < min(MOST_HEADER_ROWS, len(lines) - 1):
        above, below = lines[rows - 1], lines[rows]
        width = max(len(above.cells), len(below.cells))
        blank = [place for place, cell in enumerate(_padded(above, width)) if is_blank(cell)]
        if not _is_text(below) or all(is_blank(_padded(below, width)[place]) for place in blank):
            break
        rows += 1
    return rows


def _is_text(line: Line) -> bool:
    """Whether all that stands in a line is text, neither numbers nor dates."""
    cells = [cell for cell in line.cells if not is_blank(cell)]
    return bool(cells) and all(
        isinstance(cell, str)
        and not isinstance(cell, Broken)
        and not _DIGITS.fullmatch(shown(cell))
        and period_of(cell) is None
        for cell in cells
    )
