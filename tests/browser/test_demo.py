"""End to end: a click on a page of the simulated city is in the dashboard within two seconds, and nothing else is."""

import csv
import io
import itertools
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from simulated import Demo

from tests.installation import CHROME

CHROMIUM = os.environ.get("ZAEHLWERK_CHROMIUM", "/usr/bin/chromium")
PATIENCE = 30  # s
CARDS = (
    "page", "entry", "exit", "not_found", "channel", "campaign", "language", "device", "browser", "os", "event",
    "property", "download", "outbound", "search",
)  # fmt: skip
PARKING, WASTE, HOURS = "/leistungen/anwohnerparken", "/leistungen/sperrmuell", "/rathaus/oeffnungszeiten"
APPOINTMENT = "/leistungen/termin-im-stadtbuero"
TWICE = 0.5  # s in which one too many would show
VERSIONS = itertools.count(100)  # of Chrome

Gains = dict[str, dict[str, int]]  # card → key → what its first column gained


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with Demo(tmp_path_factory.mktemp("demo") / "data", months=1) as demo:
        yield demo


@pytest.fixture(scope="module")
def dashboard(demo: Demo, browser: Browser) -> Iterator[Page]:
    """The dashboard of today, signed in as the demo says."""
    context = browser.new_context(locale="de-DE")
    page = context.new_page()
    page.goto(demo.told("Dashboard") + "?period=today")
    page.fill("#email", demo.told("E-mail"))
    page.fill("#password", demo.told("Password"))
    page.click("main button[type=submit]")
    expect(page.locator("#figure-views")).to_be_visible()
    yield page
    context.close()


@pytest.fixture
def city(demo: Demo, browser: Browser) -> Iterator[Page]:
    """The browser of a person who has not been to the city today."""
    context = _somebody(demo, browser)
    yield context.new_page()
    context.close()


def _somebody(demo: Demo, browser: Browser, javascript: bool = True) -> BrowserContext:
    """Headless Chromium calls itself a bot, so it takes the name of a person's browser, another for each person."""
    context = browser.new_context(
        base_url=demo.told("City pages"),
        user_agent=CHROME.replace("Chrome/120", f"Chrome/{next(VERSIONS)}"),
        locale="de-DE",
        java_script_enabled=javascript,
    )
    context.route("https://**", lambda route: route.fulfill(body="elsewhere"))
    return context


def _figures(dashboard: Page) -> Gains:
    """What each card says today: key → number in its first column."""
    found: Gains = {}
    for card in CARDS:
        address = dashboard.url.split("?")[0] + f"/cards/{card}.csv?period=today"
        rows = csv.DictReader(io.StringIO(dashboard.request.get(address).text()))
        coded = "code" in (rows.fieldnames or ())
        names = list(rows.fieldnames or ())
        found[card] = {row["code" if coded else card]: int(row[names[2 if coded else 1]]) for row in rows}
    return found


def _gained(before: Gains, after: Gains) -> Gains:
    changes = {
        card: {
            key: after[card].get(key, 0) - before[card].get(key, 0) for key in before[card].keys() | after[card].keys()
        }
        for card in CARDS
    }
    changed = {card: {key: gain for key, gain in rows.items() if gain} for card, rows in changes.items()}
    return {card: rows for card, rows in changed.items() if rows}


@contextmanager
def _gains(dashboard: Page, expected: Gains) -> Iterator[None]:
    """What is done inside brings the dashboard exactly `expected`."""
    before = _figures(dashboard)
    yield
    end = time.monotonic() + PATIENCE
    while (found := _gained(before, _figures(dashboard))) != expected and time.monotonic() < end:
        time.sleep(0.05)
    assert found == expected
    time.sleep(TWICE)
    assert _gained(before, _figures(dashboard)) == expected


def _comes(page: str) -> Gains:
    """What a new visit gains by its first view."""
    once = {page: 1}
    visit = {"channel": {"direct": 1}, "device": {"desktop": 1}, "browser": {"Chrome": 1}, "os": {"Windows": 1}}
    return {"page": once, "entry": once, "exit": once, "language": {"de": 1}, **visit}


def _goes_on(start: str, *pages: str) -> Gains:
    """What a visit gains that went as far as `start` and now views `pages`."""
    return {"page": dict.fromkeys(pages, 1), "exit": {start: -1, pages[-1]: 1}}


def _arrive(city: Page, dashboard: Page, page: str) -> None:
    with _gains(dashboard, _comes(page)):
        city.goto(page)


def test_the_city_and_the_dashboard_say_that_they_are_simulated(city: Page, dashboard: Page) -> None:
    _arrive(city, dashboard, "/")
    for page in (city, dashboard):
        expect(page.get_by_text("Simulierte Daten").first).to_be_visible()


def test_it_counts_a_view(city: Page, dashboard: Page) -> None:
    _arrive(city, dashboard, PARKING)


def test_it_counts_the_way_from_page_to_page(city: Page, dashboard: Page) -> None:
    _arrive(city, dashboard, "/")
    with _gains(dashboard, _goes_on("/", "/leistungen", PARKING)):
        city.get_by_role("link", name="Alle Leistungen").click()
        city.get_by_role("link", name="Anwohnerparken").click()


def test_it_counts_each_step_of_a_page_that_never_reloads(city: Page, dashboard: Page) -> None:
    _arrive(city, dashboard, APPOINTMENT)
    city.evaluate("window.same = true")
    steps = [f"{APPOINTMENT}/{step}" for step in ("standort", "zeit", "kontakt", "bestaetigung")]
    booked = {"event": {"Termin gebucht": 1}, "property": {"Termin gebucht · standort = Cappel": 1}}
    with _gains(dashboard, {**_goes_on(APPOINTMENT, *steps), **booked}):
        for choice in ("Termin buchen", "Cappel", "morgen, 8:40 Uhr", "Termin bestätigen"):
            city.get_by_role("link", name=choice, exact=True).click()
    with _gains(dashboard, _goes_on(steps[3], steps[2])):
        city.go_back()
    assert city.evaluate("window.same")
    expect(city.get_by_role("heading", name="3. Wer?")).to_be_visible()


def test_it_counts_annotated_events_with_their_properties(city: Page, dashboard: Page) -> None:
    _arrive(city, dashboard, PARKING)
    expected = {"event": {"Hilfreich": 2}, "property": {"Hilfreich · antwort = ja": 1, "Hilfreich · antwort = nein": 1}}
    with _gains(dashboard, expected):
        city.get_by_role("button", name="Ja").click()
        city.get_by_role("button", name="Nein").click()


def test_it_counts_a_form_that_is_begun_and_sent(city: Page, dashboard: Page) -> None:
    _arrive(city, dashboard, WASTE)
    events = ("Antrag begonnen", "Antrag gesendet")
    properties = [f"{event} · leistung = Sperrmüll" for event in events]
    expected = {"event": dict.fromkeys(events, 1), "property": dict.fromkeys(properties, 1)}
    with _gains(dashboard, {**_goes_on(WASTE, f"{WASTE}/antrag", f"{WASTE}/danke"), **expected}):
        city.get_by_role("link", name="Online beantragen").click()
        city.get_by_role("button", name="Antrag senden").click()
        expect(city.get_by_role("heading", name="Danke")).to_be_visible()


def test_it_counts_a_download(city: Page, dashboard: Page) -> None:
    _arrive(city, dashboard, PARKING)
    with _gains(dashboard, {"download": {"/downloads/antrag-anwohnerparken.pdf": 1}}), city.expect_download() as file:
        city.get_by_role("link", name="Formular (PDF").click()
    assert file.value.path().read_bytes().startswith(b"%PDF-")


def test_it_counts_a_link_to_another_website(city: Page, dashboard: Page) -> None:
    _arrive(city, dashboard, PARKING)
    with _gains(dashboard, {"outbound": {"https://www.rmv.de/": 1}}):
        city.get_by_role("link", name="rmv.de").click()
        city.wait_for_url("https://www.rmv.de/")


def test_it_counts_a_search(city: Page, dashboard: Page) -> None:
    _arrive(city, dashboard, "/")
    with _gains(dashboard, {**_goes_on("/", "/suche"), "search": {"hund": 1}}):
        city.get_by_role("searchbox").fill("Hund")
        city.get_by_role("button", name="Suchen").click()


def test_it_counts_a_page_that_is_gone(city: Page, dashboard: Page) -> None:
    _arrive(city, dashboard, "/")
    gone = "/buergerservice/formulare"
    with _gains(dashboard, {**_goes_on("/", gone), "not_found": {gone: 1}}):
        city.get_by_role("link", name="die alten Formulare").click()


def test_it_counts_where_a_campaign_leads(city: Page, dashboard: Page) -> None:
    with _gains(dashboard, {**_comes("/"), "channel": {"email": 1}, "campaign": {"probe": 1}}):
        city.goto("/?utm_source=stadtbrief&utm_medium=email&utm_campaign=probe")


def test_it_counts_a_page_without_javascript(demo: Demo, browser: Browser, dashboard: Page) -> None:
    context = _somebody(demo, browser, javascript=False)
    with _gains(dashboard, _comes(HOURS)):
        context.new_page().goto(HOURS)
    context.close()


def test_it_counts_the_seconds_of_attention(demo: Demo, browser: Browser, dashboard: Page) -> None:
    before = _seconds(demo)
    # What a page sends while it goes carries the browser's own name, not the one that its context was given.
    person = browser.browser_type.launch(executable_path=CHROMIUM, args=["--no-sandbox", f"--user-agent={CHROME}"])
    page = person.new_page(base_url=demo.told("City pages"), locale="de-DE")
    opened = time.monotonic()
    with _gains(dashboard, _comes(HOURS)):
        page.goto(HOURS)
        begun = time.monotonic()
    page.wait_for_timeout(4000)
    with _gains(dashboard, {}):
        least = time.monotonic() - begun
        page.goto("about:blank")
        most = time.monotonic() - opened
    person.close()
    assert least - 1 <= _seconds(demo) - before <= most + 1


def _seconds(demo: Demo) -> int:
    return next((int(row["seconds"]) for row in demo.stats("--by", "page")["rows"] if row["key"] == HOURS), 0)


def test_an_open_dashboard_follows_by_itself(city: Page, dashboard: Page) -> None:
    views = dashboard.locator("#figure-views")
    dashboard.reload()
    before = views.inner_text()
    city.goto(PARKING)
    expect(views).not_to_have_text(before)


def test_the_command_line_says_the_same_as_the_dashboard(demo: Demo, dashboard: Page) -> None:
    figures = _figures(dashboard)
    dashboard.reload()
    assert f"{demo.stats()['totals']['views']:,}".replace(",", ".") == dashboard.locator("#figure-views").inner_text()
    for card, measure in (("page", "views"), ("entry", "visits"), ("event", "events"), ("download", "events")):
        assert {row["key"]: row[measure] for row in demo.stats("--by", card)["rows"]} == figures[card]
