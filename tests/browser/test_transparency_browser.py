"""The public page in Chromium: without scripts, with the keyboard, on a phone, in the dark, printed, in a frame."""

from collections.abc import Iterator

import pytest
from axe import findings
from playwright.sync_api import Browser, Page, expect
from town import open_town

from tests.installation import MARBURG
from tests.server import Server as Product
from tests.test_transparency import filled

TOWN = f"/transparency/{MARBURG}"
PATHS = (TOWN, f"{TOWN}/hundesteuer", f"{TOWN}/leicht", f"{TOWN}/embed/visits", "/transparency/")


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A server with the releases of May 2026."""
    city = filled(tmp_path_factory.mktemp("town"))
    city.store.close()
    with Product(city.config.data) as product:
        yield product


@pytest.fixture
def reader(browser: Browser) -> Iterator[Page]:
    """Somebody whose browser runs no scripts."""
    with browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 800}) as context:
        yield context.new_page()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("language", ["de", "en"])
def test_everyone_can_read_it(browser: Browser, product: Product, width: int, scheme: str, language: str) -> None:
    with browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme) as context:  # type: ignore[arg-type]
        page = context.new_page()
        refused: list[str] = []
        page.on("console", lambda message: refused.append(message.text))
        for path in PATHS:
            page.goto(f"{product.url}{path}?lang={language}")
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            assert findings(page) == [], path
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert refused == []  # neither by the Content-Security-Policy nor missing


def test_it_is_complete_without_scripts(reader: Page, product: Product) -> None:
    reader.goto(f"{product.url}{TOWN}?lang=de")
    chart = reader.locator("#chart-visits")
    expect(chart.locator("svg:visible rect").first).to_be_visible()
    chart.get_by_text("Zahlen als Tabelle").click()
    expect(chart.get_by_role("row", name="Mai 2026")).to_be_visible()
    reader.get_by_role("link", name="Seitenaufrufe").click()
    expect(reader.locator("[aria-sort=descending]")).to_have_text("Seitenaufrufe")
    reader.get_by_role("link", name="Hundesteuer").first.click()
    expect(reader.get_by_role("heading", level=1)).to_have_text("Hundesteuer")
    assert reader.context.cookies() == []


def test_the_keyboard_opens_what_is_folded(browser: Browser, product: Product) -> None:
    page = browser.new_page()
    page.goto(f"{product.url}{TOWN}?lang=de")
    summary = page.locator("#chart-visits summary").first
    summary.focus()
    assert summary.evaluate("one => getComputedStyle(one).outlineStyle") != "none"
    page.keyboard.press("Enter")
    expect(page.locator("#chart-visits table")).to_be_visible()
    page.close()


def test_colours_of_the_system_leave_charts_to_be_seen(browser: Browser, product: Product) -> None:
    with browser.new_context(forced_colors="active") as context:
        page = context.new_page()
        page.goto(f"{product.url}{TOWN}")
        bar = page.locator("#chart-devices rect.zw-draw__bar").first
        ground = page.locator("#chart-devices rect.zw-draw__track").first
        assert bar.evaluate("one => getComputedStyle(one).fill") != ground.evaluate("one => getComputedStyle(one).fill")


def test_paper_shows_the_tables_that_are_folded(browser: Browser, product: Product) -> None:
    page = browser.new_page()
    page.goto(f"{product.url}{TOWN}?lang=de")
    page.emulate_media(media="print")
    expect(page.locator("#chart-visits table")).to_be_visible()
    expect(page.get_by_text("Einbetten").first).not_to_be_visible()
    page.close()


def test_the_snippets_work_on_another_website(page: Page, product: Product) -> None:
    page.goto(f"{product.url}{TOWN}?lang=de")
    frame, image = (
        snippet.replace("http://127.0.0.1:8000", product.url)  # the public address of this installation is not set
        for snippet in page.locator("#chart-visits pre").all_text_contents()
    )
    with open_town() as town:
        page.goto(town.put("/", f"<!doctype html><title>Zeitung</title>{frame}{image}"))
        inside = page.frame_locator("iframe")
        expect(inside.get_by_role("heading", name="Besuche der Websites je Monat")).to_be_visible()
        expect(inside.get_by_text("Quelle: Marburg, Datenlizenz Deutschland")).to_be_visible()
        assert page.locator("img").evaluate("async image => { await image.decode(); return image.naturalWidth }") == 752
        page.goto(
            town.put("/whole", f'<!doctype html><title>Zeitung</title><iframe src="{product.url}{TOWN}"></iframe>')
        )
        expect(page.frame_locator("iframe").get_by_role("heading")).to_have_count(0)


def test_a_frame_is_as_high_as_its_snippet_says(browser: Browser, product: Product) -> None:
    for width in (320, 700):
        page = browser.new_page(viewport={"width": width, "height": 580})
        page.goto(f"{product.url}{TOWN}/embed/visits?lang=de")
        assert page.evaluate("document.documentElement.scrollHeight") <= 580
        page.close()
