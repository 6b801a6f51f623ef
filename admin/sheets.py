"""Tables with named columns that are shown on a page and given as files: CSV (RFC 4180) and XLSX."""

import io
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import xlsxwriter
from babel.numbers import format_currency

from admin import tables
from admin.i18n import current_language, t
from admin.spreadsheets import csv_line, harmless
from admin.stats import DURATION, NUMBER, PERCENT

TEXT, CODE, MONEY = "text", "code", "money"  # CODE: a text that stands in files only; MONEY: euro
SOFT_HYPHEN = "\N{SOFT HYPHEN}"
_FORMATS = {NUMBER: "#,##0", PERCENT: "0.0%", MONEY: "#,##0.00 €"}  # of spreadsheets; "," and "." are the reader's
_DIGITS = {DURATION: 1, MONEY: 2}  # after the point, in CSV

Value = str | float | None


class Column(NamedTuple):
    """One column. `name` stands in files and ends the key of the heading's text."""

    name: str
    kind: str = NUMBER


class Sheet(NamedTuple):
    """A table: rows have one value per column. Shares are fractions, times seconds, amounts euro.

    `texts` is the file of texts that its headings stand in.
    """

    name: str
    columns: tuple[Column, ...]
    rows: Sequence[tuple[Value, ...]]
    texts: str = "service_report"

    @property
    def shown(self) -> list[int]:
        """The places of the columns that a page shows."""
        return [place for place, column in enumerate(self.columns) if column.kind != CODE]


def text_of(kind: str, value: Value) -> str:
    """A value in words, a dash where there is none."""
    if value is None:
        return tables.NOTHING
    if isinstance(value, str):
        return value
    if kind == MONEY:
        return format_currency(value, "EUR", locale="de" if current_language() == "de" else "en_GB")
    return tables.text_of(kind, value)


def change_of(kind: str, value: float | None, before: float | None) -> str:
    """How much a value differs from an earlier one: "+12 %", for shares "+1,2 Punkte", "" where it cannot be told."""
    if value is None or before is None or (kind != PERCENT and not before):
        return ""
    return tables.change_of(kind, value - before if kind == PERCENT else (value - before) / before)


def headings(sheet: Sheet) -> list[str]:
    """The headings of the columns in the reader's language."""
    return [t(f"{sheet.texts}.column_{column.name}").replace(SOFT_HYPHEN, "") for column in sheet.columns]


def csv_lines(sheet: Sheet) -> Iterator[str]:
    """A sheet as CSV, with plain numbers and without anything that a spreadsheet takes for a formula."""
    yield csv_line([column.name for column in sheet.columns])
    for row in sheet.rows:
        yield csv_line([_plain(column, value) for column, value in zip(sheet.columns, row, strict=True)])


def _plain(column: Column, value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, int):
        return str(value)
    return f"{value:.{_DIGITS.get(column.kind, 4)}f}"


def xlsx(sheet: Sheet, title: str) -> bytes:
    """A sheet as a workbook. Texts are written as texts, so that none is a formula or a link."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    page = book.add_worksheet()
    book.set_properties({"title": title})
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    formats = {kind: book.add_format({"num_format": form}) for kind, form in _FORMATS.items()}
    for place, heading in enumerate(headings(sheet)):
        page.write_string(0, place, heading, head)
        page.set_column(place, place, 34 if sheet.columns[place].kind == TEXT else 14)
    for line, row in enumerate(sheet.rows, 1):
        for place, (column, value) in enumerate(zip(sheet.columns, row, strict=True)):
            if value in (None, ""):
                continue
            if isinstance(value, str):
                page.write_string(line, place, value)
            else:
                page.write_number(line, place, value, formats.get(column.kind))
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, max(1, len(sheet.rows)), len(sheet.columns) - 1)
    book.close()
    return buffer.getvalue()
