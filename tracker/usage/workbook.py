"""XLSX: a zip that anyone may have made. It is looked through before openpyxl reads it, row by row."""

import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, BinaryIO

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook

from tracker.usage.findings import refuse
from tracker.usage.grid import MOST_COLUMNS, MOST_LINES, Broken, Cell, Line

LARGEST_UNPACKED = 400  # MB
_MEGABYTE = 1024 * 1024
_LARGEST_SHARED = 100  # MB of the texts that openpyxl keeps in memory
_MOST_WIDE = 1000  # rows of more columns than we read; each costs time
_CHUNK = 1 << 18
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

# What zipfile, the XML parser and openpyxl raise on files that no spreadsheet program wrote.
_DAMAGE = (
    zipfile.BadZipFile, InvalidFileException, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError,
    SyntaxError, LookupError, ValueError, TypeError, AttributeError, AssertionError, ArithmeticError, UnicodeError,
)  # fmt: skip


def refuse_ole(file: BinaryIO) -> None:
    """Raise UsageError for the container of .xls files and of workbooks with a password."""
    file.seek(0)
    if file.read(len(_OLE)) != _OLE:
        return
    before = b""
    while chunk := file.read(_CHUNK):
        if _ENCRYPTED in before + chunk:
            raise refuse("password")
        before = chunk[-len(_ENCRYPTED) :]
    raise refuse("legacy")


def looks_packed(file: BinaryIO) -> bool:
    """Whether a file is a zip."""
    file.seek(0)
    return file.read(4) == b"PK\x03\x04"


def look_through(file: BinaryIO) -> bool:
    """Whether formulas occur; raises UsageError for a file that is no workbook, too large unpacked, or damaged.

    The declared sizes are checked first, then the actual ones while unpacking, so that nothing is unpacked for long.
    """
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as packed:
            members = packed.infolist()
            _check_declared(packed, members)
            texts = [member for member in members if member.filename.endswith((".xml", ".rels"))]
            return sum(_look_at(packed, member) for member in texts) > 0  # every one is looked at
    except _DAMAGE as error:
        raise refuse("damaged") from error


def _check_declared(packed: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> None:
    names = {member.filename for member in members}
    if "content.xml" in names and "mimetype" in names:
        raise refuse("opendocument")
    if "xl/workbook.xml" not in names:
        raise refuse("binary")
    if any(member.flag_bits & 1 for member in members):
        raise refuse("password")
    if sum(member.file_size for member in members) > LARGEST_UNPACKED * _MEGABYTE:
        raise refuse("bomb", limit=LARGEST_UNPACKED)
    shared = [member.file_size for member in members if "sharedstrings" in member.filename.lower()]
    if sum(shared) > _LARGEST_SHARED * _MEGABYTE or packed.start_dir > 2**31:
        raise refuse("bomb", limit=_LARGEST_SHARED)


def _look_at(packed: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    """Whether a member has formulas. It must not be larger than it declares, nor declare XML entities."""
    read, formulas, before = 0, False, b""
    with packed.open(member) as content:
        while chunk := content.read(_CHUNK):
            read += len(chunk)
            window = before + chunk.replace(b"\0", b"")  # UTF-16 hides nothing
            if read > member.file_size or b"<!DOCTYPE" in window or b"<!ENTITY" in window:
                raise refuse("doctype" if read <= member.file_size else "bomb", limit=LARGEST_UNPACKED)
            formulas = formulas or b"<f>" in window or b"<f " in window or b":f>" in window or b":f " in window
            before = window[-10:]
    if read != member.file_size:
        raise zipfile.BadZipFile("a member is not as long as declared")
    return formulas


def sheet_names(file: BinaryIO) -> tuple[str, ...]:
    """The sheets of a workbook that hold cells."""
    try:
        book = _opened(file, values=True)
        names = tuple(sheet.title for sheet in book.worksheets)
        book.close()
    except _DAMAGE as error:
        raise refuse("damaged") from error
    if not names:
        raise refuse("empty")
    return names


def sheet_lines(file: BinaryIO, sheet: str, formulas: bool) -> Iterator[Line]:
    """The rows of a sheet that are not blank. A formula stands for its stored result; without one it is Broken."""
    try:
        values = _rows(_opened(file, values=True), sheet)
        if not formulas:
            yield from _lines(values, None)
            return
        yield from _lines(values, _rows(_opened(file, values=False), sheet))
    except _DAMAGE as error:
        raise refuse("damaged") from error


def _opened(file: BinaryIO, values: bool) -> Workbook:
    file.seek(0)
    return load_workbook(file, read_only=True, data_only=values, keep_links=False)


def _rows(book: Workbook, sheet: str) -> Iterator[tuple[Any, ...]]:
    """The cells of each row up to its last one; rows that are left out in the file are empty."""
    found = book[sheet]
    found.reset_dimensions()  # what a file says about its own size may be wrong
    rows: Iterator[tuple[Any, ...]] = found.iter_rows(min_row=1)
    return rows


def _lines(values: Iterator[tuple[Any, ...]], formulas: Iterator[tuple[Any, ...]] | None) -> Iterator[Line]:
    wide = 0
    for number, row in enumerate(values, 1):
        if number > MOST_LINES:
            raise refuse("rows_many", limit=MOST_LINES)
        wide += len(row) > MOST_COLUMNS
        if wide > _MOST_WIDE:
            raise refuse("columns_many", limit=MOST_COLUMNS)
        cells = tuple(_cell(cell) for cell in row[:MOST_COLUMNS])
        if formulas is not None:
            cells = tuple(_or_formula(cell, other) for cell, other in zip(cells, next(formulas), strict=False))
        if any(cell is not None for cell in cells):
            yield Line(number, cells)


def _cell(cell: Any) -> Cell:
    value = cell.value
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if cell.data_type == "e":
        return Broken("cell_error", str(value))
    if isinstance(value, datetime | str):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    return value if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _or_formula(cell: Cell, other: Any) -> Cell:
    return Broken("formula", str(other.value)) if cell is None and other.data_type == "f" else cell
