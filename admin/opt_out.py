"""The page on which a visitor refuses to be counted: the only cookie, set and removed at an explicit wish.

The browser sends it along with beacons where the page counted and this installation share a registrable domain; the
snippet reads nothing. Elsewhere browsers do not send it: the page says so, and offers no button that would not help.
"""

from functools import cache

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from publicsuffixlist import PublicSuffixList
from werkzeug.wrappers import Response as BaseResponse

from admin.access import config, store
from admin.i18n import current_language
from admin.security import is_own_origin
from tracker.address import host_of
from tracker.anonymise import OPT_OUT_COOKIE
from tracker.store.catalogue import Catalogue, Municipality

blueprint = Blueprint("opt_out", __name__)

KEPT = 400 * 86_400  # s; the longest that browsers keep a cookie
WISHES = ("refuse", "allow")


@blueprint.get("/opt-out")
def page() -> Response:
    """Whether this browser refuses, where that works, and a button to change it unless it works nowhere."""
    catalogue = Catalogue(store().connection)
    sites = catalogue.sites()
    wanted = [site for site in sites if site.host == request.args.get("site", "")] or sites
    collector = host_of(request.host_url if config().simulated else config().base_url)  # where the tags send beacons
    response = make_response(
        render_template(
            "opt_out.html",
            town=_town(catalogue, {site.municipality_id for site in wanted}),
            refused=request.cookies.get(OPT_OUT_COOKIE) == "1",
            honour_dnt=config().honour_dnt,
            signalled=config().honour_dnt and "1" in (request.headers.get("DNT"), request.headers.get("Sec-GPC")),
            reached=[site.host for site in wanted if same_site(site.host, collector)],
            unreached=[site.host for site in wanted if not same_site(site.host, collector)],
        )
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/opt-out")
def choose() -> BaseResponse:
    """Set or remove the cookie; other sites cannot choose for a visitor."""
    wish = request.form.get("wish", "")
    if not is_own_origin(config()):
        abort(403, "origin")
    if wish not in WISHES:
        return redirect(url_for("opt_out.page", lang=current_language(), site=request.args.get("site")), 303)
    response = redirect(url_for("opt_out.page", lang=current_language(), site=request.args.get("site")), 303)
    secure = config().base_url.startswith("https://")
    if wish == "refuse":
        response.set_cookie(OPT_OUT_COOKIE, "1", max_age=KEPT, secure=secure, httponly=True, samesite="Lax")
    else:
        response.delete_cookie(OPT_OUT_COOKIE, secure=secure, httponly=True, samesite="Lax")
    return response


def same_site(page: str, collector: str) -> bool:
    """Whether a browser takes two hosts for one site: the same registrable domain (Public Suffix List)."""
    domain = _suffixes().privatesuffix(page)
    return page == collector or (domain is not None and domain == _suffixes().privatesuffix(collector))


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def _town(catalogue: Catalogue, numbers: set[int]) -> Municipality:
    """Whose page it is: the municipality, or this product where there are several or none."""
    towns = [town for town in catalogue.municipalities() if town.id in numbers]
    return towns[0] if len(towns) == 1 else Municipality(0, "Zählwerk", "", "Europe/Berlin")
