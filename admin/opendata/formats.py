"""The files of one published table: CSV (RFC 4180), JSON, XLSX and Parquet. One row each in FORMATS."""

import io
import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from admin.opendata.published import Column, Published, Value
from admin.sheets import XLSX
from admin.tables import csv_line, harmless

_ARROW = {
    "string": pa.string(),
    "yearmonth": pa.string(),
    "date": pa.date32(),
    "integer": pa.int64(),
    "number": pa.float64(),
}


class Facts(NamedTuple):
    """What every file says about itself, in the order in which it is shown: name → text."""

    texts: Mapping[str, str]
    method: Mapping[str, Any]


class Format(NamedTuple):
    """One kind of file. `media_type` as registered with IANA, `authority` the code of the EU's file types."""

    ending: str
    media_type: str
    authority: str
    write: Callable[[Published, Facts], bytes]


def csv_file(published: Published, _facts: Facts) -> bytes:
    """Comma, CRLF, UTF-8, a header row; no cell is a formula to a spreadsheet."""
    lines = [csv_line([column.name for column in published.columns])]
    lines += [csv_line([_plain(value) for value in row]) for row in published.rows]
    return "".join(lines).encode()


def _plain(value: Value) -> str:
    if value is None:
        return ""
    return harmless(value) if isinstance(value, str) else str(value)


def json_file(published: Published, facts: Facts) -> bytes:
    """One object: what the table is, how it was protected, its columns and its rows."""
    names = [column.name for column in published.columns]
    table = published.table
    content = {
        "table": table.name,
        "period": published.period,
        "title": table.title._asdict(),
        **facts.texts,
        "method": facts.method,
        "columns": [{"name": column.name, "title": column.title._asdict()} for column in published.columns],
        "rows": [dict(zip(names, row, strict=True)) for row in published.rows],
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def xlsx_file(published: Published, facts: Facts) -> bytes:
    """A workbook with the data on its first sheet and what it says about itself on the second."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"title": published.table.title.de, "created": date(2000, 1, 1)})  # the same file each time
    page, about = book.add_worksheet("Daten"), book.add_worksheet("Angaben")
    bold = book.add_format({"bold": True})
    for place, column in enumerate(published.columns):
        page.write_string(0, place, column.name, bold)
    for line, row in enumerate(published.rows, 1):
        for place, value in enumerate(row):
            if isinstance(value, str):
                page.write_string(line, place, value)
            elif value is not None:
                page.write_number(line, place, value)
    page.freeze_panes(1, 0)
    page.set_column(0, len(published.columns) - 1, 16)
    _describe(about, bold, published, facts)
    book.close()
    return buffer.getvalue()


def _describe(about: Any, bold: Any, published: Published, facts: Facts) -> None:
    """What the table is, and what each column means, in both languages."""
    table = published.table
    texts = {"title": table.title.de, "title_en": table.title.en, "description": table.description.de}
    texts |= {"description_en": table.description.en, "period": published.period, **facts.texts}
    texts |= {"method": json.dumps(facts.method, ensure_ascii=False, sort_keys=True)}
    lines = [
        *texts.items(),
        ("", ""),
        *((column.name, f"{column.title.de} · {column.title.en}") for column in published.columns),
    ]
    for line, (name, text) in enumerate(lines):
        about.write_string(line, 0, name, bold)
        about.write_string(line, 1, text)
    about.set_column(0, 0, 24)
    about.set_column(1, 1, 90)


def parquet_file(published: Published, facts: Facts) -> bytes:
    """Typed columns; what the file says about itself is in its metadata, under "zaehlwerk"."""
    columns = published.columns
    arrays = [_array(column, [row[place] for row in published.rows]) for place, column in enumerate(columns)]
    about = {"table": published.table.name, "period": published.period, **facts.texts, "method": facts.method}
    schema = pa.schema(
        [pa.field(column.name, _ARROW[column.kind]) for column in columns],
        metadata={"zaehlwerk": json.dumps(about, ensure_ascii=False)},
    )
    buffer = io.BytesIO()
    pq.write_table(pa.table(arrays, schema=schema), buffer, compression="zstd")
    return buffer.getvalue()


def _array(column: Column, values: list[Value]) -> Any:
    if column.kind == "date":
        return pa.array([date.fromisoformat(str(value)) for value in values], pa.date32())
    return pa.array(values, _ARROW[column.kind])


FORMATS = (
    Format("csv", "text/csv", "CSV", csv_file),
    Format("json", "application/json", "JSON", json_file),
    Format("xlsx", XLSX, "XLSX", xlsx_file),
    Format("parquet", "application/vnd.apache.parquet", "PARQUET", parquet_file),
)
