"""Every change that an account makes in the admin area leaves one line in the audit log, from one place.

A line says who, when, which action and about what by its key (a host, a slug, a number): never what was written. A
request changed something if it succeeded and wrote to the database or sends the browser on, as pages do after a change.
"""

import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask, Response, current_app, g, request

from admin.access import DEMANDS, SAFE_METHODS, current_account, may_see, writable
from tracker.store.audit_log import AuditLog
from tracker.store.catalogue import Catalogue

# Requests that leave no line, and why.
QUIET: Mapping[str, str] = {
    "session.sign_in": "changes nothing; a log of when employees come would watch them",
    "session.sign_out": "changes nothing; a log of when employees go would watch them",
    "privacy.check": "changes nothing; its result has a file of its own",
    "accounts.language": "everyone's own choice, without effect on others",
}
# Requests that change nothing here, but are in the log as well, and why.
ALWAYS: Mapping[str, str] = {"takeout.download": "everything of a municipality leaves the house"}
_KEYS = ("host", "slug", "period")  # fields of forms that name what is new, each checked against a narrow form
_PARTS = {"accounts": "account"}  # part of the admin area → what an argument `number` means there


@dataclass(frozen=True, slots=True)
class _Begun:
    """What is known before the request does anything: afterwards it may be gone."""

    account: str
    municipality: int | None
    writes: int


def install(app: Flask) -> None:
    """Watch every request that may change something; install it after the check of access."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    """Remember who asks for a change, and of which municipality; only what access was granted to comes here."""
    watched = request.method not in SAFE_METHODS and request.endpoint in DEMANDS and request.endpoint not in QUIET
    if watched and g.session is not None:
        g.begun = _Begun(current_account().email, _municipality(), writable().total_changes)


def _end(response: Response) -> Response:
    begun: _Begun | None = g.pop("begun", None)
    if begun is None or response.status_code >= 400:
        return response
    looked = response.status_code < 300 and writable().total_changes == begun.writes  # a preview, a question
    if looked and request.endpoint not in ALWAYS:
        return response
    town = _municipality() if begun.municipality is None else begun.municipality
    try:
        AuditLog(writable()).write(time.time(), begun.account, town, str(request.endpoint), _subject())
    except sqlite3.Error as error:  # the change itself is done, so the answer stands
        current_app.logger.error("audit log not written: %s", error)
    return response


def _municipality() -> int | None:
    """The municipality that the request is about: named in the address or the form, or that of what it names."""
    arguments = request.view_args or {}
    catalogue = Catalogue(writable())
    host = arguments.get("host", "")
    for site in catalogue.sites() if host else ():
        if site.host == host:
            return site.municipality_id
    wish = arguments.get("ars") or request.values.get("municipality") or request.form.get("ars")
    for town in catalogue.municipalities() if wish else ():
        if town.ars == wish and may_see(town.id):
            return town.id
    kinds = {name: _PARTS.get(str(request.blueprint), "") if name == "number" else name for name in arguments}
    for name, kind in kinds.items():
        if isinstance(arguments[name], int) and (found := AuditLog(writable()).owner_of(kind, arguments[name])):
            return found
    return _own_or_only(catalogue)


def _own_or_only(catalogue: Catalogue) -> int | None:
    """The municipality of the account; an operator's is the only one, unless it is about accounts or a new one."""
    towns = catalogue.municipalities()
    if current_account().municipality_id is not None:
        return current_account().municipality_id
    general = request.blueprint in ("accounts", "municipalities")
    return towns[0].id if len(towns) == 1 and not general else None


def _subject() -> str:
    """What it is about: the arguments of the address but for the municipality, else the keys of what is new."""
    arguments = {name: value for name, value in (request.view_args or {}).items() if name != "ars"}
    named = [f"{name} {value}" if isinstance(value, int) else str(value) for name, value in arguments.items()]
    given = [request.form[name].strip() for name in _KEYS if request.form.get(name)] if not named else []
    return " ".join(" ".join(named or given).split())
