"""The form by which the columns of a file are mapped: from it to a layout, and from a layout to it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from admin.i18n import t
from admin.usage_text import Options, value_options
from tracker.services.service import Service
from tracker.usage.figures import Reading
from tracker.usage.findings import JSON, UsageError
from tracker.usage.grid import Grid, Line, is_blank, shown
from tracker.usage.guessing import guess_columns, guess_layout
from tracker.usage.header import Header, find_header, guess_header, head_of, names_of
from tracker.usage.layout import MOST_HEADER_ROWS, VALUED, Layout
from tracker.usage.names import Names
from tracker.usage.synonyms import code_of

EXAMPLES = 3  # cells of a column that are shown
RAW_LINES, RAW_CELLS = 12, 12
MOST_SHOWN = 200  # values of a column

Form = Mapping[str, str]


class Column(NamedTuple):
    """A column of the file, with what it is mapped to."""

    name: str
    examples: str
    role: str


class Value(NamedTuple):
    """A text of the file, and what it means; `field` begins the names of its inputs."""

    field: str
    text: str
    code: str


class Values(NamedTuple):
    """The texts in the column of a role; `left`: how many are not shown."""

    role: str
    options: Options
    values: list[Value]
    left: int


class Draft(NamedTuple):
    """A layout being made for a file: where its header is, and the lines at its begin."""

    layout: Layout
    header: Header
    lines: list[Line]

    @property
    def header_line(self) -> int:
        """The number of the line at which the header begins."""
        return self.lines[self.header.begin].number

    def columns(self) -> list[Column]:
        """The columns of the file with examples from below the header."""
        body = self.lines[self.header.begin + self.header.rows :]
        return [
            Column(name, _examples(body, place), self.layout.columns.get(name, ""))
            for place, name in enumerate(self.header.names)
        ]

    def raw(self) -> list[tuple[int, list[str]]]:
        """The first lines of the file as they are."""
        return [(line.number, [shown(cell)[:40] for cell in line.cells[:RAW_CELLS]]) for line in self.lines[:RAW_LINES]]


def _examples(lines: Sequence[Line], place: int) -> str:
    cells = (line.cells[place] for line in lines if place < len(line.cells) and not is_blank(line.cells[place]))
    texts = dict.fromkeys(shown(cell)[:40] for cell in cells)
    return " · ".join(list(texts)[:EXAMPLES])


def first_draft(grid: Grid, sheet: str, known: Layout | None) -> Draft:
    """The layout to begin with: that of a connector where its columns are in the file, else a guess.

    Raises UsageError when the file has nothing that looks like columns.
    """
    lines = head_of(grid)
    if known is not None:
        try:
            return Draft(known, find_header(lines, known.columns, known.header_rows), lines)
        except UsageError:
            guess = guess_layout(grid, sheet)
            return Draft(replace(guess, values={**guess.values, **known.values}), _header(grid, lines), lines)
    return Draft(guess_layout(grid, sheet), _header(grid, lines), lines)


def _header(grid: Grid, lines: list[Line]) -> Header:
    return Header(0, 1, names_of(lines[:1])) if grid.kind == JSON else guess_header(lines)


def draft_of(grid: Grid, form: Form, known: Layout | None) -> Draft:
    """The layout in a form; raises UsageError when the file has nothing that looks like columns.

    Another header or sheet than before asks for another guess, as its columns are other ones.
    """
    lines = head_of(grid)
    header = _chosen_header(grid, lines, form)
    if form.get("seen") != seen(form.get("sheet", ""), header):
        layout = guess_columns(grid, header, form.get("sheet", ""))
        return Draft(layout, header, lines)
    return Draft(_layout(form, header, known), header, lines)


def seen(sheet: str, header: Header) -> str:
    """What tells whether a form is about the columns that it shows."""
    return f"{sheet}|{header.begin}|{header.rows}"


def _chosen_header(grid: Grid, lines: list[Line], form: Form) -> Header:
    line, rows = form.get("header_line", ""), form.get("header_rows", "")
    begin = next((place for place, one in enumerate(lines) if str(one.number) == line), None)
    count = int(rows) if rows in [str(number + 1) for number in range(MOST_HEADER_ROWS)] else 1
    if begin is None or begin + count > len(lines):
        return _header(grid, lines)
    return Header(begin, count, names_of(lines[begin : begin + count]))


def _layout(form: Form, header: Header, known: Layout | None) -> Layout:
    columns = {name: form.get(f"column-{place}", "") for place, name in enumerate(header.names)}
    values = {role: dict(texts) for role, texts in known.values.items()} if known else {}
    for name, text in form.items():
        role, _, rest = name.removeprefix("text-").partition("-")
        if not name.startswith("text-") or role not in VALUED:
            continue
        code = form.get(f"value-{role}-{rest}", "")
        values.setdefault(role, {}).pop(text, None)
        if code:
            values[role][text] = code
    return Layout(
        columns={name: role for name, role in columns.items() if role},
        values={role: texts for role, texts in values.items() if texts},
        fixed={role: code for role in ("service", "channel") if (code := form.get(f"fixed-{role}", ""))},
        header_rows=header.rows,
        sheet=form.get("sheet", ""),
        numbers=form.get("numbers", "de"),
        grain=form.get("grain", "given"),
        each_line=form.get("each_line", ""),
        fill_down=form.get("fill_down") == "on",
    )


def values_of(reading: Reading, layout: Layout, services: Sequence[Service]) -> list[Values]:
    """The texts of the file that mean a service or a code, those that nobody knows first."""
    names = Names(services)
    found = []
    for role in VALUED:
        texts = list(reading.values.get(role, ()))
        rows = [(text, _meaning(role, text, layout, names)) for text in texts]
        rows.sort(key=lambda row: (bool(row[1]), row[0].casefold()))
        if rows:
            shown_rows = [Value(f"{role}-{place}", text, code) for place, (text, code) in enumerate(rows[:MOST_SHOWN])]
            found.append(Values(role, value_options(role, services), shown_rows, max(0, len(rows) - MOST_SHOWN)))
    return found


def _meaning(role: str, text: str, layout: Layout, names: Names) -> str:
    given = layout.values.get(role, {}).get(text, "")
    if given:
        return given
    if role != "service":
        return code_of(role, text)
    slug = names.find(text)
    return slug if isinstance(slug, str) else ""


def option_choices() -> dict[str, Options]:
    """The options of a layout in words."""
    return {
        "numbers": [("de", "1.234,5"), ("en", "1,234.5")],
        "grain": [(name, t(f"usage.grain_{name}")) for name in ("given", "month")],
        "header_rows": [(str(number + 1), str(number + 1)) for number in range(MOST_HEADER_ROWS)],
    }
