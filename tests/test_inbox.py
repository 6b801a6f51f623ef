"""The inbox: who sees which feedback, what narrows the list, and what an office keeps with a piece."""

import html
import re
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from roles import COLLEAGUE, STRANGER, WRITER, accounts_of, send, signed_in
from voices import GIESSEN, HOSTILE, MARBURG, database, row, say, say_in_giessen

from tracker.config import Config
from tracker.services.service import Service
from tracker.store.accounts import EDITOR, Accounts
from tracker.store.catalogue import Catalogue
from tracker.store.feedback import Feedbacks
from tracker.store.inbox import ORDERS, Filter, Inbox
from tracker.store.services import Services

LIST = "/admin/feedback"


def listed(client: FlaskClient, **query: str) -> list[int]:
    """The numbers that the list shows, in its order."""
    response = client.get(f"{LIST}?{urlencode(query)}")
    assert response.status_code == 200
    return [int(number) for number in re.findall(rf'<a href="{LIST}/(\d+)\?', response.text)]


def account(app: Flask, email: str) -> int:
    return next(account.id for account in accounts_of(app) if account.email == email)


def handle(client: FlaskClient, number: int, **form: str) -> int:
    """Save the form of a piece as the page holds it, but for what is given; the status of the answer."""
    page = client.get(f"{LIST}/{number}").text
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen is not None
    given = {"status": "new", "assigned": "", "tags": "", "note": "", "answer": "", "seen": seen[1], **form}
    return send(client, f"{LIST}/{number}", **given).status_code


@pytest.fixture
def editor_of_giessen(app: Flask) -> FlaskClient:
    """An editor of the other municipality."""
    with database(app.config["ZAEHLWERK"]) as connection:
        giessen = Catalogue(connection).municipality(GIESSEN)
        Accounts(connection).add("writer@giessen.de", "vier zufällige Wörter", EDITOR, giessen.id)
    return signed_in(app, "writer@giessen.de")


# Who sees what


def test_everyone_of_the_municipality_and_operators_see_its_feedback(
    owner: FlaskClient, writer: FlaskClient, colleague: FlaskClient, config: Config
) -> None:
    number = say(config, "Der Antrag war leicht.", rating=5)
    for client in (owner, writer, colleague):
        assert listed(client, municipality=MARBURG) == [number]
        assert "Der Antrag war leicht." in client.get(f"{LIST}/{number}").text


def test_nothing_of_another_municipality_is_seen(stranger: FlaskClient, config: Config) -> None:
    say(config, "Der Antrag war leicht.")
    ours = say_in_giessen(config)
    assert listed(stranger) == [ours]
    assert stranger.get(f"{LIST}?municipality={MARBURG}").status_code == 404
    for kind in ("csv", "xlsx"):
        assert stranger.get(f"{LIST}/inbox.{kind}?municipality={MARBURG}").status_code == 404


def test_a_foreign_number_looks_like_a_missing_one_on_every_route(
    editor_of_giessen: FlaskClient, config: Config
) -> None:
    foreign, missing = say(config, "Der Antrag war leicht."), 999
    say_in_giessen(config)
    before = row(config, foreign)
    form = {"status": "spam", "action": "status:spam", "scope": "chosen", "confirmed": "1", "expected": "1"}
    for number in (foreign, missing, 10**18, 10**40):
        assert editor_of_giessen.get(f"{LIST}/{number}").status_code == 404
        assert send(editor_of_giessen, f"{LIST}/{number}", **form).status_code == 404
        assert editor_of_giessen.get(f"{LIST}/answers/new?piece={number}").status_code == 404
        assert send(editor_of_giessen, f"{LIST}/answers/new?piece={number}", step="publish").status_code == 404
    for number in (foreign, missing, 10**17):
        assert send(editor_of_giessen, f"{LIST}/bulk", number=[str(number)], **form).status_code == 404
        assert send(editor_of_giessen, f"{LIST}/bulk?municipality={MARBURG}", number="1", **form).status_code == 404
    assert row(config, foreign) == before


def test_one_foreign_number_among_own_ones_changes_nothing(editor_of_giessen: FlaskClient, config: Config) -> None:
    foreign, own = say(config), say_in_giessen(config)
    form = {"action": "status:spam", "scope": "chosen", "number": [str(own), str(foreign)], "expected": "2"}
    assert send(editor_of_giessen, f"{LIST}/bulk", **form).status_code == 404
    assert (row(config, own)["status"], row(config, foreign)["status"]) == ("new", "new")


def test_a_viewer_reads_and_changes_nothing(colleague: FlaskClient, config: Config) -> None:
    number = say(config, "Der Antrag war leicht.")
    page = colleague.get(LIST).text + colleague.get(f"{LIST}/{number}").text
    assert "<textarea" not in page and 'type="checkbox"' not in page and "/bulk" not in page
    assert send(colleague, f"{LIST}/{number}", status="spam").status_code == 403
    assert send(colleague, f"{LIST}/bulk", action="status:spam", scope="all").status_code == 403
    assert colleague.get(f"{LIST}/answers/new").status_code == 403
    assert row(config, number)["status"] == "new"


# What narrows the list


@pytest.fixture
def many(config: Config) -> dict[str, int]:
    """Pieces that differ, by name."""
    with database(config) as connection:
        Services(connection).add(1, Service("wohngeld", "Wohngeld beantragen"))
    return {
        "old": say(config, "Die Anträge fand ich erst spät.", day=20260105, rating=1, service="wohngeld"),
        "new": say(config, "Parkausweis in zwei Minuten, großartig!", rating=5, language="de", found="yes"),
        "plain": say(config, rating=3, category="information", language="en", found="no"),
        "unrated": say(config, "Who answers the phone?", language="en"),
    }


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["unrated", "plain", "new", "old"]),
        ({"sort": "oldest"}, ["old", "new", "plain", "unrated"]),
        ({"sort": "lowest"}, ["old", "plain", "new", "unrated"]),
        ({"sort": "highest"}, ["new", "plain", "old", "unrated"]),
        ({"from": "2026-01-06"}, ["unrated", "plain", "new"]),
        ({"to": "2026-01-05"}, ["old"]),
        ({"service": "wohngeld"}, ["old"]),
        ({"service": "-"}, ["unrated", "plain", "new"]),
        ({"site": "www.marburg.de"}, ["unrated", "plain", "new", "old"]),
        ({"site": "www.nirgends.de"}, []),
        ({"category": "information"}, ["plain"]),
        ({"rating": "low"}, ["old"]),
        ({"rating": "high"}, ["new"]),
        ({"rating": "3"}, ["plain"]),
        ({"rating": "-"}, ["unrated"]),
        ({"found": "no"}, ["plain"]),
        ({"language": "en"}, ["unrated", "plain"]),
        ({"language": "-"}, ["old"]),
        ({"text": "with"}, ["unrated", "new", "old"]),
        ({"text": "without"}, ["plain"]),
        ({"assigned": "-"}, ["unrated", "plain", "new", "old"]),
        ({"assigned": "1"}, []),
        ({"status": "new", "rating": "high"}, ["new"]),
        ({"q": "antrag"}, ["old"]),
        ({"q": "Anträge spät"}, ["old"]),
        ({"q": "park"}, ["new"]),
        ({"q": "GROSSARTIG"}, ["new"]),
        ({"q": "antrag park"}, []),
        ({"q": "!?"}, []),
    ],
)
def test_it_narrows_the_list(
    writer: FlaskClient, many: dict[str, int], query: dict[str, str], names: list[str]
) -> None:
    assert listed(writer, **query) == [many[name] for name in names]


@pytest.mark.parametrize(
    "query",
    [
        {"from": "gestern"},
        {"rating": "9"},
        {"status": "'"},
        {"assigned": "x"},
        {"assigned": "9" * 30},
        {"sort": "id; drop"},
        {"page": "-1"},
        {"page": "9" * 20},
        {"text": "?"},
        {"from": "0001-01-01"},
    ],
)
def test_what_makes_no_sense_is_left_out(writer: FlaskClient, many: dict[str, int], query: dict[str, str]) -> None:
    assert len(listed(writer, **query)) == len(many)


@pytest.mark.parametrize("text", [*HOSTILE, '"', "*", "words:x", "NEAR(a b)", "a OR b", "(", "\x00"])
def test_any_search_is_answered(writer: FlaskClient, many: dict[str, int], text: str) -> None:
    page = writer.get(f"{LIST}?{urlencode({'q': text, 'tag': text, 'service': text, 'language': text})}")
    assert page.status_code == 200
    assert "<script>alert" not in page.text and "<img src=x" not in page.text


def test_spam_is_hidden_until_it_is_asked_for(writer: FlaskClient, config: Config) -> None:
    good, spam = say(config), say(config, "Kaufen Sie jetzt")
    assert handle(writer, spam, status="spam") == 303
    assert listed(writer) == [good]
    assert listed(writer, status="spam") == [spam]
    assert listed(writer, status="all") == [spam, good]
    assert "1 als Spam ausgeblendet" in writer.get(LIST).text


def test_what_is_chosen_stands_in_the_address_and_can_be_taken_back(writer: FlaskClient, many: dict[str, int]) -> None:
    page = html.unescape(writer.get(f"{LIST}?q=antrag&rating=low&lang=en").text)
    assert f'href="{LIST}?municipality={MARBURG}&q=antrag&lang=en"' in page
    assert f'href="{LIST}/inbox.csv?municipality={MARBURG}&q=antrag&rating=low&lang=en"' in page
    assert f'href="{LIST}/{many["old"]}?municipality={MARBURG}&q=antrag&rating=low&lang=en"' in page


def test_a_long_list_comes_in_pages(writer: FlaskClient, config: Config) -> None:
    numbers = [say(config) for _ in range(120)][::-1]
    pages = [listed(writer, page=str(page)) for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [50, 50, 20]
    assert [number for page in pages for number in page] == numbers
    assert listed(writer, page="99") == pages[2]
    assert "120 Rückmeldungen" in writer.get(LIST).text and "Seite 2 von 3" in writer.get(f"{LIST}?page=2").text


def test_erased_feedback_is_not_found_any_more(writer: FlaskClient, config: Config) -> None:
    number = say(config, "Der Antrag war leicht.")
    with database(config) as connection:
        Feedbacks(connection).erase(number)
    assert listed(writer, q="antrag") == []
    assert writer.get(f"{LIST}/{number}").status_code == 404


def test_a_deleted_text_says_so(writer: FlaskClient, config: Config) -> None:
    deleted, never = say(config, "Der Antrag war leicht.", rating=4), say(config, rating=4)
    with database(config) as connection:
        Feedbacks(connection).purge_texts(1, 20261102)
    assert "Der Text ist gelöscht" in writer.get(f"{LIST}/{deleted}").text
    assert "Ohne Text." in writer.get(f"{LIST}/{never}").text


# What an office keeps with a piece


def test_it_keeps_status_tags_assignment_note_and_answer(writer: FlaskClient, app: Flask, config: Config) -> None:
    number, colleague = say(config, "Der Antrag war leicht."), account(app, COLLEAGUE)
    form = {"tags": " Anhang, Gebühr ,anhang,,", "assigned": str(colleague), "note": "Mit IT\r\nsprechen"}
    assert handle(writer, number, status="open", answer="Danke!", **form) == 303
    kept = row(config, number)
    assert (kept["status"], kept["assigned_to"], kept["tags"]) == ("answered", colleague, ["Anhang", "Gebühr"])
    assert (kept["note"], kept["answer"]) == ("Mit IT\nsprechen", "Danke!")
    assert kept["answered"] > 20260000
    assert listed(writer, tag="Anhang") == listed(writer, assigned=str(colleague)) == [number]


def test_a_tag_is_written_as_the_municipality_writes_it_already(writer: FlaskClient, config: Config) -> None:
    first, second = say(config), say(config)
    with database(config) as connection:
        connection.execute("insert into feedback_tag values (?, 'ÄRGER')", (say_in_giessen(config),))
        connection.commit()
    handle(writer, first, tags="Gebühren, Ärger")
    handle(writer, second, tags="gebühren, STRASSE, ärger")
    assert row(config, second)["tags"] == ["Gebühren", "STRASSE", "Ärger"]
    handle(writer, second, tags="Straße")
    assert row(config, second)["tags"] == ["Straße"], "nobody else has it: it may be put right"


def test_tags_stand_in_the_order_of_a_dictionary(writer: FlaskClient, config: Config) -> None:
    number = say(config)
    handle(writer, number, tags="Zoo, öffnungszeit, Ärger, Amt, Ordnung, Ostern")
    order = ["Amt", "Ärger", "öffnungszeit", "Ordnung", "Ostern", "Zoo"]
    with database(config) as connection:
        inbox = Inbox(connection, 1)
        piece = inbox.get(number)
        assert piece is not None
        assert inbox.tags() == list(piece.handling.tags) == order


def test_an_answer_that_is_taken_back_leaves_no_day(writer: FlaskClient, config: Config) -> None:
    number = say(config, "Der Antrag war leicht.")
    handle(writer, number, answer="Danke!")
    handle(writer, number, status="open")
    assert (row(config, number)["answer"], row(config, number)["answered"]) == ("", None)


def seen_of(page: str) -> str:
    """The version that a form of a piece was filled in for."""
    found = re.search(r'name="seen" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def kept_now(page: str) -> dict[str, str]:
    """What a page says is kept now, where it is not what was typed."""
    shown = re.search(r'<section class="zw-meanwhile".*?</section>', page, re.DOTALL)
    facts = re.findall(r"<dt>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", shown[0], re.DOTALL) if shown else []
    return {html.unescape(name): html.unescape(text) for name, text in facts}


def test_a_change_of_someone_else_is_not_overwritten_unseen(writer: FlaskClient, app: Flask, config: Config) -> None:
    number, colleague = say(config), account(app, COLLEAGUE)
    old = seen_of(writer.get(f"{LIST}/{number}").text)
    first = {
        "note": "Zuerst\nan die IT",
        "answer": "Danke & Gruß",
        "tags": "Anhang, Gebühr",
        "assigned": str(colleague),
    }
    assert handle(writer, number, status="closed", **first) == 303
    mine = {"status": "open", "assigned": "", "tags": "Frist", "note": "Danach", "answer": "Mein Text"}
    response = send(writer, f"{LIST}/{number}", seen=old, **mine)
    assert response.status_code == 409
    assert "Inzwischen hat jemand anderes" in response.text
    assert kept_now(response.text) == {
        "Status": "erledigt",
        "Zugewiesen": COLLEAGUE,
        "Schlagwörter": "Anhang, Gebühr",
        "Interne Notiz": "Zuerst\nan die IT",
        "Antwort": "Danke & Gruß",
    }
    for typed in ('value="Frist"', "Danach</textarea>", "Mein Text</textarea>", 'value="open" selected'):
        assert typed in response.text
    assert row(config, number)["note"] == "Zuerst\nan die IT"
    assert send(writer, f"{LIST}/{number}", seen=seen_of(response.text), **mine).status_code == 303
    assert row(config, number)["note"] == "Danach"


def test_a_mistake_in_the_form_does_not_hide_the_change_of_someone_else(writer: FlaskClient, config: Config) -> None:
    number = say(config)
    old = seen_of(writer.get(f"{LIST}/{number}").text)
    assert handle(writer, number, note="Zuerst") == 303
    response = send(writer, f"{LIST}/{number}", status="open", tags="x" * 41, seen=old)
    assert response.status_code == 409
    assert kept_now(response.text)["Interne Notiz"] == "Zuerst"
    assert "Höchstens 20 Schlagwörter" in response.text


def test_a_mistake_in_the_form_alone_shows_no_other_change(writer: FlaskClient, config: Config) -> None:
    number = say(config)
    seen = seen_of(writer.get(f"{LIST}/{number}").text)
    response = send(writer, f"{LIST}/{number}", status="open", tags="x" * 41, seen=seen)
    assert response.status_code == 400
    assert kept_now(response.text) == {} and "Inzwischen" not in response.text


def test_what_someone_else_has_deleted_is_shown_as_empty(writer: FlaskClient, config: Config) -> None:
    number = say(config)
    handle(writer, number, note="Zuerst")
    old = seen_of(writer.get(f"{LIST}/{number}").text)
    handle(writer, number)
    response = send(writer, f"{LIST}/{number}", status="new", note="Zuerst", seen=old)
    assert (response.status_code, kept_now(response.text)) == (409, {"Interne Notiz": "–"})


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"status": "erledigt"}, 400),
        ({"assigned": "x"}, 400),
        ({"note": "x" * 4001}, 400),
        ({"answer": "x" * 4001}, 400),
        ({"tags": "x" * 41}, 400),
        ({"tags": ",".join(map(str, range(21)))}, 400),
    ],
)
def test_it_refuses_what_cannot_be_kept(writer: FlaskClient, config: Config, form: dict[str, str], status: int) -> None:
    number = say(config)
    before = row(config, number)
    assert handle(writer, number, **form) == status
    assert row(config, number) == before


def test_feedback_is_assigned_within_the_municipality_only(writer: FlaskClient, app: Flask, config: Config) -> None:
    number = say(config)
    foreign = account(app, STRANGER)
    assert handle(writer, number, assigned=str(foreign)) == 400
    form = {"action": f"assign:{foreign}", "scope": "all", "expected": "1"}
    assert send(writer, f"{LIST}/bulk", **form).status_code == 400
    assert STRANGER not in writer.get(LIST).text + writer.get(f"{LIST}/{number}").text


def test_an_account_that_is_removed_leaves_its_feedback(writer: FlaskClient, app: Flask, config: Config) -> None:
    number = say(config)
    handle(writer, number, assigned=str(account(app, WRITER)))
    with database(config) as connection:
        Accounts(connection).remove(WRITER)
    assert row(config, number)["assigned_to"] is None


# Hostile strings


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_strings_stay_text(writer: FlaskClient, config: Config, text: str) -> None:
    number = say(config, text, page="/" + text, service=text[:50], language="de")
    handle(writer, number, tags=text[:40], note=text, answer=text)
    for path in (LIST, f"{LIST}/{number}", f"{LIST}/answers/new?piece={number}"):
        page = writer.get(path).text
        assert "<script>alert" not in page and "<img src=x" not in page and "<b>" not in page
        assert not re.search(r'(?:href|src|action)="\s*(?:javascript|data):', page)
        assert 'href="https://evil' not in page and 'href="http://evil' not in page
    kept = row(config, number)
    assert "\u202e" not in kept["note"] + kept["answer"] + "".join(kept["tags"])


# The store


def test_every_order_counts_the_same(config: Config, many: dict[str, int]) -> None:
    with database(config) as connection:
        inbox = Inbox(connection, 1)
        for order in ORDERS:
            assert {piece.number for piece in inbox.page(Filter(), order)} == set(many.values())
            assert [piece.number for piece in inbox.each(Filter(), order)] == [
                piece.number for piece in inbox.page(Filter(), order)
            ]


def test_the_common_lists_are_answered_out_of_indexes(config: Config) -> None:
    plans = (
        ("select count(*) from feedback where municipality_id = 1 and status <> 'spam' and rating > 3", "COVERING"),
        (
            "select id from feedback where municipality_id = 1 order by day desc, feedback.id desc limit 50",
            "feedback_by",
        ),
    )
    with database(config) as connection:
        for query, expected in plans:
            plan = " ".join(str(line[3]) for line in connection.execute(f"explain query plan {query}"))
            assert expected in plan and "B-TREE" not in plan, plan
