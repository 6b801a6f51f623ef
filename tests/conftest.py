"""The whole application in one line on a temporary directory, and the standing roles."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from jinja2 import FileSystemBytecodeCache
from roles import COLLEAGUE, OWNER, PASSWORD, STRANGER, WRITER, signed_in

from admin import create_app
from tracker.config import Config
from tracker.store import open_database
from tracker.store.accounts import EDITOR, OPERATOR, VIEWER, Accounts
from tracker.store.catalogue import Catalogue
from tracker.store.tokens import Tokens

settings.register_profile("zaehlwerk", deadline=None, suppress_health_check=[HealthCheck.too_slow])  # busy machines
settings.load_profile("zaehlwerk")


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A database with two municipalities, www.marburg.de, four accounts and a token; made once, for speed."""
    path = tmp_path_factory.mktemp("prepared") / "zaehlwerk.db"
    connection = open_database(path)
    catalogue, accounts = Catalogue(connection), Accounts(connection)
    marburg = catalogue.add_municipality("Marburg", "065340014014")
    giessen = catalogue.add_municipality("Gießen", "065310005005")
    catalogue.add_site("www.marburg.de", marburg.ars)
    accounts.add(OWNER, PASSWORD, OPERATOR)
    accounts.add(COLLEAGUE, PASSWORD, VIEWER, marburg.id)
    accounts.add(STRANGER, PASSWORD, VIEWER, giessen.id)
    accounts.add(WRITER, PASSWORD, EDITOR, marburg.id)
    Tokens(connection).add(marburg.id, "Formularserver")
    connection.close()
    return path.read_bytes()


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Compiled templates, shared by the applications of a test run: compiling takes longer than most tests."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("compiled")))


@pytest.fixture
def config(tmp_path: Path, prepared: bytes) -> Config:
    """The settings of a prepared data directory."""
    config = Config(data=tmp_path / "data", base_url="https://stats.example.de")
    config.journal.mkdir(parents=True)
    config.database.write_bytes(prepared)
    return config


@pytest.fixture
def app(config: Config, compiled: FileSystemBytecodeCache) -> Flask:
    """The whole application, without background duties."""
    app = create_app(config, background=False)
    app.jinja_env.bytecode_cache = compiled
    app.testing = True
    return app


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
def writer(app: Flask) -> FlaskClient:
    """An editor of Marburg."""
    return signed_in(app, WRITER)


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    """A viewer of Gießen."""
    return signed_in(app, STRANGER)
