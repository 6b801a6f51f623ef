"""The inbox: what people said, as a list to search and to narrow, and one piece with what the office makes of it."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from admin.access import is_editor, is_operator, store, writable
from admin.i18n import t
from admin.inbox_view import NONE, PER_PAGE, RATINGS, InboxView, names_of, people_of, shown, town_of_piece, view_of
from admin.labels import label, link
from admin.services import chosen_town, sites_of, towns
from tracker.alphabet import alphabetical
from tracker.calendar import calendar_of, day_date, day_number
from tracker.feedback.feedback import CATEGORIES, FOUND, STATUSES
from tracker.feedback.quoting import clean
from tracker.store.annotations import one_line
from tracker.store.answers import Answers
from tracker.store.catalogue import Municipality
from tracker.store.inbox import ORDERS, TAG_LIMIT, TAGS_LIMIT, TEXT_LIMIT, Filter, Handling, Inbox, Piece

blueprint = Blueprint("inbox", __name__, url_prefix="/admin/feedback")


@blueprint.get("")
def index() -> Response | str:
    """The list: one page of it."""
    town = chosen_town()
    if town is None:
        return redirect(url_for("municipalities.new"), 303) if is_operator() else render_template("services_none.html")
    return list_page(view_of(town, request.args))


def list_page(view: InboxView, problem: str = "") -> str:
    """One page of the list; `problem` says why a change to many pieces was not made."""
    inbox, town = Inbox(store().connection, view.town.id), view.town
    number = inbox.count(view.wanted)
    pages = max(1, -(-number // PER_PAGE))
    page = min(view.page, pages)
    names, people = names_of(town), {account.id: account.email for account in people_of(town)}
    return render_template(
        "inbox.html",
        town=town,
        towns=towns(),
        view=view,
        problem=problem,
        number=number,
        spam=inbox.count(Filter(status="spam", hidden=None)),
        pieces=inbox.page(view.wanted, view.sort, PER_PAGE, (page - 1) * PER_PAGE),
        page=page,
        pages=pages,
        chosen=shown(view, names, people),
        options=_options(inbox, view, names, people),
        statuses=STATUSES,
        orders=list(ORDERS),
        tags=inbox.tags(),
        names=names,
        people=people,
        may_change=is_editor(),
        day_date=day_date,
        xlsx_limit=XLSX_LIMIT,
    )


XLSX_LIMIT = 20_000  # rows of a workbook, which is made in memory


def _options(
    inbox: Inbox, view: InboxView, names: Mapping[str, str], people: Mapping[int, str]
) -> dict[str, list[tuple[str, str]]]:
    """What can be chosen from, by the name of the choice: value and text. What is chosen is always among it."""
    found = {
        "service": [(NONE, t("inbox.no_service")), *names.items()],
        "site": [(site.host, site.host) for site in sites_of(view.town)],
        "category": [(code, t(f"inbox.category_{code}")) for code in CATEGORIES],
        "rating": [(code, t(f"inbox.rating_{'none' if code == NONE else code}")) for code in RATINGS],
        "found": [(code, t(f"inbox.found_{code}")) for code in FOUND],
        "status": [(code, t(f"inbox.status_{code}")) for code in (*STATUSES, "all")],
        "tag": [(tag, tag) for tag in inbox.tags()],
        "assigned": [(NONE, t("inbox.nobody")), *((str(number), email) for number, email in people.items())],
        "language": [(code or NONE, label("language", code)) for code in inbox.languages()],
        "text": [(code, t(f"inbox.text_{code}")) for code in ("with", "without")],
    }
    for name, options in found.items():
        value = view.choices.get(name)
        if value is not None and value not in dict(options):
            options.append((value, value))
    return found


@blueprint.get("/<int:piece>")
def detail(piece: int) -> str:
    """One piece of feedback."""
    town = town_of_piece(piece)
    return _detail(town, _piece(Inbox(store().connection, town.id), piece))


@blueprint.post("/<int:piece>")
def change(piece: int) -> Response | tuple[str, int]:
    """Keep status, tags, assignment, note and answer, unless someone else changed them meanwhile."""
    town = town_of_piece(piece)
    inbox = Inbox(writable(), town.id)
    before = _piece(inbox, piece)
    handling, errors = _read(town, before)
    seen = request.form.get("seen", "")
    if errors and seen == before.handling.version:
        return _detail(town, before, handling, errors), 400
    if errors or not inbox.save(piece, handling, day_number(today_of(town)), seen):
        now = _piece(inbox, piece)
        return _detail(town, now, handling, {**errors, "seen": t("inbox.error_seen")}), 409
    view = view_of(town, request.args)
    return redirect(view.url("inbox.detail", piece=piece, done="inbox_saved"), 303)


def _piece(inbox: Inbox, number: int) -> Piece:
    found = inbox.get(number)
    if found is None:
        raise NotFound
    return found


def _read(town: Municipality, piece: Piece) -> tuple[Handling, dict[str, str]]:
    """What the form says, and what is wrong with it by field."""
    form, errors = request.form, {}
    status, assigned = form.get("status", ""), form.get("assigned", "")
    allowed = {str(account.id) for account in people_of(town)} | {str(piece.handling.assigned_to)}
    if status not in STATUSES or (assigned and assigned not in allowed):
        abort(400)
    tags = tags_of(form.get("tags", ""))
    note, answer = clean(form.get("note", "")), clean(form.get("answer", ""))
    if len(tags) > TAGS_LIMIT or any(len(tag) > TAG_LIMIT for tag in tags):
        errors["tags"] = t("inbox.error_tags", number=TAGS_LIMIT, limit=TAG_LIMIT)
    for name, text in (("note", note), ("answer", answer)):
        if len(text) > TEXT_LIMIT:
            errors[name] = t("inbox.error_text", limit=TEXT_LIMIT)
    return Handling(status, tags, int(assigned) if assigned else None, note, answer), errors


def tags_of(text: str) -> tuple[str, ...]:
    """Tags between commas, each once however it is capitalised, by name."""
    found: dict[str, str] = {}
    for tag in (one_line(clean(part)) for part in text.split(",")):
        if tag:
            found.setdefault(tag.casefold(), tag)
    return tuple(sorted(found.values(), key=alphabetical))


def today_of(town: Municipality) -> date:
    """The local day of a municipality."""
    return datetime.now(calendar_of(town.timezone).zone).date()


def _detail(
    town: Municipality, piece: Piece, handling: Handling | None = None, errors: Mapping[str, str] | None = None
) -> str:
    """The page of a piece, with the form as it was filled in where it has errors."""
    sites = {site.host: site for site in sites_of(town)}
    people = {str(account.id): account.email for account in people_of(town)}
    if piece.handling.assigned_to is not None:
        people.setdefault(str(piece.handling.assigned_to), str(piece.handling.assigned_to))  # moved away since
    return render_template(
        "inbox_detail.html",
        town=town,
        view=view_of(town, request.args),
        piece=piece,
        day=day_date(piece.day),
        answered=day_date(piece.answered) if piece.answered else None,
        page_url=link(sites[piece.host], "page", piece.page),
        name=names_of(town).get(piece.service, piece.service),
        people=list(people.items()),
        assigned_name=people.get(str(piece.handling.assigned_to), t("inbox.nobody")),
        statuses=[(code, t(f"inbox.status_{code}")) for code in STATUSES],
        tags=Inbox(store().connection, town.id).tags(),
        label=label,
        answers=Answers(store().connection).about(town.id, piece.number),
        may_change=is_editor(),
        handling=handling or piece.handling,
        other=_other(piece.handling, handling),
        errors=errors or {},
    )


def _other(kept: Handling, typed: Handling | None) -> set[str]:
    """The fields that are not kept as they were typed."""
    return {
        field.name for field in fields(Handling) if typed and getattr(kept, field.name) != getattr(typed, field.name)
    }
