"""Everything that the page of a service's report shows, in the words and addresses that its template needs."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from babel.dates import format_skeleton
from flask import url_for

from admin import service_sheets as sheets
from admin.i18n import current_language, number, t
from admin.labels import label, range_dates, range_title
from admin.service_graph import figures_of, graph_of, measure_of
from admin.service_reading import Report
from admin.service_sheets import Question, devices_of, step_name, step_values
from admin.service_stats import share
from admin.service_steps import Funnel, Loss, StepRow, worst_loss
from admin.service_view import BEFORE, OFF, YEAR, ServiceView
from admin.services import name_of
from admin.sheets import TEXT, Sheet, Value, headings, text_of
from admin.stats import NUMBER, PERCENT
from admin.view import interval_links, language_query, period_links, range_query, shift_links
from tracker.attempts import LEGITIMATE
from tracker.feedback.summary import LEAST, wilson
from tracker.store.annotations import Annotation

ROWS = 8  # of a table before the rest stands in its file only
GROUPS: Mapping[str, tuple[str, ...]] = {
    "errors": ("errors", "fields"),
    "outcomes": ("outcome",),
    "sign_in": ("auth", "assurance"),
    "payments": ("payment", "payment_status"),
    "origin": ("source", "channel"),
    "devices": ("device",),
}
HEAT = (0.0, 0.05, 0.1, 0.2, 0.35, 0.5)  # rates of abandonment from which on a cell is darker


def page_of(view: ServiceView, ask: Question, notes: Sequence[Annotation]) -> dict[str, Any]:
    """What the template shows but for the tables that GROUPS names."""
    found = ask.report
    measure = measure_of(view, found)
    return {
        **head_of(view),
        "with_attempts": found.with_attempts,
        "left_out": ", ".join(found.left_out),
        "counted": not found.now.summary.empty or any(row.shown for each in found.funnels for row in each.rows),
        "figures": figures_of(view, found, measure),
        "graph": graph_of(view, ask, measure, notes) if view.interval else None,
        "funnels": [_funnel(each, found) for each in found.funnels],
        "loss": loss_sentence(worst_loss(found.funnels)),
        "matrix": _matrix(found),
        "groups": _groups(view, ask),
        "sources": _sources(view, ask) if found.sources else None,
        "failed": _failed(found),
        "satisfaction": _satisfaction(view, ask),
        "weekdays": _weekdays(view, ask),
        "notes": [_note(note) for note in notes],
        "file_url": view.file_url,
    }


def head_of(view: ServiceView) -> dict[str, Any]:
    """Heading and choice of a range."""
    return {
        "town": view.town,
        "service": view.service,
        "name": name_of(view.service),
        "name_of": name_of,
        "span": view.span,
        "problem": view.problem,
        "title": range_title(view.span),
        "dates": range_dates(view.span),
        "periods": period_links(view.span, view.url),
        "shifts": shift_links(view.span, view.url),
        "range_action": view.url().partition("?")[0],
        "range_swaps": False,
        "hidden": {name: value for name, value in view.query().items() if name not in ("period", "from", "to")},
        "intervals": interval_links(view.intervals, view.interval, view.url),
        "compares": [
            {"name": name, "url": view.url(compare=None if name == BEFORE else name), "current": name == view.compare}
            for name in ((BEFORE, OFF) if view.span.unit == "year" else (BEFORE, YEAR, OFF))
        ],
    }


def _funnel(each: Funnel, found: Report) -> dict[str, Any]:
    """The funnel of one form, its cells in words; `reached` and `lost` are what the chart draws."""
    columns = sheets.funnel_columns(found)
    rows = []
    for row in each.rows:
        values = step_values(row, each.top)
        rows.append(
            {
                "number": row.number,
                "name": step_name(row.step),
                "optional": row.step.optional,
                "declared": bool(row.number),
                "reached": row.reached if found.with_attempts else row.shown,
                "lost": max(0, row.abandoned or 0),
                "cells": [(column.name, text_of(column.kind, values[column.name])) for column in columns],
            }
        )
    return {
        "form": each.form.slug,
        "name": name_of(each.form),
        "columns": [column.name for column in columns],
        "rows": rows,
        "undeclared": any(not row.number for row in each.rows),
        "summary": _summary_sentence(each),
        "loss": loss_sentence(worst_loss([each])),
    }


def _summary_sentence(each: Funnel) -> str:
    """What became of the attempts at a form, in one sentence."""
    summary = each.summary
    if summary.started is None:
        return t("service_report.sent_counts", submitted=number(summary.submitted))
    ended = sum(summary.outcomes.get(name, 0) for name in LEGITIMATE)
    return t(
        "service_report.sent",
        started=number(summary.started),
        ended=number(ended),
        rate=text_of(PERCENT, summary.completion_rate),
    )


def loss_sentence(loss: Loss | None) -> str:
    """The most costly loss in words: "412 von 1.020 brachen bei Schritt 3, Zahlung, ab"; "" where there is none."""
    if loss is None or loss.row.reached is None or loss.row.abandoned is None:
        return ""
    values = {"lost": number(loss.row.abandoned), "reached": number(loss.row.reached)}
    name = name_of(loss.row.step)
    if not loss.row.number:
        return t("service_report.loss_undeclared", name=name, **values)
    if name in (str(loss.row.number), loss.row.step.slug) and name.isdecimal():
        return t("service_report.loss_numbered", number=name, **values)
    return t("service_report.loss", number=loss.row.number, name=name, **values)


def _matrix(found: Report) -> dict[str, Any]:
    """Step by device: how many of those who reached it gave up there."""
    devices = devices_of(found)
    forms = [
        {"form": each.form.slug, "name": name_of(each.form), "rows": [_matrix_row(row, devices) for row in each.rows]}
        for each in found.funnels
        if any(row.devices for row in each.rows)
    ]
    return {"devices": [label("device", name) for name in devices], "forms": forms}


def _matrix_row(row: StepRow, devices: Sequence[str]) -> dict[str, Any]:
    cells = []
    for device in devices:
        reached, abandoned = row.devices.get(device, (0, 0))
        rate = share(abandoned, reached)
        cells.append(
            {
                "rate": text_of(PERCENT, rate),
                "reached": number(reached),
                "abandoned": number(abandoned),
                "heat": sum(rate > limit for limit in HEAT) if rate else 0,
                "empty": not reached,
            }
        )
    return {"number": row.number, "name": step_name(row.step), "cells": cells}


def _groups(view: ServiceView, ask: Question) -> list[dict[str, Any]]:
    """The tables with bars, by group; those that make no sense without forms only where there are some."""
    wanted = GROUPS if view.service.forms else {name: GROUPS[name] for name in ("origin", "devices")}
    return [
        {"name": group, "cards": [card_of(view, sheets.SHEETS[name](ask)) for name in names]}
        for group, names in wanted.items()
    ]


def card_of(view: ServiceView, sheet: Sheet) -> dict[str, Any]:
    """A table as a page shows it: its first rows, the first column with bars as long as the first number is large."""
    heads = headings(sheet)
    shown = sheet.shown
    first = next(place for place, column in enumerate(sheet.columns) if column.kind == NUMBER)
    longest = max((_whole(row[first]) for row in sheet.rows), default=0)
    rows = []
    for row in sheet.rows[:ROWS]:
        cells = [(text_of(sheet.columns[place].kind, row[place]), sheet.columns[place].kind != TEXT) for place in shown]
        bar = round(100 * max(0, _whole(row[first])) / longest, 2) if longest else 0
        rows.append({"bar": bar, "label": cells[0][0], "cells": cells[1:]})
    return {
        "name": sheet.name,
        "heads": [(heads[place], sheet.columns[place].kind != TEXT) for place in shown],
        "rows": rows,
        "more": max(0, len(sheet.rows) - ROWS),
        "url": view.file_url(sheet.name),
    }


def _sources(view: ServiceView, ask: Question) -> dict[str, Any]:
    """Which figures come from where, and which months of a source only some days are asked for of."""
    locale = "de" if current_language() == "de" else "en_GB"
    missing = [
        t(
            "service_report.months_left_out",
            source=title,
            months=", ".join(
                format_skeleton("yMMM", date(month // 100, month % 100, 1), locale=locale) for month in figures.left_out
            ),
        )
        for title, figures in ask.report.sources.items()
        if figures.left_out
    ]
    return {"card": card_of(view, sheets.figure_sources(ask)), "missing": missing}


def _whole(value: Value) -> int:
    return value if isinstance(value, int) else 0


def _satisfaction(view: ServiceView, ask: Question) -> dict[str, Any] | None:
    """What people say about the service, in short; None where nobody said anything."""
    tally = ask.report.now.feedback
    if not tally.answers:
        return None
    query: dict[str, Any] = {"municipality": view.town.ars, "service": view.service.slug, **range_query(view.span)}
    query |= language_query()
    interval = wilson(tally.satisfied, tally.rated) if tally.enough else None
    return {
        "sentence": t(
            "feedback_summary.card_sentence",
            share=text_of(PERCENT, tally.share),
            rated=number(tally.rated),
            low=text_of(PERCENT, interval.low),
            high=text_of(PERCENT, interval.high),
        )
        if interval
        else t("feedback_summary.card_few", least=LEAST),
        "card": card_of(view, sheets.ratings(ask)) if tally.enough else None,
        "url": url_for("feedback_summary.index", **query),
    }


def _failed(found: Report) -> str:
    """How many payments failed, in words; "" where none came to an end."""
    failed, finished = sheets.failed_payments(found)
    if not finished:
        return ""
    rate = text_of(PERCENT, failed / finished)
    return t("service_report.failed", failed=number(failed), finished=number(finished), rate=rate)


def _weekdays(view: ServiceView, ask: Question) -> dict[str, Any]:
    """When the service is used, with the shade of each cell from 0 to 5."""
    numbers, days = sheets.weekday_hours(ask), sheets.days_of(view.span)
    longest = max(map(max, numbers))
    rows = [
        {
            "name": t(f"service_report.weekday_{place}"),
            "days": days[place],
            "cells": [{"value": number(value), "zero": not value, "heat": -(-5 * value // longest)} for value in row],
        }
        for place, row in enumerate(numbers)
        if longest
    ]
    measure = sheets.measure_of_visits(ask)
    return {"rows": rows, "hours": sheets.HOURS, "measure": measure, "url": view.file_url("weekdays")}


def _note(note: Annotation) -> dict[str, Any]:
    locale = "de" if current_language() == "de" else "en_GB"
    return {
        "id": note.id,
        "date": format_skeleton("yMMMEd", note.day, locale=locale),
        "iso": note.day.isoformat(),
        "text": note.text,
        "whole": not note.service,
    }
