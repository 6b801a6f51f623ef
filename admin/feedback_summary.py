"""What people say about services in sum: satisfaction with its uncertainty, over time, and what comments talk about."""

from typing import Any

from flask import Blueprint, Response, abort, render_template, request

from admin import feedback_sheets as sheets
from admin.feedback_topics import side_cards
from admin.feedback_view import NO_SERVICE, FeedbackView, head_of, view_of
from admin.i18n import number, percent, t
from admin.labels import range_dates
from admin.service_report import csv_file, xlsx_file
from admin.sheets import CODE, Sheet, headings, text_of
from admin.stats import DECIMAL, PERCENT
from admin.tables import change_of
from admin.view import interval_links
from tracker.feedback.summary import LEAST, Change, Interval, Tally, change, wilson

blueprint = Blueprint("feedback_summary", __name__, url_prefix="/admin/feedback")

ROWS = 12  # of a table before the rest stands in its file only
TABLES = ("moment", "language", "device")


@blueprint.get("/summary")
def index() -> str:
    """The summary of a municipality, of one of its services or of a category."""
    view = view_of(request.args)
    tally = view.counts.total(view.scope)
    enough = tally.answers >= LEAST
    return render_template(
        "feedback_summary.html", **head_of(view), tally=tally, enough=enough, **(_body(view, tally) if enough else {})
    )


@blueprint.get("/summary/<sheet>.csv")
def sheet_csv(sheet: str) -> Response:
    """One table as CSV, all of its rows."""
    view, found = _asked(sheet)
    return csv_file(found, _file_name(view, sheet))


@blueprint.get("/summary/<sheet>.xlsx")
def sheet_xlsx(sheet: str) -> Response:
    """The same as a workbook."""
    view, found = _asked(sheet)
    return xlsx_file(found, _file_name(view, sheet), view.town.name)


def _asked(name: str) -> tuple[FeedbackView, Sheet]:
    """A table; 404 for one that does not exist, 400 for a range that cannot be shown or has too few answers."""
    view = view_of(request.args)
    if name not in sheets.SHEETS:
        abort(404)
    if view.problem:
        abort(400, "range")
    if name != "figures" and view.counts.total(view.scope).answers < LEAST:
        abort(400, "few")
    return view, sheets.SHEETS[name](view)


def _file_name(view: FeedbackView, sheet: str) -> str:
    place = view.service if view.service not in ("", NO_SERVICE) else view.town.ars
    return f"feedback-{place}-{sheet}-{view.span.start}-{view.span.end}"


def _body(view: FeedbackView, tally: Tally) -> dict[str, Any]:
    """What is shown of answers enough."""
    before = view.before
    then = view.counts.total(view.scope_of(before)) if before else None
    details = sheets.details(view)
    return {
        "figures": _figures(tally, then),
        "before_dates": range_dates(before) if before and then else "",
        "change": _change_sentence(change(tally, then) if then else None),
        "graph": _graph(view),
        "intervals": interval_links(view.intervals, view.interval, view.url),
        "cards": [card_of(view, table) for table in (sheets.distribution(view), sheets.found(view), details)],
        "tables": [
            card_of(view, sheets.SHEETS[name](view)) for name in (*TABLES, *(() if view.service else ("service",)))
        ],
        "comments": view.counts.comments(view.scope),
        "sides": side_cards(view),
        "topics_url": view.url("feedback_topics.index", interval=None),
    }


def _figures(now: Tally, then: Tally | None) -> list[dict[str, Any]]:
    """The top row: each figure with its interval and the one before."""
    share, found = sheets.interval_of(now), wilson(now.found.get("yes", 0), now.asked) if now.asked >= LEAST else None
    rows = [
        ("answers", number(now.answers), None, number(then.answers) if then else ""),
        ("share", text_of(PERCENT, now.share), share, text_of(PERCENT, then.share) if then else ""),
        ("mean", text_of(DECIMAL, now.mean), None, text_of(DECIMAL, then.mean) if then else ""),
        ("found", text_of(PERCENT, now.found_share()), found, text_of(PERCENT, then.found_share()) if then else ""),
    ]
    notes = {
        "share": t("feedback_summary.of", part=number(now.satisfied), whole=number(now.rated)) if now.enough else "",
        "found": t("feedback_summary.partly", share=percent(now.found_share("partly") or 0)) if found else "",
    }
    return [
        {
            "name": name,
            "value": value,
            "interval": interval_text(interval),
            "before": before,
            "note": notes.get(name, ""),
        }
        for name, value, interval, before in rows
    ]


def interval_text(interval: Interval | None) -> str:
    """An interval in words: "71,2 % bis 80,4 %"; "" where there is none."""
    if interval is None:
        return ""
    return t("feedback_summary.interval", low=percent(interval.low), high=percent(interval.high))


def _change_sentence(found: Change | None) -> dict[str, str]:
    """How satisfaction changed, with a sign only where chance alone would not do for it."""
    if found is None:
        return {"way": "", "text": t("feedback_summary.change_unknown")}
    points = {
        name: change_of(PERCENT, value)
        for name, value in (("by", found.by), ("low", found.interval.low), ("high", found.interval.high))
    }
    return {"way": found.way, "text": t(f"feedback_summary.change_{found.way}", **points)}


def _graph(view: FeedbackView) -> dict[str, Any] | None:
    """Satisfaction over time as its table shows it; None where there is no more than one place."""
    places = sheets.places_of(view)
    if len(places) < 2:
        return None
    rows = []
    for place in places:
        tally, interval = place.span.tally, sheets.interval_of(place.span.tally)
        rows.append(
            {
                **place._asdict(),
                "tally": tally,
                "share": text_of(PERCENT, tally.share),
                "interval": interval_text(interval),
                "low": interval.low if interval else None,
                "high": interval.high if interval else None,
                "mean": text_of(DECIMAL, tally.mean),
                "merged": place.span.parts > 1,
            }
        )
    return {"rows": rows, "merged": any(row["merged"] for row in rows), "interval": view.interval}


def card_of(view: FeedbackView, sheet: Sheet) -> dict[str, Any]:
    """A table as a page shows it: its first rows, the two ends of an interval in one cell, a bar of the share."""
    heads = dict(zip((column.name for column in sheet.columns), headings(sheet), strict=True))
    shown = [
        column for column in sheet.columns if column.kind != CODE and column.name not in ("rated", "satisfied", "high")
    ]
    names = [column.name for column in shown]
    rows, few = [], False
    for row in sheet.rows[:ROWS]:
        values = dict(zip((column.name for column in sheet.columns), row, strict=True))
        part = next((values[name] for name in ("part", "share", "agreed") if name in values), None)
        few = few or part is None
        bar = round(100 * part, 2) if isinstance(part, float) else 0
        label, *cells = (_cell(column.name, column.kind, values) for column in shown)
        rows.append({"label": label, "cells": cells, "bar": bar})
    return {
        "name": sheet.name,
        "heads": [heads[name] if name != "low" else t("feedback_summary.column_interval") for name in names],
        "rows": rows,
        "few": few,
        "more": max(0, len(sheet.rows) - ROWS),
        "url": view.file_url(sheet.name),
        "xlsx_url": view.file_url(sheet.name, "xlsx"),
    }


def _cell(name: str, kind: str, values: dict[str, Any]) -> str:
    if name == "low":
        low, high = values["low"], values["high"]
        return interval_text(Interval(low, high)) if low is not None else text_of(PERCENT, None)
    return text_of(kind, values[name])
