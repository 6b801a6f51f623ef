"""What is read of the counts for the report of a service and for all services at a glance."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from admin.ranges import AHEAD, Bucket, Range, previous, so_far, year_before
from admin.service_stats import ALL_DIMS, SUMMARY_DIMS, Found, Imported, Summary, cost_of, imported, summarise
from admin.service_steps import Funnel, Loss, funnel, worst_loss
from admin.stats import add_counts
from tracker.calendar import day_number, whole_periods
from tracker.feedback.summary import Tally
from tracker.services.service import Service
from tracker.store import Counts, Store
from tracker.store.catalogue import Site
from tracker.store.feedback_counts import FeedbackCounts, Scope
from tracker.store.service_counts import HourCount, ServiceCounts
from tracker.store.sqlite import NOTHING
from tracker.store.usage import Figures, Usage

OVERVIEW_DIMS = (*SUMMARY_DIMS, "step", "abandoned")


class Place(NamedTuple):
    """Where the figures of a municipality are read: its number and its sites."""

    store: Store
    municipality: int
    sites: Sequence[Site]


class Facts(NamedTuple):
    """What was counted of a service in some days: its forms' attempts, visits of its pages, imports and feedback."""

    summary: Summary
    totals: Counts
    imported: Imported | None = None
    feedback: Tally = Tally()


@dataclass(frozen=True, slots=True)
class Report:
    """The report of one service over a range, and what it is compared with; None where there is nothing to compare.

    `with_attempts`: counted at a level that knows attempts. `left_out`: hosts whose steps are counted without them,
    which is why their numbers are not among the others.
    """

    service: Service
    span: Range
    sites: tuple[int, ...]
    with_attempts: bool
    left_out: tuple[str, ...]
    now: Facts
    before: Facts | None
    year: Facts | None
    found: Found
    funnels: Sequence[Funnel]
    sources: Mapping[str, Figures]  # what was imported, by the title of the connector

    @property
    def forms(self) -> list[str]:
        """The forms of the service by their short names."""
        return [form.slug for form in self.service.forms]


def report(place: Place, service: Service, span: Range) -> Report:
    """Read everything that the report of a service shows, but for its graph and its hours."""
    forms = [form.slug for form in service.forms]
    counts = ServiceCounts(place.store.connection)
    by_level = {level: [site for site in place.sites if site.level == level] for level in ("visits", "counts")}
    found = counts.of_forms(_ids(by_level["visits"]), ALL_DIMS, span.periods, forms)
    without = counts.of_forms(_ids(by_level["counts"]), ALL_DIMS, span.periods, forms)
    with_attempts = any(found.values()) or not any(without.values())
    used = tuple(_ids(by_level["visits" if with_attempts else "counts"]))
    left_out = tuple(site.host for site in by_level["counts"]) if with_attempts and any(without.values()) else ()
    found = found if with_attempts else without
    cost = cost_of(service.cost_per_month_cents, span)
    whole = counts.totals(_ids(place.sites), span.periods, [service.slug]).get(service.slug, NOTHING)
    sources = Usage(place.store.connection).totals(place.municipality, service.slug, span.periods)
    facts = [_facts(place, used, service, there, with_attempts) for there in (previous(span), _last_year(span))]
    return Report(
        service=service,
        span=span,
        sites=used,
        with_attempts=with_attempts,
        left_out=left_out,
        now=Facts(summarise(found, with_attempts, cost), whole, imported(sources), _feedback(place, service, span)),
        before=facts[0],
        year=facts[1],
        found=found,
        funnels=[funnel(form, found, with_attempts) for form in service.forms],
        sources=sources,
    )


def _last_year(span: Range) -> Range | None:
    return so_far(year_before(span), span)


def _ids(sites: Collection[Site]) -> list[int]:
    return [site.id for site in sites]


def _facts(
    place: Place, used: Collection[int], service: Service, span: Range | None, with_attempts: bool
) -> Facts | None:
    """What was counted in an earlier range; None when nothing was, as then nobody knows whether it was counted."""
    if span is None:
        return None
    counts = ServiceCounts(place.store.connection)
    found = counts.of_forms(used, SUMMARY_DIMS, span.periods, [form.slug for form in service.forms])
    summary = summarise(found, with_attempts, cost_of(service.cost_per_month_cents, span))
    totals = counts.totals(_ids(place.sites), span.periods, [service.slug]).get(service.slug, NOTHING)
    sums = imported(Usage(place.store.connection).totals(place.municipality, service.slug, span.periods))
    told = _feedback(place, service, span)
    if summary.empty and totals == NOTHING and sums is None and not told.answers:
        return None
    return Facts(summary, totals, sums, told)


def _feedback(place: Place, service: Service, span: Range) -> Tally:
    """The answers about a service in a range."""
    scope = Scope(day_number(span.start), day_number(span.end), service.slug)
    return FeedbackCounts(place.store.connection, place.municipality).total(scope)


def trend(place: Place, found: Report, buckets: Sequence[Bucket]) -> list[Facts | None]:
    """What was counted in each place of the time axis; None for places ahead. Costs and imports are left out."""
    counts = ServiceCounts(place.store.connection)
    periods = [[] if bucket.state == AHEAD else list(whole_periods(bucket.start, bucket.end)) for bucket in buckets]
    wanted = [period for each in periods for period in each]
    forms = counts.of_forms_by_period(found.sites, SUMMARY_DIMS, wanted, found.forms)
    series = [place.store.series(site.id, wanted, found.service.slug) for site in place.sites]
    return [
        Facts(
            summarise(_together([forms[period] for period in each if period in forms]), found.with_attempts),
            add_counts([one[period] for one in series for period in each if period in one]),
        )
        if each
        else None
        for each in periods
    ]


def _together(parts: Sequence[Found]) -> dict[str, list[Counts]]:
    return {dim: [row for part in parts for row in part.get(dim, ())] for dim in SUMMARY_DIMS}


def hours(place: Place, service: Service, span: Range) -> list[HourCount]:
    """When the pages and forms of a service were used, by day and hour."""
    counts = ServiceCounts(place.store.connection)
    return counts.hours(_ids(place.sites), day_number(span.start), day_number(span.elapsed), service.slug)


class Line(NamedTuple):
    """One service among all: what was counted of it, and before (without costs); attempts started over time."""

    service: Service
    now: Facts
    before: Facts | None
    started: Sequence[int]
    loss: Loss | None


def overview(place: Place, services: Sequence[Service], span: Range, buckets: Sequence[Bucket]) -> list[Line]:
    """All services of a municipality over a range; `buckets` cut up the time of the line that is drawn of each."""
    before = previous(span)
    now, then = (_all_facts(place, services, there) for there in (span, before))
    started = _started(place, services, buckets)
    lines = []
    for service in services:
        facts, found = now.get(service.slug, (Facts(summarise({}, True), NOTHING), {}))
        past = then.get(service.slug)
        funnels = [funnel(form, found, facts.summary.started is not None) for form in service.forms]
        lines.append(Line(service, facts, past[0] if past else None, started[service.slug], worst_loss(funnels)))
    return lines


def _all_facts(place: Place, services: Sequence[Service], span: Range | None) -> dict[str, tuple[Facts, Found]]:
    """Service → what was counted of it, and the counts themselves; those without any are missing."""
    if span is None:
        return {}
    levels = {
        level: _by_form(place.store, [site for site in place.sites if site.level == level], span)
        for level in ("visits", "counts")
    }
    slugs = [service.slug for service in services]
    totals = ServiceCounts(place.store.connection).totals(_ids(place.sites), span.periods, slugs)
    sums = Usage(place.store.connection).by_service(place.municipality, span.periods)
    asked = Scope(day_number(span.start), day_number(span.end))
    answers = FeedbackCounts(place.store.connection, place.municipality).by("service", asked)
    result: dict[str, tuple[Facts, Found]] = {}
    for service in services:
        with_attempts = any(form.slug in levels["visits"] for form in service.forms)
        by_form = levels["visits" if with_attempts else "counts"]
        parts = [by_form[form.slug] for form in service.forms if form.slug in by_form]
        found = {dim: [row for part in parts for row in part.get(dim, ())] for dim in OVERVIEW_DIMS}
        others = imported(sums.get(service.slug, {}))
        told = answers.get(service.slug, Tally())
        if parts or service.slug in totals or others or told.answers:
            summary = summarise(found, with_attempts or not parts)
            result[service.slug] = (Facts(summary, totals.get(service.slug, NOTHING), others, told), found)
    return result


def _by_form(store: Store, sites: Sequence[Site], span: Range) -> dict[str, dict[str, list[Counts]]]:
    """Form → dimension → counts: each dimension of a site is read once, for all forms."""
    found: dict[str, dict[str, list[Counts]]] = {}
    for site in sites:
        for dim in OVERVIEW_DIMS:
            for row in store.rows(site.id, dim, span.periods):
                found.setdefault(row.key.partition("/")[0], {}).setdefault(dim, []).append(row)
    return found


def _started(place: Place, services: Sequence[Service], buckets: Sequence[Bucket]) -> Mapping[str, list[int]]:
    """Service → attempts started in each place of the time axis that has begun."""
    periods = [list(whole_periods(bucket.start, bucket.end)) for bucket in buckets if bucket.state != AHEAD]
    owner = {form.slug: service.slug for service in services for form in service.forms}
    counts = ServiceCounts(place.store.connection).of_forms_by_period(
        _ids(place.sites), ("form",), [period for each in periods for period in each], list(owner)
    )
    found = {service.slug: [0] * len(periods) for service in services}
    for number, each in enumerate(periods):
        for period in each:
            for row in counts.get(period, {}).get("form", ()):
                found[owner[row.key]][number] += row.visits
    return found
