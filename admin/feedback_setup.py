"""Where feedback is set up: the widget's tag, the page without JavaScript, QR codes, posters, and what is asked."""

from typing import NamedTuple

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response as Redirection

from admin.access import config, is_operator, site_of, store, writable
from admin.feedback_qr import TYPES, qr_file
from admin.feedback_texts import DEFAULT, languages
from admin.services import chosen_town, name_of, service_of, services_of, sites_of, towns
from tracker.feedback.feedback import CATEGORIES
from tracker.services.service import Service
from tracker.store.catalogue import Municipality, Site
from tracker.store.feedback import Feedbacks, Setting

blueprint = Blueprint("feedback_setup", __name__, url_prefix="/admin/feedback")

SIZES = ("a4", "a6")  # of a poster


class Row(NamedTuple):
    """A service, None for pages of no service, with the site it is on and how feedback on it is asked for."""

    service: Service | None
    site: Site
    setting: Setting


@blueprint.get("/setup")
def index() -> Redirection | str:
    """Every service of a municipality, and each site for pages of no service."""
    town = chosen_town()
    if town is None:
        return redirect(url_for("municipalities.new"), 303) if is_operator() else render_template("services_none.html")
    return render_template("feedback_setup.html", town=town, towns=towns(), rows=_rows(town), name_of=name_of)


def _rows(town: Municipality) -> list[Row]:
    sites, feedbacks = sites_of(town), Feedbacks(store().connection)
    general = feedbacks.setting(town.id, "")
    rows = [Row(None, site, general) for site in sites]
    if sites:
        for service in services_of(town):
            rows.append(Row(service, _site_of(service, sites), feedbacks.setting(town.id, service.slug)))
    return rows


def _site_of(service: Service, sites: list[Site]) -> Site:
    """The site that the first path of a service lies on, else the first site."""
    hosts = [path.partition("/")[0] for path in service.paths]
    return next((site for host in hosts for site in sites if site.owns(host)), sites[0])


@blueprint.get("/setup/<host>")
@blueprint.get("/setup/<host>/<slug>")
def detail(host: str, slug: str = "") -> str:
    """What to copy, print and choose for one service on one site."""
    town, site, service = _named(host, slug)
    return render_template(
        "feedback_setup_detail.html",
        town=town,
        site=site,
        service=service,
        sites=sites_of(town),
        setting=Feedbacks(store().connection).setting(town.id, slug),
        categories=CATEGORIES,
        sizes=SIZES,
        others=[words for words in languages().values() if words.code != DEFAULT],
        base_url=config().base_url,
        link=public_link(site, slug),
        name_of=name_of,
    )


@blueprint.post("/setup/<host>")
@blueprint.post("/setup/<host>/<slug>")
def save(host: str, slug: str = "") -> Redirection:
    """Change how feedback is asked for, from now on."""
    town, _, _ = _named(host, slug)
    category = request.form.get("category", "")
    if category not in CATEGORIES:
        raise BadRequest
    setting = Setting(category, request.form.get("details") == "on")
    Feedbacks(writable()).save_setting(town.id, slug, setting)
    there = url_for("feedback_setup.detail", host=host, slug=slug or None, done="feedback_setting_saved")
    return redirect(there, 303)


@blueprint.get("/qr/<host>.<any(svg, png):kind>")
@blueprint.get("/qr/<host>/<slug>.<any(svg, png):kind>")
def qr(host: str, kind: str, slug: str = "") -> Response:
    """The QR code of a page without JavaScript as a file."""
    _, site, _ = _named(host, slug)
    name = f"qr-{site.host}{f'-{slug}' if slug else ''}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(qr_file(public_link(site, slug), kind), mimetype=TYPES[kind], headers=headers)


@blueprint.get("/poster/<host>")
@blueprint.get("/poster/<host>/<slug>")
def poster(host: str, slug: str = "") -> str:
    """A sheet for the counter, to print."""
    town, site, service = _named(host, slug)
    size = request.args.get("size", "")
    return render_template(
        "feedback_setup_poster.html",
        town=town,
        site=site,
        service=service,
        slug=slug,
        size=size if size in SIZES else SIZES[0],
        languages=languages(),
        link=public_link(site, slug),
    )


def public_link(site: Site, slug: str) -> str:
    """The address of the page without JavaScript, for links, posters and codes: never of the Host that was asked."""
    path = url_for("feedback_page.page", site=site.host, service=slug or None)
    return config().base_url + path


def _named(host: str, slug: str) -> tuple[Municipality, Site, Service | None]:
    """What the address names; 404 when there is none, and just so when the account may not see it."""
    site = site_of(host)
    town = next(town for town in towns() if town.id == site.municipality_id)
    return town, site, service_of(town, slug) if slug else None
