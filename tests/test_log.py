"""The audit log: one line for each change, none for anything else, and never what was written."""

import csv
import html
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from roles import COLLEAGUE, OWNER, WRITER, csrf, send
from test_access import GUARDED, methods_of, path_of
from test_access import service as service  # noqa: PLC0414 - the fixture that these endpoints need

from admin.access import DEMANDS, EDITOR, OPERATOR
from admin.changes import ALWAYS, QUIET
from admin.cli import main
from admin.i18n import texts
from tests.installation import GIESSEN, MARBURG
from tracker.commands.logged import LOGGED
from tracker.config import Config
from tracker.retention import purge
from tracker.store import open_database, open_store
from tracker.store.audit_log import AuditLog, Entry, Span

HOST = "www.marburg.de"
SECRET = "Geheimes Wort"
CHANGING = [endpoint for endpoint in GUARDED if DEMANDS[endpoint] in (EDITOR, OPERATOR) and endpoint not in QUIET]

# What each form must say so that the change succeeds.
FORMS: dict[str, dict[str, Any]] = {
    "sites.new": {"host": "neu.marburg.de", "municipality": MARBURG, "level": "visits"},
    "sites.settings": {"level": "counts", "search_param": ""},
    "municipalities.new": {"name": SECRET, "ars": "065340014015"},
    "services.new": {"name": SECRET, "slug": "neu", "channel-web": "on"},
    "services.edit": {"name": SECRET, "slug": "hundesteuer"},
    "annotations.add": {"day": "2026-11-03", "text": SECRET},
    "accounts.add": {"email": "neu@marburg.de", "role": "viewer", "municipality": MARBURG},
    "tokens.add": {"name": SECRET, "municipality": MARBURG, "scope-events": "on"},
    "feedback_setup.save": {"category": "procedure", "details": "on"},
    "opendata_page.add_outage": {"site": HOST, "first": "2026-11-01", "last": "2026-11-02", "outage_reason": SECRET},
}


@pytest.fixture
def lines(config: Config) -> Iterator[Any]:
    """The lines of the log now, the latest first."""

    def read() -> list[Entry]:
        with closing(open_database(config.database)) as connection:
            return list(AuditLog(connection).entries(Span()))

    yield read


def changing(app: Flask) -> list[str]:
    """The endpoints that change something; those that remove what others need come last."""
    found = [endpoint for endpoint in CHANGING if "POST" in methods_of(app, endpoint)]
    return sorted(found, key=lambda endpoint: "remove" in endpoint)


def test_every_change_that_succeeds_leaves_one_line(owner: FlaskClient, lines: Any) -> None:
    """As far as an empty form, or one of FORMS, succeeds; what is refused leaves none."""
    succeeded = []
    for endpoint in changing(owner.application):
        before = lines()
        response = send(owner, path_of(owner.application, endpoint), **FORMS.get(endpoint, {}))
        new = lines()[: len(lines()) - len(before)]
        if response.status_code >= 400:
            assert new == [], endpoint
        if response.status_code == 303:
            assert [(row.account, row.action) for row in new] == [(OWNER, endpoint)], endpoint
            succeeded.append(endpoint)
    assert set(FORMS) - {"accounts.add", "tokens.add"} <= set(succeeded)
    assert not any(SECRET in text for row in lines() for text in row[1:] if text != row.municipality)


@pytest.mark.parametrize("endpoint", ["accounts.add", "tokens.add", "takeout.download"])
def test_a_change_that_shows_its_answer_at_once_leaves_one_line(owner: FlaskClient, lines: Any, endpoint: str) -> None:
    response = send(owner, path_of(owner.application, endpoint), **FORMS.get(endpoint, {}))
    assert response.status_code == 200
    assert [(row.action, row.municipality) for row in lines()] == [(endpoint, "Marburg")]


def test_what_is_refused_leaves_no_line(
    colleague: FlaskClient, anyone: FlaskClient, owner: FlaskClient, lines: Any
) -> None:
    for endpoint in changing(owner.application):
        path = path_of(owner.application, endpoint)
        assert send(colleague, path, **FORMS.get(endpoint, {})).status_code == 403, endpoint
        assert anyone.post(path, data=FORMS.get(endpoint, {})).status_code == 303, endpoint
        assert owner.post(path, data=FORMS.get(endpoint, {})).status_code == 403, endpoint
        foreign = owner.post(path, data={"csrf": csrf(owner)}, headers={"Origin": "https://evil.example"})
        assert foreign.status_code == 403, endpoint
    assert lines() == []


def test_looking_leaves_no_line(owner: FlaskClient, lines: Any) -> None:
    for endpoint in GUARDED:
        if "GET" in methods_of(owner.application, endpoint):
            owner.get(path_of(owner.application, endpoint)).close()
    assert lines() == []


def test_what_leaves_no_line_has_a_reason(app: Flask) -> None:
    for endpoint, reason in {**QUIET, **ALWAYS}.items():
        assert "POST" in methods_of(app, endpoint)
        assert reason


def test_every_action_has_words_in_both_languages(app: Flask) -> None:
    for endpoint in changing(app):
        for language in ("de", "en"):
            assert f"log.do_{endpoint.replace('.', '_')}" in texts(language), endpoint


def test_a_line_says_who_and_about_what(owner: FlaskClient, writer: FlaskClient, lines: Any) -> None:
    send(owner, f"/admin/services/{MARBURG}/hundesteuer/remove")
    send(writer, "/admin/feedback/1", status="closed", seen="x")
    send(owner, "/admin/sites/new", **FORMS["sites.new"])
    found = {row.action: row for row in lines()}
    assert found["services.remove"][1:] == (OWNER, "Marburg", "services.remove", "hundesteuer")
    assert found["sites.new"].subject == "neu.marburg.de"
    if "inbox.change" in found:
        assert found["inbox.change"][1:] == (WRITER, "Marburg", "inbox.change", "piece 1")


def test_a_new_password_is_a_change_and_a_language_is_none(colleague: FlaskClient, lines: Any) -> None:
    password = "vier zufällige Wörter"
    send(colleague, "/admin/account/language", language="en")
    assert lines() == []
    new = "noch ein langes Wort"
    send(colleague, "/admin/account/password", current=password, new=new, again=new)
    assert [(row.account, row.action, row.subject) for row in lines()] == [(COLLEAGUE, "accounts.password", "")]


def test_a_log_that_cannot_be_written_stops_nobody(owner: FlaskClient, config: Config) -> None:
    with closing(open_database(config.database)) as connection:
        connection.execute("drop table audit_log")
    assert send(owner, f"/admin/services/{MARBURG}/hundesteuer/remove").status_code == 303


# Commands


def run(data: Path, *arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(main, [*arguments, "--data", str(data)])
    assert done.exit_code == code, done.output
    return done.output


def test_commands_leave_one_line_when_they_succeed(config: Config, lines: Any, tmp_path: Path) -> None:
    data = config.data
    run(data, "site", "add", "neu.giessen.de", "--municipality", GIESSEN)
    run(data, "site", "remove", "neu.giessen.de", "--yes")
    run(data, "user", "add", "neu@giessen.de", "--municipality", GIESSEN)
    run(data, "user", "password", "neu@giessen.de")
    run(data, "user", "remove", "neu@giessen.de")
    run(data, "token", "add", "--municipality", MARBURG, "--name", SECRET)
    run(data, "token", "remove", "2")
    run(data, "municipality", "add", "Neustadt", "--ars", "065340014015")
    run(data, "municipality", "export", MARBURG, str(tmp_path / "m.zip"))
    run(data, "service", "add", "wohngeld", "--municipality", MARBURG, "--name", "Wohngeld")
    assert [(row.municipality, row.action.removeprefix("command "), row.subject) for row in reversed(lines())] == [
        ("Gießen", "site add", "neu.giessen.de"),
        ("Gießen", "site remove", "neu.giessen.de"),
        ("Gießen", "user add", "viewer"),
        ("Gießen", "user password", ""),
        ("Gießen", "user remove", ""),
        ("Marburg", "token add", ""),
        ("Marburg", "token remove", "2"),
        ("Neustadt", "municipality add", "065340014015"),
        ("Marburg", "municipality export", MARBURG),
        ("Marburg", "service add", "wohngeld"),
    ]


def test_commands_that_fail_or_only_look_leave_no_line(config: Config, lines: Any, tmp_path: Path) -> None:
    run(config.data, "site", "add", "kein name", "--municipality", MARBURG, code=1)
    run(config.data, "site", "list")
    file = tmp_path / "leistungen.json"
    run(config.data, "service", "export", str(file), "--municipality", MARBURG)
    run(config.data, "service", "import", str(file), "--municipality", MARBURG, "--dry-run")
    run(config.data, "publish", "--municipality", MARBURG, "--dry-run")
    assert lines() == []


def test_every_logged_command_exists() -> None:
    for name in LOGGED:
        command: Any = main
        for word in name.split():
            command = command.get_command(click.Context(command), word)
        assert not LOGGED[name] or LOGGED[name] in {option.name for option in command.params}, name


def test_a_restored_installation_says_that_it_is_one(config: Config, tmp_path: Path) -> None:
    run(config.data, "backup", str(tmp_path / "sicherung"))
    run(tmp_path / "neu", "restore", str(tmp_path / "sicherung"), "--without-erased")
    with closing(open_database(tmp_path / "neu" / "zaehlwerk.db")) as connection:
        assert [row.action for row in AuditLog(connection).entries(Span())] == ["command restore"]


# Keeping and showing


def test_lines_go_after_their_months(config: Config) -> None:
    now = time.time()
    store = open_store(config.database)
    log = AuditLog(store.connection)
    for days in (800, 600):
        log.write(now - days * 86_400, OWNER, None, "sites.new", str(days))
    assert purge(store, config, now)["audit_log"] == 1
    assert [row.subject for row in log.entries(Span())] == ["600"]
    store.close()


@pytest.fixture
def some(config: Config) -> None:
    """Lines of two municipalities on three days, one of them hostile."""
    with closing(open_database(config.database)) as connection:
        towns = dict(connection.execute("select ars, id from municipality").fetchall())
        log = AuditLog(connection)
        for day, (ars, subject) in enumerate(((MARBURG, "eins"), (GIESSEN, "zwei"), (MARBURG, "=1+1<b>")), 1):
            log.write(1_793_487_600 + day * 86_400, OWNER, towns[ars], "services.edit", subject)  # 2026-11-01, midnight


@pytest.mark.usefixtures("some")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["=1+1<b>", "zwei", "eins"]),
        (f"municipality={MARBURG}", ["=1+1<b>", "eins"]),
        ("municipality=nonsense&from=nonsense", ["=1+1<b>", "zwei", "eins"]),
        ("from=2026-11-03", ["=1+1<b>", "zwei"]),
        ("to=2026-11-02", ["eins"]),
        ("from=2026-11-03&to=2026-11-03", ["zwei"]),
        ("from=2027-01-01", []),
    ],
)
def test_it_is_narrowed_to_municipality_and_days(owner: FlaskClient, query: str, expected: list[str]) -> None:
    rows = list(csv.DictReader(owner.get(f"/admin/log/log.csv?{query}").text.splitlines()))
    assert [row["subject"].removeprefix("'") for row in rows] == expected
    page = owner.get(f"/admin/log?{query}").text
    assert re.findall(r"<bdi>(.*?)</bdi>", page) == [html.escape(text) for text in expected]


@pytest.mark.usefixtures("some")
def test_the_page_says_it_in_words(owner: FlaskClient) -> None:
    assert "Leistung geändert" in owner.get("/admin/log").text
    assert "Service changed" in owner.get("/admin/log?lang=en").text


@pytest.mark.usefixtures("some")
def test_the_file_holds_no_formula(owner: FlaskClient) -> None:
    text = owner.get("/admin/log/log.csv").text
    assert "'=1+1<b>" in text
    assert text.startswith("time,account,municipality,action,subject")


def test_a_line_holds_no_more_than_the_table_allows(config: Config) -> None:
    with closing(open_database(config.database)) as connection:
        AuditLog(connection).write(0, OWNER, None, "sites.new", "x" * 1000)
        with pytest.raises(sqlite3.IntegrityError):
            AuditLog(connection).write(0, OWNER, None, "", "")
