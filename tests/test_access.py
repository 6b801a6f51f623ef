"""Who may call what: every route of the admin area, in every role."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from roles import OWNER, accounts_of, csrf, send, signed_in
from werkzeug.test import TestResponse

from admin.access import COOKIE, DEMANDS, EDITOR, OPERATOR, PUBLIC, TOKEN, VIEWER
from admin.stats import CARDS
from tracker.config import Config
from tracker.feedback.feedback import Feedback
from tracker.sdg.draft import Draft as Month
from tracker.sdg.setting import Setting
from tracker.sdg.transfer import make
from tracker.services.service import Service
from tracker.store import open_database
from tracker.store.accounts import SESSION_IDLE, SESSION_LIFE
from tracker.store.annotations import Annotations
from tracker.store.answers import Answers, Draft
from tracker.store.catalogue import Catalogue
from tracker.store.feedback import Feedbacks
from tracker.store.opendata import Opendata
from tracker.store.services import Services
from tracker.store.tokens import SCOPES
from tracker.store.usage import Usage
from tracker.usage.layout import Connector, Layout

IN_ADMIN = [
    endpoint
    for endpoint in DEMANDS
    if endpoint.split(".")[0] not in ("static", "operation", "feedback_intake", "api", "usage_api")
]
GUARDED = [endpoint for endpoint in IN_ADMIN if DEMANDS[endpoint] != PUBLIC]
LAYOUT = Layout({"Monat": "period", "Dienst": "service", "Anzahl": "submitted"})
VALUES: dict[str, Any] = {"host": "www.marburg.de", "card": next(iter(CARDS)), "number": 2, "token": 1}
VALUES |= {"kind": "svg", "site": "www.marburg.de", "service": "hundesteuer"}
VALUES |= {"ars": "065340014014", "slug": "hundesteuer", "sheet": "figures", "note": 1, "name": "civento"}
VALUES |= {"chart": "visits"}
VALUES |= {"document": "notice"}
VALUES |= {"piece": 1, "answer": 1, "path": "065340014014/index.html", "period": "2026-05-18", "outage": 1}
VALUES |= {"duty": "statistics", "transfer_file": "sdg-statistics-065340014014-2026-01-1.json"}
OF_MARBURG = {"piece", "answer", "host", "ars"}  # arguments that name what only Marburg may see


@pytest.fixture(autouse=True)
def service(config: Config) -> None:
    """A service of Marburg, with a note on it."""
    connection = open_database(config.database)
    marburg = Catalogue(connection).municipality(VALUES["ars"])
    Services(connection).add(marburg.id, Service(VALUES["slug"], "Hundesteuer", paths=("www.marburg.de/hund",)))
    Usage(connection).save(marburg.id, Connector(VALUES["name"], "civento", LAYOUT))
    Feedbacks(connection).add(Feedback(1, 20261103, "procedure", text="Der Anhang war zu groß"), b"receipt")
    Answers(connection).add(
        marburg.id, Draft("Anhänge", "", "Bis 20 MB sind jetzt erlaubt.", comment=1), date(2026, 11, 3)
    )
    make(connection, marburg, Month("statistics", 202601, [], []), Setting(), 0)
    Annotations(connection, marburg.id).add(date(2026, 11, 3), "Neues Formular", VALUES["slug"])
    Opendata(connection).add_outage(1, 20260518, 20260518, "Umbau")
    connection.close()


def path_of(app: Flask, endpoint: str, **changed: Any) -> str:
    with app.test_request_context("http://localhost/"):
        rule = next(app.url_map.iter_rules(endpoint))
        return str(app.url_for(endpoint, **{name: {**VALUES, **changed}[name] for name in rule.arguments}))


def methods_of(app: Flask, endpoint: str) -> set[str]:
    return {method for rule in app.url_map.iter_rules(endpoint) for method in rule.methods or ()} & {"GET", "POST"}


def changing(app: Flask, endpoints: list[str]) -> list[str]:
    """Those endpoints that change something."""
    found = [endpoint for endpoint in endpoints if "POST" in methods_of(app, endpoint)]
    assert found
    return found


def of_a_site(app: Flask) -> list[str]:
    """The endpoints of one site."""
    return [rule.endpoint for rule in app.url_map.iter_rules() if "host" in rule.arguments]


def call(client: FlaskClient, endpoint: str, **changed: Any) -> TestResponse:
    """Call an endpoint as its page would: read what can be read, else send an empty form with the right token."""
    path = path_of(client.application, endpoint, **changed)
    if "GET" in methods_of(client.application, endpoint):
        return client.get(path)
    signed = client.get_cookie(COOKIE, path="/admin") is not None
    return send(client, path) if signed else client.post(path)


def test_every_route_has_a_demand_and_every_demand_a_route(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(DEMANDS)


def test_every_demand_is_a_declared_one() -> None:
    assert set(DEMANDS.values()) <= {PUBLIC, VIEWER, EDITOR, OPERATOR, *(TOKEN + scope for scope in SCOPES)}


def test_the_data_interface_demands_a_token(app: Flask) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/")]
    without = {rule.endpoint for rule in rules if not DEMANDS[rule.endpoint].startswith(TOKEN)}
    assert without == {"api.openapi"}


def test_nothing_under_admin_is_public_but_the_sign_in(app: Flask) -> None:
    public = {rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.startswith("/admin")} - set(GUARDED)
    assert public == {"session.sign_in"}


def test_it_sends_whoever_is_not_signed_in_to_the_sign_in(anyone: FlaskClient) -> None:
    for endpoint in GUARDED:
        response = call(anyone, endpoint)
        assert response.status_code == 303, endpoint
        assert response.location.split("?")[0] == "/admin/sign-in", endpoint


@pytest.mark.parametrize("endpoint", GUARDED)
def test_it_lets_the_operator_do_everything(owner: FlaskClient, endpoint: str) -> None:
    assert call(owner, endpoint).status_code in (200, 303, 400)


@pytest.mark.parametrize("endpoint", GUARDED)
def test_it_lets_a_viewer_see_the_own_municipality(colleague: FlaskClient, endpoint: str) -> None:
    expected = (403,) if DEMANDS[endpoint] in (EDITOR, OPERATOR) else (200, 303, 400)
    assert call(colleague, endpoint).status_code in expected


@pytest.mark.parametrize("endpoint", GUARDED)
def test_it_lets_an_editor_answer_and_publish_for_the_own_municipality(writer: FlaskClient, endpoint: str) -> None:
    expected = (403,) if DEMANDS[endpoint] == OPERATOR else (200, 303, 400)
    assert call(writer, endpoint).status_code in expected


@pytest.mark.parametrize("endpoint", GUARDED)
def test_it_shows_nothing_of_a_foreign_municipality(stranger: FlaskClient, endpoint: str) -> None:
    rule = next(stranger.application.url_map.iter_rules(endpoint))
    seen = (404,) if OF_MARBURG & rule.arguments else (200, 303, 400)
    expected = (403,) if DEMANDS[endpoint] in (EDITOR, OPERATOR) else seen
    response = call(stranger, endpoint)
    assert response.status_code in expected
    assert b"www.marburg.de" not in response.data.replace(path_of(stranger.application, endpoint).encode(), b"")


def test_a_foreign_site_looks_like_a_missing_one(stranger: FlaskClient) -> None:
    for endpoint in of_a_site(stranger.application):
        foreign, missing = call(stranger, endpoint), call(stranger, endpoint, host="www.nirgends.de")
        assert foreign.status_code == missing.status_code, endpoint
        assert foreign.text.replace("www.marburg.de", "") == missing.text.replace("www.nirgends.de", ""), endpoint


def test_a_foreign_service_looks_like_a_missing_one(stranger: FlaskClient) -> None:
    app = stranger.application
    of_a_service = [rule.endpoint for rule in app.url_map.iter_rules() if "slug" in rule.arguments]
    assert of_a_service
    for endpoint in (endpoint for endpoint in of_a_service if DEMANDS[endpoint] == VIEWER):
        foreign, missing = call(stranger, endpoint), call(stranger, endpoint, ars="065310005005")
        assert foreign.status_code == missing.status_code == 404, endpoint


def test_a_missing_site_is_not_found(owner: FlaskClient) -> None:
    for endpoint in of_a_site(owner.application):
        assert call(owner, endpoint, host="www.nirgends.de").status_code == 404, endpoint


def test_it_refuses_other_methods(owner: FlaskClient) -> None:
    allowed: dict[str, set[str]] = {}
    for endpoint in IN_ADMIN:
        allowed.setdefault(path_of(owner.application, endpoint), set()).update(methods_of(owner.application, endpoint))
    for path, methods in allowed.items():
        for method in {"GET", "POST", "PUT", "DELETE", "PATCH"} - methods:
            assert owner.open(path, method=method).status_code == 405, path


@pytest.mark.parametrize("form", [{}, {"csrf": ""}, {"csrf": "wrong"}, {"csrf": "ä"}])
def test_it_changes_nothing_without_the_token_of_the_session(owner: FlaskClient, form: dict[str, str]) -> None:
    app = owner.application
    before = accounts_of(app)
    for endpoint in changing(app, GUARDED):
        assert owner.post(path_of(app, endpoint), data=form).status_code == 403, endpoint
    assert accounts_of(app) == before


def test_the_token_of_another_session_does_not_count(owner: FlaskClient) -> None:
    app = owner.application
    other = csrf(signed_in(app, OWNER))
    for endpoint in changing(app, GUARDED):
        assert owner.post(path_of(app, endpoint), data={"csrf": other}).status_code == 403, endpoint


def test_a_request_for_the_head_alone_changes_nothing(owner: FlaskClient, config: Config) -> None:
    form = {
        "name": "Neustadt",
        "ars": "065340014015",
        "host": "neu.de",
        "municipality": "065340014014",
        "level": "visits",
    }
    for path in ("/admin/municipalities/new", "/admin/sites/new"):
        assert owner.head(path, data=form).status_code == 200
    connection = open_database(config.database)
    assert [
        connection.execute(f"select count(*) from {table}").fetchone()[0] for table in ("municipality", "site")
    ] == [2, 1]
    connection.close()


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
def test_it_refuses_forms_of_foreign_pages(owner: FlaskClient, headers: dict[str, str]) -> None:
    app, form = owner.application, {"csrf": csrf(owner)}
    for endpoint in changing(app, IN_ADMIN):
        assert owner.post(path_of(app, endpoint), data=form, headers=headers).status_code == 403, endpoint


@pytest.mark.parametrize(
    "host", ["evil.example", "stats.example.de.evil.example", "[", "stats.example.de@evil.example"]
)
def test_it_refuses_an_unknown_host_header(anyone: FlaskClient, host: str) -> None:
    response = anyone.get("/admin/sign-in", headers={"Host": host})
    assert response.status_code == 400
    assert "evil" not in response.text


@pytest.mark.parametrize(
    "host", ["stats.example.de", "STATS.example.de:443", "localhost:8000", "127.0.0.1", "[::1]:80"]
)
def test_it_accepts_its_own_host_header(anyone: FlaskClient, host: str) -> None:
    assert anyone.get("/admin/sign-in", headers={"Host": host}).status_code == 200


def test_other_hosts_may_fetch_what_is_public(anyone: FlaskClient) -> None:
    assert anyone.get("/snippet.js", headers={"Host": "stats.internal"}).status_code == 200


def test_a_made_up_session_counts_for_nothing(anyone: FlaskClient) -> None:
    anyone.set_cookie(COOKIE, "made-up", path="/admin")
    assert anyone.get("/admin/").status_code == 303


@pytest.mark.parametrize(("column", "age"), [("seen", SESSION_IDLE), ("created", SESSION_LIFE)])
def test_a_session_ends(owner: FlaskClient, config: Config, column: str, age: int) -> None:
    connection = open_database(config.database)
    connection.execute(f"update session set {column} = {column} - ?", (age + 1,))
    connection.close()
    assert owner.get("/admin/").status_code == 303


def test_the_sign_in_leads_back(anyone: FlaskClient) -> None:
    response = anyone.get("/admin/sites/www.marburg.de/setup?a=1")
    assert response.location == "/admin/sign-in?next=/admin/sites/www.marburg.de/setup?a%3D1"


def test_a_page_script_is_told_in_json(anyone: FlaskClient, stranger: FlaskClient) -> None:
    headers = {"Accept": "application/json"}
    for client, status in ((anyone, 401), (stranger, 404)):
        response = client.get("/admin/sites/www.marburg.de/arrived", headers=headers)
        assert (response.status_code, response.mimetype) == (status, "application/problem+json")
        assert response.get_json()["status"] == status


@pytest.mark.parametrize(("path", "status"), [("/admin", 308), ("/admin/nothing", 404), ("/nothing", 404)])
def test_it_answers_for_paths_that_are_not_there(anyone: FlaskClient, path: str, status: int) -> None:
    assert anyone.get(path).status_code == status


def test_it_tells_the_data_interface_in_json(anyone: FlaskClient) -> None:
    response = anyone.get("/api/v1/nothing")
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")


def test_a_database_that_is_gone_is_said_plainly(owner: FlaskClient, config: Config) -> None:
    config.database.write_bytes(b"no database at all" * 1000)
    response = owner.get("/admin/")
    assert response.status_code == 503
    assert "Die Datenbank antwortet nicht" in response.text
