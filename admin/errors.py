"""Errors, rendered in one place: a page in the reader's language, or JSON for programs."""

import sqlite3

from flask import Flask, current_app, g, jsonify, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, HTTPException, InternalServerError, ServiceUnavailable

from admin.i18n import has_text, t
from admin.security import wants_json
from tracker.errors import BeaconError, ConfigError, JournalError, StoreError


def install(app: Flask) -> None:
    """Render every error here."""
    app.register_error_handler(HTTPException, render)
    app.register_error_handler(ConfigError, lambda _error: render(BadRequest()))
    app.register_error_handler(BeaconError, lambda error: render(BadRequest(), error.reason))
    app.register_error_handler(JournalError, lambda _error: render(ServiceUnavailable("journal", retry_after=5)))
    app.register_error_handler(StoreError, unavailable)
    app.register_error_handler(sqlite3.OperationalError, unavailable)


def unavailable(error: Exception) -> ResponseReturnValue:
    """The database cannot be used for the moment: locked, full disk, or not prepared yet."""
    current_app.logger.error("database not available: %s", error)
    g.session = None
    return render(ServiceUnavailable(retry_after=10))


def render(error: HTTPException, detail: str = "") -> ResponseReturnValue:
    """The answer for an HTTP error; `detail` says what to do about it better than the text of its reason or status."""
    if error.code is None or error.code < 400:
        return error
    status = error.code
    detail = detail or _detail(error)
    title = t(f"errors.title_{status}") if has_text(f"errors.title_{status}") else t("errors.title_other")
    headers = {name: value for name, value in error.get_headers() if name not in ("Content-Type", "Content-Length")}
    if wants_json():
        answer = jsonify(type="about:blank", status=status, title=title, detail=detail)
        answer.mimetype = "application/problem+json"
        return answer, status, headers
    return render_template("error.html", status=status, title=title, detail=detail), status, headers


def _detail(error: HTTPException) -> str:
    """What to do about it: the text of the reason that was given, or of the status."""
    for key in (f"errors.reason_{error.description}", f"errors.detail_{error.code}"):
        if has_text(key):
            return t(key)
    kind = "server" if isinstance(error, InternalServerError) or (error.code or 0) >= 500 else "request"
    return t(f"errors.detail_other_{kind}")
