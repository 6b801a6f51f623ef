"""The pages of the Single Digital Gateway in a real browser: accessible, narrow and wide, light and dark."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from axe import findings
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from serving import is_too_wide, served, sign_in, watched

from admin.access import config
from tracker.feedback.feedback import Feedback
from tracker.rollups import BY_NAME, Delta, add
from tracker.services.service import Service
from tracker.store import open_store
from tracker.store.batch import Batch
from tracker.store.feedback import Feedbacks
from tracker.store.services import Services
from tracker.usage.periods import written

ARS = "065340014014"
LAST = (datetime.now(UTC).replace(day=1) - timedelta(days=1)).date()
MONTH = LAST.year * 100 + LAST.month
LONG = "/hund/" + "sehr-langer-name-" * 12 + "<b>"
SERVICES = [
    Service("hund", "Hundesteuer", leika="99102013060000", paths=("www.marburg.de/hund/**",), sdg=True),
    Service("fest", "Führungszeugnis beantragen", paths=("www.marburg.de/fest/**",), sdg=True),
]


@pytest.fixture
def base(app: Flask) -> Iterator[str]:
    """Where the application listens, with a month of views and feedback."""
    with app.app_context():
        store = open_store(config().database)
    Services(store.connection).apply(1, SERVICES)
    delta: Delta = {}
    for place, (device, country) in enumerate((d, c) for c in ("DE", "FR", "GR", "") for d in ("mobile", "desktop")):
        for page in ("/hund", "/hund/anmelden", "/fest/antrag/:id", LONG):
            number = 1000 // (place + 1)
            add(delta, BY_NAME["sdg"].number, f"{device}/{country}/{page}", (0, 0, number, 0, 0, 0, 1))
    store.begin()
    store.apply(Batch({(1, MONTH * 100 + 15): {"": delta}}, {}, [], [], {}, {}, {}, 0))
    store.commit()
    for rating, category, found in ((5, "procedure", ""), (4, "procedure", ""), (1, "information", "no")):
        given = {"service": "hund", "rating": rating, "found": found, "page": "/hund", "text": "GEHEIM"}
        Feedbacks(store.connection).add(Feedback(1, MONTH * 100 + 2, category, **given), uuid.uuid4().bytes)
    store.close()
    with served(app) as base:
        yield base


@pytest.fixture
def visited(base: str, owner: FlaskClient, page: Page) -> Iterator[str]:
    """Where the application listens; the browser has the operator's session, and complains of any script or style."""
    sign_in(page, owner)
    with watched(page, allowed="status of 400"):
        yield f"{base}/admin/sdg"


@pytest.mark.parametrize(
    ("width", "scheme", "language"),
    [(1280, "light", "de"), (1280, "dark", "en"), (360, "light", "en"), (360, "dark", "de")],
)
def test_the_pages_are_accessible_and_fit(page: Page, visited: str, width: int, scheme: str, language: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 900})
    town = f"?municipality={ARS}&"
    for path in (town, f"/{ARS}/statistics?", f"/{ARS}/feedback?", f"/{ARS}/statistics?month=2026-01&"):
        page.goto(f"{visited}{path}lang={language}")
        assert findings(page) == []
        assert not is_too_wide(page), path


def test_files_are_made_downloaded_and_corrected_by_keyboard(page: Page, visited: str) -> None:
    page.goto(f"{visited}?municipality={ARS}&lang=de")
    make = page.get_by_role("button", name="Statistik: Dateien erstellen")
    make.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Die Dateien sind erstellt.")
    with page.expect_download() as download:
        page.get_by_role("link", name=f"sdg-statistics-{ARS}-{written(MONTH)}-1.json").click()
    text = download.value.path().read_text("utf-8")
    assert text.startswith('{"isSDG":true,"content":[{"uniqueId":"')
    assert "GEHEIM" not in page.content() + text
    assert findings(page) == []
    page.goto(f"{visited}?municipality={ARS}&lang=de")
    expect(make).to_have_count(0)
    page.get_by_label("Datumsangaben").select_option("plain")
    page.get_by_role("button", name="Einstellungen speichern").click()
    page.get_by_role("button", name="Statistik: Korrektur erstellen").click()
    expect(page.locator("#history-title + p + table tbody tr")).to_have_count(2)


def test_the_settings_tell_what_is_wrong_at_their_fields(page: Page, visited: str) -> None:
    page.goto(f"{visited}?municipality={ARS}&lang=de")
    page.get_by_label("Name der Hülle").fill("isSDG")
    page.get_by_role("button", name="Einstellungen speichern").click()
    expect(page.locator("#envelope-error")).to_contain_text("nicht isSDG")
    assert findings(page) == []
