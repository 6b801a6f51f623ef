"""The report of a service in a real browser: charts out of tables, narrow and wide, light and dark, without scripts."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from attempted import Run, Visit, count_runs
from counted import MARBURG
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect
from serving import is_too_wide, served, sign_in, watched

from admin.access import config
from tracker.record import Message
from tracker.services.service import Form, Service, Step
from tracker.store import open_store
from tracker.store.annotations import Annotations
from tracker.store.catalogue import Catalogue
from tracker.store.services import Services

ARS = "065340014014"
HOSTILE = "<img src=x onerror=alert(1)>\"'{a|b}"


@pytest.fixture
def base(app: Flask) -> Iterator[str]:
    """Where the application listens, with a form of three steps filled in today."""
    today = datetime.now(ZoneInfo("Europe/Berlin")).date()
    with app.app_context():
        store = open_store(config().database)
    town = Catalogue(store.connection).municipality(ARS)
    form = Form("hund", "Anmeldung", steps=(Step("1", "Halter"), Step("2", HOSTILE), Step("3", "Absenden")))
    Services(store.connection).apply(town.id, [Service("hundesteuer", "Hundesteuer", forms=(form,))])
    Annotations(store.connection, town.id).add(today, HOSTILE, "hundesteuer")
    runs = []
    for reached in (3, 3, 3, 2, 2, 1):
        messages = [(place, Message("hund", str(place))) for place in range(1, reached + 1)]
        end = [(9, Message("hund", outcome="submitted"))] if reached == 3 else []
        runs.append(Run("hund", today, "mobile", messages + end))
    count_runs(store, Catalogue(store.connection).site(MARBURG), runs, [Visit("hundesteuer", today, 9, "mobile", "")])
    store.close()
    with served(app) as base:
        yield base


@pytest.fixture
def report(base: str, owner: FlaskClient, page: Page) -> Iterator[str]:
    """The address of the report; the browser has the operator's session, and complains of any script or style."""
    sign_in(page, owner)
    with watched(page):
        yield f"{base}/admin/services/{ARS}/hundesteuer/report?lang=de"


def test_the_funnel_is_drawn_out_of_its_table(page: Page, report: str) -> None:
    page.goto(report)
    expect(page.locator("[data-funnel] canvas")).to_be_visible()
    rows = page.locator("#funnel-rows-1 tbody tr")
    assert [rows.nth(place).get_attribute("data-reached") for place in range(3)] == ["6", "5", "3"]
    assert [rows.nth(place).get_attribute("data-lost") for place in range(3)] == ["1", "2", "0"]
    drawn = page.evaluate(
        "echarts.getInstanceByDom(document.querySelector('[data-funnel]')).getOption().series"
        ".map((series) => series.data)"
    )
    assert [5, 3, 3] in drawn and [1, 2, 0] in drawn


def test_the_graph_marks_notes(page: Page, report: str) -> None:
    page.goto(report)
    expect(page.locator("#chart canvas")).to_be_visible()
    marks = page.evaluate(
        "echarts.getInstanceByDom(document.getElementById('chart')).getOption().series"
        ".flatMap((series) => series.markLine?.data ?? []).map((mark) => [mark.name, mark.xAxis])"
    )
    assert marks == [["1", 29]]
    assert page.locator("#notes").get_by_text(HOSTILE).count() == 1


def test_its_table_opens_and_a_figure_chooses_what_is_drawn(page: Page, report: str) -> None:
    page.goto(report)
    expect(page.locator("#graph")).to_be_hidden()
    page.get_by_text("Verlauf als Tabelle").click()
    expect(page.locator("#graph")).to_be_visible()
    page.get_by_role("link", name="Abschlussquote").click()
    expect(page.locator("#graph-title")).to_have_text("Abschlussquote im Verlauf")
    expect(page.locator("#chart canvas")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("where", ["report", "overview", "notes"])
def test_no_page_scrolls_sideways(page: Page, base: str, report: str, width: int, where: str) -> None:
    paths = {
        "report": report,
        "overview": f"{base}/admin/services/overview?municipality={ARS}&lang=de",
        "notes": f"{base}/admin/annotations/{ARS}?lang=de",
    }
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(paths[where])
    expect(page.locator("h1")).to_be_visible()
    assert not is_too_wide(page)


def test_everything_is_there_without_scripts(browser: Browser, base: str, owner: FlaskClient) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, owner)
    page.goto(f"{base}/admin/services/{ARS}/hundesteuer/report?lang=de")
    expect(page.locator("#graph")).to_be_visible()
    expect(page.locator("#funnel-rows-1")).to_be_visible()
    expect(page.locator("#rows-fields")).to_be_visible()
    page.get_by_role("link", name="Leistungen im Überblick").click()
    page.get_by_role("link", name="Begonnen").click()
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Begonnen↓")
    page.get_by_label("Leistungen durchsuchen").fill("hund")
    page.get_by_role("button", name="Suchen").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    context.close()


def test_a_note_is_added_by_hand(page: Page, base: str, report: str) -> None:
    page.goto(report)
    page.get_by_role("link", name="Anmerkung hinzufügen oder entfernen").click()
    expect(page.get_by_label("Gilt für")).to_have_value("hundesteuer")
    page.get_by_label("Text").fill("Neues Formular")
    page.get_by_role("button", name="Hinzufügen").click()
    expect(page.locator("#done")).to_have_text("Die Anmerkung ist hinzugefügt.")
    expect(page.locator("#notes").get_by_text("Neues Formular")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_on_heat_can_be_read(browser: Browser, base: str, owner: FlaskClient, scheme: str) -> None:
    """Contrast of at least 4.5 on every shade (WCAG 2.2, 1.4.3)."""
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()
    sign_in(page, owner)
    page.goto(f"{base}/admin/services/{ARS}/hundesteuer/report?lang=de")
    assert page.evaluate(_CONTRASTS) >= 4.5
    context.close()


# The least contrast of text on any shade, each put on a cell of both tables in turn.
_CONTRASTS = """() => {
  const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = (colour) => {
    brush.fillStyle = colour;
    brush.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...brush.getImageData(0, 0, 1, 1).data].map((v) =>
      v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  for (const cell of [document.querySelector("#matrix-1 td"), document.querySelector("#weekdays td")]) {
    for (let shade = 0; shade < 7; shade += 1) {
      cell.className = `zw-heat--${shade}`;
      const style = getComputedStyle(cell);
      const back = shade ? style.backgroundColor : getComputedStyle(cell.closest("section")).backgroundColor;
      const [one, other] = [light(style.color), light(back)];
      found.push((Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05));
    }
  }
  return Math.min(...found);
}"""
