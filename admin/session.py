"""Sign-in and sign-out. The session lives in the database; the browser holds only its random token."""

import math
from urllib.parse import urlsplit

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from admin.access import COOKIE, config, writable
from admin.i18n import LANGUAGES, t
from admin.security import Attempts
from tracker.peer import address_group, client_address
from tracker.store.accounts import SESSION_LIFE, Account, Accounts

blueprint = Blueprint("session", __name__, url_prefix="/admin")


def attempts() -> Attempts:
    """The failed attempts that this process remembers."""
    found = current_app.extensions["attempts"]
    assert isinstance(found, Attempts)
    return found


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Response | str | tuple[str, int, dict[str, str]]:
    """Ask for e-mail address and password; with the right ones, begin a new session."""
    if g.session is not None:
        return redirect(url_for("sites.index"), 303)
    if request.method != "POST":
        return render_template("sign_in.html")
    email = request.form.get("email", "").strip()
    who = who_tries(email)
    wait = attempts().wait(who)
    if wait:
        return _refused(_too_many(math.ceil(wait / 60)), 429, {"Retry-After": str(math.ceil(wait))})
    if not attempts().checks.acquire(blocking=False):
        return _refused(t("session.busy"), 503, {"Retry-After": "2"})
    try:
        account = Accounts(writable()).check_password(email, request.form.get("password", ""))
    finally:
        attempts().checks.release()
    if account is None:
        attempts().failed(who)
        return _refused(t("session.wrong"), 401, {})
    attempts().forget("account", email)
    return _begin(account)


def who_tries(email: str) -> dict[str, str]:
    """What failed attempts are counted by."""
    return {"account": email, "address": address_group(client_address(request.environ, config().trusted_proxies))}


def _too_many(minutes: int) -> str:
    return t("session.too_many_1") if minutes == 1 else t("session.too_many", minutes=minutes)


def _refused(message: str, status: int, headers: dict[str, str]) -> tuple[str, int, dict[str, str]]:
    return render_template("sign_in.html", error=message, email=request.form.get("email", "")), status, headers


def _begin(account: Account) -> Response:
    accounts = Accounts(writable())
    accounts.purge_sessions()
    if request.args.get("lang") in LANGUAGES:
        accounts.set_language(account, request.args["lang"])
    response = redirect(own_path(request.args.get("next", "")) or url_for("sites.index"), 303)
    response.set_cookie(
        COOKIE,
        accounts.begin_session(account),
        max_age=SESSION_LIFE,
        path="/admin",
        secure=config().base_url.startswith("https://"),
        httponly=True,
        samesite="Lax",
    )
    return response


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End the session."""
    Accounts(writable()).end_session(request.cookies[COOKIE])
    response = redirect(url_for("session.sign_in", done="signed_out"), 303)
    response.delete_cookie(COOKIE, path="/admin")
    return response


def own_path(target: str) -> str | None:
    """A path of the admin area, with its query; None for anything that leads elsewhere."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    if parts.scheme or parts.netloc or "\\" in target or not target.isprintable():
        return None
    if parts.path != "/admin/" and not parts.path.startswith("/admin/"):
        return None
    return None if ".." in parts.path.split("/") else target
