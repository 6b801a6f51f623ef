"""The whole application in one line on a temporary directory, and the standing roles."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from admin import create_app
from tracker.config import Config
from tracker.store import open_database
from tracker.store.accounts import OPERATOR, VIEWER, Accounts
from tracker.store.catalogue import Catalogue

OWNER, COLLEAGUE, STRANGER = "owner@marburg.de", "colleague@marburg.de", "stranger@giessen.de"
PASSWORD = "vier zufällige Wörter"  # of all three


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A database with two municipalities, www.marburg.de and the three accounts; made once, as hashing takes long."""
    path = tmp_path_factory.mktemp("prepared") / "zaehlwerk.db"
    connection = open_database(path)
    catalogue, accounts = Catalogue(connection), Accounts(connection)
    marburg = catalogue.add_municipality("Marburg", "065340014014")
    giessen = catalogue.add_municipality("Gießen", "065310005005")
    catalogue.add_site("www.marburg.de", marburg.ars)
    accounts.add(OWNER, PASSWORD, OPERATOR)
    accounts.add(COLLEAGUE, PASSWORD, VIEWER, marburg.id)
    accounts.add(STRANGER, PASSWORD, VIEWER, giessen.id)
    connection.close()
    return path.read_bytes()


@pytest.fixture
def config(tmp_path: Path, prepared: bytes) -> Config:
    """The settings of a prepared data directory."""
    config = Config(data=tmp_path / "data", base_url="https://stats.example.de")
    config.data.mkdir()
    config.database.write_bytes(prepared)
    return config


@pytest.fixture
def app(config: Config) -> Iterator[Flask]:
    """The whole application, without background duties."""
    app = create_app(config, background=False)
    app.testing = True
    yield app


@pytest.fixture
def anyone(app: Flask) -> FlaskClient:
    """Someone who is not signed in."""
    return app.test_client()


@pytest.fixture
def owner(app: Flask) -> FlaskClient:
    """The operator."""
    return signed_in(app, OWNER)


@pytest.fixture
def colleague(app: Flask) -> FlaskClient:
    """A viewer of Marburg."""
    return signed_in(app, COLLEAGUE)


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    """A viewer of Gießen."""
    return signed_in(app, STRANGER)


def signed_in(app: Flask, email: str) -> FlaskClient:
    """A client with a session of an account, begun without the form."""
    connection = open_database(app.config["ZAEHLWERK"].database)
    accounts = Accounts(connection)
    token = accounts.begin_session(accounts.find(email))
    connection.close()
    client = app.test_client()
    client.set_cookie("zw_session", token, path="/admin")
    return client


def csrf(client: FlaskClient) -> str:
    """The token that the forms of a client's session carry."""
    cookie = client.get_cookie("zw_session", path="/admin")
    assert cookie is not None
    connection = open_database(client.application.config["ZAEHLWERK"].database)
    session = Accounts(connection).session(cookie.value)
    connection.close()
    assert session is not None
    return session.csrf
