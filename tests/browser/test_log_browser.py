"""Log, take-out and requests of persons in a real browser: accessible, narrow and wide, light and dark."""

import zipfile
from collections.abc import Iterator
from contextlib import closing

import pytest
from axe import findings
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from serving import is_too_wide, served, sign_in, watched

from admin.access import config
from tracker.store import open_database
from tracker.store.audit_log import AuditLog

ARS = "065340014014"
PAGES = ("/admin/log", f"/admin/takeout/{ARS}", "/admin/requests", "/admin/")


@pytest.fixture
def visited(app: Flask, owner: FlaskClient, page: Page) -> Iterator[str]:
    """Where the application listens; the browser has the operator's session, and complains of any script or style."""
    with app.app_context(), closing(open_database(config().database)) as connection:
        for subject in ("hundesteuer", "sehr-lange-leistung-" * 10, "<b>=1+1"):
            AuditLog(connection).write(
                1_793_487_600, "sehr.langer.name.einer.person@stadt.example", 1, "services.edit", subject
            )
    sign_in(page, owner)
    with served(app) as base, watched(page):
        yield base


@pytest.mark.parametrize(
    ("width", "scheme", "language"),
    [(1280, "light", "de"), (1280, "dark", "en"), (360, "light", "en"), (360, "dark", "de")],
)
def test_the_pages_are_accessible_and_fit(visited: str, page: Page, width: int, scheme: str, language: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for path in PAGES:
        page.goto(f"{visited}{path}?lang={language}")
        assert findings(page) == [], path
        assert not is_too_wide(page), path


def test_the_archive_is_downloaded_at_the_push_of_a_button(visited: str, page: Page) -> None:
    page.goto(f"{visited}/admin/takeout/{ARS}")
    with page.expect_download() as download:
        page.get_by_role("button", name="Archiv herunterladen").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.testzip() is None
    page.goto(f"{visited}/admin/log")
    expect(page.get_by_role("cell", name="Gesamtdaten der Kommune heruntergeladen")).to_be_visible()


def test_a_letter_is_copied(visited: str, page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{visited}/admin/requests")
    page.get_by_role("button", name="Kopieren").first.click()
    expect(page.get_by_role("button", name="Kopiert").first).to_be_visible()
    assert "Guten Tag [Name]," in page.evaluate("navigator.clipboard.readText()")
