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
    raise refuse("no_header", missing=", ".join(missing))


def guess_header(lines: Sequence[Line]) -> Header:
    """Where the names of columns seem to stand: right above the first line of data.

    Raises UsageError when nothing looks like them.
    """
    if not lines:
        raise refuse("empty")
    begin = _above_data(lines)
    first = begin
    while begin - first < MOST_HEADER_ROWS - 1 and _goes_on(lines, first, begin):
        first -= 1
    return Header(first, begin - first + 1, names_of(lines[first : begin + 1]))


def _above_data(lines: Sequence[Line]) -> int:
    """The last line of text above the first line with numbers or dates that is as wide as most; else the widest."""
    widths = [sum(not is_blank(cell) for cell in line.cells) for line in lines]
    usual = sorted(widths)[len(widths) * 3 // 4]
    texts = [_is_text(line) for line in lines]
    for place in range(1, len(lines)):
        is_data = not texts[place] and widths[place] * 2 >= usual
        if is_data and texts[place - 1] and widths[place - 1] * 2 >= widths[place]:
            return place - 1
    if not any(texts):
        raise refuse("no_columns")
    return max((place for place in range(len(lines)) if texts[place]), key=lambda place: (widths[place], -place))


def _goes_on(lines: Sequence[Line], first: int, last: int) -> bool:
    """Whether the line above belongs to the header: it fills what is blank, or tells columns of one name apart."""
    if first == 0 or lines[first - 1].number != lines[first].number - 1 or not _is_text(lines[first - 1]):
        return False
    above, below = lines[first - 1].cells, lines[first].cells
    if all(is_blank(cell) for cell in above[1:]):  # a title
        return False
    fills = any(is_blank(below[place]) and not is_blank(cell) for place, cell in enumerate(above[: len(below)]))
    return fills or any(name.endswith(" (2)") for name in names_of(lines[first : last + 1]))


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
