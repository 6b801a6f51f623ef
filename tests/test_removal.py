"""Deleting a municipality leaves no byte of it but what was published, and its neighbour keeps everything."""

import random
import re
import shutil
import sqlite3
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from admin.cli import main
from tests.full_town import CODES, HOSTS, MARKS, figures, two_towns
from tests.installation import GIESSEN, MARBURG, Installation
from tests.published import checksums
from tests.server import Server
from tracker.backup import check_backup
from tracker.config import load_config
from tracker.errors import StoreError
from tracker.feedback.receipt import hash_of
from tracker.journal import journal_files
from tracker.loader import loader_lock
from tracker.overwriting import overwrite_sites
from tracker.record import VIEW, Record, decode, encode
from tracker.store import open_store
from tracker.store.audit_log import AuditLog, Span
from tracker.store.feedback import Feedbacks
from tracker.store.removal import empty_log, write_anew
from tracker.store.schema import connect, transaction
from tracker.takein import take_in
from tracker.turn import is_wanted, loader_paused

# What of Marburg may be found nowhere: the marks in every kind of text, its host, and its name.
TRACES = [MARKS[MARBURG].encode(), HOSTS[MARBURG].encode(), b"Marburg"]


def run(data: Path, *arguments: str, code: int = 0, entered: str = "") -> str:
    done = CliRunner().invoke(main, [*arguments, "--data", str(data)], input=entered)
    assert done.exit_code == code, done.output
    return done.output


def remove(city: Installation, *options: str, code: int = 0, name: str = "Marburg") -> str:
    return run(city.config.data, "municipality", "remove", MARBURG, *options, code=code, entered=f"{name}\n")


def traces(data: Path, released: bool = False) -> dict[str, list[bytes]]:
    """File → which traces of Marburg it has, in any case of letters; `released`: also in published files."""
    found = {}
    for path in sorted(data.rglob("*")):
        published = "opendata" in path.relative_to(data).parts and not released
        content = path.read_bytes().lower() if path.is_file() and not published else b""
        if hits := [trace for trace in TRACES if trace.lower() in content]:
            found[str(path.relative_to(data))] = hits
    return found


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of two municipalities with everything, a backup among it, and nothing running."""
    city = two_towns(tmp_path_factory.mktemp("full"))
    run(city.config.data, "backup")
    city.store.connection.execute("pragma wal_checkpoint(truncate)")
    city.store.close()
    city.worker.journal.close()
    return city.config.data


@pytest.fixture
def city(full: Path, tmp_path: Path) -> Installation:
    """The same, to be changed."""
    shutil.copytree(full, tmp_path / "data")
    config = load_config(tmp_path / "data", {})
    return Installation(config, open_store(config.database))


def waiting(city: Installation) -> None:
    """Beacons that nobody has counted yet, in a journal that is being written."""
    for host, mark in ((HOSTS[MARBURG], MARKS[MARBURG]), (HOSTS[GIESSEN], MARKS[GIESSEN])):
        assert city.send(s=host, u=f"https://{host}/{mark}-wartet").status_code == 202


def test_marks_are_in_every_kind_of_file_before(city: Installation) -> None:
    waiting(city)
    found = traces(city.config.data, released=True)
    kinds = {re.sub(r"[0-9a-f-]{8,}", "*", path) for path in found}
    for kind in ("zaehlwerk.db", "uploads/", "backup/", "journal/", "opendata/"):
        assert any(path.startswith(kind) for path in kinds), kind
    for table in ("rollup", "visit", "hit", "open_visitor", "feedback", "feedback_search", "audit_log", "import_seen"):
        assert city.store.connection.execute(f"select count(*) from {table}").fetchone() > (0,), table


def test_no_byte_of_it_stays(city: Installation) -> None:
    waiting(city)
    output = remove(city)
    assert "Deleted" in output and "stay" in output
    assert traces(city.config.data) == {}
    assert (hash_of(CODES[MARBURG]) or b"") not in city.config.database.read_bytes()


def test_what_was_published_stays(city: Installation) -> None:
    before = checksums(city)
    remove(city)
    assert checksums(city) == before != {}


def test_what_was_published_goes_on_request(city: Installation) -> None:
    remove(city, "--with-released")
    assert traces(city.config.data, released=True) == {}


def test_the_neighbour_keeps_everything(city: Installation, tmp_path: Path) -> None:
    connection = city.store.connection
    before = figures(city.store, HOSTS[GIESSEN])
    run(city.config.data, "municipality", "export", GIESSEN, str(tmp_path / "vorher.zip"), "--facts")
    remove(city)
    run(city.config.data, "municipality", "export", GIESSEN, str(tmp_path / "nachher.zip"), "--facts")
    assert figures(city.store, HOSTS[GIESSEN]) == before
    assert contents(tmp_path / "vorher.zip") == contents(tmp_path / "nachher.zip")
    assert Feedbacks(connection).by_receipt(hash_of(CODES[GIESSEN]) or b"") is not None
    found = connection.execute("select count(*) from feedback_search where feedback_search match 'qxgiess'")
    assert found.fetchone() == (2,)
    assert connection.execute("select count(*) from open_visitor").fetchone() > (0,)
    assert len(list((city.config.data / "uploads").iterdir())) == 0


def contents(path: Path) -> dict[str, bytes]:
    """The tables of a take-out, but for the log of commands."""
    import zipfile

    with zipfile.ZipFile(path) as archive:
        return {
            name: archive.read(name)
            for name in archive.namelist()
            if name.startswith("tables/") and "audit_log" not in name
        }


def test_beacons_that_wait_are_counted_for_the_neighbour_alone(city: Installation) -> None:
    waiting(city)
    remove(city)
    city.worker.refresh()
    assert city.send(s=HOSTS[MARBURG], u=f"https://{HOSTS[MARBURG]}/danach").status_code == 404
    store = open_store(city.config.database)
    again = Installation(city.config, store, city.clock)
    again.count()
    pages = {row[2] for row in figures(store, HOSTS[GIESSEN])["page"]}
    assert "/qxgiessen-wartet" in pages
    assert not any("marburg" in page for page in pages)


def test_a_new_backup_takes_the_place_of_those_that_have_it(city: Installation) -> None:
    remove(city)
    (backup,) = (city.config.data / "backup").iterdir()
    check_backup(backup)
    assert traces(backup) == {} and MARKS[GIESSEN].encode() in (backup / "zaehlwerk.db").read_bytes()


def test_backups_stay_on_request_and_it_says_so(city: Installation) -> None:
    assert "hold it until" in remove(city, "--keep-backups")
    assert {path.split("/")[0] for path in traces(city.config.data)} == {"backup"}


def test_without_its_name_nothing_is_deleted(city: Installation) -> None:
    before = figures(city.store, HOSTS[MARBURG])
    assert "Nothing was deleted" in remove(city, name="marburg", code=1)
    assert figures(city.store, HOSTS[MARBURG]) == before


def test_only_that_it_was_deleted_is_remembered(city: Installation) -> None:
    remove(city)
    entries = list(AuditLog(city.store.connection).entries(Span()))
    commands = [(row.action, row.subject) for row in entries if not row.account]
    assert commands[0] == ("command municipality remove", MARBURG)
    assert all("marburg" not in row.account for row in entries)


def test_it_waits_until_a_publication_is_done(city: Installation) -> None:
    lock = loader_lock(city.config.opendata / MARBURG, ".lock")
    assert lock is not None
    assert "is being published" in remove(city, code=1)
    assert figures(city.store, HOSTS[MARBURG])


def test_it_comes_back_from_its_take_out(city: Installation, tmp_path: Path) -> None:
    before, files = figures(city.store, HOSTS[MARBURG]), checksums(city)
    run(city.config.data, "municipality", "export", MARBURG, str(tmp_path / "m.zip"))
    remove(city)
    take_in(city.config, tmp_path / "m.zip")
    assert figures(city.store, HOSTS[MARBURG]) == before
    assert checksums(city) == files


# The loader's turn


def test_a_loader_that_does_not_pause_is_said(tmp_path: Path) -> None:
    lock = loader_lock(tmp_path)
    assert lock is not None
    with pytest.raises(StoreError, match="does not pause"), loader_paused(tmp_path, patience=0.1):
        pass
    assert not is_wanted(tmp_path)


def test_the_turn_is_over_when_its_holder_is(tmp_path: Path) -> None:
    with loader_paused(tmp_path):
        assert is_wanted(tmp_path)
        assert loader_lock(tmp_path) is None
    assert not is_wanted(tmp_path)
    (tmp_path / "loader.wanted").touch()  # of one that was killed
    assert not is_wanted(tmp_path)


def test_two_that_want_the_turn_get_it_one_after_the_other(tmp_path: Path) -> None:
    order = []

    def take(name: str) -> None:
        with loader_paused(tmp_path):
            order.append(name)
            time.sleep(0.2)
            order.append(name)

    threads = [threading.Thread(target=take, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert order in (list("aabb"), list("bbaa"))


def counted_while_running(city: Installation) -> int:
    store = open_store(city.config.database, readonly=True)
    found = [row[5] for row in figures(store, HOSTS[GIESSEN])["page"] if row[2] == "/laufend" and row[0] > 10**7]
    store.close()
    return sum(found)


def until_counted(city: Installation, number: int) -> None:
    deadline = time.monotonic() + 60
    while counted_while_running(city) < number and time.monotonic() < deadline:
        time.sleep(0.2)


@pytest.mark.slow
def test_it_is_deleted_while_a_server_counts(city: Installation) -> None:
    city.worker.journal.close()
    city.store.close()
    with Server(city.config.data) as server:
        stopped, answers = threading.Event(), []

        def send() -> None:
            while not stopped.is_set():
                answers.append(server.send(s=HOSTS[GIESSEN], u=f"https://{HOSTS[GIESSEN]}/laufend", k="view"))
                server.send(s=HOSTS[MARBURG], u=f"https://{HOSTS[MARBURG]}/{MARKS[MARBURG]}-laufend", k="view")
                time.sleep(0.02)

        sending = threading.Thread(target=send, daemon=True)
        sending.start()
        time.sleep(1)
        remove(city)
        found = traces(city.config.data)
        time.sleep(1)
        stopped.set()
        sending.join()
        until_counted(city, len(answers))
        later = traces(city.config.data)
        assert server.send(s=HOSTS[MARBURG], u=f"https://{HOSTS[MARBURG]}/", k="view") == 404
    assert (found, later) == ({}, {})
    assert set(answers) == {202}
    assert counted_while_running(city) == len(answers)


# Lines of the journal


def test_lines_are_overwritten_where_they_stand(tmp_path: Path) -> None:
    lines = [encode(Record(1, site, 5, VIEW, f"/seite-{site}")) for site in (1, 2, 1, 3)]
    path = tmp_path / "beacons-1.jsonl"
    path.write_bytes(b"".join(lines) + b'damaged "/seite-1"\n' + b'[1,1,5,"v","/seite-1')
    size = path.stat().st_size
    assert overwrite_sites(tmp_path, {1}) == 4
    assert path.stat().st_size == size
    after = path.read_bytes()
    assert b"seite-1" not in after
    kept = after.splitlines()
    assert [decode(line).site for line in kept[:4]] == [0, 2, 0, 3]
    assert kept[1] + b"\n" == lines[1]


def test_a_line_that_is_being_written_is_left_alone(city: Installation) -> None:
    waiting(city)
    (path,) = [path for path in journal_files(city.config.journal) if b"wartet" in path.read_bytes()]
    with path.open("ab") as file:
        file.write(b'[1,1,5,"v","/halb')
    overwrite_sites(city.config.journal, {1})
    assert path.read_bytes().endswith(b'[1,1,5,"v","/halb')


def test_a_reader_that_keeps_the_log_is_said(city: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracker.store.removal.PATIENCE", 0.2)
    reader = sqlite3.connect(city.config.database, isolation_level=None)
    reader.execute("begin")
    reader.execute("select count(*) from rollup").fetchone()
    assert "keeps its write-ahead log" in remove(city, code=1)
    reader.close()


def test_copies_that_rows_left_in_gaps_of_pages_go_too(tmp_path: Path) -> None:
    """SQLite moves rows between pages and leaves the old bytes there; deleting overwrites only where a row is now."""
    for seed in range(30):
        chance = random.Random(seed)
        path = tmp_path / f"{seed}.db"
        connection = connect(path)
        connection.execute("create table word (id integer primary key, value text not null unique)")
        connection.execute("create table cell (site, key, word, primary key (site, key, word)) without rowid")
        towns = [chance.choice(("marburg", "giessen")) for _ in range(600)]
        words = [f"qx{town}-{chance.random()}-{'y' * chance.randrange(60)}" for town in towns]
        with transaction(connection):
            for word in words:
                connection.execute("insert into word (value) values (?)", (word,))
                connection.execute("insert into cell values (?, ?, ?)", ("marb" in word, chance.randrange(999), word))
                if chance.random() < 0.2:
                    connection.execute("delete from word where value = ?", (chance.choice(words),))
        for table, column in (("word", "value"), ("cell", "word")):
            connection.execute(f"delete from {table} where {column} like 'qxmarburg%'")
        write_anew(connection)
        empty_log(connection)
        content = path.read_bytes()
        connection.close()
        assert (b"qxmarburg" in content, b"qxgiessen" in content) == (False, True)
