"""Sign-in and sign-out: cookies, sessions, attempts and where it leads."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from roles import COLLEAGUE, OWNER, PASSWORD, send, session_of
from werkzeug.test import TestResponse

from admin import create_app
from admin.access import COOKIE
from admin.security import Attempts
from admin.session import attempts, own_path
from tracker.config import Config, networks
from tracker.peer import address_group

PATH = "/admin/sign-in"


def sign_in(client: FlaskClient, email: str = OWNER, password: str = PASSWORD, path: str = PATH) -> TestResponse:
    return client.post(path, data={"email": email, "password": password})


def test_the_right_password_opens_the_list_of_sites(anyone: FlaskClient) -> None:
    response = sign_in(anyone)
    assert (response.status_code, response.location) == (303, "/admin/")
    assert "www.marburg.de" in anyone.get("/admin/").text


def test_the_case_of_the_address_does_not_matter(anyone: FlaskClient) -> None:
    assert sign_in(anyone, email=" Owner@Marburg.DE ").status_code == 303


@pytest.mark.parametrize(
    ("email", "password"), [(OWNER, "falsch"), ("nobody@marburg.de", PASSWORD), ("", ""), (OWNER, ""), ("\0", "\0")]
)
def test_wrong_or_missing_entries_are_told_alike(anyone: FlaskClient, email: str, password: str) -> None:
    response = sign_in(anyone, email, password)
    assert response.status_code == 401
    assert "E-Mail-Adresse oder Passwort stimmen nicht" in response.text
    assert "Set-Cookie" not in response.headers


def test_it_keeps_the_address_but_not_the_password(anyone: FlaskClient) -> None:
    response = sign_in(anyone, "<b>@marburg.de", "geheimes Passwort")
    assert 'value="&lt;b&gt;@marburg.de"' in response.text
    assert "geheimes Passwort" not in response.text


def test_the_cookie_is_for_the_server_alone(anyone: FlaskClient) -> None:
    cookie = sign_in(anyone).headers["Set-Cookie"]
    for part in ("Secure", "HttpOnly", "Path=/admin", "SameSite=Lax"):
        assert f"; {part}" in cookie


def test_the_cookie_works_without_https_where_there_is_none(config: Config) -> None:
    app = create_app(Config(data=config.data), background=False)
    assert "Secure" not in sign_in(app.test_client()).headers["Set-Cookie"]


def test_every_sign_in_begins_a_new_session(app: Flask) -> None:
    tokens = {sign_in(app.test_client()).headers["Set-Cookie"].split(";")[0] for _ in range(2)}
    assert len(tokens) == 2


def test_a_token_that_was_there_before_is_not_taken_over(anyone: FlaskClient) -> None:
    anyone.set_cookie(COOKIE, "planted", path="/admin")
    sign_in(anyone)
    cookie = anyone.get_cookie(COOKIE, path="/admin")
    assert cookie is not None and cookie.value != "planted"


def test_whoever_is_signed_in_goes_on(owner: FlaskClient) -> None:
    assert owner.get(PATH).location == "/admin/"


def test_sign_out_ends_the_session_on_the_server(owner: FlaskClient) -> None:
    cookie = owner.get_cookie(COOKIE, path="/admin")
    assert cookie is not None
    response = send(owner, "/admin/sign-out")
    assert response.status_code == 303
    assert owner.get_cookie(COOKIE, path="/admin") is None
    assert "Sie sind abgemeldet" in owner.get(response.location).text
    owner.set_cookie(COOKIE, cookie.value, path="/admin")
    assert session_of(owner) is None
    assert owner.get("/admin/").status_code == 303


def test_sign_out_needs_a_form(owner: FlaskClient) -> None:
    assert owner.get("/admin/sign-out").status_code == 405
    assert session_of(owner) is not None


def test_it_leads_back_to_the_page_that_was_asked_for(anyone: FlaskClient) -> None:
    path = anyone.get("/admin/sites/www.marburg.de/setup?a=ü").location
    assert sign_in(anyone, path=path).location == "/admin/sites/www.marburg.de/setup?a=%C3%BC"


def lost(client: FlaskClient, path: str, referrer: str | None = None) -> str:
    """Where someone is led who sends a form after the session has ended."""
    headers = {"Referer": referrer} if referrer else {}
    response = client.post(path, data={"csrf": "of the session before", "note": "Notiz"}, headers=headers)
    assert response.status_code == 303
    return response.location


def test_it_says_that_a_session_has_ended_and_nothing_was_saved(anyone: FlaskClient) -> None:
    path = lost(anyone, "/admin/feedback/7?q=antrag&lang=de")
    page = anyone.get(path).text
    assert "Ihre Sitzung ist abgelaufen" in page and "nicht gespeichert" in page
    assert "abgelaufen" in anyone.get(path).text
    assert "abgelaufen" not in sign_in(anyone, password="falsch", path=path).text
    assert sign_in(anyone, path=path).location == "/admin/feedback/7?q=antrag&lang=de"


def test_who_only_looks_reads_nothing_of_an_ended_session(anyone: FlaskClient) -> None:
    assert "abgelaufen" not in anyone.get(anyone.get("/admin/feedback").location).text


@pytest.mark.parametrize(
    ("referrer", "target"),
    [
        ("http://localhost/admin/feedback?q=m%C3%BCll&page=2", "/admin/feedback?q=m%C3%BCll&page=2"),
        ("https://stats.example.de/admin/feedback", "/admin/feedback"),
        ("https://evil.example/admin/feedback", "/admin/"),
        ("https://stats.example.de.evil.example/admin/feedback", "/admin/"),
        ("https://evil.example@localhost.evil.example/admin/feedback", "/admin/"),
        ("http://localhost//evil.example/admin/feedback", "/admin/"),
        ("http://localhost/admin/%2e%2e/%2e%2e//evil.example", "/admin/"),
        ("http://localhost/admin/feedback/bulk", "/admin/"),
        ("http://localhost/admin/no-such-page", "/admin/"),
        ("http://localhost/transparency/065340014014", "/admin/"),
        ("http://[", "/admin/"),
        ("javascript:alert(1)", "/admin/"),
        (None, "/admin/"),
    ],
)
def test_a_form_without_a_page_of_its_own_leads_back_to_where_it_was_sent_from(
    anyone: FlaskClient, referrer: str | None, target: str
) -> None:
    path = lost(anyone, "/admin/feedback/bulk", referrer)
    assert "Ihre Sitzung ist abgelaufen" in anyone.get(path).text
    assert sign_in(anyone, path=path).location == target


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/admin/",
        "//evil.example/admin/",
        "/\\evil.example",
        "/admin/\\..\\evil",
        "/admin/../opendata",
        "/admin",
        "/adminevil",
        "admin/",
        "javascript:alert(1)",
        "/admin/\r\nSet-Cookie: a=b",
        "http://[",
        "",
    ],
)
def test_only_paths_of_the_admin_area_are_led_to(target: str) -> None:
    assert own_path(target) is None


def test_it_leads_nowhere_else(anyone: FlaskClient) -> None:
    assert sign_in(anyone, path=f"{PATH}?next=//evil.example/admin/").location == "/admin/"


@pytest.mark.parametrize("email", [OWNER, "nobody@marburg.de"])
def test_an_address_gets_ten_attempts(app: Flask, anyone: FlaskClient, email: str) -> None:
    with app.app_context():
        for _ in range(9):
            attempts().failed({"address": "127.0.0.1"})
    assert sign_in(anyone, email, "falsch").status_code == 401
    response = sign_in(anyone, email)
    assert response.status_code == 429
    assert "Zu viele Versuche, bitte in 15 Minuten noch einmal versuchen." in response.text
    assert 890 <= int(response.headers["Retry-After"]) <= 900


@pytest.mark.parametrize("email", [OWNER, "nobody@marburg.de"])
def test_an_account_gets_thirty_attempts_from_wherever(app: Flask, anyone: FlaskClient, email: str) -> None:
    with app.app_context():
        for number in range(30):
            attempts().failed({"account": email.upper(), "address": f"192.0.2.{number}"})
    assert sign_in(anyone, email).status_code == 429
    assert sign_in(anyone, COLLEAGUE).status_code == 303


def test_a_success_clears_the_account(app: Flask, anyone: FlaskClient) -> None:
    with app.app_context():
        for number in range(29):
            attempts().failed({"account": OWNER, "address": f"192.0.2.{number}"})
    assert sign_in(anyone).status_code == 303
    with app.app_context():
        attempts().failed({"account": OWNER})
        assert attempts().wait({"account": OWNER}) == 0


@pytest.mark.parametrize(("trusted", "status"), [("", 429), ("127.0.0.1", 401)])
def test_a_forwarded_address_counts_only_behind_a_trusted_proxy(config: Config, trusted: str, status: int) -> None:
    app = create_app(Config(data=config.data, trusted_proxies=networks(trusted)), background=False)
    with app.app_context():
        for _ in range(10):
            attempts().failed({"address": "127.0.0.1"})
    headers = {"X-Forwarded-For": "192.0.2.7"}
    response = app.test_client().post(PATH, data={"email": "a@b.de", "password": ""}, headers=headers)
    assert response.status_code == status


def test_attempts_are_forgotten_after_a_quarter_of_an_hour() -> None:
    attempts, who = Attempts(), {"address": "192.0.2.1"}
    for second in range(10):
        attempts.failed(who, now=second)
    assert attempts.wait(who, now=100) == 800
    assert attempts.wait(who, now=900) == 0
    attempts.failed(who, now=901)
    assert attempts.wait(who, now=901) == 0


def test_attempts_are_bounded_and_hold_no_address() -> None:
    attempts = Attempts(capacity=100)
    for number in range(1000):
        attempts.failed({"account": f"account{number}@marburg.de", "address": "192.0.2.77"})
    held = repr(attempts)
    assert len(attempts._failed) == 100
    assert attempts.wait({"address": "192.0.2.77"}) > 0
    assert "192.0.2.77" not in held and "marburg" not in held


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
    ],
)
def test_an_ipv6_network_counts_as_one_address(address: str, group: str) -> None:
    assert address_group(address) == group


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}, 303),
        ({"Origin": "https://stats.example.de"}, 303),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://localhost.evil.example"}, 403),
    ],
)
def test_no_foreign_page_can_sign_anyone_in(anyone: FlaskClient, headers: dict[str, str], status: int) -> None:
    response = anyone.post(PATH, data={"email": OWNER, "password": PASSWORD}, headers=headers)
    assert response.status_code == status


def test_it_refuses_a_form_that_is_too_large(anyone: FlaskClient) -> None:
    assert sign_in(anyone, password="x" * 100_000).status_code == 413


def test_the_language_chosen_at_the_sign_in_stays(anyone: FlaskClient) -> None:
    assert "Sign in" in anyone.get(f"{PATH}?lang=en").text
    sign_in(anyone, path=f"{PATH}?lang=en")
    assert '<html lang="en">' in anyone.get("/admin/").text
