"""Awkward office files: each ends in the right numbers, or in an error that names line and column."""

import io
import tracemalloc
import warnings
import zipfile
from contextlib import suppress
from datetime import date

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from tests.office import (
    ENCODINGS,
    NAMES,
    SEPARATORS,
    TODAY,
    as_csv,
    as_json,
    as_xlsx,
    file_of,
    guessed,
    reading_of,
    said,
    saved,
)
from tracker.usage.figures import Expected
from tracker.usage.findings import UsageError
from tracker.usage.layout import Layout
from tracker.usage.opening import open_grid
from tracker.usage.reading import read

PLAIN = Layout({"Monat": "period", "Dienst": "service", "Anträge": "submitted"})
ROWS = [("Monat", "Dienst", "Anträge"), ("März 2026", "Hundesteuer anmelden", 5), ("2026-04", "wohngeld", 6)]


def total(content: bytes, layout: Layout = PLAIN) -> int:
    reading = reading_of(content, layout)
    assert reading.findings.listed == []
    return sum(reading.figures.values())


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_it_reads_every_encoding_and_separator(encoding: str, separator: str, ends: str) -> None:
    assert total(as_csv(ROWS, encoding, separator, ends)) == 11


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_it_reads_json_in_every_encoding(encoding: str) -> None:
    assert total(as_json(ROWS, encoding)) == 11


def test_a_line_that_names_the_separator_is_believed() -> None:
    assert total(b"sep=,\r\n" + as_csv(ROWS, "cp1252", ",")) == 11
    layout = guessed(b"sep=;\nMonat;Dienst;Anzahl\n2026-01;wohngeld;1\n")
    assert list(layout.columns) == ["Monat", "Dienst", "Anzahl"]


def test_a_comma_within_numbers_separates_nothing() -> None:
    rows = [("Monat", "Dienst", "Anträge", "Quote"), *(("2026-01", "wohngeld", 1, "12,5") for _ in range(9))]
    assert total(as_csv(rows)) == 9


def test_bytes_that_are_no_text_name_their_line() -> None:
    with pytest.raises(UsageError, match="Line 3: The text is neither"):
        open_grid(file_of(b"Monat;Dienst\n2026-01;a\n2026-01;\x81\xe4\n"))


def test_an_open_quotation_mark_names_its_line() -> None:
    content = b'Monat;Dienst;Antr\xe4ge\n2026-01;wohngeld;1\n2026-01;"wohngeld;1\n2026-01;wohngeld;1\n'
    with pytest.raises(UsageError, match="Line 3: A quotation mark is not closed"):
        reading_of(content, PLAIN)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "no figures"),
        (b"\n\n", "no figures"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, r"Excel 97 to 2003 \(.xls\)"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"%PDF-1.7\n\0\0\0\x01", "no CSV, XLSX or JSON"),
        (b"PK\x03\x04 nothing", "damaged"),
        (b"[1, 2]", "list of objects"),
        (b"{", "no readable JSON"),
        (b"[" * 100_000, "no readable JSON"),
        (b'[{"a": [1]}]', "Object 1 .a.: A value must be"),
        (b'{"a": 1}', "list of objects"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(content: bytes, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        guessed(content)


def test_json_may_be_wrapped_in_an_object() -> None:
    assert total(b'{"stand": "2026-05", "zeilen": ' + as_json(ROWS) + b"}") == 11


def packed(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return buffer.getvalue()


def with_member(content: bytes, name: str, member: bytes) -> bytes:
    """A workbook with one of its files replaced."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            new.writestr(info.filename, member if info.filename == name else old.read(info))
    return buffer.getvalue()


def test_other_zips_are_no_workbooks() -> None:
    with pytest.raises(UsageError, match="no CSV, XLSX or JSON"):
        guessed(packed(a_dot_txt=b"x"))
    with pytest.raises(UsageError, match="OpenDocument"):
        guessed(packed(mimetype=b"application/vnd.oasis.opendocument.spreadsheet", content_dot_xml=b"<x/>"))


def with_declared_size(content: bytes, actual: int, declared: int) -> bytes:
    """A zip that says of its file of one size that it has another one."""
    size = actual.to_bytes(4, "little")
    assert content.count(size) >= 1
    return content.replace(size, declared.to_bytes(4, "little"))


def test_a_zip_bomb_is_refused_by_its_declared_size() -> None:
    sheet = b"<a>" + b" " * 1_234_567
    bomb = with_member(as_xlsx(ROWS), "xl/worksheets/sheet1.xml", sheet)
    with pytest.raises(UsageError, match="would be larger than 400 MB"):
        guessed(with_declared_size(bomb, len(sheet), 500 * 1024 * 1024))


def test_a_zip_bomb_that_lies_about_its_size_is_refused() -> None:
    sheet = b"<a>" + b" " * (8 * 1024 * 1024)
    bomb = with_member(as_xlsx(ROWS), "xl/worksheets/sheet1.xml", sheet)
    tracemalloc.start()
    with pytest.raises(UsageError, match="damaged"):
        guessed(with_declared_size(bomb, len(sheet), 1000))
    assert tracemalloc.get_traced_memory()[1] < 4_000_000
    tracemalloc.stop()


def test_a_workbook_with_xml_entities_is_refused() -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha">]><a>&b;</a>'
    with pytest.raises(UsageError, match="declaration"):
        guessed(with_member(as_xlsx(ROWS), "xl/worksheets/sheet1.xml", laughs))
    with pytest.raises(UsageError, match="declaration"):
        guessed(with_member(as_xlsx(ROWS), "xl/worksheets/sheet1.xml", laughs.decode().encode("utf-16")))


def test_a_workbook_with_broken_parts_is_refused() -> None:
    with pytest.raises(UsageError, match="damaged"):
        guessed(with_member(as_xlsx(ROWS), "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row r='x'>"))
    with pytest.raises(UsageError, match="damaged"):
        guessed(as_xlsx(ROWS)[:-200])


def test_a_sheet_of_wide_empty_rows_ends_soon() -> None:
    row = b'<row><c r="XFD%d"/></row>'
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    sheet += b"".join(row % number for number in range(1, 5000)) + b"</sheetData></worksheet>"
    with pytest.raises(UsageError, match="more than 200 columns"):
        guessed(with_member(as_xlsx(ROWS), "xl/worksheets/sheet1.xml", sheet))


def test_a_workbook_is_read_sheet_by_sheet() -> None:
    book = load_workbook(io.BytesIO(as_xlsx(ROWS, "Januar")))
    other = book.create_sheet("Februar")
    for row in (*ROWS, ("2026-02", "wohngeld", 100)):
        other.append(row)
    content = saved(book)
    assert open_grid(file_of(content)).sheets == ("Januar", "Februar")
    assert total(content) == 11
    assert total(content, Layout(PLAIN.columns, sheet="Februar")) == 111
    with pytest.raises(UsageError, match=r"no sheet “März”\. The workbook has: Januar, Februar"):
        open_grid(file_of(content), "März")


def test_merged_cells_dates_and_gaps_of_a_workbook_are_read() -> None:
    book = Workbook()
    sheet = book.active
    sheet["A1"] = "Auswertung"
    sheet.merge_cells("A1:D1")
    for place, text in (("A3", "Monat"), ("B3", "Dienst"), ("C3", "Anträge"), ("D3", "Summe der Gebühren")):
        sheet[place] = text
    sheet["A5"], sheet["B5"], sheet["C5"] = date(2026, 3, 1), "wohngeld", "1.234"
    sheet["A9"], sheet["B9"], sheet["C9"] = date(2026, 4, 1), "hundesteuer", 6.0
    reading = reading_of(saved(book))
    assert (sum(reading.figures.values()), reading.periods) == (1240, {202603, 202604})


def with_formula(result: str) -> bytes:
    """A workbook whose C3 is a formula, with or without its result in the file."""
    rows = [*ROWS[:2], ("2026-04", "wohngeld", "=2*3"), ("2026-04", "hundesteuer", 1)]
    content = as_xlsx(rows)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    assert b"<f>2*3</f><v" in sheet
    sheet = sheet.replace(b"<f>2*3</f><v />", b"<f>2*3</f>" + result.encode())
    sheet = sheet.replace(b"<f>2*3</f><v></v>", b"<f>2*3</f>" + result.encode())
    return with_member(content, "xl/worksheets/sheet1.xml", sheet)


def test_a_formula_stands_for_its_stored_result() -> None:
    assert total(with_formula("<v>6</v>")) == 12


def test_a_formula_without_result_names_its_cell() -> None:
    assert said(reading_of(with_formula(""), PLAIN)) == [
        "Cell C3 (Anträge): The formula has no result in the file. Open it in a spreadsheet program and save it again."
    ]


def test_an_error_in_a_cell_names_it() -> None:
    rows = [*ROWS, ("2026-04", "wohngeld", "#DIV/0!")]
    assert said(reading_of(as_xlsx(rows), PLAIN)) == [
        "Cell C4 (Anträge): The cell holds the error #DIV/0! instead of a number."
    ]


class Watched(io.BytesIO):
    """A file that remembers how much was ever read at once."""

    most = 0

    def read(self, size: int | None = -1, /) -> bytes:
        return self._seen(super().read(size))

    def read1(self, size: int | None = -1, /) -> bytes:
        return self._seen(super().read1(size))

    def _seen(self, content: bytes) -> bytes:
        self.most = max(self.most, len(content))
        return content


@pytest.mark.slow
def test_two_hundred_thousand_lines_stream() -> None:
    line = "2026-01-{:02d};hundesteuer;{};web;BundID;PayPal;Kommentar der Sachbearbeitung\r\n"
    head = "Tag;Dienst;Anträge;Kanal;Anmeldung;Zahlart;Bemerkung\r\n"
    content = (head + "".join(line.format(1 + n % 28, n % 7) for n in range(200_000))).encode("cp1252")
    layout = guessed(content)
    assert set(layout.columns.values()) == {"period", "service", "submitted", "channel", "auth", "payment"}
    file = Watched(content)
    reading = read(open_grid(file), layout, Expected(NAMES, TODAY))
    assert file.most <= 1 << 16
    assert reading.lines == 200_000
    assert reading.sums()["submitted", ""] == sum(n % 7 for n in range(200_000))


def test_too_large_a_file_is_refused() -> None:
    with pytest.raises(UsageError, match="larger than 64 MB"):
        guessed(b"a" * (64 * 1024 * 1024 + 1))


def shared_strings() -> bytes:
    """A workbook whose texts stand apart from their cells, as Excel writes them."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet = book.add_worksheet()
    for place, row in enumerate(ROWS):
        sheet.write_row(place, 0, row)
    book.close()
    return buffer.getvalue()


def test_shared_texts_of_a_workbook_are_read() -> None:
    assert total(shared_strings()) == 11


HOSTILE = [shared_strings(), as_csv(ROWS, "cp1252"), as_csv(ROWS, "utf-16"), as_json(ROWS)]


@settings(max_examples=150, deadline=None)
@given(
    content=st.sampled_from(HOSTILE),
    changes=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=6),
    end=st.floats(0.3, 1),
)
def test_a_damaged_file_is_read_or_refused(content: bytes, changes: list[tuple[float, int]], end: float) -> None:
    damaged = bytearray(content[: int(len(content) * end)])
    for place, value in changes:
        damaged[int(place * len(damaged))] = value
    with warnings.catch_warnings(), suppress(UsageError):
        warnings.simplefilter("ignore")  # openpyxl warns of what it does not know
        reading_of(bytes(damaged), PLAIN)


@settings(max_examples=80, deadline=None)
@given(
    member=st.sampled_from(["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"]),
    changes=st.lists(st.tuples(st.floats(0, 0.999), st.sampled_from(b'<>/"=0129ax r')), min_size=1, max_size=5),
)
def test_a_workbook_of_odd_xml_is_read_or_refused(member: str, changes: list[tuple[float, int]]) -> None:
    with zipfile.ZipFile(io.BytesIO(HOSTILE[0])) as archive:
        part = bytearray(archive.read(member))
    for place, value in changes:
        part[int(place * len(part))] = value
    with warnings.catch_warnings(), suppress(UsageError):
        warnings.simplefilter("ignore")
        reading_of(with_member(HOSTILE[0], member, bytes(part)), PLAIN)
