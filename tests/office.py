"""Tables of totals in every shape that offices save them in, made from one plain list of rows."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import BinaryIO

from openpyxl import Workbook

from tracker.services.service import Service
from tracker.usage.figures import Expected, Reading
from tracker.usage.guessing import guess_layout
from tracker.usage.layout import Layout
from tracker.usage.names import Names
from tracker.usage.opening import open_grid
from tracker.usage.reading import read

Table = Sequence[Sequence[object]]

SERVICES = [
    Service("hundesteuer", "Hundesteuer anmelden", leika="99102013060000"),
    Service("anwohnerparken", "Anwohnerparken", leika="99012001001000"),
    Service("wohngeld", "Wohngeld", leika="99107023017000"),
    Service("wohngeld-plus", "Wohngeld Plus", leika="99107023017000"),
]
NAMES = Names(SERVICES)
TODAY = date(2026, 5, 18)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252")
SEPARATORS = (";", ",", "\t")


def as_csv(rows: Table, encoding: str = "utf-8", separator: str = ";", ends: str = "\r\n") -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=separator, lineterminator=ends).writerows(
        [[shown(cell) for cell in row] for row in rows]
    )
    return buffer.getvalue().encode(encoding)


def shown(cell: object) -> str:
    return "" if cell is None else str(cell)


def as_xlsx(rows: Table, title: str = "Tabelle1") -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    return saved(book)


def saved(book: Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def as_json(rows: Table, encoding: str = "utf-8") -> bytes:
    names = [str(name) for name in rows[0]]
    items = [dict(zip(names, row, strict=False)) for row in rows[1:]]
    return json.dumps(items, default=str, ensure_ascii=False).encode(encoding)


def file_of(content: bytes) -> BinaryIO:
    return io.BytesIO(content)


def guessed(content: bytes) -> Layout:
    return guess_layout(open_grid(file_of(content)))


def reading_of(content: bytes, layout: Layout | None = None, span: int | None = None, today: date = TODAY) -> Reading:
    """What a file holds, by its guessed layout unless one is given."""
    layout = layout or guessed(content)
    return read(open_grid(file_of(content), layout.sheet), layout, Expected(NAMES, today, span))


def said(reading: Reading) -> list[str]:
    """The findings as people read them."""
    return [str(finding) for finding in reading.findings.listed]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
