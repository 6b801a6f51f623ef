"""Public answers as editors see them: their list, a new one, another version, withdrawal; nothing without a preview."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from admin.access import is_editor, is_operator, store, writable
from admin.i18n import t
from admin.inbox import today_of
from admin.inbox_view import names_of, town_of_piece
from admin.services import chosen_town, towns
from admin.view import language_query
from tracker.feedback.feedback import SPAM
from tracker.store.answers import AnswerError, Answers, Draft, PublicAnswer
from tracker.store.catalogue import Municipality
from tracker.store.inbox import Inbox, Piece

blueprint = Blueprint("inbox_answers", __name__, url_prefix="/admin/feedback/answers")

_FIELDS = ("title", "service", "summary", "excerpt", "did", "seen")  # seen: the version that a change began with


@blueprint.get("")
def index() -> Response | str:
    """All answers of a municipality, the withdrawn ones among them."""
    town = chosen_town()
    if town is None:
        return redirect(url_for("municipalities.new"), 303) if is_operator() else render_template("services_none.html")
    return render_template(
        "inbox_answers.html",
        town=town,
        towns=towns(),
        answers=Answers(store().connection).all(town.id),
        names=names_of(town),
        may_change=is_editor(),
    )


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> Response | str | tuple[str, int]:
    """An answer to a comment (`?piece=`), or to many."""
    town, piece = _about(request.args.get("piece", ""))
    if town is None:
        raise NotFound
    if request.method == "POST":
        return _step(town, piece, None)
    known = names_of(town)
    service = piece.service if piece else request.args.get("service", "")
    title = "" if piece else request.args.get("title", "")[:200]
    form = {"title": title, "service": service if service in known else "", "excerpt": piece.text if piece else ""}
    return _form(town, piece, None, {**dict.fromkeys(_FIELDS, ""), **form}, release=False)


def _about(number: str) -> tuple[Municipality | None, Piece | None]:
    """The municipality, and the comment that is answered if one is; 404 when the account may not see it."""
    if not number:
        return chosen_town(), None
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        raise NotFound
    town = town_of_piece(int(number))
    return town, Inbox(store().connection, town.id).get(int(number))


@blueprint.route("/<int:answer>", methods=["GET", "POST"])
def edit(answer: int) -> Response | str | tuple[str, int]:
    """Another version of an answer."""
    town, found = _answer(answer)
    piece = Inbox(store().connection, town.id).get(found.comment) if found.comment is not None else None
    if request.method == "POST":
        return _step(town, piece, found)
    form = {
        "title": found.title,
        "service": found.service,
        "summary": "" if found.released else found.said,
        "excerpt": found.said if found.released else piece.text if piece else "",
        "did": found.did,
        "seen": found.version,
    }
    return _form(town, piece, found, form, release=found.released)


@blueprint.post("/<int:answer>/withdraw")
def withdraw(answer: int) -> Response:
    """Take an answer back from the public."""
    town, _ = _answer(answer)
    Answers(writable()).withdraw(town.id, answer, today_of(town))
    return _list(town, "answer_withdrawn")


@blueprint.post("/<int:answer>/remove")
def remove(answer: int) -> Response:
    """Delete an answer for good."""
    town, _ = _answer(answer)
    Answers(writable()).remove(town.id, answer)
    return _list(town, "answer_removed")


def _answer(number: int) -> tuple[Municipality, PublicAnswer]:
    """An answer and its municipality; 404 when there is none, and just so when the account may not see it."""
    answers = Answers(store().connection)
    for town in towns():
        found = answers.get(town.id, min(number, 2**63 - 1))
        if found is not None:
            return town, found
    raise NotFound


def _list(town: Municipality, done: str) -> Response:
    query: dict[str, Any] = {"municipality": town.ars, "done": done, **language_query()}
    return redirect(url_for("inbox_answers.index", **query), 303)


def _step(town: Municipality, piece: Piece | None, found: PublicAnswer | None) -> Response | str | tuple[str, int]:
    """1. Show exactly what will be public. 2. Publish that; or go back to the form."""
    form = {name: request.form.get(name, "") for name in _FIELDS}
    release = piece is not None and request.form.get("release") == "on"
    step = request.form.get("step", "preview")
    if step == "edit":
        return _form(town, piece, found, form, release)
    if form["service"] not in {"", *names_of(town), *([found.service] if found else [])}:
        return _form(town, piece, found, form, release, {"service": t("inbox.error_service")}), 400
    said = form["excerpt"] if release else form["summary"]
    draft = Draft(form["title"], said, form["did"], form["service"], piece.number if piece else None, release)
    try:
        if step == "publish":
            now, done = _publish(town, found, draft, form["seen"])
            return _list(town, "answer_published") if done else _conflict(town, piece, now, form, release)
        shown = Answers(store().connection).shown(town.id, draft, today_of(town))
    except AnswerError as error:
        return _form(town, piece, found, form, release, _errors(error, release)), 400
    if found is not None and found.version != form["seen"]:
        return _conflict(town, piece, found, form, release)
    return _page("inbox_answer_preview.html", town, piece, found, form=form, release=release, answer=shown)


def _publish(
    town: Municipality, found: PublicAnswer | None, draft: Draft, seen: str
) -> tuple[PublicAnswer | None, bool]:
    """The answer, and whether exactly this is public."""
    answers, today = Answers(writable()), today_of(town)
    if found is not None:
        return found, answers.change(town.id, found.id, draft, today, seen)
    made = answers.get(town.id, answers.add(town.id, draft, today))
    return made, made is not None and made.withdrawn is None


def _conflict(
    town: Municipality, piece: Piece | None, found: PublicAnswer | None, form: Mapping[str, str], release: bool
) -> tuple[str, int]:
    """What was typed beside the answer as it is by now, which is what the form goes on from."""
    now = _answer(found.id)[1] if found else None
    rule = "withdrawn" if now and now.withdrawn else "changed"
    form = {**form, "seen": now.version if now else ""}
    return _form(town, piece, now, form, release, {"seen": t(f"inbox.error_answer_{rule}")}), 409


def _errors(error: AnswerError, release: bool) -> dict[str, str]:
    """What is wrong, by the field where it can be mended."""
    text = t(f"inbox.error_answer_{error.rule}", words=error.words)
    said = "excerpt" if release else "summary"
    places = {"said": said, "no_text": "release", "comment": "release"}
    return {places.get(error.field, error.field): text}


def _form(
    town: Municipality,
    piece: Piece | None,
    found: PublicAnswer | None,
    form: Mapping[str, str],
    release: bool,
    errors: Mapping[str, str] | None = None,
) -> str:
    return _page("inbox_answer.html", town, piece, found, form=form, release=release, errors=errors or {})


def _page(template: str, town: Municipality, piece: Piece | None, found: PublicAnswer | None, **more: Any) -> str:
    may_release = piece is not None and bool(piece.text) and piece.handling.status != SPAM
    return render_template(
        template, town=town, piece=piece, found=found, names=names_of(town), may_release=may_release, **more
    )
