"""The inbox and the public answers in a real browser: by keyboard alone, without scripts, narrow and wide, with axe."""

from collections.abc import Iterator

import pytest
from axe import findings
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from roles import send
from serving import is_too_wide, served, sign_in, watched
from voices import HOSTILE, MARBURG, database, row, say

from tracker.config import Config
from tracker.services.service import Service
from tracker.store.answers import Answers
from tracker.store.services import Services

TEXT = "Ich habe das Formular eine Stunde lang gesucht und nicht gefunden."
PATHS = ("/admin/feedback", "/admin/feedback/1", "/admin/feedback/answers", "/admin/feedback/answers/new?piece=1")


@pytest.fixture
def base(app: Flask, config: Config) -> Iterator[str]:
    """Where the application listens, with a few pieces of feedback, hostile ones among them."""
    with database(config) as connection:
        Services(connection).add(1, Service("wohngeld", "Wohngeld beantragen"))
    say(config, TEXT, rating=2, found="no", service="wohngeld", page="/wohngeld", device="mobile", language="de")
    say(config, "Danke, das ging schnell!", rating=5, service="wohngeld")
    for text in HOSTILE:
        say(config, text, rating=1)
    with served(app) as base:
        yield base


@pytest.fixture
def editor(page: Page, base: str, writer: FlaskClient) -> Iterator[Page]:
    """A browser with an editor's session, which complains of any script or style that is not ours."""
    sign_in(page, writer)
    with watched(page):
        yield page


def _tab_to(page: Page, name: str) -> None:
    """Press the tab key until what has the focus is called so."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate(
            "(name) => { const e = document.activeElement; return (e.id || e.value || '') === name"
            " || e.textContent.trim() === name || e.getAttribute('aria-label') === name }",
            name,
        ):
            return
    pytest.fail(f"the keyboard never gets to {name}")


def test_one_finds_and_answers_by_keyboard_alone(editor: Page, base: str, config: Config) -> None:
    editor.goto(f"{base}/admin/feedback")
    _tab_to(editor, "q")
    editor.keyboard.type("formulare")
    editor.keyboard.press("Enter")
    expect(editor.locator(".zw-piece")).to_have_count(1)
    _tab_to(editor, "Rückmeldung 1")
    editor.keyboard.press("Enter")
    expect(editor.locator("h1")).to_contain_text("Rückmeldung 1")
    _tab_to(editor, "tags")
    editor.keyboard.type("Suche, Formular")
    _tab_to(editor, "answer")
    editor.keyboard.type("Es steht jetzt auf der Startseite.")
    editor.keyboard.press("Tab")
    editor.keyboard.press("Enter")
    expect(editor.locator("#done")).to_have_text("Die Änderungen sind gespeichert.")
    kept = row(config, 1)
    assert (kept["status"], kept["tags"]) == ("answered", ["Formular", "Suche"])
    assert "q=formulare" in editor.url


def test_one_publishes_by_keyboard_alone_and_releases_nothing_by_accident(
    editor: Page, base: str, config: Config
) -> None:
    editor.goto(f"{base}/admin/feedback/answers/new?piece=1")
    expect(editor.get_by_label("Den Wortlaut dieses Kommentars veröffentlichen")).not_to_be_checked()
    _tab_to(editor, "title")
    editor.keyboard.type("Formular gefunden")
    _tab_to(editor, "did")
    editor.keyboard.type("Es steht jetzt auf der Startseite.")
    _tab_to(editor, "preview")
    editor.keyboard.press("Enter")
    expect(editor.locator("h1")).to_have_text("Genau das wird öffentlich")
    assert TEXT not in editor.locator("main").inner_text()
    _tab_to(editor, "edit")
    editor.keyboard.press("Enter")
    expect(editor.locator("h1")).to_have_text("Neue Antwort")
    _tab_to(editor, "release")
    editor.keyboard.press("Space")
    _tab_to(editor, "preview")
    editor.keyboard.press("Enter")
    expect(editor.locator("article blockquote")).to_have_text(TEXT)
    _tab_to(editor, "publish")
    editor.keyboard.press("Enter")
    expect(editor.locator("#done")).to_have_text("Die Antwort ist öffentlich.")
    with database(config) as connection:
        assert [answer.said for answer in Answers(connection).published(1)] == [TEXT]


def test_one_box_ticks_the_whole_page(editor: Page, base: str) -> None:
    editor.goto(f"{base}/admin/feedback")
    every, ticks = editor.get_by_label("Alle auf dieser Seite auswählen"), editor.locator(".zw-piece__tick")
    every.check()
    assert ticks.evaluate_all("(boxes) => boxes.every((box) => box.checked)")
    ticks.first.uncheck()
    assert every.evaluate("(box) => box.indeterminate")
    every.check()
    every.uncheck()
    assert not ticks.evaluate_all("(boxes) => boxes.some((box) => box.checked)")


def test_many_are_changed_without_scripts(browser: Browser, base: str, writer: FlaskClient, config: Config) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, writer)
    page.goto(f"{base}/admin/feedback?lang=de")
    expect(page.get_by_label("Alle auf dieser Seite auswählen")).to_be_hidden()
    page.get_by_label("Rückmeldung 1 auswählen").check()
    page.get_by_label("Rückmeldung 2 auswählen").check()
    page.get_by_label("Was soll sich ändern?").select_option("status:closed")
    page.get_by_role("button", name="Ausgewählte ändern").click()
    expect(page.locator("main")).to_contain_text("2 Rückmeldungen: Der Status wird „erledigt“.")
    page.get_by_role("button", name="Jetzt ändern").click()
    expect(page.locator("#done")).to_have_text("Die Rückmeldungen sind geändert.")
    assert [row(config, number)["status"] for number in (1, 2, 3)] == ["closed", "closed", "new"]
    context.close()


@pytest.mark.parametrize(("width", "scheme", "language"), [(1280, "light", "de"), (320, "dark", "en")])
def test_axe_finds_nothing_and_every_page_fits(
    browser: Browser, base: str, writer: FlaskClient, width: int, scheme: str, language: str
) -> None:
    form = {"title": "Formular", "did": "Gefunden", "excerpt": TEXT, "release": "on", "step": "publish"}
    send(writer, "/admin/feedback/answers/new?piece=1", **form)
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    sign_in(page, writer)
    for path in (*PATHS, "/admin/feedback?q=formular&rating=low&text=with", f"/transparency/{MARBURG}/answers"):
        page.goto(f"{base}{path}{'&' if '?' in path else '?'}lang={language}")
        for summary in page.locator("summary").all():
            summary.click()
        assert findings(page) == [], path
        assert not is_too_wide(page), path
    context.close()


def test_hostile_comments_neither_run_nor_hide(editor: Page, base: str) -> None:
    editor.goto(f"{base}/admin/feedback?sort=oldest")
    shown = editor.locator(".zw-piece__text").all_inner_texts()
    assert "<script>alert(1)</script>" in shown
    assert len(shown) == len(HOSTILE) + 2


def test_towers_of_accents_stay_in_their_place(editor: Page, base: str, config: Config) -> None:
    number = say(config, "a" + "\u0310\u0315\u0322\u0489" * 200 + " Ende")
    editor.goto(f"{base}/admin/feedback/{number}")
    comment, form = editor.locator(".zw-comment").bounding_box(), editor.locator("#handling-title").bounding_box()
    assert comment is not None and form is not None
    assert comment["x"] + comment["width"] < form["x"]
    assert editor.locator(".zw-comment").evaluate("comment => getComputedStyle(comment).overflow") == "clip"
