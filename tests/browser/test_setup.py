"""The set-up page in a real browser: it notices the first beacon, and copies the tag."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from admin.access import COOKIE
from tracker.config import Config
from tracker.store import open_database


@pytest.fixture
def address(app: Flask, colleague: FlaskClient, page: Page) -> Iterator[str]:
    """Where the application listens; the browser has the session of a viewer."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    cookie = colleague.get_cookie(COOKIE, path="/admin")
    assert cookie is not None
    page.context.add_cookies([{"name": COOKIE, "value": cookie.value, "domain": "127.0.0.1", "path": "/admin"}])
    yield f"http://127.0.0.1:{server.port}/admin/sites/www.marburg.de/setup?lang=de"
    page.goto("about:blank")
    server.shutdown()
    thread.join()
    server.server_close()


def test_it_notices_the_first_beacon_by_itself(page: Page, address: str, config: Config) -> None:
    page.goto(address)
    link = page.get_by_role("link", name="Zur Auswertung")
    expect(page.get_by_text("Zählwerk wartet auf die erste Meldung")).to_be_visible()
    expect(link).to_be_hidden()
    connection = open_database(config.database)
    connection.execute("update site set first_beacon = 1")
    connection.close()
    expect(link).to_be_visible(timeout=3000)
    expect(page.get_by_text("Zählwerk wartet auf die erste Meldung")).to_be_hidden()


def test_it_copies_the_tag(page: Page, address: str) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(address)
    page.get_by_role("button", name="Kopieren").first.click()
    expect(page.get_by_role("button", name="Kopiert")).to_be_visible()
    tag = '<script defer src="https://stats.example.de/snippet.js" data-site="www.marburg.de"></script>'
    assert page.evaluate("navigator.clipboard.readText()") == tag


def test_the_pages_break_no_policy(page: Page, address: str) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(address)
    page.get_by_text("Es kommt nichts an?").click()
    assert said == []
