"""Workbooks with two sheets of plain cells (Office Open XML, ECMA-376), several times faster than by the library alone.

XlsxWriter makes a workbook almost without cells; here they are put in, byte by byte as it would have written them.
"""

import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

Value = str | int | float | None
Rows = Sequence[Sequence[Value]]
_MADE = datetime(2000, 1, 1)  # whenever it is made, it is the same file
_TITLE = "title of the workbook"  # what the library writes, to be replaced:
_SIZE = '<dimension ref="A1"/>'
_CELLS = '<sheetData><row r="1" spans="1:1"><c r="A1" s="1" t="s"><v>0</v></c></row></sheetData>'
_TEXTS = ' count="2" uniqueCount="1"><si><t>x</t></si>'
_TEXT = ' t="s">'  # a cell with a text
_ESCAPED = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9a-fA-F]{4}_)")


class Sheet(NamedTuple):
    """A sheet by its rows, all of the same length. Its first row is bold, or its first column."""

    rows: Rows
    bold_row: bool = False
    bold_column: bool = False


def workbook(title: str, data: Sheet, about: Sheet) -> bytes:
    """A workbook with `data`, whose first row stays in sight, and with `about` on a second sheet; none is empty."""
    texts: dict[str, int] = {}
    first, second = _cells(data, texts), _cells(about, texts)
    changes = {
        "docProps/core.xml": {_TITLE: escape(title)},
        "xl/worksheets/sheet1.xml": {_SIZE: _size(data), _CELLS: first},
        "xl/worksheets/sheet2.xml": {_SIZE: _size(about), _CELLS: second},
        "xl/sharedStrings.xml": {_TEXTS: _shared(texts, first.count(_TEXT) + second.count(_TEXT))},
    }
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for info, content in _frame(len(data.rows[0])):
            archive.writestr(info, _changed(content, changes.get(info.filename, {})), ZIP_DEFLATED)
    return buffer.getvalue()


@cache
def _frame(columns: int) -> tuple[tuple[ZipInfo, str], ...]:
    """The files of a workbook whose first sheet has so many columns, and each sheet one bold cell."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"title": _TITLE, "created": _MADE})
    data, about = book.add_worksheet("Daten"), book.add_worksheet("Angaben")
    bold = book.add_format({"bold": True})
    data.write_string(0, 0, "x", bold)
    about.write_string(0, 0, "x", bold)
    data.freeze_panes(1, 0)
    data.set_column(0, columns - 1, 16)
    about.set_column(0, 0, 24)
    about.set_column(1, 1, 90)
    book.close()
    with ZipFile(buffer) as archive:
        return tuple((info, archive.read(info).decode()) for info in archive.infolist())


def _changed(content: str, changes: dict[str, str]) -> str:
    """A file with something in it replaced; ValueError if the library does not write that as it used to."""
    for old, new in changes.items():
        before, after = content.split(old)
        content = f"{before}{new}{after}"
    return content


def _size(sheet: Sheet) -> str:
    return f'<dimension ref="A1:{xl_col_to_name(len(sheet.rows[0]) - 1)}{len(sheet.rows)}"/>'


def _cells(sheet: Sheet, texts: dict[str, int]) -> str:
    """The rows of a sheet. A text stands there as its number in `texts`, which grows."""
    letters = [xl_col_to_name(column) for column in range(len(sheet.rows[0]))]
    found = ["<sheetData>"]
    for line, row in enumerate(sheet.rows, 1):
        found.append(f'<row r="{line}" spans="1:{len(letters)}">')
        for letter, value in zip(letters, row, strict=True):
            style = ' s="1"' if (sheet.bold_row and line == 1) or (sheet.bold_column and letter == "A") else ""
            if isinstance(value, str):
                number = texts.setdefault(value, len(texts))
                found.append(f'<c r="{letter}{line}"{style}{_TEXT}<v>{number}</v></c>')
            elif value is not None:
                found.append(f'<c r="{letter}{line}"{style}><v>{value:.16G}</v></c>')
        found.append("</row>")
    found.append("</sheetData>")
    return "".join(found)


def _shared(texts: Iterable[str], number: int) -> str:
    """The texts, which stand `number` times in the sheets."""
    escaped = [_ESCAPED.sub(_escaped, text) for text in texts]
    found = [f"<si><t{_space(text)}>{escape(text)}</t></si>" for text in escaped]
    return f' count="{number}" uniqueCount="{len(found)}">{"".join(found)}'


def _space(text: str) -> str:
    return ' xml:space="preserve"' if text != text.strip() else ""


def _escaped(found: re.Match[str]) -> str:
    """A character that XML does not allow, or an underscore that would look like such a one."""
    return f"_x{ord(found[0]):04X}_"
