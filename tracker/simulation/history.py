"""Puts a stretch of simulated time into a data directory the way real beacons go: journal, then loader."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from tracker.calendar import Calendar, day_date
from tracker.config import Config
from tracker.journal import JournalWriter
from tracker.loader import Loader
from tracker.record import encode
from tracker.simulation.simulate import day_begins, simulate
from tracker.store import Store
from tracker.store.catalogue import Site

PIECE = timedelta(days=31)  # counted at once; then its days are closed, so that few are open at the same time


def write_history(
    store: Store, config: Config, site: Site, since: int, until: int, progress: Callable[[int], None] = lambda _: None
) -> None:
    """Simulate and count from the instant `since` to before `until`, in ms; hold the loader's lock meanwhile.

    `progress` gets the ms of each piece that is done. Facts are kept only of the days that still have them.
    """
    facts_from = day_begins(site.calendar, _day(site.calendar, until) - timedelta(days=max(config.facts_days - 1, 0)))
    for begins, ends in pairwise(_cuts(site.calendar, since, until, facts_from)):
        journal = JournalWriter(config.journal, name="simulated")
        for record in simulate(site.id, site.calendar, begins, ends):
            journal.append(encode(record))
        journal.close()
        _count(store, config if begins >= facts_from else replace(config, facts_days=0), ends)
        progress(ends - begins)


def _count(store: Store, config: Config, now: int) -> None:
    """Count what is in the journal, as of a second after the instant `now`."""
    Loader(store, config, lambda: now / 1000 + 1).drain()


def _cuts(calendar: Calendar, since: int, until: int, facts_from: int) -> list[int]:
    """The instants between the pieces: local midnights, at least where the facts and where today begin."""
    today = _day(calendar, until)
    cuts = {since, until, facts_from, day_begins(calendar, today)}
    day = _day(calendar, since) + PIECE
    while day < today:
        cuts.add(day_begins(calendar, day))
        day += PIECE
    return sorted(cut for cut in cuts if since <= cut <= until)


def _day(calendar: Calendar, instant: int) -> date:
    return day_date(calendar.moment(instant).day)
