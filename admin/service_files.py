"""The catalogue of a municipality as a file: export, and import with a look at what it would change."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin.access import writable
from admin.i18n import t
from admin.services import chosen_town, name_of, sentence, services_of
from tracker.services.changes import ADDED, CHANGED, UNCHANGED, compare, fingerprint
from tracker.services.exchange import LARGEST, Parsed, from_json, read_file, to_csv, to_json
from tracker.services.fields import COLUMNS
from tracker.store.catalogue import Municipality
from tracker.store.services import Services

blueprint = Blueprint("service_files", __name__, url_prefix="/admin/services")

_FINDINGS = 200  # that are shown


@blueprint.url_value_preprocessor
def allow_larger_uploads(_endpoint: str | None, _values: dict[str, object] | None) -> None:
    """A catalogue is larger than an ordinary form; runs before the form is read for its token."""
    request.max_content_length = request.max_form_memory_size = 2 * LARGEST


@blueprint.get("/export.csv")
def export_csv() -> Response | AnyResponse:
    """All services as CSV."""
    return _file("csv", "text/csv; charset=utf-8")


@blueprint.get("/export.json")
def export_json() -> Response | AnyResponse:
    """All services as JSON."""
    return _file("json", "application/json")


def _file(kind: str, content_type: str) -> Response | AnyResponse:
    town = chosen_town()
    if town is None:
        return redirect(url_for("services.index"), 303)
    services = services_of(town)
    response = Response(to_csv(services) if kind == "csv" else to_json(services), content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="services-{town.ars}.{kind}"'
    return response


@blueprint.route("/import", methods=["GET", "POST"])
def import_file() -> AnyResponse | str | tuple[str, int]:
    """1. Ask for a file. 2. Show what it would change. 3. Change that, unless the catalogue changed meanwhile."""
    town = chosen_town()
    if town is None:
        return redirect(url_for("municipalities.new"), 303)
    if request.method != "POST":
        return _ask(town)
    if "catalogue" in request.form:
        return _confirmed(town, request.form["catalogue"], request.form.get("seen", ""))
    file = request.files.get("file")
    if file is None or not file.filename:
        return _ask(town, t("services.error_file")), 400
    return _preview(town, read_file(file.filename, file.read(), services_of(town)), file.filename)


def _ask(town: Municipality, wrong: str = "") -> str:
    return render_template("services_import.html", town=town, columns=COLUMNS, wrong=wrong)


def _preview(town: Municipality, parsed: Parsed, name: str, stale: bool = False) -> str | tuple[str, int]:
    """What a file would change, or where it is wrong; `stale`: the catalogue changed since it was shown."""
    present = services_of(town)
    changes = compare(present, parsed.services)
    page = render_template(
        "services_preview.html",
        town=town,
        file=name,
        findings=[(finding, sentence(finding.problem)) for finding in parsed.findings[:_FINDINGS]],
        number=len(parsed.findings),
        unit=parsed.unit,
        changes=[change for change in changes if change.kind != UNCHANGED],
        counts={kind: sum(change.kind == kind for change in changes) for kind in (ADDED, CHANGED, UNCHANGED)},
        catalogue=to_json(parsed.services),
        seen=fingerprint(present),
        stale=stale,
        name_of=name_of,
    )
    return (page, 400) if parsed.findings else page


def _confirmed(town: Municipality, catalogue: str, shown: str) -> AnyResponse | str | tuple[str, int]:
    present = services_of(town)
    parsed = from_json(catalogue, present)
    if parsed.findings or fingerprint(present) != shown:
        return _preview(town, parsed, "", stale=True)
    changes = compare(present, parsed.services)
    Services(writable()).apply(town.id, [change.service for change in changes if change.kind != UNCHANGED])
    return redirect(url_for("services.index", municipality=town.ars, done="services_imported"), 303)
