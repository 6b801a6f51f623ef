"""The documents state the running configuration: every setting changes them, and nothing open is passed over."""

import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient
from roles import OWNER, send, signed_in

from admin import create_app
from admin.access import store as opened
from admin.opendata.manifest import Manifest, Publisher
from admin.privacy_documents import DOCUMENTS, blocks, number_open, one_line, spans, written
from admin.privacy_facts import facts_for
from tests.whole import whole
from tracker.audit.report import FAILURE, OK, Finding, Report, last, save
from tracker.config import Config
from tracker.feedback.feedback import Feedback
from tracker.services.service import Service
from tracker.store import open_database
from tracker.store.accounts import OPERATOR, Accounts
from tracker.store.catalogue import Catalogue
from tracker.store.feedback import Feedbacks
from tracker.store.imports import Imports
from tracker.store.opendata import Opendata, OpendataSetting
from tracker.store.services import Services
from tracker.store.tokens import Tokens

ARS, GIESSEN = "065340014014", "065310005005"
NAMES = {
    "notice": ("Datenschutzhinweis", "Privacy notice"),
    "record": ("Verzeichnis von Verarbeitungstätigkeiten", "Record of processing activities"),
    "threshold": ("Schwellwertanalyse", "Threshold check"),
    "measures": ("Technische und organisatorische Maßnahmen", "Technical and organisational measures"),
    "annex": ("Anlage zum Vertrag", "Annex to a contract"),
}


def text(app: Flask, name: str, language: str = "de", **settings: Any) -> str:
    """A document as it would be with other settings."""
    with app.test_request_context(f"/admin/privacy?lang={language}"):
        config = replace(app.config["ZAEHLWERK"], **settings)
        town = Catalogue(opened().connection).municipality(ARS)
        return written(name, facts_for(town, opened(), config, 1_779_098_400.0))


def all_texts(app: Flask, language: str = "de", **settings: Any) -> str:
    return "\n".join(text(app, name, language, **settings) for name in DOCUMENTS)


@pytest.fixture
def connection(config: Config) -> Any:
    connection = open_database(config.database)
    yield connection
    connection.close()


# Each setting changes the text


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize(
    ("names", "settings", "before", "after"),
    [
        ("notice threshold measures annex record", {"facts_days": 9}, r"\b35 (Tage|days)", r"\b9 (Tage|days)"),
        ("notice record threshold measures annex", {"rollup_months": 13}, r"25 (Monate|months)", r"13 (Monate|months)"),
        ("record annex", {"feedback_text_months": 7}, r"12 (Monate|months)", r"\b7 (Monate|months)"),
        ("notice record measures annex", {"backup_days": 8}, r"30 (Tage|days)", r"\b8 (Tage|days)"),
        ("record measures", {"audit_months": 5}, r"24 (Monate|months)", r"\b5 (Monate|months)"),
        (
            "notice record threshold measures annex",
            {"honour_dnt": False},
            r"wird von diesem Aufruf nichts gespeichert|nothing of that request"
            r"|(?<!nicht )beachtet|(?<!not )honoured|eingeschaltet|switched on",
            r"nicht beachtet|not honoured|bleiben ausgeschaltet|stay switched off",
        ),
        ("notice measures annex", {"base_url": "http://zw.example"}, r"https://stats.example.de", r"http://zw.example"),
        ("measures", {"base_url": "http://zw.example"}, r"https\)", r"nicht verschlüsselt|not encrypted"),
        ("measures annex", {"trusted_proxies": ("10.0.0.1", "10.0.0.2")}, r"kein|no", r"(Netze|networks): 2\b"),
        ("record", {"excluded_networks": ("10.0.0.0/8",)}, r"Marburg", r"(Netze|networks): 1\b"),
        ("measures", {"durability": "fsync"}, r"durability = write", r"durability = fsync"),
    ],
)  # fmt: skip
def test_a_setting_changes_the_text(
    app: Flask, language: str, names: str, settings: dict[str, Any], before: str, after: str
) -> None:
    for name in names.split():
        usual, changed = text(app, name, language), text(app, name, language, **settings)
        assert re.search(before, usual), name
        assert re.search(after, changed), name
        assert not re.search(after, usual), name


def test_without_facts_no_single_visits_are_told_of(app: Flask) -> None:
    assert "Einzelne Besuche werden nicht aufbewahrt" in text(app, "notice", facts_days=0)
    assert "mit Uhrzeit auf die Minute" not in text(app, "notice", facts_days=0)


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_level_of_a_site_changes_the_text(app: Flask, connection: Any, language: str) -> None:
    key = {"de": "Kennwert|Tagesschlüssel|BLAKE2b|„visits“", "en": "with a random key|day key|BLAKE2b|“visits”"}[
        language
    ]
    for name in ("notice", "record", "threshold", "measures", "annex"):
        assert re.search(f"{key}|Pseudonym|pseudonym", text(app, name, language)), name
    Catalogue(connection).change_site("www.marburg.de", "counts", False, "")
    assert "„visits“" not in text(app, "record")
    assert "Auf www.marburg.de wird kein Kennwert gebildet" in text(app, "notice")
    assert "with a random key" not in text(app, "notice", "en")
    assert "BLAKE2b" not in text(app, "measures", language)
    assert "/dev/shm" not in re.sub(r"\|.*\|", "", text(app, "annex", language))
    Catalogue(connection).add_site("service.marburg.de", ARS)
    assert "Auf service.marburg.de werden Aufrufe eines Tages" in text(app, "notice")


def test_search_terms_are_told_of_where_they_are_counted(app: Flask, connection: Any) -> None:
    assert "Suchbegriffe" not in text(app, "notice") + text(app, "record")
    Catalogue(connection).change_site("www.marburg.de", "visits", False, "q")
    assert "www.marburg.de (q)" in text(app, "notice")
    assert "www.marburg.de (q)" in text(app, "record")


def test_the_way_to_refuse_is_named_where_it_works(app: Flask, connection: Any) -> None:
    assert "wirkt das Cookie der Seite https://stats.example.de/opt-out nicht" in text(app, "notice")
    reached = text(app, "notice", base_url="https://zaehlwerk.marburg.de")
    assert "Es wirkt auf www.marburg.de" in reached
    assert "nicht mitsenden" not in reached
    assert "Weg, auf dem dort widersprochen werden kann" in text(app, "notice", honour_dnt=False)


def test_feedback_is_told_of_where_it_is_used(app: Flask, connection: Any) -> None:
    assert "Rückmeldung" not in text(app, "notice")
    Feedbacks(connection).add(Feedback(1, 20261103, "procedure", text="Gut"), b"r" * 32)
    assert "Texte werden nach 12 Monaten gelöscht" in text(app, "notice")
    assert "https://stats.example.de/feedback/receipt" in text(app, "notice", "en")
    assert "Texte bleiben 3 Monate" in text(app, "threshold", feedback_text_months=3)
    for name in ("record", "measures", "annex"):
        assert "ückmeldung" in text(app, name)


def test_open_data_is_told_of_with_its_method(app: Flask, connection: Any) -> None:
    assert "offene Daten veröffentlicht" not in all_texts(app)
    assert "nichts wird veröffentlicht" in text(app, "threshold")
    Opendata(connection).save(1, OpendataSetting(automatic=True, method="threshold", licence="dl-by-de/2.0"))
    for name in ("notice", "record", "threshold", "measures"):
        assert "Schwellenwert" in text(app, name), name
    assert "Namensnennung" in text(app, "record")


def release(config: Config, period: str, method: str, revision: int = 1) -> Path:
    """A release of this method, as far as the documents read it."""
    publisher = Publisher("Marburg", ARS, "06534014")
    found = Manifest(publisher, period, revision, "2026-06-01T00:00:00Z", "", {"name": method}, ())
    folder = config.opendata / ARS / found.path
    folder.mkdir(parents=True)
    (folder / "release.json").write_bytes(msgspec.json.encode(found))
    return folder


def test_the_method_is_that_of_the_released_files_and_the_set_one_follows(
    app: Flask, connection: Any, config: Config
) -> None:
    Opendata(connection).save(1, OpendataSetting(automatic=True, method="threshold"))
    release(config, "2026-05", "cell-key")
    for name in ("notice", "record", "threshold", "measures"):
        assert "„Cell-Key-Verfahren“; ab dem nächsten Monat: „Schwellenwert“" in text(app, name), name
        assert "“Cell-key method”; from the next month on: “Threshold”" in text(app, name, "en"), name
    Opendata(connection).save(1, OpendataSetting(automatic=False, method="cell-key"))
    assert "„Cell-Key-Verfahren“" in text(app, "notice") and "Schwellenwert" not in text(app, "notice")
    release(config, "2026-06", "threshold")
    release(config, "2026-05", "cell-key", 10)
    assert "„Cell-Key-Verfahren“ und „Schwellenwert“; ab dem nächsten Monat: „Cell-Key" in text(app, "notice")
    Opendata(connection).save(1, OpendataSetting(automatic=True, method="threshold"))
    assert "nächsten Monat" not in text(app, "notice")


def test_a_release_that_cannot_be_read_or_has_an_unknown_method_is_no_reason_to_fail(
    app: Flask, config: Config
) -> None:
    folder = release(config, "2026-05", "rounding-2020")
    assert "„rounding-2020“; ab dem nächsten Monat" in text(app, "notice")
    (config.opendata / ARS / "2026-06" / "1").mkdir(parents=True)
    (config.opendata / ARS / "2026-06" / "1" / "release.json").write_bytes(b"{")
    assert folder.is_dir() and "„rounding-2020“" in text(app, "notice")


def test_gateway_imports_and_form_servers_are_told_of(app: Flask, connection: Any) -> None:
    for token in Tokens(connection).all():
        Tokens(connection).remove(token.id)
    before = all_texts(app)
    for word in ("Single Digital Gateway", "Formularserver senden", "Zugriffsprotokolle wurden eingelesen"):
        assert word not in re.sub(r"\n\|[^|]*\|[^|]*\|[^|]*\|(?=\n)", "", before), word
    Services(connection).add(1, Service("hund", "Hund", sdg=True))
    Tokens(connection).add(1, "Formularserver")
    Imports(connection).begin(1, "a", 20260101, 0, 0)
    after = all_texts(app)
    for word in ("Single Digital Gateway", "Formularserver senden", "Zugriffsprotokolle wurden eingelesen"):
        assert word in after, word


def test_the_receipt_of_feedback_is_called_code_in_german_as_the_widget_calls_it() -> None:
    root = Path(__file__).parents[1]
    texts = [*root.glob("admin/i18n/de/*.toml"), *root.glob("admin/templates/privacy/de/*.md")]
    texts += [root / "tracker/data/audit/de.toml", root / "admin/templates/demo/guide.html"]
    assert [path.name for path in texts if re.search(r"\bBeleg|Quittung", path.read_text("utf-8"))] == []
    assert "Code" in (root / "static/feedback/de.json").read_text("utf-8")


# What all have in common


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_names_open_questions_and_asks_for_review(app: Flask, name: str, language: str) -> None:
    found = text(app, name, language)
    assert found.startswith(f"# {NAMES[name][language == 'en']}")
    assert number_open(found) >= 6
    assert ("[open: " if language == "en" else "[offen: ") in found
    assert re.search("Datenschutzbeauftragte|data protection officer", found)
    assert "19.05.2026" in found or "18.05.2026" in found or "18 May 2026" in found


@pytest.mark.parametrize("language", ["de", "en"])
def test_no_document_promises_that_all_is_lawful(app: Flask, language: str) -> None:
    promises = r"rechtmäßig|konform|rechtssicher|compliant|\blawful\b|vollständig anonym|einwilligungsfrei"
    assert re.search(promises, all_texts(app, language), re.IGNORECASE) is None


@pytest.mark.parametrize("name", DOCUMENTS)
def test_both_languages_have_the_same_parts(app: Flask, name: str) -> None:
    shapes = [
        [
            (block.kind, len(block.lines), [len(row) for row in block.rows])
            for block in blocks(text(app, name, language))
        ]
        for language in ("de", "en")
    ]
    assert shapes[0] == shapes[1]
    assert number_open(text(app, name)) == number_open(text(app, name, "en"))


def test_the_last_audit_is_named(app: Flask, config: Config) -> None:
    assert "letzte Prüfung: noch keine" in text(app, "threshold")
    save(config, Report(1_779_098_400.0, 0.5, False, (Finding("rows", FAILURE, "found"),)))
    assert "18.05.2026, Ergebnis: Fehler" in text(app, "threshold")


def test_a_name_cannot_break_a_document(app: Flask, connection: Any) -> None:
    connection.execute("update municipality set name = 'Bad | # Stadt\n# [offen: x] <b>&' where id = 1")
    found = text(app, "record")
    assert "Bad Stadt offen: x <b>&" in found
    (table,) = [block for block in blocks(found) if block.kind == "table"][:1]
    assert {len(row) for row in table.rows} == {2}


def test_markdown_is_taken_apart() -> None:
    kinds = [block.kind for block in blocks("# A\n\nb\nc\n\n- d\n- e\n\n| a | b |\n|---|---|\n| 1 | 2 |\n")]
    assert kinds == ["h1", "p", "list", "table"]
    line = spans("Siehe https://a.example/b, `x` und [offen: Name].")
    assert [(span.kind, span.text) for span in line if span.kind != "text"] == [
        ("link", "https://a.example/b"), ("code", "x"), ("open", "Name"),
    ]  # fmt: skip
    assert one_line("a\n| b [c]") == "a b c"


# The page


def test_the_page_shows_what_is_stored_and_the_documents(owner: FlaskClient) -> None:
    page = owner.get("/admin/privacy?municipality=" + ARS).text
    for words in (
        "Datenschutzhinweis für die Website",
        "offene Punkte",
        "open_visitor",
        "25 Monate",
        "noch nicht geprüft",
    ):
        assert words in page


def test_the_operator_audits_by_a_button(owner: FlaskClient, config: Config) -> None:
    response = send(owner, "/admin/privacy/check")
    assert (response.status_code, last(config) is not None) == (303, True)
    page = owner.get(response.location).text
    assert "Die Prüfung ist fertig." in page
    assert "Inhalte der Tabellen" in page


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_can_be_read_and_fetched(colleague: FlaskClient, name: str) -> None:
    page = colleague.get(f"/admin/privacy/{ARS}/{name}")
    assert page.status_code == 200
    assert '<mark class="zw-open">offen: ' in page.text
    assert not re.search(r"</mark>\s+[.,;]", page.text)
    fetched = colleague.get(f"/admin/privacy/{ARS}/{name}.md?lang=en")
    assert fetched.mimetype == "text/markdown"
    assert fetched.headers["Content-Disposition"].endswith(f'-{ARS}.md"')
    assert fetched.text.startswith(f"# {NAMES[name][1]}")


@pytest.mark.parametrize("path", ["x", "notice/x", "notice.txt"])
def test_other_documents_do_not_exist(owner: FlaskClient, path: str) -> None:
    assert owner.get(f"/admin/privacy/{ARS}/{path}").status_code == 404


def test_a_viewer_learns_nothing_about_other_municipalities(
    colleague: FlaskClient, stranger: FlaskClient, config: Config
) -> None:
    place = {"place": "opendata/065310005005/x", "kind": "email"}
    save(
        config,
        Report(
            time.time(),
            0.5,
            False,
            (Finding("files", FAILURE, "found", place), Finding("rows", OK, "clean", {"rows": 1, "tables": 2})),
        ),
    )
    page = colleague.get("/admin/privacy").text
    assert "065310005005" not in page
    assert "sieht der Betreiber" in page
    assert '<th class="kern-table__header" scope="col">Seit</th>' not in page
    assert stranger.get(f"/admin/privacy/{ARS}/notice").status_code == 404
    assert stranger.get(f"/admin/privacy/{GIESSEN}/notice").status_code == 200


def test_the_page_of_a_whole_installation_is_quick(tmp_path: Path) -> None:
    city = whole(tmp_path)
    app = create_app(city.config, background=False, clock=city.clock)
    app.testing = True
    Accounts(city.store.connection).add(OWNER, "vier zufällige Wörter", OPERATOR)
    client = signed_in(app, OWNER)
    begun = time.perf_counter()
    response = send(client, "/admin/privacy/check")
    assert client.get(response.location).status_code == 200
    assert time.perf_counter() - begun < 10
    report = last(city.config)
    assert report is not None
    assert report.grade == OK
