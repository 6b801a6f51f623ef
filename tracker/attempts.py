"""Attempts: one run of one form. Pure: messages change the state of an attempt, and the state says what it contributes.

What is counted, with examples, stands in docs/attempts.md. An attempt's contribution is a function of its state; a
batch adds the contribution after it less the one before, so that an abandonment that is given back, or an outcome that
is replaced, is a signed change with no rule of its own.
"""

from bisect import bisect_right
from collections.abc import Iterable

import msgspec

from tracker.record import Message
from tracker.rollups import BY_NAME, Delta, Measures, add

ABANDONED = "abandoned"
FAULT = "error_system"  # an end after which the same attempt may go on
LEGITIMATE = ("submitted", "ended_not_eligible", "ended_redirected")
BUCKETS = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 300, 420, 600, 900, 1200, 1800)  # s; upper bounds
LONGEST_STAY = 1800  # s on one step that are counted
MOST_STEPS = 60  # of one attempt; a form server gone wild must not fill the memory
VALUES = ("auth", "assurance", "payment")

Place = tuple[int, str]  # dimension number, key
Contribution = dict[Place, tuple[int, int, int]]  # attempts, occurrences, seconds

_DIM = {name: row.number for name, row in BY_NAME.items()}


class Attempt(msgspec.Struct, array_like=True):
    """The state of one attempt. Steps are in the order in which they were first reached."""

    device: str
    rkey: int
    last: int  # ms
    resumed: bool = False
    left: str = ""  # resumed: the step at which the attempt was left
    shown: dict[str, int] = msgspec.field(default_factory=dict)
    current: str = ""
    since: int = 0  # when the current step was shown, in ms; 0 once it was left
    done: set[str] = msgspec.field(default_factory=set)
    back: dict[str, int] = msgspec.field(default_factory=dict)
    errors: dict[str, int] = msgspec.field(default_factory=dict)  # "step/error"
    fields: dict[str, int] = msgspec.field(default_factory=dict)  # "step/field"
    seconds: dict[str, int] = msgspec.field(default_factory=dict)
    stays: dict[str, int] = msgspec.field(default_factory=dict)  # "step/bucket"
    values: dict[str, str] = msgspec.field(default_factory=dict)
    statuses: dict[str, int] = msgspec.field(default_factory=dict)
    status: str = ""  # the payment status told last
    outcome: str = ""
    over: bool = False

    @property
    def is_final(self) -> bool:
        """Whether it ended for good; what comes then is another attempt."""
        return self.outcome not in {"", FAULT}

    @property
    def is_open(self) -> bool:
        """Whether it will be abandoned if nothing more comes."""
        return not self.outcome and not self.over


def begin(message: Message, device: str, rkey: int, time: int) -> Attempt:
    """A new attempt, begun or resumed by its first message."""
    return Attempt(device, rkey, time, message.resumed, message.step if message.resumed else "")


def advance(attempt: Attempt, message: Message, time: int) -> None:
    """Let one message change the attempt; `time` in ms, never before the last one."""
    attempt.over = False
    time = attempt.last = max(time, attempt.last)
    for name in VALUES:
        if value := getattr(message, name):
            attempt.values[name] = value
    if message.payment_status:
        _note_status(attempt, message)
    if message.outcome:
        _end(attempt, message.outcome, time)
        return
    if attempt.outcome == FAULT:
        attempt.outcome = ""
    step = message.step
    if not step or (step not in attempt.shown and len(attempt.shown) >= MOST_STEPS):
        return
    if message.error or message.done:
        _enter(attempt, step, time)
    if message.error:
        _increase(attempt.errors, f"{step}/{message.error}")
        if message.field:
            _increase(attempt.fields, f"{step}/{message.field}")
    elif message.done:
        attempt.done.add(step)
        _leave(attempt, time)
    else:
        _show(attempt, step, time)


def _note_status(attempt: Attempt, message: Message) -> None:
    """Count a payment status; a page that leaves a step or reports an error only repeats what it told before."""
    repeats = (message.done or message.error) and message.payment_status == attempt.status
    if not repeats:
        _increase(attempt.statuses, message.payment_status)
    attempt.status = message.payment_status


def _show(attempt: Attempt, step: str, time: int) -> None:
    """A step is shown: for the first time, again, after going back, or after going forward."""
    order = list(attempt.shown)
    if step != attempt.current and attempt.current:
        if step in attempt.shown and order.index(step) < order.index(attempt.current):
            _increase(attempt.back, attempt.current)
        else:
            attempt.done.add(attempt.current)
    _leave(attempt, time)
    _increase(attempt.shown, step)
    attempt.current, attempt.since = step, time


def _enter(attempt: Attempt, step: str, time: int) -> None:
    """A message about a step that was not shown to us (its message was lost) shows it."""
    if step != attempt.current:
        _show(attempt, step, time)


def _leave(attempt: Attempt, time: int) -> None:
    if not attempt.since:
        return
    seconds = min((time - attempt.since) // 1000, LONGEST_STAY)
    attempt.seconds[attempt.current] = attempt.seconds.get(attempt.current, 0) + seconds
    _increase(attempt.stays, f"{attempt.current}/{bisect_right(BUCKETS, seconds):02d}")
    attempt.since = 0


def _end(attempt: Attempt, outcome: str, time: int) -> None:
    attempt.outcome = outcome
    if outcome in LEGITIMATE and attempt.current:
        attempt.done.add(attempt.current)
    _leave(attempt, time)


def _increase(counts: dict[str, int], key: str) -> None:
    counts[key] = counts.get(key, 0) + 1


def contribution(form: str, attempt: Attempt | None) -> Contribution:
    """What an attempt adds to the counts, by dimension and key."""
    if attempt is None:
        return {}
    found: Contribution = {(_DIM["resumed" if attempt.resumed else "form"], form): (1, 1, 0)}
    for step, times in attempt.shown.items():
        found[_DIM["step"], f"{form}/{step}"] = (1, times, attempt.seconds.get(step, 0))
        found[_DIM["step_device"], f"{form}/{step}/{attempt.device}"] = (1, times, 0)
    for step in attempt.done:
        found[_DIM["step_done"], f"{form}/{step}"] = (1, 1, 0)
    for name, counts in (
        ("step_back", attempt.back),
        ("step_error", attempt.errors),
        ("step_field", attempt.fields),
        ("step_time", attempt.stays),
        ("payment_status", attempt.statuses),
    ):
        found.update({(_DIM[name], f"{form}/{key}"): (1, times, 0) for key, times in counts.items()})
    found.update({(_DIM[name], f"{form}/{value}"): (1, 1, 0) for name, value in attempt.values.items()})
    for place, sign in _ends(form, attempt):
        count = found.get(place, (0, 0, 0))
        found[place] = (count[0] + sign, count[1] + sign, 0)
    return found


def _ends(form: str, attempt: Attempt) -> Iterable[tuple[Place, int]]:
    """The outcome; and for a resumed attempt, the abandonment that is given back."""
    if attempt.resumed:
        yield from _abandonment(form, attempt.left, attempt.device, -1)
    if attempt.outcome:
        yield (_DIM["outcome"], f"{form}/{attempt.outcome}"), 1
    elif attempt.over:
        yield from _abandonment(form, attempt.current, attempt.device, 1)


def _abandonment(form: str, step: str, device: str, sign: int) -> Iterable[tuple[Place, int]]:
    yield (_DIM["outcome"], f"{form}/{ABANDONED}"), sign
    if step:
        yield (_DIM["abandoned"], f"{form}/{step}"), sign
        yield (_DIM["abandoned_device"], f"{form}/{step}/{device}"), sign


def add_change(delta: Delta, rkey: int, before: Contribution, after: Contribution) -> None:
    """Add the difference of two contributions of one attempt; its record key goes along with it."""
    for place in before.keys() | after.keys():
        old, new = before.get(place, (0, 0, 0)), after.get(place, (0, 0, 0))
        if old != new:
            attempts = new[0] - old[0]
            measures: Measures = (0, attempts, 0, 0, new[2] - old[2], new[1] - old[1], attempts * rkey)
            add(delta, place[0], place[1], measures)


def add_alone(delta: Delta, message: Message, rkey: int) -> None:
    """Level `counts`: each message by itself, as occurrences; there are no attempts."""
    for name, key in _alone(message):
        add(delta, _DIM[name], f"{message.form}/{key}" if key else message.form, (0, 0, 0, 0, 0, 1, rkey))


def _alone(message: Message) -> Iterable[tuple[str, str]]:
    for name in (*VALUES, "payment_status"):
        if value := getattr(message, name):
            yield name, value
    if message.outcome:
        yield "outcome", message.outcome
    elif message.step and message.error:
        yield "step_error", f"{message.step}/{message.error}"
        if message.field:
            yield "step_field", f"{message.step}/{message.field}"
    elif message.step:
        yield "step_done" if message.done else "step", message.step
