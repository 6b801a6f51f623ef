"""The Single Digital Gateway: how it stands with a month, a look at what would be sent, the files, and the settings."""

import time
from datetime import date
from typing import NamedTuple

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from admin.access import config, is_editor, is_operator, store, writable
from admin.i18n import t
from admin.sdg_form import errors_in, sent
from admin.sdg_text import country_name, fault_sentence, note_sentence
from admin.services import chosen_town, name_of, services_of, town_of, towns
from admin.usage_text import moment_name, period_name
from tracker.sdg import feedback, statistics
from tracker.sdg.check import FaultyError, faults
from tracker.sdg.draft import FEEDBACK, KINDS, Draft, Note
from tracker.sdg.duty import due_day, state
from tracker.sdg.message import LIMIT
from tracker.sdg.nfk import FIELDS, to_csv
from tracker.sdg.setting import DATES, TYPES, Setting, setting_json
from tracker.sdg.transfer import (
    changed_since,
    check_possible,
    draft,
    file_name,
    make,
    nfk_report,
    obstacle,
    preview,
    stored_setting,
)
from tracker.store.catalogue import Municipality
from tracker.store.sdg import Transfer, Transfers
from tracker.usage.importer import today_in
from tracker.usage.periods import written
from tracker.usage.zsk import parse_month

blueprint = Blueprint("sdg", __name__, url_prefix="/admin/sdg")

MONTHS = 25  # that can be chosen
PAGES = 100  # that a preview lists
BEGINNING = 600  # characters of a message that a preview shows
KIND = f"any({', '.join(KINDS)})"


class Duty(NamedTuple):
    """How it stands with one kind of transfer of a month."""

    kind: str
    draft: Draft
    totals: statistics.Totals | feedback.Totals
    transfer: Transfer | None
    due: date
    state: str
    is_stale: bool  # the figures are others than when it was made
    obstacle: Note | None


@blueprint.get("")
def index() -> AnyResponse | str:
    """How it stands with a month of a municipality, what was sent so far, and how it is written."""
    town = chosen_town()
    if town is None:
        return redirect(url_for("services.index"), 303)
    return _index(town, _setting(town), {}, "")


def _index(town: Municipality, setting: Setting, errors: dict[str, str], columns: str) -> str:
    month = _month(town)
    report = nfk_report(store(), town, month)
    return render_template(
        "sdg.html",
        town=town,
        towns=towns(),
        month=written(month),
        month_name=period_name(month),
        months=[(written(one), period_name(one)) for one in _months(town)],
        duties=[_duty(town, kind, month, _setting(town)) for kind in KINDS],
        marked=[service for service in services_of(town) if service.sdg],
        report=report,
        answers=sum(row.number for row in report.rows),
        transfers=Transfers(store().connection).all(town.id),
        setting=setting,
        columns=columns or "\n".join(f"{name} = {heading}" for name, heading in setting.columns),
        fields=FIELDS,
        dates=[(name, t(f"sdg.dates_{name}")) for name in DATES],
        types=[(name, t(f"sdg.type_{name.lower()}")) for name in TYPES],
        errors=errors,
        **_words(town),
    )


def _words(town: Municipality) -> dict[str, object]:
    """What both pages say things with."""
    return {
        "may_make": is_editor(),
        "may_set": is_operator(),
        "note_sentence": note_sentence,
        "country_name": country_name,
        "period_name": period_name,
        "written": written,
        "name_of": name_of,
        "moment_name": lambda seconds: moment_name(seconds, town),
        "file_name": lambda transfer, part: file_name(town, transfer.kind, transfer.month, part),
    }


def _setting(town: Municipality) -> Setting:
    return stored_setting(store().connection, town)


def _month(town: Municipality) -> int:
    """The month that the address names, else the last one that is over."""
    wish = request.args.get("month", "")
    return parse_month(wish) if wish else _months(town)[1]


def _months(town: Municipality) -> list[int]:
    """This month and those before it."""
    today = today_in(town)
    months = [today.year * 12 + today.month - 1 - back for back in range(MONTHS)]
    return [month // 12 * 100 + month % 12 + 1 for month in months]


def _duty(town: Municipality, kind: str, month: int, setting: Setting) -> Duty:
    found, today = draft(store(), town, kind, month, setting), today_in(town)
    transfer = Transfers(store().connection).find(town.id, kind, month)
    return Duty(
        kind=kind,
        draft=found,
        totals=feedback.totals(found) if kind == FEEDBACK else statistics.totals(found),
        transfer=transfer,
        due=due_day(kind, month),
        state=state(kind, month, today, transfer is not None),
        is_stale=changed_since(store().connection, town, found, setting),
        obstacle=obstacle(month, today, config().rollup_months),
    )


@blueprint.get(f"/<ars>/<{KIND}:duty>")
def look(ars: str, duty: str) -> str:
    """What the transfer of a month holds: sums, pages, the check of its messages, and how they begin."""
    town = town_of(ars)
    return _look(town, duty, _month(town), [])


def _look(town: Municipality, kind: str, month: int, broken: list[str]) -> str:
    found = _duty(town, kind, month, _setting(town))
    messages = preview(found.draft, _setting(town), int(time.time()))
    wrong = [fault for text in messages for fault in faults(kind, text)]
    transfer = found.transfer
    is_current = transfer and not found.is_stale
    kept = Transfers(store().connection).content(town.id, kind, month, 1) if is_current else None
    return render_template(
        "sdg_look.html",
        town=town,
        month=written(month),
        month_name=period_name(month),
        duty=found,
        devices=statistics.DEVICES,
        pages=found.totals.pages[:PAGES],
        more=max(0, len(found.totals.pages) - PAGES),
        sizes=[len(text) for text in messages],
        limit=LIMIT,
        is_kept=kept is not None,
        beginning=(kept or messages[0])[:BEGINNING].decode("utf-8", "ignore"),
        is_cut=len(kept or messages[0]) > BEGINNING,
        wrong=broken or [fault_sentence(fault) for fault in wrong],
        history=Transfers(store().connection).history(transfer.id) if transfer else [],
        **_words(town),
    )


@blueprint.post(f"/<ars>/<{KIND}:duty>/make")
def make_files(ars: str, duty: str) -> AnyResponse | tuple[str, int]:
    """Make the files of a month, or make them anew under the same ids."""
    town = town_of(ars)
    month = parse_month(request.form.get("month", ""))
    check_possible(month, today_in(town), config().rollup_months)
    found = draft(store(), town, duty, month, _setting(town))
    try:
        changed = make(writable(), town, found, _setting(town), int(time.time()))
    except FaultyError as error:
        return _look(town, duty, month, [fault_sentence(fault) for fault in error.faults]), 400
    done = "sdg_made" if changed else "sdg_same"
    return redirect(url_for("sdg.look", ars=town.ars, duty=duty, month=written(month), done=done), 303)


@blueprint.get("/<ars>/files/<transfer_file>")
def download(ars: str, transfer_file: str) -> Response:
    """The newest file of a part; 404 when there is none, or its content was deleted after its time."""
    town = town_of(ars)
    transfers = Transfers(store().connection)
    for transfer in transfers.all(town.id):
        for file in transfer.files:
            if transfer_file == file_name(town, transfer.kind, transfer.month, file.part):
                content = transfers.content(town.id, transfer.kind, transfer.month, file.part)
                if content is not None:
                    return _attached(content, "application/json", transfer_file)
    raise NotFound


@blueprint.get("/<ars>/nfk.csv")
def nfk_csv(ars: str) -> Response:
    """The feedback of a month for the national component."""
    town = town_of(ars)
    month = _month(town)
    check_possible(month, today_in(town), config().rollup_months)
    report = nfk_report(store(), town, month)
    text = to_csv(report, _setting(town).columns)
    return _attached(text.encode(), "text/csv; charset=utf-8", f"nfk-{town.ars}-{written(report.month)}.csv")


def _attached(content: bytes, content_type: str, name: str) -> Response:
    response = Response(content, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@blueprint.post("/<ars>/setting")
def setting(ars: str) -> AnyResponse | tuple[str, int]:
    """Change how messages and the national file are written."""
    town = town_of(ars)
    wish, columns = sent(request.form)
    if errors := errors_in(wish, columns):
        return _index(town, wish, errors, columns), 400
    Transfers(writable()).save_setting(town.id, setting_json(wish))
    return redirect(url_for("sdg.index", municipality=town.ars, done="sdg_saved"), 303)
