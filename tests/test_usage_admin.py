"""Totals in the admin area: upload, map once, import again with one click, undo; and the monthly report."""

import io
import re
from datetime import date
from pathlib import Path
from time import time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from roles import csrf, send
from werkzeug.test import TestResponse

from admin.i18n import texts
from admin.usage_mapping import name_of
from tests.office import SERVICES, as_csv, as_xlsx
from tracker.config import Config
from tracker.retention import forget_uploads
from tracker.services.service import Form, Service
from tracker.store import open_database
from tracker.store.catalogue import Catalogue
from tracker.store.services import Services
from tracker.store.usage import Import, Usage
from tracker.usage import findings, zsk
from tracker.usage.zsk import Setting, setting_of

TOWN = "/admin/usage/065340014014"
INDEX = "/admin/usage?municipality=065340014014"
SAMPLES = Path(__file__).parents[1] / "docs" / "samples"
ROWS = [
    ("Auswertung",),
    ("Monat", "Prozess", "begonnen", "eingereicht", "Anmeldung mit"),
    ("Januar 2026", "Hundesteuer - Anmeldung", "1.234", "1.000", "BundID"),
    ("Januar 2026", "wohngeld", "20", "15", "Muscheln"),
]


@pytest.fixture(autouse=True)
def catalogue(config: Config) -> None:
    connection = open_database(config.database)
    Services(connection).apply(1, SERVICES)
    connection.close()


def imports(config: Config) -> list[Import]:
    connection = open_database(config.database)
    found = Usage(connection).imports(1)
    connection.close()
    return found


def upload(client: FlaskClient, content: bytes, name: str = "januar.csv", **form: str) -> TestResponse:
    data = {"csrf": csrf(client), "file": (io.BytesIO(content), name), **form}
    return client.post(f"{TOWN}/upload", data=data, content_type="multipart/form-data")


def fields(page: str) -> dict[str, str]:
    """What the form of a page would send, as it is filled in."""
    inputs = re.findall(r"<input[^>]*>", page)
    sent = [tag for tag in inputs if "checkbox" not in tag or " checked" in tag]
    found = dict(re.findall(r'name="([^"]+)"[^>]*?value="([^"]*)"', "\n".join(sent)))
    for name, options in re.findall(r'<select[^>]*?name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return found


def mapped(client: FlaskClient, content: bytes, **changed: str) -> TestResponse:
    """Upload a file, and import it with its guessed mapping and some changes of it."""
    address = upload(client, content).location
    form = {**fields(client.get(address).text), "action": "import", "title": "civento", **changed}
    return client.post(address, data=form)


def test_columns_are_mapped_once_and_the_next_file_takes_one_click(owner: FlaskClient, config: Config) -> None:
    address = upload(owner, as_csv(ROWS, "cp1252")).location
    page = owner.get(address).text
    assert "„Hundesteuer - Anmeldung“ ist keine Leistung dieser Kommune" in page
    form = fields(page)
    assert [form[f"column-{place}"] for place in range(5)] == ["period", "service", "started", "submitted", "auth"]
    refused = owner.post(address, data={**form, "action": "import", "title": "civento"})
    assert refused.status_code == 400
    assert imports(config) == []
    done = owner.post(address, data={**form, "action": "import", "title": "civento", "value-service-0": "hundesteuer"})
    assert done.status_code == 200
    assert "Ersetzt wurde nichts" in done.text
    again = upload(owner, as_csv(ROWS, "utf-8-sig"), "januar-neu.csv", connector="civento")
    assert again.status_code == 200
    assert "Ersetzt wurden dessen Zahlen für: Januar 2026" in again.text
    assert [(one.file, one.via, one.figures > 0) for one in imports(config)] == [
        ("januar-neu.csv", "admin", True),
        ("januar.csv", "admin", False),
    ]


def test_the_uploaded_file_is_gone_once_it_is_imported(owner: FlaskClient, config: Config) -> None:
    folder = config.data / "uploads"
    mapped(owner, as_csv(ROWS), **{"value-service-0": "hundesteuer"})
    assert list(folder.iterdir()) == []
    address = upload(owner, as_csv(ROWS)).location
    (kept,) = folder.iterdir()
    assert kept.stat().st_mode & 0o077 == 0
    owner.post(address, data={"csrf": csrf(owner), "action": "cancel"})
    assert list(folder.iterdir()) == []
    assert owner.get(address).location.endswith("done=usage_expired")


def test_a_file_that_nobody_mapped_is_deleted_after_an_hour(owner: FlaskClient, config: Config) -> None:
    upload(owner, as_csv(ROWS))
    assert forget_uploads(config, time() + 3500) == 0
    assert forget_uploads(config, time() + 3700) == 1


def test_a_name_of_a_kept_file_leads_nowhere_else(owner: FlaskClient, config: Config) -> None:
    for name in ("../zaehlwerk.db", "..%2Fzaehlwerk.db", "", "a" * 32):
        response = owner.get(f"{TOWN}/mapping?upload={name}")
        assert response.location.endswith("done=usage_expired")


def test_a_file_with_errors_imports_nothing_and_can_be_mapped_anew(owner: FlaskClient, config: Config) -> None:
    mapped(owner, as_csv(ROWS), **{"value-service-0": "hundesteuer"})
    broken = [*ROWS, ("Februar 2026", "wohngeld", "1,5", "-2", "")]
    response = upload(owner, as_csv(broken), connector="civento")
    assert response.status_code == 400
    assert "Zeile 5, Spalte 3 (begonnen)" in response.text
    assert "Zeile 5, Spalte 4 (eingereicht)" in response.text
    assert len(imports(config)) == 1
    address = re.search(r'href="(/admin/usage/[^"]+mapping[^"]+)"', response.text)
    assert address is not None
    page = owner.get(address[1].replace("&amp;", "&")).text
    assert 'value="civento"' in page


def test_a_mapping_can_be_changed(owner: FlaskClient, config: Config) -> None:
    mapped(owner, as_csv(ROWS), **{"value-service-0": "hundesteuer"})
    address = upload(owner, as_csv(ROWS), connector="civento", map="on").location
    form = {**fields(owner.get(address).text), "action": "import", "column-2": "", "title": "Formularserver"}
    assert owner.post(address, data=form).status_code == 200
    connection = open_database(config.database)
    (connector,) = Usage(connection).connectors(1)
    connection.close()
    assert (connector.name, connector.title) == ("civento", "Formularserver")
    assert connector.layout.columns == {
        "Monat": "period",
        "Prozess": "service",
        "eingereicht": "submitted",
        "Anmeldung mit": "auth",
    }
    assert connector.layout.values["service"]["Hundesteuer - Anmeldung"] == "hundesteuer"


def test_another_header_line_is_guessed_anew(owner: FlaskClient) -> None:
    address = upload(owner, as_csv([("A", "B"), *ROWS[1:]])).location
    form = fields(owner.get(address).text)
    assert form["header_line"] == "2"
    page = owner.post(address, data={**form, "action": "look", "header_line": "1"}).text
    assert '<label for="column-0">A</label>' in page


def test_each_sheet_of_a_workbook_can_be_chosen(owner: FlaskClient) -> None:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(as_xlsx([("x", "y"), ("a", "b")])))
    sheet = book.create_sheet("Zahlen")
    for row in ROWS[1:]:
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    address = upload(owner, buffer.getvalue(), "a.xlsx").location
    form = fields(owner.get(address).text)
    page = owner.post(address, data={**form, "action": "look", "sheet": "Zahlen"}).text
    assert '<label for="column-1">Prozess</label>' in page


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"%PDF-1.4 \0\0", "Das ist keine Datei in CSV, XLSX oder JSON"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "Excel 97 bis 2003"),
        (b"", "Die Datei enthält keine Zahlen"),
    ],
)
def test_an_unreadable_file_is_refused_with_what_to_do(owner: FlaskClient, content: bytes, message: str) -> None:
    response = owner.get(upload(owner, content).location)
    assert response.status_code == 400
    assert message in response.text


def test_an_upload_without_file_or_with_a_wrong_period_is_refused(owner: FlaskClient) -> None:
    response = send(owner, f"{TOWN}/upload", period="Quartal 1")
    assert response.status_code == 400
    assert "Wählen Sie eine Datei aus" in response.text
    assert "Das ist weder ein Monat noch ein Tag" in response.text
    assert upload(owner, b"a", connector="nichts").status_code == 400


def test_undoing_says_that_nothing_comes_back(owner: FlaskClient, config: Config) -> None:
    mapped(owner, as_csv(ROWS), **{"value-service-0": "hundesteuer"})
    page = owner.get(INDEX).text
    assert "Was er ersetzt hat, kommt nicht zurück" in page
    response = send(owner, f"{TOWN}/imports/1/undo")
    assert "Was er ersetzt hatte, kommt nicht zurück" in owner.get(response.location).text
    assert imports(config)[0].figures == 0
    assert send(owner, f"{TOWN}/imports/1/undo").status_code == 400


def test_a_viewer_looks_and_changes_nothing(owner: FlaskClient, colleague: FlaskClient, stranger: FlaskClient) -> None:
    mapped(owner, as_csv(ROWS), **{"value-service-0": "hundesteuer"})
    page = colleague.get(INDEX).text
    assert "januar.csv" in page
    assert "/upload" not in page
    assert "/undo" not in page
    assert colleague.get(f"{TOWN}/connectors/civento").status_code == 200
    assert "civento" not in stranger.get("/admin/usage").text
    assert stranger.get(f"{TOWN}/connectors/civento").status_code == 404
    assert colleague.get(f"{TOWN}/connectors/nichts").status_code == 404


def test_a_connector_is_removed_with_its_figures(owner: FlaskClient, config: Config) -> None:
    mapped(owner, as_csv(ROWS), **{"value-service-0": "hundesteuer"})
    assert "6 Zahlen" in owner.get(f"{TOWN}/connectors/civento").text
    send(owner, f"{TOWN}/connectors/civento/remove")
    assert imports(config) == []


def test_what_stands_in_a_file_is_shown_as_text(owner: FlaskClient) -> None:
    evil = "<script>alert(1)</script>"
    rows = [("Monat", evil, "Anzahl"), ("2026-01", evil, "1"), ("Summe", evil, "1")]
    address = upload(owner, as_csv(rows), f"{evil}.csv").location
    page = owner.get(address).text
    assert evil not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_bare_form_is_no_error_of_ours(owner: FlaskClient) -> None:
    address = upload(owner, as_csv(ROWS)).location
    for form in ({"action": "import"}, {"action": "look", "seen": "|1|1"}, {"each_line": "x", "seen": "|1|1"}):
        assert owner.post(address, data={"csrf": csrf(owner), **form}).status_code in (200, 400)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("civento", "civento"),
        ("Bezahlplattform Süd (neu)", "bezahlplattform-sued-neu"),
        ("!?", ""),
        ("É" * 99, "e" * 60),
    ],
)
def test_a_title_has_a_short_name(title: str, name: str) -> None:
    assert name_of(title) == name


def test_every_finding_is_said_in_both_languages() -> None:
    for language in ("de", "en"):
        said = {key.removeprefix("usage.") for key in texts(language) if key.startswith(("usage.rule_", "usage.zsk_"))}
        assert {f"rule_{rule}" for rule in findings.RULES} | {f"zsk_{rule}" for rule in zsk.RULES} <= said
    for kind, rules in (("rule", findings.RULES), ("zsk", zsk.RULES)):
        assert {rule: texts("en")[f"usage.{kind}_{rule}"] for rule in rules} == rules


@pytest.mark.parametrize(
    ("file", "values"),
    [
        (
            "civento-2026-q1.csv",
            {
                "Anwohnerparkausweis": "anwohnerparken",
                "Geburtsurkunde anfordern": "wohngeld",
                "Hundesteuer - Abmeldung": "-",
                "Hundesteuer - Anmeldung": "hundesteuer",
                "Zuschuss Lastenrad": "wohngeld",
            },
        ),
        ("zahlungen-2026-03.xlsx", {"Urkunden Standesamt": "wohngeld"}),
    ],
)
def test_the_samples_of_the_documentation_import(
    owner: FlaskClient, config: Config, file: str, values: dict[str, str]
) -> None:
    address = upload(owner, (SAMPLES / file).read_bytes(), file).location
    form = {**fields(owner.get(address).text), "action": "import", "title": "Muster"}
    for name, text in list(form.items()):
        if name.startswith("text-service-") and text in values:
            form[name.replace("text-", "value-")] = values[text]
    assert owner.post(address, data=form).status_code == 200
    assert imports(config)[0].figures > 10


def count_forms(config: Config, month_day: int) -> None:
    """Count attempts that pages submitted, as the loader does."""
    from tracker.rollups import BY_NAME, Delta, add
    from tracker.store import open_store
    from tracker.store.batch import Batch

    store, delta = open_store(config.database), Delta()
    for key, number in (("parken/submitted", 7), ("parken/abandoned", 9), ("fremd/submitted", 3)):
        add(delta, BY_NAME["outcome"].number, key, (0, number, 0, 0, 0, number, 1))
    store.begin()
    store.apply(Batch({(1, month_day): {"": delta}}, {}, [], [], {}, {}, {}, 1))
    store.commit()
    store.close()


@pytest.fixture
def january(owner: FlaskClient, config: Config) -> None:
    """Figures of January: from pages and from a connector."""
    connection = open_database(config.database)
    Services(connection).apply(
        1, [Service("anwohnerparken", "Anwohnerparken", leika="99012001001000", forms=(Form("parken"),)), *EXTRA]
    )
    connection.close()
    count_forms(config, 20260115)
    rows = [("Monat", "Dienst", "Anzahl", "Kanal"), ("2026-01", "anwohnerparken", 40, "online")]
    rows += [("2026-01", "hundesteuer", 10, "online"), ("2026-01", "hundesteuer", 90, "post")]
    rows += [("2026-01", "ohne-schluessel", 5, ""), ("2026-02", "hundesteuer", 1000, "")]
    assert mapped(owner, as_csv(rows)).status_code == 200


EXTRA = [Service("ohne-schluessel", "Ohne Schlüssel")]


def test_the_monthly_report_adds_pages_and_connectors(colleague: FlaskClient, january: None) -> None:
    response = colleague.get(f"{TOWN}/zsk.csv?month=2026-01")
    assert response.mimetype == "text/csv"
    assert response.text.splitlines() == [
        "period;leika_key;ars;service_id;transactions",
        "2026-01;99012001001000;065340014014;anwohnerparken;47",
        "2026-01;99102013060000;065340014014;hundesteuer;10",
    ]


def test_the_monthly_report_says_what_is_not_in_it(colleague: FlaskClient, january: None) -> None:
    page = colleague.get(f"{TOWN}/zsk?month=2026-01").text
    assert "Ohne Schlüssel: 5 Transaktionen stehen nicht in der Datei" in page
    assert "Anwohnerparken: Die Seiten melden 7, Konnektoren 40" in page
    assert "Wohngeld: Kein Formular gehört dazu" in page
    assert "Das Formular fremd gehört zu keiner Leistung: 3 eingereichte Vorgänge" in page
    assert "/zsk/setting" not in page


def test_the_columns_of_the_monthly_report_are_settings(owner: FlaskClient, config: Config, january: None) -> None:
    columns = "period = Monat\nleika_key = Leistung\ntransactions = Anzahl"
    form = {"columns": columns, "channel-post": "on", "channel-web": "on"}
    assert send(owner, f"{TOWN}/zsk/setting", **form).status_code == 303
    lines = owner.get(f"{TOWN}/zsk.csv?month=2026-01").text.splitlines()
    assert lines[0] == "Monat;Leistung;Anzahl"
    assert lines[1] == "2026-01;99012001001000;7"  # no connector was ticked
    form["connector-civento"] = "on"
    send(owner, f"{TOWN}/zsk/setting", **form)
    assert owner.get(f"{TOWN}/zsk.csv?month=2026-01").text.splitlines()[2] == "2026-01;99102013060000;100"


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"columns": "colour", "channel-web": "on"}, "Mindestens eine Spalte gibt es nicht"),
        ({"columns": "period", "channel-web": "on"}, "transactions fehlt"),
        ({"columns": "transactions"}, "Wählen Sie mindestens einen Kanal"),
    ],
)
def test_a_wrong_setting_of_the_monthly_report_changes_nothing(
    owner: FlaskClient, config: Config, form: dict[str, str], message: str
) -> None:
    response = send(owner, f"{TOWN}/zsk/setting", **form)
    assert response.status_code == 400
    assert message in response.text
    connection = open_database(config.database)
    assert setting_of(Usage(connection).zsk_setting(1)) == Setting()
    connection.close()


@pytest.mark.parametrize("month", ["2026", "2026-13", "2026-01-05", "x"])
def test_no_month_is_a_bad_request(colleague: FlaskClient, month: str) -> None:
    assert colleague.get(f"{TOWN}/zsk.csv?month={month}").status_code == 400


def test_the_running_month_is_marked(app: Flask, colleague: FlaskClient) -> None:
    today = date.today()
    page = colleague.get(f"{TOWN}/zsk?month={today:%Y-%m}").text
    assert "ist noch nicht vorbei" in page


def test_a_town_is_found_by_its_key_alone(owner: FlaskClient, config: Config) -> None:
    connection = open_database(config.database)
    assert [town.ars for town in Catalogue(connection).municipalities()][1] == "065340014014"
    connection.close()
    assert "Marburg" in owner.get(INDEX).text
