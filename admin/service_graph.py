"""The key figures of a service and one of them over time, beside the range before or the same of last year."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from admin.i18n import t
from admin.labels import bucket_label, bucket_tick, range_dates
from admin.ranges import Bucket, Range, buckets, previous, so_far, year_before
from admin.service_reading import Facts, Report, trend
from admin.service_sheets import Question
from admin.service_view import BEFORE, MEASURES, YEAR, Measure, ServiceView
from admin.sheets import CODE, TEXT, Column, Sheet, Value, change_of, text_of
from admin.stats import NUMBER
from tracker.store.annotations import Annotation


class Point(NamedTuple):
    """One place of the graph and the same of the range it is compared with."""

    bucket: Bucket
    value: float | None
    before_bucket: Bucket | None
    before: float | None


def measures_of(found: Report) -> list[Measure]:
    """The key figures that exist for a service."""
    counted = bool(found.service.forms)
    told = found.now.imported
    exists = {
        "visits": bool(found.now.totals.visits or not found.now.totals.views),
        "views": bool(found.now.totals.views and not found.now.totals.visits),
        "started": (counted and found.with_attempts) or bool(told and told.started is not None),
        "submitted": counted or bool(told and told.submitted is not None),
        "abandoned": (counted and found.with_attempts) or bool(told and told.abandoned is not None),
        "take_up": bool(told and told.elsewhere is not None),
        "satisfaction": found.now.feedback.enough,
    }
    exists["completion_rate"] = exists["started"] and exists["submitted"]
    exists["cost"] = exists["submitted"] and found.service.cost_per_month_cents is not None
    return [row for row in MEASURES.values() if exists[row.name]]


def measure_of(view: ServiceView, found: Report) -> Measure:
    """What the graph shows: what the address asks for, else what was started, sent or visited."""
    drawn = [row for row in measures_of(found) if row.drawn]
    wanted = [row for name in (view.measure, "started", "submitted") for row in drawn if row.name == name]
    return (wanted or drawn)[0]


def figures_of(view: ServiceView, found: Report, current: Measure) -> list[dict[str, Any]]:
    """The top row, each number beside the range before and the same of last year."""
    partial = view.span.days == 1 and view.span.running  # half a day beside whole ones would only tell the time
    before, year = previous(view.span), so_far(year_before(view.span), view.span)
    earlier = [(BEFORE, found.before, before), (YEAR, found.year, None if year == before else year)]
    return [
        {
            "name": row.name,
            "value": text_of(row.kind, row.of(found.now)),
            "url": view.url(measure=row.name) if row.drawn and view.interval else "",
            "current": row == current and bool(view.interval),
            "compared": [
                _compared(name, row, found.now, facts, span, partial) for name, facts, span in earlier if span
            ],
        }
        for row in measures_of(found)
    ]


def _compared(name: str, row: Measure, now: Facts, then: Facts | None, span: Range, partial: bool) -> dict[str, Any]:
    value, before = row.of(now), row.of(then) if then else None
    silent = partial and row.kind == NUMBER
    change = "" if silent else change_of(row.kind, value, before)
    rises = None if not change or value is None or before is None or value == before else value > before
    if change and then and row.clear and not row.clear(now, then):
        change, rises = t("feedback_summary.no_clear_change"), None
    return {
        "name": name,
        "value": text_of(row.kind, before),
        "dates": range_dates(span),
        "change": change,
        "rises": rises,
    }


def points_of(view: ServiceView, ask: Question, measure: Measure) -> list[Point]:
    """The graph's measure over time beside the range it is compared with."""
    now = _series(view, ask, measure, view.span)
    then = _series(view, ask, measure, view.compared)
    padded = [*then, *[(None, None)] * (len(now) - len(then))]
    return [Point(*point, *past) for point, past in zip(now, padded, strict=False)]


def _series(
    view: ServiceView, ask: Question, measure: Measure, span: Range | None
) -> list[tuple[Bucket, float | None]]:
    if span is None:
        return []
    places = buckets(span, view.interval, view.calendar, view.now)
    facts = trend(ask.place, ask.report, places)
    return [(place, measure.of(each) if each else None) for place, each in zip(places, facts, strict=True)]


def graph_of(view: ServiceView, ask: Question, measure: Measure, notes: Sequence[Annotation]) -> dict[str, Any]:
    """The graph as its table shows it, with the numbers of the notes that fall into each place."""
    rows = [
        {
            "label": bucket_label(point.bucket, view.interval),
            "tick": bucket_tick(point.bucket, view.interval),
            "state": point.bucket.state,
            "value": point.value,
            "text": text_of(measure.kind, point.value),
            "before_label": bucket_label(point.before_bucket, view.interval) if point.before_bucket else "",
            "before": point.before,
            "before_text": text_of(measure.kind, point.before),
            "notes": [
                {"number": place, "text": note.text}
                for place, note in enumerate(notes, 1)
                if point.bucket.start <= note.day <= point.bucket.end
            ],
        }
        for point in points_of(view, ask, measure)
    ]
    compared = view.compared
    return {
        "measure": measure.name,
        "kind": measure.kind,
        "interval": view.interval,
        "rows": rows,
        "compared": range_dates(compared) if compared else "",
        "later": view.compare == YEAR,
    }


def trend_sheet(view: ServiceView, ask: Question) -> Sheet:
    """The graph's table as a file: the places of the time axis by their keys."""
    measure = measure_of(view, ask.report)
    columns = (
        Column("time", TEXT),
        Column(measure.name, measure.kind),
        Column("time_before", TEXT),
        Column("before", measure.kind),
    )
    points = points_of(view, ask, measure) if view.interval else []
    rows: list[tuple[Value, ...]] = [
        (point.bucket.key, point.value, point.before_bucket.key if point.before_bucket else "", point.before)
        for point in points
    ]
    if view.compared is None:
        return Sheet("trend", columns[:2], [row[:2] for row in rows])
    return Sheet("trend", columns, rows)


def figures_sheet(found: Report) -> Sheet:
    """The top row as a file."""
    rows: list[tuple[Value, ...]] = []
    for row in measures_of(found):
        values = [row.of(facts) if facts else None for facts in (found.now, found.before, found.year)]
        rows.append((t(f"service_report.measure_{row.name}"), row.name, *values))
    head = (Column("figure", TEXT), Column("code", CODE))
    return Sheet("figures", (*head, *map(Column, ("value", "before", "year"))), rows)
