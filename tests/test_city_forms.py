"""The forms of the simulated city: from step to step, with mistakes, and what its pages tell Zählwerk."""

import json
import re
from dataclasses import replace
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from admin import create_app
from admin.demo_server import run
from tests.test_city import CITY, ONLINE
from tracker.config import Config
from tracker.simulation.city import SERVICES
from tracker.simulation.forms import DOG_TAX, FORMS
from tracker.simulation.formserver import TOKEN_FILE
from tracker.simulation.journey import APPOINTMENT, REMOTE, STEPS

DOG = "/leistungen/hundesteuer-anmelden"
OWNER = {"konto": "bundid_eid", "name": "Erna", "plz": "35037", "wohnort": "ja"}
BEASTS = {**OWNER, "rufname": "Bello", "chip": "1" * 15, "seit": "2020-01-01"}
PAYS = {**BEASTS, "zahlungsart": "credit_card"}


@pytest.fixture
def visitor(config: Config) -> FlaskClient:
    """Somebody who looks at a simulated installation, whose oldest site is www.marburg.de."""
    return create_app(replace(config, simulated=True), background=False).test_client()


def turned(visitor: FlaskClient, left: str, page: str, answers: dict[str, str]) -> TestResponse:
    """The answer to a form whose step `left` is left for a page."""
    return visitor.post(f"{DOG}/{page}", data={"von": left, **answers}, base_url=CITY)


def told(response: TestResponse) -> list[dict[str, str]]:
    """What the pictures of a page tell where no script runs, besides the view."""
    addresses = [unescape(address) for address in re.findall(r'<img src="(/beacon.gif[^"]*)"', response.text)]
    queries = [parse_qs(urlsplit(address).query) for address in addresses[1:]]
    return [{name: values[0] for name, values in query.items() if name != "s"} for query in queries]


def step(name: str, **facts: str) -> dict[str, str]:
    return {"k": "step", "p.form": "hundesteuer", "p.step": name, **{f"p.{key}": text for key, text in facts.items()}}


def test_each_step_has_its_page_and_tells_what_it_knows(visitor: FlaskClient) -> None:
    signed_in = {"of": "5", "auth": "bundid_eid", "assurance": "high"}
    assert told(visitor.get(f"{DOG}/antrag", base_url=CITY)) == [step("anmeldung", of="5")]
    assert told(turned(visitor, "anmeldung", "antrag/halter", OWNER)) == [step("halter", **signed_in)]
    assert told(turned(visitor, "halter", "antrag/hund", OWNER)) == [step("hund", **signed_in)]
    assert told(turned(visitor, "hund", "antrag/zahlung", BEASTS)) == [step("zahlung", **signed_in)]
    paying = {**signed_in, "payment": "credit_card", "payment_status": "started"}
    assert told(turned(visitor, "zahlung", "antrag/pruefen", PAYS)) == [step("pruefen", **paying)]
    end = turned(visitor, "pruefen", "danke", {**PAYS, "richtig": "ja"})
    assert end.status_code == 303
    outcome = {"k": "outcome", "n": "submitted", "p.form": "hundesteuer", "p.payment_status": "succeeded"}
    assert told(visitor.get(end.location, base_url=CITY)) == [outcome]


def test_the_attributes_for_the_snippet_say_the_same(visitor: FlaskClient) -> None:
    text = turned(visitor, "zahlung", "antrag/pruefen", PAYS).text
    expected = (
        'data-zw-form="hundesteuer"',
        'data-zw-step="pruefen"',
        'data-zw-steps="5"',
        'data-zw-auth="bundid_eid"',
    )
    expected += ('data-zw-assurance="high"', 'data-zw-payment="credit_card"', 'data-zw-payment-status="started"')
    assert all(attribute in text for attribute in expected)
    assert 'data-zw-outcome="submitted"' in visitor.get(f"{DOG}/danke", base_url=CITY).text


@pytest.mark.parametrize(
    ("changed", "mistake"),
    [
        ({"chip": "12"}, ("format", "chip")),
        ({"rufname": ""}, ("missing", "rufname")),
        ({"seit": "2999-01-01"}, ("in_future", "seit")),
        ({"seit": "gestern"}, ("unknown", "seit")),
    ],
)
def test_a_mistake_is_told_by_field_and_keeps_the_step(
    visitor: FlaskClient, changed: dict[str, str], mistake: tuple[str, str]
) -> None:
    response = turned(visitor, "hund", "antrag/zahlung", {**BEASTS, **changed})
    assert response.status_code == 422
    assert told(response) == [step("hund", error=mistake[0], field=mistake[1])]
    assert 'value="Erna"' in response.text


def test_a_choice_that_does_not_exist_is_a_mistake(visitor: FlaskClient) -> None:
    response = turned(visitor, "anmeldung", "antrag/halter", {"konto": "geheim"})
    assert told(response) == [step("anmeldung", error="unknown", field="konto")]


def test_going_back_asks_for_nothing_and_keeps_the_answers(visitor: FlaskClient) -> None:
    response = turned(visitor, "hund", "antrag/halter", OWNER)
    assert response.status_code == 200
    assert told(response)[0]["p.step"] == "halter"
    assert 'value="Erna"' in response.text


def test_who_lives_elsewhere_is_not_eligible(visitor: FlaskClient) -> None:
    response = turned(visitor, "halter", "antrag/hund", {**OWNER, "wohnort": "nein"})
    assert response.location == f"{DOG}/nicht-zustaendig"
    end = visitor.get(response.location, base_url=CITY)
    assert told(end) == [{"k": "outcome", "n": "ended_not_eligible", "p.form": "hundesteuer"}]


def test_a_refused_card_leads_back_to_the_payment(visitor: FlaskClient) -> None:
    response = turned(visitor, "pruefen", "danke", {**PAYS, "zahlungsart": "credit_card_refused", "richtig": "ja"})
    facts = {"auth": "bundid_eid", "assurance": "high", "payment": "credit_card", "payment_status": "failed"}
    assert told(response) == [step("zahlung", of="5", **facts)]


def test_what_is_entered_is_shown_as_text(visitor: FlaskClient) -> None:
    response = turned(visitor, "hund", "antrag/zahlung", {**BEASTS, "rufname": '"><script>', "fremd": "x"})
    assert "<script>" not in response.text.replace("</script>", "")
    assert "fremd" not in response.text
    assert "Set-Cookie" not in response.headers


def test_a_step_that_is_opened_by_itself_begins_anew(visitor: FlaskClient) -> None:
    assert visitor.get(f"{DOG}/antrag/hund", base_url=CITY).location == f"{DOG}/antrag"


@pytest.mark.parametrize("path", ONLINE)
def test_every_form_can_be_clicked_through_to_its_end(visitor: FlaskClient, path: str) -> None:
    plan = FORMS[path.rsplit("/", 1)[1]]
    if plan is DOG_TAX:
        return
    pages = [f"antrag/{row.slug}" for row in plan.stations[1:]]
    for station, page in zip(plan.stations, [*pages, "danke"], strict=True):
        answer = visitor.post(f"{path}/{page}", data={"von": station.slug}, base_url=CITY)
        assert answer.status_code == (303 if page == "danke" else 200)
    outcomes = told(visitor.get(answer.location, base_url=CITY))
    assert [row["n"] for row in outcomes] == (["submitted"] if plan.end_page else [])


def test_the_appointment_tells_its_steps_too(visitor: FlaskClient) -> None:
    found = [told(visitor.get(f"/leistungen/{APPOINTMENT}/{name}", base_url=CITY)) for name in STEPS]
    assert [row[0].get("p.step") for row in found] == ["standort", "zeit", "kontakt", None]
    assert found[-1][0]["n"] == "submitted"


def test_a_service_without_form_has_no_pages_of_one(visitor: FlaskClient) -> None:
    offline = next(row.path for row in SERVICES if not row.online)
    for path in (f"{offline}/antrag", f"{offline}/danke", f"/leistungen/{REMOTE}/antrag"):
        assert visitor.get(path, base_url=CITY).status_code == 404


def test_the_form_server_makes_items_of_one_attempt_in_order() -> None:
    items = run("www.marburg.de", "vorgang-1")
    assert {(item["s"], item["attempt"], item["p"]["form"]) for item in items} == {
        ("www.marburg.de", "vorgang-1", "parkausweis-verlaengerung")
    }
    assert [item["time"] for item in items] == sorted(item["time"] for item in items)
    assert json.loads(json.dumps(items)) == items


def test_the_form_server_says_so_when_nobody_answers(config: Config) -> None:
    (config.data / TOKEN_FILE).write_text("zw_x")
    silent = replace(config, simulated=True, base_url="http://127.0.0.1:9")
    response = (
        create_app(silent, background=False).test_client().post(f"/leistungen/{REMOTE}/formularserver", base_url=CITY)
    )
    assert response.status_code == 200
    assert "Nicht angenommen" in response.text
