"""Counts of many days at once, written as the loader writes them: for tests that publish long histories."""

import random
from collections import defaultdict
from datetime import date, timedelta

from tests.installation import HOST, Installation
from tracker.calendar import day_number
from tracker.rollups import BY_NAME, add
from tracker.store.batch import Batch
from tracker.visits import Deltas

CELLS = {  # dimension → keys, in the scope of the site
    "total": ("",),
    "form": ("hund",),
    "outcome": ("hund/submitted", "hund/abandoned"),
    "step": ("hund/halter", "hund/hund"),
    "auth": ("hund/bundid_eid", "hund/none"),
    "device": ("desktop", "mobile"),
    "country": ("DE", "FR", ""),
    "language": ("de", "uk"),
    "channel": ("direct", "search"),
}


def fill(city: Installation, first: date, last: date, host: str = HOST, seed: int = 1) -> None:
    """Count something on every day of a site from `first` to `last`, of the service `hundesteuer` too."""
    chance, site = random.Random(seed), city.catalogue.site(host).id
    days = [first + timedelta(number) for number in range((last - first).days + 1)]
    city.store.begin()
    city.store.apply(Batch({(site, day_number(day)): _day(chance) for day in days}, {}, [], [], {}, {}, {}, 0))
    city.store.commit()


def _day(chance: random.Random) -> Deltas:
    deltas: Deltas = defaultdict(dict)
    for scope, cells in (("", CELLS), ("hundesteuer", {"total": ("",)})):
        for dim, keys in cells.items():
            for key in keys:
                number = chance.randint(1, 40)
                counts = (number, number, 2 * number, 0, 0, number, chance.getrandbits(32))
                add(deltas[scope], BY_NAME[dim].number, key, counts)
    return deltas
