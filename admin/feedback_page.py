"""The questions of the feedback widget as a page that needs no JavaScript, for everyone: `/feedback/<site>/<service>`.

No session, no cookie, nothing loaded from elsewhere. The form carries a random id, so that sending it again, as on
reloading the page of thanks, is kept once and shows the same receipt.
"""

from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any
from urllib.parse import quote

from flask import Blueprint, abort, render_template, request, url_for
from werkzeug.wrappers import Response

from admin.access import config, worker
from admin.feedback_asked import Asked, asked_about
from admin.feedback_frame import answer, language_links, tell_errors
from admin.security import is_own_origin
from tracker.anonymise import place_of
from tracker.errors import BeaconError
from tracker.feedback.feedback import DETAILS, FOUND, MOMENTS, TEXT_LIMIT
from tracker.feedback.intake import Refused, Submission, Taken, take
from tracker.store.catalogue import Site

blueprint = Blueprint("feedback_page", __name__, url_prefix="/feedback")
tell_errors(blueprint)

LONGEST_PAGE = 2000  # characters of the address of the page that a link came from
# Reason of a refusal → status, text, and the field that it is shown at; "" = only at the top. Others get no form.
PROBLEMS: Mapping[str, tuple[int, str, str]] = {
    "rate": (429, "busy", ""),
    "too_fast": (400, "page_too_quick", ""),
    "honeypot": (400, "dropped", ""),
    "empty": (400, "missing", "first"),
    "too_long": (413, "page_too_long", "text"),
    "invalid": (400, "page_invalid", ""),
    "busy": (503, "page_unavailable", ""),
    "fault": (500, "page_unavailable", ""),
}


@blueprint.get("/<site>")
@blueprint.get("/<site>/<service>")
def page(site: str, service: str = "") -> Response:
    """Ask; the query may name `moment`, `category` and `page`."""
    asked = asked_about(site, service, request.args.get("category", ""))
    given = {name: request.args.get(name, "") for name in ("moment", "page")}
    return _form(asked, {**given, "shown": str(_now()), "token": token_urlsafe(24)})


@blueprint.post("/<site>")
@blueprint.post("/<site>/<service>")
def send(site: str, service: str = "") -> Response:
    """Keep what was answered and give the receipt, or show the form again with what is wrong."""
    if not is_own_origin(config()):
        abort(403)
    asked = asked_about(site, service, request.form.get("category", ""))
    submission = _submission(asked, request.form)
    try:
        taken = take(submission, request.environ, worker())
    except Refused as refusal:
        if refusal.reason not in PROBLEMS:
            abort(404 if refusal.reason == "unknown_site" else 403)
        return _form(asked, request.form, refusal.reason)
    return _thanks(asked, submission.page, taken)


def _submission(asked: Asked, form: Mapping[str, str]) -> Submission:
    """What was sent; a grade that is none becomes 0, which the intake refuses."""
    return Submission(
        site=asked.site.host,
        service=asked.slug,
        category=asked.category,
        page=_page(asked.site, form),
        rating=_grade(form["rating"]) if form.get("rating") else None,
        found=form.get("found", ""),
        text=form.get("text", ""),
        moment=_moment(form),
        language=asked.words.code,
        details={name: _grade(form[f"detail_{name}"]) for name in DETAILS if form.get(f"detail_{name}")},
        waited=_now() - _shown(form),
        honeypot=form.get("website", ""),
        token=form.get("token", ""),
    )


def _grade(text: str) -> int:
    return int(text) if text in ("1", "2", "3", "4", "5") else 0


def _moment(given: Mapping[str, str]) -> str:
    moment = given.get("moment", "")
    return moment if moment in MOMENTS else ""


def _page(site: Site, given: Mapping[str, str]) -> str:
    """The page that a link named, "" where it is none of the site's: nobody who answers could put that right."""
    url = given.get("page", "")
    try:
        return url if url and len(url) <= LONGEST_PAGE and place_of(url, site) else ""
    except BeaconError:
        return ""


def _now() -> int:
    """The time in ms since 1970."""
    return int(worker().clock() * 1000)


def _shown(given: Mapping[str, str]) -> int:
    """When the form was shown first, in ms since 1970; now when that is no time."""
    text = given.get("shown", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 15 else _now()


def _form(asked: Asked, given: Mapping[str, str], reason: str = "") -> Response:
    """The questions, with what was answered so far and what is wrong with it."""
    status, problem, field = PROBLEMS[reason] if reason else (200, "", "")
    where: dict[str, Any] = {"site": asked.site.host, "service": asked.slug or None}
    occasion = {"moment": _moment(given), "category": asked.category, "page": _page(asked.site, given)}
    kept: dict[str, Any] = {name: value or None for name, value in occasion.items()}
    html = render_template(
        "feedback_page.html",
        asked=asked,
        words=asked.words,
        given=given,
        hidden={**occasion, "shown": str(_shown(given)), "token": given.get("token", "")},
        problem=problem,
        field=asked.first if field == "first" else field,
        choices=FOUND,
        limit=TEXT_LIMIT,
        action=url_for("feedback_page.send", **where, lang=asked.words.code),
        links=language_links(lambda code: url_for("feedback_page.page", **where, **kept, lang=code)),
    )
    response = answer(html, status)
    if status in (429, 503):
        response.headers["Retry-After"] = "60"
    return response


def _thanks(asked: Asked, url: str, taken: Taken) -> Response:
    """The receipt, this once, and what was kept."""
    html = render_template(
        "feedback_page_thanks.html",
        asked=asked,
        words=asked.words,
        taken=taken,
        receipts=url_for("feedback_receipt.form", lang=asked.words.code),
        address=config().base_url + url_for("feedback_receipt.form"),
        back=asked.origin + (quote(place_of(url, asked.site).page) if url.startswith("/") else "/"),
        links=[],
    )
    return answer(html)
