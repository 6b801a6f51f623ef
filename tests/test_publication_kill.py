"""Whatever ends a publication, and whenever: complete releases are there under their names, and none ever changes."""

import hashlib
import json
import multiprocessing
import os
import random
import re
import resource
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import pytest

from admin.opendata.manifest import all_of, ledger_of
from admin.opendata.protection import Ledger
from tests.filled import fill
from tests.installation import MARBURG
from tests.published import choose, counting, noon, publisher
from tests.test_full_disk import ROOT, can_mount

DAYS = 64  # two whole months at least, whenever the test runs
YESTERDAY = date.today() - timedelta(1)
KILLS = {"cell-key": 32, "differential-privacy": 12}  # and six of real commands
COMMANDS = {
    "button": [sys.executable, "-m", "admin.opendata", "{data}", MARBURG],
    "command": [str(Path(sys.executable).with_name("zaehlwerk")), "publish", "--data", "{data}"],
}
SPAWN = multiprocessing.get_context("forkserver")
SPAWN.set_forkserver_preload(["admin.cli", "admin.opendata.publisher", "opendp.prelude"])


@pytest.fixture
def city(tmp_path):
    """An installation that has counted for 64 days and published nothing."""
    city = counting(tmp_path)
    fill(city, YESTERDAY - timedelta(DAYS - 1), YESTERDAY)
    return city


@pytest.fixture
def may(tmp_path):
    """An installation that has counted from 2026-05-18 on and published nothing."""
    city = counting(tmp_path)
    fill(city, date(2026, 5, 18), date(2026, 5, 22))
    return city


def publish(data, *options, largest=None):
    """`zaehlwerk publish` in a process that need not load the program first; no file grows over `largest` bytes."""
    from admin.cli import main

    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    os.dup2(2, 1)
    if largest is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    main(["publish", "--data", str(data), *options])


def started(city, *options, largest=None):
    process = SPAWN.Process(target=publish, args=(city.config.data, *options), kwargs={"largest": largest})
    process.start()
    return process


def publish_to_the_end(city):
    process = started(city)
    process.join()
    assert process.exitcode == 0


class Reader(threading.Thread):
    """Looks at what is published as any reader may, again and again, and remembers every checksum it saw."""

    def __init__(self, city):
        super().__init__()
        self.root = city.config.opendata / MARBURG
        self.seen = {}
        self.looks, self.faults = 0, []
        self.stopped = threading.Event()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.join()

    def run(self):
        while not self.stopped.wait(0.01):
            try:
                self.look()
            except (AssertionError, OSError, ValueError) as fault:
                self.faults.append(repr(fault))
                return

    def look(self):
        """What the index names is complete, and so is everything that has a final name."""
        for path in self.named():
            self.check(path)
        for path in self.releases():
            self.check(path)
        self.looks += 1

    def named(self):
        """The releases that index and page name."""
        index, page = self.root / "index.json", self.root / "index.html"
        text = page.read_text("utf-8") if page.exists() else ""
        named = re.findall(r'href="(\d{4}-[\d-]+/\d+)/index.html"', text)
        rows = json.loads(index.read_bytes())["releases"] if index.exists() else []
        return named + [row["path"].rstrip("/") for row in rows]

    def releases(self):
        """The releases on disk, by their final names."""
        periods = sorted(path for path in self.root.glob("[0-9]*-*") if path.is_dir())
        return [f"{period.name}/{path.name}" for period in periods for path in period.glob("[0-9]*")]

    def check(self, name, again=False):
        """A release has every file that its checksums list, and nothing else."""
        if name in self.seen and not again:
            return
        found = sums_of(self.root / name)
        text = (self.root / name / "SHA256SUMS").read_text("utf-8")
        listed = dict(reversed(line.split("  ")) for line in text.splitlines())
        assert listed == {name: digest for name, digest in found.items() if name != "SHA256SUMS"}, name
        release = json.loads((self.root / name / "release.json").read_bytes())
        assert f"{release['period']}/{release['revision']}" == name
        assert {file["name"]: file["sha256"] for table in release["tables"] for file in table["files"]}.items() <= (
            found.items()
        )
        assert self.seen.setdefault(name, found) == found, f"{name} changed"

    def check_all(self):
        """Nothing that was ever seen has changed or gone; no hidden directory has a name that looks final."""
        assert self.faults == []
        assert self.seen.keys() <= set(self.releases())
        for name in self.releases():
            self.check(name, again=True)


def sums_of(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def check_end(city, reader):
    """After a publication that was left in peace: all is there and named, and nothing is left of the others."""
    reader.check_all()
    assert sorted(set(reader.named())) == sorted(reader.releases())
    days = {(YESTERDAY - timedelta(number)).isoformat() for number in range(DAYS)}
    assert days <= {name.split("/")[0] for name in reader.releases()}
    hidden = {path.name for path in city.config.opendata.rglob(".*") if ".status" not in path.name}
    assert hidden <= {".lock", ".catalog"}


def check_budget(city, reader):
    """What was published was paid for once, and no day paid more than its limit (`ledger_of` refuses both)."""
    releases = all_of(reader.root)
    ledger = ledger_of(releases)
    drawn = Counter((entry.period, entry.table, entry.revision) for entry in ledger.entries)
    assert set(drawn.values()) <= {1}
    assert all(ledger.spent(release.period) <= Ledger().limit for release in releases)
    budget = reader.root / "budget.json"
    told = json.loads(budget.read_bytes())["spent"] if budget.exists() else []
    assert {(row["period"], row["table"], row["revision"]) for row in told} <= drawn.keys()
    return drawn.keys() == {(row["period"], row["table"], row["revision"]) for row in told}


def next_options(reader, chance):
    """Publish while something is due; afterwards correct any period, which is short."""
    published = {name.split("/")[0] for name in reader.releases()}
    if len([period for period in published if len(period) == len("2026-01-31")]) < DAYS:
        return ()
    return ("--day", chance.choice(sorted(published)), "--reason", "Nachgezählt.")


@pytest.mark.slow
@pytest.mark.parametrize("method", KILLS)
def test_kill_9_at_any_moment_leaves_complete_releases(city, method):
    choose(city, method=method)
    chance = random.Random(method)
    killed = 0
    with Reader(city) as reader:
        while killed < KILLS[method]:
            process = started(city, *next_options(reader, chance))
            process.join(chance.uniform(0.01, 0.4))
            killed += process.is_alive()
            process.kill()
            process.join()
            reader.check_all()
            check_budget(city, reader)
        publish_to_the_end(city)
        assert reader.looks > killed
    check_end(city, reader)
    assert check_budget(city, reader)


@pytest.mark.slow
@pytest.mark.parametrize("kind", COMMANDS)
def test_a_killed_command_goes_on_where_it_was(city, kind):
    chance = random.Random(kind)
    command = [part.format(data=city.config.data) for part in COMMANDS[kind]]
    with Reader(city) as reader:
        for _ in range(3):
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            before, end = len(reader.releases()), time.monotonic() + 60
            while len(reader.releases()) == before and process.poll() is None and time.monotonic() < end:
                time.sleep(0.005)
            with suppress(subprocess.TimeoutExpired):
                process.wait(chance.uniform(0, 0.2))
            process.kill()
            process.wait()
            reader.check_all()
        publish_to_the_end(city)
    check_end(city, reader)


@pytest.mark.slow
def test_files_that_cannot_grow_leave_complete_releases(city):
    chance = random.Random(5)
    with Reader(city) as reader:
        for _ in range(10):
            process = started(city, *next_options(reader, chance), largest=int(2 ** chance.uniform(7, 19)))
            process.join()
            reader.check_all()
        publish_to_the_end(city)
    check_end(city, reader)


@pytest.mark.slow
def test_a_full_disk_at_any_moment_leaves_complete_releases(tmp_path):
    if not can_mount():
        if os.environ.get("CI"):
            pytest.fail("CI must allow mount namespaces")
        pytest.skip("needs a mount namespace (unshare -rm)")
    command = ["unshare", "-rm", sys.executable, "-m", "tests.full_disk_publication", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "published at last" in done.stdout


def test_an_index_that_a_killed_publication_did_not_write_is_written_by_the_next(may):
    choose(may, method="differential-privacy")
    noon(may, "2026-05-20")
    publisher(may).publish()
    root = may.config.opendata / MARBURG
    before = {name: (root / name).read_bytes() for name in ("index.json", "budget.json")}
    noon(may, "2026-05-22")
    publisher(may).publish()
    after = {name: (root / name).read_bytes() for name in before}
    for name, content in before.items():
        (root / name).write_bytes(content)
    (root / ".index.json.12345").write_bytes(b"half")
    (root / ".2026-05-22.1.0123abcd").mkdir()
    assert publisher(may).publish() == []
    assert {name: (root / name).read_bytes() for name in before} == after
    assert [path.name for path in root.glob(".*.*")] == []


def test_a_publication_knows_what_another_has_published_since_it_was_prepared(may):
    noon(may, "2026-05-20")
    early = publisher(may)
    assert publisher(may).publish()
    assert early.publish() == []
