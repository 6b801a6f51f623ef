"""Every promise of static/feedback.js, kept in a real Chromium: a town's page, the real server, its database."""

import json
import re
import sqlite3
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from axe import findings
from flask import Flask
from playwright.sync_api import Locator, Page, Response, expect
from sink import PAGES
from town import HOST, Town, open_town
from werkzeug.serving import make_server

from tracker.config import Config

TEXTS = {
    path.stem: json.loads(path.read_text("utf-8"))
    for path in sorted((Path(__file__).parents[2] / "static" / "feedback").glob("*.json"))
}
DE = TEXTS["de"]
CODE = re.compile(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}")
PHONE = "06421 201 1234"
# The shadow trees are closed; only so can the tests and axe-core look into them.
OPENED = """
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (given) { return attach.call(this, { ...given, mode: "open" }); };
"""
# What the page of a strict town allows: its own style sheets, and the widget.
STRICT = (
    "default-src 'none'; script-src {stats}; connect-src {stats}; style-src 'self'; img-src data:; form-action 'none'; "
    "base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
HOSTILE = """
  *:not(html):not(body), *::before, *::after {
    color: lime !important; background: red !important; font: 40px/3 cursive !important; letter-spacing: 1em !important;
    text-transform: uppercase !important; text-align: right !important; text-decoration: line-through !important;
    border: 9px dashed blue !important; margin: 33px !important; padding: 21px !important; float: left !important;
    opacity: 0.3 !important; transform: rotate(3deg) !important; filter: invert(1) !important; width: 7px !important;
    pointer-events: none !important; visibility: hidden !important; cursor: none !important; z-index: -1 !important;
    position: relative !important; writing-mode: vertical-rl !important; direction: rtl !important;
    content-visibility: hidden !important; clip-path: inset(50%) !important; display: none !important;
  }
  html, body { display: block !important; }
  div { display: none } button { all: unset !important } :focus { outline: 0 !important }
"""


class Stats:
    """The real application on a port of its own, and what it has kept."""

    def __init__(self, url: str, config: Config) -> None:
        self.url = url
        self.config = config

    def kept(self) -> list[dict[str, Any]]:
        """Every piece of feedback, with its details."""
        with closing(sqlite3.connect(self.config.database)) as connection:
            connection.row_factory = sqlite3.Row
            rows = [dict(row) for row in connection.execute("select * from feedback order by id")]
            for row in rows:
                details = connection.execute(
                    "select question, value from feedback_detail where feedback_id = :id", {"id": row["id"]}
                )
                row["details"] = {detail["question"]: detail["value"] for detail in details}
        return rows


@pytest.fixture
def stats(app: Flask, config: Config, page: Page) -> Iterator[Stats]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield Stats(f"http://127.0.0.1:{server.port}", config)
    page.goto("about:blank")
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def town() -> Iterator[Town]:
    with open_town() as town:
        yield town


class Visit:
    """A page of the town that carries the widget, and how it is used; the shadow trees are open."""

    def __init__(self, page: Page, town: Town, stats: Stats) -> None:
        self.page = page
        self.town = town
        self.stats = stats

    def open(self, attributes: str = "", language: str = "", body: str = "", head: str = "", policy: str = "") -> None:
        """Open a page with the tag in its head."""
        self.page.add_init_script(OPENED)
        self.open_closed(attributes, language, body, head, policy)

    def open_closed(
        self, attributes: str = "", language: str = "", body: str = "", head: str = "", policy: str = ""
    ) -> None:
        """The same as it is in life."""
        tag = self.tag(attributes, language)
        html = f"""<!doctype html><html lang="de"><head><meta charset="utf-8"><title>Hundesteuer</title>
          <meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">{head}{tag}</head>
          <body><main><h1>Hundesteuer</h1><p>Wer einen Hund hält, zahlt.</p>{body}</main></body></html>"""
        self.page.goto(self.town.put("/hundesteuer", html, policy.format(stats=self.stats.url)))

    def tag(self, attributes: str = "", language: str = "") -> str:
        name = f"feedback.{language}.js" if language else "feedback.js"
        return f'<script defer src="{self.stats.url}/{name}" data-site="{HOST}" {attributes}></script>'

    @property
    def button(self) -> Locator:
        return self.page.locator("zw-feedback button.corner")

    @property
    def dialog(self) -> Locator:
        return self.page.locator("zw-feedback dialog")

    def open_panel(self) -> Locator:
        self.button.click()
        return self.dialog

    def answer(self, place: Locator, rating: int = 4, text: str = "") -> None:
        place.locator(f"[name=r][value='{rating}']").check()
        place.locator("textarea").fill(text)

    def send(self, place: Locator) -> None:
        place.locator("button.strong").click()


@pytest.fixture
def visit(page: Page, town: Town, stats: Stats) -> Visit:
    return Visit(page, town, stats)


def focused(page: Page) -> str:
    """Text of what has the focus, also within shadow trees."""
    text: str = page.evaluate("""() => {
      let at = document.activeElement;
      while (at.shadowRoot) at = at.shadowRoot.activeElement;
      return at.textContent;
    }""")
    return text


# Asking and sending


def test_feedback_is_given_with_the_mouse(visit: Visit) -> None:
    visit.open()
    panel = visit.open_panel()
    panel.get_by_text(DE["partly"]).click()
    panel.get_by_text("4", exact=True).click()
    panel.get_by_label(DE["text"]).fill(f"Gut. Rufen Sie mich an: {PHONE}")
    panel.get_by_role("button", name=DE["send"]).click()
    expect(panel.locator("code")).to_have_text(CODE)
    expect(panel).to_contain_text(DE["thanks"])
    expect(panel).to_contain_text(DE["masked"])
    expect(panel.locator("blockquote")).not_to_contain_text(PHONE)
    [kept] = visit.stats.kept()
    assert (kept["rating"], kept["found"], kept["category"], kept["moment"]) == (4, "partly", "information", "")
    assert (kept["page"], kept["language"], kept["masked"]) == ("/hundesteuer", "de", 1)
    assert kept["text"] == panel.locator("blockquote").inner_text()


def test_feedback_is_given_with_the_keyboard_alone(visit: Visit) -> None:
    visit.open("data-category=procedure")
    keys = visit.page.keyboard
    keys.press("Tab")
    assert focused(visit.page) == DE["open"]
    keys.press("Enter")
    assert focused(visit.page) == DE["title"]
    keys.press("Tab")
    assert focused(visit.page) == DE["close"]
    keys.press("Tab")
    keys.press("Space")
    keys.press("ArrowRight")
    keys.press("ArrowRight")
    keys.press("Tab")
    keys.type("Ging schnell & leicht")
    keys.press("Tab")
    assert focused(visit.page) == DE["send"]
    keys.press("Enter")
    expect(visit.dialog.locator("code")).to_have_text(CODE)
    assert focused(visit.page) == DE["thanks"]
    [kept] = visit.stats.kept()
    assert (kept["rating"], kept["text"], kept["category"]) == (3, "Ging schnell & leicht", "procedure")
    keys.press("Tab")
    assert focused(visit.page) == DE["print"]
    keys.press("Tab")
    assert focused(visit.page) == DE["receipt_link"]
    keys.press("Escape")
    expect(visit.dialog).to_be_hidden()
    assert focused(visit.page) == DE["open"]


def test_escape_keeps_what_was_typed(visit: Visit) -> None:
    visit.open()
    visit.answer(visit.open_panel(), 2, "Ein halber Satz")
    visit.page.keyboard.press("Escape")
    expect(visit.dialog).to_be_hidden()
    panel = visit.open_panel()
    expect(panel.locator("textarea")).to_have_value("Ein halber Satz")
    panel.get_by_role("button", name=DE["close"]).click()
    expect(panel).to_be_hidden()


def test_after_sending_the_next_person_finds_empty_questions(visit: Visit) -> None:
    visit.open()
    panel = visit.open_panel()
    visit.answer(panel, 5, "Danke")
    visit.send(panel)
    expect(panel.locator("code")).to_be_visible()
    visit.page.keyboard.press("Escape")
    visit.open_panel()
    expect(panel.locator("code")).to_have_count(0)
    expect(panel.locator("textarea")).to_have_value("")
    expect(panel.locator(":checked")).to_have_count(0)


QUESTIONS = [
    ("", "rating_information", True),
    ("data-category=information", "rating_information", True),
    ("data-category=procedure", "rating_procedure", False),
    ("data-category=assistance", "rating_assistance", False),
]


@pytest.mark.parametrize(("attributes", "rating", "found"), QUESTIONS)
def test_it_asks_what_the_category_wants_to_know(visit: Visit, attributes: str, rating: str, found: bool) -> None:
    visit.open(attributes)
    panel = visit.open_panel()
    group = panel.get_by_role("group", name=DE[rating])
    expect(group.get_by_role("radio")).to_have_count(5)
    expect(group).to_contain_text(DE["scale"])
    expect(panel.get_by_role("group", name=DE["found"])).to_have_count(int(found))
    expect(panel.get_by_role("group")).to_have_count(1 + found)


def test_further_questions_are_asked_only_where_the_page_wants_them(visit: Visit) -> None:
    visit.open("data-category=procedure data-details")
    panel = visit.open_panel()
    for value, key in enumerate(["detail_easy", "detail_current", "detail_quick"], start=2):
        panel.get_by_role("group", name=DE[key]).get_by_role("radio", name=str(value)).check()
    visit.send(panel)
    expect(panel.locator("code")).to_be_visible()
    [kept] = visit.stats.kept()
    assert kept["details"] == {"easy": 2, "current": 3, "quick": 4}
    assert kept["rating"] is None


def test_the_counter_counts_down_and_ends_at_1200(visit: Visit) -> None:
    visit.open()
    text = visit.open_panel().locator("textarea")
    expect(visit.dialog).to_contain_text("Noch 1200 Zeichen")
    text.fill("ä" * 1190)
    expect(visit.dialog).to_contain_text("Noch 10 Zeichen")
    text.press("End")
    visit.page.keyboard.type("x" * 12)
    assert len(text.input_value()) == 1200


def test_it_sends_plain_text_without_credentials_and_only_what_was_asked(visit: Visit) -> None:
    visit.open('data-category="procedure" data-service="hundesteuer"', language="tr")
    panel = visit.open_panel()
    visit.answer(panel, 1)
    with visit.page.expect_request(f"{visit.stats.url}/feedback") as sending:
        visit.send(panel)
    body = json.loads(sending.value.post_data or "")
    assert sending.value.headers["content-type"] == "text/plain;charset=UTF-8"
    assert "cookie" not in sending.value.all_headers()
    assert 2000 <= body.pop("w") < 30_000
    assert len(body.pop("i")) >= 16
    assert body == {
        "s": HOST, "v": "hundesteuer", "c": "procedure", "u": f"{visit.town.url}/hundesteuer",
        "r": 1, "t": "", "l": "tr", "d": {}, "h": "",
    }  # fmt: skip


def test_whoever_answers_at_once_is_not_lost(visit: Visit) -> None:
    visit.open()
    visit.button.click()
    visit.page.evaluate("""() => {
      const root = document.querySelector("zw-feedback").shadowRoot;
      root.querySelector("[name=r]").click();
      root.querySelector(".strong").click();
      root.querySelector(".strong").click();
    }""")
    expect(visit.dialog.get_by_role("status")).to_have_text(DE["sending"])
    expect(visit.dialog.locator("code")).to_be_visible()
    assert len(visit.stats.kept()) == 1


# At the ends of forms


def test_a_block_stands_at_the_end_of_a_form(visit: Visit) -> None:
    end = '<div data-zw-feedback data-moment="{}" data-category="procedure"></div>'
    visit.open(body=end.format("submitted") + end.format("ended_not_eligible").replace("data-zw", "hidden data-zw"))
    block = visit.page.locator("[data-moment=submitted]")
    expect(visit.page.locator("[data-moment=ended_not_eligible]")).to_be_hidden()
    visit.answer(block, 5)
    visit.send(block)
    expect(block.locator("code")).to_have_text(CODE)
    [kept] = visit.stats.kept()
    assert (kept["moment"], kept["category"]) == ("submitted", "procedure")


def test_a_block_that_an_application_adds_later_is_filled(visit: Visit) -> None:
    visit.open()
    visit.page.evaluate("""() => {
      const end = document.createElement("section");
      end.dataset.zwFeedback = "";
      end.dataset.moment = "ended_not_eligible";
      document.querySelector("main").append(end);
      document.querySelector("main").append(Object.assign(document.createElement("img"), { alt: "" }));
      document.querySelector("img").dataset.zwFeedback = "";
    }""")
    block = visit.page.locator("[data-moment=ended_not_eligible]")
    visit.answer(block, 1)
    visit.send(block)
    expect(block.locator("code")).to_be_visible()
    assert visit.stats.kept()[0]["moment"] == "ended_not_eligible"


def test_a_link_by_which_somebody_gives_up_opens_the_panel(visit: Visit) -> None:
    link = f'<a href="{visit.stats.url}/feedback/{HOST}/hundesteuer" data-zw-feedback-open>Abbrechen</a>'
    visit.open("data-category=procedure", body=link)
    visit.page.get_by_role("link", name="Abbrechen").press("Enter")
    expect(visit.dialog).to_be_visible()
    assert visit.page.url.endswith("/hundesteuer")
    visit.answer(visit.dialog, 2, "Zu lang")
    visit.send(visit.dialog)
    expect(visit.dialog.locator("code")).to_be_visible()
    assert visit.stats.kept()[0]["moment"] == "abandoned"
    visit.page.keyboard.press("Escape")
    assert focused(visit.page) == "Abbrechen"


def test_each_opener_keeps_what_was_typed(visit: Visit) -> None:
    visit.open(body='<a href="#" data-zw-feedback-open>Abbrechen</a>')
    link, text = visit.page.get_by_role("link", name="Abbrechen"), visit.dialog.locator("textarea")
    visit.answer(visit.open_panel(), 1, "Aus der Ecke")
    visit.page.keyboard.press("Escape")
    link.click()
    expect(text).to_have_value("")
    visit.answer(visit.dialog, 2, "Vom Link")
    visit.page.keyboard.press("Escape")
    visit.open_panel()
    expect(text).to_have_value("Aus der Ecke")
    expect(visit.dialog.locator("[name=r][value='1']")).to_be_checked()
    visit.page.keyboard.press("Escape")
    link.click()
    expect(text).to_have_value("Vom Link")


def test_the_tag_itself_can_be_a_block(visit: Visit) -> None:
    visit.page.add_init_script(OPENED)
    html = f"<!doctype html><title>x</title><p>Ende</p>{visit.tag('data-inline')}<p>Fuß</p>"
    visit.page.goto(visit.town.put("/ende", html))
    order = "[...document.body.children].map(element => element.localName + Object.keys(element.dataset))"
    assert visit.page.evaluate(order) == ["p", "scriptsite,inline", "divzwFeedback", "p", "zw-feedback"]
    expect(visit.page.locator("[data-zw-feedback] textarea")).to_be_visible()
    expect(visit.button).to_have_count(0)


def test_a_tag_in_the_head_can_be_without_a_button(visit: Visit) -> None:
    visit.open("data-inline", body="<div data-zw-feedback></div><a href='#' data-zw-feedback-open>Abbrechen</a>")
    expect(visit.button).to_have_count(0)
    expect(visit.page.locator("textarea")).to_have_count(1)
    visit.page.get_by_role("link", name="Abbrechen").click()
    expect(visit.dialog).to_be_visible()


def test_two_tags_are_one_button(visit: Visit) -> None:
    visit.page.add_init_script(OPENED)
    tag = visit.tag()
    block = "<div data-zw-feedback></div>"
    visit.page.goto(visit.town.put("/zwei", f"<!doctype html><title>x</title>{tag}<p>Text</p>{tag}{block}"))
    expect(visit.button).to_have_count(1)
    expect(visit.page.locator("textarea:visible")).to_have_count(1)


# When it does not work


def test_an_empty_form_is_not_sent(visit: Visit) -> None:
    visit.open()
    panel = visit.open_panel()
    panel.locator("textarea").fill("   ")
    visit.send(panel)
    expect(panel.get_by_role("status")).to_have_text(DE["missing"])
    assert visit.page.evaluate("document.activeElement.shadowRoot.activeElement.name") == "f"
    assert visit.stats.kept() == []


def test_what_was_typed_stays_when_somebody_of_the_same_address_was_faster(visit: Visit) -> None:
    visit.open(body="<div data-zw-feedback></div>")
    block = visit.page.locator("[data-zw-feedback]")
    visit.answer(block)
    visit.send(block)
    expect(block.locator("code")).to_be_visible()
    panel = visit.open_panel()
    visit.answer(panel, 2, "Noch etwas")
    visit.send(panel)
    expect(panel.get_by_role("status")).to_have_text(DE["busy"])
    expect(panel.locator("textarea")).to_have_value("Noch etwas")
    expect(panel.get_by_role("button", name=DE["again"])).to_be_visible()
    assert len(visit.stats.kept()) == 1


def test_without_a_network_it_says_so_and_a_second_try_goes_through(visit: Visit) -> None:
    visit.open()
    panel = visit.open_panel()
    visit.answer(panel, 3, "Im Zug geschrieben")
    visit.page.context.set_offline(True)
    visit.send(panel)
    expect(panel.get_by_role("status")).to_have_text(DE["failed"])
    expect(panel.locator("textarea")).to_have_value("Im Zug geschrieben")
    visit.page.context.set_offline(False)
    panel.get_by_role("button", name=DE["again"]).click()
    expect(panel.locator("code")).to_be_visible()
    assert [kept["text"] for kept in visit.stats.kept()] == ["Im Zug geschrieben"]


def test_a_second_try_after_a_lost_answer_is_kept_once(visit: Visit) -> None:
    visit.open()
    panel = visit.open_panel()
    visit.answer(panel, 3, "Einmal")
    codes = []
    address = f"{visit.stats.url}/feedback"
    visit.page.route(address, lambda route: (codes.append(route.fetch().json()["receipt"]), route.abort()))
    visit.send(panel)
    expect(panel.get_by_role("status")).to_have_text(DE["failed"])
    visit.page.unroute(address)
    visit.send(panel)
    expect(panel.locator("code")).to_have_text(codes)
    assert len(visit.stats.kept()) == 1


def test_a_database_that_cannot_be_written_loses_nothing(visit: Visit) -> None:
    visit.open()
    panel = visit.open_panel()
    visit.answer(panel, 3, "Geduld")
    with closing(sqlite3.connect(visit.stats.config.database)) as other:
        other.execute("begin immediate")
        visit.send(panel)
        expect(panel.get_by_role("status")).to_have_text(DE["failed"])
    visit.send(panel)
    expect(panel.locator("code")).to_be_visible()
    assert [kept["text"] for kept in visit.stats.kept()] == ["Geduld"]


def test_it_says_honestly_that_a_machine_s_feedback_is_not_kept(visit: Visit) -> None:
    visit.open()
    panel = visit.open_panel()
    visit.answer(panel)
    panel.locator("[name=h]").evaluate("field => { field.value = 'http://spam.example' }")
    visit.send(panel)
    expect(panel.get_by_role("status")).to_have_text(DE["dropped"])
    expect(panel.locator("code")).to_have_count(0)
    assert visit.stats.kept() == []


# The receipt


def test_the_receipt_can_be_printed_without_the_page(visit: Visit) -> None:
    visit.page.add_init_script("window.print = () => { (top.printed ??= []).push(document.body.innerText) }")
    visit.open(policy=STRICT)
    panel = visit.open_panel()
    visit.answer(panel)
    visit.send(panel)
    panel.get_by_role("button", name=DE["print"]).click(click_count=2)
    printed = visit.page.evaluate("printed")
    assert len(printed) == 2
    assert printed[0] == printed[1]
    assert panel.locator("code").inner_text() in printed[0]
    assert f"{visit.stats.url}/feedback/receipt" in printed[0]
    assert "Hundesteuer" not in printed[0]


def test_the_code_is_marked_by_one_click(visit: Visit) -> None:
    visit.open()
    panel = visit.open_panel()
    visit.answer(panel)
    visit.send(panel)
    panel.locator("code").click()
    assert panel.locator("code").evaluate("code => getComputedStyle(code).userSelect") == "all"
    assert panel.locator("a").get_attribute("href") == f"{visit.stats.url}/feedback/receipt?lang=de"
    assert panel.locator("a").get_attribute("target") == "_blank", "the code stays in view"


# For everyone


@pytest.mark.parametrize("language", TEXTS)
def test_it_fits_320_pixels_in_every_language(visit: Visit, language: str) -> None:
    visit.page.set_viewport_size({"width": 320, "height": 640})
    visit.open("data-category=information data-details", language, body="<div data-zw-feedback></div>")
    panel = visit.open_panel()
    expect(panel.get_by_role("heading")).to_have_text(TEXTS[language]["title"])
    for place in [panel, visit.page.locator("[data-zw-feedback] .block")]:
        assert place.evaluate("element => element.scrollWidth <= element.clientWidth")
        for element in place.locator("button, label, textarea, legend, p, h2").all():
            box = element.bounding_box()
            assert box is None or (box["x"] >= 0 and box["x"] + box["width"] <= 320), element
        for target in place.locator("button, fieldset label").all():
            box = target.bounding_box()
            assert box is not None and box["height"] >= 24 and box["width"] >= 24, target
    assert visit.page.evaluate("document.documentElement.scrollWidth") == 320


def test_feedback_is_given_at_320_pixels(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 320, "height": 480})
    visit.open("data-category=procedure data-details")
    panel = visit.open_panel()
    visit.answer(panel, 5, f"Telefon {PHONE} {'x' * 100}")
    visit.send(panel)
    expect(panel.locator("code")).to_be_visible()
    assert panel.evaluate("element => element.scrollWidth <= element.clientWidth")
    for name in ["print", "receipt_link"]:
        expect(panel.get_by_text(DE[name], exact=True)).to_be_visible()
    assert visit.stats.kept()[0]["rating"] == 5


def test_it_is_written_from_the_right_in_arabic(visit: Visit) -> None:
    visit.open(language="ar")
    panel = visit.open_panel()
    first, last = (panel.locator(f"[name=r][value='{value}']").bounding_box() for value in (1, 5))
    assert first is not None and last is not None and first["x"] > last["x"]
    visit.answer(panel, 5, "شكرًا جزيلًا")
    visit.send(panel)
    code = panel.locator("code")
    expect(code).to_have_text(CODE)
    assert code.evaluate("code => getComputedStyle(code).direction") == "ltr"
    section = visit.page.locator("zw-feedback section")
    assert (section.get_attribute("lang"), section.get_attribute("dir")) == ("ar", "rtl")
    assert (visit.stats.kept()[0]["language"], visit.stats.kept()[0]["text"]) == ("ar", "شكرًا جزيلًا")


BACKGROUND = "element => getComputedStyle(element).backgroundColor"
DARK, LIGHT = "rgb(18, 18, 18)", "rgb(255, 255, 255)"


@pytest.mark.parametrize(
    ("head", "attributes", "background"),
    [
        ("", "", LIGHT),
        ("<style>:root { color-scheme: dark }</style>", "", DARK),
        ('<meta name="color-scheme" content="dark">', "", DARK),
        ("<style>body { background: #112; color: #eee }</style>", "data-scheme=dark", DARK),
        ("<style>:root { color-scheme: dark }</style>", "data-scheme=light", LIGHT),
    ],
)
def test_it_is_as_dark_as_the_page(visit: Visit, head: str, attributes: str, background: str) -> None:
    visit.open(attributes, head=head, body="<div data-zw-feedback></div>")
    panel = visit.open_panel()
    for place in [panel, visit.page.locator("[data-zw-feedback] .block")]:
        assert place.evaluate(BACKGROUND) == background
    assert findings(visit.page, "zw-feedback") == []
    visit.page.keyboard.press("Escape")
    assert findings(visit.page, "[data-zw-feedback]") == []


@pytest.mark.parametrize("language", TEXTS)
def test_axe_finds_nothing_in_button_panel_and_block(visit: Visit, language: str) -> None:
    visit.open("data-category=information data-details", language, body="<div data-zw-feedback></div>")
    assert findings(visit.page) == []
    visit.open_panel()
    assert findings(visit.page) == []


def test_axe_finds_nothing_on_the_way_to_the_receipt(visit: Visit) -> None:
    visit.open("data-category=procedure")
    panel = visit.open_panel()
    visit.send(panel)
    expect(panel.get_by_role("status")).to_have_text(DE["missing"])
    assert findings(visit.page) == []
    visit.answer(panel, 4, f"Telefon {PHONE}")
    visit.send(panel)
    expect(panel.locator("code")).to_be_visible()
    assert findings(visit.page) == []


def test_people_and_screen_readers_do_not_meet_the_honeypot(visit: Visit) -> None:
    visit.open()
    panel = visit.open_panel()
    expect(panel.locator("[name=h]")).to_be_hidden()
    expect(panel.get_by_role("textbox")).to_have_count(1)


def test_it_moves_nothing(visit: Visit) -> None:
    visit.open()
    visit.open_panel()
    running = (
        "document.querySelector('zw-feedback').shadowRoot.getAnimations().length + document.getAnimations().length"
    )
    assert visit.page.evaluate(running) == 0


def test_it_can_be_read_in_forced_colours(visit: Visit) -> None:
    visit.page.emulate_media(forced_colors="active")
    visit.open()
    panel = visit.open_panel()
    send = panel.locator("button.strong")
    colours = send.evaluate("b => [getComputedStyle(b).color, getComputedStyle(b).backgroundColor]")
    assert sorted(colours) == ["rgb(0, 0, 0)", LIGHT]
    assert findings(visit.page) == []


# It stays out of the page's way, and the page out of its


def test_it_has_the_font_of_the_page(visit: Visit) -> None:
    visit.open(head="<style>body { font: 20px/1 'Courier New', monospace }</style>")
    styles = visit.open_panel().locator("textarea").evaluate("e => [getComputedStyle(e).font]")[0]
    assert "20px" in styles and '"Courier New"' in styles


# The largest difference of two pictures in a colour of a pixel; 256 where their sizes differ.
DIFFERENCE = """async (pictures) => {
  const [one, other] = await Promise.all(pictures.map(async (text) => {
    const picture = await createImageBitmap(new Blob([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))]));
    const drawn = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
    drawn.drawImage(picture, 0, 0);
    return drawn.getImageData(0, 0, picture.width, picture.height);
  }));
  if (one.width != other.width || one.height != other.height) return 256;
  return one.data.reduce((most, value, place) => Math.max(most, Math.abs(value - other.data[place])), 0);
}"""
NOISE = 3  # of 255: a busy Chromium draws the edge of a circle now and then a shade darker


def pictures(visit: Visit, head: str, policy: str) -> list[bytes]:
    """How block, button and panel look on a page with such a head."""
    visit.open(head=head, body="<div data-zw-feedback></div>", policy=policy)
    taken = [visit.page.locator("[data-zw-feedback]").screenshot(), visit.button.screenshot()]
    panel = visit.open_panel()
    visit.answer(panel, 5, "Hallo")
    panel.get_by_role("heading").evaluate("heading => heading.focus()")
    return [*taken, panel.screenshot()]


def test_neither_aggressive_styles_nor_a_strict_policy_break_it(visit: Visit) -> None:
    font = "html, body { font: 16px sans-serif; margin: 0; background: white }"
    shown = "main:not(html):not(body) { display: contents !important; font: 16px sans-serif !important }"
    visit.town.put("/plain.css", f"{font} main {{ display: contents }} h1, p {{ display: none }}")
    visit.town.put("/hostile.css", f"{font} {HOSTILE} {shown}")
    said: list[str] = []
    visit.page.on("console", lambda message: said.append(message.text))
    plain = pictures(visit, '<link rel="stylesheet" href="/plain.css">', "")
    hostile = pictures(visit, '<link rel="stylesheet" href="/hostile.css">', STRICT)
    for before, after in zip(plain, hostile, strict=True):
        assert visit.page.evaluate(DIFFERENCE, [b64encode(before).decode(), b64encode(after).decode()]) <= NOISE
    visit.send(visit.dialog)
    expect(visit.dialog.locator("code")).to_have_text(CODE)
    assert said == []


def test_the_policy_of_that_page_is_in_force(visit: Visit) -> None:
    visit.open(policy=STRICT)
    refused = "() => { try { document.body.innerHTML = '<i></i>' } catch (error) { return error.name } }"
    assert visit.page.evaluate(refused) == "TypeError"


STYLES = """() => [...document.querySelectorAll("html, head *, body, main, main *")].map((element) =>
  [...getComputedStyle(element)].map((name) => getComputedStyle(element)[name]).join())"""


def test_it_does_not_touch_the_page(visit: Visit) -> None:
    body = "<p><button>Knopf</button> <input value='1'> <code>x</code></p><fieldset><legend>L</legend></fieldset>"
    visit.open(body=body)
    after = visit.page.evaluate(STYLES)
    names = "Object.getOwnPropertyNames(window).sort()"
    globals_after = visit.page.evaluate(names)
    visit.page.route("**/feedback.js", lambda route: route.abort())
    visit.page.reload()
    assert visit.page.evaluate(STYLES) == after
    assert visit.page.evaluate(names) == globals_after


def test_the_shortcuts_of_the_page_do_not_hear_what_is_typed(visit: Visit) -> None:
    visit.open(body="<div data-zw-feedback></div>")
    visit.page.evaluate("""() => {
      window.heard = [];
      for (const type of ["keydown", "keypress", "keyup"]) addEventListener(type, (event) => heard.push(event.key));
    }""")
    visit.page.locator("[data-zw-feedback] textarea").press_sequentially("s?")
    visit.open_panel().locator("textarea").press_sequentially("/")
    assert visit.page.evaluate("heard") == []


def test_it_loads_nothing_else(visit: Visit) -> None:
    asked: list[str] = []
    visit.page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    visit.open(body="<div data-zw-feedback></div>")
    panel = visit.open_panel()
    visit.answer(panel)
    visit.send(panel)
    expect(panel.locator("code")).to_be_visible()
    stats = visit.stats.url
    assert asked == [f"GET {visit.town.url}/hundesteuer", f"GET {stats}/feedback.js", f"POST {stats}/feedback"]


def test_its_insides_are_closed_to_scripts_and_clicks_in_it_are_not_counted(visit: Visit) -> None:
    """The snippet on the same page would otherwise count the link to the receipt: a trace of who gave feedback."""
    beacons: list[str] = []
    visit.page.on("request", lambda request: beacons.append(request.post_data or "") if "beacon" in request.url else 0)
    snippet = f'<script defer src="{visit.stats.url}/snippet.js" data-site="{HOST}"></script>'
    visit.open_closed("data-category=procedure", head=snippet)
    assert visit.page.evaluate("document.querySelector('zw-feedback').shadowRoot") is None
    keys = visit.page.keyboard
    keys.press("Tab")
    for key in ["Enter", "Tab", "Tab", "Space", "Tab", "Tab"]:
        keys.press(key)
    with visit.page.expect_response(f"{visit.stats.url}/feedback") as sent:
        keys.press("Enter")
    assert sent.value.status == 201
    visit.page.wait_for_timeout(1500)  # until it thanks, which the closed tree does not tell
    keys.press("Tab")
    keys.press("Tab")
    with visit.page.context.expect_page() as receipt:
        keys.press("Enter")
    assert receipt.value.url == f"{visit.stats.url}/feedback/receipt?lang=de"
    receipt.value.close()
    visit.page.wait_for_timeout(300)
    assert len(beacons) >= 1
    assert all("receipt" not in beacon for beacon in beacons)


# The trap

TRAPPING = """
  window.trapping = {
    script: "/feedback.js",
    allowed: ["crypto", "FormData"],
    owns: (object) => object instanceof Node && object.getRootNode() != document, // in a shadow tree, or in none yet
  };
"""


def use_every_feature(visit: Visit) -> None:
    link = '<a href="#" data-zw-feedback-open>Abbrechen</a>'
    form = '<form><input name="q" value="geheim"><textarea>geheim</textarea></form>'
    visit.open("data-category=information data-details", body=f"<div data-zw-feedback></div>{link}{form}")
    visit.page.get_by_role("link", name="Abbrechen").click()
    visit.page.keyboard.press("Escape")
    panel = visit.open_panel()
    visit.send(panel)
    visit.answer(panel, 5, f"Telefon {PHONE}")
    visit.page.context.set_offline(True)
    visit.send(panel)
    expect(panel.get_by_role("status")).to_have_text(DE["failed"])
    visit.page.context.set_offline(False)
    visit.send(panel)
    expect(panel.locator("code")).to_be_visible()
    panel.get_by_role("button", name=DE["print"]).click()


def test_it_touches_nothing_that_is_forbidden(visit: Visit) -> None:
    sent: list[str] = []
    visit.page.on("request", lambda request: sent.append(request.post_data or ""))
    visit.page.add_init_script("window.print = () => {}")
    visit.page.add_init_script(TRAPPING)
    visit.page.context.add_init_script(script=(PAGES / "trap.js").read_text())
    use_every_feature(visit)
    assert visit.page.evaluate("untrappable") == ["caches", "cookieStore"], "missing on pages without TLS"
    assert visit.page.evaluate("trapped") == []
    assert "geheim" not in "".join(sent)
    assert visit.page.context.cookies() == []
    assert visit.page.context.storage_state() == {"cookies": [], "origins": []}


def test_the_answers_set_nothing_on_the_device(visit: Visit) -> None:
    answers: list[Response] = []
    visit.page.on("response", lambda answer: answers.insert(0, answer))
    visit.open()
    panel = visit.open_panel()
    visit.answer(panel)
    visit.send(panel)
    expect(panel.locator("code")).to_be_visible()
    for answer in answers:
        if answer.url.startswith(visit.stats.url):
            headers = answer.all_headers()
            assert not {"set-cookie", "etag", "last-modified", "accept-ch"} & set(headers), answer.url
