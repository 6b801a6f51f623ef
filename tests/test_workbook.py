"""Workbooks of open data are byte by byte what XlsxWriter makes of the same cells."""

import io
from datetime import datetime

import openpyxl
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from admin.opendata.workbook import Sheet, workbook

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
VALUES = TEXTS | st.integers(0, 10**9) | st.floats(1, 5).map(lambda mean: round(mean, 2)) | st.none()
HOSTILE = ["=1+1", "<b>&\"'", " a ", "_x0041_", "a\x01b", "zwei\nZeilen", "ä€😀", ""]


def by_the_library(title, data, about):
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"title": title, "created": datetime(2000, 1, 1)})
    page, second = book.add_worksheet("Daten"), book.add_worksheet("Angaben")
    bold = book.add_format({"bold": True})
    for line, row in enumerate(data):
        for place, value in enumerate(row):
            if isinstance(value, str):
                page.write_string(line, place, value, bold if line == 0 else None)
            elif value is not None:
                page.write_number(line, place, value)
    for line, (name, text) in enumerate(about):
        second.write_string(line, 0, name, bold)
        second.write_string(line, 1, text)
    page.freeze_panes(1, 0)
    page.set_column(0, len(data[0]) - 1, 16)
    second.set_column(0, 0, 24)
    second.set_column(1, 1, 90)
    book.close()
    return buffer.getvalue()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(TEXTS, VALUES, VALUES, TEXTS), max_size=20), st.lists(st.tuples(TEXTS, TEXTS), min_size=1))
def test_the_bytes_are_those_of_the_library(rows, about):
    data = [("day", "views", "status", "method"), *rows]
    made = workbook("Nutzung & mehr", Sheet(data, bold_row=True), Sheet(about, bold_column=True))
    assert made == by_the_library("Nutzung & mehr", data, about)


def test_hostile_texts_come_back_as_they_are():
    data = [("text", "number"), *((text, 3) for text in HOSTILE)]
    made = workbook("Titel", Sheet(data, bold_row=True), Sheet([("a", "b")], bold_column=True))
    book = openpyxl.load_workbook(io.BytesIO(made))
    read = [row[0] for row in list(book["Daten"].values)[1:]]
    assert [text or "" for text in read] == [text.replace("\x01", "_x0001_") for text in HOSTILE]


def test_the_same_cells_are_the_same_file_at_any_time():
    parts = Sheet([("a", "b"), (1, None)], bold_row=True), Sheet([("a", "b")], bold_column=True)
    assert workbook("Titel", *parts) == workbook("Titel", *parts)
