"""The public feedback page and its receipts, without a browser: what they keep, refuse, show and never show."""

import json
import re
from datetime import date
from html import unescape
from pathlib import Path
from time import time
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from admin import create_app
from admin.feedback_texts import Words, languages
from tracker.config import Config
from tracker.feedback.erased import erased_receipts
from tracker.feedback.own import GUESSES
from tracker.feedback.receipt import hash_of
from tracker.services.service import Service
from tracker.store import open_database
from tracker.store.feedback import Feedbacks, Kept, Setting
from tracker.store.services import Services

SITE, SERVICE = "/feedback/www.marburg.de", "/feedback/www.marburg.de/hundesteuer"
RECEIPT = "/feedback/receipt"
HOSTILE = """<script>alert(1)</script>"'><img src=x onerror=alert(2)>{{7*7}}&amp;"""
FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@pytest.fixture(autouse=True)
def dog(config: Config) -> None:
    """Marburg has a service."""
    connection = open_database(config.database)
    Services(connection).add(1, Service("hundesteuer", "Hundesteuer <anmelden>", name_en="Register a dog"))
    connection.close()


def set_up(config: Config, service: str = "", **setting: Any) -> None:
    connection = open_database(config.database)
    Feedbacks(connection).save_setting(1, service, Setting(**setting))
    connection.close()


def kept_under(config: Config, code: str) -> Kept | None:
    receipt = hash_of(code)
    assert receipt is not None
    connection = open_database(config.database)
    found = Feedbacks(connection).by_receipt(receipt)
    connection.close()
    return found


def everything(config: Config) -> int:
    connection = open_database(config.database)
    (number,) = connection.execute("select count(*) from feedback").fetchone()
    connection.close()
    return int(number)


def hidden(page: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in FIELD.findall(page)}


def answers(client: FlaskClient, path: str = SERVICE, **given: str) -> dict[str, str]:
    """A form as a person would send it: opened a while ago."""
    fields = hidden(client.get(path).text)
    return {**fields, "shown": str(int(time() * 1000) - 60_000), "website": "", "rating": "4", **given}


def sent(client: FlaskClient, path: str = SERVICE, **given: str) -> TestResponse:
    return client.post(path, data=answers(client, path, **given))


def code_in(response: TestResponse) -> str:
    found = re.search(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}", response.text)
    assert found, response.text
    return found[0]


# The form


@pytest.mark.parametrize("path", [SITE, SERVICE])
def test_it_asks_for_a_site_and_for_a_service(anyone: FlaskClient, path: str) -> None:
    response = anyone.get(path)
    assert response.status_code == 200
    assert "Marburg" in response.text
    assert 'name="rating"' in response.text
    assert "Hundesteuer &lt;anmelden&gt;" in response.text or path == SITE


@pytest.mark.parametrize(
    "path",
    [
        "/feedback/www.nirgends.de",
        "/feedback/www.marburg.de/nirgends",
        "/feedback/www.marburg.de/hundesteuer/mehr",
        "/feedback/%3Cscript%3E",
        "/feedback/www.marburg.de/" + "x" * 3000,
    ],
)
def test_it_says_where_nothing_is_asked(anyone: FlaskClient, path: str) -> None:
    response = anyone.get(path)
    assert response.status_code == 404
    assert "<script>" not in response.text
    assert anyone.post(path, data={"rating": "1"}).status_code == 404


def test_an_error_leads_nobody_to_the_admin_area(anyone: FlaskClient) -> None:
    for response in (anyone.get("/feedback/www.nirgends.de"), anyone.get(SERVICE), anyone.get(RECEIPT)):
        assert "/admin/sign-in" not in response.text
        assert 'href="/admin/"' not in response.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", [SERVICE, RECEIPT])
def test_it_refuses_other_methods(anyone: FlaskClient, path: str, method: str) -> None:
    assert anyone.open(path, method=method).status_code == 405


@pytest.mark.parametrize("path", [SITE, SERVICE, RECEIPT, "/feedback/www.nirgends.de"])
def test_every_public_page_is_guarded_and_leaves_nothing_behind(anyone: FlaskClient, path: str) -> None:
    headers = anyone.get(path).headers
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Robots-Tag"] == "noindex"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in headers
    assert "ETag" not in headers


def test_nothing_is_loaded_from_elsewhere_and_no_script_at_all(anyone: FlaskClient) -> None:
    page = anyone.get(SERVICE).text
    assert "<script" not in page
    assert not re.search(r'(src|href)="(https?:)?//', page)


def test_it_asks_as_the_service_is_set(anyone: FlaskClient, config: Config) -> None:
    assert 'name="found"' not in anyone.get(SERVICE).text
    assert 'name="detail_easy"' not in anyone.get(SERVICE).text
    set_up(config, "hundesteuer", category="information", details=True)
    page = anyone.get(SERVICE).text
    assert 'name="found"' in page
    assert 'name="detail_easy"' in page


def test_a_link_may_name_the_occasion(anyone: FlaskClient) -> None:
    page = anyone.get(f"{SERVICE}?moment=abandoned&category=assistance&page=/leistungen/hund").text
    fields = hidden(page)
    assert (fields["moment"], fields["category"], fields["page"]) == ("abandoned", "assistance", "/leistungen/hund")
    assert "lang=en&amp;" in page or "&amp;lang=en" in page
    assert page.count("moment=abandoned") == len(languages())


@pytest.mark.parametrize("bad", ["https://evil.example/x", "javascript:alert(1)", "x", "/" + "x" * 3000])
def test_what_a_link_names_wrongly_is_left_out(anyone: FlaskClient, config: Config, bad: str) -> None:
    page = anyone.get(SERVICE, query_string={"moment": "never", "category": "none", "page": bad}).text
    fields = hidden(page)
    assert (fields["moment"], fields["category"], fields["page"]) == ("", "procedure", "")
    response = sent(anyone, page=bad, moment="never", category="none")
    kept = kept_under(config, code_in(response))
    assert kept is not None
    assert (kept.feedback.page, kept.feedback.moment, kept.feedback.category) == ("", "", "procedure")


# Languages


@pytest.mark.parametrize("code", list(languages()))
def test_it_speaks_every_language_that_there_is_a_file_for(anyone: FlaskClient, code: str) -> None:
    words = languages()[code]
    for path in (SERVICE, RECEIPT):
        page = anyone.get(f"{path}?lang={code}").text
        assert f'<html lang="{words.tag}" dir="{words.direction}">' in page
        assert page.count('aria-current="page"') == 1
        assert all(other.name in page for other in languages().values())


@pytest.mark.parametrize(
    ("accepted", "wish", "tag"),
    [
        ("", "", "de"),
        ("tr-TR,tr;q=0.9,de;q=0.8", "", "tr"),
        ("de-AT", "", "de"),
        ("fr, uk;q=0.5", "", "uk"),
        ("fr", "", "de"),
        ("en", "xx", "en"),
        ("en", "../../etc/passwd", "en"),
        ("en", "ar", "ar"),
    ],
)
def test_it_finds_the_language(anyone: FlaskClient, accepted: str, wish: str, tag: str) -> None:
    headers = {"Accept-Language": accepted} if accepted else {}
    page = anyone.get(SERVICE, query_string={"lang": wish}, headers=headers).text
    assert f'<html lang="{tag}"' in page


def test_every_language_has_every_text() -> None:
    folder = Path(__file__).parents[1] / "static" / "feedback"
    found = {path.stem: json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")}
    assert {"de", "de-leicht", "en", "tr", "uk", "ar"} <= found.keys()
    for code, texts in found.items():
        assert texts.keys() == found["de"].keys(), code
        for key, text in texts.items():
            assert text.strip(), (code, key)
            assert re.findall(r"\{\w+\}", text) == re.findall(r"\{\w+\}", found["de"][key]), (code, key)


def test_what_a_language_leaves_out_is_said_in_german() -> None:
    words = Words("fr", {**languages()["de"].texts, "lang": "fr", "page_name": "Français"})
    assert words("send") == "Absenden"
    assert words.day(date(2026, 1, 31)) == "31 janvier 2026"


def test_the_service_has_its_name_in_the_readers_language(anyone: FlaskClient) -> None:
    assert "Register a dog" in anyone.get(f"{SERVICE}?lang=en").text
    assert "Hundesteuer &lt;anmelden&gt;" in anyone.get(f"{SERVICE}?lang=tr").text


# Sending


def test_it_keeps_what_was_answered_and_shows_the_receipt_once(anyone: FlaskClient, config: Config) -> None:
    set_up(config, "hundesteuer", category="information", details=True)
    given = {"found": "partly", "detail_easy": "5", "detail_clear": "", "text": "Der Hund bellt.\r\nWirklich."}
    response = sent(anyone, f"{SERVICE}?lang=en&moment=submitted&page=/hund", **given)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert "Der Hund bellt.\nWirklich." in response.text
    kept = kept_under(config, code_in(response))
    assert kept is not None
    said = kept.feedback
    assert (said.rating, said.found, said.text) == (4, "partly", "Der Hund bellt.\nWirklich.")
    assert (said.service, said.category, said.moment, said.page) == ("hundesteuer", "information", "submitted", "/hund")
    assert (said.details, said.language) == ({"easy": 5}, "en")


def test_personal_data_is_blacked_out_and_this_is_said(anyone: FlaskClient, config: Config) -> None:
    response = sent(anyone, text="Bitte an erika@example.org antworten.")
    assert "erika@example.org" not in response.text
    assert "geschwärzt" in response.text
    kept = kept_under(config, code_in(response))
    assert kept is not None
    assert kept.feedback.text in unescape(response.text)


def test_sending_again_counts_once_and_shows_the_same_receipt(anyone: FlaskClient, config: Config) -> None:
    form = answers(anyone, text="Einmal.")
    first, again = anyone.post(SERVICE, data=form), anyone.post(SERVICE, data=form)
    assert code_in(first) == code_in(again)
    assert everything(config) == 1


def test_two_people_have_two_receipts(anyone: FlaskClient) -> None:
    assert hidden(anyone.get(SERVICE).text)["token"] != hidden(anyone.get(SERVICE).text)["token"]


PROBLEMS = [
    ({"rating": "", "text": " "}, 400, "mindestens eine Frage"),
    ({"text": "x" * 1201}, 413, "Der Text ist zu lang"),
    ({"rating": "6"}, 400, "nicht lesbar"),
    ({"rating": "ja"}, 400, "nicht lesbar"),
    ({"found": "maybe"}, 400, "nicht lesbar"),
    ({"detail_easy": "0"}, 400, "nicht lesbar"),
    ({"token": "short"}, 400, "nicht lesbar"),
    ({"website": "https://spam.example"}, 400, "automatischen Nachrichten"),
    ({"shown": str(int(time() * 1000) + 10_000_000)}, 400, "sehr schnell"),
    ({"shown": "<b>"}, 400, "sehr schnell"),
]


@pytest.mark.parametrize(("given", "status", "said"), PROBLEMS)
def test_it_says_what_is_wrong_and_keeps_what_was_typed(
    anyone: FlaskClient, config: Config, given: dict[str, str], status: int, said: str
) -> None:
    response = sent(anyone, **{"text": "Mein Text bleibt.", **given})
    assert response.status_code == status
    assert said in response.text
    assert given.get("text", "Mein Text bleibt.") in response.text
    assert "Fehler: " in response.text
    assert everything(config) == 0


def test_a_message_stands_beside_its_field(anyone: FlaskClient) -> None:
    page = sent(anyone, text="x" * 1201).text
    assert 'id="text-error"' in page
    assert 'aria-describedby="text-hint text-limit text-error" aria-invalid="true"' in page
    page = sent(anyone, rating="", text="").text
    assert 'aria-describedby="rating-hint rating-error"' in page


def test_whoever_was_too_quick_may_send_again(anyone: FlaskClient, config: Config) -> None:
    quick = anyone.post(SERVICE, data={**hidden(anyone.get(SERVICE).text), "rating": "5"})
    assert quick.status_code == 400
    again = hidden(quick.text)
    assert (
        anyone.post(SERVICE, data={**again, "rating": "5", "shown": str(int(time() * 1000) - 3000)}).status_code == 200
    )
    assert everything(config) == 1


def test_one_may_send_once_a_minute(anyone: FlaskClient, config: Config) -> None:
    assert sent(anyone).status_code == 200
    response = sent(anyone, text="Noch etwas")
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "60"
    assert "Noch etwas" in response.text
    assert everything(config) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "https://other.example.de"},
    ],
)
def test_a_foreign_page_cannot_send_the_form(anyone: FlaskClient, config: Config, headers: dict[str, str]) -> None:
    form = answers(anyone, text="Von fremder Seite")
    for path in (SERVICE, RECEIPT):
        response = anyone.post(path, data=form, headers=headers)
        assert response.status_code == 403
        assert "Von fremder Seite" not in response.text
    assert everything(config) == 0


def test_our_own_page_can(anyone: FlaskClient) -> None:
    form = answers(anyone)
    headers = {"Origin": "https://stats.example.de", "Host": "stats.example.de", "Sec-Fetch-Site": "same-origin"}
    assert anyone.post(SERVICE, data=form, headers=headers).status_code == 200


def test_hostile_text_is_shown_as_text(anyone: FlaskClient, config: Config) -> None:
    for response in (sent(anyone, text=HOSTILE, rating="9"), sent(anyone, text=HOSTILE)):
        assert "<script>alert" not in response.text
        assert "<img src=x" not in response.text
        assert "{{7*7}}" in response.text
    shown = anyone.post(RECEIPT, data={"code": code_in(response)})
    assert "<script>alert" not in shown.text
    assert "{{7*7}}" in shown.text


@pytest.mark.parametrize("name", ["page", "moment", "category", "lang", "from"])
def test_a_hostile_link_stays_text(anyone: FlaskClient, name: str) -> None:
    page = anyone.get(SERVICE, query_string={name: f"/{HOSTILE}"}).text
    assert "<script>alert" not in page
    assert "onerror=alert(2)>" not in page


@pytest.mark.parametrize("body", [b"\xff\xfe%00", b"rating=%ff&text=%ed%a0%80", b"=" * 1000, b""])
def test_a_broken_body_is_refused_kindly(anyone: FlaskClient, body: bytes) -> None:
    response = anyone.post(SERVICE, data=body, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 400


def test_a_huge_body_is_refused(anyone: FlaskClient) -> None:
    assert anyone.post(SERVICE, data={"text": "x" * 100_000}).status_code == 413


def test_the_way_back_leads_to_the_page_asked_about(anyone: FlaskClient) -> None:
    page = sent(anyone, f"{SERVICE}?page=/leistungen/hund").text
    assert 'href="https://www.marburg.de/leistungen/hund"' in page


def test_links_are_made_of_the_public_address(anyone: FlaskClient) -> None:
    page = anyone.post(SERVICE, data=answers(anyone), headers={"Host": "evil.example"}).text
    assert "https://stats.example.de/feedback/receipt" in page
    assert "evil.example" not in page


def test_the_simulated_city_is_marked_and_on_this_machine(config: Config) -> None:
    simulated = Config(data=config.data, base_url="http://127.0.0.1:8000", simulated=True)
    client = create_app(simulated, background=False).test_client()
    assert "Simulierte Daten" in client.get(SERVICE).text
    assert 'href="http://www.marburg.de:8000/"' in sent(client).text


# The receipt


def opened(client: FlaskClient, code: str, do: str = "", **more: str) -> TestResponse:
    return client.post(RECEIPT, data={"code": code, "do": do, **more})


def test_the_code_shows_everything_that_is_kept(anyone: FlaskClient, config: Config) -> None:
    code = code_in(sent(anyone, f"{SERVICE}?moment=submitted&page=/hund", text="Der Hund bellt."))
    page = opened(anyone, code)
    assert page.status_code == 200
    for said in (
        "Der Hund bellt.",
        "<bdi>4</bdi> von 5",
        "Hundesteuer &lt;anmelden&gt;",
        "www.marburg.de",
        "/hund",
        "Marburg",
    ):
        assert said in page.text
    assert "Noch keine Antwort" in page.text


def test_it_shows_what_the_city_answered_but_not_its_own_notes(anyone: FlaskClient, config: Config) -> None:
    code = code_in(sent(anyone, text="Der Hund bellt."))
    connection = open_database(config.database)
    connection.execute("update feedback set answer = 'Wir <b>danken</b>', answered = 20260520, note = 'intern'")
    connection.close()
    page = opened(anyone, code).text
    assert "Wir &lt;b&gt;danken&lt;/b&gt;" in page
    assert "20. Mai 2026" in page
    assert "intern<" not in page
    assert "intern" not in opened(anyone, code, "file").text


@pytest.mark.parametrize("typed", [str.lower, lambda code: code.replace("-", " "), lambda code: f"  {code}  "])
def test_the_code_may_be_typed_as_people_do(anyone: FlaskClient, typed: Any) -> None:
    assert opened(anyone, typed(code_in(sent(anyone)))).status_code == 200


def test_it_gives_a_file_for_machines(anyone: FlaskClient) -> None:
    response = opened(anyone, code_in(sent(anyone, text="Der Hund bellt.")), "file")
    assert response.mimetype == "application/json"
    assert response.headers["Content-Disposition"] == 'attachment; filename="feedback.json"'
    assert response.headers["Cache-Control"] == "no-store"
    found = json.loads(response.text)
    assert (found["text"], found["rating"], found["site"]) == ("Der Hund bellt.", 4, "www.marburg.de")


def test_it_deletes_after_asking(anyone: FlaskClient, config: Config) -> None:
    code = code_in(sent(anyone, text="Der Hund bellt."))
    asked = opened(anyone, code, "ask")
    assert "wirklich löschen" in asked.text
    assert everything(config) == 1
    gone = opened(anyone, code, "delete")
    assert "ist gelöscht" in gone.text
    assert everything(config) == 0
    assert hash_of(code) in erased_receipts(config.data)
    assert opened(anyone, code).status_code == 404


def test_what_was_deleted_does_not_come_back_by_sending_again(anyone: FlaskClient, config: Config) -> None:
    form = answers(anyone, text="Weg damit.")
    opened(anyone, code_in(anyone.post(SERVICE, data=form)), "delete")
    assert anyone.post(SERVICE, data=form).status_code == 200
    assert everything(config) == 0


@pytest.mark.parametrize("code", ["0000-0000-0000-0000", "x", "' or 1=1 --", "ä" * 5000, HOSTILE, "\x00"])
@pytest.mark.parametrize("do", ["", "file", "ask", "delete"])
def test_a_wrong_code_shows_nothing(anyone: FlaskClient, code: str, do: str) -> None:
    response = opened(anyone, code, do)
    assert response.status_code == 404
    assert "gibt es keine Rückmeldung" in response.text
    assert "<script>alert" not in response.text


def test_without_a_code_it_asks_for_one(anyone: FlaskClient) -> None:
    response = opened(anyone, " ")
    assert response.status_code == 400
    assert "Bitte geben Sie Ihren Code ein" in response.text


def test_guessing_is_limited_and_what_is_right_does_not_count(anyone: FlaskClient) -> None:
    code = code_in(sent(anyone))
    assert [opened(anyone, code).status_code for _ in range(GUESSES + 2)] == [200] * (GUESSES + 2)
    wrong = [opened(anyone, f"0000-0000-0000-{guess:04d}").status_code for guess in range(GUESSES + 1)]
    assert wrong == [404] * GUESSES + [429]
    late = opened(anyone, code)
    assert late.status_code == 429
    assert late.headers["Retry-After"] == "60"
    assert "Zu viele" in late.text or "zu viele" in late.text


def test_a_code_in_an_address_is_not_read(anyone: FlaskClient) -> None:
    code = code_in(sent(anyone, text="Der Hund bellt."))
    assert "Der Hund bellt." not in anyone.get(f"{RECEIPT}?code={code}").text
    assert "Der Hund bellt." not in anyone.post(f"{RECEIPT}?code={code}").text


def test_a_service_that_is_gone_keeps_its_short_name(anyone: FlaskClient, config: Config) -> None:
    code = code_in(sent(anyone))
    connection = open_database(config.database)
    Services(connection).remove(1, "hundesteuer")
    connection.close()
    assert "hundesteuer" in opened(anyone, code).text


def test_a_database_that_is_gone_is_said_plainly(anyone: FlaskClient, config: Config) -> None:
    config.database.write_bytes(b"no database at all" * 1000)
    response = anyone.get(SERVICE)
    assert response.status_code == 503
    assert "/admin" not in re.sub(r'href="/static/[^"]*"', "", response.text)
