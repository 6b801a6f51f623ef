"""Dated notes that explain figures: their list, a new one, a removal."""

from datetime import date, datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from admin.access import store, writable
from admin.i18n import t
from admin.services import name_of, services_of, town_of
from admin.view import language_query
from tracker.calendar import calendar_of
from tracker.store.annotations import EARLIEST, LATEST, LONGEST, Annotations, one_line
from tracker.store.catalogue import Municipality

blueprint = Blueprint("annotations", __name__, url_prefix="/admin/annotations")


@blueprint.get("/<ars>")
def index(ars: str) -> str:
    """The notes of a municipality, those on its services among them."""
    town = town_of(ars)
    known = {service.slug for service in services_of(town)}
    service = request.args.get("service", "")
    today = datetime.now(calendar_of(town.timezone).zone).date()
    form = {"service": service if service in known else "", "day": today.isoformat(), "text": ""}
    return _page(town, form, {})


@blueprint.post("/<ars>")
def add(ars: str) -> Response | tuple[str, int]:
    """Keep a new note; then the report of its service, or the list."""
    town = town_of(ars)
    form = {name: one_line(request.form.get(name, "")) for name in ("service", "day", "text")}
    day, errors = _day(form["day"]), {}
    if form["service"] and form["service"] not in {service.slug for service in services_of(town)}:
        errors["service"] = t("annotations.error_service")
    if day is None:
        errors["day"] = t("annotations.error_day", first=EARLIEST.year, last=LATEST.year)
    if not 1 <= len(form["text"]) <= LONGEST:
        errors["text"] = t("annotations.error_text", limit=LONGEST)
    if errors or day is None:
        return _page(town, form, errors), 400
    Annotations(writable(), town.id).add(day, form["text"], form["service"])
    return redirect(_after(town, form["service"], "annotation_added"), 303)


def _day(text: str) -> date | None:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        return None
    return day if EARLIEST <= day <= LATEST else None


@blueprint.post("/<ars>/<int:note>/remove")
def remove(ars: str, note: int) -> Response:
    """Remove a note; 404 when there is none."""
    town = town_of(ars)
    if not Annotations(writable(), town.id).remove(note):
        raise NotFound
    return redirect(_after(town, "", "annotation_removed"), 303)


def _after(town: Municipality, service: str, done: str) -> str:
    query: dict[str, Any] = {"done": done, **language_query()}
    if service:
        return url_for("service_report.report", ars=town.ars, slug=service, **query, _anchor="notes")
    return url_for("annotations.index", ars=town.ars, **query)


def _page(town: Municipality, form: dict[str, str], errors: dict[str, str]) -> str:
    services = services_of(town)
    return render_template(
        "annotations.html",
        town=town,
        name_of=name_of,
        notes=Annotations(store().connection, town.id).all(),
        names={service.slug: name_of(service) for service in services},
        form=form,
        errors=errors,
    )
