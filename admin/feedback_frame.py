"""What the public feedback pages share: the choice of language, headers, and how errors are told."""

import sqlite3
from collections.abc import Callable

from flask import Blueprint, render_template
from flask import Response as FlaskResponse
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from admin.feedback_texts import chosen, languages
from admin.i18n import here
from tracker.errors import StoreError

Links = list[dict[str, str]]
TEXTS = {403: "page_foreign", 413: "page_too_long"}  # what to do about a status


def answer(html: str, status: int = 200) -> Response:
    """A page that is stored nowhere, found by no search engine and sets no cookie."""
    headers = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex", "Content-Language": chosen().tag}
    return FlaskResponse(html, status, headers)


def language_links(url: Callable[[str], str]) -> Links:
    """The languages with their own names and the address of the page in them, by `url` of a code."""
    current = chosen().code
    return [
        {"name": words.name, "tag": words.tag, "url": url(code), "current": "page" if code == current else ""}
        for code, words in languages().items()
    ]


def tell_errors(blueprint: Blueprint) -> None:
    """Tell the errors of a blueprint to citizens, who have no admin area to go back to."""
    blueprint.register_error_handler(HTTPException, _told)
    for trouble in (StoreError, sqlite3.OperationalError):
        blueprint.register_error_handler(trouble, lambda _error: _page(503, "page_error_title", "page_unavailable"))


def _told(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return error.get_response()
    if status == 404:
        return _page(404, "page_unknown_title", "page_unknown")
    if status >= 500:
        return _page(status, "page_error_title", "page_unavailable")
    return _page(status, "page_error_title", TEXTS.get(status, "page_invalid"))


def _page(status: int, title: str, text: str) -> Response:
    links = language_links(lambda code: here(lang=code))
    html = render_template("feedback_page_error.html", words=chosen(), links=links, title=title, text=text)
    return answer(html, status)
