"""One attempt at a form: which messages, in which order, how long between them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from tracker.record import Message
from tracker.simulation.chance import Weighted
from tracker.simulation.forms import ASSURANCE, AT_ONCE, PAYMENT, SIGN_IN, Plan, Station

FIRST, END, REFUSAL = "antrag", "danke", "nicht-zustaendig"  # pages below that of the service
GOES_BACK = 0.06  # chance to go back a step
TRIES_AGAIN = 0.5  # chance to go on after a payment was refused
CLUMSY = 1.4  # how much more often something goes wrong on a phone
LONGEST = 1200  # s on a step
SPREAD = 0.6  # of the logarithm of the seconds on a step


class Beat(NamedTuple):
    """A message, and how many seconds pass until the next; `page`: the page that it opens, "" if it stays on one."""

    message: Message
    seconds: int
    page: str = ""


@dataclass(slots=True)
class _Facts:
    """What the next page will know, and tell once."""

    auth: str = ""
    payment: str = ""
    payment_status: str = ""

    def tell(self, form: str, step: str) -> Message:
        """The message of a step that is shown."""
        message = Message(
            form,
            step,
            auth=self.auth,
            assurance=ASSURANCE.get(self.auth, ""),
            payment=self.payment,
            payment_status=self.payment_status,
        )
        self.auth = self.payment = self.payment_status = ""
        return message


@dataclass(slots=True)
class _Walk:
    """Somebody who fills in a form."""

    chance: Random
    plan: Plan
    mobile: bool
    facts: _Facts = field(default_factory=_Facts)
    pays_at_once: bool = False

    def happens(self, probability: float) -> bool:
        return self.chance.random() < probability

    def end(self, outcome: str, page: str) -> Beat:
        """The last message; without an end page nobody hears of it."""
        status = "succeeded" if self.pays_at_once and outcome == "submitted" else ""
        return Beat(Message(form=self.plan.slug, outcome=outcome, payment_status=status), 8, page)

    def station(self, station: Station) -> Iterator[Beat]:
        """A step is shown, and what goes wrong there."""
        page = FIRST if station is self.plan.stations[0] else f"{FIRST}/{station.slug}"
        seconds = min(LONGEST, int(station.seconds * self.chance.lognormvariate(0, SPREAD)) + 1)
        yield Beat(self.facts.tell(self.plan.slug, station.slug), seconds, page)
        for slip in station.slips:
            if self.happens(slip.chance * (CLUMSY if self.mobile else 1)):
                error = Message(self.plan.slug, station.slug, error=slip.error, field=slip.field)
                yield Beat(error, seconds // 3 + 3)

    def ended(self, station: Station) -> Beat | None:
        """The end on a step, if there is one: not entitled, or a breakdown."""
        if self.happens(station.ends):
            return self.end("ended_not_eligible", REFUSAL)
        return self.end("error_system", "") if self.happens(self.plan.faults) else None

    def decide(self, station: Station) -> Iterator[Beat]:
        """What is chosen on a step; a refused payment shows it again."""
        if station.slug == SIGN_IN:
            self.facts.auth = Weighted(self.plan.auths).draw(self.chance)
        if station.slug == PAYMENT:
            yield from self._pay()

    def _pay(self) -> Iterator[Beat]:
        payment = Weighted(self.plan.payments).draw(self.chance)
        self.pays_at_once = payment in AT_ONCE
        self.facts.payment, self.facts.payment_status = payment, "started" if self.pays_at_once else ""
        if self.pays_at_once and self.happens(self.plan.fails):
            self.facts.payment_status = "failed"
            yield Beat(self.facts.tell(self.plan.slug, PAYMENT), 25, f"{FIRST}/{PAYMENT}")


def walk(chance: Random, plan: Plan, mobile: bool, begin: str = "") -> Iterator[Beat]:
    """The beats of one attempt, from the step `begin` or the first one on; it breaks off where somebody gives up."""
    person = _Walk(chance, plan, mobile)
    stations = [row for row in plan.stations if row.slug == begin or person.happens(row.taken)]
    position = next((place for place, row in enumerate(stations) if row.slug == begin), 0)
    if stations[0].slug != SIGN_IN:
        person.facts.auth = Weighted(plan.auths).draw(chance)
    while position < len(stations):
        station = stations[position]
        yield from person.station(station)
        if ended := person.ended(station):
            yield ended
            return
        if not person.happens(station.keeps * (station.mobile if mobile else 1)):
            return
        refused = list(person.decide(station))
        yield from refused
        if refused and not person.happens(TRIES_AGAIN):
            return
        back = position > 0 and person.happens(GOES_BACK)
        position += -1 if back else 1
    if plan.end_page:
        yield person.end("submitted", END)
