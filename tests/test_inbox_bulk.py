"""One change to many pieces of feedback: asked for, shown with its number, confirmed."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from roles import COLLEAGUE, accounts_of, send
from voices import database, row, say, say_in_giessen

from tracker.config import Config

BULK = "/admin/feedback/bulk"


def statuses(config: Config) -> dict[int, str]:
    with database(config) as connection:
        return dict(connection.execute("select id, status from feedback"))


def hidden(page: str) -> dict[str, list[str]]:
    """The hidden fields of the question."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(?!csrf)(\w+)" value="([^"]*)">', page):
        found.setdefault(name, []).append(value)
    return found


def test_it_asks_before_it_changes_what_was_chosen(writer: FlaskClient, config: Config) -> None:
    first, second, third = say(config), say(config), say(config)
    asked = send(writer, BULK, action="status:closed", scope="chosen", number=[str(first), str(third)])
    assert asked.status_code == 200
    assert "2 Rückmeldungen: Der Status wird „erledigt“." in asked.text
    assert set(statuses(config).values()) == {"new"}
    assert send(writer, BULK, **hidden(asked.text)).status_code == 303
    assert statuses(config) == {first: "closed", second: "new", third: "closed"}


def test_it_changes_all_that_match_and_nothing_else(writer: FlaskClient, config: Config) -> None:
    low = [say(config, "Zu lang", rating=1) for _ in range(60)]
    high, spam, foreign = say(config, rating=5), say(config, rating=1), say_in_giessen(config)
    send(writer, BULK, **hidden(send(writer, BULK, action="status:spam", scope="chosen", number=str(spam)).text))
    asked = send(writer, f"{BULK}?rating=low", action="status:open", scope="all")
    assert "60 Rückmeldungen:" in asked.text and "1 oder 2 Sterne" in asked.text
    response = send(writer, f"{BULK}?rating=low", **hidden(asked.text))
    assert response.status_code == 303
    assert "rating=low" in response.location
    found = statuses(config)
    assert {found.pop(number) for number in low} == {"open"}
    assert found == {high: "new", spam: "spam", foreign: "new"}


def test_what_comes_in_after_the_question_is_not_changed(writer: FlaskClient, config: Config) -> None:
    first = say(config)
    asked = send(writer, BULK, action="status:closed", scope="all")
    later = say(config)
    assert send(writer, BULK, **hidden(asked.text)).status_code == 303
    assert statuses(config) == {first: "closed", later: "new"}


def test_it_asks_again_when_the_number_is_another_one(writer: FlaskClient, config: Config) -> None:
    first, second = say(config), say(config)
    asked = send(writer, f"{BULK}?status=new", action="add_tag:", tag="Anhang", scope="all")
    send(writer, BULK, action="status:closed", scope="chosen", number=str(first), expected="1")
    again = send(writer, f"{BULK}?status=new", **hidden(asked.text))
    assert again.status_code == 409
    assert "Inzwischen hat sich die Auswahl geändert" in again.text and "1 Rückmeldung:" in again.text
    assert row(config, second)["tags"] == []
    assert send(writer, f"{BULK}?status=new", **hidden(again.text)).status_code == 303
    assert (row(config, first)["tags"], row(config, second)["tags"]) == ([], ["Anhang"])


@pytest.mark.parametrize("scope", ["chosen", "all"])
def test_it_adds_and_removes_a_tag(writer: FlaskClient, config: Config, scope: str) -> None:
    numbers = [say(config), say(config)]
    form = {"scope": scope, "number": [str(number) for number in numbers], "tag": "Anhang", "expected": "2"}
    for action, tags in (("add_tag:", ["Anhang"]), ("add_tag:", ["Anhang"]), ("remove_tag:", [])):
        assert send(writer, BULK, action=action, **form).status_code == 303
        assert [row(config, number)["tags"] for number in numbers] == [tags, tags]


def test_it_knows_a_tag_however_it_is_capitalised(writer: FlaskClient, config: Config) -> None:
    first, second = say(config), say(config)
    form = {"tag": "Gebühren", "scope": "chosen", "number": str(first), "expected": "1"}
    send(writer, BULK, action="add_tag:", **form)
    form = {"tag": "gebühren", "scope": "all", "expected": "2"}
    send(writer, BULK, action="add_tag:", **form)
    assert [row(config, number)["tags"] for number in (first, second)] == [["Gebühren"], ["Gebühren"]]
    with database(config) as connection:
        connection.execute("insert into feedback_tag values (?, 'gebühren')", (first,))
        connection.commit()
    send(writer, BULK, action="remove_tag:", **form)
    assert [row(config, number)["tags"] for number in (first, second)] == [[], []]


def test_it_assigns_and_takes_back(writer: FlaskClient, app: Flask, config: Config) -> None:
    number = say(config)
    colleague = next(account.id for account in accounts_of(app) if account.email == COLLEAGUE)
    for action, expected in ((f"assign:{colleague}", colleague), ("assign:0", None)):
        asked = send(writer, BULK, action=action, scope="all")
        assert (COLLEAGUE in asked.text) is (expected is not None)
        send(writer, BULK, **hidden(asked.text))
        assert row(config, number)["assigned_to"] == expected


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"action": "status:closed", "scope": "chosen"}, "mindestens eine"),
        ({"scope": "all"}, "was sich ändern soll"),
        ({"action": "status:erledigt", "scope": "all"}, "was sich ändern soll"),
        ({"action": "drop:feedback", "scope": "all"}, "was sich ändern soll"),
        ({"action": "add_tag:", "scope": "all"}, "genau ein Schlagwort"),
        ({"action": "add_tag:", "tag": "a,b", "scope": "all"}, "genau ein Schlagwort"),
        ({"action": "add_tag:", "tag": "x" * 41, "scope": "all"}, "genau ein Schlagwort"),
    ],
)
def test_it_says_what_is_missing(writer: FlaskClient, config: Config, form: dict[str, str], message: str) -> None:
    number = say(config)
    response = send(writer, BULK, **form)
    assert response.status_code == 400
    assert message in response.text
    assert row(config, number)["status"] == "new"


@pytest.mark.parametrize("number", ["x", "-1", "1.5", "", "²", "9" * 30])
def test_it_refuses_what_is_no_number(writer: FlaskClient, config: Config, number: str) -> None:
    say(config)
    assert send(writer, BULK, action="status:closed", scope="chosen", number=number).status_code == 400


def test_operators_change_what_they_look_at(owner: FlaskClient, config: Config) -> None:
    ours, theirs = say(config), say_in_giessen(config)
    asked = send(owner, f"{BULK}?municipality=065310005005", action="status:closed", scope="all")
    send(owner, f"{BULK}?municipality=065310005005", **hidden(asked.text))
    assert statuses(config) == {ours: "new", theirs: "closed"}
