"""Acknowledged beacons per second over real HTTP, beside a bare callable and the same work as a Flask view."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bench.beacons import HOST
from bench.fill import prepared
from bench.servers import cpu_seconds, serving
from bench.table import Row, at_least, equal, say
from tracker.config import Config
from tracker.loader import Loader, loader_lock
from tracker.store import open_store
from tracker.store.catalogue import Catalogue

TARGETS = {"gunicorn": 10_000, "granian": 25_000}
CONNECTIONS = 256  # fewer are shared out unevenly: a worker accepts what it sees first
COLLECTOR, BESIDE, HELLO, FLASK = "collector", "collector and loader", "bare callable", "Flask view"
APPLICATIONS = {
    HELLO: "bench.hello:app",
    COLLECTOR: "wsgi:app",
    FLASK: "bench.flask_view:app",
    BESIDE: "wsgi:app",
}


@dataclass
class Measured:
    """What was measured of one application: a figure per round."""

    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)  # µs of the server per beacon

    @property
    def rate(self) -> float:
        """Beacons per second in the middle round."""
        return statistics.median(self.rates)

    @property
    def cost(self) -> float:
        """µs of CPU per beacon in the cheapest round; says more than the rate where others use the machine, too."""
        return min(self.cpu)


@dataclass
class Recount:
    """Beacons acknowledged, and those that the loader then counted."""

    acknowledged: Counter[str] = field(default_factory=Counter)
    counted: Counter[str] = field(default_factory=Counter)


def rows(build: Path, quick: bool) -> Iterator[Row]:
    """The rows of this part; `build` is a directory for what is made on the way."""
    rounds, seconds = (1, 1.0) if quick else (3, 5.0)
    recount = Recount()
    for server, target in TARGETS.items():
        measured = {name: Measured() for name in APPLICATIONS}
        for index in range(rounds):
            for name in APPLICATIONS:
                say(f"collector: {server}, {name}, round {index + 1} of {rounds}")
                _measure(build / "collector", server, name, seconds, measured[name], recount)
        yield from _compared(server, target, measured)
    for kind in ("view", "event"):
        yield equal(f"{kind}s acknowledged = counted", recount.counted[kind], recount.acknowledged[kind])


def _compared(server: str, target: int, measured: dict[str, Measured]) -> Iterator[Row]:
    own, bare, flask, beside = (measured[name] for name in (COLLECTOR, HELLO, FLASK, BESIDE))
    yield at_least(f"{server}: beacons acknowledged", own.rate, target, "/s")
    yield at_least(f"{server}: against a bare callable ({bare.rate:,.0f}/s)", own.rate / bare.rate, 0.5, digits=2)
    yield Row(f"{server}: against a Flask view ({flask.rate:,.0f}/s)", f"{own.rate / flask.rate:.2f}")
    yield Row(f"{server}: with the loader beside it", f"{beside.rate:,.0f} /s", "", f"{beside.rate / own.rate:.2f}")
    costs = f"{bare.cost:.0f} of a bare callable, {flask.cost:.0f} of a Flask view"
    yield Row(f"{server}: CPU of the server per beacon", f"{own.cost:.0f} µs", "", costs)


def _measure(data: Path, server: str, name: str, seconds: float, measured: Measured, recount: Recount) -> None:
    """One application under load on a fresh data directory; what the collector acknowledged is counted afterwards."""
    shutil.rmtree(data, ignore_errors=True)
    config = prepared(data)
    lock = None if name == BESIDE else loader_lock(config.data)  # nobody else can begin to load
    with serving(server, APPLICATIONS[name], config.data) as (port, process):
        before = cpu_seconds(process)
        found = _load(port, seconds)
        spent = cpu_seconds(process) - before
    if "refused" in found:
        raise SystemExit(f"{server}, {name}: {found['refused']} beacons were refused.")
    kept = found["view"] + found["event"] + found["leave"]
    measured.rates.append(kept / found["seconds"])
    measured.cpu.append(spent / kept * 1e6)
    if lock is not None:
        os.close(lock)
    if name in (COLLECTOR, BESIDE):
        recount.acknowledged.update({kind: int(found[kind]) for kind in ("view", "event")})
        recount.counted.update(_counted(data))
    shutil.rmtree(data)


def _load(port: int, seconds: float) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.load", str(port), str(CONNECTIONS), str(seconds)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _counted(data: Path) -> dict[str, int]:
    """Load what is left in the journal as soon as no other loader does, and read the totals."""
    config = Config(data=data.absolute())
    while (lock := loader_lock(config.data)) is None:
        time.sleep(0.1)
    store = open_store(config.database)
    Loader(store, config).drain()
    site = Catalogue(store.connection).site(HOST)
    totals = store.totals(site.id, [datetime.now(site.calendar.zone).year])
    store.close()
    os.close(lock)
    return {"view": totals.views, "event": totals.events}
