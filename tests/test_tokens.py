"""Tokens: made once, shown once, known by their hash; in the admin area and on the command line."""

import re

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from roles import send

from admin.access import config
from tests.installation import GIESSEN, MARBURG, install
from tracker.cli import main
from tracker.errors import ConfigError
from tracker.store import open_database
from tracker.store.removal import remove_municipality
from tracker.store.tokens import Token, Tokens

GIVEN = re.compile(r'<pre id="given"[^>]*><code>([^<]+)</code>')
FORM = {"name": "civento", "municipality": MARBURG, "scope-events": "on"}


def tokens_of(app: Flask) -> list[Token]:
    with app.app_context():
        connection = open_database(config().database)
    found = Tokens(connection).all()
    connection.close()
    return found


def report(client: FlaskClient, secret: str) -> int:
    body = {"items": [{"s": "www.marburg.de", "k": "event", "n": "Test"}]}
    return client.post("/api/v1/events", json=body, headers={"Authorization": f"Bearer {secret}"}).status_code


def test_a_new_token_is_shown_once_and_works(owner: FlaskClient) -> None:
    response = send(owner, "/admin/tokens", **FORM)
    found = GIVEN.search(response.text)
    assert found and found[1].startswith("zw_") and len(found[1]) > 40
    assert report(owner.application.test_client(), found[1]) == 202
    page = owner.get("/admin/tokens").text
    assert "civento" in page
    assert found[1] not in page


def test_it_says_where_to_report_to(owner: FlaskClient) -> None:
    page = owner.get("/admin/tokens").text
    assert "https://stats.example.de/api/v1/events" in page
    assert 'href="/api/v1/openapi.json"' in page
    assert "noch nie" in page


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": ""}, "Geben Sie einen Namen"),
        ({"name": "x" * 101}, "1 bis 100 Zeichen"),
        ({"municipality": ""}, "Wählen Sie die Kommune"),
        ({"municipality": "1"}, "Wählen Sie die Kommune"),
        ({"scope-events": ""}, "mindestens eine Verwendung"),
    ],
)
def test_it_says_what_is_wrong_and_makes_none(owner: FlaskClient, wrong: dict[str, str], message: str) -> None:
    before = tokens_of(owner.application)
    response = send(owner, "/admin/tokens", **{**FORM, **wrong})
    assert response.status_code == 400
    assert message in response.text
    assert tokens_of(owner.application) == before


def test_a_removed_token_works_no_more(owner: FlaskClient) -> None:
    found = GIVEN.search(send(owner, "/admin/tokens", **FORM).text)
    assert found
    number = tokens_of(owner.application)[-1].id
    response = send(owner, f"/admin/tokens/{number}/remove")
    assert "Das Token ist entfernt" in owner.get(response.location).text
    assert report(owner.application.test_client(), found[1]) == 401


@pytest.mark.parametrize("number", ["99", "x", "-1", "99999999999999999999"])
def test_a_missing_token_is_not_found(owner: FlaskClient, number: str) -> None:
    assert send(owner, f"/admin/tokens/{number}/remove").status_code == 404


def test_a_viewer_makes_none(colleague: FlaskClient) -> None:
    assert send(colleague, "/admin/tokens", **FORM).status_code == 403


def test_only_the_hash_is_kept(tmp_path):
    city = install(tmp_path)
    tokens = Tokens(city.store.connection)
    secret = tokens.add(1, "civento")
    row = city.store.connection.execute("select * from token").fetchone()
    assert secret not in map(str, row)
    assert tokens.find(secret) == tokens.all()[0]
    assert tokens.find(secret + "x") is None


@pytest.mark.parametrize(
    ("name", "scopes"), [(" ", ("events",)), ("x" * 101, ("events",)), ("a", ()), ("a", ("root",))]
)
def test_a_token_has_a_name_and_a_known_use(tmp_path, name, scopes):
    with pytest.raises(ConfigError):
        Tokens(install(tmp_path).store.connection).add(1, name, scopes)


def test_a_number_is_never_used_again(tmp_path):
    tokens = Tokens(install(tmp_path).store.connection)
    tokens.add(1, "eins")
    tokens.remove(1)
    tokens.add(1, "zwei")
    assert [token.id for token in tokens.all()] == [2]


def test_the_tokens_of_a_municipality_go_with_it(tmp_path):
    city = install(tmp_path)
    town = city.catalogue.add_municipality("Gießen", GIESSEN)
    secret = Tokens(city.store.connection).add(town.id, "civento")
    remove_municipality(city.store, city.catalogue.municipality(GIESSEN).id)
    assert Tokens(city.store.connection).find(secret) is None


def run(data, *arguments, code=0):
    done = CliRunner().invoke(main, ["token", *arguments, "--data", str(data)])
    assert done.exit_code == code, done.output
    return done.output


def test_tokens_are_kept_on_the_command_line(tmp_path):
    city = install(tmp_path)
    data = city.config.data
    output = run(data, "add", "--municipality", MARBURG, "--name", "civento")
    secret = re.search(r"zw_\S+", output)
    assert secret and Tokens(city.store.connection).find(secret[0])
    listed = run(data, "list")
    assert "civento" in listed and "Marburg" in listed and "never" in listed
    assert secret[0] not in listed
    run(data, "remove", "1")
    assert Tokens(city.store.connection).all() == []


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("add", "--municipality", "1", "--name", "a"), 1, "no municipality"),
        (("add", "--municipality", MARBURG, "--name", ""), 1, "1 to 100"),
        (("add", "--municipality", MARBURG, "--name", "a", "--scope", "root"), 2, "root"),
        (("remove", "7"), 1, "token list"),
    ],
)
def test_the_command_line_says_what_is_wrong(tmp_path, arguments, code, word):
    assert word in run(install(tmp_path).config.data, *arguments, code=code)
