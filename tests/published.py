"""An installation that has been counting for some days, and what it published."""

import csv
import hashlib
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from admin.opendata.publisher import Publisher
from tests.installation import HOST, MARBURG, Installation, install
from tracker.calendar import calendar_of
from tracker.services.service import Form, Service, Step
from tracker.store.opendata import Opendata, OpendataSetting
from tracker.store.services import Services

DAY = 86_400
SERVICE = Service(
    "hundesteuer",
    "Hundesteuer",
    leika="99102013000000",
    paths=(f"{HOST}/hund/**",),
    forms=(Form("hund", "Anmeldung", steps=(Step("halter", "Halter"), Step("hund", "Hund"))),),
)


def counting(path: Path, **settings: str) -> Installation:
    """An installation with one service, whose clock stands at noon of 2026-05-18."""
    city = install(path, **settings)
    town = city.catalogue.municipality(MARBURG)
    Services(city.store.connection).add(town.id, SERVICE)
    return city


def people(city: Installation, number: int, page: str = "/hund/start") -> None:
    """So many visitors look at a page once."""
    for person in range(number):
        city.send(u=f"https://{HOST}{page}", address=f"10.0.{person // 250}.{person % 250 + 1}")


def next_day(city: Installation, days: int = 1) -> None:
    """Count what is there, and let so many nights pass; afterwards it is noon, and the days before are closed."""
    city.count()
    for _ in range(days):
        city.clock.now += DAY
        city.loader.step()
        city.clock.now += 2
        city.loader.step()


def publisher(city: Installation) -> Publisher:
    """The publication of Marburg, at the present moment of the clock."""
    return Publisher(city.store, city.config, city.catalogue.municipality(MARBURG), city.clock())


def choose(city: Installation, **changed: Any) -> None:
    """Change how Marburg publishes."""
    opendata = Opendata(city.store.connection)
    number = city.catalogue.municipality(MARBURG).id
    opendata.save(number, replace(opendata.setting(number) or OpendataSetting(), **changed))


def rows(city: Installation, period: str, table: str, revision: int = 1) -> list[dict[str, str]]:
    """The rows of a published table as its CSV file has them."""
    path = city.config.opendata / MARBURG / period / str(revision) / f"{table}.csv"
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


def document(city: Installation, name: str) -> Any:
    """A published JSON file."""
    return json.loads((city.config.opendata / MARBURG / name).read_bytes())


def checksums(city: Installation) -> dict[str, str]:
    """File → checksum of everything that is published in releases."""
    root = city.config.opendata / MARBURG
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.glob("*/*/*"))
        if path.is_file()
    }


def noon(city: Installation, day: str) -> None:
    """Count what is there, and let it be noon of a local day such as 2026-05-31; the days before are closed."""
    city.count()
    zone = calendar_of("Europe/Berlin").zone
    city.clock.now = datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=zone).timestamp()
    city.loader.step()
    city.clock.now += 2
    city.loader.step()
