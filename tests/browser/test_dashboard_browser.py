"""The dashboard in a real browser: live, by mouse, by keys, with and without scripts."""

from collections.abc import Iterator
from typing import Any

import pytest
from counted import MARBURG, count_records, event, view
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from serving import is_too_wide, served, sign_in

HOSTILE = "/<img src=x onerror=alert(1)>\"'{a|b}"


@pytest.fixture
def base(app: Flask) -> Iterator[str]:
    """Where the application listens, with some views counted today."""
    views = [view(f"/seite-{n}", 100 * n + m + 1, channel="search") for n in range(12) for m in range(n + 1)]
    count_records(app, [*views, view(HOSTILE, 9000), event(1, ("event", HOSTILE))])
    with served(app) as base:
        yield base


@pytest.fixture
def address(base: str, colleague: FlaskClient, page: Page) -> Iterator[str]:
    """The dashboard of today; the browser has the session of a viewer."""
    sign_in(page, colleague)
    yield f"{base}/admin/sites/{MARBURG}?period=today&lang=de"
    page.goto("about:blank")


def test_a_new_view_appears_by_itself(page: Page, address: str, app: Flask) -> None:
    page.goto(address)
    expect(page.locator("#figure-views")).to_have_text("79")
    count_records(app, [view("/neu", 9999)])
    expect(page.locator("#figure-views")).to_have_text("80")


def test_an_update_keeps_focus_scrolling_and_tab(page: Page, address: str, app: Flask) -> None:
    page.goto(address)
    page.get_by_role("tab", name="Einstiegsseiten").click()
    link = page.locator("#rows-entry").get_by_role("link", name="Alle 13 anzeigen")
    link.focus()
    page.wait_for_timeout(800)  # scrolling is smooth
    before = page.evaluate("scrollY")
    count_records(app, [view("/neu", 9999)])
    expect(page.locator("#figure-views")).to_have_text("80")
    expect(page.locator("#rows-entry").get_by_role("link", name="Alle 14 anzeigen")).to_be_focused()
    assert page.evaluate("scrollY") == before
    expect(page.locator("#card-entry")).to_be_visible()
    expect(page.locator("#card-page")).to_be_hidden()


def test_a_hidden_page_asks_for_nothing(page: Page, address: str) -> None:
    page.goto(address)
    page.evaluate("Object.defineProperty(document, 'hidden', { get: () => true })")
    page.wait_for_timeout(1200)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "fragment" in request.url else None)
    page.wait_for_timeout(2500)
    assert asked == []


def test_a_range_without_today_asks_for_nothing(page: Page, address: str) -> None:
    page.goto(address.replace("today", "yesterday"))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "fragment" in request.url else None)
    page.wait_for_timeout(2500)
    assert asked == []


def test_it_says_so_when_the_session_has_ended(page: Page, address: str) -> None:
    page.goto(address)
    page.context.clear_cookies()
    expect(page.get_by_text("Aktualisierung unterbrochen")).to_be_visible()


def test_it_goes_on_after_the_server_was_away_for_a_moment(page: Page, address: str, app: Flask) -> None:
    page.goto(address)
    page.clock.install()
    page.route("**/*fragment=1*", lambda route: route.fulfill(status=503))
    page.clock.run_for(1500)
    expect(page.get_by_text("Aktualisierung unterbrochen")).to_be_visible()
    page.unroute("**/*fragment=1*")
    count_records(app, [view("/neu", 9999)])
    page.clock.run_for(11_000)
    expect(page.locator("#figure-views")).to_have_text("80")
    expect(page.get_by_text("aktualisiert sich laufend")).to_be_visible()


def test_a_click_on_a_figure_changes_the_graph_and_the_address(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("link", name="Aufrufe", exact=True).click()
    expect(page.get_by_role("heading", name="Aufrufe im Verlauf")).to_be_visible()
    assert "measure=views" in page.url
    assert "fragment" not in page.url
    expect(page.get_by_role("link", name="Aufrufe", exact=True)).to_be_focused()
    page.go_back()
    expect(page.get_by_role("heading", name="Besucher im Verlauf")).to_be_visible()


@pytest.mark.parametrize(
    ("key", "title"),
    [("e", "Gestern"), ("w", "7 Tage"), ("t", "30 Tage"), ("y", ""), ("m", ""), ("ArrowLeft", ""), ("d", "Heute")],
)
def test_keys_lead_to_the_ranges(page: Page, address: str, key: str, title: str) -> None:
    page.goto(address)
    before = page.url
    page.keyboard.press(key)
    if key != "d":
        expect(page).not_to_have_url(before)
    if title:
        expect(page.locator(".zw-dash__dates strong")).to_have_text(title)


def test_x_hides_and_shows_the_comparison(page: Page, address: str) -> None:
    page.goto(address)
    page.keyboard.press("x")
    expect(page.get_by_role("link", name="Vergleich einblenden")).to_be_visible()
    page.keyboard.press("x")
    expect(page.get_by_role("link", name="Vergleich ausblenden")).to_be_visible()


def test_keys_can_be_switched_off_and_stay_off(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_text("Tastenkürzel", exact=True).click()
    page.get_by_label("Tastenkürzel verwenden").uncheck()
    page.reload()
    page.keyboard.press("y")
    page.wait_for_timeout(300)
    assert "period=today" in page.url


def test_tabs_are_moved_along_by_arrows(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("tab", name="Kanäle").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Quellen", exact=True)).to_be_focused()
    expect(page.get_by_role("tabpanel", name="Quellen", exact=True)).to_be_visible()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("tab", name="Kampagnen")).to_be_focused()


@pytest.mark.parametrize("period", ["today", "7d", "30d", "month", "year"])
def test_the_graph_is_drawn_and_its_tip_says_what_the_table_says(page: Page, address: str, period: str) -> None:
    page.goto(address.replace("today", period))
    box = page.locator("#chart canvas").bounding_box()
    assert box is not None
    row = page.locator("#graph tbody tr[data-state=running]")
    place = row.evaluate("row => row.sectionRowIndex")
    left = page.evaluate(
        "place => echarts.getInstanceByDom(document.getElementById('chart')).convertToPixel({xAxisIndex: 0}, place)",
        place,
    )
    page.mouse.move(box["x"] + left - 3, box["y"] + box["height"] / 2)
    page.mouse.move(box["x"] + left, box["y"] + box["height"] / 2)
    tip = page.locator(".zw-tip")
    expect(tip).to_be_visible()
    for cell in row.locator("th, td").all_text_contents():
        assert cell.strip() in tip.inner_text()


def test_hostile_texts_do_nothing_and_no_policy_is_broken(page: Page, address: str) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.goto(address)
    page.get_by_role("tab", name="Einstiegsseiten").click()
    expect(page.locator("#rows-event")).to_contain_text(HOSTILE)
    page.get_by_role("link", name="Besuche", exact=True).click()
    page.wait_for_timeout(1500)
    page.goto(address.replace("?", "/cards/event?"))
    expect(page.get_by_role("row", name=HOSTILE)).to_be_visible()
    assert said == []


def _context(browser: Browser, client: FlaskClient, **options: Any) -> Page:
    page = browser.new_context(**options).new_page()
    sign_in(page, client)
    return page


def test_without_scripts_every_card_and_the_table_are_there(
    browser: Browser, base: str, colleague: FlaskClient
) -> None:
    page = _context(browser, colleague, java_script_enabled=False)
    page.goto(f"{base}/admin/sites/{MARBURG}?period=today&lang=de")
    expect(page.locator("#graph")).to_be_visible()
    for name in ("Meistbesuchte Seiten", "Nicht gefunden", "Kampagnen", "Sprachen", "Betriebssysteme", "Downloads"):
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    page.get_by_role("link", name="Aufrufe", exact=True).click()
    expect(page.get_by_role("heading", name="Aufrufe im Verlauf")).to_be_visible()
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_runs_out_of_the_page(
    browser: Browser, base: str, colleague: FlaskClient, width: int, scheme: Any
) -> None:
    page = _context(browser, colleague, viewport={"width": width, "height": 800}, color_scheme=scheme)
    for path in ("?period=today", "/cards/page?period=today"):
        page.goto(f"{base}/admin/sites/{MARBURG}{path}")
        assert not is_too_wide(page)
    page.context.close()
