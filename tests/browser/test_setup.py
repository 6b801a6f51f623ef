"""The set-up page in a real browser: it notices the first beacon, and copies the tag."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from serving import served, sign_in

from tracker.config import Config
from tracker.store import open_database


@pytest.fixture
def address(app: Flask, colleague: FlaskClient, page: Page) -> Iterator[str]:
    """Where the application listens; the browser has the session of a viewer."""
    sign_in(page, colleague)
    with served(app) as base:
        yield f"{base}/admin/sites/www.marburg.de/setup?lang=de"
        page.goto("about:blank")


def test_it_notices_the_first_beacon_by_itself(page: Page, address: str, config: Config) -> None:
    page.goto(address)
    link = page.get_by_role("link", name="Zur Auswertung")
    expect(page.get_by_text("Zählwerk wartet auf die erste Meldung")).to_be_visible()
    expect(link).to_be_hidden()
    connection = open_database(config.database)
    connection.execute("update site set first_beacon = 1")
    connection.close()
    expect(link).to_be_visible()
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
