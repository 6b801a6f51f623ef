"""Lines between the data that are none: totals, notes, and the header once more on each printed page."""

import re
from itertools import islice

from tracker.usage.columns import Columns
from tracker.usage.grid import Line, is_blank, shown
from tracker.usage.layout import Layout, normal
from tracker.usage.names import Names

_TOTAL = re.compile(
    r"(gesamt|insgesamt|(zwischen|gesamt|end|teil)?summe|gesamtergebnis|total|grand total|subtotal|sum|σ)\b.{0,60}",
    re.IGNORECASE,
)


_INITIALS = "gizestσ:="  # of what the pattern may begin with


class Asides:
    """Tells such lines from data."""

    def __init__(self, layout: Layout, columns: Columns, names: Names) -> None:
        self._layout, self._columns, self._names = layout, columns, names
        self._mapped = {normal(text) for text in layout.values.get("service", {})}
        self._header = [(place, normal(columns.names[place])) for place in columns.places]

    def of(self, line: Line) -> tuple[str, None, str] | None:
        """The rule by which a line is left out, and what stands at its begin; None for data."""
        filled = list(islice((shown(cell) for cell in line.cells if not is_blank(cell)), 2))
        if any(self._is_total(text) for text in filled):
            return "total_line", None, filled[0][:60]
        if self._is_header(line):
            return "header_again", None, ""
        blank = all(is_blank(self._columns.cell(line, place)) for place, _ in self._columns.numbers)
        if blank and (not self._layout.each_line or (len(filled) == 1 < len(self._columns.names))):
            return "note_line", None, filled[0][:60]
        return None

    def _is_header(self, line: Line) -> bool:
        return all(place < len(line.cells) and normal(shown(line.cells[place])) == name for place, name in self._header)

    def _is_total(self, text: str) -> bool:
        if text[:1].lower() not in _INITIALS or not _TOTAL.fullmatch(text.strip(":= ")) or normal(text) in self._mapped:
            return False
        return not isinstance(self._names.find(text), str)
