"""The sites: their list, a new one, how to set one up, and how it is counted."""

import re
from datetime import timedelta
from time import time
from typing import NamedTuple
from urllib.parse import urlsplit

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from admin.access import config, site_of, sites, store, writable
from admin.i18n import t
from tracker.calendar import day_date, day_number
from tracker.errors import ConfigError
from tracker.store import Counts
from tracker.store.catalogue import LEVELS, Catalogue, Municipality, Site, check_host
from tracker.store.sqlite import NOTHING

blueprint = Blueprint("sites", __name__, url_prefix="/admin")

DAYS_OF_LINE = 30


class Row(NamedTuple):
    """A site with its counts of today, yesterday and the last seven days, and a line of the last thirty.

    `counted`: there is anything to look at, be it from pages or from an import.
    """

    site: Site
    counted: bool
    today: Counts
    yesterday: Counts
    week: Counts
    line: str


@blueprint.get("/")
def index() -> str:
    """The sites that the account may see, by municipality."""
    rows = [_row(site) for site in sites()]
    municipalities = Catalogue(store().connection).municipalities()
    groups = [(town, [row for row in rows if row.site.municipality_id == town.id]) for town in municipalities]
    return render_template("sites.html", groups=[group for group in groups if group[1]])


def _row(site: Site) -> Row:
    today = day_date(site.calendar.moment(int(time() * 1000)).day)
    days = [day_number(today - timedelta(days=back)) for back in range(DAYS_OF_LINE)]
    found = store().series(site.id, days)
    counts = [found.get(day, NOTHING) for day in days]
    return Row(
        site,
        store().has_counts(site.id),
        counts[0],
        counts[1],
        _sum(counts[:7]),
        _line([day.views for day in reversed(counts)]),
    )


def _sum(counts: list[Counts]) -> Counts:
    return Counts("", *(sum(column) for column in list(zip(*counts, strict=True))[1:]))


def _line(values: list[int], width: int = 120, height: int = 32) -> str:
    """The points of an SVG line of values, the highest at the top; empty when nothing was counted."""
    top = max(values)
    if top == 0:
        return ""
    step = width / (len(values) - 1)
    return " ".join(f"{place * step:.1f},{height - value * height / top:.1f}" for place, value in enumerate(values))


@blueprint.route("/sites/new", methods=["GET", "POST"])
def new() -> Response | str | tuple[str, int]:
    """Add a site."""
    municipalities = Catalogue(writable()).municipalities()
    if not municipalities:
        return redirect(url_for("municipalities.new"), 303)
    if request.method != "POST":
        wish = request.args.get("municipality", "")
        return _new(municipalities, {"level": LEVELS[0], "municipality": wish}, {})
    form = {name: request.form.get(name, "").strip() for name in ("host", "municipality", "level")}
    errors = _errors_of_new(form, municipalities)
    if errors:
        return _new(municipalities, form, errors), 400
    site = Catalogue(writable()).add_site(host_name(form["host"]), form["municipality"], form["level"])
    return redirect(url_for("sites.setup", host=site.host), 303)


def _new(municipalities: list[Municipality], form: dict[str, str], errors: dict[str, str]) -> str:
    towns = [(town.ars, town.name) for town in municipalities]
    return render_template("sites_new.html", towns=towns, form=form, errors=errors)


def _errors_of_new(form: dict[str, str], municipalities: list[Municipality]) -> dict[str, str]:
    errors = {}
    host = host_name(form["host"])
    if not host:
        errors["host"] = t("sites.error_host")
    elif any(site.host == host for site in Catalogue(writable()).sites()):
        errors["host"] = t("sites.error_host_exists", host=host)
    if form["municipality"] not in [town.ars for town in municipalities]:
        errors["municipality"] = t("sites.error_municipality")
    if form["level"] not in LEVELS:
        errors["level"] = t("sites.error_level")
    return errors


def host_name(text: str) -> str:
    """The host of what someone typed or pasted: a name, or a whole address; empty when there is none in it."""
    try:
        host = urlsplit(text if "://" in text else f"//{text}").hostname or ""
        return check_host(host if host.isascii() else host.encode("idna").decode())
    except (ValueError, ConfigError):
        return ""


@blueprint.get("/sites/<host>/setup")
def setup(host: str) -> str:
    """The tag to copy into the pages, whether beacons arrive, and how the site is counted."""
    site = site_of(host)
    return _setup(site, _settings_of(site), {})


def _setup(site: Site, form: dict[str, str], errors: dict[str, str]) -> str:
    return render_template("setup.html", site=site, base_url=config().base_url, form=form, errors=errors)


def _settings_of(site: Site) -> dict[str, str]:
    return {"level": site.level, "subdomains": "on" if site.subdomains else "", "search_param": site.search_param}


@blueprint.get("/sites/<host>/arrived")
def arrived(host: str) -> Response:
    """Whether the first beacon of a site has been counted, for the waiting page."""
    return jsonify(arrived=site_of(host).first_beacon is not None)


@blueprint.post("/sites/<host>/settings")
def settings(host: str) -> Response | tuple[str, int]:
    """Change how a site is counted from now on."""
    site = site_of(host)
    form = {name: request.form.get(name, "").strip() for name in ("level", "subdomains", "search_param")}
    errors = _errors_of_settings(form)
    if errors:
        return _setup(site, form, errors), 400
    Catalogue(writable()).change_site(host, form["level"], form["subdomains"] == "on", form["search_param"])
    return redirect(url_for("sites.setup", host=host, done="site_changed", _anchor="done"), 303)


def _errors_of_settings(form: dict[str, str]) -> dict[str, str]:
    errors = {}
    if form["level"] not in LEVELS:
        errors["level"] = t("sites.error_level")
    if not re.fullmatch(r"[\w.\[\]-]{0,60}", form["search_param"]):
        errors["search_param"] = t("sites.error_search_param")
    return errors
