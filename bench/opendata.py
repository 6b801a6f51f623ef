"""How long publication takes: ten years of 100 services on two sites at once, then one day, then a day with its month.

Each publication is a process of its own; the last one is the command as the operator gives it. Only the counts that are
published are in the database.
"""

import os
import random
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from bench.services import STEPS, service_of
from bench.table import Row, at_most, say
from tracker.calendar import calendar_of, day_number
from tracker.codes import CODES
from tracker.commands.setup import prepare
from tracker.config import Config, load_config
from tracker.rollups import BY_NAME, Delta, add
from tracker.source import CHANNELS
from tracker.store import Store, open_store
from tracker.store.batch import Batch
from tracker.store.catalogue import Catalogue
from tracker.store.schema import transaction
from tracker.store.services import Services
from tracker.visits import Deltas

ARS = "065340014014"
HOSTS = ("www.marburg.de", "service.marburg.de")
ALL_TARGET, DAY_TARGET = 120, 2  # s
RATINGS = 12  # of a service in a month
VALUES = {
    "device": ("desktop", "mobile", "tablet", "other"),
    "country": ("DE", "FR", "PL", "US", "TR", ""),
    "language": ("de", "en", "tr", "uk", "ja", ""),
    "channel": CHANNELS,
}
_DAY = timedelta(days=1)


class Spent(NamedTuple):
    """What a process took: seconds by the clock and of CPU, and its memory in MB."""

    wall: float
    cpu: float
    memory: float


def rows(build: Path, quick: bool) -> Iterator[Row]:
    """The rows of this part; `build` is a directory for what is made on the way."""
    number, days = (5, 70) if quick else (100, 3652)
    config = _filled(build / f"opendata-{number}", number, days)
    shutil.rmtree(config.opendata, ignore_errors=True)
    last = date.today() - _DAY  # the last day that the command publishes
    month_end = last.replace(day=1) - _DAY
    what = f"opendata: {days / 365.25:.0f} years" if days > 365 else f"opendata: {days} days"

    say(f"{what} of {number} services")
    spent = _measured(_publish(config, month_end - _DAY))
    yield at_most(f"{what} of {number} services", spent.wall, ALL_TARGET, "s", digits=1)
    yield Row("opendata: CPU for these", f"{spent.cpu:.1f} s", "", f"{spent.memory:,.0f} MB of memory")
    files = [path.stat().st_size for path in config.opendata.rglob("*") if path.is_file()]
    yield Row("opendata: files of these", f"{len(files):,}", "", f"{sum(files) / 1e6:,.0f} MB")

    spent = _measured(_publish(config, month_end))
    yield at_most("opendata: the last day of a month, with the month", spent.wall, DAY_TARGET, "s", digits=2)
    yield Row("opendata: CPU for that", f"{spent.cpu:.2f} s", "", f"{spent.memory:,.0f} MB of memory")
    _measured(_publish(config, last - _DAY))
    spent = _measured([str(Path(sys.executable).with_name("zaehlwerk")), "publish", "--data", str(config.data)])
    yield at_most("opendata: one more day, `zaehlwerk publish`", spent.wall, DAY_TARGET, "s", digits=2)
    yield Row("opendata: CPU for that", f"{spent.cpu:.2f} s", "", f"{spent.memory:,.0f} MB of memory")


def _publish(config: Config, last: date) -> list[str]:
    """The command that publishes everything up to a day."""
    zone = calendar_of("Europe/Berlin").zone
    noon = datetime(last.year, last.month, last.day, 12, tzinfo=zone) + _DAY
    return [sys.executable, "-m", "bench.publishing", str(config.data), ARS, str(noon.timestamp())]


def _measured(command: list[str]) -> Spent:
    """Run a command; SystemExit unless it succeeds."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    taken = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed.")
    return Spent(taken, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _filled(path: Path, number: int, days: int) -> Config:
    config = load_config(path, {})
    if (path / "filled").exists():
        open_store(config.database).close()  # brings its schema up to date
        return config
    shutil.rmtree(path, ignore_errors=True)
    prepare(config)
    store = open_store(config.database)
    catalogue = Catalogue(store.connection)
    town = catalogue.add_municipality("Marburg", ARS)
    sites = [catalogue.add_site(host, ARS).id for host in HOSTS]
    slugs = [f"dienst-{index}" for index in range(number)]
    Services(store.connection).apply(town.id, [service_of(slug) for slug in slugs])
    all_days = [date.today() - timedelta(back) for back in range(days, 0, -1)]
    _count(store, sites, slugs, all_days)
    _rate(store, town.id, sites[0], slugs, all_days)
    store.close()
    (path / "filled").touch()
    return config


def _count(store: Store, sites: list[int], slugs: list[str], days: list[date]) -> None:
    """Counts of every day, a month in one transaction; every second service is on the second site."""
    chance = random.Random(7)
    by_month: dict[str, list[date]] = defaultdict(list)
    for day in days:
        by_month[f"{day:%Y-%m}"].append(day)
    for month, of_month in by_month.items():
        if month.endswith("-01"):
            say(f"opendata: filling {month[:4]}")
        deltas = {
            (site, day_number(day)): _day(chance, slugs[place :: len(sites)])
            for day in of_month
            for place, site in enumerate(sites)
        }
        store.begin()
        store.apply(Batch(deltas, {}, [], [], {}, {}, {}, 0))
        store.commit()


def _day(chance: random.Random, slugs: list[str]) -> Deltas:
    """The counts of a site on a day: its visits, and those of its services with their attempts."""
    deltas: Deltas = defaultdict(dict)
    for dim, keys in {"total": ("",), **VALUES}.items():
        for key in keys:
            visits = chance.randint(1, 900)
            _add(deltas[""], chance, dim, key, (visits, visits, 3 * visits, 0, 0, 0))
    for slug in slugs:
        started = chance.randint(0, 60)
        _add(deltas[slug], chance, "total", "", (started, started, 2 * started, 0, 0, 0))
        _attempts(deltas[""], chance, slug, started)
    return deltas


def _attempts(delta: Delta, chance: random.Random, form: str, started: int) -> None:
    def count(dim: str, key: str, number: int) -> None:
        _add(delta, chance, dim, f"{form}/{key}" if key else form, (0, number, 0, 0, 0, number))

    count("form", "", started)
    left = started
    for step in STEPS:
        count("step", step, left)
        lost = chance.randint(0, left // 4)
        count("abandoned", step, lost)
        left -= lost
    count("outcome", "submitted", left)
    count("outcome", "abandoned", started - left)
    for dim in ("auth", "assurance", "payment"):
        count(dim, chance.choice(tuple(CODES[dim])), left)


def _add(delta: Delta, chance: random.Random, dim: str, key: str, counts: tuple[int, ...]) -> None:
    if any(counts):
        add(delta, BY_NAME[dim].number, key, (*counts, chance.getrandbits(32)))


def _rate(store: Store, town: int, site: int, slugs: list[str], days: list[date]) -> None:
    """Ratings of every service, spread over the days."""
    chance = random.Random(8)
    ratings = (
        (town, site, chance.choice(slugs), day_number(chance.choice(days)), chance.randint(1, 5))
        for _ in range(RATINGS * len(slugs) * len(days) // 30)
    )
    with transaction(store.connection):
        store.connection.executemany(
            """
            insert into feedback (municipality_id, site, service, day, category, rating, text, receipt, rkey)
            values (?, ?, ?, ?, 'procedure', ?, '', ?, ?)
            """,
            ((*row, chance.randbytes(16), chance.getrandbits(32)) for row in ratings),
        )
