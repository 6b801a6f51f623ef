"""A small town for the attacker: visits, the tables of a month that are published of them, and what he knows."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import NamedTuple

from admin.opendata.protection.values import Cell, Measure, Method, Row, Table
from tests.attacker.laws import Seen

DAYS = tuple(f"2026-01-{day:02d}" for day in range(1, 9))
VISITORS, VISITS, VIEWS = Measure("visitors", "visitor-day"), Measure("visits", "visit"), Measure("views", "view")
PROPERTIES = {
    "device": ("desktop", "mobile", "tablet"),
    "country-group": ("DE", "EU", "other"),
    "language": ("de", "en", "other"),
    "channel": ("direct", "search", "referral"),
}
SITE = "www.example.de"


class Visit(NamedTuple):
    """One visit; the same visitor has the same number, within one day."""

    day: str
    visitor: int
    views: int
    values: tuple[str, ...]  # of PROPERTIES
    service: bool


TARGET = Visit(DAYS[3], 9_999, 1, ("desktop", "DE", "de", "search"), True)


def visits_of(size: int, chance: Random) -> list[Visit]:
    """Visits of a month, most of them alike, as they are."""
    return [
        Visit(
            chance.choice(DAYS),
            chance.randrange(size),
            chance.choice((1, 1, 1, 2, 2, 3, 5, 9)),
            tuple(chance.choices(values, (80, 17, 3))[0] for values in PROPERTIES.values()),
            chance.random() < 0.4,
        )
        for _ in range(size)
    ]


class Spot(NamedTuple):
    """One row of a table: which visits it counts, by their numbers."""

    table: str
    period: str
    key: str
    measures: tuple[Measure, ...]
    visits: tuple[int, ...]


Counted = dict[tuple[str, str, tuple[Measure, ...]], list[tuple[str, list[int], tuple[int, ...]]]]


@dataclass(frozen=True)
class Town:
    """Visits whose tables are published. The last one is the target, which may not have taken place."""

    visits: tuple[Visit, ...]
    revisions: int = 1

    def spots(self) -> Iterator[Spot]:
        """Every published row."""
        for day in DAYS:
            of_day = [n for n, visit in enumerate(self.visits) if visit.day == day]
            yield Spot("site-day", day, SITE, (VISITORS, VISITS, VIEWS), tuple(of_day))
            yield Spot("service-day", day, "dienst", (VIEWS,), tuple(n for n in of_day if self.visits[n].service))
        for place, (name, values) in enumerate(PROPERTIES.items()):
            for value in values:
                chosen = tuple(n for n, visit in enumerate(self.visits) if visit.values[place] == value)
                yield Spot(f"{name}-month", "2026-01", value, (VISITS,), chosen)

    def tables(self, present: bool, keys: Sequence[int], revision: int = 1) -> list[Table]:
        """The true tables; `keys`: the record key of each visit, which is the sum of those of its views."""
        tables = []
        for (name, period, measures), rows in self._counted(present).items():
            found = []
            for key, chosen, counts in rows:
                rkey = sum(keys[n] for n in chosen) % 2**32
                found.append(Row((key,), tuple(Cell(count, rkey) for count in counts)))
            tables.append(Table(name, period, measures, tuple(found), revision))
        return tables

    @cache  # noqa: B019 - few towns, in tests
    def _counted(self, present: bool) -> Counted:
        """Table, period and measures → rows of key, visits and true counts."""
        found: Counted = defaultdict(list)
        for spot in self.spots():
            chosen = [n for n in spot.visits if present or n != self.target]
            counts = tuple(self._count(measure, chosen) for measure in spot.measures)
            found[spot.table, spot.period, spot.measures].append((spot.key, chosen, counts))
        return found

    def _count(self, measure: Measure, chosen: Sequence[int]) -> int:
        if measure == VIEWS:
            return sum(self.visits[n].views for n in chosen)
        if measure == VISITORS:
            return len({(self.visits[n].day, self.visits[n].visitor) for n in chosen})
        return len(chosen)

    @property
    def target(self) -> int:
        """The number of the visit in question."""
        return len(self.visits) - 1

    def publish(self, present: bool, method: Callable[[], Method], chance: Random) -> list[int]:
        """Everything that is published in one world, in the order of `cells`; record keys are drawn for it."""
        keys = [chance.getrandbits(32) for _ in self.visits]
        found: list[int] = []
        for revision in range(1, self.revisions + 1):
            protect = method().protect
            for table in self.tables(present, keys, revision):
                found.extend(cell.value or 0 for row in protect(table) for cell in row.cells)
        return found

    def cells(self) -> list[Seen]:
        """What the attacker knows of each published cell: everything but the target and the noise."""
        tables: dict[tuple[str, str], list[Spot]] = defaultdict(list)
        for spot in self.spots():
            tables[spot.table, spot.period].append(spot)
        return [
            self._cell(spot, measure, revision)
            for revision in range(1, self.revisions + 1)
            for spots in tables.values()
            for spot in spots
            for measure in spot.measures
        ]

    def _cell(self, spot: Spot, measure: Measure, revision: int) -> Seen:
        others = tuple(n for n in spot.visits if n != self.target)
        without = self._count(measure, others)
        adds, within = self._count(measure, spot.visits) - without, self.target in spot.visits
        place = (spot.table, spot.period, revision, spot.key, measure.name)
        return Seen(*place, without, adds, within, others, len(spot.measures))
