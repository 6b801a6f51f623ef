"""CSV as offices save it: UTF-8, UTF-16 or Windows-1252, with semicolons, commas, tabs or bars. Lines are streamed."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import BinaryIO

from tracker.usage.findings import refuse
from tracker.usage.grid import MOST_COLUMNS, MOST_LINES, Line

SEPARATORS = ";\t,|"  # the likelier ones first
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as UTF-16 does
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHUNK = 1 << 16
_LOOK = 50  # lines that the separator is guessed from
_SEP = re.compile(r"sep=(.)\s*")


def encoding_of(file: BinaryIO) -> str:
    """The encoding of a text file; raises UsageError with the line that none of them can read."""
    file.seek(0)
    begin = file.read(4096)
    for mark, name in _BOMS:
        if begin.startswith(mark):
            return name if _undecodable(file, name) is None else _refused(file, name)
    if b"\0" in begin:
        name = _utf16_of(begin)
        return name if _undecodable(file, name) is None else _refused(file, name)
    if _undecodable(file, "utf-8") is None:
        return "utf-8"
    return "cp1252" if _undecodable(file, "cp1252") is None else _refused(file, "cp1252")


def _utf16_of(begin: bytes) -> str:
    """UTF-16 without a mark has a zero in most second bytes; raises UsageError for anything else with zeros."""
    even, odd = begin[0::2].count(0), begin[1::2].count(0)
    if max(even, odd) < len(begin) // 5 or min(even, odd) > max(even, odd) // 4:
        raise refuse("binary")
    return "utf-16-le" if odd > even else "utf-16-be"


def _refused(file: BinaryIO, encoding: str) -> str:
    line = _undecodable(file, encoding)
    raise refuse("encoding", line or 0)


def _undecodable(file: BinaryIO, encoding: str) -> int | None:
    """The line at which a file is not text of an encoding; None if it is all through."""
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    line = 1
    while True:
        chunk = file.read(_CHUNK)
        try:
            line += decoder.decode(chunk, final=not chunk).count("\n")
        except UnicodeDecodeError as error:
            return line + chunk[: error.start].count(b"\n")
        if not chunk:
            return None


def text_lines(file: BinaryIO, encoding: str, separator: str = "") -> Iterator[Line]:
    """The records of a CSV that are not blank, numbered by their first line; raises UsageError for a broken one."""
    separator = separator or separator_of(file, encoding)
    with _text(file, encoding) as text:
        first = text.readline()
        named = _SEP.fullmatch(first)
        if not named:
            text.seek(0)
        yield from _records(text, separator, 1 if named else 0)


def separator_of(file: BinaryIO, encoding: str) -> str:
    """What separates the cells: as the line "sep=;" says, else what splits most lines alike."""
    with _text(file, encoding) as text:
        begin = list(islice(text, _LOOK))
    if begin and (named := _SEP.fullmatch(begin[0])):
        return named[1]
    return max(SEPARATORS, key=lambda separator: _evenness(begin, separator))


def _evenness(begin: list[str], separator: str) -> int:
    """How many lines have the number of cells that most lines have, unless that is one."""
    try:
        widths = Counter(len(cells) for cells in csv.reader(begin, delimiter=separator) if cells)
    except csv.Error:
        return 0
    widths.pop(1, None)
    return max(widths.values(), default=0)


@contextmanager
def _text(file: BinaryIO, encoding: str) -> Iterator[io.TextIOWrapper]:
    """The file as text from its begin; the file stays open."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, newline="")
    try:
        yield text
    finally:
        text.detach()


def _records(text: io.TextIOWrapper, separator: str, skipped: int) -> Iterator[Line]:
    reader = csv.reader(text, delimiter=separator, strict=True)
    begin = skipped + 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise refuse("quotes", begin) from error
        if cells is None:
            return
        if begin > MOST_LINES:
            raise refuse("rows_many", limit=MOST_LINES)
        if any(cell.strip() for cell in cells):
            yield Line(begin, tuple(cells[:MOST_COLUMNS]))
        begin = skipped + reader.line_num + 1
