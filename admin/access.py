"""Who may call what: one table of demands, one check before every request, and what the request may read and write."""

import sqlite3
from urllib.parse import unquote, urlsplit

from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import NotFound, Unauthorized

from admin.security import has_csrf_token, is_own_host, is_own_origin, wants_json
from tracker.calendar import calendar_of
from tracker.config import Config
from tracker.errors import StoreError
from tracker.store import Store, open_database, open_store
from tracker.store.accounts import EDITOR as EDITOR_ROLE
from tracker.store.accounts import OPERATOR as OPERATOR_ROLE
from tracker.store.accounts import Account, Accounts, Session
from tracker.store.catalogue import Catalogue, Site
from tracker.store.tokens import EVENTS, USAGE, Token, Tokens
from tracker.worker import Worker

PUBLIC, VIEWER, EDITOR, OPERATOR = "public", "viewer", "editor", "operator"
TOKEN = "token for "  # noqa: S105 - with the scope that the token must have
COOKIE = "zw_session"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

# What each endpoint demands. PUBLIC: nothing; VIEWER: an account; EDITOR: an editor's or operator's account;
# OPERATOR: an operator's account; TOKEN: a token.
DEMANDS: dict[str, str] = {
    "static": PUBLIC,
    "operation.snippet_js": PUBLIC,
    "operation.feedback_js": PUBLIC,
    "operation.health": PUBLIC,
    "operation.metrics": PUBLIC,
    "feedback_intake.feedback": PUBLIC,
    "session.sign_in": PUBLIC,
    "session.sign_out": VIEWER,
    "sites.index": VIEWER,
    "sites.new": OPERATOR,
    "sites.setup": VIEWER,
    "sites.arrived": VIEWER,
    "sites.settings": OPERATOR,
    "municipalities.new": OPERATOR,
    "services.index": VIEWER,
    "services.detail": VIEWER,
    "services.new": OPERATOR,
    "services.edit": OPERATOR,
    "services.remove": OPERATOR,
    "service_quality.quality": VIEWER,
    "service_files.export_csv": VIEWER,
    "service_files.export_json": VIEWER,
    "service_files.import_file": OPERATOR,
    "service_report.report": VIEWER,
    "service_report.sheet_csv": VIEWER,
    "service_overview.overview_page": VIEWER,
    "service_overview.overview_csv": VIEWER,
    "service_overview.overview_xlsx": VIEWER,
    "annotations.index": VIEWER,
    "annotations.add": OPERATOR,
    "annotations.remove": OPERATOR,
    "usage.index": VIEWER,
    "usage.upload": OPERATOR,
    "usage.undo": OPERATOR,
    "usage.connector": VIEWER,
    "usage.remove": OPERATOR,
    "usage_mapping.mapping": OPERATOR,
    "usage_zsk.zsk": VIEWER,
    "usage_zsk.zsk_csv": VIEWER,
    "usage_zsk.setting": OPERATOR,
    "inbox.index": VIEWER,
    "inbox.detail": VIEWER,
    "inbox.change": EDITOR,
    "inbox_bulk.bulk": EDITOR,
    "inbox_files.inbox_csv": VIEWER,
    "inbox_files.inbox_xlsx": VIEWER,
    "inbox_answers.index": VIEWER,
    "inbox_answers.new": EDITOR,
    "inbox_answers.edit": EDITOR,
    "inbox_answers.withdraw": EDITOR,
    "inbox_answers.remove": EDITOR,
    "feedback_summary.index": VIEWER,
    "feedback_summary.sheet_csv": VIEWER,
    "feedback_summary.sheet_xlsx": VIEWER,
    "feedback_topics.index": VIEWER,
    "feedback_topics.change": EDITOR,
    "answers.published": PUBLIC,
    "sdg.index": VIEWER,
    "sdg.look": VIEWER,
    "sdg.make_files": EDITOR,
    "sdg.download": VIEWER,
    "sdg.nfk_csv": VIEWER,
    "sdg.setting": OPERATOR,
    "accounts.index": OPERATOR,
    "accounts.add": OPERATOR,
    "accounts.remove": OPERATOR,
    "accounts.reset": OPERATOR,
    "accounts.own": VIEWER,
    "accounts.password": VIEWER,
    "accounts.language": VIEWER,
    "tokens.index": OPERATOR,
    "tokens.add": OPERATOR,
    "tokens.remove": OPERATOR,
    "log.index": OPERATOR,
    "log.log_csv": OPERATOR,
    "takeout.index": OPERATOR,
    "takeout.download": OPERATOR,
    "requests.index": VIEWER,
    "api.openapi": PUBLIC,
    "api.events": TOKEN + EVENTS,
    "usage_api.usage": TOKEN + USAGE,
    "feedback_setup.index": VIEWER,
    "feedback_setup.detail": VIEWER,
    "feedback_setup.save": EDITOR,
    "feedback_setup.qr": VIEWER,
    "feedback_setup.poster": VIEWER,
    "feedback_page.page": PUBLIC,
    "feedback_page.send": PUBLIC,
    "feedback_receipt.form": PUBLIC,
    "feedback_receipt.show": PUBLIC,
    "opendata.file": PUBLIC,
    "opendata_page.index": VIEWER,
    "opendata_page.preview": VIEWER,
    "opendata_page.look": EDITOR,
    "opendata_page.publish": EDITOR,
    "opendata_page.correct": EDITOR,
    "opendata_page.settings": EDITOR,
    "opendata_page.add_outage": EDITOR,
    "opendata_page.remove_outage": EDITOR,
    "transparency.index": PUBLIC,
    "transparency.page": PUBLIC,
    "transparency.leicht": PUBLIC,
    "transparency.service": PUBLIC,
    "transparency.drawing": PUBLIC,
    "transparency.embed": PUBLIC,
    "privacy.index": VIEWER,
    "privacy.check": OPERATOR,
    "privacy.document": VIEWER,
    "privacy.markdown": VIEWER,
    "opt_out.page": PUBLIC,
    "opt_out.choose": PUBLIC,
    "dashboard.site": VIEWER,
    "dashboard.card": VIEWER,
    "dashboard.card_csv": VIEWER,
}


def install(app: Flask) -> None:
    """Check every request, and close at its end what it opened."""
    app.before_request(check)
    app.teardown_request(_close)
    app.context_processor(lambda: {"signed_in": g.get("session"), "simulated": config().simulated, "DEMANDS": DEMANDS})


def check() -> Response | None:
    """Refuse what the table of demands, the host or a missing token does not allow."""
    g.session = None
    in_admin = request.path == "/admin" or request.path.startswith("/admin/")
    if in_admin and not is_own_host(config()):
        abort(400, "host")
    if in_admin:
        g.session = _session()
    if request.endpoint is None:  # no such page, or no such method: the error handler tells
        return None
    refusal = _refuse(DEMANDS[request.endpoint])
    if refusal is None and in_admin and request.method not in SAFE_METHODS:
        _check_origin(request.endpoint)
    return refusal


def _session() -> Session | None:
    token = request.cookies.get(COOKIE, "")
    return Accounts(writable()).session(token) if token else None


def _refuse(demand: str) -> Response | None:
    if demand == PUBLIC:
        return None
    if demand.startswith(TOKEN):
        g.token = _token(demand.removeprefix(TOKEN))
        return None
    if g.session is None:
        return _ask_to_sign_in()
    if (demand == OPERATOR and not is_operator()) or (demand == EDITOR and not is_editor()):
        abort(403)
    return None


def _token(scope: str) -> Token:
    """The token that the request bears; 401 without one that is valid, 403 when it is for something else."""
    given = request.authorization
    secret = given.token if given is not None and given.type == "bearer" else None
    found = Tokens(store().connection).find(secret) if secret else None
    if found is None:
        fault = {"error": "invalid_token"} if secret else {}  # RFC 6750, section 3
        raise Unauthorized("token", www_authenticate=WWWAuthenticate("bearer", {"realm": "Zaehlwerk", **fault}))
    if scope not in found.scopes:
        abort(403, "scope")
    today = calendar_of(found.timezone).moment(int(worker().clock() * 1000)).day
    if found.last_used != today:
        Tokens(writable()).note_use(found, today)
    return found


def _ask_to_sign_in() -> Response:
    """Sign-in leads back to the page; it refuses a `next` that is none of the admin area."""
    if wants_json():
        raise Unauthorized
    target = request.full_path.rstrip("?") if _has_page(request.path) else _page_before()
    ended = None if request.method in SAFE_METHODS else 1
    response = redirect(url_for("session.sign_in", next=target, lang=request.args.get("lang"), ended=ended), 303)
    assert isinstance(response, Response)
    return response


def _has_page(path: str) -> bool:
    """Whether a path can be looked at, and is not for forms only."""
    adapter = current_app.create_url_adapter(request)
    return adapter is not None and adapter.test(path, "GET")


def _page_before() -> str | None:
    """The page of our own that a form was sent from, as far as the browser tells."""
    try:
        parts = urlsplit(request.referrer or "")
    except ValueError:
        return None
    own = (urlsplit(config().base_url).netloc, request.host)
    if parts.netloc not in own or not parts.path.startswith("/admin/") or not _has_page(unquote(parts.path)):
        return None
    return f"{unquote(parts.path)}?{parts.query}".rstrip("?")


def _check_origin(endpoint: str) -> None:
    """Cross-site requests change nothing: the browser must say so, and the form must carry the session's token."""
    if not is_own_origin(config()):
        abort(403, "origin")
    if DEMANDS[endpoint] != PUBLIC and not has_csrf_token(g.session):
        abort(403, "csrf")


def config() -> Config:
    """The settings of this application."""
    found = current_app.config["ZAEHLWERK"]
    assert isinstance(found, Config)
    return found


def worker() -> Worker:
    """What this process collects with."""
    found = current_app.extensions["worker"]
    assert isinstance(found, Worker)
    return found


def current_token() -> Token:
    """The token of a request whose endpoint demands one."""
    token: Token = g.token
    return token


def current_account() -> Account:
    """The account that is signed in; 401 when none is."""
    if g.session is None:
        raise Unauthorized
    account: Account = g.session.account
    return account


def is_operator() -> bool:
    """Whether the account that is signed in is an operator's."""
    return current_account().role == OPERATOR_ROLE


def is_editor() -> bool:
    """Whether the account may answer and publish: an editor's in the own municipality, an operator's anywhere."""
    return current_account().role in (EDITOR_ROLE, OPERATOR_ROLE)


def may_see(municipality_id: int) -> bool:
    """Whether the account may see a municipality."""
    return is_operator() or current_account().municipality_id == municipality_id


def sites() -> list[Site]:
    """The sites that the account may see, by host."""
    account = current_account()
    return Catalogue(store().connection).sites(None if is_operator() else account.municipality_id)


def site_of(host: str) -> Site:
    """The site with a host; 404 when there is none, and just so when the account may not see it."""
    for site in sites():
        if site.host == host:
            return site
    raise NotFound


def store() -> Store:
    """The counts, for reading, until the end of the request."""
    if "store" not in g:
        g.store = open_store(config().database, readonly=True)
    found: Store = g.store
    return found


def writable() -> sqlite3.Connection:
    """A connection for master data and accounts, until the end of the request."""
    if "writable" not in g:
        if not config().database.exists():  # moved away for a moment: a new and empty one would take its place
            raise StoreError("There is no database.")
        g.writable = open_database(config().database)
    found: sqlite3.Connection = g.writable
    return found


def _close(_error: BaseException | None) -> None:
    for name in ("store", "writable"):
        opened = g.pop(name, None)
        if opened is not None:
            opened.close()
