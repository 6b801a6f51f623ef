"""Visitors, their visits, and what a visit contributes to the counts. Pure values; fold.py brings them together.

What a visit is (its entry, exit, source, device …) is counted as its contribution now, less its contribution before the
batch. Bounces that vanish and exits that move are thereby signed changes, with no rule of their own.
"""

from sys import intern
from typing import NamedTuple

import msgspec

from tracker.attempts import Attempt
from tracker.record import INTERNAL, Record
from tracker.rollups import BY_NAME, ENTRY, EXIT, PAGE, VISIT_DIMENSIONS, Delta, add

GAP = 30 * 60_000  # ms; a visit ends when its visitor is silent for so long

DIMS = tuple(row.number for row in VISIT_DIMENSIONS)
BLANKS = tuple(row.blank for row in VISIT_DIMENSIONS)
ENTRY_INDEX, EXIT_INDEX = DIMS.index(ENTRY), DIMS.index(EXIT)
DEVICE_INDEX, COUNTRY_INDEX = (DIMS.index(BY_NAME[name].number) for name in ("device", "country"))
SOURCES = tuple(DIMS.index(BY_NAME[name].number) for name in ("channel", "source", "referrer", "campaign"))


class Part(msgspec.Struct, array_like=True):
    """What of a visit belongs to one scope: the site, or a service. `seen` holds the beacon keys that occurred."""

    views: int = 0
    events: int = 0
    seconds: int = 0
    rkey: int = 0
    seen: set[str] = msgspec.field(default_factory=set)


class Visit(msgspec.Struct, array_like=True):
    """An open visit: `values` has one text per visit dimension, `parts` what belongs to which scope ("" = the site)."""

    number: int
    start: int
    last: int
    values: list[str]
    whole: Part = msgspec.field(default_factory=Part)
    parts: dict[str, Part] = msgspec.field(default_factory=dict)  # of services
    sequence: int = 0
    acts: int = 0  # messages about forms; the first only says that a form was shown

    @property
    def bounces(self) -> int:
        """1 while the visit is one view and no event, and no form was used."""
        return int(self.whole.views == 1 and not self.whole.events and self.acts < 2)

    def part(self, scope: str) -> Part:
        """The part of a scope, which it gets if it has none."""
        if not scope:
            return self.whole
        found = self.parts.get(scope)
        if found is None:
            found = self.parts[scope] = Part()
        return found


class Visitor(msgspec.Struct, array_like=True):
    """A visitor of one site and local day: the present visit and attempts, and every key of the earlier visits."""

    visit: Visit | None = None
    past: set[str] = msgspec.field(default_factory=set)
    attempts: dict[str, Attempt] = msgspec.field(default_factory=dict)  # by form


class VisitorKey(NamedTuple):
    """Who: unknown tomorrow, since the pseudonym changes."""

    site: int
    day: int
    pseudonym: int


class State(NamedTuple):
    """What a visit contributes to a scope."""

    values: tuple[str, ...]
    views: int
    bounces: int
    seconds: int
    events: int
    rkey: int


States = dict[str, State]  # by scope
Deltas = dict[str, Delta]  # by scope


def mark(scope: str, dim: int, key: str) -> str:
    """How a visit or visitor remembers a key."""
    return f"{scope}\n{chr(dim)}{key}" if scope else chr(dim) + key


def values_of(record: Record) -> list[str]:
    """The visit dimensions' values of the visit that `record` begins, in the order of VISIT_DIMENSIONS.

    Visitors share the texts: a tenth less memory, and less time.
    """
    source = ("direct", "", "") if record.channel == INTERNAL else (record.channel, record.source, record.referrer)
    client = (record.device, record.browser, record.os, record.country, record.language)
    return ["", "", "", *map(intern, (*source, record.campaign, *client))]


def states(visit: Visit) -> States:
    """What a visit contributes now, by scope."""
    values, bounces = tuple(visit.values), visit.bounces
    found = {"": _state(values, visit.whole, bounces)}
    for scope, part in visit.parts.items():
        found[scope] = _state(values, part, bounces)
    return found


def _state(values: tuple[str, ...], part: Part, bounces: int) -> State:
    return State(values, part.views, bounces, part.seconds, part.events, part.rkey)


def past_keys(visit: Visit) -> set[str]:
    """Every key of a visit, as its visitor remembers it."""
    keys = set(visit.whole.seen)
    for scope in ("", *visit.parts):
        keys |= visit.part(scope).seen
        keys.update(mark(scope, dim, value) for dim, value in zip(DIMS, visit.values, strict=True))
    return keys


def add_change(deltas: Deltas, past: set[str], before: States, after: States) -> None:
    """Add the difference of two contributions of one visit; `past` are the keys of the visitor's earlier visits."""
    for scope, now in after.items():
        delta, then = deltas[scope], before.get(scope)
        if then is None:
            _add_new(delta, scope, past, now)
        elif then != now:
            _add_difference(delta, scope, past, then, now)


def _add_new(delta: Delta, scope: str, past: set[str], now: State) -> None:
    """Add a visit that the batch began; nine of ten calls, so each dimension costs one `add` and no more."""
    counts = now[1:]
    first, again = (1, 1, *counts), (0, 1, *counts)
    for dim, blank, value in zip(DIMS, BLANKS, now.values, strict=True):
        if value or blank:
            add(delta, dim, value, again if past and mark(scope, dim, value) in past else first)
    _add_bounce(delta, now, now.bounces)


def _add_difference(delta: Delta, scope: str, past: set[str], then: State, now: State) -> None:
    _, views, bounces, seconds, events, rkey = now
    change = (
        0,
        0,
        views - then.views,
        bounces - then.bounces,
        seconds - then.seconds,
        events - then.events,
        rkey - then.rkey,
    )
    for dim, blank, value, old in zip(DIMS, BLANKS, now.values, then.values, strict=True):
        if value == old and (value or blank):
            add(delta, dim, value, change)
        if value != old and old:
            _move(delta, scope, past, then, (dim, old, -1))
        if value != old and value:
            _move(delta, scope, past, now, (dim, value, 1))
    _add_bounce(delta, now, change[3])


def _move(delta: Delta, scope: str, past: set[str], state: State, where: tuple[int, str, int]) -> None:
    """Add a visit (sign 1) to the cell of one of its values, or take it away (sign -1)."""
    dim, value, sign = where
    visitors = 0 if past and mark(scope, dim, value) in past else sign
    _, views, bounces, seconds, events, rkey = state
    add(delta, dim, value, (visitors, sign, sign * views, sign * bounces, sign * seconds, sign * events, sign * rkey))


def _add_bounce(delta: Delta, state: State, change: int) -> None:
    if change:
        add(delta, PAGE, state.values[ENTRY_INDEX], (0, 0, 0, change, 0, 0, 0))
