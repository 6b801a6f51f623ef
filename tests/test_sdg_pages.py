"""The pages and the command of the Single Digital Gateway: roles, preview, files, corrections, settings."""

import json
import re
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from roles import send

from tests.installation import MARBURG
from tests.test_commands import run
from tracker.config import Config
from tracker.feedback.feedback import Feedback
from tracker.rollups import BY_NAME, Delta, add
from tracker.sdg.setting import setting_of
from tracker.services.service import Service
from tracker.store import open_database, open_store
from tracker.store.batch import Batch
from tracker.store.feedback import Feedbacks
from tracker.store.sdg import Transfers
from tracker.store.services import Services
from tracker.usage.periods import written

INDEX = f"/admin/sdg?municipality={MARBURG}"
TOWN = f"/admin/sdg/{MARBURG}"
LAST = (datetime.now(UTC).replace(day=1) - timedelta(days=1)).date()
MONTH = LAST.year * 100 + LAST.month
WRITTEN = written(MONTH)
FILE = f"sdg-statistics-{MARBURG}-{WRITTEN}-1.json"


@pytest.fixture(autouse=True)
def catalogue(config: Config) -> None:
    connection = open_database(config.database)
    dog = Service("hundesteuer", "Hundesteuer", leika="99102013060000", paths=("www.marburg.de/hund/**",), sdg=True)
    Services(connection).add(1, dog)
    connection.close()


def count(config: Config, **views: int) -> None:
    """Count views of the month under keys, with __ for the slash: mobile__DE="""
    store = open_store(config.database)
    delta: Delta = {}
    for key, number in views.items():
        add(delta, BY_NAME["sdg"].number, key.replace("__", "/") + "//hund", (0, 0, number, 0, 0, 0, 1))
    day = MONTH * 100 + 15
    store.begin()
    store.apply(Batch({(1, day): {"": delta}}, {}, [], [], {}, {}, {}, 0))
    store.commit()
    store.close()


def say(config: Config, **changed: Any) -> None:
    connection = open_database(config.database)
    fields = {"site": 1, "day": MONTH * 100 + 3, "category": "procedure", "service": "hundesteuer", "rating": 4}
    Feedbacks(connection).add(Feedback(**{**fields, "text": "GEHEIM", "page": "/hund", **changed}), uuid.uuid4().bytes)
    connection.close()


def make(client: FlaskClient, duty: str = "statistics", month: str = WRITTEN) -> Any:
    return send(client, f"{TOWN}/{duty}/make", month=month)


def test_a_viewer_sees_and_downloads_and_an_editor_makes(
    colleague: FlaskClient, writer: FlaskClient, config: Config
) -> None:
    count(config, mobile__DE=5, desktop__GR=2, mobile__=3)
    page = colleague.get(INDEX).text
    assert "/make" not in page
    assert "weil kein Code dafür dokumentiert ist: 3." in page
    assert make(colleague).status_code == 403
    assert "/make" in writer.get(INDEX).text
    response = make(writer)
    assert response.status_code == 303 and "done=sdg_made" in response.location
    assert FILE in colleague.get(INDEX).text
    file = colleague.get(f"{TOWN}/files/{FILE}")
    assert file.mimetype == "application/json"
    assert file.headers["Content-Disposition"] == f'attachment; filename="{FILE}"'
    (source,) = json.loads(file.data)["content"][0]["sources"]
    assert source["source"] == {
        "sourceUrl": "https://www.marburg.de/hund",
        "statistics": [
            {"deviceType": "Mobile", "nbVisits": 5, "originatingCountry": "DE"},
            {"deviceType": "PC", "nbVisits": 2, "originatingCountry": "EL"},
        ],
    }


def test_a_correction_is_offered_when_figures_changed_and_keeps_the_id(writer: FlaskClient, config: Config) -> None:
    count(config, mobile__DE=5)
    make(writer)
    first = json.loads(writer.get(f"{TOWN}/files/{FILE}").data)["content"][0]
    page = writer.get(INDEX).text
    assert "statistics/make" not in page and "Die Zahlen haben sich seither geändert" not in page
    assert "done=sdg_same" in make(writer).location
    count(config, mobile__DE=1)
    page = writer.get(INDEX).text
    assert "statistics/make" in page and "Die Zahlen haben sich seither geändert" in page
    assert "done=sdg_made" in make(writer).location
    second = json.loads(writer.get(f"{TOWN}/files/{FILE}").data)["content"][0]
    assert first["uniqueId"] == second["uniqueId"]
    assert second["sources"][0]["source"]["statistics"][0]["nbVisits"] == 6
    history = writer.get(f"{TOWN}/statistics?month={WRITTEN}").text
    assert len(re.findall(r"<code>[0-9a-f]{64}</code>", history)) == 2


def test_the_preview_shows_sums_pages_and_the_check(colleague: FlaskClient, config: Config) -> None:
    count(config, mobile__DE=5, tablet__FR=1, desktop__GR=2)
    page = colleague.get(f"{TOWN}/statistics?month={WRITTEN}&lang=en").text
    assert "All messages fit the schema." in page
    assert "Greece" in page and "France" in page
    assert "https://www.marburg.de/hund" in page
    assert "isSDG" in page
    rows = [re.findall(r"<td[^>]*>([^<]*)</td>", row) for row in re.findall(r"<tr.*?</tr>", page, re.S)]
    assert ["5", "0", "0", "5"] in rows and ["5", "1", "2", "8"] in rows


def test_the_preview_of_feedback_never_shows_a_text(colleague: FlaskClient, config: Config) -> None:
    say(config)
    say(config, category="information", found="no", rating=1)
    for path in (INDEX, f"{TOWN}/feedback?month={WRITTEN}", f"{TOWN}/nfk.csv?month={WRITTEN}"):
        assert "GEHEIM" not in colleague.get(path).text
    page = colleague.get(f"{TOWN}/feedback?month={WRITTEN}").text
    assert "0-mal ja, 0-mal teilweise, 1-mal nein" in page


def test_the_national_file_has_the_columns_of_the_setting(
    owner: FlaskClient, colleague: FlaskClient, config: Config
) -> None:
    say(config)
    response = colleague.get(f"{TOWN}/nfk.csv?month={WRITTEN}")
    assert response.text.splitlines()[1] == f"{WRITTEN};99102013060000;{MARBURG};hundesteuer;procedure;4;;1"
    assert send(owner, f"{TOWN}/setting", **settings(columns="leika_key = LeiKa\nnumber")).status_code == 303
    assert colleague.get(f"{TOWN}/nfk.csv?month={WRITTEN}").text.splitlines() == ["LeiKa;number", "99102013060000;1"]


def settings(**changed: str) -> dict[str, str]:
    columns = "period\nnumber"
    known = {
        "envelope": "content",
        "dates": "iso",
        "transfer_type": "Manual",
        "unknown_country": "",
        "columns": columns,
    }
    return {**known, **changed}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"envelope": "isSDG"}, "nicht isSDG"),
        ({"dates": "x"}, "Wählen Sie, wie"),
        ({"transfer_type": "x"}, "Wählen Sie die Art"),
        ({"unknown_country": "<b>"}, "zwei Großbuchstaben"),
        ({"columns": "text\nnumber"}, "Nennen Sie nur bekannte Felder"),
        ({"columns": ""}, "Nennen Sie nur bekannte Felder"),
    ],
)
def test_a_setting_that_is_not_possible_is_told_and_not_kept(
    owner: FlaskClient, config: Config, wrong: dict[str, str], said: str
) -> None:
    response = send(owner, f"{TOWN}/setting", **settings(**wrong))
    assert response.status_code == 400
    assert said in response.text and "<b>" not in response.text
    connection = open_database(config.database)
    assert Transfers(connection).setting(1) == ""
    connection.close()


def test_the_settings_shape_the_next_file(owner: FlaskClient, writer: FlaskClient, config: Config) -> None:
    count(config, mobile__=3)
    changed = settings(envelope="statistics", dates="plain", transfer_type="API", unknown_country="zz")
    assert send(owner, f"{TOWN}/setting", **changed).status_code == 303
    make(writer)
    transfer = json.loads(writer.get(f"{TOWN}/files/{FILE}").data)["statistics"]
    assert transfer["transferType"] == "API"
    assert transfer["referencePeriod"]["startDate"] == f"{WRITTEN}-01 00:00:00"
    assert transfer["sources"][0]["source"]["statistics"][0]["originatingCountry"] == "ZZ"
    connection = open_database(config.database)
    assert setting_of(Transfers(connection).setting(1)).envelope == "statistics"
    connection.close()


@pytest.mark.parametrize("month", ["", "x", "2026", "2026-13", "2026-01-01", "'"])
def test_a_month_that_is_none_is_refused(writer: FlaskClient, month: str) -> None:
    assert make(writer, month=month).status_code == 400
    if month:
        assert writer.get(f"{TOWN}/statistics", query_string={"month": month}).status_code == 400


def test_no_files_are_made_of_a_month_that_runs_or_is_long_gone(writer: FlaskClient, config: Config) -> None:
    today = datetime.now(UTC)
    for month in (f"{today:%Y-%m}", f"{today.year + 1}-01", "2001-01"):
        assert make(writer, month=month).status_code == 400
    connection = open_database(config.database)
    assert Transfers(connection).all(1) == []
    connection.close()


@pytest.mark.parametrize(
    "name",
    [FILE, "x", "..%2f..%2fzaehlwerk.db", f"sdg-feedback-{MARBURG}-{WRITTEN}-1.json", FILE.replace("-1.", "-2.")],
)
def test_a_file_that_was_not_made_is_not_found(colleague: FlaskClient, name: str) -> None:
    assert colleague.get(f"{TOWN}/files/{name}").status_code == 404


def test_a_stranger_finds_nothing(stranger: FlaskClient, writer: FlaskClient, config: Config) -> None:
    count(config, mobile__DE=5)
    make(writer)
    for path in (f"{TOWN}/statistics", f"{TOWN}/nfk.csv", f"{TOWN}/files/{FILE}", INDEX):
        assert stranger.get(path).status_code == 404
    assert stranger.get(f"/admin/sdg/065310005005/files/{FILE}").status_code == 404


@pytest.mark.parametrize("page", ["/hund/<script>alert(1)</script>", '/hund/"><img src=x>', "/hund/{{7*7}}"])
def test_hostile_pages_are_shown_as_text(colleague: FlaskClient, config: Config, page: str) -> None:
    say(config, page=page)
    shown = colleague.get(f"{TOWN}/feedback?month={WRITTEN}").text
    assert "<script>alert" not in shown and "<img src=x" not in shown and "49" not in re.findall("hund/(.*?)<", shown)


def test_the_form_of_a_service_sets_the_mark(owner: FlaskClient, config: Config) -> None:
    def marked() -> bool:
        connection = open_database(config.database)
        found = Services(connection).get(1, "hundesteuer").sdg
        connection.close()
        return found

    address = f"/admin/services/{MARBURG}/hundesteuer"
    assert re.search(r'id="sdg" value="on" checked', owner.get(f"{address}/edit").text)
    form = {"name": "Hundesteuer", "paths": "www.marburg.de/hund/**"}
    send(owner, f"{address}/edit", **form)
    assert not marked()
    send(owner, f"{address}/edit", **form, sdg="on")
    assert marked()
    assert "gehört dazu" in owner.get(address).text


def test_without_a_municipality_it_leads_on(app: Flask, owner: FlaskClient, config: Config) -> None:
    connection = open_database(config.database)
    connection.execute("pragma foreign_keys = off")
    connection.execute("delete from municipality")
    connection.close()
    assert owner.get("/admin/sdg").status_code == 303


# The command


def test_the_command_looks_makes_and_corrects(config: Config, tmp_path: Path) -> None:
    data, out = config.data, tmp_path / "out"
    count(config, mobile__DE=5)
    options = ("--month", WRITTEN, "--municipality", MARBURG)
    assert "1 entries in 1 message(s)" in run(data, "sdg", "statistics", *options)
    assert not out.exists()
    assert "Made." in run(data, "sdg", "statistics", *options, "--out", str(out))
    first = json.loads((out / FILE).read_bytes())
    assert "Nothing has changed" in run(data, "sdg", "statistics", *options, "--out", str(out))
    count(config, mobile__DE=5)
    assert "Made." in run(data, "sdg", "statistics", *options, "--out", str(out))
    second = json.loads((out / FILE).read_bytes())
    assert first["content"][0]["uniqueId"] == second["content"][0]["uniqueId"]
    say(config)
    assert "Made." in run(data, "sdg", "feedback", "--municipality", MARBURG, "--out", str(out))
    assert b"GEHEIM" not in (out / f"sdg-feedback-{MARBURG}-{WRITTEN}-1.json").read_bytes()
    assert f"{WRITTEN};99102013060000" in run(data, "sdg", "nfk", *options)
    month = time.strftime("%Y-%m")
    options = ("--month", month, "--municipality", MARBURG, "--out", str(out))
    assert "is not over" in run(data, "sdg", "statistics", *options, code=1)


def test_the_command_checks_files(config: Config, tmp_path: Path) -> None:
    from click.testing import CliRunner

    from tracker.cli import main

    count(config, mobile__DE=5)
    run(config.data, "sdg", "statistics", "--municipality", MARBURG, "--out", str(tmp_path))
    file = tmp_path / FILE
    done = CliRunner().invoke(main, ["sdg", "check", "statistics", str(file)])
    assert (done.exit_code, done.output) == (0, "Right.\n")
    file.write_text(file.read_text("utf-8").replace('"DE"', '"GR"'), "utf-8")
    done = CliRunner().invoke(main, ["sdg", "check", "statistics", str(file)])
    assert done.exit_code == 1
    assert "originatingCountry: GR is no country" in done.output
    assert f"{file.name} has 1 fault.\n" in done.output
    file.write_text(file.read_text("utf-8").replace('"GR"', '"GR", "more": 1'), "utf-8")
    assert "has 2 faults." in CliRunner().invoke(main, ["sdg", "check", "statistics", str(file)]).output


@pytest.mark.parametrize("month", ["2099-01", "2026-13"])
def test_there_is_no_national_file_of_a_month_that_is_not_over(colleague: FlaskClient, month: str) -> None:
    assert colleague.get(f"{TOWN}/nfk.csv?month={month}").status_code == 400


def test_once_made_the_page_shows_the_file_that_was_made(owner: FlaskClient, config: Config) -> None:
    say(config)
    look = f"{TOWN}/feedback?month={WRITTEN}"
    assert "werden beim Erstellen eingesetzt" in owner.get(look).text
    assert send(owner, f"{TOWN}/feedback/make", month=WRITTEN).status_code == 303
    page = owner.get(look).text
    assert "werden beim Erstellen eingesetzt" not in page
    assert re.search(r"uniqueId&#34;:\s*&#34;[0-9a-f]{8}-", page)
    assert "0" * 36 not in page
