"""However beacons are batched, interleaved over workers or interrupted: the rollups equal the slow, obvious recount."""

import sqlite3
from collections import defaultdict
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from tests.installation import HOST, Clock, install
from tests.recount import differences, recount, recount_of_service, stored_cells
from tracker.calendar import calendar_of
from tracker.commands.setup import prepare_directory
from tracker.config import load_config
from tracker.fold import MOST_KEYS
from tracker.journal import IMPORT, JournalWriter, journal_files
from tracker.loader import CLOSE_EVERY, GRACE, Loader
from tracker.reader import AHEAD, BATCH_BYTES, WATERMARK
from tracker.record import BOT, EVENT, INTERNAL, LEAVE, STEP, VIEW, Message, Record, decode, encode
from tracker.retention import purge
from tracker.services.service import Form, Service
from tracker.store import open_store
from tracker.store.catalogue import Catalogue
from tracker.store.imports import Imports
from tracker.store.services import Services
from tracker.visits import GAP

BERLIN = "Europe/Berlin"
ZONES = {1: BERLIN, 2: "Pacific/Auckland", 3: BERLIN}
COUNTS = 3  # the site of level `counts`
STARTS = [
    datetime(2026, 5, 18, 12, tzinfo=ZoneInfo(BERLIN)),
    datetime(2026, 3, 29, 0, 30, tzinfo=ZoneInfo(BERLIN)),  # a day of 23 hours
    datetime(2026, 10, 25, 0, 30, tzinfo=ZoneInfo(BERLIN)),  # a day of 25 hours
    datetime(2026, 12, 31, 23, 50, tzinfo=ZoneInfo(BERLIN)),
]
MINUTE = 60.0
LEAPS = [0.001, 0.3, 1.0, 10.0, 5 * MINUTE, 30 * MINUTE - 0.001, 30 * MINUTE, 31 * MINUTE, 5 * 3600.0, 86_400.0]


@cache
def prepared():
    """A database with the sites of ZONES, made once."""
    with TemporaryDirectory() as folder:
        config = load_config(Path(folder) / "data", {})
        prepare_directory(config)
        store = open_store(config.database)
        catalogue = Catalogue(store.connection)
        for number, zone in ZONES.items():
            made = catalogue.add_municipality(f"Stadt {number}", f"06534001400{number}", zone)
            catalogue.add_site(f"s{number}.example", made.ars, "counts" if number == COUNTS else "visits")
        for number in (1, COUNTS):
            town = catalogue.sites()[number - 1].municipality_id
            paths = (f"s{number}.example/a", f"s{number}.example/a/**")
            dienst = Service("dienst", "Dienst", paths=paths, forms=(Form("kita"),), sdg=True)
            both = Service("auch", "Auch", paths=(f"s{number}.example/a",), sdg=number == 1)
            Services(store.connection).apply(town, [dienst, both])
        store.checkpoint()
        store.close()
        return config.database.read_bytes()


class Harness:
    """A loader on real files, beside a model of which lines it must have counted in which order."""

    def __init__(self, path, start):
        self.clock = Clock(start.timestamp())
        self.config = load_config(path, {"ZAEHLWERK_FACTS_DAYS": "2"})
        self.config.journal.mkdir()
        self.config.database.write_bytes(prepared())
        self.restart()
        self.writers = [JournalWriter(self.config.journal, name=f"w{index}", clock=self.clock) for index in range(3)]
        self.taken = defaultdict(int)  # file → lines counted
        self.lines = {}  # file → all its lines; kept after the loader removed the file
        self.order, self.generations = [], []
        self.closed = defaultdict(int)
        self.open = {}

    def restart(self):
        self.store = open_store(self.config.database)
        self.loader = Loader(self.store, self.config, self.clock)
        self.checked = 0

    def write(self, worker, record):
        self.writers[worker].append(encode(record))
        for path in journal_files(self.config.journal):
            self.lines[path.name] = path.read_bytes().splitlines()

    def step(self):
        self.loader.step()
        now = int(self.clock() * 1000)
        found = []
        for name in sorted(self.lines):
            for line in self.lines[name][self.taken[name] :]:
                record = decode(line)
                if now - WATERMARK < record.time <= now + AHEAD:
                    break
                found.append(record)
                self.taken[name] += 1
        found.sort(key=lambda record: record.time)
        for record in found:
            day = (record.site, calendar_of(ZONES[record.site]).moment(record.time).day)
            self.order.append(record)
            self.generations.append(self.closed[day])
            if record.visitor or record.kind != LEAVE:
                self.open[day] = now
        if abs(now - self.checked) >= CLOSE_EVERY:
            self.checked = now
            self.close_days(now)

    def close_days(self, now):
        for (site, day), touched in list(self.open.items()):
            if calendar_of(ZONES[site]).day_ends(day) <= now - GRACE and touched <= now - GAP:
                del self.open[site, day]
                self.closed[site, day] += 1

    def interrupted_step(self, after):
        """A step that SQLite breaks off after so many of its instructions, as a kill would."""
        calls = iter(range(after))
        self.store.connection.set_progress_handler(lambda: next(calls, None) is None, 10)
        try:
            self.loader.step()
        except sqlite3.OperationalError:
            self.restart()
            return
        finally:
            self.store.connection.set_progress_handler(None, 0)
        raise AssertionError("the step was not interrupted")

    def finish(self):
        for writer in self.writers:
            writer.close()
        for leap in (1, 1, 3 * 86_400, 3600, 2):
            self.clock.now += leap
            self.step()


seconds = st.sampled_from([0, 0, 0, 5, 600, 2400])
lateness = st.sampled_from([0, 0, 0, 0, 1, 250, 2_000, 40_000, 1_900_000, 90_000_000, -1_500, -3_000, -7_200_000])
records = st.fixed_dictionaries(
    {
        "site": st.sampled_from([1, 1, 1, 2, 3]),
        "visitor": st.sampled_from([1, 1, 2, -3]),
        "kind": st.sampled_from([VIEW, VIEW, VIEW, EVENT, LEAVE, BOT, STEP, STEP, STEP]),
        "page": st.sampled_from(["/", "/a", "/b"]),
        "channel": st.sampled_from(["direct", INTERNAL, "search"]),
        "campaign": st.sampled_from(["", "", "Parken"]),
        "language": st.sampled_from(["de", "de", ""]),
        "seconds": seconds,
        "rkey": st.integers(0, 2**32 - 1),
        "keys": st.sampled_from([(), (), (("not_found", "/x"),), (("search", "hund"), ("not_found", "/x"))]),
    }
)
messages = st.builds(
    Message,
    form=st.sampled_from(["hund", "hund", "hund", "kita"]),
    step=st.sampled_from(["1", "2", "3", "2", ""]),
    done=st.sampled_from([False, False, True]),
    error=st.sampled_from(["", "", "invalid"]),
    field=st.sampled_from(["", "rasse"]),
    outcome=st.sampled_from(["", "", "", "", "submitted", "error_system", "ended_redirected", "other"]),
    auth=st.sampled_from(["", "", "none", "bundid_eid"]),
    payment=st.sampled_from(["", "paypal", "invoice"]),
    payment_status=st.sampled_from(["", "", "started", "failed"]),
    alone=st.sampled_from([False, False, True]),
    resumed=st.sampled_from([False, False, False, True]),
)
records = st.builds(lambda fields, message: {**fields, "message": message}, records, messages)
operations = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(0, 2), records, lateness),
        st.tuples(st.just("write"), st.integers(0, 2), records, lateness),
        st.tuples(st.just("leap"), st.sampled_from(LEAPS)),
        st.tuples(st.just("leap"), st.sampled_from([-1.0, -7200.0])),
        st.tuples(st.just("step")),
        st.tuples(st.just("restart")),
        st.tuples(st.just("rotate"), st.integers(0, 2)),
    ),
    max_size=60,
)


def record_of(fields, now, late):
    searched = fields["channel"] == "search"
    keys = fields["keys"] if fields["kind"] == VIEW else (("event", "Klick"), ("property", "Klick · a = 1"))
    bot = fields["kind"] == BOT
    message = fields.get("message") if fields["kind"] == STEP else None
    form_server = 100 if message is not None and message.alone else 0  # its pseudonyms are those of attempts
    return Record(
        time=int(now * 1000) - late,
        visitor=0 if bot or fields["site"] == COUNTS else fields["visitor"] + form_server,
        source="Google" if searched else "",
        referrer="www.google.de" if searched else "",
        device="mobile" if fields["visitor"] == 1 else "desktop",
        browser="Firefox",
        os="Android",
        country="FR" if fields["campaign"] else "DE",
        keys=(("bot", "Googlebot"),) if bot else keys if fields["kind"] in (VIEW, EVENT) else (),
        message=message,
        **{
            name: fields[name]
            for name in ("site", "kind", "page", "channel", "campaign", "language", "seconds", "rkey")
        },
    )


def belongs_to_service(record):
    if record.kind == BOT or record.site not in (1, COUNTS):
        return False
    return record.page == "/a" or (record.message is not None and record.message.form == "kita")


def is_in_gateway(record):
    return record.site in (1, COUNTS) and record.page == "/a"


def perform(harness, operation):
    match operation:
        case ("write", worker, fields, late):
            harness.write(worker, record_of(fields, harness.clock.now, late))
        case ("leap", seconds):
            harness.clock.now += seconds
        case ("step",):
            harness.step()
        case ("restart",):
            harness.restart()
        case ("rotate", worker):
            harness.writers[worker].close()


def test_at_the_same_time_the_order_of_the_files_decides_whatever_else_is_in_them(tmp_path):
    harness = Harness(tmp_path, STARTS[0])
    view = {"site": 1, "visitor": 1, "kind": VIEW, "page": "/", "channel": "direct", "campaign": "", "language": "de"}
    view |= {"seconds": 0, "rkey": 0, "keys": ()}
    for worker, page, late in ((0, "/", -7_200_000), (1, "/", 0), (0, "/", 0), (0, "/a", 0)):
        harness.write(worker, record_of({**view, "page": page}, harness.clock.now, late))
    harness.finish()
    expected = recount(harness.order, ZONES, harness.generations, is_in_gateway)
    assert differences(expected, stored_cells(harness.store.connection)) == []


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.sampled_from(STARTS), performed=operations)
def test_rollups_equal_the_recount(tmp_path_factory, start, performed):
    harness = Harness(tmp_path_factory.mktemp("counting"), start)
    for operation in performed:
        perform(harness, operation)
    harness.finish()
    assert sum(harness.taken.values()) == sum(map(len, harness.lines.values()))
    expected = recount(harness.order, ZONES, harness.generations, is_in_gateway)
    assert differences(expected, stored_cells(harness.store.connection)) == []
    of_service = recount_of_service(harness.order, ZONES, harness.generations, belongs_to_service)
    assert differences(of_service, stored_cells(harness.store.connection, "dienst")) == []
    assert journal_files(harness.config.journal) == []
    assert harness.store.open_days() == []


@pytest.mark.slow
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=st.lists(records, min_size=1, max_size=8), after=st.integers(0, 12))
def test_an_interrupted_step_counts_nothing_and_nothing_twice(tmp_path_factory, fields, after):
    harness = Harness(tmp_path_factory.mktemp("interrupted"), STARTS[0])
    for index, row in enumerate(fields):
        harness.write(index % 3, record_of(row, harness.clock.now, 0))
    harness.clock.now += 1
    before = stored_cells(harness.store.connection)
    harness.interrupted_step(after)
    assert stored_cells(harness.store.connection) == before
    harness.finish()
    expected = recount(harness.order, ZONES, harness.generations, is_in_gateway)
    assert differences(expected, stored_cells(harness.store.connection)) == []


def test_a_line_behind_the_watermark_is_counted_where_it_arrives(tmp_path):
    harness = Harness(tmp_path, STARTS[0])
    view = {"site": 1, "visitor": 1, "kind": VIEW, "page": "/", "channel": "direct", "campaign": "", "language": "de"}
    late = {**view, "page": "/late", "seconds": 0, "rkey": 1, "keys": ()}
    harness.write(0, record_of({**view, "seconds": 0, "rkey": 1, "keys": ()}, harness.clock.now, 0))
    harness.clock.now += 1
    harness.step()
    harness.write(1, record_of(late, harness.clock.now, 60_000))
    harness.step()
    assert [row.key for row in harness.store.rows(1, "exit", [2026])] == ["/late"]
    assert harness.store.totals(1, [2026]).visits == 1


def test_a_visitor_with_thousands_of_pages_is_a_machine(tmp_path):
    harness = Harness(tmp_path, STARTS[0])
    fields = {"site": 1, "visitor": 1, "kind": VIEW, "channel": "direct", "campaign": "", "language": "de",
              "seconds": 0, "rkey": 1, "keys": ()}  # fmt: skip
    for number in range(MOST_KEYS + 500):
        harness.write(0, record_of({**fields, "page": f"/seite-{number}"}, harness.clock.now, 0))
    harness.clock.now += 1
    harness.loader.drain()
    views, bots = harness.store.totals(1, [2026]).views, harness.store.rows(1, "bot", [2026])[0]
    assert views < MOST_KEYS
    assert (views + bots.events, bots.key) == (MOST_KEYS + 500, "other")


def test_the_facts_tell_the_same_visits_without_who(tmp_path):
    city = install(tmp_path)
    city.send(u="/a")
    city.clock.now += 60
    city.send(u="/b", d=30)
    city.send(k="event", n="Klick")
    city.clock.now += 3600
    city.send(u="/c")
    city.count()
    rows = city.store.connection.execute(
        "select entry.value, exit.value, views, bounces, seconds, events from visit"
        " join text entry on entry.id = entry join text exit on exit.id = exit order by visit.id"
    ).fetchall()
    assert rows == [("/a", "/b", 2, 0, 30, 1), ("/c", "/c", 1, 1, 0, 0)]
    hits = city.store.connection.execute("select visit, value from hit join text on text.id = key order by 1, sequence")
    assert hits.fetchall() == [(1, "/a"), (1, "/b"), (1, "Klick"), (2, "/c")]


def test_an_import_keeps_no_live_beacon_waiting(tmp_path):
    city = install(tmp_path)
    old = record_of(
        {"site": 1, "visitor": 1, "kind": VIEW, "page": "/alt", "channel": "direct", "campaign": "", "language": "de",
         "seconds": 0, "rkey": 1, "keys": ()},
        city.clock.now - 86_400 * 400, 0,
    )  # fmt: skip
    line = encode(old)
    (city.config.journal / f"{IMPORT}x.jsonl").write_bytes(line * (3 * BATCH_BYTES // len(line)))
    city.send(u="/neu")
    city.clock.now += 1
    assert city.loader.step().more
    assert city.keys("page")["/neu"] == 1
    assert city.catalogue.site(HOST).first_beacon is not None


def test_imported_counts_are_kept_as_long_from_the_import_on(tmp_path):
    city = install(tmp_path, rollup_months="2")
    site = city.catalogue.site(HOST).id
    fields = {"site": site, "visitor": 1, "kind": VIEW, "page": "/alt", "channel": "direct", "campaign": "",
              "language": "de", "seconds": 0, "rkey": 1, "keys": ()}  # fmt: skip
    old = structs.replace(record_of(fields, city.clock.now - 86_400 * 400, 0), once=7)
    (city.config.journal / f"{IMPORT}x.jsonl").write_bytes(encode(old))
    Imports(city.store.connection).begin(site, f"{IMPORT}x.jsonl", 20250413, 0, int(city.clock.now))
    city.count()
    assert city.catalogue.site(HOST).first_beacon is None
    purge(city.store, city.config, city.clock())
    assert [row.key for row in city.store.rows(site, "page", [2025])] == ["/alt"]
    purge(city.store, city.config, city.clock() + 100 * 86_400)
    assert city.store.rows(site, "page", [2025, 20250413]) == []
