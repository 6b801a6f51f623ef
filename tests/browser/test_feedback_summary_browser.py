"""The summary of feedback in a real browser: its chart, by keyboard, without scripts, narrow and wide, printed, axe."""

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from axe import findings
from comments import COMMENTS
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from serving import is_too_wide, served, sign_in, watched

from tracker.calendar import day_number
from tracker.config import Config
from tracker.feedback.feedback import DETAILS, Feedback
from tracker.services.service import Service
from tracker.store import open_database
from tracker.store.feedback import Feedbacks
from tracker.store.services import Services
from tracker.store.topics import build_topics

HOSTILE = "<img src=x onerror=alert(1)>\"'{a|b}"
PATHS = ("/admin/feedback/summary", "/admin/feedback/summary/topics")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, prepared: bytes) -> bytes:
    """A database with four weeks of answers, hostile ones among them, and their topics."""
    path = tmp_path_factory.mktemp("summary") / "zaehlwerk.db"
    path.write_bytes(prepared)
    connection = open_database(path)
    Services(connection).apply(1, [Service("hund", "Hundesteuer"), Service("boese", HOSTILE)])
    today = datetime.now(ZoneInfo("Europe/Berlin")).date()
    texts = [(each.rating, each.text, each.language) for each in COMMENTS]
    for number, (rating, text, language) in enumerate([*texts, *[(1, f"{HOSTILE} Alarmknopf", "de")] * 4]):
        feedback = Feedback(
            1,
            day_number(today - timedelta(number % 28)),
            "procedure",
            ("hund", "boese", "")[number % 3],
            rating,
            ("yes", "partly", "no", "")[number % 4],
            text,
            device=("mobile", "desktop", "")[number % 3],
            language=language,
            details=dict.fromkeys(DETAILS, 1 + number % 5),
        )
        Feedbacks(connection).add(feedback, secrets.token_bytes(16))
    build_topics(connection, 1)
    connection.close()
    return path.read_bytes()


@pytest.fixture
def base(app: Flask, config: Config, filled: bytes) -> Iterator[str]:
    """Where the application listens."""
    config.database.write_bytes(filled)
    with served(app) as base:
        yield base


@pytest.fixture
def editor(page: Page, base: str, writer: FlaskClient) -> Iterator[Page]:
    """A browser with an editor's session, which complains of any script or style that is not ours."""
    sign_in(page, writer)
    with watched(page):
        yield page


def test_the_graph_is_drawn_out_of_its_table(editor: Page, base: str) -> None:
    editor.goto(f"{base}/admin/feedback/summary?lang=de&interval=day")
    expect(editor.locator("#chart canvas")).to_be_visible()
    table = editor.locator("#graph tbody td[data-value]")
    shares = [float(table.nth(place).get_attribute("data-value") or "") for place in range(table.count())]
    drawn = editor.evaluate("echarts.getInstanceByDom(document.getElementById('chart')).getOption().series.at(-1).data")
    assert len(shares) > 1 and drawn == pytest.approx(shares)
    expect(editor.locator("#merged")).to_contain_text("zusammengelegt")


def test_a_topic_opens_and_leads_to_its_comments(editor: Page, base: str) -> None:
    editor.goto(f"{base}/admin/feedback/summary?lang=de")
    topic = editor.locator("#side-low li").filter(has_text="Bearbeitungszeit")
    expect(topic.locator("q").first).to_be_hidden()
    topic.locator("summary").focus()
    editor.keyboard.press("Enter")
    expect(topic.locator("q").first).to_be_visible()
    topic.get_by_role("link").click()
    expect(editor.locator("h1")).to_contain_text("Eingang")
    expect(editor.get_by_text("Bearbeitungszeit", exact=False).first).to_be_visible()


def test_an_editor_renames_and_merges_by_keyboard(editor: Page, base: str) -> None:
    editor.goto(f"{base}/admin/feedback/summary/topics?lang=de")
    row = editor.locator("tbody tr").filter(has=editor.locator("summary", has_text="Bearbeitungszeit"))
    row.locator("summary").focus()
    editor.keyboard.press("Enter")
    row.get_by_label("Eigener Name").fill("Wie lange es dauert")
    row.get_by_label("Eigener Name").press("Enter")
    expect(editor.locator("#done")).to_contain_text("geändert")
    row = editor.locator("tbody tr").filter(has=editor.locator("summary", has_text="Handy"))
    row.locator("summary").click()
    row.get_by_label("Zählen als Teil von").select_option(label="Wie lange es dauert")
    row.get_by_role("button", name="Zusammenlegen").click()
    expect(editor.locator("summary", has_text="Wie lange es dauert")).to_contain_text("2 zusammengelegt")
    expect(editor.locator("summary", has_text="Handy")).to_have_count(0)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
@pytest.mark.parametrize("language", ["de", "en"])
def test_axe_finds_nothing_and_nothing_is_cut_off(
    editor: Page, base: str, path: str, width: int, scheme: str, language: str
) -> None:
    editor.set_viewport_size({"width": width, "height": 900})
    editor.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    editor.goto(f"{base}{path}?lang={language}")
    for summary in editor.locator("main details > summary").all()[:6]:
        summary.click()
    assert findings(editor) == []
    assert not is_too_wide(editor)


def test_it_is_complete_without_scripts(browser: Browser, base: str, writer: FlaskClient) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, writer)
    page.goto(f"{base}/admin/feedback/summary?lang=de&interval=day")
    expect(page.locator("#graph tbody tr").first).to_be_visible()
    page.locator("select[name=service]").select_option("hund")
    page.get_by_role("button", name="Anzeigen").last.click()
    expect(page.locator("h1 + p")).to_contain_text("Hundesteuer")
    context.close()


def test_it_prints_with_its_table_and_without_its_controls(editor: Page, base: str) -> None:
    editor.goto(f"{base}/admin/feedback/summary?lang=de")
    editor.emulate_media(media="print")
    editor.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(editor.locator("#graph")).to_be_visible()
    for hidden in (".zw-ranges", ".zw-feedback__choice", ".zw-tabs", ".zw-header"):
        expect(editor.locator(hidden).first).to_be_hidden()
    assert not is_too_wide(editor)


def test_hostile_names_are_texts(editor: Page, base: str) -> None:
    editor.goto(f"{base}/admin/feedback/summary?lang=de")
    expect(editor.locator("#rows-service").get_by_text(HOSTILE)).to_be_visible()
    assert editor.locator("main img").count() == 0
