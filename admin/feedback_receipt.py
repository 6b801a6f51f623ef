"""What citizens do with the code of a receipt, without an account: see, take along and delete what they wrote.

GDPR, Articles 15, 17 and 20. The code comes in the body of a request only, never in an address, and goes nowhere else.
"""

import json
from collections.abc import Callable, Mapping

from flask import Blueprint, abort, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from admin.access import config, store, worker
from admin.feedback_asked import name_of
from admin.feedback_frame import Links, answer, language_links, tell_errors
from admin.feedback_texts import chosen
from admin.security import is_own_origin
from tracker.calendar import day_date
from tracker.errors import ConfigError
from tracker.feedback.own import erase, find
from tracker.feedback.receipt import document
from tracker.feedback.submission import Refused
from tracker.store.catalogue import Catalogue
from tracker.store.feedback import Kept
from tracker.store.services import Services

blueprint = Blueprint("feedback_receipt", __name__, url_prefix="/feedback/receipt")
tell_errors(blueprint)

FILE = "feedback.json"
# Reason of a refusal → text and status.
PROBLEMS: Mapping[str, tuple[str, int]] = {
    "unknown_receipt": ("page_receipt_unknown", 404),
    "rate": ("page_receipt_many", 429),
    "busy": ("page_unavailable", 503),
}


@blueprint.get("")
def form() -> Answer:
    """Ask for the code."""
    return _form()


@blueprint.post("")
def show() -> Answer:
    """Show what is kept under a code, or do with it what the button of the form says."""
    if not is_own_origin(config()):
        abort(403)
    code = request.form.get("code", "").strip()
    if not code:
        return _form("page_receipt_missing", 400)
    try:
        kept = find(code, request.environ, worker())
    except Refused as refusal:
        return _form(*PROBLEMS[refusal.reason])
    return ACTIONS.get(request.form.get("do", ""), _shown)(kept, code)


def _form(problem: str = "", status: int = 200) -> Answer:
    code = request.form.get("code", "")[:100]
    html = render_template(
        "feedback_receipt.html", words=chosen(), links=_links(), problem=problem, code=code, action=_action()
    )
    response = answer(html, status)
    if status in (429, 503):
        response.headers["Retry-After"] = "60"
    return response


def _shown(kept: Kept, code: str) -> Answer:
    """Everything that the citizen has a right to see."""
    html = render_template(
        "feedback_receipt_shown.html",
        words=chosen(),
        links=[],
        kept=kept,
        town=_town(kept),
        service=_service(kept),
        day=day_date(kept.feedback.day),
        answered=day_date(kept.answered) if kept.answered else None,
        code=code,
        action=_action(),
    )
    return answer(html)


def _file(kept: Kept, _code: str) -> Answer:
    """The same for machines."""
    content = json.dumps(document(kept), ensure_ascii=False, indent=2) + "\n"
    response = answer(content)
    response.mimetype = "application/json"
    response.headers["Content-Disposition"] = f'attachment; filename="{FILE}"'
    return response


def _ask(kept: Kept, code: str) -> Answer:
    """Whether it is really to be deleted."""
    html = render_template(
        "feedback_receipt_ask.html",
        words=chosen(),
        links=[],
        kept=kept,
        town=_town(kept),
        code=code,
        action=_action(),
    )
    return answer(html)


def _delete(kept: Kept, code: str) -> Answer:
    """Delete it, for good."""
    town = _town(kept)
    try:
        erase(code, request.environ, worker())
    except Refused as refusal:
        return _form(*PROBLEMS[refusal.reason])
    return answer(render_template("feedback_receipt_deleted.html", words=chosen(), links=[], town=town))


ACTIONS: Mapping[str, Callable[[Kept, str], Answer]] = {"file": _file, "ask": _ask, "delete": _delete}


def _town(kept: Kept) -> str:
    towns = Catalogue(store().connection).municipalities()
    return next(town.name for town in towns if town.id == kept.municipality_id)


def _service(kept: Kept) -> str:
    """The name of the service, its short name when it is gone, "" for pages of none."""
    slug = kept.feedback.service
    try:
        return name_of(Services(store().connection).get(kept.municipality_id, slug), chosen()) if slug else ""
    except ConfigError:
        return slug


def _action() -> str:
    return url_for("feedback_receipt.show", lang=chosen().code)


def _links() -> Links:
    return language_links(lambda code: url_for("feedback_receipt.form", lang=code))
