"""All services of a municipality at a glance: a table to search and to put in order, also as CSV and XLSX."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from flask import Blueprint, Response, abort, render_template, request, url_for
from werkzeug.exceptions import NotFound

from admin.access import store
from admin.labels import range_dates, range_title
from admin.ranges import DAY, Range, buckets, previous
from admin.service_page import loss_sentence
from admin.service_reading import Line, Place, overview
from admin.service_report import csv_file, xlsx_file
from admin.service_seen import flags_of
from admin.service_view import completion_rate, satisfaction, started, submitted
from admin.services import chosen_town, name_of, services_of, sites_of, towns
from admin.sheets import CODE, TEXT, Column, Sheet, Value, change_of, text_of
from admin.stats import NUMBER, PERCENT
from admin.view import language_query, period_links, range_of, range_query, shift_links
from tracker.calendar import calendar_of
from tracker.services.quality import Flag
from tracker.store.catalogue import Municipality

blueprint = Blueprint("service_overview", __name__, url_prefix="/admin/services")

LONGEST_SEARCH = 200
DAYS_OF_LINE = 30  # that the line of a shorter range shows at least


class Sortable(NamedTuple):
    """One column that the table can be put in order by. `of` takes a line and the number of its flags."""

    name: str
    kind: str
    of: Callable[[Line, int], Value]


COLUMNS = {
    row.name: row
    for row in (
        Sortable("service", TEXT, lambda line, _: name_of(line.service)),
        Sortable("used", NUMBER, lambda line, _: line.now.totals.visits or line.now.totals.views),
        Sortable("started", NUMBER, lambda line, _: started(line.now) if has_figures(line) else None),
        Sortable("submitted", NUMBER, lambda line, _: submitted(line.now) if has_figures(line) else None),
        Sortable("completion_rate", PERCENT, lambda line, _: completion_rate(line.now)),
        Sortable("satisfaction", PERCENT, lambda line, _: satisfaction(line.now)),
        Sortable("change", PERCENT, lambda line, _: change(line)),
        Sortable("lost", NUMBER, lambda line, _: line.loss.row.abandoned if line.loss else None),
        Sortable("flags", NUMBER, lambda _, flags: flags),
    )
}
SHOWN = ("used", "started", "submitted", "completion_rate", "satisfaction")
FILES = ("service", *SHOWN, "change", "lost")


@dataclass(frozen=True, slots=True)
class OverviewView:
    """What the address asks for."""

    town: Municipality
    now: datetime
    span: Range
    problem: str
    search: str
    sort: str
    descending: bool

    def url(self, endpoint: str = "service_overview.overview_page", **changes: str | None) -> str:
        """The address of the table with the same choices but for `changes`; None leaves one out."""
        query: dict[str, Any] = {**self.query(), **changes}
        return url_for(endpoint, **query)

    def report_url(self, slug: str) -> str:
        """The address of a service's report in the same range."""
        query: dict[str, Any] = {**range_query(self.span), **language_query()}
        return url_for("service_report.report", ars=self.town.ars, slug=slug, **query)

    def query(self) -> dict[str, str]:
        """The choices as query parameters; what is the default is left out."""
        query = {"municipality": self.town.ars, **range_query(self.span)}
        if self.search:
            query["q"] = self.search
        if self.sort != "service":
            query["sort"] = self.sort
        if self.descending != (self.sort != "service"):
            query["order"] = "desc" if self.descending else "asc"
        return {**query, **language_query()}


def view_of(town: Municipality, args: Mapping[str, str], now: datetime) -> OverviewView:
    """Read the address; what cannot be shown becomes the default. Names begin with A, numbers with the largest."""
    span, problem = range_of(args, now.astimezone(calendar_of(town.timezone).zone).date())
    sort = args.get("sort", "")
    sort = sort if sort in COLUMNS else "service"
    order = args.get("order", "")
    descending = order == "desc" if order in ("asc", "desc") else sort != "service"
    return OverviewView(town, now, span, problem, args.get("q", "").strip()[:LONGEST_SEARCH], sort, descending)


def has_figures(line: Line) -> bool:
    """Whether transactions of a service are known at all, counted or imported."""
    return bool(line.service.forms) or line.now.imported is not None


def change(line: Line) -> float | None:
    """How much more attempts were started than in the range before (0.12: 12 %); where that is not known: sent."""
    if line.before is None:
        return None
    value, past = started(line.now), started(line.before)
    if value is None:
        value, past = submitted(line.now), submitted(line.before)
    return (value - past) / past if past else None


@blueprint.get("/overview")
def overview_page() -> str:
    """All services of a municipality in a range."""
    town = chosen_town()
    if town is None:
        raise NotFound
    view = view_of(town, request.args, datetime.now(UTC))
    lines, flags = _lines(view)
    shown = arranged(view, lines, flags)
    return render_template(
        "service_overview.html",
        town=town,
        towns=towns(),
        number_of_services=len(lines),
        span=view.span,
        problem=view.problem,
        title=range_title(view.span),
        dates=range_dates(view.span),
        dates_before=range_dates(before) if (before := previous(view.span)) else "",
        periods=period_links(view.span, view.url),
        shifts=shift_links(view.span, view.url),
        range_action=url_for("service_overview.overview_page"),
        range_swaps=False,
        hidden={name: value for name, value in view.query().items() if name not in ("period", "from", "to")},
        kept={name: value for name, value in view.query().items() if name != "q"},
        search=view.search,
        clear_url=view.url(q=None),
        rows=[_row(view, line, flags[line.service.slug]) for line in shown],
        headings=_headings(view),
        csv_url=view.url("service_overview.overview_csv"),
        xlsx_url=view.url("service_overview.overview_xlsx"),
    )


@blueprint.get("/overview.csv")
def overview_csv() -> Response:
    """The table as CSV: the rows that are shown, in their order."""
    view = _asked()
    return csv_file(sheet_of(view), _file_name(view))


@blueprint.get("/overview.xlsx")
def overview_xlsx() -> Response:
    """The same as a workbook."""
    view = _asked()
    return xlsx_file(sheet_of(view), _file_name(view), view.town.name)


def _asked() -> OverviewView:
    """What the address of a file asks for; a range that cannot be shown is refused."""
    town = chosen_town()
    if town is None:
        raise NotFound
    view = view_of(town, request.args, datetime.now(UTC))
    if view.problem:
        abort(400, "range")
    return view


def _file_name(view: OverviewView) -> str:
    return f"services-{view.town.ars}-{view.span.start}-{view.span.end}"


def _lines(view: OverviewView) -> tuple[list[Line], Mapping[str, Sequence[Flag]]]:
    services = services_of(view.town)
    place = Place(store(), view.town.id, sites_of(view.town))
    span = view.span
    if span.days < 2:
        span = Range("custom", span.end - (DAYS_OF_LINE - 1) * DAY, span.end, span.today)
    interval = span.interval if span.interval in span.intervals else "day"
    places = buckets(span, interval, calendar_of(view.town.timezone), view.now)
    return overview(place, services, view.span, places), flags_of(services, place.sites, store())


def arranged(view: OverviewView, lines: Sequence[Line], flags: Mapping[str, Sequence[Flag]]) -> list[Line]:
    """The lines that match the search, in the order asked for; those without a value come last either way."""
    words = view.search.casefold().split()
    found = [line for line in lines if all(word in _text(line) for word in words)]
    if view.sort == "service":
        return found[::-1] if view.descending else found  # they come by name
    column = COLUMNS[view.sort]
    values = {line.service.slug: column.of(line, len(flags[line.service.slug])) for line in found}
    some = [line for line in found if values[line.service.slug] is not None]
    some.sort(key=lambda line: values[line.service.slug] or 0, reverse=view.descending)
    return some + [line for line in found if values[line.service.slug] is None]


def _text(line: Line) -> str:
    service = line.service
    texts = (service.slug, service.name, service.name_en, service.category, service.department, service.leika)
    return "\n".join(texts).casefold()


def sheet_of(view: OverviewView) -> Sheet:
    """The table as it stands in files."""
    lines, flags = _lines(view)
    columns = [Column(name, COLUMNS[name].kind) for name in FILES]
    rows = []
    for line in arranged(view, lines, flags):
        number = len(flags[line.service.slug])
        values = [COLUMNS[name].of(line, number) for name in FILES]
        told = line.now.feedback
        ratings = (told.satisfied, told.rated) if told.enough else (None, None)
        rows.append((line.service.slug, *values, loss_sentence(line.loss), number, *ratings))
    head, tail = Column("slug", CODE), (Column("loss", TEXT), Column("flags"), Column("satisfied"), Column("rated"))
    return Sheet("services", (head, *columns, *tail), rows, "service_overview")


def _row(view: OverviewView, line: Line, flags: Sequence[Flag]) -> dict[str, Any]:
    """A line in words; a service that is never used shows dashes where there is nothing to tell."""
    return {
        "slug": line.service.slug,
        "name": name_of(line.service),
        "department": line.service.department,
        "url": view.report_url(line.service.slug),
        "cells": {name: text_of(COLUMNS[name].kind, COLUMNS[name].of(line, 0)) for name in SHOWN},
        "change": change_of(NUMBER, 1 + ratio, 1) if (ratio := change(line)) is not None else "",
        "rises": None if not ratio else ratio > 0,
        "line": polyline(line.started),
        "loss": loss_sentence(line.loss),
        "flags": len(flags),
        "worst": flags[0].level if flags else "",
        "has_figures": has_figures(line),
        "imported": line.now.imported is not None,
    }


def polyline(values: Sequence[int], width: int = 120, height: int = 28) -> str:
    """The points of an SVG line of values, the highest at the top; empty when there are none or fewer than two."""
    top = max(values, default=0)
    if top == 0 or len(values) < 2:
        return ""
    step = width / (len(values) - 1)
    return " ".join(f"{place * step:.1f},{height - value * height / top:.1f}" for place, value in enumerate(values))


def _headings(view: OverviewView) -> list[dict[str, Any]]:
    """The headings; one that is chosen again turns the order round."""
    shown = []
    for name in COLUMNS:
        current = name == view.sort
        descending = not view.descending if current else name != "service"
        order = None if descending == (name != "service") else "desc" if descending else "asc"
        shown.append(
            {
                "name": name,
                "url": view.url(sort=None if name == "service" else name, order=order),
                "sorted": ("descending" if view.descending else "ascending") if current else None,
            }
        )
    return shown
