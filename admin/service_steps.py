"""The steps of forms out of their counts: the funnel, what goes wrong, how long it takes. Counts in, values out."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from admin.service_stats import DETAIL_DIMS, STEP_DIMS, Found, Summary, number_of, of_form, share, summarise
from tracker.address import clean_text
from tracker.anonymise import NAME_LIMIT
from tracker.attempts import BUCKETS, LONGEST_STAY
from tracker.services.service import Form, Step
from tracker.store import Counts


class StepRow(NamedTuple):
    """What happened at one step. At level `counts`, `reached` and what follows from it is None.

    `number` is its place among the declared steps, 0 for one that is not declared. `shown`, `errors` are occurrences,
    the others attempts. `median` and `slow` (the 90th percentile) are seconds of one stay.
    `devices`: device → attempts that reached it and that were abandoned there.
    """

    step: Step
    number: int
    reached: int | None
    shown: int
    back: int | None
    errors: int
    completed: int
    abandoned: int | None
    median: float | None
    slow: float | None
    devices: Mapping[str, tuple[int, int]]

    @property
    def again(self) -> int | None:
        """How often it was shown again to an attempt that had reached it."""
        return None if self.reached is None else self.shown - self.reached

    @property
    def abandonment(self) -> float | None:
        """Attempts whose last step it was, by attempts that reached it."""
        return share(self.abandoned, self.reached)


class Funnel(NamedTuple):
    """The steps of one form: those that are declared in their order, then others that were seen."""

    form: Form
    summary: Summary
    rows: Sequence[StepRow]

    @property
    def top(self) -> int:
        """What the shares of the steps are shares of: attempts begun, or times that the most seen step was shown."""
        if self.summary.started is None:
            return max((row.shown for row in self.rows), default=0)
        return self.summary.started + self.summary.resumed


class Loss(NamedTuple):
    """The step at which most attempts were abandoned."""

    form: Form
    row: StepRow


class Mishap(NamedTuple):
    """An error at a step, or in a field of it: attempts that met it, and how often it occurred."""

    form: Form
    step: Step
    name: str
    attempts: int
    times: int


def funnel(form: Form, found: Found, with_attempts: bool) -> Funnel:
    """The funnel of a form; `found` may hold the counts of other forms as well."""
    own = of_form(found, form.slug)
    by_step = {dim: _by_step(rows) for dim, rows in own.items()}
    declared = {stored(step): step for step in form.steps}
    shown = {key: sum(row.events for row in rows) for key, rows in by_step.get("step", {}).items()}
    seen = {key for dim in (*STEP_DIMS, *DETAIL_DIMS) for key in by_step.get(dim, {})} - declared.keys()
    others = sorted(
        seen, key=lambda key: (not key.isdecimal(), int(key) if key.isdecimal() else 0, -shown.get(key, 0), key)
    )
    steps = [(place, key, step) for place, (key, step) in enumerate(declared.items(), 1)]
    steps += [(0, key, Step(key)) for key in others]
    rows = [
        _step_row(step, number, {dim: found.get(key, []) for dim, found in by_step.items()}, with_attempts)
        for number, key, step in steps
    ]
    return Funnel(form, summarise(own, with_attempts), rows)


def stored(step: Step) -> str:
    """The name of a declared step as messages about it are counted."""
    return clean_text(step.slug, NAME_LIMIT).replace("/", "-")


def _by_step(rows: Sequence[Counts]) -> dict[str, list[Counts]]:
    """Counts by step; keys are form/step or form/step/…, and no part has a slash."""
    found: dict[str, list[Counts]] = {}
    for row in rows:
        parts = row.key.split("/", 2)
        if len(parts) > 1:
            found.setdefault(parts[1], []).append(row)
    return found


def _step_row(step: Step, number: int, found: Found, with_attempts: bool) -> StepRow:
    def attempts(dim: str) -> int:
        return sum(number_of(row, with_attempts) for row in found.get(dim, ()))

    stays = {int(row.key.rpartition("/")[2]): row.events for row in found.get("step_time", ())}
    return StepRow(
        step=step,
        number=number,
        reached=attempts("step") if with_attempts else None,
        shown=sum(row.events for row in found.get("step", ())),
        back=attempts("step_back") if with_attempts else None,
        errors=sum(row.events for row in found.get("step_error", ())),
        completed=attempts("step_done"),
        abandoned=attempts("abandoned") if with_attempts else None,
        median=quantile(stays, Fraction(1, 2)),
        slow=quantile(stays, Fraction(9, 10)),
        devices=_devices(found) if with_attempts else {},
    )


def _devices(found: Found) -> dict[str, tuple[int, int]]:
    reached, abandoned = (
        {row.key.rpartition("/")[2]: row.visits for row in found.get(dim, ())}
        for dim in ("step_device", "abandoned_device")
    )
    return {name: (reached.get(name, 0), abandoned.get(name, 0)) for name in reached.keys() | abandoned.keys()}


def quantile(stays: Mapping[int, int], part: Fraction) -> float | None:
    """Seconds that the given part of the stays lie under; `stays`: bucket of BUCKETS → number.

    Within a bucket the stays are taken to be spread evenly. None where there are none.
    """
    rank = sum(stays.values()) * part
    passed = 0
    for bucket in sorted(stays):
        number = stays[bucket]
        if number > 0 and passed + number >= rank:
            low, high = bounds(bucket)
            return float(low + (high - low) * (rank - passed) / number)
        passed += number
    return None


def bounds(bucket: int) -> tuple[int, int]:
    """The seconds that a bucket of BUCKETS begins with and ends before; the last one holds the longest stays only."""
    return (BUCKETS[bucket - 1] if bucket else 0), (BUCKETS[bucket] if bucket < len(BUCKETS) else LONGEST_STAY)


def worst_loss(funnels: Sequence[Funnel]) -> Loss | None:
    """The step at which most attempts were abandoned; None where none was."""
    rows = [Loss(each.form, row) for each in funnels for row in each.rows if (row.abandoned or 0) > 0]
    return max(rows, key=lambda loss: loss.row.abandoned or 0, default=None)


def mishaps(forms: Sequence[Form], found: Sequence[Counts]) -> list[Mishap]:
    """Errors (`step_error`) or fields (`step_field`) of forms, the most frequent first."""
    steps = {form.slug: {stored(step): step for step in form.steps} for form in forms}
    by_slug = {form.slug: form for form in forms}
    rows = []
    for row in found:
        form, step, name = row.key.split("/", 2)
        rows.append(Mishap(by_slug[form], steps[form].get(step, Step(step)), name, row.visits, row.events))
    return sorted(rows, key=lambda row: (-row.times, row.form.slug, row.step.slug, row.name))
