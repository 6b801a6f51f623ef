"""The forms of the simulated city in Chromium: what somebody does there is exactly what the counts say afterwards."""

import itertools
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, Page, expect
from simulated import Demo

from tests.installation import CHROME
from tracker.cli import main

WITHIN = 4.0  # s
TWICE = 0.5  # s in which one too many would show
CARDS = (
    "form", "step", "step_done", "step_back", "step_error", "step_field", "outcome", "auth", "assurance", "payment",
    "payment_status",
)  # fmt: skip
DOG_TAX, OWN_FORM = "/leistungen/hundesteuer-anmelden", "hundesteuer"
REMOTE = "/leistungen/bewohnerparkausweis-verlaengern/formularserver"
VERSIONS = itertools.count(200)  # of Chrome
ACCOUNT = {f"{OWN_FORM}/account_password": (1, 1)}

Counts = dict[str, dict[str, tuple[int, int]]]  # card → key → attempts, occurrences


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with Demo(tmp_path_factory.mktemp("forms") / "data", months=1) as demo:
        yield demo


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def scripts(request: pytest.FixtureRequest) -> bool:
    """Whether scripts run in the page."""
    return bool(request.param)


@pytest.fixture
def city(scripts: bool, demo: Demo, browser: Browser) -> Iterator[Page]:
    """The browser of somebody who has not been to the city today."""
    context = browser.new_context(
        base_url=demo.told("City pages"),
        user_agent=CHROME.replace("Chrome/120", f"Chrome/{next(VERSIONS)}"),
        locale="de-DE",
        java_script_enabled=scripts,
    )
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def _counts(demo: Demo) -> Counts:
    """What `zaehlwerk stats --json` says of today; in this process, as starting one takes long."""
    return {card: {row["key"]: (row["visits"], row["events"]) for row in _rows(demo, card)} for card in CARDS}


def _rows(demo: Demo, card: str) -> list[dict[str, Any]]:
    today = time.strftime("%Y-%m-%d")
    site, data = demo.told("Dashboard").rsplit("/", 1)[1], str(demo.data)
    command = ["stats", site, "--data", data, "--from", today, "--to", today, "--by", card, "--json"]
    answer = CliRunner().invoke(main, command, catch_exceptions=False)
    rows: list[dict[str, Any]] = json.loads(answer.stdout)["rows"]
    return rows


def _gained(before: Counts, after: Counts) -> Counts:
    found: Counts = {}
    for card in CARDS:
        for key, (attempts, times) in after[card].items():
            old = before[card].get(key, (0, 0))
            if (attempts, times) != old:
                found.setdefault(card, {})[key] = (attempts - old[0], times - old[1])
    return found


@contextmanager
def _gains(demo: Demo, expected: Counts) -> Iterator[None]:
    """What is done inside brings the counts exactly `expected`."""
    before = _counts(demo)
    yield
    end = time.monotonic() + WITHIN
    while (found := _gained(before, _counts(demo))) != expected and time.monotonic() < end:
        time.sleep(0.1)
    time.sleep(TWICE)
    assert _gained(before, _counts(demo)) == expected == found


def _steps(*steps: str, form: str = OWN_FORM, **times: int) -> dict[str, tuple[int, int]]:
    return {f"{form}/{step}": (1, times.get(step, 1)) for step in steps}


def _on(city: Page, button: str = "Weiter") -> None:
    """Press a button and wait for the next page, and for what it tells."""
    with city.expect_navigation(wait_until="networkidle"):
        city.get_by_role("button", name=button, exact=True).click()


def _sign_in(city: Page) -> None:
    city.goto(DOG_TAX + "/antrag", wait_until="networkidle")
    city.get_by_label("Mit Benutzername und Passwort").check()
    _on(city)


def _owner(city: Page, lives_here: str = "Ja") -> None:
    city.fill("#name", "Erna Beispiel")
    city.fill("#plz", "35037")
    city.get_by_label(lives_here, exact=True).check()
    _on(city)


def _dog(city: Page, since: str = "2026-01-01") -> None:
    city.fill("#rufname", "Bello")
    city.fill("#chip", "276098100000000")
    city.fill("#seit", since)
    _on(city)


def _pay(city: Page, payment: str = "Rechnung") -> None:
    city.get_by_label(payment, exact=True).check()
    _on(city)


def _send(city: Page) -> None:
    city.get_by_label("Die Angaben sind richtig.").check()
    _on(city, "Antrag senden")


ALL = ("anmeldung", "halter", "hund", "zahlung", "pruefen")
SIGNED_IN: Counts = {"auth": ACCOUNT, "assurance": {f"{OWN_FORM}/basic": (1, 1)}}
STARTED: Counts = {"form": {OWN_FORM: (1, 1)}}


def test_a_form_that_is_filled_in_and_sent(demo: Demo, city: Page) -> None:
    paid: Counts = {"payment": {f"{OWN_FORM}/invoice": (1, 1)}, "outcome": {f"{OWN_FORM}/submitted": (1, 1)}}
    with _gains(demo, {**STARTED, **SIGNED_IN, **paid, "step": _steps(*ALL), "step_done": _steps(*ALL)}):
        _sign_in(city)
        _owner(city)
        _dog(city)
        _pay(city)
        _send(city)
        expect(city.get_by_role("heading", name="Danke")).to_be_visible()


def test_a_form_in_which_somebody_goes_back_and_gives_up(demo: Demo, city: Page) -> None:
    expected: Counts = {
        **STARTED,
        **SIGNED_IN,
        "step": _steps("anmeldung", "halter", "hund", halter=2, hund=2),
        "step_done": _steps("anmeldung", "halter"),
        "step_back": _steps("hund"),
    }
    with _gains(demo, expected):
        _sign_in(city)
        _owner(city)
        _on(city, "Zurück")
        expect(city.locator("#name")).to_have_value("Erna Beispiel")
        _on(city)


def test_mistakes_that_the_browser_finds(demo: Demo, city: Page, scripts: bool) -> None:
    # Without scripts the browser finds them too, but nobody tells.
    fields = [f"{OWN_FORM}/halter/{name}" for name in ("name", "plz", "wohnort")]
    errors: Counts = {"step_error": {f"{OWN_FORM}/halter/invalid": (1, 3)}, "step_field": dict.fromkeys(fields, (1, 1))}
    expected: Counts = {
        **STARTED,
        **SIGNED_IN,
        "step": _steps(*ALL[:3]),
        "step_done": _steps(*ALL[:2]),
        **(errors if scripts else {}),
    }
    with _gains(demo, expected):
        _sign_in(city)
        city.get_by_role("button", name="Weiter").click()
        _owner(city)


def test_a_mistake_that_the_server_finds(demo: Demo, city: Page, scripts: bool) -> None:
    # The page with the mistake shows the step again; without scripts it tells only the mistake.
    expected: Counts = {
        **STARTED,
        **SIGNED_IN,
        "step": _steps(*ALL[:4], hund=2 if scripts else 1),
        "step_done": _steps(*ALL[:3]),
        "step_error": {f"{OWN_FORM}/hund/in_future": (1, 1)},
        "step_field": {f"{OWN_FORM}/hund/seit": (1, 1)},
    }
    with _gains(demo, expected):
        _sign_in(city)
        _owner(city)
        _dog(city, "2999-12-31")
        expect(city.get_by_role("alert")).to_contain_text("liegt in der Zukunft")
        _dog(city)


def test_somebody_who_is_not_eligible(demo: Demo, city: Page) -> None:
    end: Counts = {"outcome": {f"{OWN_FORM}/ended_not_eligible": (1, 1)}}
    steps = _steps("anmeldung", "halter")
    with _gains(demo, {**STARTED, **SIGNED_IN, **end, "step": steps, "step_done": steps}):
        _sign_in(city)
        _owner(city, "Nein")
        expect(city.get_by_role("heading", name="nicht zuständig")).to_be_visible()


def test_a_payment_that_fails_and_then_succeeds(demo: Demo, city: Page, scripts: bool) -> None:
    statuses = {"started": (1, 2), "failed": (1, 1), "succeeded": (1, 1)}
    expected: Counts = {
        **STARTED,
        **SIGNED_IN,
        "step": _steps(*ALL, zahlung=2, pruefen=2),
        "step_done": _steps(*ALL),
        "step_back": _steps("pruefen"),
        "payment": {f"{OWN_FORM}/credit_card": (1, 1)},
        "payment_status": {f"{OWN_FORM}/{status}": counts for status, counts in statuses.items()},
        "outcome": {f"{OWN_FORM}/submitted": (1, 1)},
    }
    with _gains(demo, expected):
        _sign_in(city)
        _owner(city)
        _dog(city)
        _pay(city, "Kreditkarte, die abgelehnt wird")
        _send(city)
        expect(city.get_by_role("alert")).to_contain_text("abgelehnt")
        _pay(city, "Kreditkarte")
        _send(city)


def test_the_appointment_on_one_page_that_never_reloads(demo: Demo, city: Page, scripts: bool) -> None:
    steps = _steps("standort", "zeit", "kontakt", form="termin")
    expected: Counts = {
        "form": {"termin": (1, 1)},
        "step": steps,
        "step_done": steps,
        "outcome": {"termin/submitted": (1, 1)},
    }
    with _gains(demo, expected):
        city.goto("/leistungen/termin-im-stadtbuero", wait_until="networkidle")
        for choice in ("Termin buchen", "Cappel", "morgen, 8:40 Uhr", "Termin bestätigen"):
            city.get_by_role("link", name=choice, exact=True).click()
            city.wait_for_load_state("networkidle")


def test_a_run_that_the_form_server_reports(demo: Demo, city: Page) -> None:
    form = "parkausweis-verlaengerung"
    city.goto(REMOTE, wait_until="networkidle")
    before = _counts(demo)
    _on(city, "Vorgang simulieren")
    expect(city.locator("#status")).to_have_text("202")
    sent = city.locator(".city-run li").all()
    kinds = [(row.get_attribute("data-kind"), row.get_attribute("data-key")) for row in sent]
    reached = {f"{form}/{key}" for kind, key in kinds if kind == "step"}
    ended = {f"{form}/{key}" for kind, key in kinds if kind == "outcome"}

    def told() -> tuple[dict[str, int], set[str], set[str]]:
        found = _gained(before, _counts(demo))
        started = {key: gain[0] for key, gain in found.get("form", {}).items()}
        return started, set(found.get("step", {})), set(found.get("outcome", {}))

    assert _becomes(told, ({form: 1}, reached, ended))


def _becomes(found: Callable[[], object], expected: object) -> bool:
    end = time.monotonic() + WITHIN
    while found() != expected:
        if time.monotonic() > end:
            assert found() == expected
        time.sleep(0.1)
    return True
