"""The slow, obvious recount: what the rollups must say about a list of records. Loops over lists, nothing incremental.

It shares no code with tracker/visits.py. The rules are those of DESIGN.md's table of dimensions:

- A visit is the records of one visitor (site, local day, pseudonym) with silences under 30 minutes. The attention that
  a record reports belongs to the time before it. A last sign (`leave`) never begins a visit.
- In a dimension of the visit, a visit counts once, under the value it has, with all its views, events and attention.
- In a dimension of the beacon, views and events count under each key they carry.
- Without pseudonym (level `counts`) only views and events count.
- Views of pages of the Single Digital Gateway also count in `sdg`, under device and country of their visit.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from sqlite3 import Connection
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tests.recount_attempts import attempts_of, cells_of_attempt, cells_of_message
from tracker.record import BOT, EVENT, INTERNAL, LEAVE, STEP, VIEW, Record
from tracker.rollups import DIMENSIONS

HALF_AN_HOUR = 30 * 60 * 1000  # ms
OF_THE_VISIT = (
    "total", "entry", "exit", "channel", "source", "referrer", "campaign", "device", "browser", "os", "country",
    "language",
)  # fmt: skip
OF_THE_ORIGIN = ("channel", "source", "referrer", "campaign")
NEVER_BLANK = ("entry", "exit", "referrer", "campaign")  # "" is no key of these


class Place(NamedTuple):
    """Where a cell of the rollups stands."""

    site: int
    period: int  # 20260131, 202601 or 2026
    dim: str
    key: str


class Cell(NamedTuple):
    """What a cell of the rollups says."""

    visitors: int = 0
    visits: int = 0
    views: int = 0
    bounces: int = 0
    seconds: int = 0
    events: int = 0
    rkey: int = 0


Cells = dict[Place, Cell]
Who = tuple[int, int, int, int]  # site, day, generation of the day, pseudonym


@dataclass
class Visit:
    """The records of one visit, in the order in which they were counted."""

    who: Who
    records: list[Record]

    def of(self, kind: str) -> list[Record]:
        return [record for record in self.records if record.kind == kind]

    @property
    def is_bounce(self) -> bool:
        """One view, no event, and of a form nothing but that it was shown once."""
        messages = [record.message for record in self.of(STEP)]
        used = [message for message in messages if message.done or message.error or message.outcome]
        return len(self.of(VIEW)) == 1 and len(self.of(EVENT)) == 0 and not used and len(messages) < 2


class Occurrence(NamedTuple):
    """One key that one counted record carries; `visit` is None without pseudonym."""

    place: Place
    record: Record
    visit: Visit | None


def recount(
    records: Sequence[Record],
    zones: Mapping[int, str],
    generations: Sequence[int] | None = None,
    in_gateway: Callable[[Record], bool] = lambda _: False,
) -> Cells:
    """All cells that are not empty, by day, month and year.

    `records` in the order in which they were counted, `zones` by site. `generations` (one per record) tells how often
    the record's day had been closed before: after that, the same pseudonym is a new visitor. `in_gateway`: whether a
    record is of a page of the Single Digital Gateway.
    """
    visits = visits_of(records, zones, generations or [0] * len(records))
    days = [*cells_of_visits(visits), *cells_of_beacons(records, visits, zones), *cells_of_attention(visits)]
    days += cells_of_gateway(records, visits, zones, in_gateway)
    return summed_up([*days, *cells_of_attempts(records, visits, zones, generations or [0] * len(records))])


def recount_of_service(
    records: Sequence[Record],
    zones: Mapping[int, str],
    generations: Sequence[int],
    belongs: Callable[[Record], bool],
) -> Cells:
    """The cells in the scope of a service: what `belongs` to it, in the visits that touched it."""
    visits = [visit for visit in visits_of(records, zones, generations) if own_part(visit, belongs)]
    parts = [Visit(visit.who, own_part(visit, belongs)) for visit in visits]
    single = [record for record in records if not record.visitor and record.kind not in (BOT, STEP) and belongs(record)]
    days = cells_of_visits(visits, parts) + cells_of_beacons(single, parts, zones)
    for visit, part in zip(visits, parts, strict=True):
        site, day, _, _ = visit.who
        pages = [(record.page, record.seconds) for record in part.records if record.page]
        days += [(Place(site, day, "page", page), Cell(seconds=seconds)) for page, seconds in pages]
        if visit.is_bounce:
            days.append((Place(site, day, "page", visit.of(VIEW)[0].page), Cell(bounces=1)))
    return summed_up(days)


def own_part(visit: Visit, belongs: Callable[[Record], bool]) -> list[Record]:
    """The records of a visit that belong to a service. A last sign alone does not touch it."""
    part: list[Record] = []
    for record in visit.records:
        if belongs(record) and (part or record.kind != LEAVE):
            part.append(record)
    return part


def is_form_servers(record: Record) -> bool:
    return record.message is not None and record.message.alone


def day_of(record: Record, zones: Mapping[int, str]) -> int:
    return int(local_time(record, zones).strftime("%Y%m%d"))


def local_time(record: Record, zones: Mapping[int, str]) -> datetime:
    return datetime.fromtimestamp(record.time // 1000, ZoneInfo(zones[record.site]))


def visits_of(records: Sequence[Record], zones: Mapping[int, str], generations: Sequence[int]) -> list[Visit]:
    visits: list[Visit] = []
    latest: dict[Who, Visit] = {}
    for record, generation in zip(records, generations, strict=True):
        if record.kind == BOT or record.visitor == 0 or is_form_servers(record):
            continue
        who = (record.site, day_of(record, zones), generation, record.visitor)
        visit = latest.get(who)
        if visit is not None:
            last = max(earlier.time for earlier in visit.records)
            if record.time - 1000 * record.seconds - last < HALF_AN_HOUR:
                visit.records.append(record)
                continue
        if record.kind != LEAVE:
            latest[who] = Visit(who, [record])
            visits.append(latest[who])
    return visits


def values_of(record: Record) -> dict[str, str]:
    """What a record says about where its visit came from and with what."""
    from_outside = record.channel != INTERNAL
    return {
        "total": "",
        "channel": record.channel if from_outside else "direct",
        "source": record.source if from_outside else "",
        "referrer": record.referrer if from_outside else "",
        "campaign": record.campaign,
        "device": record.device,
        "browser": record.browser,
        "os": record.os,
        "country": record.country,
        "language": record.language,
    }


def values_of_visit(visit: Visit) -> dict[str, str]:
    pages = [view.page for view in visit.of(VIEW)]
    ends = {"entry": pages[0], "exit": pages[-1]} if pages else {"entry": "", "exit": ""}
    return {**values_of(visit.records[0]), **ends}


def cells_of_visits(visits: Sequence[Visit], parts: Sequence[Visit] | None = None) -> list[tuple[Place, Cell]]:
    """Dimensions of the visit: its own values, and what of it is counted (all, or the part of a service)."""
    groups: dict[Place, list[tuple[Visit, Visit]]] = defaultdict(list)
    for visit, part in zip(visits, parts or visits, strict=True):
        site, day, _, _ = visit.who
        values = values_of_visit(visit)
        for dim in OF_THE_VISIT:
            if values[dim] or dim not in NEVER_BLANK:
                groups[Place(site, day, dim, values[dim])].append((visit, part))
    cells = []
    for place, group in groups.items():
        counted = [record for _, part in group for record in part.of(VIEW) + part.of(EVENT)]
        cell = Cell(
            visitors=len({visit.who for visit, _ in group}),
            visits=len(group),
            views=sum(record.kind == VIEW for record in counted),
            bounces=sum(visit.is_bounce for visit, _ in group),
            seconds=sum(record.seconds for _, part in group for record in part.records),
            events=sum(record.kind == EVENT for record in counted),
            rkey=sum(record.rkey for record in counted),
        )
        cells.append((place, cell))
    return cells


def cells_of_beacons(
    records: Sequence[Record], visits: Sequence[Visit], zones: Mapping[int, str]
) -> list[tuple[Place, Cell]]:
    """Dimensions of the beacon; and in level `counts` those of the visit, which a record there has by itself."""
    groups: dict[Place, list[Occurrence]] = defaultdict(list)
    for occurrence in occurrences_of(records, visits, zones):
        groups[occurrence.place].append(occurrence)
    cells = []
    for place, group in groups.items():
        found = [occurrence.visit for occurrence in group if occurrence.visit is not None]
        cell = Cell(
            visitors=len({visit.who for visit in found}),
            visits=len({id(visit) for visit in found}),
            views=sum(occurrence.record.kind == VIEW for occurrence in group),
            events=sum(occurrence.record.kind != VIEW for occurrence in group),
            rkey=sum(occurrence.record.rkey for occurrence in group),
        )
        cells.append((place, cell))
    return cells


def occurrences_of(records: Sequence[Record], visits: Sequence[Visit], zones: Mapping[int, str]) -> list[Occurrence]:
    found: list[tuple[Record, Visit | None]] = []
    for visit in visits:
        found += [(record, visit) for record in visit.of(VIEW) + visit.of(EVENT)]
    found += [(record, None) for record in records if record.kind not in (LEAVE, STEP) and not record.visitor]
    occurrences = []
    for record, visit_or_none in found:
        for dim, key in keys_of(record, zones):
            place = Place(record.site, day_of(record, zones), dim, key)
            occurrences.append(Occurrence(place, record, visit_or_none))
    return occurrences


def keys_of(record: Record, zones: Mapping[int, str]) -> list[tuple[str, str]]:
    if record.kind == BOT:
        return list(record.keys)
    keys = [*record.keys, ("hour", local_time(record, zones).strftime("%H"))]
    if record.kind == VIEW:
        keys.append(("page", record.page))
    if record.visitor:
        return keys
    values = values_of(record)
    if record.kind == VIEW and record.channel != INTERNAL:
        values["entry"] = record.page
    else:
        values = {dim: value for dim, value in values.items() if dim not in OF_THE_ORIGIN}
    return keys + [(dim, value) for dim, value in values.items() if value or dim not in NEVER_BLANK]


def cells_of_attention(visits: Iterable[Visit]) -> list[tuple[Place, Cell]]:
    """What only `page` has: the attention it got, and the visits that were a bounce on it."""
    cells = []
    for visit in visits:
        site, day, _, _ = visit.who
        for record in visit.records:
            if record.page:
                cells.append((Place(site, day, "page", record.page), Cell(seconds=record.seconds)))
        if visit.is_bounce:
            cells.append((Place(site, day, "page", visit.of(VIEW)[0].page), Cell(bounces=1)))
    return cells


def cells_of_gateway(
    records: Sequence[Record],
    visits: Sequence[Visit],
    zones: Mapping[int, str],
    in_gateway: Callable[[Record], bool],
) -> list[tuple[Place, Cell]]:
    """Each view of a page of the gateway, under device and country of its visit; without pseudonym, its own."""
    found = [(view, values_of_visit(visit)) for visit in visits for view in visit.of(VIEW)]
    found += [(record, values_of(record)) for record in records if record.kind == VIEW and not record.visitor]
    cells = []
    for record, values in found:
        if in_gateway(record):
            key = "/".join((values["device"], values["country"], record.page))
            cells.append((Place(record.site, day_of(record, zones), "sdg", key), Cell(views=1, rkey=record.rkey)))
    return cells


def cells_of_attempts(
    records: Sequence[Record], visits: Sequence[Visit], zones: Mapping[int, str], generations: Sequence[int]
) -> list[tuple[Place, Cell]]:
    """Dimensions of the attempt: `visits` are attempts; without pseudonym, messages are counted one by one."""
    found: list[tuple[Place, Cell]] = []
    runs = [(visit.who[0], visit.who[1], visit.records) for visit in visits]
    alone: dict[Who, list[Record]] = defaultdict(list)
    for record, generation in zip(records, generations, strict=True):
        if record.message is not None and not record.visitor:
            for dim, key in cells_of_message(record.message):
                place = Place(record.site, day_of(record, zones), dim, key)
                found.append((place, Cell(events=1, rkey=record.rkey)))
        elif is_form_servers(record):
            alone[record.site, day_of(record, zones), generation, record.visitor].append(record)
    runs += [(who[0], who[1], messages) for who, messages in alone.items()]
    for site, day, run in runs:
        for form, attempt, resumed in attempts_of(run):
            for (dim, key), (number, times, seconds) in cells_of_attempt(form, attempt, resumed).items():
                rkey = number * attempt[0][1].rkey
                found.append((Place(site, day, dim, key), Cell(0, number, 0, 0, seconds, times, rkey)))
    return found


def summed_up(days: Iterable[tuple[Place, Cell]]) -> Cells:
    """The same cells for day, month and year; record keys modulo 2³²; empty cells left out."""
    sums: dict[Place, Cell] = {}
    for place, cell in days:
        for period in (place.period, place.period // 100, place.period // 10_000):
            there = place._replace(period=period)
            before = sums.get(there, Cell())
            sums[there] = Cell(*(a + b for a, b in zip(before, cell, strict=True)))
    wrapped = {place: cell._replace(rkey=cell.rkey % 2**32) for place, cell in sums.items()}
    return {place: cell for place, cell in wrapped.items() if any(cell)}


def stored_cells(connection: Connection, scope: str = "") -> Cells:
    """The rollups as they are in the database, empty cells left out: compare with `recount`."""
    names = {row.number: row.name for row in DIMENSIONS}
    rows = connection.execute(
        "select site, period, dim, value, visitors, visits, views, bounces, seconds, events, rkey"
        " from rollup join text on text.id = rollup.key where scope = (select id from text where value = ?)",
        (scope,),
    )
    cells = {Place(site, period, names[dim], key): Cell(*cell) for site, period, dim, key, *cell in rows}
    return {place: cell for place, cell in cells.items() if any(cell)}


def differences(expected: Cells, found: Cells) -> list[str]:
    """What differs, one line each; empty when every cell agrees."""
    places = sorted(expected.keys() | found.keys())
    return [
        f"{place}: expected {expected.get(place)}, found {found.get(place)}"
        for place in places
        if expected.get(place) != found.get(place)
    ]
