"""The audit log, for operators: who changed what and when, as a page and as a file."""

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, request, stream_with_context

from admin.access import config, store
from admin.i18n import has_text, t
from admin.spreadsheets import harmless
from tracker.store.audit_log import AuditLog, Entry, Span
from tracker.store.catalogue import Catalogue, Municipality

blueprint = Blueprint("log", __name__, url_prefix="/admin/log")

SHOWN = 200  # lines of the page
ZONE = "Europe/Berlin"  # where no municipality is chosen
COLUMNS = ("time", "account", "municipality", "action", "subject")


@blueprint.get("")
def index() -> str:
    """The latest changes, narrowed to a municipality and to days."""
    town, span = _asked()
    zone = _zone(town)
    log = AuditLog(store().connection)
    return render_template(
        "log.html",
        rows=[
            (datetime.fromtimestamp(row.time, zone), action_text(row.action), row) for row in log.entries(span, SHOWN)
        ],
        number=log.count(span),
        towns=[(row.ars, row.name) for row in Catalogue(store().connection).municipalities()],
        chosen=_choices(),
        shown=SHOWN,
        months=config().audit_months,
    )


def _shown(row: Entry, zone: ZoneInfo) -> tuple[datetime, str, Entry]:
    return datetime.fromtimestamp(row.time, zone), action_text(row.action), row


@blueprint.get("/log.csv")
def log_csv() -> Response:
    """All of them as CSV, with the codes of the actions."""
    town, span = _asked()
    lines = _lines(span, _zone(town))
    headers = {"Content-Disposition": 'attachment; filename="audit-log.csv"'}
    return Response(stream_with_context(lines), headers=headers, content_type="text/csv; charset=utf-8; header=present")


def action_text(action: str) -> str:
    """An action in words: what an editor did, or the command as it was typed."""
    key = f"log.do_{action.replace('.', '_')}"
    if has_text(key):
        return t(key)
    return t("log.command", command=action.removeprefix("command ")) if action.startswith("command ") else action


def _lines(span: Span, zone: ZoneInfo) -> Iterator[str]:
    yield _line(COLUMNS)
    for row in AuditLog(store().connection).entries(span):
        when = datetime.fromtimestamp(row.time, zone).isoformat()
        yield _line((when, *(harmless(text) for text in row[1:])))


def _line(fields: tuple[str, ...]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(fields)
    return buffer.getvalue()


def _asked() -> tuple[Municipality | None, Span]:
    """What the address narrows the log to; what makes no sense there narrows nothing."""
    wish = _choices()
    towns = Catalogue(store().connection).municipalities()
    town = next((row for row in towns if row.ars == wish["municipality"]), None)
    first, last = (_day(wish[name]) for name in ("from", "to"))
    span = Span(town.id if town else None)
    if first is not None:
        span = span._replace(first=_instant(first, town))
    if last is not None:
        span = span._replace(last=_instant(last + timedelta(days=1), town))
    return town, span


def _choices() -> dict[str, str]:
    return {name: request.args.get(name, "").strip()[:20] for name in ("municipality", "from", "to")}


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None


def _instant(day: date, town: Municipality | None) -> int:
    return int(datetime.combine(day, time(), _zone(town)).timestamp())


def _zone(town: Municipality | None) -> ZoneInfo:
    return ZoneInfo(town.timezone if town else ZONE)
