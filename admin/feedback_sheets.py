"""The tables of a summary of feedback, with all of their rows: as its page shows them and as its files hold them."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from admin.feedback_view import FeedbackView
from admin.i18n import t
from admin.labels import bucket_label, bucket_tick, label, range_dates
from admin.ranges import AHEAD, RUNNING, Bucket, Range, buckets
from admin.sheets import CODE, TEXT, Column, Sheet, Value
from admin.stats import DECIMAL, PERCENT
from tracker.calendar import calendar_of, day_date
from tracker.feedback.feedback import DETAILS, FOUND, MOMENTS
from tracker.feedback.summary import (
    LEAST,
    RATINGS,
    Change,
    Interval,
    Span,
    Tally,
    added,
    difference,
    merged,
    wilson,
)
from tracker.store.topics import HIGH, LOW, Mentions

SATISFACTION = (
    Column("answers"),
    Column("rated"),
    Column("satisfied"),
    Column("share", PERCENT),
    Column("low", PERCENT),
    Column("high", PERCENT),
    Column("mean", DECIMAL),
)


class Place(NamedTuple):
    """One place of the graph: neighbouring buckets with ratings enough."""

    label: str
    tick: str
    state: str
    span: Span


def satisfaction(tally: Tally) -> tuple[Value, ...]:
    """The values of SATISFACTION; how many were satisfied is a figure too, which few ratings do not have."""
    interval = interval_of(tally)
    satisfied = tally.satisfied if tally.enough else None
    bounds = interval or (None, None)
    return (tally.answers, tally.rated, satisfied, tally.share, *bounds, tally.mean)


def interval_of(tally: Tally) -> Interval | None:
    """The interval of the share of satisfied people; None for few ratings."""
    return wilson(tally.satisfied, tally.rated) if tally.enough else None


def figures(view: FeedbackView) -> Sheet:
    """The figures of the range and of the one before."""
    rows = [_figures_row("now", view.span, view.counts.total(view.scope))]
    if view.before:
        rows.append(_figures_row("before", view.before, view.counts.total(view.scope_of(view.before))))
    found = [Column(f"found_{answer}") for answer in FOUND]
    head = (Column("range", TEXT), Column("from", TEXT), Column("to", TEXT), *SATISFACTION, *found)
    return _sheet("figures", head, rows)


def _figures_row(name: str, span: Range, tally: Tally) -> tuple[Value, ...]:
    found = [tally.found.get(answer, 0) if tally.asked >= LEAST else None for answer in FOUND]
    title = t(f"feedback_summary.range_{name}")
    return (title, span.start.isoformat(), span.end.isoformat(), *satisfaction(tally), *found)


def places_of(view: FeedbackView) -> list[Place]:
    """The time axis of the graph; few ratings are shown together with those of their neighbours."""
    if not view.interval:
        return []
    days = {day_date(day): tally for day, tally in view.counts.by_day(view.scope).items()}
    axis = buckets(view.span, view.interval, calendar_of(view.town.timezone), view.now)
    spans = [
        Span(bucket.start, bucket.end, added(tally for day, tally in days.items() if bucket.start <= day <= bucket.end))
        for bucket in axis
        if bucket.state != AHEAD
    ]
    first = {bucket.start: bucket for bucket in axis}
    return [_place(view, first[span.start], span) for span in merged(spans)]


def _place(view: FeedbackView, bucket: Bucket, span: Span) -> Place:
    one = span.parts == 1
    name = bucket_label(bucket, view.interval) if one else range_dates(Range("custom", span.start, span.end, span.end))
    state = RUNNING if span.start <= view.span.today <= span.end else "done"
    return Place(name, bucket_tick(bucket, view.interval), state, span)


def trend(view: FeedbackView) -> Sheet:
    """Satisfaction over time."""
    rows = [
        (place.span.start.isoformat(), place.span.end.isoformat(), *satisfaction(place.span.tally))
        for place in places_of(view)
    ]
    return _sheet("trend", (Column("from", TEXT), Column("to", TEXT), *SATISFACTION), rows)


def distribution(view: FeedbackView) -> Sheet:
    """How often each rating was given."""
    return distribution_of("distribution", view.counts.total(view.scope))


def distribution_of(name: str, tally: Tally) -> Sheet:
    """How often each rating was given, the best first; no rows where there are few."""
    rows: list[tuple[Value, ...]] = [
        (str(rating), tally.ratings.get(rating, 0), tally.ratings.get(rating, 0) / tally.rated)
        for rating in RATINGS[::-1]
        if tally.enough
    ]
    return _sheet(name, (Column("rating", TEXT), Column("number"), Column("part", PERCENT)), rows)


def found(view: FeedbackView) -> Sheet:
    """Whether people found what they were looking for."""
    tally = view.counts.total(view.scope)
    rows: list[tuple[Value, ...]] = [
        (t(f"feedback_summary.found_{answer}"), answer, tally.found.get(answer, 0), tally.found_share(answer))
        for answer in FOUND
        if tally.asked >= LEAST
    ]
    return _sheet(
        "found", (Column("answer", TEXT), Column("code", CODE), Column("number"), Column("part", PERCENT)), rows
    )


def details(view: FeedbackView) -> Sheet:
    """The further questions, with the mean of their answers."""
    tallies = view.counts.details(view.scope)
    rows: list[tuple[Value, ...]] = [
        (t(f"feedback_summary.detail_{name}"), name, tallies[name].rated, tallies[name].share, tallies[name].mean)
        for name in DETAILS
        if name in tallies
    ]
    head = (Column("question", TEXT), Column("code", CODE), Column("number"), Column("agreed", PERCENT))
    return _sheet("details", (*head, Column("mean", DECIMAL)), rows)


def _by(dim: str, name_of: Callable[[FeedbackView, str], str]) -> Callable[[FeedbackView], Sheet]:
    """A table of satisfaction by a dimension, the most frequent first."""

    def sheet(view: FeedbackView) -> Sheet:
        tallies = sorted(view.counts.by(dim, view.scope).items(), key=lambda item: (-item[1].answers, item[0]))
        rows = [(name_of(view, key), key, *satisfaction(tally)) for key, tally in tallies]
        return _sheet(dim, (Column(dim, TEXT), Column("code", CODE), *SATISFACTION), rows)

    return sheet


def _moment_name(_view: FeedbackView, key: str) -> str:
    return t(f"feedback_summary.moment_{key}") if key in MOMENTS else t("feedback_summary.moment_none")


def _dimension_name(dim: str) -> Callable[[FeedbackView, str], str]:
    return lambda _view, key: label(dim, key)


def topics(view: FeedbackView) -> Sheet:
    """The topics that are not silenced."""
    comments = view.counts.comments(view.scope)
    rows: list[tuple[Value, ...]] = [
        (
            topic.name,
            topic.key,
            topic.number,
            topic.sides.get(LOW, 0),
            topic.sides.get(HIGH, 0),
            topic.number / comments,
        )
        for topic in view.topics.mentions(view.scope)
        if not topic.silenced and comments
    ]
    head = (Column("topic", TEXT), Column("code", CODE), Column("comments"), Column("of_low"), Column("of_high"))
    return _sheet("topics", (*head, Column("part", PERCENT)), rows)


def topic_change(topic: Mentions, comments: int, before: Mapping[str, Mentions], comments_before: int) -> Change | None:
    """How the share of comments with a topic changed; None where there are few comments to compare with."""
    if comments < LEAST or comments_before < LEAST:
        return None
    then = before[topic.key].number if topic.key in before else 0
    return difference(min(topic.number, comments), comments, min(then, comments_before), comments_before)


def _sheet(name: str, columns: tuple[Column, ...], rows: Sequence[tuple[Value, ...]]) -> Sheet:
    return Sheet(name, columns, rows, "feedback_summary")


SHEETS: Mapping[str, Callable[[FeedbackView], Sheet]] = {
    "figures": figures,
    "trend": trend,
    "distribution": distribution,
    "found": found,
    "details": details,
    "service": _by("service", FeedbackView.name_of),
    "moment": _by("moment", _moment_name),
    "language": _by("language", _dimension_name("language")),
    "device": _by("device", _dimension_name("device")),
    "topics": topics,
}
