"""The audit finds what was planted, and nothing where all is well."""

import json
import os
import secrets
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from admin.nightly import JOBS, check_privacy
from admin.opendata.protection import METHODS
from tests.installation import HOST, MARBURG, NOON, Installation
from tests.published import choose as choose_method
from tests.published import counting, next_day, people, publisher
from tests.whole import CONTACT, whole
from tracker.audit.audit import CHECKS, audit
from tracker.audit.forbidden import NAMES, found_in
from tracker.audit.kinds import FILES, KEEP, MEMORY, PERSONAL, TABLES, column_kind, file_kind
from tracker.audit.releases import CONTACTS, check_releases
from tracker.audit.report import EVERYTHING, FAILURE, OK, WARNING, Finding, Scope, choose, last
from tracker.audit.stored import PLACES, facts_of
from tracker.audit.texts import LANGUAGES, kept, sentence, texts
from tracker.cli import main
from tracker.config import Config
from tracker.daykey import runtime_directory
from tracker.retention import purge
from tracker.store import open_store
from tracker.store.contents import Contents
from tracker.unfinished import unfinished

DAY = 86_400


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    city = whole(tmp_path_factory.mktemp("whole"), search_param="q")
    city.store.checkpoint()
    return city


@pytest.fixture
def data(made: Installation, tmp_path: Path) -> Path:
    """A copy of the whole installation."""
    return Path(shutil.copytree(made.config.data, tmp_path / "data"))


def now() -> float:
    return NOON + DAY + 60


def found(data: Path, scope: Scope | None = None, when: float | None = None, **settings: object) -> list[Finding]:
    report = audit(Config(data=data, **settings), now() if when is None else when, scope)
    return [finding for finding in report.findings if finding.grade != OK]


def reasons(findings: list[Finding]) -> list[str]:
    return [f"{finding.check}_{finding.reason}" for finding in findings]


def write(data: Path, sql: str, *values: object) -> None:
    store = open_store(data / "zaehlwerk.db")
    store.connection.execute(sql, values)
    store.close()


# All is well


def test_a_whole_installation_passes(data: Path) -> None:
    assert found(data) == []
    assert found(data, EVERYTHING) == []


def test_a_new_installation_passes(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["init", "--data", str(tmp_path / "new"), "--email", "a@stadt.example"])
    assert result.exit_code == 0, result.output
    assert found(tmp_path / "new", when=None) == []


def test_the_audit_changes_nothing_but_its_result(data: Path) -> None:
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    found(data)
    assert {path: path.read_bytes() for path in data.rglob("*") if path.is_file() and "-shm" not in path.name} == {
        path: content for path, content in before.items() if "-shm" not in path.name
    }


# What is declared


def test_every_column_of_the_schema_is_declared(made: Installation) -> None:
    columns = Contents(made.store.connection).columns()
    assert [f"{table}.{name}" for table in columns for name in columns[table] if not column_kind(table, name)] == []
    assert {row.table for row in TABLES} == set(columns)
    assert [(row.table, name) for row in TABLES for name in row.columns if name not in columns[row.table]] == []
    assert [row.table for row in TABLES if row.since and row.since[0] not in columns[row.table]] == []


def test_the_whole_installation_has_something_in_every_table(made: Installation) -> None:
    contents = Contents(made.store.connection)
    empty = {row.table for row in TABLES if not contents.number(row.table, 1)}
    assert empty <= {"feedback_tag", "topic_choice"}


def test_every_file_of_a_whole_installation_is_declared(data: Path) -> None:
    names = [path.relative_to(data).as_posix() for path in data.rglob("*") if path.is_file()]
    assert [name for name in names if file_kind(name) is None] == []
    kinds = {kind.name for name in names if (kind := file_kind(name))}
    assert kinds >= {"database", "journal", "uploads", "backup", "opendata", "settings", "erased", "nightly"}


def test_what_lies_in_memory_is_declared(made: Installation) -> None:
    made.worker.counters.save()
    folder = runtime_directory(made.config.data)
    assert folder is not None
    assert [path.name for path in folder.iterdir() if file_kind(path.name, MEMORY) is None] == []
    assert list(folder.glob("*.key"))


def test_every_name_has_a_text_in_both_languages(data: Path) -> None:
    keys = [{(section, key) for section, rows in texts(code).items() for key in rows} for code in LANGUAGES]
    assert keys[0] == keys[1]
    said = texts("de")
    assert set(said["kinds"]) == {row.name for row in (*TABLES, *FILES, *MEMORY)}
    assert set(said["personal"]) == set(said["personal_short"]) == set(PERSONAL)
    assert set(said["keep"]) == {*KEEP, "facts_none"}
    assert {row.keep for row in (*TABLES, *FILES, *MEMORY)} == set(KEEP)
    assert set(said["fields"]) == {*CONTACTS, "attribution"}
    assert (set(said["forbidden"]), set(said["where"])) == (set(NAMES), set(PLACES))
    assert {name for name, _ in CHECKS} | {"small_counts"} == set(said["checks"])


def test_the_facts_tell_what_is_there_and_since_when(made: Installation) -> None:
    facts = {fact.name: fact for fact in facts_of(made.store, made.config)}
    assert facts["feedback_text"].number == 12
    assert str(facts["feedback_text"].since) == "2026-05-18"
    assert str(facts["rollup"].since) == "2026-05-18"
    assert str(facts["open_visitor"].since) == "2026-05-19"
    assert (facts["request"].number, facts["request"].since) == (None, None)
    assert (facts["database"].bytes or 0) > 100_000


def test_the_terms_are_those_of_the_running_configuration(made: Installation) -> None:
    config = Config(data=made.config.data, facts_days=7, rollup_months=13, feedback_text_months=3, backup_days=9)
    assert [kept(name, config, "de")[:9] for name in ("counts", "feedback_texts", "backup")] == [
        "13 Monate", "3 Monate", "9 Tage; K",
    ]  # fmt: skip
    assert kept("facts", config, "en").startswith("7 days")
    assert kept("facts", Config(data=made.config.data, facts_days=0), "en").startswith("not kept")


# What is planted


@pytest.mark.parametrize(
    ("sql", "place", "kind"),
    [
        ("insert into text (value) values ('/von/203.0.113.77')", "text.value", "address"),
        ("insert into text (value) values ('/von/2001:db8:85a3::8a2e:370:7334')", "text.value", "address"),
        ("insert into text (value) values ('Mozilla/5.0 (X11; Linux)')", "text.value", "user_agent"),
        ("insert into text (value) values ('/mail/erika@example.org')", "text.value", "email"),
        ("insert into text (value) values ('Tel. 06421 201-1234')", "text.value", "phone"),
        ("insert into text (value) values ('DE89 3704 0044 0532 0130 00')", "text.value", "iban"),
        ("insert into text (value) values ('https://fremd.example/a?user=7')", "text.value", "link"),
        ("insert into text (value) values ('JSESSIONID=AB12CD')", "text.value", "cookie"),
        (f"update token set scopes = 'zw_{'a' * 43}'", "token.scopes", "secret"),
        ("update open_visitor set state = cast('203.0.113.77' as blob)", "open_visitor.state", "address"),
        ("update import_run set file = '203.0.113.77'", "import_run.file", "address"),
        ("update delivery set answer = cast('203.0.113.77' as blob)", "delivery.answer", "address"),
        ("update journal_position set file = 'erika@example.org'", "journal_position.file", "email"),
    ],
)
def test_it_finds_what_must_not_be_in_a_column(data: Path, sql: str, place: str, kind: str) -> None:
    hand = place.startswith("token")
    write(data, sql)
    findings = found(data)
    assert {(finding.check, finding.values["place"]) for finding in findings} == {("rows", place)}
    assert kind in {finding.values["kind"] for finding in findings}
    assert {finding.grade for finding in findings} == {WARNING if hand else FAILURE}
    assert place in sentence(findings[0], "de")


def test_what_people_write_is_a_warning(data: Path) -> None:
    write(data, "update feedback set note = 'Rückruf unter 06421 201-1234' where id = 1")
    write(data, "update annotation set text = 'Fragen an erika@example.org'")
    findings = found(data)
    assert reasons(findings) == ["rows_by_hand"] * 2
    assert {finding.grade for finding in findings} == {WARNING}


def test_it_finds_feedback_that_screening_would_mask(data: Path) -> None:
    write(data, "update feedback set text = 'Mit freundlichen Grüßen, Petra Schmidt' where id = 1")
    assert reasons(found(data)) == ["masking_unmasked"]


@pytest.mark.parametrize("column", ["email", "password", "role"])
def test_the_address_of_an_account_belongs_into_its_column_alone(data: Path, column: str) -> None:
    write(data, f"update account set {column} = 'erika@example.org'")
    assert reasons(found(data)) == ([] if column == "email" else ["rows_found"])


def test_it_finds_a_table_that_nobody_declared(data: Path) -> None:
    write(data, "create table visitors (ip text)")
    write(data, "insert into visitors values ('203.0.113.77')")
    assert sorted(reasons(found(data))) == ["rows_found", "tables_unknown"]


@pytest.mark.parametrize(
    ("name", "text", "kinds"),
    [
        ("journal/beacons-1-1-0.jsonl", '[1,1,1,"v","/a","","","","203.0.113.77"]\n', ["files_found"]),
        ("server.log", "203.0.113.77 GET /\n", ["unknown_files", "files_found"]),
        ("nightly.json", '{"failed": {"publish": "erika@example.org"}}', ["files_found"]),
        ("uploads/1", "Name;Telefon\nErika;+49 6421 2011234\n", ["files_by_hand"]),
        ("opendata/index.html", "<p>Mozilla/5.0 (X11)</p>", ["files_found"]),
        ("opendata/note.html", "<p>Mozilla/5.0 (X11)</p>", ["unknown_files", "files_found"]),
    ],
)
def test_it_finds_what_must_not_be_in_a_file(data: Path, name: str, text: str, kinds: list[str]) -> None:
    path = data / name
    path.touch(mode=0o600)
    path.write_text(text)
    os.utime(path, (now(), now()))
    assert reasons(found(data)) == kinds


def test_it_looks_into_the_middle_of_files_and_tables_when_told_to(data: Path) -> None:
    path = data / "journal" / "beacons-1-1-0.jsonl"
    path.touch(mode=0o600)
    path.write_text("[]\n" * 100_000 + "203.0.113.77\n" + "[]\n" * 100_000)
    assert found(data) == []
    assert reasons(found(data, EVERYTHING)) == ["files_found"]


@pytest.mark.parametrize(
    ("sql", "check"),
    [
        ("insert into visit values (999, 1, 20260101, 0, 0,0,0,0,0,0,0,0,0,0,0, 1,1,1,1)", "overdue_visits"),
        ("insert into rollup (site, scope, dim, period, key) values (1, 0, 0, 20230101, 0)", "overdue_counts"),
        ("update feedback set day = 20230101, text = '' where id = 1", "overdue_feedback"),
        ("update feedback set day = 20250101 where id = 1", "overdue_feedback_texts"),
        ("update delivery_seen set day = 20260101", "overdue_deliveries"),
        ("update delivery set received = 1", "overdue_batches"),
        ("update session set seen = 1", "overdue_sessions"),
        ("update audit_log set time = 1", "overdue_audit_log"),
        ("update sdg_transfer set month = 202001", "overdue_transfers"),
    ],
)
def test_it_finds_what_should_be_deleted(data: Path, sql: str, check: str) -> None:
    write(data, sql)
    findings = found(data)
    assert reasons(findings) == [check]
    assert findings[0].grade == FAILURE


def test_what_is_due_today_is_not_overdue(data: Path) -> None:
    write(data, "insert into visit values (999, 1, 20260414, 0, 0,0,0,0,0,0,0,0,0,0,0, 1,1,1,1)")
    assert found(data) == []
    assert reasons(found(data, facts_days=30)) == ["overdue_visits"]


def test_it_finds_a_stale_pseudonym(data: Path) -> None:
    assert reasons(found(data, when=now() + 15 * 3600))[:1] == ["pseudonyms_stale"]
    write(data, "insert into open_visitor values (1, 20260101, 77, x'00')")
    assert reasons(found(data)) == ["pseudonyms_lost"]


def test_it_finds_what_a_site_without_visits_should_not_have(data: Path) -> None:
    number = "(select id from site where level = 'counts')"
    write(data, f"insert into visit values (999, {number}, 20260518, 0, 0,0,0,0,0,0,0,0,0,0,0, 1,1,1,1)")
    write(data, f"insert into open_day values ({number}, 20260519, 9999999999999, 0)")
    write(data, f"insert into open_visitor values ({number}, 20260519, 77, x'00')")
    assert reasons(found(data)) == ["pseudonyms_lost", "counts_level_visits"]


def test_it_finds_a_day_key_of_yesterday(data: Path) -> None:
    folder = runtime_directory(data)
    assert folder is not None
    key = folder / "Europe-Berlin.key"
    key.touch(mode=0o600)
    key.write_bytes((20260518).to_bytes(8, "big") + secrets.token_bytes(32))
    assert reasons(found(data)) == ["day_key_left"]
    key.chmod(0o644)
    assert sorted(reasons(found(data))) == ["access_open", "day_key_left"]
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("name", "age", "check"),
    [
        ("backup/zaehlwerk-20200101-000000", 40, "old_files_backup"),
        ("uploads/1", 3, "old_files_uploads"),
        ("journal/beacons-1-1-0.jsonl", 3, "old_files_journal"),
    ],
)
def test_it_finds_old_files(data: Path, name: str, age: int, check: str) -> None:
    path = data / name
    path.touch(mode=0o600)
    os.utime(path, (now() - age * DAY, now() - age * DAY))
    assert reasons(found(data)) == [check]
    assert found(data, when=now(), backup_days=50) == [] or check != "old_files_backup"


def test_it_finds_what_a_killed_import_left_and_says_who_deletes_it(data: Path) -> None:
    release = data / ".import-0123abcd" / "2026-05-18" / "1"
    release.mkdir(parents=True)
    release.parents[1].chmod(0o700)
    for name in ("release.json", "site-day.csv"):
        (release / name).touch(mode=0o644)
    (finding,) = found(data)
    assert (finding.check, finding.reason, finding.grade) == ("old_files", "takein", WARNING)
    assert finding.values == {"number": 2, "place": ".import-0123abcd"}
    assert "zaehlwerk purge" in sentence(finding, "en")
    release.parents[1].chmod(0o755)
    data.chmod(0o755)
    assert reasons(found(data)) == ["old_files_takein", "access_open"]
    with unfinished(data / ".import-", folder=True):
        assert "old_files_takein" in reasons(found(data))
        shutil.rmtree(release.parents[1])
        assert "old_files_takein" not in reasons(found(data))
    data.chmod(0o700)
    purge(open_store(data / "zaehlwerk.db"), Config(data=data), now())
    assert found(data) == []


def test_it_finds_an_old_deletion_that_is_still_remembered(data: Path) -> None:
    with (data / "erased-receipts").open("a") as file:
        file.write("20200101 " + "ab" * 32 + "\n")
    assert reasons(found(data)) == ["overdue_erased"]


def test_it_finds_pseudonyms_and_sessions_in_a_backup(data: Path) -> None:
    copy = next((data / "backup").glob("zaehlwerk-2*")) / "zaehlwerk.db"
    shutil.copy(data / "zaehlwerk.db", copy)
    (finding,) = found(data)
    assert (finding.reason, finding.grade) == ("holds", FAILURE)
    assert "open_visitor" in str(finding.values["tables"])


def test_it_finds_files_that_others_can_read(data: Path) -> None:
    journal = next((data / "journal").iterdir())
    journal.chmod(0o644)
    (finding,) = found(data)
    assert (finding.reason, finding.grade) == ("readable", WARNING)
    for folder in (data, data / "journal"):
        folder.chmod(0o711)
    (finding,) = found(data)
    assert (finding.reason, finding.grade) == ("open", FAILURE)
    assert journal.name in str(finding.values["place"])
    journal.chmod(0o600)
    assert found(data) == []
    data.chmod(0o755)
    assert reasons(found(data)) == ["access_open"]


STRAYS = ("2026-02-30/1/x.csv", "2026-05-18/note.txt", "2026-05-18/01/x.csv", "2026-13/1/release.json", "note.txt")


@pytest.mark.parametrize("name", [*STRAYS, "2026-02-28/1/x.csv", "../note.txt", ".catalog/note.txt"])
def test_it_finds_what_does_not_belong_to_the_published_files(data: Path, name: str) -> None:
    path = (data / "opendata" / MARBURG / name).resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    assert [row for row in found(data) if row.check == "unknown"] == [
        Finding("unknown", WARNING, "files", {"place": path.relative_to(data).as_posix(), "number": 1})
    ]


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (lambda folder: (folder / "site-day.csv").write_text("x"), ["releases_changed"]),
        (lambda folder: (folder / "site-day.csv").unlink(), ["releases_changed"]),
        (lambda folder: (folder / "more.csv").write_text("x"), ["releases_changed"]),
        (lambda folder: (folder / "SHA256SUMS").unlink(), ["releases_changed"]),
    ],
)
def test_it_finds_a_changed_release(data: Path, change: object, check: list[str]) -> None:
    folder = next((data / "opendata").glob("*/2026-05-18/1"))
    change(folder)  # type: ignore[operator]
    assert reasons(found(data)) == check


@pytest.mark.parametrize(
    ("method", "count", "is_small"),
    [
        ({"name": "cell-key", "parameters": {"smallest": 3}}, 2, True),
        ({"name": "cell-key", "parameters": {"smallest": 3}}, 3, False),
        (
            {"name": "cell-key-wide", "parameters": {"smallest": 3, "exceptions": {"visitors": {"smallest": 9}}}},
            8,
            True,
        ),
        ({"name": "threshold", "parameters": {"threshold": 10}}, 5, True),
        ({"name": "threshold", "parameters": {"threshold": 10}}, 10, False),
        ({"name": "threshold", "parameters": {"threshold": 10}}, 0, False),
        ({"name": "differential-privacy", "parameters": {"epsilon": "1"}}, 1, False),
    ],
)
def test_it_finds_small_counts(data: Path, method: dict[str, object], count: int, is_small: bool) -> None:
    folder = next((data / "opendata").glob("*/2026-05-18/1"))
    manifest = json.loads((folder / "release.json").read_bytes())
    (folder / "release.json").write_text(json.dumps({**manifest, "method": method}))
    for table in folder.glob("*.csv"):
        table.unlink()
    (folder / "site-day.csv").write_text(f"day,visitors,visitors_status\n2026-05-18,{count},ok\n")
    assert ("small_counts_small" in reasons(found(data))) == is_small


@pytest.mark.parametrize("method", [row.name for row in METHODS])
def test_what_each_method_publishes_is_not_too_small(tmp_path: Path, method: str) -> None:
    city = counting(tmp_path)
    people(city, 12)
    next_day(city)
    choose_method(city, automatic=True, method=method, **CONTACT)
    publisher(city).publish()
    findings = list(check_releases(city.config, Scope(), lambda _: None))
    assert [(finding.grade, finding.values["all"]) for finding in findings] == [(OK, 1), (OK, 1)]


def test_it_asks_for_what_a_publication_lacks(data: Path) -> None:
    write(data, "update opendata_setting set email = '', licence = 'dl-by-de/2.0'")
    (finding,) = found(data)
    assert finding.values == {"municipality": "Marburg", "fields": "email, attribution"}
    assert "ohne: E-Mail-Adresse, Namensnennung" in sentence(finding, "de")


def test_it_warns_of_weak_settings(data: Path) -> None:
    findings = found(data, honour_dnt=False, base_url="http://stats.example.de")
    assert reasons(findings) == ["settings_dnt_off", "settings_http"]


# The command


def test_the_command_tells_and_keeps_what_it_found(data: Path) -> None:
    write(data, "insert into text (value) values ('/von/203.0.113.77')")
    result = CliRunner().invoke(main, ["audit", "--data", str(data)])
    assert result.exit_code == 1
    assert "failure  Contents of the tables: text.value holds an IP address" in result.stdout
    assert "203.0.113.77" not in result.output + (data / "audit.json").read_text()
    kept_report = last(Config(data=data))
    assert kept_report is not None
    assert kept_report.grade == FAILURE
    assert (data / "audit.json").stat().st_mode & 0o077 == 0


def test_the_command_speaks_json(data: Path) -> None:
    result = CliRunner().invoke(main, ["audit", "--json", "--full", "--data", str(data)])
    document = json.loads(result.stdout)
    assert document["full"]
    assert {"check", "grade", "reason", "values", "sentence"} == document["findings"][0].keys()
    rows = {row["name"]: row for row in document["stored"]}
    assert rows["visit"]["kept"] == "35 days; nothing in level counts"
    assert rows["visit"]["since"] == "2026-05-18"


def test_a_missing_installation_is_said_plainly(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["audit", "--data", str(tmp_path / "none")])
    assert result.exit_code == 1
    assert "There is no database" in result.output


def test_a_report_of_another_version_is_none(data: Path) -> None:
    (data / "audit.json").write_text('{"findings": 3}')
    assert last(Config(data=data)) is None


@pytest.mark.parametrize("is_wrong", [False, True])
def test_every_night_leaves_a_result(data: Path, capsys: pytest.CaptureFixture[str], is_wrong: bool) -> None:
    assert "audit" in [job.name for job in JOBS]
    if is_wrong:
        write(data, "insert into text (value) values ('/von/203.0.113.77')")
    check_privacy(Config(data=data), now())
    report = last(Config(data=data))
    assert report is not None
    assert report.grade == (FAILURE if is_wrong else OK)
    assert "203.0.113.77" not in capsys.readouterr().err


# Shapes


@pytest.mark.parametrize(
    "text",
    [
        f"https://{HOST}/hund", "127.0.0.1:8000", "::1", "Version 1.2.3", "2026-05-18T03:00:00Z", "99102013000000",
        "065340014014", "12:30:45", "560e2ff64a43ce7f2992f2fd5436ce52645c0d9db788fe435363618ee1445ec0",
        "0f8fad5b-d9cb-469f-a165-70867728950e", "a::before", "Chrome", "Firefox", "§ 3.2.1.4711", "05.11.2026",
        "DE12 ABCD", "1.2.3.4.5", "utm_campaign=fruehling", "@media print", "300.300.300.300",
    ],
)  # fmt: skip
def test_it_takes_nothing_ordinary_for_personal(text: str) -> None:
    assert found_in(text) == set()


def test_a_choice_is_spread_evenly() -> None:
    assert choose([1, 2, 3, 4, 5], 3) == [1, 3, 5]
    assert choose([1, 2], 3) == [1, 2]
    assert choose([1, 2, 3], 1) == [1]
