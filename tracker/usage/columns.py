"""Where the roles of a layout stand in a file."""

from tracker.usage.grid import Cell, Line, is_blank
from tracker.usage.header import Header
from tracker.usage.layout import BREAKDOWNS, Layout, Number, normal, number_of


class Columns:
    """`keys`: role → index of its column; `numbers`: the columns that count; `names`: of all columns."""

    def __init__(self, layout: Layout, header: Header) -> None:
        at = {normal(name): place for place, name in enumerate(header.names)}
        found = [(at[normal(name)], role, number_of(role)) for name, role in layout.columns.items()]
        self.names = header.names
        self.keys: dict[str, int] = {role: place for place, role, number in found if number is None}
        self.numbers: list[tuple[int, Number]] = [(place, number) for place, _, number in found if number]
        self.places = [place for place, _, _ in found]
        self._fill_down = layout.fill_down
        self._above: dict[str, Cell] = {}

    def cell(self, line: Line, place: int) -> Cell:
        """The cell in a column; lines may be shorter than the header."""
        return line.cells[place] if place < len(line.cells) else None

    def key(self, line: Line, role: str) -> Cell:
        """The cell of a role; a blank one has the value above it, if the layout says so."""
        cell = self.cell(line, self.keys[role])
        if self._fill_down and role not in BREAKDOWNS:
            if is_blank(cell):
                return self._above.get(role)
            self._above[role] = cell
        return cell
