"""A simulated city: records as the collector would have written them, in the order of time.

Each day draws from a chance of its own, so that any stretch of time comes out the same whether it is made in one piece
or in several.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from operator import attrgetter

from tracker.calendar import Calendar, day_date, day_number
from tracker.record import Record
from tracker.simulation.chance import poisson, seeded
from tracker.simulation.day import SimulatedDay
from tracker.simulation.formserver import form_server
from tracker.simulation.rhythm import expected_visits, hours

HOUR = 3_600_000  # ms
VISITS = 100  # on an ordinary day
BOTS = 0.35  # requests of bots for each visit


def simulate(site: int, calendar: Calendar, since: int, until: int, seed: str = "Marburg") -> Iterator[Record]:
    """The records of a site from the instant `since` to before `until`, in ms."""
    day = day_date(calendar.moment(since).day)
    while (begins := day_begins(calendar, day)) < until:
        for record in _day(site, calendar, day, begins, seed):
            if since <= record.time < until:
                yield record
        day += timedelta(days=1)


def day_begins(calendar: Calendar, day: date) -> int:
    """The instant in ms at which a local day begins."""
    return calendar.day_ends(day_number(day - timedelta(days=1)))


def _day(site: int, calendar: Calendar, day: date, begins: int, seed: str) -> list[Record]:
    """The records of one local day; what would go on after midnight is cut off, as its visitor is another then."""
    chance = seeded(seed, day)
    ends = calendar.day_ends(day_number(day))
    simulated = SimulatedDay(site, day, chance)
    visits = expected_visits(day, VISITS) * chance.lognormvariate(0, 0.08)
    weights = hours(day)
    records = list(form_server(site, calendar, day, seed))
    for hour in range(begins, ends, HOUR):
        local = int(calendar.moment(hour).hour)
        for _ in range(poisson(chance, visits * weights[local] / sum(weights))):
            records += simulated.visitor(hour + chance.randrange(HOUR), local)
        for _ in range(poisson(chance, VISITS * BOTS / 24)):
            records.append(simulated.bot(hour + chance.randrange(HOUR)))
    return sorted((record for record in records if record.time < ends), key=attrgetter("time"))
