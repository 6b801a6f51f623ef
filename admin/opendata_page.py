"""What a municipality publishes: its releases, what is due, a preview with the true counts, a button, corrections."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from admin.access import config, is_editor, is_operator, store, worker, writable
from admin.i18n import current_language, day, t
from admin.opendata import manifest as manifests
from admin.opendata.licences import LICENCES
from admin.opendata.manifest import ReleaseError
from admin.opendata.protection import METHODS
from admin.opendata.protection.privacy import BudgetError
from admin.opendata.published import label_of
from admin.opendata.publisher import Preview, Publisher
from admin.opendata.runner import start, status_of
from admin.opendata_form import blank, read_setting, shown_setting
from admin.services import chosen_town, sites_of, town_of, towns
from admin.view import language_query
from tracker.calendar import day_date, day_number
from tracker.errors import ZaehlwerkError
from tracker.store.catalogue import Municipality
from tracker.store.opendata import Opendata, Outage

blueprint = Blueprint("opendata_page", __name__, url_prefix="/admin/opendata")

RELEASES = 14  # that the page lists
ROWS = 200  # of a table that a preview shows


@blueprint.get("")
def index() -> Response | str:
    """What is published and what is due."""
    town = chosen_town()
    if town is None:
        return redirect(url_for("municipalities.new"), 303) if is_operator() else render_template("services_none.html")
    return _page(town)


@blueprint.post("/<ars>/publish")
def publish(ars: str) -> Response:
    """Publish everything that is due."""
    town = town_of(ars)
    status = status_of(config(), ars)
    if status is None or not status.running:
        start(config(), town)
    return redirect(_back(town), 303)


@blueprint.get("/<ars>/correct")
def look(ars: str) -> Response | tuple[str, int]:
    """What the correction of a period that was typed in would change."""
    town = town_of(ars)
    period = request.args.get("period", "").strip()
    if period not in manifests.latest(_publisher(town).releases):
        return _page(town, errors={"period": t("opendata.error_period")}, form={"period": period}), 400
    query: dict[str, Any] = language_query()
    return redirect(url_for("opendata_page.preview", ars=ars, period=period, **query), 303)


@blueprint.post("/<ars>/correct")
def correct(ars: str) -> Response | tuple[str, int]:
    """Publish a day or month anew as its next revision."""
    town = town_of(ars)
    form = {name: request.form.get(name, "").strip() for name in ("period", "reason")}
    publisher = _publisher(town)
    if form["period"] not in manifests.latest(publisher.releases):
        return _page(town, errors={"period": t("opendata.error_period")}, form=form), 400
    if not form["reason"]:
        return _preview(town, publisher, form["period"], t("opendata.error_reason"), form["reason"]), 400
    try:
        publisher.correct(form["period"], form["reason"])
    except BudgetError:
        return _page(town, errors={"period": t("opendata.error_budget")}, form=form), 409
    except ZaehlwerkError as error:
        return _page(town, errors={"period": str(error)}, form=form), 409
    return redirect(_back(town, "corrected"), 303)


@blueprint.get("/<ars>/preview/<period>")
def preview(ars: str, period: str) -> str | tuple[str, int]:
    """What would be public of a day or month, beside what was counted, and why it differs."""
    town = town_of(ars)
    try:
        publisher = _publisher(town)
        if not publisher.can_be_published(period):
            return _page(town, errors={"preview": t("opendata.error_preview")}), 400
        return _preview(town, publisher, period)
    except (ReleaseError, ValueError) as error:
        raise NotFound from error
    except ZaehlwerkError as error:
        abort(409, str(error))


def _preview(town: Municipality, publisher: Publisher, period: str, problem: str = "", reason: str = "") -> str:
    """The page of a preview; of a published period with what a correction would change, and the form for it."""
    tables = publisher.preview(period)
    return render_template(
        "opendata_preview.html",
        town=town,
        period=period,
        tables=[_shown(table) for table in tables],
        method=publisher.method_of(period),
        label=label_of(publisher.method_of(period)),
        differences=publisher.differences(tables),
        again=publisher.draws_anew(period),
        may_change=is_editor(),
        problem=problem,
        reason=reason,
        rows=ROWS,
    )


@blueprint.post("/<ars>/settings")
def settings(ars: str) -> Response | tuple[str, int]:
    """Change how a municipality publishes."""
    town = town_of(ars)
    setting, errors = read_setting(request.form, Opendata(writable()).setting(town.id), sites_of(town))
    if errors:
        return _page(town, errors=errors, setting=request.form.to_dict()), 400
    Opendata(writable()).save(town.id, setting)
    return redirect(_back(town, "opendata_changed"), 303)


@blueprint.post("/<ars>/outages")
def add_outage(ars: str) -> Response | tuple[str, int]:
    """Note that a site was not measured on some days."""
    town = town_of(ars)
    sites = {site.host: site.id for site in sites_of(town)}
    form = {name: request.form.get(name, "").strip() for name in ("site", "first", "last", "outage_reason")}
    errors = {}
    if form["site"] not in sites:
        errors["site"] = t("opendata.error_site")
    first, last = _day(form["first"]), _day(form["last"] or form["first"])
    if first is None or last is None or last < first:
        errors["first"] = t("opendata.error_days")
    elif last > datetime.fromtimestamp(worker().clock(), ZoneInfo(town.timezone)).date():
        errors["first"] = t("opendata.error_ahead")
    if not form["outage_reason"]:
        errors["outage_reason"] = t("opendata.error_outage_reason")
    if errors or first is None or last is None:
        return _page(town, errors=errors, form=form), 400
    Opendata(writable()).add_outage(sites[form["site"]], day_number(first), day_number(last), form["outage_reason"])
    return redirect(_back(town, "outage_added"), 303)


@blueprint.post("/<ars>/outages/<int:outage>/remove")
def remove_outage(ars: str, outage: int) -> Response:
    """Remove such a note; 404 when there is none."""
    town = town_of(ars)
    if not Opendata(writable()).remove_outage(outage, [site.id for site in sites_of(town)]):
        raise NotFound
    return redirect(_back(town, "outage_removed"), 303)


def _publisher(town: Municipality) -> Publisher:
    return Publisher(store(), config(), town, worker().clock())


def _back(town: Municipality, done: str | None = None) -> str:
    query: dict[str, Any] = {"done": done, **language_query()}
    return url_for("opendata_page.index", municipality=town.ars, **query)


def _page(
    town: Municipality,
    errors: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    setting: Mapping[str, str] | None = None,
) -> str:
    publisher = _publisher(town)
    due, status = publisher.due(), status_of(config(), town.ars)
    sites = sites_of(town)
    outages = Opendata(store().connection).outages([site.id for site in sites])
    return render_template(
        "opendata.html",
        town=town,
        towns=towns(),
        may_change=is_editor(),
        due=due,
        status=status,
        releases=publisher.releases[::-1][:RELEASES],
        number=len(publisher.releases),
        newest={release.path for release in manifests.latest(publisher.releases).values()},
        preview=due[0] if due else publisher.releases[-1].period if publisher.releases else "",
        public=f"{config().base_url}/opendata/{town.ars}/",
        methods=[(row.name, t(f"opendata.method_{row.name}"), t(f"opendata.hint_{row.name}")) for row in METHODS],
        licences={name: licence.title._asdict()[current_language()] for name, licence in LICENCES.items()},
        setting={**shown_setting(publisher.setting), **(setting or {})},
        automatic=publisher.setting.automatic,
        outages=outages,
        days={outage.id: _days(outage) for outage in outages},
        hosts={site.id: site.host for site in sites},
        sites=[(site.host, site.host) for site in sites],
        form={**blank(), **(form or {})},
        errors=errors or {},
    )


def _days(outage: Outage) -> str:
    """The days of an outage, in the reader's language."""
    first, last = (day(day_date(number)) for number in (outage.first, outage.last))
    return first if first == last else f"{first} – {last}"


def _shown(preview: Preview) -> dict[str, Any]:
    """A table with, per measure, what was counted, what would be published, and its status."""
    table, language = preview.published.table, current_language()
    columns = [column.name for column in preview.published.columns]
    counted = [measure for measure in table.measures if measure.unit]
    rows = []
    for true, values in zip(preview.rows[:ROWS], preview.published.rows, strict=False):
        public = dict(zip(columns, values, strict=True))
        cells = [
            (cell.value, public[measure.name], public[f"{measure.name}_status"])
            for measure, cell in zip(counted, true.cells, strict=True)
        ]
        names = {str(public.get("service")): str(public.get("service_name"))}
        rows.append(([names.get(text, text) for text in true.dimensions], cells))
    return {
        "title": table.title._asdict()[language],
        "description": table.description._asdict()[language],
        "dimensions": [row.title._asdict()[language] for row in table.dimensions[1:]],
        "measures": [row.title._asdict()[language] for row in counted],
        "rows": rows,
        "more": max(0, len(preview.rows) - ROWS),
    }


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None
