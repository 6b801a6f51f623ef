"""The pages on data protection in a real browser: accessible, narrow and wide, light and dark, on paper."""

from collections.abc import Iterator

import pytest
from axe import findings
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from serving import is_too_wide, served, sign_in, watched

from tracker.audit.report import FAILURE, OK, WARNING, Finding, Report, save

ARS = "065340014014"
LONG = "opendata/" + "065340014014-sehr-langer-name-" * 4


@pytest.fixture
def base(app: Flask) -> Iterator[str]:
    """Where the application listens, with an audit that found something."""
    found = (
        Finding("files", FAILURE, "found", {"place": LONG, "kind": "address"}),
        Finding("rows", WARNING, "by_hand", {"place": "feedback.note", "kind": "phone", "number": 3}),
        Finding("pseudonyms", OK, "fresh"),
    )
    save(app.config["ZAEHLWERK"], Report(1_779_098_400.0, 0.5, False, found))
    with served(app) as base:
        yield base


@pytest.fixture
def visited(base: str, owner: FlaskClient, page: Page) -> Iterator[str]:
    """The address of the page; the browser has the operator's session, and complains of any script or style."""
    sign_in(page, owner)
    with watched(page):
        yield f"{base}/admin/privacy"


@pytest.mark.parametrize(
    ("width", "scheme", "language"),
    [(1280, "light", "de"), (1280, "dark", "en"), (360, "light", "en"), (360, "dark", "de")],
)
def test_the_pages_are_accessible_and_fit(page: Page, visited: str, width: int, scheme: str, language: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 900})
    for path in ("", f"/{ARS}/notice", f"/{ARS}/record", f"/{ARS}/annex"):
        page.goto(f"{visited}{path}?lang={language}")
        for details in page.locator("main details").all():
            details.locator("summary").click()
        assert findings(page) == []
        assert not is_too_wide(page), path


def test_the_audit_is_started_and_a_document_read_and_fetched_by_keyboard(page: Page, visited: str) -> None:
    page.goto(f"{visited}?municipality={ARS}&lang=de")
    expect(page.get_by_text(LONG)).to_be_visible()
    page.get_by_role("button", name="Jetzt prüfen").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Die Prüfung ist fertig.")
    expect(page.get_by_text(LONG)).to_have_count(0)
    page.get_by_role("link", name="Datenschutzhinweis für die Website").focus()
    page.keyboard.press("Enter")
    expect(page.locator("mark").first).to_contain_text("offen: ")
    with page.expect_download() as download:
        page.get_by_role("link", name="Als Textdatei").press("Enter")
    assert download.value.suggested_filename == f"datenschutzhinweis-{ARS}.md"
    assert download.value.path().read_text("utf-8").startswith("# Datenschutzhinweis")


def test_a_document_on_paper_is_the_document_alone(page: Page, visited: str) -> None:
    page.emulate_media(media="print")
    page.goto(f"{visited}/{ARS}/record?lang=de")
    expect(page.get_by_role("navigation")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".zw-document__note")).to_be_hidden()
    assert page.pdf(format="A4").startswith(b"%PDF")
