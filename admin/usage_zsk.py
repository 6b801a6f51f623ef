"""The monthly transactions for the federal statistics (ZSK): a look at them, the file, and how it is written."""

import time
from datetime import datetime

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from admin.access import store, writable
from admin.i18n import t
from admin.services import name_of, town_of
from admin.usage_text import code_name, period_name, zsk_sentence
from tracker.calendar import calendar_of
from tracker.codes import CHANNEL
from tracker.errors import ConfigError
from tracker.store.catalogue import Municipality
from tracker.store.usage import Usage
from tracker.usage.importer import today_in
from tracker.usage.periods import written
from tracker.usage.zsk import FIELDS, Report, Setting, parse_columns, parse_month, setting_json, setting_of, to_csv
from tracker.usage.zskreport import zsk_report

blueprint = Blueprint("usage_zsk", __name__, url_prefix="/admin/usage")

MONTHS = 25  # that can be chosen
UNTOLD = "untold"  # in the form, the channel that files do not tell


@blueprint.get("/<ars>/zsk")
def zsk(ars: str) -> str:
    """The transactions of a month, what is missing among them, and how the file is written."""
    town = town_of(ars)
    return _page(town, _setting(town), {})


def _page(town: Municipality, setting: Setting, errors: dict[str, str], columns: str = "") -> str:
    report = _report(town, setting)
    return render_template(
        "usage_zsk.html",
        town=town,
        report=report,
        month=written(report.month),
        months=[(written(month), period_name(month)) for month in _months(town)],
        findings=[zsk_sentence(finding) for finding in report.findings],
        setting=setting,
        columns=columns or "\n".join(f"{name} = {heading}" for name, heading in setting.columns),
        fields=FIELDS,
        channels=[(UNTOLD, t("usage.channel_untold")), *((code, code_name("channel", code)) for code in CHANNEL)],
        chosen=[code or UNTOLD for code in setting.channels],
        connectors=Usage(store().connection).connectors(town.id),
        errors=errors,
        name_of=name_of,
    )


def _setting(town: Municipality) -> Setting:
    return setting_of(Usage(store().connection).zsk_setting(town.id))


def _report(town: Municipality, setting: Setting) -> Report:
    """The month that the address names, else the last one that is over."""
    wish = request.args.get("month", "")
    month = parse_month(wish) if wish else _months(town)[1]
    return zsk_report(store(), town, month, setting, today_in(town))


def _months(town: Municipality) -> list[int]:
    """This month and those before it."""
    today = datetime.fromtimestamp(time.time(), calendar_of(town.timezone).zone)
    months = [today.year * 12 + today.month - 1 - back for back in range(MONTHS)]
    return [month // 12 * 100 + month % 12 + 1 for month in months]


@blueprint.get("/<ars>/zsk.csv")
def zsk_csv(ars: str) -> Response:
    """The file."""
    town = town_of(ars)
    setting = _setting(town)
    report = _report(town, setting)
    response = Response(to_csv(report, setting), content_type="text/csv; charset=utf-8")
    name = f"zsk-{town.ars}-{written(report.month)}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@blueprint.post("/<ars>/zsk/setting")
def setting(ars: str) -> AnyResponse | tuple[str, int]:
    """Change how the file is written, and what counts."""
    town = town_of(ars)
    columns = request.form.get("columns", "").strip()
    channels = [code for code in (UNTOLD, *CHANNEL) if request.form.get(f"channel-{code}") == "on"]
    errors = {}
    try:
        parsed = parse_columns(columns)
    except ConfigError:
        errors["columns"] = t("usage.error_columns", fields=", ".join(FIELDS))
    if not channels:
        errors["channels"] = t("usage.error_channels")
    if errors:
        return _page(town, _setting(town), errors, columns), 400
    known = [one.name for one in Usage(store().connection).connectors(town.id)]
    without = tuple(name for name in known if request.form.get(f"connector-{name}") != "on")
    counted = tuple("" if code == UNTOLD else code for code in channels)
    Usage(writable()).save_zsk_setting(town.id, setting_json(Setting(parsed, counted, without)))
    return redirect(url_for("usage_zsk.zsk", ars=town.ars, done="usage_zsk_saved"), 303)
