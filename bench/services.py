"""How long the pages of services take: 100 services of one municipality over 24 months, through the application."""

import random
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from flask.testing import FlaskClient

from bench.beacons import HOST
from bench.dashboard import REPEATED, signed_in
from bench.table import Row, at_most, say
from tracker.calendar import day_number
from tracker.commands.setup import prepare
from tracker.config import Config, load_config
from tracker.rollups import BY_NAME, Delta, add
from tracker.services.service import Form, Service, Step
from tracker.store import open_store
from tracker.store.batch import Batch
from tracker.store.catalogue import Catalogue
from tracker.store.services import Services
from tracker.visits import Deltas

ARS = "065340014014"
STEPS = tuple(str(number) for number in range(1, 6))
DEVICES = ("mobile", "desktop", "tablet")
SOURCES = ("", "Google", "Bing", "hessen.de")
PAGES = (  # what, address, target in s
    ("all services, 365 days", f"/admin/services/overview?municipality={ARS}&period=custom&from={{0}}&to={{1}}", 0.3),
    ("report of a service, 365 days", f"/admin/services/{ARS}/dienst-1/report?period=custom&from={{0}}&to={{1}}", 0.2),
)


def rows(build: Path, quick: bool) -> Iterator[Row]:
    """The rows of this part; `build` is a directory for what is made on the way."""
    number, days = (5, 40) if quick else (100, 730)
    client = signed_in(_filled(build / f"services-{number}", number, days))
    last = date.today()
    for what, address, target in PAGES:
        say(f"services: {what}")
        taken = seconds(client, address.format(last - timedelta(364), last))
        yield at_most(f"services: {what}, {number} services", statistics.median(taken), target, "s", digits=3)


def _filled(path: Path, number: int, days: int) -> Config:
    config = load_config(path, {})
    if (path / "filled").exists():
        return config
    prepare(config)
    store = open_store(config.database)
    catalogue = Catalogue(store.connection)
    town = catalogue.add_municipality("Marburg", ARS)
    site = catalogue.add_site(HOST, ARS).id
    slugs = [f"dienst-{index}" for index in range(number)]
    Services(store.connection).apply(town.id, [service_of(slug) for slug in slugs])
    chance = random.Random(7)
    for back in range(days):
        if back % 100 == 0:
            say(f"services: filling day {back} of {days}")
        day = day_number(date.today() - timedelta(back))
        store.begin()
        store.apply(Batch({(site, day): _day(chance, slugs)}, {}, [], [], {}, {}, {}, 0))
        store.commit()
    store.close()
    (path / "filled").touch()
    return config


def service_of(slug: str) -> Service:
    form = Form(slug, slug, end_page=True, steps=tuple(Step(name, f"Schritt {name}") for name in STEPS))
    return Service(slug, slug.title(), paths=(f"{HOST}/{slug}/**",), forms=(form,), cost_per_month_cents=50_000)


def _day(chance: random.Random, slugs: list[str]) -> Deltas:
    deltas: Deltas = defaultdict(dict)
    for slug in slugs:
        started = chance.randint(5, 60)
        _scope(deltas[slug], chance, started)
        _attempts(deltas[""], chance, slug, started)
    return deltas


def _scope(delta: Delta, chance: random.Random, visits: int) -> None:
    for dim, keys in (("total", ("",)), ("device", DEVICES), ("source", SOURCES), ("channel", ("search", "direct"))):
        for key in keys:
            share = visits // len(keys) + 1
            add(delta, BY_NAME[dim].number, key, (share, share, 2 * share, share // 3, 40 * share, 0, 1))
    for hour in chance.sample(range(24), 8):
        add(delta, BY_NAME["hour"].number, f"{hour:02d}", (1, 1, 2, 0, 0, 0, 1))


def _attempts(delta: Delta, chance: random.Random, form: str, started: int) -> None:
    def count(dim: str, key: str, number: int) -> None:
        add(delta, BY_NAME[dim].number, key, (0, number, 0, 0, 30 * number, number, 1))

    count("form", form, started)
    left = started
    for step in STEPS:
        count("step", f"{form}/{step}", left)
        count("step_device", f"{form}/{step}/{chance.choice(DEVICES)}", left)
        count("step_time", f"{form}/{step}/{chance.randint(2, 9):02d}", left)
        lost = chance.randint(0, left // 4)
        count("abandoned", f"{form}/{step}", lost)
        count("abandoned_device", f"{form}/{step}/{chance.choice(DEVICES)}", lost)
        left -= lost
        count("step_done", f"{form}/{step}", left)
    count("outcome", f"{form}/submitted", left)
    count("outcome", f"{form}/abandoned", started - left)
    for dim, code in (("auth", "bundid_eid"), ("payment", "paypal"), ("payment_status", "failed")):
        count(dim, f"{form}/{code}", left // 2)


def seconds(client: FlaskClient, address: str) -> list[float]:
    """What some requests took, without the first."""
    taken = []
    for _ in range(REPEATED + 1):
        begun = time.perf_counter()
        answer = client.get(address)
        taken.append(time.perf_counter() - begun)
        if answer.status_code != 200:
            raise SystemExit(f"{address} answered {answer.status}.")
    return taken[1:]
