"""The tables of a service's report, one function per table, as they are shown and as they stand in files."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import NamedTuple

from admin.feedback_sheets import distribution_of
from admin.i18n import has_text, t
from admin.labels import label
from admin.ranges import Range
from admin.service_reading import Place, Report, hours
from admin.service_stats import added_up, by_code, share
from admin.service_steps import StepRow, mishaps
from admin.services import name_of
from admin.sheets import CODE, TEXT, Column, Sheet, Value
from admin.stats import DURATION, PERCENT
from tracker.calendar import day_date
from tracker.services.service import Step
from tracker.store import Counts
from tracker.store.usage import ONLINE

DEVICES = ("mobile", "tablet", "desktop", "other", "")
HOURS = tuple(f"{hour:02d}" for hour in range(24))
FAILED, FINISHED = "failed", ("succeeded", "failed", "cancelled")  # payment: what went wrong, and what came to an end


class Question(NamedTuple):
    """What a table is made of."""

    place: Place
    report: Report


def step_name(step: Step) -> str:
    """A step's name in the reader's language: "Zahlung", "Schritt 3"."""
    name = name_of(step)
    return t("service_report.step_numbered", number=name) if name.isdecimal() else name


def _form_columns() -> tuple[Column, ...]:
    return Column("form", CODE), Column("step", CODE), Column("step_name", TEXT)


FUNNEL = (
    Column("reached"),
    Column("share_of_started", PERCENT),
    *map(Column, ("again", "back", "errors", "completed", "abandoned")),
    Column("abandonment", PERCENT),
    Column("median", DURATION),
    Column("slow", DURATION),
)
FUNNEL_OF_COUNTS = (Column("shown"), Column("share_of_shown", PERCENT), Column("errors"), Column("done"))


def funnel_columns(found: Report) -> tuple[Column, ...]:
    """What is told of each step at the privacy level of the report."""
    return FUNNEL if found.with_attempts else FUNNEL_OF_COUNTS


def funnel(ask: Question) -> Sheet:
    """Every step of every form: how many reached it and what happened to them there."""
    told = funnel_columns(ask.report)
    columns = (*_form_columns(), Column("declared", CODE), *told)
    rows = []
    for each in ask.report.funnels:
        for row in each.rows:
            values = step_values(row, each.top)
            head = (each.form.slug, row.step.slug, step_name(row.step), "yes" if row.number else "no")
            rows.append((*head, *(values[column.name] for column in told)))
    return Sheet("funnel", columns, rows)


def step_values(row: StepRow, top: int) -> dict[str, Value]:
    """What the funnel tells of one step, by column."""
    return {
        "reached": row.reached,
        "shown": row.shown,
        "share_of_started": share(row.reached, top),
        "share_of_shown": share(row.shown, top),
        "again": row.again,
        "back": row.back,
        "errors": row.errors,
        "completed": row.completed,
        "done": row.completed,
        "abandoned": row.abandoned,
        "abandonment": row.abandonment,
        "median": row.median,
        "slow": row.slow,
    }


def step_device(ask: Question) -> Sheet:
    """Where people stop, and on which device."""
    devices = devices_of(ask.report)
    columns = [
        Column(f"{device or 'unknown'}_{name}", PERCENT if name == "rate" else "number")
        for device in devices
        for name in ("reached", "abandoned", "rate")
    ]
    rows = []
    for each in ask.report.funnels:
        for row in each.rows:
            cells: list[Value] = []
            for device in devices:
                reached, abandoned = row.devices.get(device, (0, 0))
                cells += [reached, abandoned, share(abandoned, reached)]
            rows.append((each.form.slug, row.step.slug, step_name(row.step), *cells))
    return Sheet("step_device", (*_form_columns(), *columns), rows)


def devices_of(found: Report) -> list[str]:
    """The devices that reached any step, in a fixed order."""
    seen = {device for each in found.funnels for row in each.rows for device in row.devices}
    return [device for device in DEVICES if device in seen] + sorted(seen - set(DEVICES))


def errors(ask: Question) -> Sheet:
    """Errors per step."""
    return _mishaps(ask, "errors", "error", "step_error")


def fields(ask: Question) -> Sheet:
    """Errors per field that the author of a page has named."""
    return _mishaps(ask, "fields", "field", "step_field")


def _mishaps(ask: Question, name: str, what: str, dim: str) -> Sheet:
    rows = mishaps(ask.report.service.forms, ask.report.found[dim])
    head = (Column(what, TEXT), Column("step_name", TEXT), Column("form", CODE), Column("step", CODE))
    texts = [(row.name, step_name(row.step), row.form.slug, row.step.slug) for row in rows]
    if not ask.report.with_attempts:
        counted = [(*text, row.times) for text, row in zip(texts, rows, strict=True)]
        return Sheet(name, (*head, Column("times")), counted)
    return Sheet(
        name,
        (*head, Column("times"), Column("attempts")),
        [(*text, row.times, row.attempts) for text, row in zip(texts, rows, strict=True)],
    )


def outcome(ask: Question) -> Sheet:
    """How attempts ended; those that have no end yet as well."""
    found = _codes(ask, "outcome")
    unfinished = ask.report.now.summary.unfinished
    counts = [row for row in found if row.visits or row.events]
    whole = sum(_number(ask, row) for row in counts) + unfinished
    rows: list[tuple[Value, ...]] = [
        (code_name("outcome", row.key), row.key, _number(ask, row), share(_number(ask, row), whole)) for row in counts
    ]
    if unfinished:
        rows.append((t("service_report.outcome_unfinished"), "unfinished", unfinished, share(unfinished, whole)))
    return Sheet("outcome", _code_columns("outcome", ask), rows)


def auth(ask: Question) -> Sheet:
    """How people signed in."""
    return _coded(ask, "auth")


def assurance(ask: Question) -> Sheet:
    """How surely it was known who they are."""
    return _coded(ask, "assurance")


def payment(ask: Question) -> Sheet:
    """How people paid."""
    return _coded(ask, "payment")


def _coded(ask: Question, dim: str) -> Sheet:
    """Codes as counted; beside them what other systems told, if any did. Shares are of both."""
    counted = {row.key: _number(ask, row) for row in _codes(ask, dim)}
    told = Counter[str]()
    for figures in ask.report.sources.values():
        told.update(figures.codes(dim, ONLINE))
    sums = {code: counted.get(code, 0) + told[code] for code in (*counted, *told)}
    whole = sum(sums.values())
    name, code_column, number, part = _code_columns(dim, ask)
    rows: list[tuple[Value, ...]] = []
    for code, both in sorted(sums.items(), key=lambda item: (-item[1], item[0])):
        numbers = (counted.get(code, 0), told[code]) if told else (both,)
        rows.append((code_name(dim, code), code, *numbers, share(both, whole)))
    others = (Column("imported"),) if told else ()
    return Sheet(dim, (name, code_column, number, *others, part), rows)


def ratings(ask: Question) -> Sheet:
    """How people rate the service."""
    return distribution_of("ratings", ask.report.now.feedback)


def figure_sources(ask: Question) -> Sheet:
    """Which figures come from where: what was counted, and what other systems told by channel."""
    summary = ask.report.now.summary
    names = ("started", "submitted", "abandoned")
    columns = (Column("from", TEXT), Column("usage_channel", TEXT), Column("code", CODE), *map(Column, names))
    rows: list[tuple[Value, ...]] = []
    if ask.report.service.forms:
        own = (summary.started, summary.submitted, summary.abandoned)
        rows.append((t("service_report.counted"), t("service_report.usage_channel_web"), "web", *own))
    for title, figures in ask.report.sources.items():
        for channel in sorted({place[1] for place in figures.numbers if place[0] in names}):
            told = {place[0] for place in figures.numbers if place[1] == channel}
            numbers = [figures.number(name, (channel,)) if name in told else None for name in names]
            rows.append((title, code_name("usage_channel", channel or "unknown"), channel, *numbers))
    return Sheet("figure_sources", columns, rows)


def payment_status(ask: Question) -> Sheet:
    """What became of payments: attempts may have several, so there are no shares of attempts."""
    found = _codes(ask, "payment_status")
    number = (Column("attempts"),) if ask.report.with_attempts else ()
    columns = (Column("payment_status", TEXT), Column("code", CODE), Column("times"), *number)
    rows: list[tuple[Value, ...]] = [
        (code_name("payment_status", row.key), row.key, row.events, *([row.visits] if number else [])) for row in found
    ]
    return Sheet("payment_status", columns, rows)


def failed_payments(found: Report) -> tuple[int, int]:
    """Payments that failed, and payments that came to any end."""
    times = {row.key: row.events for row in by_code(found.found["payment_status"])}
    return times.get(FAILED, 0), sum(times.get(name, 0) for name in FINISHED)


def _codes(ask: Question, dim: str) -> list[Counts]:
    return by_code(ask.report.found[dim])


def _number(ask: Question, row: Counts) -> int:
    return row.visits if ask.report.with_attempts else row.events


def _code_columns(dim: str, ask: Question) -> tuple[Column, ...]:
    number = Column("attempts" if ask.report.with_attempts else "times")
    return Column(dim, TEXT), Column("code", CODE), number, Column("share", PERCENT)


def code_name(dim: str, code: str) -> str:
    """A code of a list in the reader's language; the code itself where it has no name."""
    key = f"service_report.{dim}_{code}"
    return t(key) if has_text(key) else code


def device(ask: Question) -> Sheet:
    """On which devices the pages and forms were visited."""
    return _visits(ask, "device")


def channel(ask: Question) -> Sheet:
    """Over which channel the visits came."""
    return _visits(ask, "channel")


def source(ask: Question) -> Sheet:
    """Where the visits came from."""
    return _visits(ask, "source")


def _visits(ask: Question, dim: str) -> Sheet:
    periods, scope = ask.report.span.periods, ask.report.service.slug
    rows = [row for site in ask.place.sites for row in ask.place.store.rows(site.id, dim, periods, scope)]
    measure = measure_of_visits(ask)
    found = [row for row in added_up(rows, measure) if getattr(row, measure)]
    whole = sum(getattr(row, measure) for row in found)
    return Sheet(
        dim,
        (Column(dim, TEXT), Column("code", CODE), Column(measure), Column("share", PERCENT)),
        [(label(dim, row.key), row.key, getattr(row, measure), share(getattr(row, measure), whole)) for row in found],
    )


def weekdays(ask: Question) -> Sheet:
    """When a service is used: weekday by hour of the day, summed over the range, and how many such days it has."""
    days, rows = days_of(ask.report.span), weekday_hours(ask)
    return Sheet(
        "weekdays",
        (Column("weekday", TEXT), Column("days", CODE), *(Column(f"hour_{hour}") for hour in HOURS)),
        [(t(f"service_report.weekday_{place}"), str(days[place]), *rows[place]) for place in range(7)],
    )


def days_of(span: Range) -> list[int]:
    """How many Mondays to Sundays of a range have begun."""
    weeks, rest = divmod((span.elapsed - span.start).days + 1, 7)
    return [weeks + ((day - span.start.weekday()) % 7 < rest) for day in range(7)]


def weekday_hours(ask: Question) -> list[list[int]]:
    """Visits (or views, where there are no visits) from Monday to Sunday, in 24 hours each."""
    measure = measure_of_visits(ask)
    rows = [[0] * 24 for _ in range(7)]
    for row in hours(ask.place, ask.report.service, ask.report.span):
        rows[day_date(row.day).weekday()][int(row.hour)] += row.visits if measure == "visits" else row.views
    return rows


def measure_of_visits(ask: Question) -> str:
    """What tells of use at the privacy level of the sites: visits, or else views."""
    return "visits" if ask.report.now.totals.visits else "views"


SHEETS: Mapping[str, Callable[[Question], Sheet]] = {
    function.__name__: function
    for function in (
        funnel, step_device, errors, fields, outcome, auth, assurance, payment, payment_status,
        device, channel, source, weekdays, figure_sources, ratings,
    )
}  # fmt: skip
