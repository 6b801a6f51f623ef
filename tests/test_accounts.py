"""The accounts: an operator's list of all, and everyone's own."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from roles import COLLEAGUE, OWNER, PASSWORD, STRANGER, accounts_of, send, session_of, signed_in

from admin.access import config
from admin.session import attempts
from tracker.store import open_database
from tracker.store.accounts import Account

NEW = "ein ganz anderes Passwort"
GIVEN = re.compile(r'<pre id="given"[^>]*><code>([^<]+)</code>')


def account_of(app: Flask, email: str) -> Account | None:
    return next((account for account in accounts_of(app) if account.email == email), None)


def number_of(app: Flask, email: str) -> int:
    account = account_of(app, email)
    assert account is not None
    return account.id


def hashes_of(app: Flask) -> list[str]:
    with app.app_context():
        connection = open_database(config().database)
    found = connection.execute("select password from account order by id").fetchall()
    connection.close()
    return [row[0] for row in found]


def can_sign_in(app: Flask, email: str, password: str) -> bool:
    return app.test_client().post("/admin/sign-in", data={"email": email, "password": password}).status_code == 303


def test_it_lists_all_accounts(owner: FlaskClient) -> None:
    page = owner.get("/admin/accounts").text
    assert all(email in page for email in (OWNER, COLLEAGUE, STRANGER))


@pytest.mark.parametrize(
    ("role", "municipality"),
    [("viewer", "065310005005"), ("editor", "065310005005"), ("operator", ""), ("operator", "x")],
)
def test_a_new_account_works_with_the_password_shown(owner: FlaskClient, role: str, municipality: str) -> None:
    app = owner.application
    response = send(owner, "/admin/accounts", email="neu@marburg.de", role=role, municipality=municipality)
    found, account = GIVEN.search(response.text), account_of(app, "neu@marburg.de")
    assert found and account
    assert (account.role, account.municipality_id is None) == (role, role == "operator")
    assert can_sign_in(app, "neu@marburg.de", found[1])
    assert found[1] not in owner.get("/admin/accounts").text


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({}, "Geben Sie eine E-Mail-Adresse ein"),
        ({"email": "kein Konto"}, "Geben Sie eine E-Mail-Adresse ein"),
        ({"email": COLLEAGUE.upper(), "role": "operator"}, "gibt es schon ein Konto"),
        ({"email": "neu@marburg.de"}, "Wählen Sie eine Rolle"),
        ({"email": "neu@marburg.de", "role": "root"}, "Wählen Sie eine Rolle"),
        ({"email": "neu@marburg.de", "role": "viewer"}, "Wählen Sie die Kommune"),
        ({"email": "neu@marburg.de", "role": "viewer", "municipality": "1"}, "Wählen Sie die Kommune"),
    ],
)
def test_it_says_what_is_wrong_and_keeps_the_entry(owner: FlaskClient, form: dict[str, str], message: str) -> None:
    before = accounts_of(owner.application)
    response = send(owner, "/admin/accounts", **form)
    assert response.status_code == 400
    assert message in response.text
    assert f'value="{form.get("email", "")}"' in response.text
    assert accounts_of(owner.application) == before


def test_a_removed_account_is_signed_out(owner: FlaskClient, colleague: FlaskClient) -> None:
    app = owner.application
    response = send(owner, f"/admin/accounts/{number_of(app, COLLEAGUE)}/remove")
    assert "Das Konto ist entfernt" in owner.get(response.location).text
    assert account_of(app, COLLEAGUE) is None
    assert colleague.get("/admin/").status_code == 303


def test_the_last_operator_stays(owner: FlaskClient) -> None:
    app = owner.application
    response = send(owner, f"/admin/accounts/{number_of(app, OWNER)}/remove")
    assert response.status_code == 409
    assert "das letzte Konto mit der Rolle Betrieb" in response.text
    assert account_of(app, OWNER)


def test_an_operator_may_go_when_another_stays(owner: FlaskClient) -> None:
    app = owner.application
    send(owner, "/admin/accounts", email="zweite@marburg.de", role="operator")
    response = send(owner, f"/admin/accounts/{number_of(app, OWNER)}/remove")
    assert response.location.startswith("/admin/sign-in")
    assert account_of(app, OWNER) is None


@pytest.mark.parametrize("action", ["remove", "reset"])
@pytest.mark.parametrize(("number", "status"), [("999", 404), ("x", 404), ("-1", 404), ("99999999999999999999", 404)])
def test_a_missing_account_is_not_found(owner: FlaskClient, number: str, action: str, status: int) -> None:
    assert send(owner, f"/admin/accounts/{number}/{action}").status_code == status


def test_a_reset_gives_a_new_password_and_ends_sessions(owner: FlaskClient, colleague: FlaskClient) -> None:
    app = owner.application
    response = send(owner, f"/admin/accounts/{number_of(app, COLLEAGUE)}/reset")
    found = GIVEN.search(response.text)
    assert found
    assert session_of(colleague) is None
    assert not can_sign_in(app, COLLEAGUE, PASSWORD)
    assert can_sign_in(app, COLLEAGUE, found[1])


def test_nobody_resets_the_own_password(owner: FlaskClient) -> None:
    response = send(owner, f"/admin/accounts/{number_of(owner.application, OWNER)}/reset")
    assert response.status_code == 409
    assert "unter „Mein Konto“" in response.text


def test_the_own_account_shows_itself(colleague: FlaskClient) -> None:
    page = colleague.get("/admin/account").text
    assert COLLEAGUE in page and "Marburg" in page


def test_a_changed_password_ends_the_other_sessions(colleague: FlaskClient) -> None:
    app = colleague.application
    elsewhere = signed_in(app, COLLEAGUE)
    response = send(colleague, "/admin/account/password", current=PASSWORD, new=NEW, again=NEW)
    assert "Ihr Passwort ist geändert" in colleague.get(response.location).text
    assert session_of(elsewhere) is None
    assert can_sign_in(app, COLLEAGUE, NEW)
    assert not can_sign_in(app, COLLEAGUE, PASSWORD)


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({}, "mindestens 12 und höchstens 200 Zeichen"),
        ({"current": PASSWORD, "new": "kurz", "again": "kurz"}, "mindestens 12"),
        ({"current": PASSWORD, "new": "x" * 201, "again": "x" * 201}, "höchstens 200"),
        ({"current": PASSWORD, "new": NEW, "again": PASSWORD}, "Die beiden neuen Passwörter sind verschieden"),
        ({"current": "falsch", "new": NEW, "again": NEW}, "Das bisherige Passwort stimmt nicht"),
        ({"new": NEW, "again": NEW}, "Das bisherige Passwort stimmt nicht"),
    ],
)
def test_a_wrong_entry_changes_no_password(colleague: FlaskClient, form: dict[str, str], message: str) -> None:
    before = hashes_of(colleague.application)
    response = send(colleague, "/admin/account/password", **form)
    assert response.status_code == 400
    assert message in response.text
    assert hashes_of(colleague.application) == before


def test_guessing_the_present_password_is_limited(colleague: FlaskClient) -> None:
    with colleague.application.app_context():
        for _ in range(10):
            attempts().failed({"address": "127.0.0.1"})
    response = send(colleague, "/admin/account/password", current=PASSWORD, new=NEW, again=NEW)
    assert response.status_code == 400
    assert "Zu viele Versuche" in response.text


def test_the_language_is_remembered(colleague: FlaskClient) -> None:
    response = send(colleague, "/admin/account/language", language="en", next="/admin/?a=b")
    assert response.location == "/admin/?a=b"
    assert "My account" in colleague.get("/admin/account").text
    assert colleague.get("/admin/account?lang=de").text.count("Mein Konto") > 1


@pytest.mark.parametrize("target", ["", "https://evil.example/", "//evil.example"])
def test_the_language_switch_leads_nowhere_else(colleague: FlaskClient, target: str) -> None:
    response = send(colleague, "/admin/account/language", language="en", next=target)
    assert response.location == "/admin/account"


@pytest.mark.parametrize("form", [{}, {"language": "fr"}])
def test_an_unknown_language_is_refused(colleague: FlaskClient, form: dict[str, str]) -> None:
    assert send(colleague, "/admin/account/language", **form).status_code == 400
