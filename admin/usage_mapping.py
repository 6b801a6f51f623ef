"""Map the columns of an uploaded file once: look at what comes of it, save it as a connector, and import."""

import re
from typing import BinaryIO, NamedTuple
from unicodedata import normalize

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from admin import usage_files
from admin.access import config, store, writable
from admin.i18n import t
from admin.services import services_of, town_of
from admin.usage import Page, allow_larger_uploads, imported, is_period, reading_values
from admin.usage_form import Draft, draft_of, first_draft, option_choices, seen, values_of
from admin.usage_text import Said, code_name, findings_of, role_groups, role_name, value_options
from tracker.codes import CODES
from tracker.store.catalogue import Municipality
from tracker.store.usage import ImportedFrom, Usage
from tracker.usage.figures import Expected, Reading
from tracker.usage.findings import UsageError
from tracker.usage.grid import Grid
from tracker.usage.importer import Imported, today_in
from tracker.usage.layout import COUNTED, Connector, problems
from tracker.usage.names import Names
from tracker.usage.opening import open_grid
from tracker.usage.periods import period_of
from tracker.usage.reading import read

blueprint = Blueprint("usage_mapping", __name__, url_prefix="/admin/usage")
blueprint.url_value_preprocessor(allow_larger_uploads)

LOOK, IMPORT, CANCEL = "look", "import", "cancel"
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


class Upload(NamedTuple):
    """A file that waits: the name it is kept under, its own name, its period, and the connector to change."""

    upload: str
    file: str
    period: str
    connector: str


class Looked(NamedTuple):
    """What comes of a mapping: the file's figures, if it could be read, and what is wrong or worth knowing."""

    draft: Draft
    reading: Reading | None
    findings: list[Said]
    unlisted: int

    @property
    def is_good(self) -> bool:
        """Whether it may be imported."""
        return self.reading is not None and not self.reading.findings.errors


@blueprint.route("/<ars>/mapping", methods=["GET", "POST"])
def mapping(ars: str) -> Page:
    """The form, what comes of it, or with `action` import the end of it."""
    town = town_of(ars)
    about = Upload(*(request.args.get(name, "") for name in Upload._fields))
    path = usage_files.find(config(), about.upload)
    if path is None or not is_period(about.period):
        return redirect(url_for("usage.index", municipality=town.ars, done="usage_expired"), 303)
    form = {name: text.strip() for name, text in request.form.items()}
    if form.get("action") == CANCEL:
        return _cancelled(town, about)
    known = Usage(store().connection).connector(town.id, about.connector) if about.connector else None
    with path.open("rb") as file:
        try:
            return _mapping(town, about, known, form, file)
        except UsageError as error:
            page = render_template(
                "usage_unreadable.html", town=town, about=about, findings=findings_of(error.findings)
            )
            return page, 400


def _cancelled(town: Municipality, about: Upload) -> Response:
    usage_files.forget(config(), about.upload)
    return redirect(url_for("usage.index", municipality=town.ars), 303)


def _mapping(town: Municipality, about: Upload, known: Connector | None, form: dict[str, str], file: BinaryIO) -> Page:
    layout = known.layout if known else None
    sheet = form.get("sheet", layout.sheet if layout else "")
    grid = open_grid(file, sheet)
    draft = draft_of(grid, form, layout) if form else first_draft(grid, sheet, layout)
    form = {"title": known.title if known else "", "period": about.period, **form}
    looked = _look(town, draft, form["period"], grid)
    if form.get("action") != IMPORT:
        return _page(town, about, grid, looked, form, {})
    name = known.name if known else name_of(form["title"])
    errors = _errors(town, form, name, known)
    if errors or not looked.is_good or looked.reading is None:
        return _page(town, about, grid, looked, form, errors), 400
    return _finish(town, about, Connector(name, form["title"], draft.layout), form["period"], looked.reading)


def _look(town: Municipality, draft: Draft, period: str, grid: Grid) -> Looked:
    broken = list(problems(draft.layout))
    if broken:
        return Looked(draft, None, findings_of(broken), 0)
    expected = Expected(Names(services_of(town)), today_in(town), period_of(period))
    try:
        reading = read(grid, draft.layout, expected)
    except UsageError as error:
        return Looked(draft, None, findings_of(error.findings), 0)
    return Looked(draft, reading, findings_of(reading.findings), reading.findings.unlisted)


def _errors(town: Municipality, form: dict[str, str], name: str, known: Connector | None) -> dict[str, str]:
    errors = {}
    others = [one for one in Usage(store().connection).connectors(town.id) if known is None or one.name != known.name]
    if not 1 <= len(form["title"]) <= 100 or not name:
        errors["title"] = t("usage.error_title")
    elif any(one.title == form["title"] or one.name == name for one in others):
        errors["title"] = t("usage.error_title_exists", title=form["title"])
    if not is_period(form["period"]):
        errors["period"] = t("usage.error_period")
    return errors


def name_of(title: str) -> str:
    """The short name that addresses have for a title: "Bezahlplattform Süd" → "bezahlplattform-sued"."""
    plain = normalize("NFKD", title.lower().translate(_UMLAUTS)).encode("ascii", "ignore").decode()
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")[:60].rstrip("-")


def _finish(town: Municipality, about: Upload, connector: Connector, period: str, reading: Reading) -> str:
    """Save the connector and import the file."""
    usage = Usage(writable())
    usage.save(town.id, connector)
    source = ImportedFrom(about.file, "admin", period_of(period), reading.lines)
    replaced = usage.replace(town.id, connector.name, reading.figures, source)
    usage_files.forget(config(), about.upload)
    return imported(town, connector, about.file, Imported(reading, replaced))


def _page(
    town: Municipality,
    about: Upload,
    grid: Grid,
    looked: Looked,
    form: dict[str, str],
    errors: dict[str, str],
) -> str:
    services, draft = services_of(town), looked.draft
    return render_template(
        "usage_mapping.html",
        town=town,
        about=about,
        sheets=grid.sheets,
        sheet_options=[(name, name) for name in grid.sheets],
        is_table=grid.kind != "json",
        draft=draft,
        layout=draft.layout,
        seen=seen(draft.layout.sheet, draft.header),
        form=form,
        errors=errors,
        findings=looked.findings,
        unlisted=looked.unlisted,
        is_good=looked.is_good,
        values=values_of(looked.reading, draft.layout, services) if looked.reading else [],
        groups=role_groups(),
        choices=option_choices(),
        services=value_options("service", services)[:-1],
        channels=[(code, code_name("channel", code)) for code in CODES["channel"]],
        measures_of_lines=[(measure, role_name(measure)) for measure in COUNTED],
        role_name=role_name,
        **(reading_values(town, looked.reading) if looked.reading else {"reading": None}),
    )
