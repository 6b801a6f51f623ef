"""Fill a database with a year of views through the fold that the loader uses: `python -m bench.fill DATA VIEWS PATHS`.

Every day is one batch, and is closed when it is over. The facts of the last 35 days are there, as they would be.
"""

import itertools
import random
import shutil
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from bench.beacons import HOST
from bench.records import SITE, Visits
from bench.table import say
from tracker.calendar import Calendar, day_number
from tracker.commands.setup import prepare
from tracker.config import Config
from tracker.fold import Fold
from tracker.store import Store, open_store
from tracker.store.batch import Batch
from tracker.store.catalogue import Catalogue
from tracker.visits import VisitorKey

FIRST, DAYS = date(2024, 12, 16), 365  # no whole calendar year: a range over all of it has to be put together
DAYS_OF_FACTS = 35
GOES_ON = 0.5  # two views a visit
ARS = "065340014014"


class Size(NamedTuple):
    """A database by the number of its views and of the site's pages."""

    name: str
    views: int
    paths: int


SMALL, LARGE = Size("1m", 1_000_000, 1_000), Size("10m", 10_000_000, 50_000)
QUICK = Size("30k", 30_000, 500)


def filled(build: Path, size: Size) -> Config:
    """The settings of a filled data directory, which is made if it is not there."""
    data = build / size.name
    if not data.exists():
        say(f"filling a database with {size.views:,} views of {size.paths:,} pages")
        fresh = data.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fill(fresh, size.views, size.paths)
        fresh.rename(data)
    config = Config(data=data.absolute())
    open_store(config.database).close()  # brings its schema up to date
    return config


def prepared(data: Path) -> Config:
    """A data directory with one site, www.marburg.de."""
    config = Config(data=data.absolute())
    prepare(config)
    store = open_store(config.database)
    catalogue = Catalogue(store.connection)
    catalogue.add_municipality("Marburg", ARS)
    catalogue.add_site(HOST, ARS)
    store.close()
    return config


def fill(data: Path, views: int, number_of_paths: int) -> None:
    """So many views of so many paths, spread over a year as a city's are: fewer at the weekend."""
    store = open_store(prepared(data).database)
    visits, calendar = Visits(number_of_paths, GOES_ON), Catalogue(store.connection).site(HOST).calendar
    source = random.Random(views)
    weights = [(0.5 if (FIRST + timedelta(n)).weekday() > 4 else 1) * source.uniform(0.8, 1.2) for n in range(DAYS)]
    shares = [round(views * part / sum(weights)) for part in itertools.accumulate(weights, initial=0)]
    numbers = itertools.count(1)
    for index, (done, then) in enumerate(itertools.pairwise(shares)):
        day = FIRST + timedelta(index)
        fold = _folded(visits, calendar, day, then - done, numbers)
        _write(store, fold, day_number(day), with_facts=index >= DAYS - DAYS_OF_FACTS)
        if index % 20 == 0 or index == DAYS - 1:
            say(f"  {then:,} of {views:,} views")
    store.checkpoint()
    store.close()


def _folded(visits: Visits, calendar: Calendar, day: date, views: int, numbers: "itertools.count[int]") -> Fold:
    begin = int(datetime(day.year, day.month, day.day, tzinfo=calendar.zone).timestamp() * 1000)
    fold = Fold({}, numbers)
    for records in visits.day(begin, views, leaves=False):
        fold.add_all(records, {SITE: calendar})
    fold.close()
    return fold


def _write(store: Store, fold: Fold, day: int, with_facts: bool) -> None:
    """One transaction. Visits that run past midnight are counted on both days; open visitors are not kept."""
    facts: list[tuple[VisitorKey, object]] = []
    if with_facts:
        facts = [(key, visitor.visit) for key, visitor in fold.visitors.items() if visitor.visit]
    store.begin()
    store.apply(
        Batch(
            deltas=fold.deltas,
            visitors={},
            visits=facts,  # type: ignore[arg-type]
            hits=fold.hits if with_facts else [],
            waiting={},
            positions={},
            open_days={},
            now=0,
        )
    )
    store.close_day(SITE, day)
    store.commit()


if __name__ == "__main__":
    fill(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
