"""Records become visits and visits become additive counts. Pure: state and deltas go in and out, no clock, no disk.

How one batch is folded:

1. Each record finds its visitor by site, local day and pseudonym, and joins the visitor's visit or begins a new one.
2. What the record is itself (its page, hour, event …) is added to the delta at once; the visit remembers the key, so
   that visits and visitors count it once.
3. What the visit is (its entry, exit, source, device …) is not touched per record. When the batch ends, each visit
   that changed is written into the delta as its contribution now minus its contribution before the batch. Bounces
   that vanish and exits that move are thereby signed changes, with no rule of their own.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from tracker.calendar import Calendar
from tracker.record import BOT, INTERNAL, LEAVE, VIEW, Record
from tracker.rollups import BY_NAME, ENTRY, EXIT, HOUR, PAGE, VISIT_DIMENSIONS, Delta, Measures, add

GAP = 30 * 60_000  # ms; a visit ends when its visitor is silent for so long

_DIMS = tuple(row.number for row in VISIT_DIMENSIONS)
_BLANKS = tuple(row.blank for row in VISIT_DIMENSIONS)
_ENTRY, _EXIT = _DIMS.index(ENTRY), _DIMS.index(EXIT)
_SOURCES = tuple(_DIMS.index(BY_NAME[name].number) for name in ("channel", "source", "referrer", "campaign"))
_NUMBERS = {name: row.number for name, row in BY_NAME.items()}


class Visit(msgspec.Struct, array_like=True):
    """An open visit: `values` has one text per visit dimension, `seen` the beacon keys that occurred, each marked."""

    number: int
    start: int
    last: int
    values: list[str]
    views: int = 0
    events: int = 0
    seconds: int = 0
    rkey: int = 0
    sequence: int = 0
    seen: set[str] = msgspec.field(default_factory=set)

    @property
    def bounces(self) -> int:
        """1 while the visit is one view and no event."""
        return int(self.views == 1 and not self.events)


class Visitor(msgspec.Struct, array_like=True):
    """A visitor of one site and local day: the present visit, and every key of the earlier ones, each marked."""

    visit: Visit | None = None
    past: set[str] = msgspec.field(default_factory=set)


class VisitorKey(NamedTuple):
    """Who: unknown tomorrow, since the pseudonym changes."""

    site: int
    day: int
    pseudonym: int


class Hit(NamedTuple):
    """One row of the facts: what happened in which visit, to the minute."""

    visit: int
    sequence: int
    minute: int
    dim: int
    key: str


class Before(NamedTuple):
    """A visit's contribution when the batch began."""

    values: tuple[str, ...]
    views: int
    events: int
    seconds: int
    rkey: int
    bounces: int


@dataclass(slots=True)
class Fold:
    """One batch being folded. `visitors` is the caller's memory of open visitors and is changed in place."""

    visitors: dict[VisitorKey, Visitor]
    numbers: Iterator[int]
    deltas: dict[tuple[int, int], Delta] = field(default_factory=dict)
    touched: dict[VisitorKey, Before | None] = field(default_factory=dict)
    finished: list[tuple[VisitorKey, Visit]] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    without_visit: int = 0

    def add_all(self, records: Iterable[Record], calendars: dict[int, Calendar]) -> None:
        """Fold `records` in their order; `calendars` by site number."""
        for record in records:
            day, hour = calendars[record.site].moment(record.time)
            delta = self.deltas.get((record.site, day))
            if delta is None:
                delta = self.deltas[record.site, day] = {}
            if record.kind == BOT:
                for name, key in record.keys:
                    add(delta, _NUMBERS[name], key, (0, 0, 0, 0, 0, 1, record.rkey))
            elif record.visitor:
                self._visit(record, day, hour, delta)
            elif record.kind != LEAVE:
                _count_alone(record, hour, delta)

    def close(self) -> None:
        """Write what the touched visits contribute into the deltas."""
        for key, before in self.touched.items():
            visitor = self.visitors[key]
            if visitor.visit is not None:
                _contribute(self.deltas[key.site, key.day], visitor.visit, visitor.past, before)

    def _visit(self, record: Record, day: int, hour: str, delta: Delta) -> None:
        key = VisitorKey(record.site, day, record.visitor)
        visitor = self.visitors.get(key)
        visit = visitor.visit if visitor is not None else None
        if visit is None or record.time - 1000 * record.seconds - visit.last >= GAP:
            if record.kind == LEAVE:
                self.without_visit += 1
                return
            visitor, visit = self._begin(record, key, visitor, delta)
        assert visitor is not None
        if key not in self.touched:
            self.touched[key] = _before(visit)
        visit.last = max(visit.last, record.time)
        visit.seconds += record.seconds
        if record.kind == LEAVE:
            if record.seconds and record.page:
                add(delta, PAGE, record.page, (0, 0, 0, 0, record.seconds, 0, 0))
            return
        self._count(record, hour, delta, visitor, visit)

    def _begin(self, record: Record, key: VisitorKey, visitor: Visitor | None, delta: Delta) -> tuple[Visitor, Visit]:
        if visitor is None:
            visitor = self.visitors[key] = Visitor()
        old = visitor.visit
        if old is not None:
            _contribute(delta, old, visitor.past, self.touched.get(key, _before(old)))
            visitor.past |= old.seen
            visitor.past.update(chr(dim) + value for dim, value in zip(_DIMS, old.values, strict=True))
            self.finished.append((key, old))
        visit = visitor.visit = Visit(next(self.numbers), record.time, record.time, _values(record))
        self.touched[key] = None
        return visitor, visit

    def _count(self, record: Record, hour: str, delta: Delta, visitor: Visitor, visit: Visit) -> None:
        view = int(record.kind == VIEW)
        event = 1 - view
        visit.views += view
        visit.events += event
        visit.rkey += record.rkey
        measures = (0, 0, view, 0, 0, event, record.rkey)
        if view:
            visit.values[_ENTRY] = visit.values[_ENTRY] or record.page
            visit.values[_EXIT] = record.page
            _occur(delta, PAGE, record.page, visitor, visit, measures)
            self._hit(visit, record, PAGE, record.page)
        if record.seconds and record.page:
            add(delta, PAGE, record.page, (0, 0, 0, 0, record.seconds, 0, 0))
        _occur(delta, HOUR, hour, visitor, visit, measures)
        for name, key in record.keys:
            _occur(delta, _NUMBERS[name], key, visitor, visit, measures)
            self._hit(visit, record, _NUMBERS[name], key)

    def _hit(self, visit: Visit, record: Record, dim: int, key: str) -> None:
        self.hits.append(Hit(visit.number, visit.sequence, record.time // 60_000, dim, key))
        visit.sequence += 1


def _values(record: Record) -> list[str]:
    """The visit dimensions' values of the visit that `record` begins, in the order of VISIT_DIMENSIONS."""
    source = ("direct", "", "") if record.channel == INTERNAL else (record.channel, record.source, record.referrer)
    client = (record.device, record.browser, record.os, record.country, record.language)
    return ["", "", "", *source, record.campaign, *client]


def _before(visit: Visit) -> Before:
    return Before(tuple(visit.values), visit.views, visit.events, visit.seconds, visit.rkey, visit.bounces)


def _occur(delta: Delta, dim: int, key: str, visitor: Visitor, visit: Visit, measures: Measures) -> None:
    """Count one occurrence of a beacon's key: for the visit and the visitor only the first time."""
    mark = chr(dim) + key
    if mark not in visit.seen:
        visit.seen.add(mark)
        measures = (int(mark not in visitor.past), 1, *measures[2:])
    add(delta, dim, key, measures)


def _contribute(delta: Delta, visit: Visit, past: set[str], before: Before | None) -> None:
    """Add the visit's contribution now, less the one `before`."""
    now = _before(visit)
    if before is None:
        _add_new(delta, visit, past, now)
        return
    change = (
        0,
        0,
        now.views - before.views,
        now.bounces - before.bounces,
        now.seconds - before.seconds,
        now.events - before.events,
        now.rkey - before.rkey,
    )
    for dim, blank, value, old in zip(_DIMS, _BLANKS, visit.values, before.values, strict=True):
        if value == old and (value or blank):
            add(delta, dim, value, change)
        if value != old and old:
            _add_visit(delta, dim, old, past, before, -1)
        if value != old and value:
            _add_visit(delta, dim, value, past, now, 1)
    _bounce(delta, visit, now.bounces - before.bounces)


def _add_new(delta: Delta, visit: Visit, past: set[str], now: Before) -> None:
    """Add a visit that the batch began; nine of ten calls, so each dimension costs one `add` and no more."""
    counts = (now.views, now.bounces, now.seconds, now.events, now.rkey)
    first, again = (1, 1, *counts), (0, 1, *counts)
    for dim, blank, value in zip(_DIMS, _BLANKS, visit.values, strict=True):
        if value or blank:
            add(delta, dim, value, again if past and chr(dim) + value in past else first)
    _bounce(delta, visit, now.bounces)


def _add_visit(delta: Delta, dim: int, value: str, past: set[str], state: Before, sign: int) -> None:
    """Add a visit (sign 1) to the cell of one of its values, or take it away (sign -1)."""
    visitors = 0 if past and chr(dim) + value in past else sign
    counts = (state.views, state.bounces, state.seconds, state.events, state.rkey)
    if sign < 0:
        counts = (-state.views, -state.bounces, -state.seconds, -state.events, -state.rkey)
    add(delta, dim, value, (visitors, sign, *counts))


def _bounce(delta: Delta, visit: Visit, change: int) -> None:
    if change:
        add(delta, PAGE, visit.values[_ENTRY], (0, 0, 0, change, 0, 0, 0))


def _count_alone(record: Record, hour: str, delta: Delta) -> None:
    """Level `counts`: views and events only. An entry is a view whose referrer is not the site itself."""
    view = int(record.kind == VIEW)
    measures = (0, 0, view, 0, 0, 1 - view, record.rkey)
    values = _values(record)
    entry = view and record.channel != INTERNAL
    if entry:
        values[_ENTRY] = record.page
    for index, (dim, blank, value) in enumerate(zip(_DIMS, _BLANKS, values, strict=True)):
        if (entry or index not in _SOURCES) and (value or blank):
            add(delta, dim, value, measures)
    if view:
        add(delta, PAGE, record.page, measures)
    add(delta, HOUR, hour, measures)
    for name, key in record.keys:
        add(delta, _NUMBERS[name], key, measures)
