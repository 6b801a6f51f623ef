"""A first layout for a file that nobody has mapped yet. People look at it and correct it."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from tracker.usage.findings import JSON
from tracker.usage.grid import Cell, Grid, Line, is_blank, shown
from tracker.usage.header import Header, guess_header, head_of
from tracker.usage.layout import BREAKDOWNS, COUNT, KEYS, VALUED, Layout, normal
from tracker.usage.numbers import count_of, style_of
from tracker.usage.periods import is_day, period_of
from tracker.usage.synonyms import COLUMN_NAMES, EXACT_COLUMN_NAMES, code_of

_SAMPLE = 200  # lines


def guess_layout(grid: Grid, sheet: str = "") -> Layout:
    """The likeliest layout of a file; raises UsageError when nothing in it looks like names of columns."""
    head = head_of(grid)
    header = Header(0, 1, _keys(head)) if grid.kind == JSON and head else guess_header(head)
    return guess_columns(grid, header, sheet)


def guess_columns(grid: Grid, header: Header, sheet: str = "") -> Layout:
    """The likeliest layout of a file whose header is known."""
    begin = header.begin + header.rows
    lines = list(islice(grid.lines(), begin, begin + _SAMPLE))
    samples = {name: _column(lines, place) for place, name in enumerate(header.names)}
    roles = _roles(samples)
    texts = [
        shown(cell) for name in roles for cell in samples[name] if isinstance(cell, str) and roles[name] not in KEYS
    ]
    periods = [period_of(cell) for name, role in roles.items() if role == "period" for cell in samples[name]]
    return Layout(
        columns=roles,
        values=_values(samples, roles),
        header_rows=header.rows,
        sheet=sheet,
        numbers=style_of(texts),
        each_line=_each_line(roles.values()),
        grain="month" if _are_months([period for period in periods if period]) else "given",
    )


def _each_line(roles: Iterable[str]) -> str:
    """Where no column holds numbers, every line is an attempt; with a breakdown, it may be told elsewhere too."""
    found = set(roles)
    if not found <= set(KEYS):
        return ""
    return COUNT if found & set(BREAKDOWNS) else "submitted"


def _keys(head: Sequence[Line]) -> tuple[str, ...]:
    return tuple(shown(cell) for cell in head[0].cells)


def _column(lines: Sequence[Line], place: int) -> list[Cell]:
    return [line.cells[place] for line in lines if place < len(line.cells) and not is_blank(line.cells[place])]


def _roles(samples: Mapping[str, Sequence[Cell]]) -> dict[str, str]:
    """Role by the name of the column, where its cells fit; each key once."""
    found: dict[str, str] = {}
    for name, cells in samples.items():
        role = _role_of(name) or _status_of(name, cells)
        if role and _fits(role, cells) and (role not in KEYS or role not in found.values()):
            found[name] = role
    if ("from" in found.values()) != ("to" in found.values()):
        found = {name: role for name, role in found.items() if role not in ("from", "to")}
    if "period" not in found.values():
        found = {name: role for name, role in found.items() if role != "year"}
    return found


def _role_of(name: str) -> str:
    text = normal(name)
    last = text.rsplit(" / ", 1)[-1]
    for part in (last, text):
        if part in EXACT_COLUMN_NAMES:
            return EXACT_COLUMN_NAMES[part]
        for known, role in COLUMN_NAMES:
            if known in part:
                return role
    return ""


def _status_of(name: str, cells: Sequence[Cell]) -> str:
    """The status of payments, where most cells are one by any name."""
    is_status = "status" in normal(name) and bool(cells)
    return (
        "payment_status" if is_status and _most(bool(code_of("payment_status", shown(cell))) for cell in cells) else ""
    )


def _fits(role: str, cells: Sequence[Cell]) -> bool:
    """Whether most cells of a column can be what its name says."""
    if not cells:
        return False
    if role == "period":
        return _most(period_of(cell) is not None or len(shown(cell)) <= 9 for cell in cells)
    if role in ("from", "to"):
        return _most(period_of(cell) is not None for cell in cells)
    if role in BREAKDOWNS or role == "channel":
        return not _most(isinstance(count_of(cell, "de"), int) for cell in cells)
    if role not in KEYS:
        return _most(any(isinstance(count_of(cell, style), int | None) for style in ("de", "en")) for cell in cells)
    return True


def _most(truths: Iterable[bool]) -> bool:
    found = list(truths)
    return sum(found) * 2 > len(found)


def _are_months(periods: Sequence[int]) -> bool:
    """Whether dates stand for months: all are the first of one."""
    return len(periods) > 1 and all(is_day(period) and period % 100 == 1 for period in periods)


def _values(samples: Mapping[str, Sequence[Cell]], roles: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """What the texts of code lists mean, as far as it is known."""
    found: dict[str, dict[str, str]] = {}
    for name, role in roles.items():
        if role in VALUED and role != "service":
            texts = dict.fromkeys(shown(cell) for cell in samples[name])
            found[role] = {text: code for text in texts if (code := code_of(role, text))}
    return found
