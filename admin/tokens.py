"""The tokens of form servers and other programs: an operator's list of all."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from admin.access import config, writable
from admin.i18n import t
from tracker.calendar import day_date
from tracker.store.catalogue import Catalogue
from tracker.store.tokens import EVENTS, NAME_LENGTH, SCOPES, Tokens

blueprint = Blueprint("tokens", __name__, url_prefix="/admin/tokens")

Page = str | tuple[str, int]


@blueprint.get("")
def index() -> Page:
    """All tokens, and a form for a new one."""
    return _list()


def _list(
    form: dict[str, str] | None = None, errors: dict[str, str] | None = None, given: tuple[str, str] | None = None
) -> str:
    """`given` is the name of a token with the secret that is shown this once."""
    towns = Catalogue(writable()).municipalities()
    return render_template(
        "tokens.html",
        tokens=[(token, day_date(token.last_used) if token.last_used else None) for token in Tokens(writable()).all()],
        towns=[(town.ars, town.name) for town in towns],
        names={town.id: town.name for town in towns},
        scopes=SCOPES,
        form=form or {f"scope-{EVENTS}": "on"},
        errors=errors or {},
        given=given,
        endpoint=f"{config().base_url}{url_for('api.events')}",
        description=url_for("api.openapi"),
    )


@blueprint.post("")
def add() -> Page:
    """Make a token, which is shown this once."""
    fields = ("name", "municipality", *(f"scope-{scope}" for scope in SCOPES))
    form = {name: request.form.get(name, "").strip() for name in fields}
    scopes = [scope for scope in SCOPES if form[f"scope-{scope}"] == "on"]
    errors = _errors(form, scopes)
    if errors:
        return _list(form, errors), 400
    town = Catalogue(writable()).municipality(form["municipality"])
    return _list(given=(form["name"], Tokens(writable()).add(town.id, form["name"], scopes)))


def _errors(form: dict[str, str], scopes: list[str]) -> dict[str, str]:
    errors = {}
    if not 1 <= len(form["name"]) <= NAME_LENGTH:
        errors["name"] = t("tokens.error_name", length=NAME_LENGTH)
    if form["municipality"] not in [town.ars for town in Catalogue(writable()).municipalities()]:
        errors["municipality"] = t("tokens.error_municipality")
    if not scopes:
        errors["scope"] = t("tokens.error_scope")
    return errors


@blueprint.post("/<int:token>/remove")
def remove(token: int) -> Response:
    """Remove a token."""
    tokens = Tokens(writable())
    if all(found.id != token for found in tokens.all()):
        raise NotFound
    tokens.remove(token)
    return redirect(url_for("tokens.index", done="token_removed"), 303)
