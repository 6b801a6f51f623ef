"""Attempts at forms as lists of messages, made up by chance, and counted straight into the rollups of a database."""

import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from tracker.attempts import Attempt, add_alone, add_change, advance, begin, contribution
from tracker.calendar import day_number
from tracker.record import Message
from tracker.rollups import BY_NAME, Delta, add
from tracker.services.service import Form
from tracker.store import Store
from tracker.store.batch import Batch
from tracker.store.catalogue import Site

DEVICES = ("mobile", "tablet", "desktop", "other", "")
ENDS = ("submitted", "submitted", "submitted", "ended_not_eligible", "ended_redirected", "error_system", "other")
CODES = {
    "auth": ("none", "bundid_eid", "muk", "other"),
    "assurance": ("none", "substantial", "high"),
    "payment": ("invoice", "paypal", "wero"),
    "payment_status": ("succeeded", "failed", "cancelled", "started"),
}


class Run(NamedTuple):
    """One attempt: its messages with the second each was sent at; over says that nothing more comes."""

    form: str
    day: date
    device: str
    messages: list[tuple[int, Message]]
    over: bool = True


class Visit(NamedTuple):
    """One visit within a service."""

    slug: str
    day: date
    hour: int
    device: str
    source: str


def random_run(source: random.Random, form: str, steps: Sequence[str], day: date, stays: float = 0.88) -> Run:
    """An attempt that goes through the steps, goes back, errs, ends or stops anywhere."""
    time, messages = 1000, []
    place = 0
    while place < len(steps):
        messages.append((time, Message(form, steps[place])))
        time += int(source.lognormvariate(3.4, 1.1)) + 1
        if source.random() < 0.15:
            known = {
                "error": source.choice(("required", "pattern")),
                "field": source.choice(("", "iban", "geburtstag")),
            }
            messages.append((time, Message(form, steps[place], **known)))
            time += 9
        if source.random() > stays:
            break
        place = max(0, place - 1) if source.random() < 0.06 else place + 1
    codes = {name: source.choice(values) for name, values in CODES.items() if source.random() < 0.6}
    if place == len(steps):
        messages.append((time, Message(form, outcome=source.choice(ENDS), **codes)))
    elif codes:
        messages.append((time, Message(form, steps[place], error="timeout", **codes)))
    return Run(form, day, source.choice(DEVICES), messages, over=source.random() < 0.97)


def state_of(run: Run) -> Attempt:
    """The attempt that a run leads to."""
    attempt = begin(run.messages[0][1], run.device, 1, run.messages[0][0] * 1000)
    for time, message in run.messages:
        advance(attempt, message, time * 1000)
    attempt.over = run.over and not attempt.outcome
    return attempt


def count_runs(store: Store, site: Site, runs: Iterable[Run], visits: Iterable[Visit] = ()) -> None:
    """Count attempts and visits at the privacy level of the site."""
    days: dict[tuple[int, int], dict[str, Delta]] = {}
    for run in runs:
        delta = days.setdefault((site.id, day_number(run.day)), {}).setdefault("", {})
        if site.level == "visits":
            add_change(delta, 1, {}, contribution(run.form, state_of(run)))
            continue
        for _, message in run.messages:
            add_alone(delta, message, 1)
    for visit in visits:
        delta = days.setdefault((site.id, day_number(visit.day)), {}).setdefault(visit.slug, {})
        keys = {"total": "", "device": visit.device, "source": visit.source, "channel": "search"}
        for name, key in {**keys, "hour": f"{visit.hour:02d}"}.items():
            visits_, visitors = (1, 1) if site.level == "visits" else (0, 0)
            add(delta, BY_NAME[name].number, key, (visitors, visits_, 2, 0, 60 * visits_, 0, 1))
    store.begin()
    store.apply(Batch(days, {}, [], [], {}, {}, {}, now=1))
    store.commit()


def forms_by_slug(forms: Iterable[Form]) -> Mapping[str, Form]:
    """Forms by their short names."""
    return {form.slug: form for form in forms}
