"""One change to many pieces of feedback: to the chosen ones, or to all that the list is narrowed to."""

from dataclasses import replace

from flask import Blueprint, abort, redirect, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from admin.access import store, writable
from admin.i18n import t
from admin.inbox import list_page, tags_of
from admin.inbox_view import InboxView, names_of, people_of, shown, view_of
from admin.services import chosen_town
from tracker.feedback.feedback import STATUSES
from tracker.store.catalogue import Municipality
from tracker.store.inbox import TAG_LIMIT, BulkChange, Filter, Inbox

blueprint = Blueprint("inbox_bulk", __name__, url_prefix="/admin/feedback")

_MOST_CHOSEN = 500


@blueprint.post("/bulk")
def bulk() -> Response | str | tuple[str, int]:
    """1. Say what would change and in how many pieces. 2. Change that, unless they are not as many any more."""
    town = chosen_town()
    if town is None:
        raise NotFound
    view = view_of(town, request.args)
    chosen = _chosen()
    wanted = _wanted(view, chosen)
    if chosen and Inbox(store().connection, town.id).count(wanted) != len(chosen):
        raise NotFound  # one of them belongs to another municipality, or is erased by now
    change = _change(town)
    problem = _problem(change, wanted)
    if problem or change is None:
        return list_page(view, problem), 400
    if "expected" not in request.form:
        return _ask(view, change, wanted, Inbox(store().connection, town.id).count(wanted))
    expected = _number(request.form["expected"])
    number = Inbox(writable(), town.id).change(wanted, change, expected)
    if number != expected:
        return _ask(view, change, wanted, number, moved=True), 409
    return redirect(view.url(done="inbox_bulk"), 303)


def _chosen() -> tuple[int, ...]:
    """The numbers that are ticked, each once; none where all that match are meant."""
    if request.form.get("scope") == "all":
        return ()
    given = request.form.getlist("number")
    if len(given) > _MOST_CHOSEN:
        abort(400)
    return tuple(sorted({_number(number) for number in given}))


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        abort(400)
    return int(text)


def _wanted(view: InboxView, chosen: tuple[int, ...]) -> Filter:
    """The chosen pieces, or all that match; of what came in after the question nothing is changed."""
    if request.form.get("scope") != "all":
        return Filter(hidden=None, numbers=chosen)
    newest = request.form.get("newest", "")
    return replace(view.wanted, newest=_number(newest) if newest else Inbox(store().connection, view.town.id).newest())


def _change(town: Municipality) -> BulkChange | None:
    """What the form asks for; None where it asks for nothing."""
    kind, _, value = request.form.get("action", "").partition(":")
    if kind == "status" and value in STATUSES:
        return BulkChange(kind, value)
    if kind == "assign" and value in {"0", *(str(account.id) for account in people_of(town))}:
        return BulkChange(kind, int(value))
    if kind in ("add_tag", "remove_tag"):
        tags = tags_of(request.form.get("tag", ""))
        return BulkChange(kind, tags[0]) if len(tags) == 1 and len(tags[0]) <= TAG_LIMIT else None
    return None


def _problem(change: BulkChange | None, wanted: Filter) -> str:
    if wanted.numbers == () and request.form.get("scope") != "all":
        return t("inbox.error_none_chosen")
    if change is None and request.form.get("action", "").endswith("_tag:"):
        return t("inbox.error_one_tag", limit=TAG_LIMIT)
    return "" if change else t("inbox.error_no_action")


def _ask(view: InboxView, change: BulkChange, wanted: Filter, number: int, moved: bool = False) -> str:
    people = {account.id: account.email for account in people_of(view.town)}
    return render_template(
        "inbox_bulk.html",
        town=view.town,
        view=view,
        wanted=wanted,
        number=number,
        moved=moved,
        action=request.form["action"],
        tag=request.form.get("tag", ""),
        scope="all" if request.form.get("scope") == "all" else "chosen",
        sentence=_sentence(change, people),
        chosen=shown(view, names_of(view.town), people),
    )


def _sentence(change: BulkChange, people: dict[int, str]) -> str:
    """What would change, in words."""
    if change.kind == "status":
        return t("inbox.bulk_status", status=t(f"inbox.status_{change.value}"))
    if change.kind == "assign":
        return t("inbox.bulk_assign", who=people[int(change.value)]) if change.value else t("inbox.bulk_assign_nobody")
    return t(f"inbox.bulk_{change.kind}", tag=change.value)
