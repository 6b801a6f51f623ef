"""Where the parts of a chart stand: columns over time, or bars by size. Pure; the templates only place them."""

from collections.abc import Sequence
from math import ceil, floor, log10
from textwrap import wrap
from typing import NamedTuple

from admin.i18n import number

WIDE, NARROW = 720, 300  # units of the drawing, about pixels: for a page and for a phone or half a page
_LEFT, _RIGHT, _TOP, _FOOT = 52, 16, 14, 30
_ROW, _BAR = 46, 12  # of a bar with its label above
_LETTER = 7.4  # width of a letter of the labels
_LINES = 4  # of the grid, about
_SMALLEST = 2  # units of a whisker that can be seen
_SPARK = 24  # height of the small drawing of a trend


class Mark(NamedTuple):
    """What is drawn: the full label and text, a short label, the value if there is one, and how unsure it is."""

    label: str
    text: str
    tick: str = ""
    value: float | None = None
    margin: float = 0.0
    partial: bool = False


class Column(NamedTuple):
    """A column with the whisker from `low` to `high` (0 to 0 for none), or a gap where `height` is None."""

    mark: Mark
    x: float
    y: float
    width: float
    height: float | None
    low: float = 0.0
    high: float = 0.0

    @property
    def middle(self) -> float:
        """The middle of the column."""
        return round(self.x + self.width / 2, 1)


class Columns(NamedTuple):
    """A chart over time: columns, lines of the grid (height, label) and labels below (place, label)."""

    width: int
    height: int
    left: int
    floor: float
    columns: tuple[Column, ...]
    grid: tuple[tuple[float, str], ...]
    ticks: tuple[tuple[float, str], ...]


class Bar(NamedTuple):
    """A bar with its label above, cut to the width."""

    mark: Mark
    label: str
    y: float
    width: float | None


class Bars(NamedTuple):
    """A chart of sizes."""

    width: int
    height: int
    bars: tuple[Bar, ...]
    thick: int = _BAR


def columns(marks: Sequence[Mark], width: int) -> Columns:
    """Columns over time within a width."""
    height = 260 if width >= WIDE else 210
    ground = height - _FOOT
    tops = [mark.value + mark.margin for mark in marks if mark.value is not None]
    step = _step(max(tops, default=0))
    most = max(step * ceil(max(tops, default=0) / step), step)
    scale = (ground - _TOP) / most
    slot = (width - _LEFT - _RIGHT) / max(len(marks), 1)
    shown = tuple(_column(mark, _LEFT + place * slot, slot, ground, scale) for place, mark in enumerate(marks))
    lines = range(0, most + 1, step)
    longest = max((len(mark.tick) for mark in marks), default=1) * _LETTER + 6
    every = max(1, ceil(longest / slot))
    return Columns(
        width,
        height,
        _LEFT,
        ground,
        shown,
        tuple((round(ground - line * scale, 1), number(line)) for line in lines),
        tuple((column.middle, column.mark.tick) for column in shown[len(shown) - 1 :: -every]),
    )


def _column(mark: Mark, x: float, slot: float, ground: float, scale: float) -> Column:
    width = min(slot * 0.72, 40)
    left, across = round(x + (slot - width) / 2, 1), round(width, 1)
    if mark.value is None:
        return Column(mark, left, ground, across, None)
    height = max(mark.value * scale, 1 if mark.value else 0)
    top, whisker = round(ground - height, 1), mark.margin * scale
    if whisker < _SMALLEST:
        return Column(mark, left, top, across, round(height, 1))
    low, high = round(ground - max(height - whisker, 0), 1), round(ground - height - whisker, 1)
    return Column(mark, left, top, across, round(height, 1), low, high)


def _step(most: float) -> int:
    """The distance of the grid's lines: 1, 2 or 5 times a power of ten, at least 1."""
    if most <= _LINES:
        return 1
    power = int(10 ** floor(log10(most / _LINES)))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor * _LINES >= most)


def bars(marks: Sequence[Mark], width: int) -> Bars:
    """Bars of which the longest is as wide as the drawing."""
    most = max((mark.value or 0 for mark in marks), default=0) or 1
    shown = [
        Bar(
            mark,
            _cut(mark.label, (width - len(mark.text) * _LETTER - 16) / _LETTER),
            place * _ROW,
            None if mark.value is None else round(mark.value / most * width, 1),
        )
        for place, mark in enumerate(marks)
    ]
    return Bars(width, max(len(shown) * _ROW, _ROW), tuple(shown))


def _cut(text: str, letters: float) -> str:
    return text if len(text) <= letters else f"{text[: max(int(letters) - 1, 1)]}…"


def lines_of(text: str, size: float) -> list[str]:
    """A text in the lines of a drawing of full width, in letters of a size."""
    return wrap(text, int((WIDE - 32) / (size * 0.56)))


class Spark(NamedTuple):
    """One month in the small drawing of a row, in hundredths of its width and height."""

    x: float
    y: float
    width: float
    height: float


def spark(values: Sequence[float | None]) -> list[Spark]:
    """The small drawing of a trend, without axes."""
    most = max((value for value in values if value), default=0) or 1
    slot = 100 / max(len(values), 1)
    heights = [(place, round(value / most * _SPARK, 2)) for place, value in enumerate(values) if value]
    return [
        Spark(round(place * slot, 2), round(_SPARK - height, 2), round(slot * 0.7, 2), height)
        for place, height in heights
    ]
