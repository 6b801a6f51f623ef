"""The files of one published table: CSV (RFC 4180), JSON, XLSX and Parquet. One row each in FORMATS."""

import io
import json
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from admin.opendata.published import Column, Published, Value
from admin.opendata.workbook import Sheet, workbook
from admin.spreadsheets import XLSX, csv_text, harmless

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
    heading = [column.name for column in published.columns]
    return csv_text([heading, *([_plain(value) for value in row] for row in published.rows)]).encode()


@lru_cache(10_000, typed=True)  # most are codes and statuses; 3 is not 3.0
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
    heading = [column.name for column in published.columns]
    data = Sheet([heading, *published.rows], bold_row=True)
    return workbook(published.table.title.de, data, Sheet(_about(published, facts), bold_column=True))


def _about(published: Published, facts: Facts) -> list[tuple[str, str]]:
    """What the table is, and what each column means, in both languages."""
    table = published.table
    texts = {"title": table.title.de, "title_en": table.title.en, "description": table.description.de}
    texts |= {"description_en": table.description.en, "period": published.period, **facts.texts}
    texts |= {"method": json.dumps(facts.method, ensure_ascii=False, sort_keys=True)}
    meanings = [(column.name, f"{column.title.de} · {column.title.en}") for column in published.columns]
    return [*texts.items(), ("", ""), *meanings]


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
