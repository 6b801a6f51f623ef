"""Totals by program: PUT /api/v1/usage/<connector>/<period> with a token."""

from sqlite3 import Connection

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.office import SERVICES, as_csv, as_json, as_xlsx
from tracker.config import Config
from tracker.store import open_database
from tracker.store.services import Services
from tracker.store.tokens import EVENTS, USAGE, Tokens
from tracker.store.usage import Usage
from tracker.usage.layout import Connector, Layout

LAYOUT = Layout({"Tag": "period", "Dienst": "service", "Anzahl": "submitted"})
ROWS = [("Tag", "Dienst", "Anzahl"), ("05.01.2026", "hundesteuer", 5), ("06.01.2026", "wohngeld", 7)]


@pytest.fixture
def connection(config: Config) -> Connection:
    """The database, with a connector of Marburg."""
    connection = open_database(config.database)
    Services(connection).apply(1, SERVICES)
    Usage(connection).save(1, Connector("civento", "civento", LAYOUT))
    return connection


@pytest.fixture
def token(connection: Connection) -> str:
    return Tokens(connection).add(1, "civento", [USAGE])


def put(
    client: FlaskClient, token: str, body: bytes, path: str = "civento/2026-01", kind: str = "text/csv"
) -> TestResponse:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return client.put(f"/api/v1/usage/{path}", data=body, headers=headers, content_type=kind)


def total(connection: Connection) -> int:
    sources = Usage(connection).by_service(1, [2026]).values()
    return sum(figures.number("submitted") for found in sources for figures in found.values())


@pytest.mark.parametrize("content", [as_csv(ROWS, "cp1252"), as_json(ROWS), as_xlsx(ROWS)])
def test_a_period_is_put_in_any_format(anyone: FlaskClient, token: str, connection: Connection, content: bytes) -> None:
    response = put(anyone, token, content)
    assert (response.status_code, response.get_json()) == (
        200,
        {
            "import": 1,
            "lines": 2,
            "left_out": 0,
            "periods": ["2026-01-05", "2026-01-06"],
            "replaced": [],
            "findings": [],
        },
    )
    assert total(connection) == 12


def test_putting_again_replaces_the_period(anyone: FlaskClient, token: str, connection: Connection) -> None:
    put(anyone, token, as_csv(ROWS))
    put(anyone, token, as_csv([ROWS[0], ("05.02.2026", "wohngeld", 100)]), "civento/2026-02")
    response = put(anyone, token, as_csv(ROWS[:2]))
    assert response.get_json()["replaced"] == ["2026-01-05", "2026-01-06"]
    assert total(connection) == 105


def test_a_refused_file_changes_nothing_and_says_why(anyone: FlaskClient, token: str, connection: Connection) -> None:
    put(anyone, token, as_csv(ROWS))
    response = put(anyone, token, as_csv([*ROWS, ("05.02.2026", "Grundsteuer", "x")]))
    assert (response.status_code, response.mimetype) == (422, "application/problem+json")
    assert [(row["rule"], row["error"], row["line"], row["column"]) for row in response.get_json()["findings"]] == [
        ("service", True, 4, "Dienst"),
        ("period_outside", True, 4, "Tag"),
        ("number", True, 4, "Anzahl"),
    ]
    assert total(connection) == 12


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("civento/2026", b"", 400),
        ("civento/2026-13", b"", 400),
        ("civento/2026-02-30", b"", 400),
        ("civento/heute", b"", 400),
        ("nichts/2026-01", b"", 404),
        ("civento/2026-01", b"", 422),
        ("civento/2026-01", b"\0\x01\x02", 422),
        ("civento/2026-01", b"{", 422),
        ("civento/2026-01", b"PK\x03\x04", 422),
        ("civento/2026-01", b"a" * (64 * 1024 * 1024 + 1), 413),
    ],
)
def test_nonsense_is_refused(
    anyone: FlaskClient, token: str, connection: Connection, path: str, body: bytes, status: int
) -> None:
    response = put(anyone, token, body, path)
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    assert total(connection) == 0


def test_it_asks_for_a_token_of_that_use(anyone: FlaskClient, connection: Connection) -> None:
    other = Tokens(connection).add(1, "Ereignisse", [EVENTS])
    assert [put(anyone, secret, as_csv(ROWS)).status_code for secret in ("", "zw_falsch", other)] == [401, 401, 403]


def test_a_token_reaches_its_own_municipality_only(anyone: FlaskClient, connection: Connection) -> None:
    foreign = Tokens(connection).add(2, "Gießen", [USAGE])
    assert put(anyone, foreign, as_csv(ROWS)).status_code == 404
    assert total(connection) == 0


def test_a_cookie_counts_for_nothing(owner: FlaskClient, connection: Connection) -> None:
    assert put(owner, "", as_csv(ROWS)).status_code == 401


def test_other_methods_are_refused(anyone: FlaskClient, token: str) -> None:
    for method in ("GET", "POST", "DELETE", "PATCH"):
        assert anyone.open("/api/v1/usage/civento/2026-01", method=method).status_code == 405
