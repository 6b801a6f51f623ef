"""Feedback in the simulated city, in Chromium at the width of a phone: what is sent is in the inbox, masked."""

import html
import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from axe import findings
from playwright.sync_api import Browser, Locator, Page, expect
from simulated import Demo
from test_feedback_widget import CODE, DE, OPENED

from tests.installation import CHROME
from tracker.commands.demo import ARS, NAME

PHONE = {"width": 360, "height": 740}
PATIENCE = 300  # s; what follows by itself gives way to everything else on the machine
DOG_TAX = "/leistungen/hundesteuer-anmelden"
NUMBER = "030 23125 017"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with Demo(tmp_path_factory.mktemp("said") / "data", months=1) as demo:
        yield demo


@pytest.fixture(scope="module")
def office(demo: Demo, browser: Browser) -> Iterator[Page]:
    """Somebody of the city, signed in as the demo says."""
    context = browser.new_context(base_url=demo.base, locale="de-DE")
    page = context.new_page()
    page.goto("/admin/sign-in")
    page.fill("#email", demo.told("E-mail"))
    page.fill("#password", demo.told("Password"))
    page.click("main button[type=submit]")
    expect(page.locator("main")).to_contain_text(NAME)
    yield page
    context.close()


@pytest.fixture(params=[True])
def scripts(request: pytest.FixtureRequest) -> bool:
    """Whether scripts run in the citizen's pages."""
    return bool(request.param)


@pytest.fixture
def citizen(scripts: bool, demo: Demo, browser: Browser) -> Iterator[Page]:
    """The phone of somebody on the city's pages."""
    context = browser.new_context(
        base_url=demo.told("City pages"),
        user_agent=CHROME,
        locale="de-DE",
        viewport=PHONE,
        java_script_enabled=scripts,
    )
    context.set_default_timeout(30_000)
    context.add_init_script(OPENED)
    yield context.new_page()
    context.close()


def sent(place: Locator, text: str, rating: int = 4) -> str:
    """Rate, write, send; the code of the receipt."""
    place.get_by_role("radio", name=str(rating)).first.check()
    place.locator("textarea").fill(text)
    place.get_by_role("button", name=DE["send"]).click()
    expect(place.locator("code")).to_be_visible()
    code = place.locator("code").inner_text()
    assert CODE.fullmatch(code)
    return code


def kept(office: Page, text: str) -> str:
    """What the inbox says of its newest piece, which has this text."""
    office.goto("/admin/feedback")
    expect(office.locator("main")).to_contain_text(text)
    office.get_by_role("link", name=re.compile(r"^Rückmeldung \d+")).first.click()
    expect(office.locator("main")).to_contain_text(text)
    return office.locator("main").inner_text()


def wait_for(office: Page, path: str) -> Any:
    """The JSON at a path, once it is there."""
    end = time.monotonic() + PATIENCE
    while not (answer := office.request.get(path)).ok and time.monotonic() < end:
        time.sleep(0.5)
    return answer.json()


def test_what_a_citizen_sends_from_a_phone_is_in_the_inbox_without_name_and_number(citizen: Page, office: Page) -> None:
    citizen.goto(DOG_TAX)
    assert citizen.evaluate("document.documentElement.scrollWidth <= innerWidth")
    citizen.get_by_role("button", name=DE["open"]).click()
    sent(citizen.get_by_role("dialog"), f"Rufen Sie mich an: {NUMBER}, Erika Mustermann. Der Hund heißt Bello.")
    page = kept(office, "Der Hund heißt Bello")
    assert "[Telefon]" in page
    assert NUMBER not in page
    assert "Mustermann" not in page
    assert "Hundesteuer anmelden" in page


def test_the_end_of_a_form_asks_in_a_block_with_the_further_questions(citizen: Page, office: Page) -> None:
    citizen.goto("/leistungen/wohngeld/danke")
    expect(citizen.get_by_role("button", name=DE["open"])).to_have_count(0)
    block = citizen.locator("[data-zw-feedback]")
    block.get_by_role("group", name=DE["detail_clear"]).get_by_role("radio", name="2").check()
    sent(block, "Das Ende war gut zu finden.")
    page = kept(office, "Das Ende war gut zu finden.")
    assert "Wohngeld" in page
    assert "nach dem Absenden" in page
    assert findings(citizen) == []


def test_the_last_step_of_the_appointment_shows_its_block(citizen: Page, office: Page) -> None:
    citizen.goto("/leistungen/termin-im-stadtbuero/kontakt")
    expect(citizen.locator("[data-zw-feedback]")).to_be_hidden()
    citizen.get_by_role("link", name="Termin bestätigen").click()
    sent(citizen.locator("[data-zw-feedback]"), "Gebucht und gelobt.")
    kept(office, "Gebucht und gelobt.")


def test_whoever_gives_up_says_why(citizen: Page, office: Page) -> None:
    citizen.goto(DOG_TAX + "/antrag")
    citizen.get_by_role("link", name="Abbrechen").click()
    sent(citizen.get_by_role("dialog"), "Zu viele Fragen vor dem Anfang.", 1)
    assert "beim Verlassen" in kept(office, "Zu viele Fragen vor dem Anfang.")


@pytest.mark.parametrize("scripts", [False], indirect=True)
def test_without_javascript_the_same_questions_are_a_page(citizen: Page, office: Page) -> None:
    citizen.goto(DOG_TAX + "/danke")
    citizen.locator("[data-zw-feedback] a").click()
    citizen.get_by_role("radio", name="5").first.check()
    citizen.locator("textarea").fill("Ganz ohne Skripte.")
    citizen.wait_for_timeout(2100)  # whoever is faster is taken for a machine
    citizen.get_by_role("button", name=DE["send"]).click()
    expect(citizen.locator("main")).to_contain_text(CODE)
    assert "nach dem Absenden" in kept(office, "Ganz ohne Skripte.")


def test_a_receipt_deletes_it_from_the_inbox(citizen: Page, office: Page) -> None:
    citizen.goto(DOG_TAX)
    citizen.get_by_role("button", name=DE["open"]).click()
    code = sent(citizen.get_by_role("dialog"), "Das möchte ich zurücknehmen.")
    kept(office, "Das möchte ich zurücknehmen.")
    citizen.goto("/feedback/receipt")
    citizen.locator("main input:not([type=hidden])").fill(code)
    citizen.locator("main form button").first.click()
    expect(citizen.locator("main")).to_contain_text("Das möchte ich zurücknehmen.")
    citizen.get_by_role("button", name="Löschen").click()
    citizen.get_by_role("button", name="Ja, endgültig löschen").click()
    expect(citizen.locator("main")).to_contain_text("gelöscht")
    office.goto("/admin/feedback")
    expect(office.locator("main")).not_to_contain_text("Das möchte ich zurücknehmen.")


def test_open_data_and_topics_follow_by_themselves_and_say_that_they_are_simulated(demo: Demo, office: Page) -> None:
    index = wait_for(office, f"/opendata/{ARS}/index.json")
    assert (index["publisher"], index["simulated"]) == (NAME, True)
    release = index["releases"][0]["path"]
    for name in ("release.json", "datapackage.json", "site-day.json", "index.html"):
        text = office.request.get(f"/opendata/{ARS}/{release}{name}").text()
        assert "(simuliert)" in text, name
        assert "imulated" in text, name
    status = demo.data / "nightly.json"
    end = time.monotonic() + 90  # the audit is the last of the jobs
    while not status.exists():
        assert time.monotonic() < end
        time.sleep(0.2)
    assert json.loads(status.read_text())["failed"] == {}
    office.goto("/admin/feedback/summary?period=30d")
    expect(office.locator("main")).to_contain_text("Worüber Unzufriedene sprechen")


def test_every_link_of_the_guide_leads_somewhere(demo: Demo, office: Page) -> None:
    wait_for(office, f"/opendata/{ARS}/index.json")
    guide = office.request.get("/demo/").text()
    city = demo.told("City pages").rstrip("/")
    for address in re.findall(r'href="([^"]+)"', guide):
        there = html.unescape(address).replace(city, demo.base)
        if "/leistungen" in there or there.startswith(("/static", demo.base + "/buergerservice", demo.base + "/suche")):
            continue  # of the city's host, which only a browser finds
        answer = office.request.get(there)
        assert answer.ok, address
        assert "/sign-in" not in answer.url
