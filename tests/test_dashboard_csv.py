"""A card as CSV: what the card shows, all of it."""

import csv
import io

import pytest
from counted import MARBURG, Tables, bot, count_records, event, view
from flask import Flask
from flask.testing import FlaskClient

from admin.stats import CARDS
from admin.tables import PER_PAGE

CARD = f"/admin/sites/{MARBURG}/cards"


def _rows(answer: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer, newline="")))


def test_it_gives_all_rows_unshortened(app: Flask, owner: FlaskClient) -> None:
    pages = [f"/{'lang' * 100}/{n}" for n in range(PER_PAGE * 2 + 1)]
    count_records(app, [view(page) for page in pages])
    rows = _rows(owner.get(f"{CARD}/page.csv?period=today").text)
    assert rows[0] == ["page", "views", "visitors", "time_on_page"]
    assert sorted(row[0] for row in rows[1:]) == sorted(pages)


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize("language", ["de", "en"])
def test_it_has_the_names_order_and_columns_of_the_card(
    app: Flask, owner: FlaskClient, card: str, language: str
) -> None:
    keys = tuple((name, "x") for name in ("event", "download", "outbound", "search", "not_found", "property"))
    known = {"source": "Google", "referrer": "www.google.com", "campaign": "k", "device": "mobile", "country": "DE"}
    count_records(
        app,
        [
            view("/a", 1, keys, channel="search", browser="Firefox", os="Linux", language="de", **known),
            view("/b", 1),
            event(1, ("event", "y")),
            view("/b", 2),
            bot("other"),
            bot("bingbot"),
        ],
    )
    shown = Tables(owner.get(f"{CARD}/{card}?period=today&lang={language}").text).tables[""]
    rows = _rows(owner.get(f"{CARD}/{card}.csv?period=today&lang={language}").text)
    assert [row[0] for row in rows[1:]] == [row[0] for row in shown[1:]]
    coded = int(rows[0][1] == "code")
    assert [len(row) - coded for row in rows] == [len(row) for row in shown]
    assert [row[1 + coded] for row in rows[1:]] == [row[1] for row in shown[1:]]


def test_names_come_with_their_code_and_shares_as_plain_numbers(app: Flask, owner: FlaskClient) -> None:
    count_records(app, [view("/", country="DE"), view("/", country="DE"), view("/", country="AT")])
    rows = _rows(owner.get(f"{CARD}/country.csv?period=today&lang=de").text)
    assert rows == [
        ["country", "code", "visits", "share_of_visits"],
        ["Deutschland", "DE", "2", "0.6667"],
        ["Österreich", "AT", "1", "0.3333"],
    ]


def test_it_is_a_file_in_utf_8_with_crlf_and_quotes_where_needed(app: Flask, owner: FlaskClient) -> None:
    count_records(app, [view('/ä,"b"')])
    answer = owner.get(f"{CARD}/page.csv?period=today")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="{MARBURG}-page-')
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.data.decode("utf-8").split("\r\n")[1] == '"/ä,""b""",1,1,0.00'


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\t=1", "\r=1", " =1", "\n=1"])
def test_no_cell_begins_a_formula(app: Flask, owner: FlaskClient, text: str) -> None:
    count_records(app, [view("/", 5), event(5, ("event", text))])
    assert _rows(owner.get(f"{CARD}/event.csv?period=today").text)[1][0] == f"'{text}"


def test_an_empty_card_is_a_header_only(owner: FlaskClient) -> None:
    assert owner.get(f"{CARD}/page.csv?period=today").text == "page,views,visitors,time_on_page\r\n"


def test_it_needs_a_sign_in(anyone: FlaskClient) -> None:
    assert anyone.get(f"{CARD}/page.csv").status_code == 303


def test_the_site_of_another_municipality_does_not_exist(stranger: FlaskClient) -> None:
    assert stranger.get(f"{CARD}/page.csv").status_code == 404


@pytest.mark.parametrize("path", [f"{CARD}/gibt-es-nicht.csv", "/admin/sites/gibt-es-nicht.de/cards/page.csv"])
def test_what_does_not_exist_is_not_found(owner: FlaskClient, path: str) -> None:
    assert owner.get(path).status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_it_is_only_read(owner: FlaskClient, method: str) -> None:
    assert getattr(owner, method)(f"{CARD}/page.csv").status_code == 405


@pytest.mark.parametrize("query", ["period=nie", "from=x&to=y", "from=2026-02-02&to=2026-02-01"])
def test_a_range_that_cannot_be_shown_is_refused(owner: FlaskClient, query: str) -> None:
    assert owner.get(f"{CARD}/page.csv?{query}").status_code == 400
