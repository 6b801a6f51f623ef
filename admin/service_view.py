"""What the address of a service's report asks for, and the addresses that lead on from there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from flask import url_for

from admin.ranges import Range, shifted, year_before
from admin.service_reading import Facts
from admin.service_stats import added, share
from admin.sheets import MONEY
from admin.stats import NUMBER, PERCENT
from admin.view import language_query, range_of, range_query
from tracker.calendar import Calendar, calendar_of
from tracker.feedback.summary import UNCLEAR, change
from tracker.services.service import Service
from tracker.store.catalogue import Municipality

BEFORE, YEAR, OFF = "before", "year", "0"  # what the graph is compared with


class Measure(NamedTuple):
    """A key figure. `drawn`: also over time, where only what was counted is known.

    `clear`: whether it differs by more than chance alone would do for; without it every difference is told.
    """

    name: str
    kind: str
    of: Callable[[Facts], float | None]
    drawn: bool = True
    clear: Callable[[Facts, Facts], bool] | None = None


def started(facts: Facts) -> int | None:
    """Attempts started online."""
    return added(facts.summary.started, facts.imported and facts.imported.started)


def submitted(facts: Facts) -> int:
    """Transactions submitted online."""
    return added(facts.summary.submitted, facts.imported and facts.imported.submitted) or 0


def abandoned(facts: Facts) -> int | None:
    """Attempts given up online."""
    return added(facts.summary.abandoned, facts.imported and facts.imported.abandoned)


def completion_rate(facts: Facts) -> float | None:
    """Legitimate ends by attempts started (GOV.UK Service Manual); sources that do not tell both are left out."""
    if facts.imported is None or facts.imported.started is None:
        return facts.summary.completion_rate
    ended = facts.summary.ended if facts.summary.started is not None else 0
    return share(ended + facts.imported.with_start, started(facts))


def cost_per_transaction(facts: Facts) -> float | None:
    """Euro by transaction submitted online."""
    sent = submitted(facts)
    return float(facts.summary.cost / sent / 100) if facts.summary.cost is not None and sent else None


def take_up(facts: Facts) -> float | None:
    """Digital take-up: submitted online, by submitted on all channels; None where no other channel is known."""
    if facts.imported is None or facts.imported.elsewhere is None:
        return None
    online = submitted(facts)
    return share(online, online + facts.imported.elsewhere)


def satisfaction(facts: Facts) -> float | None:
    """Ratings of 4 and 5 by all ratings (GOV.UK Service Manual); None where there are few."""
    return facts.feedback.share


def satisfaction_changed(facts: Facts, before: Facts) -> bool:
    """Whether satisfaction changed by more than chance."""
    found = change(facts.feedback, before.feedback)
    return found is not None and found.way != UNCLEAR


MEASURES = {
    row.name: row
    for row in (
        Measure("visits", NUMBER, lambda facts: facts.totals.visits),
        Measure("views", NUMBER, lambda facts: facts.totals.views),
        Measure("started", NUMBER, started),
        Measure("submitted", NUMBER, submitted),
        Measure("completion_rate", PERCENT, completion_rate),
        Measure("abandoned", NUMBER, abandoned),
        Measure("take_up", PERCENT, take_up, drawn=False),
        Measure("cost", MONEY, cost_per_transaction, drawn=False),
        Measure("satisfaction", PERCENT, satisfaction, drawn=False, clear=satisfaction_changed),
    )
}


@dataclass(frozen=True, slots=True)
class ServiceView:
    """What the address asks for. `problem` tells why the range asked for is not the one shown."""

    town: Municipality
    service: Service
    now: datetime
    span: Range
    problem: str
    interval: str  # "" when the range is too short for a graph
    measure: str
    compare: str

    @property
    def calendar(self) -> Calendar:
        """The local calendar of the municipality."""
        return calendar_of(self.town.timezone)

    @property
    def intervals(self) -> list[str]:
        """Into what the graph can be cut."""
        return self.span.intervals_of_days

    @property
    def compared(self) -> Range | None:
        """The range that the graph is compared with."""
        if self.compare == OFF:
            return None
        return year_before(self.span) if self.compare == YEAR else shifted(self.span, -1)

    def url(self, **changes: str | None) -> str:
        """The address of the report with the same choices but for `changes`; None leaves one out."""
        query: dict[str, Any] = {**self.query(), **changes}
        return url_for("service_report.report", ars=self.town.ars, slug=self.service.slug, **query)

    def file_url(self, sheet: str) -> str:
        """The address of a table as CSV, in the same range."""
        query: dict[str, Any] = {**self.query(), "period": None, "from": None, "to": None, **range_query(self.span)}
        return url_for("service_report.sheet_csv", ars=self.town.ars, slug=self.service.slug, sheet=sheet, **query)

    def query(self) -> dict[str, str]:
        """The choices as query parameters; what is the default is left out."""
        query = range_query(self.span)
        if self.interval and self.interval != self.span.interval:
            query["interval"] = self.interval
        if self.measure:
            query["measure"] = self.measure
        if self.compare != BEFORE:
            query["compare"] = self.compare
        return {**query, **language_query()}


def view_of(town: Municipality, service: Service, args: Mapping[str, str], now: datetime) -> ServiceView:
    """Read the address; what cannot be shown becomes the default, and a bad range a message beside it."""
    span, problem = range_of(args, now.astimezone(calendar_of(town.timezone).zone).date())
    wanted, compare, measure = (args.get(name, "") for name in ("interval", "compare", "measure"))
    return ServiceView(
        town=town,
        service=service,
        now=now,
        span=span,
        problem=problem,
        interval=span.chosen(wanted, span.intervals_of_days),
        measure=measure if measure in MEASURES and MEASURES[measure].drawn else "",
        compare=compare if compare in (BEFORE, YEAR, OFF) else BEFORE,
    )
