"""Records become additive counts. Pure: state and deltas go in and out, no clock, no disk.

How one batch is folded:

1. Each record finds its visitor by site, local day and pseudonym, and joins the visitor's visit or begins a new one.
2. What the record is itself (its page, hour, event …) is added to the delta at once; the visit remembers the key, so
   that visits and visitors count it once.
3. A message about a form changes the state of an attempt.
4. When the batch ends, each visit and attempt that changed is written into the delta as its contribution now less its
   contribution before the batch.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tracker import attempts
from tracker.attempts import Contribution
from tracker.calendar import Calendar
from tracker.record import BOT, INTERNAL, LEAVE, VIEW, Message, Record
from tracker.rollups import BY_NAME, HOUR, PAGE, SDG, Delta, Measures, add
from tracker.scopes import WHOLE
from tracker.visits import (
    BLANKS,
    COUNTRY_INDEX,
    DEVICE_INDEX,
    DIMS,
    ENTRY_INDEX,
    EXIT_INDEX,
    GAP,
    SOURCES,
    Deltas,
    States,
    Visit,
    Visitor,
    VisitorKey,
    add_change,
    mark,
    past_keys,
    states,
    values_of,
)

_NUMBERS = {name: row.number for name, row in BY_NAME.items()}
_STEP = _NUMBERS["step"]
MOST_KEYS = 5_000  # pages and other keys of one visitor and day; whoever has more is a machine
UNNAMED_BOT = "other"


class Hit(NamedTuple):
    """One row of the facts: what happened in which visit, to the minute."""

    visit: int
    sequence: int
    minute: int
    dim: int
    key: str


def _new_deltas() -> Deltas:
    return defaultdict(dict)


@dataclass(slots=True)
class Fold:
    """One batch being folded. `visitors` is the caller's memory of open visitors and is changed in place."""

    visitors: dict[VisitorKey, Visitor]
    numbers: Iterator[int]
    scopes_of: Callable[[Record], tuple[str, ...]] = lambda _: WHOLE
    is_kept: Callable[[VisitorKey], bool] = lambda _: True  # whether facts are kept; otherwise a visit's number is 0
    gateway: Mapping[int, frozenset[str]] = field(default_factory=dict)  # site → scopes of the Single Digital Gateway
    deltas: dict[tuple[int, int], Deltas] = field(default_factory=lambda: defaultdict(_new_deltas))
    touched: dict[VisitorKey, States] = field(default_factory=dict)  # visits as they were before the batch
    attempted: dict[tuple[VisitorKey, str], Contribution] = field(default_factory=dict)  # attempts, likewise
    attempting: set[VisitorKey] = field(default_factory=set)  # visitors with attempts that the batch met
    finished: list[tuple[VisitorKey, Visit]] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    without_visit: int = 0

    def add_all(self, records: Iterable[Record], calendars: dict[int, Calendar]) -> None:
        """Fold `records` in their order; `calendars` by site number."""
        for record in records:
            day, hour = calendars[record.site].moment(record.time)
            deltas = self.deltas[record.site, day]
            if record.kind == BOT:
                for name, key in record.keys:
                    add(deltas[""], _NUMBERS[name], key, (0, 0, 0, 0, 0, 1, record.rkey))
            elif record.message is not None and record.message.alone and record.visitor:
                self._attempt_alone(record, record.message, VisitorKey(record.site, day, record.visitor))
            elif record.visitor:
                self._visit(record, VisitorKey(record.site, day, record.visitor), hour, deltas)
            elif record.message is not None:
                attempts.add_alone(deltas[""], record.message, record.rkey)
            elif record.kind != LEAVE:
                self._count_alone(record, hour, deltas)

    def end_attempts(self, keys: Iterable[VisitorKey], silent_since: int | None = None) -> None:
        """Abandon these visitors' attempts without an end: all, or those that sent nothing after an instant in ms."""
        for key in keys:
            self.attempting.add(key)
            for form, attempt in self.visitors[key].attempts.items():
                if attempt.is_open and (silent_since is None or attempt.last <= silent_since):
                    self._remember_attempt(key, form)
                    attempt.over = True

    def waiting(self) -> dict[VisitorKey, int]:
        """Visitors with attempts that the batch met → their first silence in ms; 0 when no attempt is open."""
        return {
            key: min((row.last for row in self.visitors[key].attempts.values() if row.is_open), default=0)
            for key in self.attempting
        }

    def close(self) -> None:
        """Write what the touched visits and attempts contribute into the deltas."""
        for key, before in self.touched.items():
            visitor = self.visitors[key]
            if visitor.visit is not None:
                add_change(self.deltas[key.site, key.day], visitor.past, before, states(visitor.visit))
        for key, form in list(self.attempted):
            self._write_attempt(key, form)

    # Visits

    def _visit(self, record: Record, key: VisitorKey, hour: str, deltas: Deltas) -> None:
        visitor = self.visitors.get(key)
        visit = visitor.visit if visitor is not None else None
        if visitor is not None and visit is not None and len(visit.whole.seen) + len(visitor.past) >= MOST_KEYS:
            add(deltas[""], _NUMBERS["bot"], UNNAMED_BOT, (0, 0, 0, 0, 0, 1, record.rkey))
            return
        if visit is None or record.time - 1000 * record.seconds - visit.last >= GAP:
            if record.kind == LEAVE:
                self.without_visit += 1
                return
            visitor, visit = self._begin(record, key, visitor)
        assert visitor is not None
        if key not in self.touched:
            self.touched[key] = states(visit)
        visit.last = max(visit.last, record.time)
        if visitor.attempts:
            self.attempting.add(key)
            self._give_back(key, visitor, visit.last)
        scopes = self.scopes_of(record)
        self._attend(record, visit, scopes, deltas)
        if record.message is not None:
            self._use_form(record, record.message, key, visit, scopes)
        elif record.kind != LEAVE:
            self._count(record, hour, deltas, visitor, scopes)

    def _begin(self, record: Record, key: VisitorKey, visitor: Visitor | None) -> tuple[Visitor, Visit]:
        if visitor is None:
            visitor = self.visitors[key] = Visitor()
        old = visitor.visit
        if old is not None:
            before = self.touched.get(key)
            if before is not None:
                add_change(self.deltas[key.site, key.day], visitor.past, before, states(old))
            self.end_attempts([key])
            for form in visitor.attempts:
                self._write_attempt(key, form)
            visitor.attempts.clear()
            visitor.past |= past_keys(old)
            self.finished.append((key, old))
        number = next(self.numbers) if self.is_kept(key) else 0
        visit = visitor.visit = Visit(number, record.time, record.time, values_of(record))
        self.touched[key] = {}
        return visitor, visit

    def _attend(self, record: Record, visit: Visit, scopes: tuple[str, ...], deltas: Deltas) -> None:
        """Count the seconds of attention: for the visit, the services it touched, and the page."""
        if not record.seconds:
            return
        for scope in scopes:
            if record.kind == LEAVE and scope and scope not in visit.parts:
                continue
            visit.part(scope).seconds += record.seconds
            if record.page:
                add(deltas[scope], PAGE, record.page, (0, 0, 0, 0, record.seconds, 0, 0))

    def _count(self, record: Record, hour: str, deltas: Deltas, visitor: Visitor, scopes: tuple[str, ...]) -> None:
        visit = visitor.visit
        assert visit is not None
        view = record.kind == VIEW
        keys = [(HOUR, hour), *((_NUMBERS[name], key) for name, key in record.keys)]
        if view:
            visit.values[ENTRY_INDEX] = visit.values[ENTRY_INDEX] or record.page
            visit.values[EXIT_INDEX] = record.page
            keys[0:0] = [(PAGE, record.page)]
        measures = (0, 0, int(view), 0, 0, int(not view), record.rkey)
        for scope in scopes:
            part = visit.part(scope)
            part.views += view
            part.events += not view
            part.rkey += record.rkey
            for dim, key in keys:
                _occur(deltas[scope], visitor, scope, (dim, key), measures)
        if view and record.site in self.gateway:
            self._count_for_gateway(record, deltas, scopes, visit.values)
        for dim, key in keys:
            if dim != HOUR:
                self._hit(visit, record, dim, key)

    def _count_for_gateway(
        self, record: Record, deltas: Deltas, scopes: tuple[str, ...], values: Sequence[str]
    ) -> None:
        """Count a view of a page of the Single Digital Gateway by device and country, once however many services."""
        if not self.gateway[record.site].isdisjoint(scopes):
            key = f"{values[DEVICE_INDEX]}/{values[COUNTRY_INDEX]}/{record.page}"
            add(deltas[""], SDG, key, (0, 0, 1, 0, 0, 0, record.rkey))

    def _hit(self, visit: Visit, record: Record, dim: int, key: str) -> None:
        if visit.number:
            self.hits.append(Hit(visit.number, visit.sequence, record.time // 60_000, dim, key))
            visit.sequence += 1

    def _count_alone(self, record: Record, hour: str, deltas: Deltas) -> None:
        """Level `counts`: views and events only. An entry is a view whose referrer is not the site itself."""
        view = int(record.kind == VIEW)
        measures = (0, 0, view, 0, 0, 1 - view, record.rkey)
        values = values_of(record)
        entry = view and record.channel != INTERNAL
        if entry:
            values[ENTRY_INDEX] = record.page
        keys = [
            (dim, value)
            for index, (dim, blank, value) in enumerate(zip(DIMS, BLANKS, values, strict=True))
            if (entry or index not in SOURCES) and (value or blank)
        ]
        keys += [(HOUR, hour), *((_NUMBERS[name], key) for name, key in record.keys)]
        if view:
            keys.append((PAGE, record.page))
        scopes = self.scopes_of(record)
        for scope in scopes:
            for dim, key in keys:
                add(deltas[scope], dim, key, measures)
        if view and record.site in self.gateway:
            self._count_for_gateway(record, deltas, scopes, values)

    # Attempts

    def _use_form(
        self, record: Record, message: Message, key: VisitorKey, visit: Visit, scopes: tuple[str, ...]
    ) -> None:
        """A message about a form within a visit: it touches the services, and is no event."""
        for scope in scopes:
            visit.part(scope)
        shown = not (message.done or message.error or message.outcome)
        visit.acts += 1 if shown else 2
        self._advance(record, message, key, visit.last)
        if message.step and shown:
            self._hit(visit, record, _STEP, f"{message.form}/{message.step}")

    def _attempt_alone(self, record: Record, message: Message, key: VisitorKey) -> None:
        """A form server's message: the visitor is the attempt, and has no visit."""
        if key not in self.visitors:
            self.visitors[key] = Visitor()
        self._advance(record, message, key, record.time)

    def _advance(self, record: Record, message: Message, key: VisitorKey, time: int) -> None:
        self.attempting.add(key)
        known = self.visitors[key].attempts
        attempt = known.get(message.form)
        if attempt is None or attempt.is_final:
            if attempt is not None:
                self._write_attempt(key, message.form)
            again = attempt is not None  # on one day an id is resumed once at most; what comes now is a new attempt
            attempt = known[message.form] = attempts.begin(message, record.device, record.rkey, time)
            attempt.resumed = attempt.resumed and not again
            self.attempted.setdefault((key, message.form), {})
        else:
            self._remember_attempt(key, message.form)
        attempts.advance(attempt, message, time)

    def _give_back(self, key: VisitorKey, visitor: Visitor, last: int) -> None:
        """The visit goes on: its attempts are not abandoned."""
        for form, attempt in visitor.attempts.items():
            attempt.last = max(attempt.last, last)
            if attempt.over:
                self._remember_attempt(key, form)
                attempt.over = False

    def _remember_attempt(self, key: VisitorKey, form: str) -> None:
        if (key, form) not in self.attempted:
            self.attempted[key, form] = attempts.contribution(form, self.visitors[key].attempts[form])

    def _write_attempt(self, key: VisitorKey, form: str) -> None:
        """Write the change of an attempt since the batch began, if there was any."""
        before = self.attempted.pop((key, form), None)
        if before is not None:
            attempt = self.visitors[key].attempts[form]
            delta = self.deltas[key.site, key.day][""]
            attempts.add_change(delta, attempt.rkey, before, attempts.contribution(form, attempt))


def _occur(delta: Delta, visitor: Visitor, scope: str, place: tuple[int, str], measures: Measures) -> None:
    """Count one occurrence of a beacon's key: for the visit and the visitor only the first time."""
    assert visitor.visit is not None
    seen, found = visitor.visit.part(scope).seen, mark(scope, *place)
    if found not in seen:
        seen.add(found)
        measures = (int(found not in visitor.past), 1, *measures[2:])
    add(delta, *place, measures)
