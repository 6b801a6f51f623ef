"""The accounts: an operator's list of all, and everyone's own password and language."""

import re

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from admin.access import COOKIE, current_account, writable
from admin.i18n import LANGUAGES, t
from admin.session import attempts, own_path, who_tries
from tracker.store.accounts import EDITOR, OPERATOR, PASSWORD_LENGTH, ROLES, VIEWER, Account, Accounts, new_password
from tracker.store.catalogue import Catalogue

blueprint = Blueprint("accounts", __name__, url_prefix="/admin")

Page = str | tuple[str, int]


@blueprint.get("/accounts")
def index() -> Page:
    """All accounts, and a form for a new one."""
    return _list()


def _list(
    form: dict[str, str] | None = None, errors: dict[str, str] | None = None, given: tuple[str, str] | None = None
) -> str:
    """`given` is an e-mail address with the password that is shown this once."""
    municipalities = Catalogue(writable()).municipalities()
    return render_template(
        "accounts.html",
        accounts=Accounts(writable()).all(),
        towns=[(town.ars, town.name) for town in municipalities],
        names={town.id: town.name for town in municipalities},
        form=form or {"role": VIEWER},
        errors=errors or {},
        given=given,
    )


@blueprint.post("/accounts")
def add() -> Page:
    """Add an account with a random password, which is shown this once."""
    form = {name: request.form.get(name, "").strip() for name in ("email", "role", "municipality")}
    errors = _errors_of_new(form)
    if errors:
        return _list(form, errors), 400
    municipality = None if form["role"] == OPERATOR else Catalogue(writable()).municipality(form["municipality"]).id
    password = new_password()
    Accounts(writable()).add(form["email"], password, form["role"], municipality)
    return _list(given=(form["email"], password))


def _errors_of_new(form: dict[str, str]) -> dict[str, str]:
    errors = {}
    if not re.fullmatch(r"[^@\s]{1,64}@[^@\s]{1,190}", form["email"]):
        errors["email"] = t("accounts.error_email")
    elif any(account.email.lower() == form["email"].lower() for account in Accounts(writable()).all()):
        errors["email"] = t("accounts.error_email_exists")
    if form["role"] not in ROLES:
        errors["role"] = t("accounts.error_role")
    known = [town.ars for town in Catalogue(writable()).municipalities()]
    if form["role"] in (VIEWER, EDITOR) and form["municipality"] not in known:
        errors["municipality"] = t("accounts.error_municipality")
    return errors


@blueprint.post("/accounts/<int:number>/remove")
def remove(number: int) -> Page | Response:
    """Remove an account; the last operator stays."""
    accounts, account = Accounts(writable()), _account(number)
    operators = [found for found in accounts.all() if found.role == OPERATOR]
    if operators == [account]:
        return _list(errors={"list": t("accounts.error_last_operator")}), 409
    accounts.remove(account.email)
    if account.id == current_account().id:
        return redirect(url_for("session.sign_in", done="account_removed"), 303)
    return redirect(url_for("accounts.index", done="account_removed"), 303)


@blueprint.post("/accounts/<int:number>/reset")
def reset(number: int) -> Page:
    """Give someone else a new random password, shown this once; their sessions end."""
    account = _account(number)
    if account.id == current_account().id:
        return _list(errors={"list": t("accounts.error_own_reset")}), 409
    password = new_password()
    Accounts(writable()).set_password(account, password)
    return _list(given=(account.email, password))


def _account(number: int) -> Account:
    for account in Accounts(writable()).all():
        if account.id == number:
            return account
    raise NotFound


@blueprint.get("/account")
def own() -> str:
    """The own account."""
    return _own({})


def _own(errors: dict[str, str]) -> str:
    names = {town.id: town.name for town in Catalogue(writable()).municipalities()}
    return render_template(
        "account.html", account=current_account(), names=names, errors=errors, password_length=PASSWORD_LENGTH
    )


@blueprint.post("/account/password")
def password() -> Page | Response:
    """Change the own password; all other sessions of the account end."""
    account, new = current_account(), request.form.get("new", "")
    errors = _errors_of_password(account, new)
    if errors:
        return _own(errors), 400
    Accounts(writable()).set_password(account, new, keep=request.cookies[COOKIE])
    return redirect(url_for("accounts.own", done="password_changed"), 303)


def _errors_of_password(account: Account, new: str) -> dict[str, str]:
    if not PASSWORD_LENGTH <= len(new) <= 200:
        return {"new": t("accounts.error_password_length", length=PASSWORD_LENGTH)}
    if new != request.form.get("again", ""):
        return {"again": t("accounts.error_password_again")}
    who = who_tries(account.email)
    if attempts().wait(who):
        return {"current": t("accounts.error_password_too_many")}
    if Accounts(writable()).check_password(account.email, request.form.get("current", "")) is None:
        attempts().failed(who)
        return {"current": t("accounts.error_password_current")}
    return {}


@blueprint.post("/account/language")
def language() -> Response:
    """Change the own language, and go back to the page."""
    wish = request.form.get("language", "")
    if wish not in LANGUAGES:
        abort(400)
    Accounts(writable()).set_language(current_account(), wish)
    return redirect(own_path(request.form.get("next", "")) or url_for("accounts.own"), 303)
