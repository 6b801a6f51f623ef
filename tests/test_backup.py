"""A backup is whole, keeps no pseudonym, and becomes an installation with the same figures."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.installation import HOST, install
from tracker.backup import CHECKSUMS, check_backup, default_target, make_backup, restore_backup
from tracker.cli import main
from tracker.config import load_config
from tracker.errors import StoreError
from tracker.retention import purge
from tracker.rollups import DIMENSIONS
from tracker.store import open_database, open_store
from tracker.store import schema as schemas
from tracker.store.catalogue import Catalogue
from tracker.store.schema import connect, migrations, version

COMMAND = Path(sys.executable).with_name("zaehlwerk")


def run(data, *arguments, code=0):
    result = CliRunner().invoke(main, [*arguments, "--data", str(data)])
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture
def city(tmp_path):
    """An installation with counts, an open visitor with an open attempt, settings, and published files."""
    city = install(tmp_path)
    city.send(u="/gesichert?utm_source=x", r="https://www.google.de/")
    city.send(k="step", p={"form": "hund", "step": "halter"})
    city.count()
    (city.config.data / "zaehlwerk.toml").write_text("facts_days = 20\n")
    published = city.config.opendata / "065340014014" / "views.csv"
    published.parent.mkdir(parents=True)
    published.write_text("day,views\n")
    published.with_name(CHECKSUMS).write_text("of a release\n")
    (city.config.opendata / ".half-done").write_text("x")
    return city


def figures(store, site):
    """Everything that was counted of a site."""
    return {row.name: store.rows(site, row.name, [2026]) for row in DIMENSIONS}


def test_a_backup_keeps_no_pseudonym_and_no_session_and_is_for_its_owner_alone(city, tmp_path):
    target = tmp_path / "sicherung"
    assert "checked" in run(city.config.data, "backup", str(target))
    copy = sqlite3.connect(target / "zaehlwerk.db")
    assert copy.execute("select value from text where value = '/gesichert'").fetchone()
    for table in ("open_visitor", "open_attempt"):
        assert city.store.connection.execute(f"select count(*) from {table}").fetchone() == (1,)
        assert copy.execute(f"select count(*) from {table}").fetchone() == (0,)
    assert copy.execute("select count(*) from session").fetchone() == (0,)
    copy.close()
    assert target.stat().st_mode & 0o077 == 0
    assert {str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()} == {
        "zaehlwerk.db",
        "zaehlwerk.toml",
        "opendata/065340014014/views.csv",
        f"opendata/065340014014/{CHECKSUMS}",
        CHECKSUMS,
    }
    assert subprocess.run(["sha256sum", "--check", "--quiet", CHECKSUMS], cwd=target, check=False).returncode == 0


def test_a_backup_overwrites_nothing(city, tmp_path):
    (tmp_path / "da").mkdir()
    assert "exists already" in run(city.config.data, "backup", str(tmp_path / "da"), code=1)


def test_what_is_restored_has_the_same_figures_and_counts_on(city, tmp_path):
    run(city.config.data, "backup", str(tmp_path / "sicherung"))
    data = tmp_path / "neu"
    assert "is ready" in run(data, "restore", str(tmp_path / "sicherung"))
    assert load_config(data, {}).facts_days == 20
    assert (data / "opendata/065340014014/views.csv").read_text() == "day,views\n"
    site = city.catalogue.site(HOST).id
    store = open_store(data / "zaehlwerk.db")
    assert figures(store, site) == figures(city.store, site)
    assert figures(store, site)["page"]
    store.close()
    again = type(city)(load_config(data, {}), open_store(data / "zaehlwerk.db"), city.clock)
    again.send(u="/danach")
    again.count()
    assert again.keys("page").keys() == {"/gesichert", "/danach"}


def test_what_came_after_the_backup_is_counted_from_the_old_journal(city, tmp_path):
    run(city.config.data, "backup", str(tmp_path / "sicherung"))
    city.send(u="/danach")
    run(tmp_path / "neu", "restore", str(tmp_path / "sicherung"))
    shutil.copytree(city.config.journal, tmp_path / "neu" / "journal", dirs_exist_ok=True)
    again = type(city)(load_config(tmp_path / "neu", {}), open_store(tmp_path / "neu" / "zaehlwerk.db"), city.clock)
    again.count()
    assert again.keys("page") == {"/gesichert": 1, "/danach": 1}


def test_nothing_is_restored_over_something(city, tmp_path):
    run(city.config.data, "backup", str(tmp_path / "sicherung"))
    before = city.config.database.read_bytes()
    assert "not empty" in run(city.config.data, "restore", str(tmp_path / "sicherung"), code=1)
    assert city.config.database.read_bytes() == before


@pytest.mark.parametrize("name", ["zaehlwerk.db", "zaehlwerk.toml", "opendata/065340014014/views.csv"])
@pytest.mark.parametrize("harm", ["changed", "lost"])
def test_a_damaged_backup_is_refused_and_leaves_nothing(city, tmp_path, name, harm):
    target = tmp_path / "sicherung"
    run(city.config.data, "backup", str(target))
    path = target / name
    if harm == "changed":
        path.write_bytes(path.read_bytes()[:-1] + b"?")
    else:
        path.unlink()
    output = run(tmp_path / "neu", "restore", str(target), code=1)
    assert "damaged" in output and path.name in output
    assert not (tmp_path / "neu").exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_directory_that_is_no_backup_is_refused_in_words(tmp_path):
    (tmp_path / "keine").mkdir()
    output = run(tmp_path / "neu", "restore", str(tmp_path / "keine"), code=1)
    assert "is no backup: it has no SHA256SUMS. Name a directory that `zaehlwerk backup` made" in output
    assert "Errno" not in output


@pytest.mark.parametrize("line", ["", "nonsense", f"{'0' * 64}  ../../etc/passwd", f"{'0' * 64}  /etc/passwd"])
def test_a_directory_that_is_no_backup_is_refused(tmp_path, line):
    source = tmp_path / "keine"
    source.mkdir()
    if line:
        (source / CHECKSUMS).write_text(line + "\n")
    with pytest.raises(StoreError, match="no backup"):
        restore_backup(source, load_config(tmp_path / "neu", {}), lambda _: None)


def test_a_backup_while_counting_goes_on_shows_one_moment(city, tmp_path):
    stopped = threading.Event()

    def count():
        while not stopped.is_set():
            city.send(u="/nebenher")
            city.count()

    counting = threading.Thread(target=count, daemon=True)
    counting.start()
    make_backup(city.config, open_database(city.config.database), tmp_path / "sicherung", lambda _: None)
    stopped.set()
    counting.join()
    copy = open_store(tmp_path / "sicherung" / "zaehlwerk.db", readonly=True)
    of_the_day, of_the_year = (copy.rows(city.catalogue.site(HOST).id, "total", [part]) for part in (20260518, 2026))
    assert of_the_day == of_the_year


@pytest.mark.slow
def test_a_killed_backup_leaves_none_that_looks_whole(city, tmp_path):
    rows = ((f"/seite/{number}" + "x" * 200,) for number in range(60_000))
    with schemas.transaction(city.store.connection):
        city.store.connection.executemany("insert into text (value) values (?)", rows)
    target = tmp_path / "sicherung"
    killed = 0
    for wait in (0.2, 0.3, 0.4, 0.6, 0.9):
        command = [COMMAND, "backup", str(target), "--data", str(city.config.data)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        time.sleep(wait)
        process.kill()
        killed += process.wait() == -signal.SIGKILL
        if target.exists():
            check_backup(target)
            target.rename(tmp_path / f"ganz-{wait}")
    assert killed


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_the_next_to_the_same_place_removes_what_a_killed_one_left(city, tmp_path, command):
    backup, place = tmp_path / "sicherung", tmp_path / "ort"
    target, other = place / "neu", place / ".alt.0123abcd"
    run(city.config.data, "backup", str(backup))
    (place / ".neu.0123abcd").mkdir(parents=True)
    (place / ".neu.0123abcd" / "zaehlwerk.db").write_text("Ein Kommentar")
    other.mkdir()
    if command == "backup":
        run(city.config.data, "backup", str(target))
    else:
        run(target, "restore", str(backup))
    assert sorted(place.iterdir()) == [other, target]


def test_a_full_disk_leaves_no_backup(city, tmp_path):
    place = tmp_path / "voll"
    command = f"ulimit -f 40; {COMMAND} backup {place / 'sicherung'} --data {city.config.data}"
    process = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert process.returncode == 1
    assert "No backup was made" in process.stderr
    assert list(place.iterdir()) == []


def test_backups_in_the_data_directory_are_deleted_after_their_days(city):
    now = city.clock()
    for days in (40, 10):
        target = default_target(city.config, now - days * 86_400)
        make_backup(city.config, open_database(city.config.database), target, lambda _: None)
        os.utime(target, (now - days * 86_400,) * 2)
    killed = city.config.data / "backup" / ".zaehlwerk-x.part"
    killed.mkdir()
    os.utime(killed, (now - 2 * 86_400,) * 2)
    assert purge(city.store, city.config, now)["backups"] == 2
    assert not killed.exists()
    assert default_target(city.config, now - 10 * 86_400).exists()
    assert not default_target(city.config, now - 40 * 86_400).exists()


def old_database(path, number):
    """A database as a Zählwerk of before had it, with a municipality in it."""
    connection = connect(path)
    connection.execute(
        "create table migration (number integer primary key, name text not null, applied integer not null)"
    )
    for migration in migrations()[:number]:
        schemas._apply(connection, *migration)
    connection.execute("insert into municipality (name, ars, created) values ('Marburg', '065340014014', 0)")
    connection.close()


@pytest.mark.parametrize("number", [1, 3, 6])
def test_an_older_database_is_brought_up_to_date_behind_a_copy(tmp_path, number):
    path = tmp_path / "zaehlwerk.db"
    old_database(path, number)
    connection = open_database(path)
    assert version(connection) == migrations()[-1][0]
    assert [town.name for town in Catalogue(connection).municipalities()] == ["Marburg"]
    (copy,) = (tmp_path / "backup").iterdir()
    assert version(connect(copy)) == number
    assert connect(copy).execute("select name from municipality").fetchall() == [("Marburg",)]
    assert copy.stat().st_mode & 0o077 == 0


def test_without_room_for_the_copy_nothing_is_migrated(tmp_path):
    path = tmp_path / "zaehlwerk.db"
    old_database(path, 3)
    (tmp_path / "backup").write_text("in the way")
    with pytest.raises((StoreError, OSError)):
        open_database(path)
    assert version(connect(path)) == 3


def test_a_new_database_needs_no_copy(tmp_path):
    open_database(tmp_path / "zaehlwerk.db").close()
    assert not (tmp_path / "backup").exists()
