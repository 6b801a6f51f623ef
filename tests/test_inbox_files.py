"""The inbox as CSV and XLSX: exactly what is shown, and nothing that a spreadsheet runs."""

import csv
import io

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from voices import HOSTILE, database, say, say_in_giessen

from admin import inbox, inbox_files
from tracker.config import Config
from tracker.feedback.quoting import clean
from tracker.store.feedback import Feedbacks
from tracker.store.inbox import Filter, Handling, Inbox

LIST = "/admin/feedback"


def csv_rows(client: FlaskClient, query: str = "") -> list[dict[str, str]]:
    response = client.get(f"{LIST}/inbox.csv{query}")
    assert response.status_code == 200
    assert response.content_type == "text/csv; charset=utf-8; header=present"
    assert response.headers["Content-Disposition"] == 'attachment; filename="feedback-065340014014.csv"'
    return list(csv.DictReader(io.StringIO(response.text, newline="")))


def xlsx_rows(client: FlaskClient, query: str = "") -> list[list[object]]:
    response = client.get(f"{LIST}/inbox.xlsx{query}")
    assert response.status_code == 200
    sheet = load_workbook(io.BytesIO(response.data)).active
    assert all(cell.data_type != "f" and cell.hyperlink is None for line in sheet.iter_rows() for cell in line)
    return [list(line) for line in sheet.iter_rows(values_only=True)]


def test_the_files_hold_what_the_list_shows(colleague: FlaskClient, config: Config) -> None:
    low = say(config, "Zu lang", rating=1, details={"easy": 2, "quick": 5}, page="/hund", device="mobile")
    say(config, "Gut", rating=5)
    say_in_giessen(config)
    with database(config) as connection:
        box = Inbox(connection, 1)
        piece = box.get(low)
        assert piece is not None
        box.save(low, Handling("open", ("b", "a"), 2, "Notiz", "Antwort"), 20261102, piece.handling.version)
    rows = csv_rows(colleague, "?rating=low")
    assert [int(found["number"]) for found in rows] == [low]
    expected = {
        **{"day": "2026-11-01", "site": "www.marburg.de", "rating": "1", "text": "Zu lang", "status": "answered"},
        **{"tags": "a, b", "assigned": "colleague@marburg.de", "note": "Notiz", "answer": "Antwort"},
        **{"answered": "2026-11-02", "page": "/hund", "detail_easy": "2", "detail_clear": "", "detail_quick": "5"},
    }
    assert {name: rows[0][name] for name in expected} == expected
    head, *lines = xlsx_rows(colleague, "?rating=low")
    assert head[:2] == ["Nummer", "Tag"] and [line[0] for line in lines] == [low]


def test_spam_stays_out_unless_it_is_shown(colleague: FlaskClient, config: Config) -> None:
    number = say(config)
    with database(config) as connection:
        connection.execute("update feedback set status = 'spam'")
    assert csv_rows(colleague) == []
    assert [int(found["number"]) for found in csv_rows(colleague, "?status=all")] == [number]


def test_nothing_in_the_files_is_run(colleague: FlaskClient, config: Config) -> None:
    for text in HOSTILE:
        number = say(config, text, page=text, service=text)
        with database(config) as connection:
            piece = Inbox(connection, 1).get(number)
            assert piece is not None
            handling = Handling("open", (text[:40],), None, text, text)
            Inbox(connection, 1).save(number, handling, 20261102, piece.handling.version)
    rows = csv_rows(colleague, "?sort=oldest")
    assert len(rows) == len(HOSTILE)
    for found, text in zip(rows, HOSTILE, strict=True):
        assert found["text"].removeprefix("'") == clean(text)
        for cell in found.values():
            assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff20")), cell
        for name in ("text", "note", "answer"):
            assert not {"\u202e", "\u2066"} & set(found[name])
    assert len(xlsx_rows(colleague)) == len(HOSTILE) + 1


def test_a_long_csv_file_is_written_in_parts(
    colleague: FlaskClient, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_files, "_BATCH", 3)
    numbers = [say(config) for _ in range(10)]
    assert [int(found["number"]) for found in csv_rows(colleague, "?sort=oldest")] == numbers


def test_what_is_erased_while_a_file_is_written_is_left_out(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.store.inbox._BATCH", 2)
    numbers = [say(config) for _ in range(6)]
    with database(config) as connection:
        pieces = Inbox(connection, 1).each(Filter(), "oldest")
        begun = [next(pieces).number]
        Feedbacks(connection).erase(numbers[3])
        assert begun + [piece.number for piece in pieces] == [*numbers[:3], *numbers[4:]]


def test_a_workbook_that_would_be_too_long_is_refused(
    colleague: FlaskClient, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (inbox, inbox_files):
        monkeypatch.setattr(module, "XLSX_LIMIT", 1)
    say(config)
    assert colleague.get(f"{LIST}/inbox.xlsx").status_code == 200
    say(config)
    response = colleague.get(f"{LIST}/inbox.xlsx")
    assert response.status_code == 400 and "CSV-Datei" in response.text
    assert "inbox.xlsx" not in colleague.get(LIST).text
