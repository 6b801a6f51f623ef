"""An attacker tries to compute suppressed counts from everything published about the same visits."""

from itertools import product
from random import Random

import pytest

from admin.opendata.protection.threshold import Threshold
from admin.opendata.protection.values import Cell, Measure, Row, Table
from tests.attacker.bounds import Sums, interval
from tests.attacker.report import Line

VISITS = Measure("visits", "visit")
SUM = "www.example.de 2026-01"
SIZES = (0.4, 3, 9, 25)  # visits a day, on average

pytestmark = pytest.mark.slow


def month(size, chance):
    """The visits of 31 days, and the same by device, country group, language and channel; the common ones first."""
    days = [round(chance.expovariate(1 / size)) for _ in range(31)]
    parts = [days]
    for shares in ((70, 27, 3), (95, 3, 2), (90, 5, 2, 2, 1), (40, 40, 12, 5, 3)):
        rows = chance.choices(range(len(shares)), shares, k=sum(days))
        parts.append([rows.count(n) for n in range(len(shares))])
    return parts


def shown(counts, period, total="", hidden=None):
    rows = tuple(Row((str(n),), (Cell(count),), total) for n, count in enumerate(counts))
    found = Threshold().protect(Table("visits", period, (VISITS,), rows, hidden=hidden or {}))
    return [row.cells[0].value for row in found]


def published(parts, secondary):
    """The published counts: each day in a file of its own, then the month; `secondary`: with secondary suppression."""
    days = [shown([count], f"2026-01-{n:02d}")[0] for n, count in enumerate(parts[0], 1)]
    hidden = {SUM: {"visits": tuple(count for count, seen in zip(parts[0], days, strict=True) if seen is None)}}
    return [days, *(shown(part, "2026-01", *((SUM, hidden) if secondary else ())) for part in parts[1:])]


def knowledge(parts, seen, insider):
    """What is known of each count: within 2 of what is published, or for an insider the true count itself."""
    exact = [
        [None if value is None else (true, true) for true, value in zip(*pair, strict=True)]
        for pair in zip(parts, seen, strict=True)
    ]
    rounded = [[None if value is None else (value - 2, value + 2) for value in part] for part in seen]
    days = [True] * 31  # a hidden day is a small one; of the other tables one cannot know
    return Sums(exact if insider else rounded, [days, *[None] * (len(parts) - 1)])


def narrowest(months, secondary, insider):
    """How many small hidden counts were attacked, how many of them closed in, and the narrowest interval."""
    found = []
    for parts in months:
        seen = published(parts, secondary)
        sums = knowledge(parts, seen, insider)
        spots = [(part, place) for part, row in enumerate(seen) for place, value in enumerate(row) if value is None]
        small = [spot for spot in spots if parts[spot[0]][spot[1]] < 10]
        found += [interval(sums, *spot) for spot in small[:6] + small[-6:]]
    closed = [bounds for bounds in found if bounds[0] > 0 or bounds[1] < 9]
    return len(found), len(closed), min((min(high, 9) - max(low, 0) for low, high in found), default=9)


@pytest.fixture(scope="module")
def months():
    chance = Random(3)
    return [month(size, chance) for size, _ in product(SIZES, range(6))]


@pytest.mark.parametrize("insider", [False, True], ids=["public", "insider"])
def test_no_suppressed_count_is_known_better_than_its_protection_interval(insider, months, report):
    cells, closed, width = narrowest(months, True, insider)
    who = "who knows the rest exactly" if insider else "who knows what is published"
    told = f"{closed} narrowed; narrowest 0 to {width:.0f}"
    report.append(Line("threshold", "suppressed counts below 10", f"linear program, {who}", cells, told, "0 to 9"))
    assert cells > 100
    assert closed == 0


def test_without_secondary_suppression_counts_are_computed(months, report):
    cells, closed, width = narrowest(months, False, True)
    told = f"{closed} narrowed; narrowest {width:.0f} wide"
    control = "no secondary suppression (control)"
    report.append(Line(control, "suppressed counts below 10", "linear program", cells, told, "succeeds, as it must"))
    assert width == 0
    assert closed >= 5
