"""Which format a file has, told by its content and never by its name."""

from functools import partial
from typing import BinaryIO

from tracker.usage.findings import CSV, JSON, XLSX, refuse
from tracker.usage.grid import Grid
from tracker.usage.jsonfile import json_lines, json_objects, looks_like_json
from tracker.usage.textfile import encoding_of, separator_of, text_lines
from tracker.usage.workbook import look_through, looks_packed, refuse_ole, sheet_lines, sheet_names

LARGEST = 64  # MB of a file


def open_grid(file: BinaryIO, sheet: str = "") -> Grid:
    """The lines of a CSV, XLSX or JSON file, of its first sheet unless named; raises UsageError with what to do."""
    if file.seek(0, 2) > LARGEST * 1024 * 1024:
        raise refuse("large", limit=LARGEST)
    refuse_ole(file)
    if looks_packed(file):
        return _workbook(file, sheet)
    encoding = encoding_of(file)
    if looks_like_json(file, encoding):
        return Grid(JSON, partial(json_lines, json_objects(file, encoding)))
    return Grid(CSV, partial(text_lines, file, encoding, separator_of(file, encoding)))


def _workbook(file: BinaryIO, sheet: str) -> Grid:
    formulas = look_through(file)
    names = sheet_names(file)
    if sheet and sheet not in names:
        raise refuse("no_sheet", value=sheet, known=", ".join(names))
    return Grid(XLSX, partial(sheet_lines, file, sheet or names[0], formulas), names)
