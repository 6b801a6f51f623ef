import re
import sqlite3
import threading

import pytest

from tests.installation import HOST, MARBURG, install
from tracker.commands.setup import prepare_directory
from tracker.config import load_config
from tracker.errors import ConfigError, StoreError
from tracker.loader import Loader
from tracker.retention import purge
from tracker.rollups import DIMENSIONS
from tracker.store import open_store
from tracker.store.backup import copy_database
from tracker.store.catalogue import Catalogue
from tracker.store.schema import connect, migrate, migrations, open_database, version


def test_migrations_are_numbered_in_order_without_gaps():
    assert [number for number, _, _ in migrations()] == list(range(1, len(migrations()) + 1))
    assert all(re.fullmatch(r"\d{4}_[a-z_]+\.sql", name) for _, name, _ in migrations())


def test_a_fresh_database_is_current(tmp_path):
    connection = open_database(tmp_path / "z.db")
    assert version(connection) == migrations()[-1][0]
    migrate(connection)
    assert connection.execute("pragma journal_mode").fetchone() == ("wal",)


def test_two_processes_may_migrate_at_once(tmp_path):
    errors = []

    def prepare():
        try:
            open_database(tmp_path / "z.db").close()
        except (StoreError, sqlite3.Error) as error:
            errors.append(error)

    threads = [threading.Thread(target=prepare) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_a_newer_database_is_refused_with_what_to_do(tmp_path):
    connection = open_database(tmp_path / "z.db")
    connection.execute("insert into migration values (9999, '9999_future.sql', 0)")
    connection.close()
    for readonly in (True, False):
        with pytest.raises(StoreError, match="newer Zählwerk"):
            open_database(tmp_path / "z.db", readonly)


def test_a_missing_database_is_refused_with_what_to_do(tmp_path):
    with pytest.raises(StoreError, match="zaehlwerk init"):
        open_store(tmp_path / "z.db", readonly=True)


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "z.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreError, match="restore a backup"):
        open_store(tmp_path / "z.db")


def test_an_interrupted_migration_leaves_nothing_half_done(tmp_path):
    connection = connect(tmp_path / "z.db")
    calls = iter(range(60))
    connection.set_progress_handler(lambda: next(calls, None) is None, 20)
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection)
    connection.set_progress_handler(None, 0)
    assert version(connection) == 0
    migrate(connection)
    assert version(connection) == migrations()[-1][0]


def test_readers_cannot_write(tmp_path):
    city = install(tmp_path)
    reader = open_store(city.config.database, readonly=True)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.connection.execute("delete from site")


def test_dimension_numbers_are_unique_and_never_change():
    assert len({row.number for row in DIMENSIONS}) == len({row.name for row in DIMENSIONS}) == len(DIMENSIONS)
    fixed = {"total": 0, "entry": 1, "language": 11, "hour": 20, "page": 21, "property": 27, "bot": 40}
    assert {row.name: row.number for row in DIMENSIONS if row.name in fixed} == fixed


def test_top_is_the_beginning_of_rows(tmp_path):
    city = install(tmp_path)
    for number, page in enumerate("abcde"):
        for _ in range(number + 1):
            city.send(u=f"/{page}")
    city.count()
    site = city.catalogue.site(HOST).id
    assert city.store.top(site, "page", [2026], 2) == city.store.rows(site, "page", [2026])[:2]
    assert city.store.number_of_keys(site, "page", [2026]) == 5
    assert city.store.series(site, [20260518, 202605])[202605].views == 15


@pytest.mark.parametrize(
    ("ars", "rule"),
    [("06534014", "12 digits"), ("99534001401x", "12 digits"), ("990340014014", "01 to 16"), ("", "12 digits")],
)
def test_a_wrong_ars_is_refused_with_the_rule_it_breaks(tmp_path, ars, rule):
    with pytest.raises(ConfigError, match=rule):
        install(tmp_path).catalogue.add_municipality("Nirgendwo", ars)


@pytest.mark.parametrize("host", ["https://www.marburg.de", "www.marburg.de/x", "a b", "", "-x.de", "x" * 300])
def test_a_site_is_a_host_name(tmp_path, host):
    with pytest.raises(ConfigError, match="host name"):
        install(tmp_path).catalogue.add_site(host, MARBURG)


def test_level_counts_forgets_what_was_row_level(tmp_path):
    city = install(tmp_path)
    city.send()
    city.send(k="step", n="hund", p={"step": "1"})
    city.count()
    city.catalogue.change_site(HOST, "counts", False, "")
    for table in ("visit", "hit", "open_visitor", "open_attempt"):
        assert city.store.connection.execute(f"select count(*) from {table}").fetchone() == (0,)
    city.worker.refresh()
    city.send(u="/danach")
    city.count()
    city.clock.now += 2 * 86_400
    city.count()
    assert city.keys("page") == {"/": 1, "/danach": 1}
    assert city.store.open_days() == []


def test_a_removed_site_leaves_no_counts_and_its_number_is_not_given_again(tmp_path):
    city = install(tmp_path)
    city.send(k="step", p={"form": "hund", "step": "halter"})
    city.count()
    number = city.catalogue.site(HOST).id
    city.catalogue.remove_site(HOST)
    for table in ("rollup", "visit", "hit", "open_visitor", "open_attempt", "open_day"):
        assert city.store.connection.execute(f"select count(*) from {table}").fetchone() == (0,)
    assert city.catalogue.add_site(HOST, MARBURG).id != number


def test_the_loader_goes_on_after_a_site_with_open_attempts_was_removed(tmp_path):
    city = install(tmp_path)
    city.send(k="step", p={"form": "hund", "step": "halter"})
    city.count()
    city.catalogue.remove_site(HOST)
    city.clock.now += 3600
    Loader(city.store, city.config, city.clock).step()


def test_preparing_twice_changes_nothing(tmp_path):
    config = load_config(tmp_path / "data", {})
    prepare_directory(config)
    Catalogue(open_store(config.database).connection).add_municipality("Marburg", MARBURG)
    prepare_directory(config)
    assert len(Catalogue(open_store(config.database).connection).municipalities()) == 1


def test_a_backup_ends_while_counting_goes_on_and_shows_one_moment(tmp_path):
    city = install(tmp_path)
    city.store.connection.execute("begin")
    rows = ((f"/seite/{number}" + "x" * 200,) for number in range(60_000))
    city.store.connection.executemany("insert into text (value) values (?)", rows)
    city.store.connection.execute("commit")
    source, shares = open_database(city.config.database), []

    def counting_goes_on(share):
        shares.append(share)
        assert len(shares) < 100, "the copy begins again and again"
        city.store.connection.execute("insert into text (value) values (?)", (f"/neu/{len(shares)}",))

    target = tmp_path / "copy.db"
    copy_database(source, target, counting_goes_on)
    assert shares == sorted(shares)
    copied = open_database(target).execute("select count(*) from text where value like '/neu/%'").fetchone()
    assert copied == (0,)


def test_texts_that_nothing_is_filed_under_any_more_are_deleted(tmp_path):
    city = install(tmp_path, search_param="q")
    city.catalogue.add_site("www.weg.de", MARBURG, search_param="q")
    city.worker.refresh()
    beacons = [
        {"u": "/seite?q=begriff&utm_campaign=plakat", "r": "https://www.google.de/"},
        {"k": "event", "n": "Klick", "p": {"farbe": "rot"}},
        {"k": "step", "p": {"form": "hund", "step": "halter"}},
    ]
    for beacon in beacons:
        city.send(u=f"https://{HOST}/", **{name: value for name, value in beacon.items() if name != "u"})
    city.send(**beacons[0])
    city.send(s="www.weg.de", u="https://www.weg.de/vergessen?q=erika", k="view")
    city.count()
    assert city.store.purge_texts() == 0
    before = {dim.name: city.keys(dim.name) for dim in DIMENSIONS}
    city.catalogue.remove_site("www.weg.de")
    purge(city.store, city.config, city.clock(), texts=True)
    city.store.checkpoint()
    assert {dim.name: city.keys(dim.name) for dim in DIMENSIONS} == before
    stored = city.config.database.read_bytes()
    assert b"begriff" in stored
    assert b"vergessen" not in stored and b"erika" not in stored
    city.send(u=f"https://{HOST}/vergessen")
    city.count()
    assert city.keys("page")["/vergessen"] == 1
