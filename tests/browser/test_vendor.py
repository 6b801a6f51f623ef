"""The vendored charts and styles work under the dashboard's strict Content-Security-Policy."""

from playwright.sync_api import Page
from sink import Sink

CHARTS = ["line", "bar", "heatmap", "funnel"]


def open_strict(page: Page, sink: Sink) -> None:
    page.goto(f"{sink.site}/strict.html")
    for chart in CHARTS:
        page.wait_for_selector(f"#{chart}[data-drawn]")


def test_charts_with_tooltips_and_kern_violate_no_content_security_policy(page: Page, sink: Sink) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    open_strict(page, sink)
    for chart in CHARTS:
        page.hover(f"#{chart}")
    page.wait_for_timeout(300)
    assert page.evaluate("violations") == []
    assert complaints == []


def test_the_policy_of_that_page_is_in_force(page: Page, sink: Sink) -> None:
    open_strict(page, sink)
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<i style=\"color: red\">rot</i>')")
    page.wait_for_timeout(100)
    assert "style-src-attr inline" in page.evaluate("violations")[0]


def test_charts_describe_themselves_in_german(page: Page, sink: Sink) -> None:
    open_strict(page, sink)
    label = page.get_attribute("#bar", "aria-label")
    assert label is not None and label.startswith("Dies ist ein Diagramm")


def test_kern_gets_the_font_it_asks_for(page: Page, sink: Sink) -> None:
    open_strict(page, sink)
    page.evaluate("document.fonts.ready")
    loaded = "[...document.fonts].filter(font => font.status == 'loaded').map(font => font.family + ' ' + font.weight)"
    assert {"Fira Sans 400", "Fira Sans 600"} <= set(page.evaluate(loaded))
    assert "Fira Sans" in page.evaluate("getComputedStyle(document.querySelector('h1')).fontFamily")
