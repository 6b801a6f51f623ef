"""The feedback page and its receipts in Chromium without JavaScript, on a narrow screen, in either direction."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe import findings
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from playwright.sync_api import Browser, Page, expect
from qr_reading import read_qr
from werkzeug.serving import make_server

from admin import create_app
from admin.access import COOKIE
from admin.feedback_texts import Words, languages
from tests.server import free_port
from tracker.config import Config
from tracker.services.service import Service
from tracker.store import open_database
from tracker.store.feedback import Feedbacks, Setting
from tracker.store.services import Services

NARROW = {"width": 320, "height": 640}
WAITED = 2100  # ms; whoever is quicker is taken for a machine
TEXT = "Ich habe die Seite erst nach langem Suchen gefunden.\nBitte mailen an erika@example.org"


@pytest.fixture
def address(config: Config, compiled: FileSystemBytecodeCache) -> Iterator[str]:
    """Where the application listens, under its own public address; a service asks everything there is to ask."""
    connection = open_database(config.database)
    Services(connection).add(1, Service("hundesteuer", "Hundesteuer anmelden"))
    Feedbacks(connection).save_setting(1, "hundesteuer", Setting("information", True))
    connection.close()
    port = free_port()
    app = create_app(Config(data=config.data, base_url=f"http://127.0.0.1:{port}"), background=False)
    app.jinja_env.bytecode_cache = compiled
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=[False, True], ids=["light", "dark"])
def plain(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page of a browser without JavaScript, as wide as a small phone."""
    scheme = "dark" if request.param else "light"
    context = browser.new_context(
        java_script_enabled=False, viewport=NARROW, color_scheme=scheme, accept_downloads=True, reduced_motion="reduce"
    )
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def fits(page: Page) -> bool:
    """Whether nothing has to be scrolled sideways, seen without JavaScript of the page."""
    box = page.locator("body").bounding_box()
    assert box is not None
    return box["width"] <= NARROW["width"] and page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


def press(page: Page, label: str) -> None:
    page.get_by_role("button", name=label).click()


def give(page: Page, words: Words) -> None:
    """Answer as a person does, and send."""
    page.get_by_label(str(words.texts["partly"])).check()
    page.locator("#rating-4").check(force=True)
    page.locator("#detail_easy-5").check(force=True)
    page.locator("#text").fill(TEXT)
    page.wait_for_timeout(WAITED)
    press(page, words.texts["send"])


@pytest.mark.parametrize("code", ["de", "ar"])
def test_one_can_send_see_take_along_and_delete(plain: Page, address: str, code: str) -> None:
    words = languages()[code]
    plain.goto(f"{address}/feedback/www.marburg.de/hundesteuer?lang={code}")
    assert fits(plain)
    give(plain, words)
    expect(plain.locator("h1")).to_have_text(words.texts["thanks"])
    assert fits(plain)
    assert "erika@example.org" not in plain.content()
    receipt = plain.locator(".fb-code").inner_text()
    plain.get_by_role("link", name=words.texts["receipt_link"]).click()
    plain.get_by_label(words.texts["page_receipt_code"], exact=True).fill(receipt.lower())
    press(plain, words.texts["page_receipt_show"])
    expect(plain.locator("h1")).to_have_text(words.texts["page_receipt_found"])
    assert receipt not in plain.url
    assert fits(plain)
    assert document(plain, words)["rating"] == 4
    press(plain, words.texts["page_receipt_delete"])
    press(plain, words.texts["page_receipt_confirm_no"])
    expect(plain.locator("h1")).to_have_text(words.texts["page_receipt_found"])
    press(plain, words.texts["page_receipt_delete"])
    press(plain, words.texts["page_receipt_confirm_yes"])
    expect(plain.locator("h1")).to_have_text(words.texts["page_receipt_deleted"])
    assert plain.context.cookies() == []


def document(page: Page, words: Words) -> dict[str, Any]:
    """The file that one can take along."""
    with page.expect_download() as download:
        press(page, words.texts["page_receipt_download"])
    found: dict[str, Any] = json.loads(Path(download.value.path()).read_text("utf-8"))
    return found


def test_a_reloaded_page_of_thanks_shows_the_same_receipt(plain: Page, address: str) -> None:
    plain.goto(f"{address}/feedback/www.marburg.de/hundesteuer?lang=de")
    give(plain, languages()["de"])
    receipt = plain.locator(".fb-code").inner_text()
    plain.reload()
    assert plain.locator(".fb-code").inner_text() == receipt


def test_the_keyboard_alone_is_enough(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=NARROW)
    page = context.new_page()
    page.goto(f"{address}/feedback/www.marburg.de?lang=de")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Zum Inhalt")).to_be_focused()
    page.locator("#found-none").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowLeft")  # from "no answer" to the best grade
    expect(page.locator("#rating-5")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("Getippt.")
    page.wait_for_timeout(WAITED)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Absenden")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Vielen Dank für Ihre Rückmeldung!")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("code", ["de", "de-leicht", "ar"])
def test_axe_finds_nothing(browser: Browser, address: str, code: str, scheme: Any) -> None:
    words = languages()[code]
    context = browser.new_context(viewport=NARROW, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{address}/feedback/www.marburg.de/hundesteuer?lang={code}")
    assert findings(page) == []
    page.wait_for_timeout(WAITED)
    press(page, words.texts["send"])
    expect(page.get_by_role("alert")).to_be_visible()
    assert findings(page) == []
    give(page, words)
    receipt = page.locator(".fb-code").inner_text()
    assert findings(page) == []
    page.goto(f"{address}/feedback/receipt?lang={code}")
    assert findings(page) == []
    page.locator("#code").fill("0000")
    press(page, words.texts["page_receipt_show"])
    assert findings(page) == []
    page.locator("#code").fill(receipt)
    for button in ("page_receipt_show", "page_receipt_delete", "page_receipt_confirm_yes"):
        press(page, words.texts[button])
        assert findings(page) == []
    page.goto(f"{address}/feedback/www.nirgends.de?lang={code}")
    assert findings(page) == []
    context.close()


def test_the_page_breaks_no_policy(page: Page, address: str) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{address}/feedback/www.marburg.de/hundesteuer")
    give(page, languages()["en"] if "Send" in page.content() else languages()["de"])
    assert said == []


@pytest.fixture
def office(page: Page, colleague: FlaskClient) -> Page:
    """A page with the session of a viewer."""
    cookie = colleague.get_cookie(COOKIE, path="/admin")
    assert cookie is not None
    page.context.add_cookies([{"name": COOKIE, "value": cookie.value, "domain": "127.0.0.1", "path": "/admin"}])
    return page


def test_axe_finds_nothing_where_feedback_is_set_up(office: Page, address: str) -> None:
    for path in ("setup", "setup/www.marburg.de/hundesteuer", "poster/www.marburg.de/hundesteuer"):
        office.goto(f"{address}/admin/feedback/{path}?lang=de")
        assert findings(office) == [], path


def test_the_code_is_downloaded_as_a_file(office: Page, address: str) -> None:
    office.goto(f"{address}/admin/feedback/setup/www.marburg.de/hundesteuer?lang=de")
    with office.expect_download() as download:
        office.get_by_role("link", name="QR-Code als PNG").click()
    assert download.value.suggested_filename == "qr-www.marburg.de-hundesteuer.png"
    link = f"{address}/feedback/www.marburg.de/hundesteuer"
    assert read_qr(Path(download.value.path()).read_bytes()) == link


@pytest.mark.parametrize(("size", "width", "height"), [("a4", 595, 842), ("a6", 298, 420)])
def test_the_poster_fills_one_sheet(office: Page, address: str, size: str, width: int, height: int) -> None:
    office.goto(f"{address}/admin/feedback/poster/www.marburg.de/hundesteuer?size={size}")
    sheet = office.pdf(prefer_css_page_size=True, print_background=True)
    assert sheet.count(b"/Type /Page\n") == 1
    box = sheet.partition(b"/MediaBox [")[2].partition(b"]")[0].split()
    assert [round(float(edge)) for edge in box] == [0, 0, width, height]
