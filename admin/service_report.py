"""The report of one service, and each of its tables as CSV."""

from collections.abc import Iterable
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, render_template, request

from admin import sheets
from admin.access import store
from admin.service_graph import figures_sheet, trend_sheet
from admin.service_page import page_of
from admin.service_reading import Place
from admin.service_reading import report as read
from admin.service_sheets import SHEETS, Question
from admin.service_view import ServiceView, view_of
from admin.services import service_of, sites_of, town_of
from admin.sheets import Sheet
from admin.spreadsheets import XLSX
from tracker.store.annotations import Annotation, Annotations

blueprint = Blueprint("service_report", __name__, url_prefix="/admin/services")

NAMES = ("figures", "trend", *SHEETS)


@blueprint.get("/<ars>/<slug>/report")
def report(ars: str, slug: str) -> str:
    """The report of a service."""
    view, ask = _asked(ars, slug)
    return render_template("service_report.html", **page_of(view, ask, notes_of(view)))


@blueprint.get("/<ars>/<slug>/report/<sheet>.csv")
def sheet_csv(ars: str, slug: str, sheet: str) -> Response:
    """One table of the report as CSV, all of its rows; a range that cannot be shown is refused."""
    view, ask = _asked(ars, slug)
    if sheet not in NAMES:
        abort(404)
    if view.problem:
        abort(400, "range")
    return csv_file(_sheet(sheet, view, ask), f"{slug}-{sheet}-{view.span.start}-{view.span.end}")


def _asked(ars: str, slug: str) -> tuple[ServiceView, Question]:
    """What the address asks for, and what was counted of it; 404 for what the account may not see."""
    town = town_of(ars)
    service = service_of(town, slug)
    view = view_of(town, service, request.args, datetime.now(UTC))
    place = Place(store(), town.id, sites_of(town))
    return view, Question(place, read(place, service, view.span))


def _sheet(name: str, view: ServiceView, ask: Question) -> Sheet:
    if name == "figures":
        return figures_sheet(ask.report)
    return trend_sheet(view, ask) if name == "trend" else SHEETS[name](ask)


def notes_of(view: ServiceView) -> list[Annotation]:
    """The notes on the service and on its municipality that are dated within the range."""
    return Annotations(store().connection, view.town.id).between(view.span.start, view.span.end, view.service.slug)


def csv_file(sheet: Sheet, name: str) -> Response:
    """A sheet as an answer that browsers keep as a file."""
    return _file("".join(sheets.csv_lines(sheet)), f"{name}.csv", "text/csv; charset=utf-8; header=present")


def xlsx_file(sheet: Sheet, name: str, title: str) -> Response:
    """The same as a workbook."""
    return _file([sheets.xlsx(sheet, title)], f"{name}.xlsx", XLSX)


def _file(content: str | Iterable[bytes], name: str, kind: str) -> Response:
    return Response(content, headers={"Content-Disposition": f'attachment; filename="{name}"'}, content_type=kind)
