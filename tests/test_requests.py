"""Requests of persons are answered from the facts of now; the take-out is for operators."""

import io
import zipfile
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from roles import send
from voices import say

from admin.cli import main
from admin.i18n import LANGUAGES, texts
from admin.requests import LETTERS, Facts, letter
from tests.installation import MARBURG
from tracker.config import Config
from tracker.store import open_database
from tracker.store.catalogue import Catalogue

FACTS = Facts("Marburg", "https://z.de/feedback/receipt", "https://z.de/opt-out", True, True, True, 35, 25, 12, 30)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", LETTERS)
def test_a_letter_names_the_facts(kind: str, language: str) -> None:
    text = letter(kind, FACTS, language)
    for fact in ("Marburg", FACTS.receipt, FACTS.opt_out, "35", "25"):
        assert fact in text
    assert "{" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_says_only_what_is_so(language: str) -> None:
    words = texts(language)

    def has(key: str, facts: Facts) -> bool:
        begin = words[f"requests.letter_{key}"].split("{")[0]
        return begin in letter("erasure", facts, language)

    strict = replace(FACTS, visits=False, search=False, signals=False)
    assert has("pseudonym", FACTS) and not has("pseudonym", strict)
    assert has("no_pseudonym", strict) and not has("no_pseudonym", FACTS)
    assert has("single_visits", FACTS) and not has("single_visits", strict)
    assert not has("single_visits", replace(FACTS, facts_days=0))
    assert has("search", FACTS) and not has("search", strict)
    assert has("object_signals", FACTS) and not has("object_signals", strict)


def test_every_paragraph_is_in_a_letter() -> None:
    used = {f"requests.letter_{row.key}" for rows in LETTERS.values() for row in rows}
    written = {key for key in texts("de") if key.startswith("requests.letter_")}
    assert used == written - {"requests.letter_lead", *(f"requests.letter_title_{kind}" for kind in LETTERS)}
    fields = {name for key in used for _, name, _, _ in Formatter().parse(texts("de")[key]) if name}
    assert fields <= set(Facts.__slots__)


def test_the_page_has_both_letters_in_both_languages(colleague: FlaskClient) -> None:
    page = colleague.get("/admin/requests").text
    for words in ("Sie möchten wissen", "You would like to know", "Sie möchten, dass wir", "You would like us"):
        assert words in page
    assert "https://stats.example.de/feedback/receipt" in page


def test_the_page_follows_the_settings(colleague: FlaskClient, config: Config) -> None:
    assert "überschrieben wird" in colleague.get("/admin/requests").text
    with closing(open_database(config.database)) as connection:
        Catalogue(connection).change_site("www.marburg.de", "counts", False, "")
    page = colleague.get("/admin/requests").text
    assert "überschrieben wird" not in page
    assert "auch nicht für einen Tag" in page


def test_it_is_of_the_own_municipality_only(stranger: FlaskClient) -> None:
    assert stranger.get(f"/admin/requests?municipality={MARBURG}").status_code == 404


def test_an_operator_downloads_the_take_out(owner: FlaskClient, config: Config) -> None:
    assert "zaehlwerk municipality remove 065340014014" in owner.get(f"/admin/takeout/{MARBURG}").text
    before = set(config.data.rglob("*"))
    response = send(owner, f"/admin/takeout/{MARBURG}")
    name = f"zaehlwerk-{MARBURG}-{datetime.now(UTC):%Y-%m-%d}.zip"
    assert name in response.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(response.data)) as archive:
        assert archive.testzip() is None
        assert b"www.marburg.de" in archive.read("tables/site.jsonl")
    assert {path for path in set(config.data.rglob("*")) - before if path.suffix not in (".db-wal", ".db-shm")} == set()


def test_nobody_else_gets_it(colleague: FlaskClient, writer: FlaskClient, owner: FlaskClient) -> None:
    for client in (colleague, writer):
        assert client.get(f"/admin/takeout/{MARBURG}").status_code == 403
        assert send(client, f"/admin/takeout/{MARBURG}").status_code == 403
    assert owner.get("/admin/takeout/065340014099").status_code == 404
    assert owner.post(f"/admin/takeout/{MARBURG}").status_code == 403


def test_links_lead_there(owner: FlaskClient, colleague: FlaskClient) -> None:
    for target in ("/admin/requests", "/admin/takeout/", "/admin/log"):
        assert target in owner.get("/admin/").text
    assert "/admin/takeout/" not in colleague.get("/admin/").text
    assert "/admin/log" not in colleague.get("/admin/").text


# What is restored does not bring back what was deleted by receipt


def run(data: Path, *arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(main, [*arguments, "--data", str(data)])
    assert done.exit_code == code, done.output
    return done.output


def test_a_backup_with_feedback_is_not_restored_without_the_deletions(config: Config, tmp_path: Path) -> None:
    say(config, "Der Anhang war zu groß")
    run(config.data, "backup", str(tmp_path / "sicherung"))
    assert "--erased FILE" in run(tmp_path / "neu", "restore", str(tmp_path / "sicherung"), code=1)
    assert not (tmp_path / "neu").exists()
    run(tmp_path / "neu", "restore", str(tmp_path / "sicherung"), "--without-erased")
    (tmp_path / "erased-receipts").touch()
    run(tmp_path / "neu2", "restore", str(tmp_path / "sicherung"), "--erased", str(tmp_path / "erased-receipts"))


def test_a_backup_without_feedback_is_restored_as_it_is(config: Config, tmp_path: Path) -> None:
    run(config.data, "backup", str(tmp_path / "sicherung"))
    run(tmp_path / "neu", "restore", str(tmp_path / "sicherung"))
