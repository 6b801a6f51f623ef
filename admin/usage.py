"""Totals from other systems: their imports and connectors, and a file to import."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from admin import usage_files
from admin.access import config, is_operator, store, writable
from admin.i18n import t
from admin.services import chosen_town, services_of, town_of, towns
from admin.usage_text import (
    Said,
    code_name,
    findings_of,
    moment_name,
    periods_name,
    role_name,
    sums_of,
)
from tracker.errors import ConfigError
from tracker.store.catalogue import Municipality
from tracker.store.usage import Usage
from tracker.usage.figures import Reading
from tracker.usage.findings import UsageError
from tracker.usage.importer import Imported, Source, import_file
from tracker.usage.layout import Connector, to_json
from tracker.usage.opening import LARGEST
from tracker.usage.periods import period_of

blueprint = Blueprint("usage", __name__, url_prefix="/admin/usage")

Page = Response | str | tuple[str, int]
MOST_IMPORTS = 100  # that are listed
_MEGABYTE = 1024 * 1024
_PARTS = 6000  # fields of the form that maps columns and values


def allow_larger_uploads(_endpoint: str | None, _values: dict[str, object] | None) -> None:
    """A file of totals is larger than an ordinary form; runs before the form is read for its token."""
    request.max_content_length = (LARGEST + 1) * _MEGABYTE
    request.max_form_memory_size, request.max_form_parts = 4 * _MEGABYTE, _PARTS


blueprint.url_value_preprocessor(allow_larger_uploads)


@blueprint.get("")
def index() -> Page:
    """The imports and connectors of a municipality."""
    town = chosen_town()
    if town is None:
        return redirect(url_for("municipalities.new"), 303) if is_operator() else render_template("services_none.html")
    return _index(town, {}, {})


def _index(town: Municipality, form: dict[str, str], errors: dict[str, str]) -> str:
    usage = Usage(store().connection)
    imports, connectors = usage.imports(town.id), usage.connectors(town.id)
    return render_template(
        "usage.html",
        town=town,
        towns=towns(),
        connectors=connectors,
        options=[("", t("usage.connector_new")), *((one.name, one.title) for one in connectors)],
        imports=imports[:MOST_IMPORTS],
        number=len(imports),
        form=form,
        errors=errors,
        periods_name=periods_name,
        moment_name=moment_name,
    )


@blueprint.post("/<ars>/upload")
def upload(ars: str) -> Page:
    """Import a file with its connector, or go on to map its columns."""
    town = town_of(ars)
    form = {name: request.form.get(name, "").strip() for name in ("connector", "period")}
    file = request.files.get("file")
    errors = {}
    if file is None or not file.filename:
        errors["file"] = t("usage.error_file")
    if not is_period(form["period"]):
        errors["period"] = t("usage.error_period")
    if errors or file is None:
        return _index(town, form, errors), 400
    if not form["connector"] or "map" in request.form:
        return redirect(mapping_address(town, file, form), 303)
    return _import(town, Usage(writable()).connector(town.id, form["connector"]), file, form)


def is_period(text: str) -> bool:
    """Whether a text names a month or a day, or is blank."""
    return not text or period_of(text) is not None


def mapping_address(town: Municipality, file: FileStorage, form: dict[str, str]) -> str:
    """Where the columns of an uploaded file can be mapped, which is kept for that."""
    return url_for(
        "usage_mapping.mapping",
        ars=town.ars,
        upload=usage_files.keep(config(), file),
        file=(file.filename or "")[:200],
        period=form["period"] or None,
        connector=form["connector"] or None,
    )


def _import(town: Municipality, connector: Connector, file: FileStorage, form: dict[str, str]) -> Page:
    """Import an uploaded file; one with errors waits for another mapping."""
    source = Source(file.stream, file.filename or "", "admin", period_of(form["period"]))  # type: ignore[arg-type]
    try:
        done = import_file(writable(), town, connector, source)
    except UsageError as error:
        return refused(town, connector, file, form, findings_of(error.findings)), 400
    if done.replaced is None:
        said, unlisted = findings_of(done.reading.findings), done.reading.findings.unlisted
        return refused(town, connector, file, form, said, unlisted), 400
    return imported(town, connector, source.name, done)


def refused(
    town: Municipality,
    connector: Connector,
    file: FileStorage,
    form: dict[str, str],
    said: list[Said],
    unlisted: int = 0,
) -> str:
    """Why nothing of a file was imported."""
    return render_template(
        "usage_refused.html",
        town=town,
        connector=connector,
        file=file.filename,
        findings=said,
        unlisted=unlisted,
        mapping=mapping_address(town, file, form),
    )


def imported(town: Municipality, connector: Connector, file: str, done: Imported) -> str:
    """What was imported, and what it replaced."""
    return render_template(
        "usage_imported.html",
        town=town,
        connector=connector,
        file=file,
        findings=findings_of(done.reading.findings),
        unlisted=done.reading.findings.unlisted,
        replaced=done.replaced.periods if done.replaced else (),
        **reading_values(town, done.reading),
    )


def reading_values(town: Municipality, reading: Reading) -> dict[str, object]:
    """What the table of a file's numbers shows."""
    measures, sums = sums_of(reading, {service.slug: service.name for service in services_of(town)})
    return {"reading": reading, "measures": measures, "sums": sums, "periods_name": periods_name}


@blueprint.post("/<ars>/imports/<int:number>/undo")
def undo(ars: str, number: int) -> Response:
    """Remove the figures of an import."""
    town = town_of(ars)
    Usage(writable()).undo(town.id, number)
    return redirect(url_for("usage.index", municipality=town.ars, done="usage_undone"), 303)


@blueprint.get("/<ars>/connectors/<name>")
def connector(ars: str, name: str) -> str:
    """How the files of a connector are laid out."""
    town = town_of(ars)
    found = _connector(town, name)
    return render_template(
        "usage_connector.html",
        town=town,
        connector=found,
        json=to_json(found.layout),
        figures=sum(one.figures for one in Usage(store().connection).imports(town.id) if one.connector == name),
        names={service.slug: service.name for service in services_of(town)},
        role_name=role_name,
        code_name=code_name,
    )


def _connector(town: Municipality, name: str) -> Connector:
    try:
        return Usage(store().connection).connector(town.id, name)
    except ConfigError as error:
        raise NotFound from error


@blueprint.post("/<ars>/connectors/<name>/remove")
def remove(ars: str, name: str) -> Response:
    """Remove a connector with all its figures."""
    town = town_of(ars)
    Usage(writable()).remove(town.id, _connector(town, name).name)
    return redirect(url_for("usage.index", municipality=town.ars, done="usage_connector_removed"), 303)
