"""A take-out holds everything of a municipality, and becomes the same municipality elsewhere."""

import hashlib
import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from admin.cli import main
from tests.full_town import CODES, HOSTS, MARKS, figures, rows_of, two_towns
from tests.installation import GIESSEN, MARBURG, Installation, install
from tests.published import checksums, publisher
from tracker.commands.setup import prepare_directory
from tracker.config import Config, load_config
from tracker.errors import TakeoutError
from tracker.feedback.erased import note_erased
from tracker.feedback.receipt import hash_of
from tracker.rollups import DIMENSIONS
from tracker.store import Store, open_database, open_store
from tracker.store.accounts import Accounts
from tracker.store.catalogue import Catalogue
from tracker.store.feedback import Feedbacks
from tracker.store.inbox import Filter, Inbox
from tracker.store.services import Services
from tracker.store.takeout import EXCEPTIONS, TABLES, Moved
from tracker.takein import LONGEST_ROW, forget_unfinished, take_in
from tracker.takeout import CHECKSUMS, HEADER, make_takeout
from tracker.unfinished import unfinished

COMMAND = Path(sys.executable).with_name("zaehlwerk")


def run(data: Path, *arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(main, [*arguments, "--data", str(data)])
    assert done.exit_code == code, done.output
    return done.output


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Two municipalities with everything; nobody may change it."""
    return two_towns(tmp_path_factory.mktemp("full"))


@pytest.fixture(scope="module")
def archive(full: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Marburg's take-out, with single visits."""
    path = tmp_path_factory.mktemp("archive") / "marburg.zip"
    make_takeout(full.config, MARBURG, path, full.clock(), True, lambda _: None)
    return path


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The database of an installation without any municipality; made once, for speed."""
    config = load_config(tmp_path_factory.mktemp("nothing") / "data", {})
    prepare_directory(config)
    return config.database.read_bytes()


@pytest.fixture
def empty(tmp_path: Path, nothing: bytes) -> Config:
    """An installation without any municipality."""
    config = load_config(tmp_path / "neu", {})
    config.journal.mkdir(parents=True, mode=0o700)
    config.database.write_bytes(nothing)
    return config


def content(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path: Path, files: dict[str, bytes], sums: bool = True) -> Path:
    """An archive of files, with right checksums unless they are not wanted."""
    lines = [f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in files.items() if name != CHECKSUMS]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**files, **({CHECKSUMS: "".join(lines).encode()} if sums else {})}.items():
            archive.writestr(name, data)
    return path


def state(data: Path) -> dict[str, str]:
    """File → checksum of everything in a data directory but the database's own log."""
    return {
        str(path.relative_to(data)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(data.rglob("*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


def tables_of(connection: sqlite3.Connection) -> set[str]:
    rows = connection.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
    return {name for (name,) in rows if not name.startswith("feedback_search_")}


# What is in it


def test_every_table_is_in_a_take_out_or_it_is_said_why_not(full: Installation) -> None:
    declared = {table.name for table in TABLES}
    assert declared | EXCEPTIONS.keys() == tables_of(full.store.connection)
    assert not declared & EXCEPTIONS.keys()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_number_of_another_row_is_declared(full: Installation, table: Moved) -> None:
    keys = full.store.connection.execute(f"pragma foreign_key_list({table.name})").fetchall()
    referring = {key[3] for key in keys} - ({"part"} if table.name == "sdg_file" else set())
    assert referring <= table.columns.keys()


def test_the_example_has_rows_in_every_table(full: Installation, archive: Path) -> None:
    files = content(archive)
    header = json.loads(files[HEADER])
    for table in TABLES:
        rows = files[f"tables/{table.name}.jsonl"].splitlines()
        assert rows, table.name
        assert header["tables"][table.name]["rows"] == len(rows)


def test_a_take_out_is_readable_without_zaehlwerk(archive: Path) -> None:
    files = content(archive)
    first = json.loads(files["tables/rollup.jsonl"].splitlines()[0])
    assert first["site"] == HOSTS[MARBURG] and first["dim"] == "total"
    assert json.loads(files["tables/sdg_file.jsonl"].splitlines()[-1])["content"] == '{"mark": "qxmarburg"}'
    assert json.loads(files[HEADER])["municipality"] == {
        "name": "Marburg",
        "ars": MARBURG,
        "timezone": "Europe/Berlin",
    }
    for line in files[CHECKSUMS].decode().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256(files[name]).hexdigest() == digest


def test_a_take_out_has_no_password_token_session_pseudonym_or_other_municipality(
    full: Installation, archive: Path
) -> None:
    everything = b"".join(content(archive).values())
    assert MARKS[MARBURG].encode() in everything
    assert MARKS[GIESSEN].encode() not in everything and b"giessen" not in everything
    assert b"argon2" not in everything
    (pseudonym,) = full.store.connection.execute("select pseudonym from open_visitor").fetchone()
    assert str(pseudonym).encode() not in everything
    assert b"Formularserver" not in everything


def test_single_visits_are_in_it_on_request_only(full: Installation, tmp_path: Path) -> None:
    make_takeout(full.config, MARBURG, tmp_path / "ohne.zip", 0, False, lambda _: None)
    assert not {"tables/visit.jsonl", "tables/hit.jsonl"} & content(tmp_path / "ohne.zip").keys()


def test_a_take_out_overwrites_nothing_and_is_for_its_owner_alone(full: Installation, archive: Path) -> None:
    assert archive.stat().st_mode & 0o077 == 0
    assert "exists already" in run(full.config.data, "municipality", "export", MARBURG, str(archive), code=1)
    assert "no municipality" in run(full.config.data, "municipality", "export", "065340014099", "/x.zip", code=1)


def test_the_next_take_out_to_the_same_place_removes_what_a_killed_one_left(full: Installation, tmp_path: Path) -> None:
    (tmp_path / ".m.zip.0123abcd").write_text("Ein Kommentar")
    (tmp_path / ".n.zip.0123abcd").touch()
    make_takeout(full.config, MARBURG, tmp_path / "m.zip", 0, False, lambda _: None)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".n.zip.0123abcd", "m.zip"]
    assert (tmp_path / "m.zip").stat().st_mode & 0o077 == 0


def test_a_take_out_to_a_directory_that_is_none_says_which(full: Installation, tmp_path: Path) -> None:
    target = tmp_path / "nirgends" / "m.zip"
    output = run(full.config.data, "municipality", "export", MARBURG, str(target), code=1)
    assert f"There is no directory {target.parent}. Make it first" in output


def test_strange_folders_beside_the_published_files_are_not_in_it(
    archive: Path, full: Installation, tmp_path: Path
) -> None:
    data = Path(shutil.copytree(full.config.data, tmp_path / "data"))
    for name in ("2026-02-30/1", "2026-02-28/1", "2026-05-18/alt"):
        stray = data / "opendata" / MARBURG / name / "x.csv"
        stray.parent.mkdir(parents=True)
        stray.touch()
    make_takeout(load_config(data, {}), MARBURG, tmp_path / "m.zip", 0, True, lambda _: None)
    assert content(tmp_path / "m.zip").keys() == content(archive).keys()


def test_a_take_out_while_counting_goes_on_shows_one_moment(full: Installation, tmp_path: Path) -> None:
    copy = tmp_path / "kopie"
    shutil.copytree(full.config.data, copy)
    config = load_config(copy, {})
    writer = open_database(config.database)

    def meanwhile(_done: float) -> None:
        writer.execute("update rollup set views = views + 1")

    make_takeout(config, MARBURG, tmp_path / "m.zip", 0, True, meanwhile)
    rows = [json.loads(line) for line in content(tmp_path / "m.zip")["tables/rollup.jsonl"].splitlines()]
    assert sum(row["views"] for row in rows) == views(full.store)
    writer.close()


def views(store: Store) -> int:
    return sum(row[5] for rows in figures(store, HOSTS[MARBURG]).values() for row in rows)


# The way back


def stats(config: Config, dim: str | None) -> str:
    by = ("--by", dim) if dim else ()
    return run(config.data, "stats", HOSTS[MARBURG], "--from", "2026-05-01", "--to", "2026-05-31", "--json", *by)


def test_figures_are_the_same_in_every_dimension(full: Installation, archive: Path, empty: Config) -> None:
    assert "Marburg" in run(empty.data, "municipality", "import", str(archive))
    for dim in (None, *(row.name for row in DIMENSIONS if row.name != "total")):
        assert stats(full.config, dim) == stats(empty, dim), dim
    store = open_store(empty.database)
    assert figures(store, HOSTS[MARBURG]) == figures(full.store, HOSTS[MARBURG])
    store.close()


def test_a_take_out_of_what_was_taken_in_is_the_same(archive: Path, empty: Config, tmp_path: Path) -> None:
    take_in(empty, archive)
    make_takeout(empty, MARBURG, tmp_path / "again.zip", 0, True, lambda _: None)
    before, after = content(archive), content(tmp_path / "again.zip")
    for name in before.keys() - {HEADER, CHECKSUMS}:
        assert plain(name, before[name]) == plain(name, after[name]), name
    assert before.keys() == after.keys()


def plain(name: str, data: bytes) -> object:
    """The rows of a table without the numbers that are an installation's own, in any order."""
    if not name.startswith("tables/"):
        return data
    rows = [json.loads(line) for line in data.splitlines()]
    numbers = ("id", "visit", *(key for row in rows for key in row if key.endswith("_id")))
    return sorted(json.dumps({key: value for key, value in row.items() if key not in numbers}) for row in rows)


def test_published_files_are_the_same_byte_for_byte(full: Installation, archive: Path, empty: Config) -> None:
    run(empty.data, "municipality", "import", str(archive))
    there = Installation(empty, open_store(empty.database), full.clock)
    assert checksums(there) == checksums(full)
    assert checksums(full)
    assert json.loads((empty.opendata / MARBURG / "index.json").read_bytes())["ars"] == MARBURG
    assert (empty.opendata / "index.html").exists()


def test_a_correction_has_the_same_noise(full: Installation, archive: Path, empty: Config, tmp_path: Path) -> None:
    shutil.copytree(full.config.data, tmp_path / "alt")
    config = load_config(tmp_path / "alt", {})
    here = Installation(config, open_store(config.database), full.clock)
    run(empty.data, "municipality", "import", str(archive))
    there = Installation(empty, open_store(empty.database), full.clock)
    for city in (here, there):
        publisher(city).correct("2026-05-19", "Prüfung")
    assert checksums(here) == checksums(there)


def test_receipts_of_citizens_work(archive: Path, empty: Config) -> None:
    take_in(empty, archive)
    connection = open_database(empty.database)
    kept = Feedbacks(connection).by_receipt(hash_of(CODES[MARBURG]) or b"")
    assert kept is not None
    assert kept.feedback.text == "qxmarburg Kommentar war schwierig"
    assert (kept.tags, kept.note, kept.feedback.details) == (("qxmarburg-tag",), "qxmarburg Notiz", {"ease": 3})
    town = Catalogue(connection).municipality(MARBURG).id
    assert [piece.text for piece in Inbox(connection, town).each(Filter(search="schwierig"))] == [kept.feedback.text]
    assert Feedbacks(connection).erase(kept.number)
    connection.close()


def test_sums_of_feedback_are_counted_anew(full: Installation, archive: Path, empty: Config) -> None:
    take_in(empty, archive)
    connection = open_database(empty.database)
    assert sums(connection) == sums(full.store.connection)
    connection.close()


def sums(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    """What is counted of Marburg's feedback."""
    return connection.execute(
        """
        select dim, period, category, key, rating, found, number
        from feedback_count
        where municipality_id = ?
        order by 1, 2, 3, 4, 5, 6
        """,
        (Catalogue(connection).municipality(MARBURG).id,),
    ).fetchall()


def test_it_is_taken_in_beside_others(full: Installation, archive: Path, tmp_path: Path) -> None:
    """Gießen is there, with numbers that Marburg's rows have, too."""
    other = install(tmp_path)
    run(other.config.data, "site", "remove", "www.marburg.de", "--yes")
    connection = other.store.connection
    connection.execute("update municipality set ars = ?, name = 'Gießen'", (GIESSEN,))
    other.catalogue.add_site(HOSTS[GIESSEN], GIESSEN)
    other.worker.refresh()
    other.send(s=HOSTS[GIESSEN], u=f"https://{HOSTS[GIESSEN]}/bleibt")
    other.count()
    before = figures(other.store, HOSTS[GIESSEN])
    hours = connection.execute("select * from uptime").fetchall()
    take_in(other.config, archive)
    assert figures(other.store, HOSTS[GIESSEN]) == before
    assert figures(other.store, HOSTS[MARBURG]) == figures(full.store, HOSTS[MARBURG])
    assert connection.execute("select * from uptime").fetchall() == hours


def test_counting_goes_on_after_it(archive: Path, empty: Config, full: Installation) -> None:
    take_in(empty, archive)
    there = Installation(empty, open_store(empty.database), full.clock)
    before = there.keys("page").get("/danach", 0)
    there.send(u=f"https://{HOSTS[MARBURG]}/danach")
    there.count()
    assert there.keys("page")["/danach"] == before + 1
    matchers = Services(there.store.connection).matchers()
    assert matchers.forms


def test_accounts_need_a_new_password(archive: Path, empty: Config) -> None:
    assert "qxmarburg@stadt.example" in run(empty.data, "municipality", "import", str(archive))
    connection = open_database(empty.database)
    assert Accounts(connection).find("qxmarburg@stadt.example").role == "editor"
    assert Accounts(connection).check_password("qxmarburg@stadt.example", "vier zufällige Wörter") is None
    connection.close()


def test_an_account_that_is_here_stays_as_it_is(archive: Path, empty: Config) -> None:
    run(empty.data, "user", "add", "qxmarburg@stadt.example", "--role", "operator")
    assert "stay as they are: qxmarburg@stadt.example" in run(empty.data, "municipality", "import", str(archive))
    connection = open_database(empty.database)
    assert Accounts(connection).find("qxmarburg@stadt.example").role == "operator"
    connection.close()


def test_what_was_deleted_by_receipt_stays_deleted(archive: Path, empty: Config) -> None:
    note_erased(empty.data, hash_of(CODES[MARBURG]) or b"", 20261101)
    take_in(empty, archive)
    connection = open_database(empty.database)
    assert Feedbacks(connection).by_receipt(hash_of(CODES[MARBURG]) or b"") is None
    assert connection.execute("select count(*) from feedback").fetchone() == (2,)
    connection.close()
    assert b"schwierig" not in empty.database.read_bytes()


def test_it_is_taken_in_once(archive: Path, empty: Config) -> None:
    take_in(empty, archive)
    before = state(empty.data)
    assert "already" in run(empty.data, "municipality", "import", str(archive), code=1)
    assert state(empty.data) == before


# What is refused


def row_of(files: dict[str, bytes], table: str, **values: object) -> None:
    """Change the first row of a table."""
    name = f"tables/{table}.jsonl"
    lines = files[name].splitlines()
    files[name] = b"\n".join([json.dumps({**json.loads(lines[0]), **values}).encode(), *lines[1:]]) + b"\n"


def header_of(files: dict[str, bytes], **values: object) -> None:
    files[HEADER] = json.dumps({**json.loads(files[HEADER]), **values}).encode()


def released(files: dict[str, bytes]) -> str:
    return next(name for name in files if name.endswith("release.json"))


def of_giessen(data: bytes) -> bytes:
    return data.replace(MARBURG.encode(), GIESSEN.encode())


REFUSED = {
    "newer format": (lambda files: header_of(files, version=2), "newer Zählwerk"),
    "newer schema": (lambda files: header_of(files, schema=999), "newer Zählwerk"),
    "other format": (lambda files: header_of(files, format="tar"), "no take-out"),
    "no header": (lambda files: files.pop(HEADER), "no takeout.json"),
    "header is no object": (lambda files: files.update({HEADER: b"[]"}), "no take-out, or damaged"),
    "path above": (lambda files: files.update({"../evil": b"x"}), "no take-out has"),
    "absolute path": (lambda files: files.update({"/etc/evil": b"x"}), "no take-out has"),
    "path within": (lambda files: files.update({"opendata/2026-01/1/../../evil.csv": b"x"}), "no take-out has"),
    "hidden file": (lambda files: files.update({"opendata/2026-01/1/.evil.csv": b"x"}), "no take-out has"),
    "no day": (lambda files: files.update({"opendata/2026-02-30/1/x.csv": b"x"}), "no take-out has"),
    "script": (lambda files: files.update({"opendata/2026-01/1/evil.js": b"x"}), "no take-out has"),
    "unknown table": (lambda files: files.update({"tables/session.jsonl": b"{}"}), "no take-out has"),
    "zip bomb": (lambda files: files.update({"tables/visit.jsonl": b" " * 300_000_000}), "grows beyond reason"),
    "huge row": (
        lambda files: files.update(
            {"tables/hit.jsonl": b'{"a":"' + os.urandom(LONGEST_ROW // 2).hex().encode() + b'"}'}
        ),
        "a row of more than",
    ),
    "no JSON": (lambda files: files.update({"tables/hit.jsonl": b"nonsense\n"}), "no take-out, or damaged"),
    "row is a list": (lambda files: files.update({"tables/hit.jsonl": b"[1]\n"}), "no take-out, or damaged"),
    "deep JSON": (lambda files: files.update({"tables/hit.jsonl": b"[" * 100_000 + b"\n"}), "take-out"),
    "row too many": (
        lambda files: files.update({"tables/outage.jsonl": files["tables/outage.jsonl"] * 2}),
        "promises 1",
    ),
    "other column": (lambda files: row_of(files, "site", municipality_id=1), "other columns"),
    "wrong type": (lambda files: row_of(files, "rollup", views="viele"), "wrong type"),
    "number as text": (lambda files: row_of(files, "site", subdomains=True), "wrong type"),
    "too large a number": (lambda files: row_of(files, "rollup", views=2**70), "contradict|cannot be|wrong type"),
    "no such dimension": (lambda files: row_of(files, "rollup", dim="evil"), "cannot be"),
    "no such site": (lambda files: row_of(files, "rollup", site="www.giessen.de"), "cannot be"),
    "no such day": (lambda files: row_of(files, "annotation", day=20261399), "cannot be"),
    "no such time zone": (lambda files: row_of(files, "municipality", timezone="../../etc"), "cannot be"),
    "no ARS": (lambda files: row_of(files, "municipality", ars="1"), "cannot be"),
    "no host": (lambda files: row_of(files, "site", host="a b"), "cannot be"),
    "an operator": (lambda files: row_of(files, "account", role="operator"), "cannot be"),
    "negative id": (lambda files: row_of(files, "feedback", id=-1), "cannot be"),
    "endless id": (lambda files: row_of(files, "feedback", id=2**62), "cannot be"),
    "no such parent": (lambda files: row_of(files, "feedback_tag", feedback_id=999_999), "contradict"),
    "no such visit": (lambda files: row_of(files, "hit", visit=999_999), "not there"),
    "against a check": (lambda files: row_of(files, "feedback", rating=9), "contradict"),
    "broken layout": (lambda files: row_of(files, "usage_connector", layout="{"), "cannot be"),
    "broken receipt": (lambda files: row_of(files, "feedback", receipt="xyz"), "cannot be"),
    "broken deletion": (
        lambda files: files.update({"erased-receipts.jsonl": b'{"day":1,"receipt":"00"}\n'}),
        "without a day",
    ),
    "broken release": (lambda files: files.update({released(files): b"{}"}), "no release"),
    "release of another": (
        lambda files: files.update(
            {released(files): files[released(files)].replace(MARBURG.encode(), GIESSEN.encode())}
        ),
        "not of 065340014014",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_archive_is_refused_and_leaves_nothing(
    name: str, archive: Path, empty: Config, tmp_path: Path
) -> None:
    change, sentence = REFUSED[name]
    files = content(archive)
    change(files)
    evil = packed(tmp_path / "evil.zip", files)
    before = state(empty.data)
    output = run(empty.data, "municipality", "import", str(evil), code=1)
    assert any(part in output for part in sentence.split("|")), output
    assert len(output) < 700
    assert state(empty.data) == before
    assert [path.name for path in tmp_path.iterdir() if path.name not in ("evil.zip", "neu")] == []


@pytest.mark.slow
def test_a_killed_import_leaves_nothing(archive: Path, empty: Config) -> None:
    """Where it is killed before its transaction ends, the next attempt finds everything as before."""
    killed = 0
    for wait in (0.3, 0.6, 0.8, 1.0, 1.2, 1.4):
        if (empty.opendata / MARBURG).exists() and rows_of(empty, "site"):
            break
        command = [COMMAND, "municipality", "import", str(archive), "--data", str(empty.data)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        time.sleep(wait)
        process.kill()
        killed += process.wait() == -signal.SIGKILL
        assert rows_of(empty, "municipality") == rows_of(empty, "site") == rows_of(empty, "opendata_setting")
    assert killed
    if not rows_of(empty, "site"):
        take_in(empty, archive)
    forget_unfinished(empty)
    assert [path.name for path in empty.data.iterdir() if path.name.startswith(".")] == []
    assert rows_of(empty, "rollup")


def test_the_next_import_removes_what_a_killed_one_left_but_not_what_another_writes(
    archive: Path, empty: Config
) -> None:
    left = empty.data / ".import-0123abcd" / "2026-05-18" / "1"
    left.mkdir(parents=True)
    (left / "release.json").touch()
    with unfinished(empty.data / ".import-", folder=True) as of_another:
        take_in(empty, archive)
        forget_unfinished(empty)
        assert list(empty.data.glob(".import-*")) == [of_another]


def test_a_changed_archive_is_refused(archive: Path, empty: Config, tmp_path: Path) -> None:
    files = content(archive)
    row_of(files, "annotation", text="gefälscht")
    before = state(empty.data)
    with pytest.raises(TakeoutError, match="damaged"):
        take_in(empty, packed(tmp_path / "x.zip", files, sums=False))
    assert state(empty.data) == before


@pytest.mark.parametrize("data", [b"", b"no zip at all" * 99, b"PK\x05\x06" + b"\0" * 18])
def test_a_file_that_is_no_archive_is_refused(data: bytes, empty: Config, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(data)
    with pytest.raises(TakeoutError, match="no take-out"):
        take_in(empty, tmp_path / "x.zip")


def test_a_torn_archive_is_refused(archive: Path, empty: Config, tmp_path: Path) -> None:
    data = bytearray(archive.read_bytes())
    data[len(data) // 3] ^= 0xFF
    (tmp_path / "x.zip").write_bytes(data)
    with pytest.raises(TakeoutError):
        take_in(empty, tmp_path / "x.zip")
    assert Catalogue(open_database(empty.database)).municipalities() == []


def test_a_name_that_is_there_twice_is_refused(archive: Path, empty: Config, tmp_path: Path) -> None:
    files = content(archive)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made, pytest.warns(UserWarning, match="Duplicate"):
        for name, data in files.items():
            made.writestr(name, data)
        made.writestr(HEADER, b"{}")
    (tmp_path / "x.zip").write_bytes(buffer.getvalue())
    with pytest.raises(TakeoutError, match="twice"):
        take_in(empty, tmp_path / "x.zip")


def test_published_files_that_stayed_are_compared(full: Installation, archive: Path, empty: Config) -> None:
    """After a deletion the published files stay, and the take-out finds them."""
    shutil.copytree(full.config.opendata, empty.opendata)
    path = next((empty.opendata / MARBURG).glob("*/1/*.csv"))
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(TakeoutError, match="other content"):
        take_in(empty, archive)
    assert Catalogue(open_database(empty.database)).municipalities() == []
    shutil.rmtree(empty.opendata)
    shutil.copytree(full.config.opendata, empty.opendata)
    assert take_in(empty, archive).ars == MARBURG
