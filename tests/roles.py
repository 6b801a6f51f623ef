"""The standing roles of the tests, and what their browsers do."""

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from admin.access import COOKIE, config
from tracker.store import open_database
from tracker.store.accounts import Account, Accounts, Session

OWNER, COLLEAGUE, STRANGER = "owner@marburg.de", "colleague@marburg.de", "stranger@giessen.de"
WRITER = "writer@marburg.de"
PASSWORD = "vier zufällige Wörter"  # of all of them


def signed_in(app: Flask, email: str) -> FlaskClient:
    """A client with a session of an account, begun without the form."""
    client = app.test_client()
    with app.app_context():
        connection = open_database(config().database)
    accounts = Accounts(connection)
    client.set_cookie(COOKIE, accounts.begin_session(accounts.find(email)), path="/admin")
    connection.close()
    return client


def session_of(client: FlaskClient) -> Session | None:
    """The session of a client, if it has one that holds."""
    cookie = client.get_cookie(COOKIE, path="/admin")
    if cookie is None:
        return None
    with client.application.app_context():
        connection = open_database(config().database)
    found = Accounts(connection).session(cookie.value)
    connection.close()
    return found


def csrf(client: FlaskClient) -> str:
    """The token that the forms of a client's session carry."""
    session = session_of(client)
    assert session is not None
    return session.csrf


def send(client: FlaskClient, path: str, **form: Any) -> TestResponse:
    """Send a form with the token of the client's session."""
    return client.post(path, data={"csrf": csrf(client), **form}, buffered=True)


def accounts_of(app: Flask) -> list[Account]:
    """The accounts that the database holds now."""
    with app.app_context():
        connection = open_database(config().database)
    found = Accounts(connection).all()
    connection.close()
    return found
