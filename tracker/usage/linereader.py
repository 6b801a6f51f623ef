"""One line of a file: its period, service, channel, codes and numbers, or what is wrong with each."""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from tracker.calendar import day_number
from tracker.usage.columns import Columns
from tracker.usage.figures import Expected, Reading
from tracker.usage.findings import CSV, Finding
from tracker.usage.grid import Broken, Cell, Grid, Line, is_blank, shown
from tracker.usage.layout import BREAKDOWNS, NUMBER_STYLES, PERIODS, SKIP, Layout, Number, normal
from tracker.usage.numbers import count_of
from tracker.usage.periods import is_day, month, month_of, period_of, span_of, within, written
from tracker.usage.synonyms import code_of

_REMEMBERED = 20_000
T = TypeVar("T")


class Row(NamedTuple):
    """What one line tells. `codes`: (breakdown, code)."""

    service: str
    period: int
    counts: dict[Number, int]
    codes: list[tuple[str, str]]


class LeftOut(Exception):  # noqa: N818 - no error: the mapping says so
    """The line is left out on purpose."""


class _Fault(Exception):  # noqa: N818
    """A cell that cannot be used: the rule that it breaks, the role of its column, what the sentence tells."""

    def __init__(self, rule: str, role: str, **values: object) -> None:
        super().__init__(rule)
        self.rule, self.role, self.values = rule, role, values


class LineReader:
    """Reads line by line and notes findings; remembers what it looked up."""

    def __init__(self, grid: Grid, layout: Layout, expected: Expected, reading: Reading) -> None:
        self.columns = Columns(layout, reading.header)
        self._grid, self._layout, self._expected, self._into = grid, layout, expected, reading
        self._texts = {
            role: {normal(text): code for text, code in texts.items()} for role, texts in layout.values.items()
        }
        self._services: dict[Cell, str | Finding] = {}
        self._codes: dict[tuple[str, Cell], str] = {}
        self._periods: dict[tuple[Cell, ...], int | None] = {}
        self._said: set[tuple[str, str, str]] = set()
        self._today = day_number(expected.today)

    def row(self, line: Line) -> Row | None:
        """What a line tells; None if something is wrong with it, which is noted. Raises LeftOut."""
        if self._grid.kind == CSV and not all(map(is_blank, line.cells[len(self.columns.names) :])):
            self.say(line, "cells_many", None)
            return None
        service = self._tried(line, self._service)
        period = self._tried(line, self._period)
        channel = self._tried(line, self._code, "channel")
        kinds = [kind for kind in BREAKDOWNS if kind in self.columns.keys]
        codes = [(kind, self._tried(line, self._code, kind)) for kind in kinds]
        counts = self._counts(line, channel or "")
        if service is None or period is None or channel is None or counts is None:
            return None
        given = [(kind, code) for kind, code in codes if code]
        return None if any(code is None for _, code in codes) else Row(service, period, counts, given)

    def say(self, line: Line, rule: str, place: int | None, /, *value: str, **values: object) -> None:
        """Note a finding about a line, or the cell of it in the column at `place`."""
        column = "" if place is None else self.columns.names[place]
        name = "" if place is None else self._grid.place(place)
        told = {"value": value[0], **values} if value else values
        self._into.findings.add(Finding(rule, line.number, name, column, self._grid.kind, told))

    def _tried(self, line: Line, part: Callable[..., T], *about: str) -> T | None:
        try:
            return part(line, *about)
        except _Fault as fault:
            self.say(line, fault.rule, self.columns.keys[fault.role], **fault.values)
            return None

    def _usable(self, line: Line, role: str, missing: str) -> Cell:
        """The cell of a role; raises _Fault when it is broken, or blank."""
        cell = self.columns.key(line, role)
        if isinstance(cell, Broken):
            raise _Fault(cell.rule, role, value=cell.value)
        if is_blank(cell):
            raise _Fault(missing, role)
        return cell

    def _service(self, line: Line) -> str:
        if "service" not in self.columns.keys:
            return self._layout.fixed["service"]
        cell = self._usable(line, "service", "service_missing")
        found = self._services.get(cell)
        if isinstance(found, Finding):  # said at the first line with this text
            raise LeftOut
        if found is None:
            found = self._expected.names.find(self._mapped(line, "service", shown(cell)) or cell)
            if len(self._services) < _REMEMBERED:
                self._services[cell] = found
        if isinstance(found, Finding):
            raise _Fault(found.rule, "service", **found.values)
        return found

    def _mapped(self, line: Line, role: str, text: str) -> str:
        """What the layout maps a text to, "" if nothing; raises LeftOut if its lines are not wanted."""
        self._into.note(role, text)
        mapped = self._texts.get(role, {}).get(normal(text), "") if role in self._texts else ""
        if mapped == SKIP:
            self._once(line, "skipped_value", role, text)
            raise LeftOut
        return mapped

    def _once(self, line: Line, rule: str, role: str, text: str) -> None:
        """Note a finding about a text at its first line only."""
        if (rule, role, normal(text)) not in self._said:
            self._said.add((rule, role, normal(text)))
            values = {"list": role} if rule == "unknown_code" else {}
            self.say(line, rule, self.columns.keys[role], text[:80], **values)

    def _code(self, line: Line, role: str) -> str:
        """The code of a line in a code list: "" where it tells none, `other` where nobody knows it."""
        cell = self.columns.key(line, role) if role in self.columns.keys else None
        if isinstance(cell, Broken):
            raise _Fault(cell.rule, role, value=cell.value)
        if is_blank(cell):
            return self._layout.fixed.get(role, "")
        known = self._codes.get((role, cell))
        return self._new_code(line, role, cell) if known is None else known

    def _new_code(self, line: Line, role: str, cell: Cell) -> str:
        text = shown(cell)
        code = self._mapped(line, role, text) or code_of(role, text)
        if not code:
            self._once(line, "unknown_code", role, text)
        if len(self._codes) < _REMEMBERED:
            self._codes[role, cell] = code or "other"
        return code or "other"

    def _period(self, line: Line) -> int:
        roles = [role for role in PERIODS if role in self.columns.keys]
        if not roles and self._expected.span is not None:
            return self._expected.span
        cells = tuple(self._usable(line, role, "period_missing") for role in roles)
        if cells not in self._periods:
            if len(self._periods) > _REMEMBERED:
                self._periods.clear()
            self._periods[cells] = _period_in(dict(zip(roles, cells, strict=True)))
        period = self._periods[cells]
        if period is None:
            raise _no_period(roles, cells)
        if self._layout.grain == "month":
            period = month(period)
        self._check_period(period, roles[0])
        return period

    def _check_period(self, period: int, role: str) -> None:
        if period > (self._today if is_day(period) else self._today // 100):
            raise _Fault("period_future", role, value=written(period))
        span = self._expected.span
        if span is not None and not within(period, span):
            raise _Fault("period_outside", role, value=written(period), span=written(span))

    def _counts(self, line: Line, channel: str) -> dict[Number, int] | None:
        """The numbers of a line, those of one meaning added up; None if some are none, which is noted."""
        found: dict[Number, int] = {}
        whole = True
        for place, number in self.columns.numbers:
            count = count_of(self.columns.cell(line, place), self._layout.numbers)
            if isinstance(count, Broken):
                self.say(line, count.rule, place, count.value, style=NUMBER_STYLES[self._layout.numbers])
                whole = False
            elif count is not None:
                key = number if number.channel else number._replace(channel=channel)
                found[key] = found.get(key, 0) + count
        if self._layout.each_line:
            found[Number(self._layout.each_line, channel)] = 1
        return found if whole else None


def _period_in(cells: dict[str, Cell]) -> int | None:
    """The period that the cells of a line tell by role; None if none."""
    if "period" in cells:
        whole = month_of(cells["period"], cells["year"]) if "year" in cells else None
        return whole or period_of(cells["period"])
    first, last = period_of(cells["from"]), period_of(cells["to"])
    return span_of(first, last) if first and last else None


def _no_period(roles: list[str], cells: tuple[Cell, ...]) -> _Fault:
    texts = [shown(cell)[:40] for cell in cells]
    if "to" in roles and all(period_of(cell) for cell in cells):
        return _Fault("period_span", "from", first=texts[0], last=texts[1])
    wrong = next((place for place, cell in enumerate(cells) if period_of(cell) is None), 0)
    return _Fault("period", roles[wrong], value=" ".join(texts) if "year" in roles else texts[wrong])
