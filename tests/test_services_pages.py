"""The pages of the catalogue: list, one service, its form, what is to be checked, import and export."""

import io
import re
from dataclasses import replace
from time import time
from typing import Any

import pytest
from flask.testing import FlaskClient
from roles import csrf, send
from werkzeug.test import TestResponse

from admin.i18n import texts
from admin.service_form import cents, slug_of
from tests.installation import Clock, Installation
from tracker.config import Config
from tracker.services.quality import KINDS
from tracker.services.rules import RULES, Problem
from tracker.services.service import CHANNELS, Form, Service, Step
from tracker.store import open_database, open_store
from tracker.store.services import Services

MARBURG, GIESSEN = "065340014014", "065310005005"
LIST = "/admin/services"
DOG = Service(
    "hundesteuer",
    "Hundesteuer anmelden",
    name_en="Register a dog",
    leika="99050012104000",
    category="Steuern",
    paths=("www.marburg.de/leistungen/hundesteuer/**",),
    forms=(Form("hund", "Anmeldung", "Registration", True, (Step("1", "Tier", "Animal"), Step("2", optional=True))),),
    channels=("web",),
    cost_per_month_cents=125_000,
)
FORM = {
    "name": "Hundesteuer anmelden",
    "name_en": "Register a dog",
    "leika": "99 050 012 104 000",
    "category": "Steuern",
    "paths": "/leistungen/hundesteuer/**",
    "channels": ["web"],
    "cost": "1.250,00 €",
    "form-0-slug": "hund",
    "form-0-name": "Anmeldung",
    "form-0-name_en": "Registration",
    "form-0-end_page": "on",
    "form-0-steps": "1 | Tier | Animal\r\n2 | | | optional\r\n",
}


def in_catalogue(config: Config, municipality: int = 1) -> list[Service]:
    connection = open_database(config.database)
    found = Services(connection).all(municipality)
    connection.close()
    return found


@pytest.fixture
def dog(config: Config) -> None:
    """Marburg has a service."""
    connection = open_database(config.database)
    Services(connection).add(1, DOG)
    connection.close()


def test_a_service_is_added_in_one_form(owner: FlaskClient, config: Config) -> None:
    assert "Noch keine Leistung" in owner.get(LIST, query_string={"municipality": MARBURG}).text
    response = send(owner, f"{LIST}/new?municipality={MARBURG}", **FORM, slug="hundesteuer")
    assert response.location.startswith(f"{LIST}/{MARBURG}/hundesteuer?done=service_added")
    assert in_catalogue(config) == [DOG]
    page = owner.get(response.location).text
    assert "Die Leistung ist angelegt" in page
    assert "1.250,00 €" in page
    assert "data-zw-form=&#34;hund&#34;" in page


def test_a_short_name_is_made_of_the_name(owner: FlaskClient, config: Config) -> None:
    send(owner, f"{LIST}/new?municipality={MARBURG}", name="Führungszeugnis & Straße")
    assert [service.slug for service in in_catalogue(config)] == ["fuehrungszeugnis-strasse"]
    assert slug_of("—") == ""


@pytest.mark.usefixtures("dog")
def test_the_form_shows_what_is_kept_and_keeps_what_it_shows(owner: FlaskClient, config: Config) -> None:
    page = owner.get(f"{LIST}/{MARBURG}/hundesteuer/edit").text
    inputs = r'<input class="kern-form-input__input" id="[^"]+" name="([^"]+)"[^>]* value="([^"]*)"'
    fields: dict[str, Any] = dict(re.findall(inputs, page))
    fields |= dict(re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n?([^<]*)</textarea>', page))
    fields |= dict.fromkeys(re.findall(r'type="checkbox" name="(form[^"]+)"[^>]* checked', page), "on")
    fields["channels"] = re.findall(r'name="channels" id="[^"]+" value="([^"]+)" checked', page)
    response = send(owner, f"{LIST}/{MARBURG}/hundesteuer/edit", **fields)
    assert response.location.endswith("done=service_changed")
    assert in_catalogue(config) == [DOG]


@pytest.mark.usefixtures("dog")
def test_a_form_is_added_and_taken_out(owner: FlaskClient, config: Config) -> None:
    path = f"{LIST}/{MARBURG}/hundesteuer/edit"
    send(owner, path, **FORM, **{"form-1-name": "Abmeldung", "form-1-steps": "Ende"})
    (service,) = in_catalogue(config)
    assert service.forms == (*DOG.forms, Form("abmeldung", "Abmeldung", steps=(Step("Ende"),)))
    send(owner, path, **FORM, **{"form-0-remove": "on", "form-1-slug": "abmeldung"})
    (service,) = in_catalogue(config)
    assert service.forms == (Form("abmeldung"),)


@pytest.mark.usefixtures("dog")
def test_the_short_name_cannot_be_changed(owner: FlaskClient, config: Config) -> None:
    send(owner, f"{LIST}/{MARBURG}/hundesteuer/edit", **FORM, slug="katzensteuer")
    assert [service.slug for service in in_catalogue(config)] == ["hundesteuer"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"name": ""}, "Geben Sie einen Namen ein."),
        ({"slug": "Hund!"}, "darf nur aus 1 bis 60 Kleinbuchstaben"),
        ({"leika": "9905001210400"}, "muss 14 Ziffern haben"),
        ({"cost": "viel"}, "müssen ein Betrag ab 0 sein"),
        ({"paths": "www.marburg.de/x?a=1"}, "enthält „?“"),
        ({"channels": ["brieftaube"]}, "ist kein Kanal"),
        ({"name": "x" * 201}, "Das Feld „Name“ fasst höchstens 200 Zeichen"),
        ({"form-0-slug": "a b"}, "Der Kurzname „a b“ eines Formulars"),
        ({"form-0-steps": "1 | a | b | c"}, "muss der vierte Teil „optional“ heißen"),
        ({"form-1-slug": "hund"}, "Das Formular „hund“ kommt zweimal vor"),
    ],
)
def test_it_says_what_is_wrong_and_keeps_the_entry(
    owner: FlaskClient, config: Config, wrong: dict[str, Any], message: str
) -> None:
    response = send(owner, f"{LIST}/new?municipality={MARBURG}", **{**FORM, **wrong})
    assert response.status_code == 400
    assert message in response.text
    assert 'value="Register a dog"' in response.text
    assert "2 | | | optional" in response.text or "form-0-steps" in wrong
    assert in_catalogue(config) == []


@pytest.mark.usefixtures("dog")
def test_a_name_or_form_that_exists_is_refused(owner: FlaskClient) -> None:
    response = send(owner, f"{LIST}/new?municipality={MARBURG}", name="Zwei", slug="hundesteuer")
    assert "Eine Leistung „hundesteuer“ gibt es schon" in response.text
    response = send(owner, f"{LIST}/new?municipality={MARBURG}", name="Zwei", **{"form-0-slug": "hund"})
    assert "gehört schon zur Leistung „hundesteuer“" in response.text


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("", None),
        ("0", 0),
        ("12", 1200),
        ("12,5", 1250),
        ("12.50 €", 1250),
        ("1.250", 125_000),
        ("1,250.00", 125_000),
        ("1.234.567,89", 123_456_789),
        ("1 250,00", 125_000),
    ],
)
def test_it_reads_amounts_as_people_write_them(typed: str, amount: int | None) -> None:
    found: list[Problem] = []
    assert cents(typed, found) == amount
    assert found == []


@pytest.mark.parametrize("typed", ["viel", "-1", "1,2,3", "12,505,0", "1.25.000", "12e3"])
def test_it_refuses_amounts_that_are_none(typed: str) -> None:
    found: list[Problem] = []
    cents(typed, found)
    assert [problem.rule for problem in found] == ["cost"]


@pytest.mark.usefixtures("dog")
def test_a_service_is_removed(owner: FlaskClient, config: Config) -> None:
    response = send(owner, f"{LIST}/{MARBURG}/hundesteuer/remove")
    assert "Die Leistung ist entfernt" in owner.get(response.location).text
    assert in_catalogue(config) == []
    assert owner.get(f"{LIST}/{MARBURG}/hundesteuer").status_code == 404


@pytest.mark.usefixtures("dog")
@pytest.mark.parametrize(
    ("search", "found"), [("hund", True), ("REGISTER dog", True), ("99050", True), ("katze", False)]
)
def test_it_searches(colleague: FlaskClient, search: str, found: bool) -> None:
    page = colleague.get(LIST, query_string={"q": search}).text
    assert (f"{LIST}/{MARBURG}/hundesteuer" in page) == found
    assert ("Keine Leistung passt zu" in page) != found


@pytest.mark.usefixtures("dog")
def test_a_viewer_reads_but_is_offered_no_change(colleague: FlaskClient) -> None:
    for path in (LIST, f"{LIST}/{MARBURG}/hundesteuer", f"{LIST}/quality"):
        page = colleague.get(path).text
        assert "Hundesteuer anmelden" in page
        assert "/edit" not in page
        assert "/new" not in page
        assert "/remove" not in page


@pytest.mark.usefixtures("dog")
def test_a_viewer_sees_the_own_municipality_alone(stranger: FlaskClient) -> None:
    for path in ("", "/quality", "/export.csv", "/export.json"):
        assert "hundesteuer" not in stranger.get(LIST + path).text
        assert stranger.get(f"{LIST}{path}?municipality={MARBURG}").status_code == 404
    assert stranger.get(f"{LIST}?municipality={GIESSEN}").status_code == 200
    assert stranger.get(f"{LIST}?municipality=999").status_code == 404


@pytest.mark.usefixtures("dog")
def test_it_speaks_english_too(owner: FlaskClient) -> None:
    page = owner.get(f"{LIST}/{MARBURG}/hundesteuer?lang=en").text
    assert '<h1 class="zw-title">Register a dog</h1>' in page
    assert "€1,250.00" in page
    assert "Animal" in page


def test_what_was_typed_is_shown_as_text(owner: FlaskClient) -> None:
    evil = '"><script>alert(1)</script></textarea>'
    wrong = send(owner, f"{LIST}/new", name=evil, leika=evil, paths=evil, **{"form-0-slug": evil, "form-0-steps": evil})
    assert wrong.status_code == 400
    assert "<script>alert" not in wrong.text
    right = send(owner, f"{LIST}/new", name=evil, description=evil, contact="javascript:alert(1)@x")
    assert "<script>alert" not in owner.get(right.location).text
    assert 'href="javascript' not in owner.get(right.location).text


def test_every_rule_and_flag_has_its_texts() -> None:
    for language in ("de", "en"):
        rules = {key.removeprefix("services.rule_") for key in texts(language) if key.startswith("services.rule_")}
        assert rules == set(RULES)
        for kind in KINDS:
            assert {f"services.flag_{kind}", f"services.mend_{kind}"} <= texts(language).keys()
        assert {f"services.channel_{code}" for code in CHANNELS} <= texts(language).keys()


def test_a_sentence_names_the_same_things_in_every_language() -> None:
    for rule, english in RULES.items():
        for language in ("de", "en"):
            text = texts(language)[f"services.rule_{rule}"]
            assert set(re.findall("{[a-z]+}", text)) == set(re.findall("{[a-z]+}", english)), rule


# Import and export


def upload(client: FlaskClient, text: str | bytes, name: str = "x.csv") -> TestResponse:
    """Choose a file in the import of Marburg."""
    content = text.encode() if isinstance(text, str) else text
    data = {"csrf": csrf(client), "file": (io.BytesIO(content), name)}
    return client.post(f"{LIST}/import?municipality={MARBURG}", data=data)


def confirm(client: FlaskClient, preview: TestResponse) -> TestResponse:
    """Confirm what a preview shows."""
    fields = dict(re.findall(r'<input type="hidden" name="(catalogue|seen)" value="([^"]*)"', preview.text))
    fields["catalogue"] = fields["catalogue"].replace("&#34;", '"').replace("&#39;", "'").replace("&amp;", "&")
    return send(client, f"{LIST}/import?municipality={MARBURG}", **fields)


@pytest.mark.usefixtures("dog")
@pytest.mark.parametrize("kind", ["csv", "json"])
def test_an_export_comes_back_as_it_went(owner: FlaskClient, config: Config, kind: str) -> None:
    exported = owner.get(f"{LIST}/export.{kind}?municipality={MARBURG}")
    assert f'filename="services-{MARBURG}.{kind}"' in exported.headers["Content-Disposition"]
    assert "0 neu, 0 geändert, 1 unverändert" in upload(owner, exported.data, f"x.{kind}").text
    send(owner, f"{LIST}/{MARBURG}/hundesteuer/remove")
    preview = upload(owner, exported.data, f"x.{kind}")
    assert "1 neu, 0 geändert, 0 unverändert" in preview.text
    assert in_catalogue(config) == []
    done = confirm(owner, preview)
    assert "Die Leistungen sind übernommen" in owner.get(done.location).text
    assert in_catalogue(config) == [DOG]


@pytest.mark.usefixtures("dog")
def test_a_preview_shows_before_and_after(owner: FlaskClient) -> None:
    page = upload(owner, "slug;category;department\nhundesteuer;Abgaben;Kämmerei\n").text
    assert "1 geändert" in page
    for text in ("Steuern", "Abgaben", "Kämmerei", "leer"):
        assert text in page


@pytest.mark.usefixtures("dog")
def test_nothing_is_half_imported(owner: FlaskClient, config: Config) -> None:
    response = upload(owner, "slug;name;leika\nkatze;Katze;\nhundesteuer;Hund;123\n")
    assert response.status_code == 400
    assert "Zeile 3" in response.text
    assert "muss 14 Ziffern haben" in response.text
    assert 'name="catalogue"' not in response.text
    assert in_catalogue(config) == [DOG]


def test_what_changed_meanwhile_is_shown_again(owner: FlaskClient, config: Config) -> None:
    preview = upload(owner, "slug;name\nkatze;Katze\n")
    send(owner, f"{LIST}/new?municipality={MARBURG}", **FORM, slug="hundesteuer")
    again = confirm(owner, preview)
    assert "Der Katalog wurde inzwischen geändert" in again.text
    assert in_catalogue(config) == [DOG]
    confirm(owner, again)
    assert len(in_catalogue(config)) == 2


@pytest.mark.parametrize("catalogue", ["", "{", '[{"slug": "a"}]', '[{"slug": "a", "name": "A", "leika": "1"}]'])
def test_a_confirmation_is_checked_like_a_file(owner: FlaskClient, config: Config, catalogue: str) -> None:
    response = send(owner, f"{LIST}/import?municipality={MARBURG}", catalogue=catalogue, seen="x")
    assert response.status_code == 400
    assert in_catalogue(config) == []


def test_a_file_must_be_chosen(owner: FlaskClient) -> None:
    response = send(owner, f"{LIST}/import?municipality={MARBURG}")
    assert response.status_code == 400
    assert "Wählen Sie eine Datei aus" in response.text


def test_a_catalogue_of_300_services_fits(owner: FlaskClient, config: Config) -> None:
    rows = "".join(f"s{number};Leistung {number};{'Text ' * 200}\n" for number in range(300))
    confirm(owner, upload(owner, "slug;name;description\n" + rows))
    assert len(in_catalogue(config)) == 300


def test_a_file_that_is_too_large_is_refused(owner: FlaskClient) -> None:
    path, kind = f"{LIST}/import?municipality={MARBURG}", "multipart/form-data; boundary=x"
    assert owner.post(path, data=b"x" * 9_000_000, content_type=kind).status_code == 413


# Quality


def use(config: Config, *beacons: dict[str, Any]) -> None:
    """Let the beacons be collected and counted now."""
    clock = Clock(time())
    city = Installation(config, open_store(config.database), clock)
    for beacon in beacons:
        assert city.send(u="https://www.marburg.de/leistungen/hundesteuer", **beacon).status_code == 202
    city.count()
    city.store.close()


def step(form: str, name: str) -> dict[str, Any]:
    return {"k": "step", "p": {"form": form, "step": name}}


@pytest.mark.usefixtures("dog")
def test_it_tells_what_is_missing_and_how_to_mend_it(owner: FlaskClient) -> None:
    page = owner.get(f"{LIST}/quality?municipality={MARBURG}").text
    assert "kam keine Meldung" in page
    assert "Es fehlen: Beschreibung, Beschreibung auf Englisch, Zuständige Stelle, Kontakt." in page
    assert f'href="{LIST}/{MARBURG}/hundesteuer/edit#paths"' in page
    assert "3 Hinweise" in owner.get(LIST, query_string={"municipality": MARBURG}).text
    assert "kam keine Meldung" in owner.get(f"{LIST}/{MARBURG}/hundesteuer").text


@pytest.mark.usefixtures("dog")
def test_it_compares_the_catalogue_with_what_was_counted(owner: FlaskClient, config: Config) -> None:
    use(config, {}, step("hund", "1"), step("hund", "zahlung"), step("katze", "1"))
    page = owner.get(f"{LIST}/quality?municipality={MARBURG}").text
    assert "In den letzten 30 Tagen kam keine Meldung" not in page
    assert "meldet Schritte, die hier fehlen: zahlung" in page
    assert "hat in den letzten 30 Tagen niemand erreicht: 2" in page
    assert "meldete sie keinen Ausgang" in page
    assert "<code>katze</code>" in page


@pytest.mark.usefixtures("dog")
def test_an_outcome_shows_that_there_is_an_end_page(owner: FlaskClient, config: Config) -> None:
    outcome = {"k": "outcome", "n": "submitted", "p": {"form": "hund"}}
    use(config, step("hund", "1"), step("hund", "2"), outcome)
    page = owner.get(f"{LIST}/quality?municipality={MARBURG}").text
    assert "meldete sie keinen Ausgang" not in page
    assert "niemand erreicht" not in page


def test_a_catalogue_in_order_says_so(owner: FlaskClient, config: Config) -> None:
    connection = open_database(config.database)
    texts_given = dict.fromkeys(("description", "description_en", "department", "contact"), "Text")
    Services(connection).add(1, replace(DOG, **texts_given, forms=()))
    connection.close()
    use(config, {})
    page = owner.get(f"{LIST}/quality?municipality={MARBURG}").text
    assert "Alle Leistungen sind in Ordnung" in page
