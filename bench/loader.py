"""Beacons per second that the loader counts, and how much memory it takes beside 10 million views."""

import json
import random
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from bench.fill import DAYS, FIRST, LARGE, QUICK, filled, prepared
from bench.records import Visits
from bench.table import Row, at_least, at_most, equal, say
from tracker.config import Config
from tracker.journal import SUFFIX
from tracker.record import VIEW, Record, encode
from tracker.store import open_store
from tracker.store.catalogue import Catalogue

GOES_ON = 1 / 3  # one and a half views a visit: with the messages of leaving, three beacons
BEACONS_PER_VIEW = 2.05
DAY = FIRST + timedelta(DAYS)  # the first day after those of the filled databases


def rows(build: Path, quick: bool) -> Iterator[Row]:
    """The rows of this part; `build` is a directory for what is made on the way."""
    beacons, rounds = (20_000, 1) if quick else (300_000, 3)
    data = build / "loader"
    found = []
    for index in range(rounds):
        say(f"loader: a day of {beacons:,} beacons, round {index + 1} of {rounds}")
        shutil.rmtree(data, ignore_errors=True)
        config = prepared(data)
        written, views = _write_journal(config, beacons, 1000)
        found.append(_drain(config))
    yield at_least(
        "loader: beacons counted", statistics.median(row["counted"] / row["seconds"] for row in found), 40_000, "/s"
    )
    yield Row("loader: CPU per beacon", f"{min(row['cpu'] / row['counted'] for row in found) * 1e6:.1f} µs")
    yield equal("beacons in the journal = counted", int(found[-1]["counted"]), written)
    yield equal("views in the journal = in the database", _views(config), views)
    shutil.rmtree(data)
    yield _memory(build, beacons, quick)


def _memory(build: Path, beacons: int, quick: bool) -> Row:
    """One more day on top of 10 million views, all of its beacons waiting in the journal."""
    size = QUICK if quick else LARGE
    source, data = filled(build, size), build / "memory"
    say(f"loader: its memory, with a day of {beacons:,} beacons on top of {size.views:,} views")
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(source.data, data)
    config = Config(data=data.absolute())
    _write_journal(config, beacons, size.paths)
    peak = _drain(config)["memory"]
    shutil.rmtree(data)
    return at_most(f"loader: memory at {size.views:,} views", peak, 300, "MB")


def _write_journal(config: Config, beacons: int, paths: int) -> tuple[int, int]:
    """Two workers' files of one day; how many lines, and how many views among them."""
    begin = int(_instant(config) * 1000)
    visits = Visits(paths, GOES_ON, seed=2).day(begin, int(beacons / BEACONS_PER_VIEW), leaves=True)
    records: list[Record] = sorted((record for visit in visits for record in visit), key=lambda record: record.time)
    source = random.Random(3)
    files = [(config.journal / f"beacons-1-{worker}-bench{SUFFIX}").open("wb") for worker in (1, 2)]
    for record in records:
        source.choice(files).write(encode(record))
    for file in files:
        file.close()
    return len(records), sum(record.kind == VIEW for record in records)


def _instant(config: Config, days: int = 0) -> float:
    """When DAY begins, or so many days later, in seconds since 1970."""
    store = open_store(config.database)
    zone = Catalogue(store.connection).sites()[0].calendar.zone
    store.close()
    day = DAY + timedelta(days)
    return datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()


def _drain(config: Config) -> dict[str, float]:
    """Count the journal, as at an hour after the day's end."""
    now = int(_instant(config, days=1) + 3600) * 1000
    command = [sys.executable, "-m", "bench.drain", str(config.data), str(now)]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return found


def _views(config: Config) -> int:
    store = open_store(config.database)
    site = Catalogue(store.connection).sites()[0]
    totals = store.totals(site.id, sorted({DAY.year, (DAY + timedelta(1)).year}))
    store.close()
    return totals.views
