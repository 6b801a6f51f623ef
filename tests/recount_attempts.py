"""The slow, obvious recount of attempts: one list of messages at a time. Rules: docs/attempts.md."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from tracker.record import Message, Record

LEGITIMATE = ("submitted", "ended_not_eligible", "ended_redirected")
BOUNDS = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 300, 420, 600, 900, 1200, 1800)

Timed = tuple[int, Record]  # when it counts as sent: never before what came earlier in its visit


def attempts_of(run: Sequence[Record]) -> list[tuple[str, list[Timed], bool]]:
    """The attempts of one visit (or of one attempt id of a form server): per form, cut after each final outcome.

    The third value tells whether it was resumed from an earlier day: only the first can be.
    """
    by_form: dict[str, list[Timed]] = defaultdict(list)
    latest = 0
    for record in run:
        latest = max(latest, record.time)
        if record.message is not None:
            by_form[record.message.form].append((latest, record))
    found = []
    for form, messages in by_form.items():
        attempt: list[Timed] = []
        resumed = messages[0][1].message.resumed
        for timed in messages:
            attempt.append(timed)
            if timed[1].message.outcome not in ("", "error_system"):
                found.append((form, attempt, resumed))
                attempt, resumed = [], False
        if attempt:
            found.append((form, attempt, resumed))
    return found


def shows_of(attempt: Sequence[Timed]) -> list[tuple[str, int, int | None]]:
    """(step, when shown, when left) for each time that a step was shown; None if it was not left."""
    shows: list[tuple[str, int, int | None]] = []

    def leave(time: int) -> None:
        if shows and shows[-1][2] is None:
            shows[-1] = (shows[-1][0], shows[-1][1], time)

    for time, record in attempt:
        message = record.message
        if message.outcome:
            leave(time)
            continue
        if not message.step:
            continue
        plain = not message.error and not message.done
        if plain or not shows or shows[-1][0] != message.step:
            leave(time)
            shows.append((message.step, time, None))
        if message.done and not message.error:
            leave(time)
    return shows


def outcome_of(attempt: Sequence[Timed]) -> str:
    """Exactly one: the last end; a fault of the system counts only if nothing came after it."""
    return attempt[-1][1].message.outcome or "abandoned"


def completed(attempt: Sequence[Timed]) -> set[str]:
    """Steps that were left forward: by word of the page, by a later step, or by a legitimate end."""
    messages = [record.message for _, record in attempt]
    steps = [step for step, _, _ in shows_of(attempt)]
    found = {message.step for message in messages if message.done and not message.error and not message.outcome}
    found -= {""}
    for here, there in pairwise(steps):
        if here != there and steps.index(there) > steps.index(here):
            found.add(here)
    if steps and messages[-1].outcome in LEGITIMATE:
        found.add(steps[-1])
    return found


def cells_of_attempt(form: str, attempt: Sequence[Timed], resumed: bool) -> dict[tuple[str, str], tuple[int, int, int]]:
    """(dimension, key) → attempts, occurrences, seconds."""
    messages = [record.message for _, record in attempt]
    device = attempt[0][1].device
    shows = shows_of(attempt)
    steps = [step for step, _, _ in shows]
    stays = [(step, min((left - shown) // 1000, 1800)) for step, shown, left in shows if left is not None]
    cells = {("resumed" if resumed else "form", form): (1, 1, 0)}
    for step, times in Counter(steps).items():
        cells["step", f"{form}/{step}"] = (1, times, sum(seconds for other, seconds in stays if other == step))
        cells["step_device", f"{form}/{step}/{device}"] = (1, times, 0)
    for step in completed(attempt):
        cells["step_done", f"{form}/{step}"] = (1, 1, 0)
    pairs = pairwise(steps)
    back = Counter(here for here, there in pairs if steps.index(there) < steps.index(here))
    ordinary = [message for message in messages if message.step and not message.outcome]
    errors = Counter(f"{message.step}/{message.error}" for message in ordinary if message.error)
    fields = Counter(f"{message.step}/{message.field}" for message in ordinary if message.error and message.field)
    buckets = Counter(f"{step}/{sum(bound <= seconds for bound in BOUNDS):02d}" for step, seconds in stays)
    told = [message for message in messages if message.payment_status]
    before = ["", *(message.payment_status for message in told)]
    statuses = Counter(
        message.payment_status
        for message, last in zip(told, before, strict=False)
        if message.payment_status != last or not (message.done or message.error)
    )
    for dim, counts in (
        ("step_back", back),
        ("step_error", errors),
        ("step_field", fields),
        ("step_time", buckets),
        ("payment_status", statuses),
    ):
        cells.update({(dim, f"{form}/{key}"): (1, times, 0) for key, times in counts.items()})
    for name in ("auth", "assurance", "payment"):
        given = [getattr(message, name) for message in messages if getattr(message, name)]
        if given:
            cells[name, f"{form}/{given[-1]}"] = (1, 1, 0)
    ends = [(outcome_of(attempt), steps[-1] if steps else "", 1)]
    if resumed:
        ends.append(("abandoned", messages[0].step, -1))
    for outcome, step, sign in ends:
        places = [("outcome", f"{form}/{outcome}")]
        if outcome == "abandoned" and step:
            places += [("abandoned", f"{form}/{step}"), ("abandoned_device", f"{form}/{step}/{device}")]
        for place in places:
            number, times, _ = cells.get(place, (0, 0, 0))
            cells[place] = (number + sign, times + sign, 0)
    return cells


def cells_of_message(message: Message) -> Iterable[tuple[str, str]]:
    """Level `counts`: what one message counts by itself."""
    for name in ("auth", "assurance", "payment", "payment_status"):
        if getattr(message, name):
            yield name, f"{message.form}/{getattr(message, name)}"
    if message.outcome:
        yield "outcome", f"{message.form}/{message.outcome}"
    elif message.step and message.error:
        yield "step_error", f"{message.form}/{message.step}/{message.error}"
        if message.field:
            yield "step_field", f"{message.form}/{message.step}/{message.field}"
    elif message.step:
        yield ("step_done" if message.done else "step"), f"{message.form}/{message.step}"
