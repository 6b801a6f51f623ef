"""What the inbox shows, as CSV and XLSX: exactly the pieces that the address is narrowed to, in its order."""

from collections.abc import Iterator, Mapping
from itertools import islice

from flask import Blueprint, Response, abort, request, stream_with_context
from werkzeug.exceptions import NotFound

from admin import sheets
from admin.access import store
from admin.inbox import XLSX_LIMIT
from admin.inbox_view import InboxView, people_of, view_of
from admin.services import chosen_town
from admin.sheets import CODE, TEXT, Column, Sheet, Value
from admin.spreadsheets import XLSX
from tracker.calendar import day_date
from tracker.feedback.feedback import DETAILS
from tracker.feedback.quoting import clean
from tracker.store.inbox import Inbox, Piece

blueprint = Blueprint("inbox_files", __name__, url_prefix="/admin/feedback")

_BATCH = 1000  # rows that are written at a time
_COLUMNS = (
    *(Column("number"), Column("day", CODE), Column("site", CODE), Column("service", CODE), Column("category", CODE)),
    *(Column("rating"), Column("found", CODE), Column("text", TEXT), Column("text_deleted")),
    *(Column("status", CODE), Column("tags", CODE), Column("assigned", CODE), Column("note", TEXT)),
    *(Column("answer", TEXT), Column("answered", CODE), Column("released")),
    *(Column("page", CODE), Column("moment", CODE), Column("device", CODE), Column("language", CODE)),
    *(Column(f"detail_{question}") for question in DETAILS),
)


@blueprint.get("/inbox.csv")
def inbox_csv() -> Response:
    """The list as CSV, however long it is."""
    view = _asked()
    return _file(stream_with_context(_lines(view)), f"{_name(view)}.csv", "text/csv; charset=utf-8; header=present")


@blueprint.get("/inbox.xlsx")
def inbox_xlsx() -> Response:
    """The same as a workbook; 400 where it is too long for one."""
    view = _asked()
    if Inbox(store().connection, view.town.id).count(view.wanted) > XLSX_LIMIT:
        abort(400, "inbox_rows")
    sheet = Sheet("inbox", _COLUMNS, list(_rows(view)), "inbox")
    return _file(sheets.xlsx(sheet, view.town.name), f"{_name(view)}.xlsx", XLSX)


def _asked() -> InboxView:
    town = chosen_town()
    if town is None:
        raise NotFound
    return view_of(town, request.args)


def _name(view: InboxView) -> str:
    return f"feedback-{view.town.ars}"


def _file(content: str | bytes | Iterator[str], name: str, kind: str) -> Response:
    return Response(content, headers={"Content-Disposition": f'attachment; filename="{name}"'}, content_type=kind)


def _lines(view: InboxView) -> Iterator[str]:
    """The lines of the CSV file, the headings first."""
    rows = _rows(view)
    yield from sheets.csv_lines(Sheet("inbox", _COLUMNS, list(islice(rows, _BATCH)), "inbox"))
    while batch := list(islice(rows, _BATCH)):
        yield from islice(sheets.csv_lines(Sheet("inbox", _COLUMNS, batch, "inbox")), 1, None)


def _rows(view: InboxView) -> Iterator[tuple[Value, ...]]:
    people = {account.id: account.email for account in people_of(view.town)}
    for piece in Inbox(store().connection, view.town.id).each(view.wanted, view.sort):
        yield _row(piece, people)


def _row(piece: Piece, people: Mapping[int, str]) -> tuple[Value, ...]:
    handling = piece.handling
    return (
        *(piece.number, day_date(piece.day).isoformat(), piece.host, piece.service, piece.category),
        *(piece.rating, piece.found, clean(piece.text), piece.text_deleted),
        *(handling.status, ", ".join(handling.tags), people.get(handling.assigned_to or 0, "")),
        *(clean(handling.note), clean(handling.answer)),
        *(day_date(piece.answered).isoformat() if piece.answered else "", piece.released),
        *(piece.page, piece.moment, piece.device, piece.language),
        *(piece.details.get(question) for question in DETAILS),
    )
