"""The simulated city's website, served beside the rest where `simulated` is set: a small application for one host name.

Its pages carry the real snippet. All data on them is made up; nothing is asked and nothing is kept.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, current_app, redirect, render_template, request
from werkzeug.exceptions import NotFound

from admin import demo_forms, demo_server, security
from tracker.config import Config
from tracker.simulation.attempt import FIRST
from tracker.simulation.city import PLACES, SERVICES, Service
from tracker.simulation.feedback import ASKED_IN_DETAIL
from tracker.simulation.forms import FORMS
from tracker.simulation.journey import APPOINTMENT, REMOTE, STEPS
from tracker.store import open_store
from tracker.store.catalogue import Catalogue

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

GUIDE = "/demo/"
GUIDES = ("/", "/demo", GUIDE)  # answered under every host; the first two lead to the guide unless it is the city's
# First parts of paths that are not the city's.
OURS = (
    *("admin", "static", "snippet.js", "beacon", "beacon.gif", "health", "metrics", "api"),
    *("feedback", "transparency", "opendata", "opt-out"),
)
NEWS = (
    ("Neue Parkzonen in der Oberstadt", "Wer dort wohnt, hat Post bekommen und kann den Ausweis online beantragen."),
    ("Bürgerversammlung zum Haushalt", "Am Donnerstag um 19 Uhr stellt der Magistrat den Entwurf vor."),
    ("Busse fahren nach neuem Plan", "Seit dem Fahrplanwechsel kommt die Linie 7 alle zehn Minuten."),
)
TIMES = ("heute, 14:20 Uhr", "morgen, 8:40 Uhr", "morgen, 11:00 Uhr")

blueprint = Blueprint("city", __name__)
_SERVICES = {service.slug: service for service in SERVICES}


class City:
    """Passes requests for the city's host to its website, and all others on to `application`."""

    def __init__(self, application: "WSGIApplication", config: Config) -> None:
        self._application = application
        known = city_of(config)
        self._host = known[0] if known else ""
        self._website = create_city(config, *known) if known else None

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if self._website is not None and (path in GUIDES or self._is_city(environ, path)):
            return self._website(environ, start_response)
        return self._application(environ, start_response)

    def _is_city(self, environ: "WSGIEnvironment", path: str) -> bool:
        first = path[1:].partition("/")[0]
        ours = first in OURS or first.startswith("feedback.")  # the widget, in one language or another
        return not ours and _host_of(environ.get("HTTP_HOST", "")) == self._host


def city_of(config: Config) -> tuple[str, str] | None:
    """Host name and ARS of the simulated city, which has the oldest site; None when there is no site."""
    store = open_store(config.database, readonly=True)
    catalogue = Catalogue(store.connection)
    sites = sorted(catalogue.sites(), key=lambda site: site.id)
    keys = {town.id: town.ars for town in catalogue.municipalities()}
    store.close()
    return (sites[0].host, keys[sites[0].municipality_id]) if sites else None


def create_city(config: Config, host: str, ars: str) -> Flask:
    """The website of the city as an application of its own."""
    app = Flask(__name__, static_folder=None)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.config.update(SITE=host, DATA=config.data, BASE_URL=config.base_url)
    for part in (blueprint, demo_forms.blueprint, demo_server.blueprint):
        app.register_blueprint(part)
    app.before_request(lambda: None if request.path == GUIDE or _host_of(request.host) == host else redirect(GUIDE))
    app.register_error_handler(NotFound, lambda _error: (render_template("demo/not_found.html"), 404))
    app.context_processor(lambda: _everywhere(config, host, ars))
    security.install(app)
    return app


def _everywhere(config: Config, host: str, ars: str) -> dict[str, Any]:
    """What every page of the city knows."""
    address = urlsplit(config.base_url)
    return {
        "site": host,
        "ars": ars,
        "base": config.base_url,
        "feedback": lambda service=None: f"/feedback/{host}" + (f"/{service.slug}" if service else ""),
        "transparency": f"{config.base_url}/transparency/{ars}",
        "asked_in_detail": ASKED_IN_DETAIL,
        "city": f"{address.scheme}://{host}" + (f":{address.port}" if address.port else ""),
        "dashboard": f"{config.base_url}/admin/sites/{host}?period=today",
        "admin": f"{config.base_url}/admin/",
        "guide": config.base_url + GUIDE,
        "services_page": f"{config.base_url}/admin/services",
    }


def _host_of(netloc: str) -> str:
    """The host name without its port."""
    name, _, port = netloc.lower().rpartition(":")
    return name if name and port.isdigit() else netloc.lower()


@blueprint.get(GUIDE)
def guide() -> str:
    """What there is to try."""
    today = date.today()
    return render_template("demo/guide.html", today=today, year_ago=today - timedelta(days=364))


@blueprint.get("/")
def home() -> str:
    """The start page."""
    return render_template("demo/home.html", services=_first(6), news=NEWS)


@blueprint.get("/leistungen")
def services() -> str:
    """All services."""
    return render_template("demo/services.html", services=SERVICES)


@blueprint.get("/leistungen/<slug>")
def service(slug: str) -> str:
    """One service; booking an appointment is a single-page application."""
    if slug == APPOINTMENT:
        return _appointment("")
    start = demo_server.PAGE if slug == REMOTE else FIRST
    return render_template("demo/service.html", service=_service(slug), start=start)


@blueprint.get(f"/leistungen/{APPOINTMENT}/<any({', '.join(STEPS)}):step>")
def appointment(step: str) -> str:
    """A step of the appointment."""
    return _appointment(step)


@blueprint.get("/aktuelles")
def news() -> str:
    """The news."""
    return render_template("demo/news.html", news=NEWS)


@blueprint.get("/rathaus/oeffnungszeiten")
def hours() -> str:
    """When and where the town hall can be reached."""
    return render_template("demo/hours.html")


@blueprint.get("/suche")
def search() -> str:
    """The site's own search, by name and by the words people use."""
    term = request.args.get("q", "").strip().lower()
    found = [row for row in SERVICES if term and _is_about(row, term)]
    return render_template("demo/search.html", term=term, services=found)


@blueprint.get("/downloads/<name>.pdf")
def download(name: str) -> Response:
    """A form to print: always the same empty page."""
    if name not in {service.form for service in SERVICES if service.form}:
        raise NotFound
    with files("zaehlwerk_static").joinpath("demo", "formular.pdf").open("rb") as file:
        return Response(file.read(), mimetype="application/pdf", headers={"Content-Disposition": "attachment"})


def _service(slug: str) -> Service:
    found = _SERVICES.get(slug)
    if found is None:
        raise NotFound
    return found


def _is_about(service: Service, term: str) -> bool:
    return any(term in text.lower() for text in (service.name, service.about, *service.terms))


def _first(number: int) -> list[Service]:
    """The services that are used most."""
    return sorted(SERVICES, key=lambda row: row.weight, reverse=True)[:number]


def _appointment(step: str) -> str:
    places = [place for place, _ in PLACES]
    site, form = current_app.config["SITE"], FORMS[APPOINTMENT].slug
    pictures = []
    if step == STEPS[-1]:
        pictures = [demo_forms.picture(site, "outcome", form, {"n": "submitted"})]
    elif step:
        pictures = [demo_forms.picture(site, "step", form, {"p.step": step, "p.of": str(len(STEPS) - 1)})]
    return render_template(
        "demo/appointment.html",
        service=_service(APPOINTMENT),
        form=form,
        step=step,
        places=places,
        times=TIMES,
        pictures=pictures,
    )
