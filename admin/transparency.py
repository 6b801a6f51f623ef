"""The public page of a municipality: how its services are used, out of released files; without account or script."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound, ServiceUnavailable
from werkzeug.wrappers import Response as BaseResponse

from admin.access import config, store
from admin.errors import render
from admin.i18n import LANGUAGES, current_language, day, t
from admin.opendata.manifest import INDEX, ReleaseError
from admin.services import name_of as catalogue_name
from admin.tables import Order
from admin.transparency_charts import Chart, chart_of, month_name
from admin.transparency_counted import Counted, counted_of
from admin.transparency_data import dataset
from admin.transparency_files import Book, open_book
from admin.transparency_page import (
    SORTS,
    charts_of,
    compared,
    downloads_of,
    feedback_of,
    lead,
    licence_of,
    margin_of,
    others_of,
    outages_of,
    pages_of,
    ratings_of,
    service_of,
    services_of,
    source_of,
    ways_of,
    websites_of,
)
from admin.transparency_svg import WIDE, lines_of
from tracker.errors import ConfigError
from tracker.store.answers import Answers, PublicAnswer
from tracker.store.catalogue import Catalogue, Municipality
from tracker.store.services import Services

blueprint = Blueprint("transparency", __name__, url_prefix="/transparency")

ANSWERS = 3  # of the newest that are shown
REMEMBERED = 48  # pages of up to 400 KB
SOON = 300  # s; releases come once a day
FRAMED = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors *",
    )
)
DRAWN = "default-src 'none'; style-src 'none'; sandbox"  # of a drawing opened by itself


@blueprint.errorhandler(ReleaseError)
def unreadable(error: ReleaseError) -> ResponseReturnValue:
    """A released file is damaged or being restored."""
    current_app.logger.error("%s", error)
    return render(ServiceUnavailable(retry_after=60))


@blueprint.get("/")
def index() -> Response:
    """The municipalities that publish."""
    towns = [row for row in _towns() if (config().opendata / row.ars / INDEX).is_file()]
    return _kept(render_template("transparency_index.html", town={"name": "Zählwerk"}, towns=towns))


def _towns() -> list[Municipality]:
    return Catalogue(store().connection).municipalities()


@blueprint.get("/<ars>")
def page(ars: str) -> Response:
    """How the services and websites of a municipality are used."""
    town = _town(ars)
    book = _book(town)
    if book is None:
        return _kept(render_template("transparency_none.html", town=town, canonical=_address(".page", ars)))
    answers = Answers(store().connection).published(town.id)[:ANSWERS]
    names = {row.slug: catalogue_name(row) for row in Services(store().connection).all(town.id)} if answers else {}
    counted = counted_of(town, store(), config())
    content = _remembered(
        town, book, lambda: _page(town, book, answers, names, counted), repr((answers, names)), counted
    )
    return _kept(content, 0)  # an answer that is withdrawn is gone at once


def _page(town: Municipality, book: Book, answers: list[PublicAnswer], names: dict[str, str], counted: Counted) -> str:
    order = _order()
    before, services = compared(book), services_of(book, order)
    return render_template(
        "transparency.html",
        **_frame(town, book),
        canonical=_address(".page", town.ars),
        lead=lead(book, town.name),
        month=month_name(book.months[-1].first) if book.months else "",
        compared=month_name(before.first) if before else "",
        services=services,
        margin=margin_of(services),
        headings=_headings(order),
        charts=charts_of(book),
        websites=websites_of(book),
        pages=pages_of(book),
        feedback=feedback_of(book),
        answers=answers,
        names=names,
        counted=counted,
        outages=outages_of(book),
        dataset=dataset(book, _address(".page", town.ars), _files(town.ars)),
    )


@blueprint.get("/<ars>/<slug>")
def service(ars: str, slug: str) -> Response:
    """How a service is used."""
    town = _town(ars)
    book = _book(town)
    found = service_of(book, slug) if book else None
    if book is None or found is None:
        abort(404)
    answered = any(row.service == slug for row in Answers(store().connection).published(town.id))
    return _kept(_remembered(town, book, lambda: _service(town, book, found, answered), answered))


def _service(town: Municipality, book: Book, found: dict[str, Any], answered: bool) -> str:
    return render_template(
        "transparency_service.html",
        **_frame(town, book),
        canonical=_address(".service", town.ars, slug=found["slug"]),
        service=found,
        charts=charts_of(book, found["slug"]),
        ratings=ratings_of(book, found["slug"]),
        answered=answered,
    )


def _remembered(town: Municipality, book: Book, make: Callable[[], str], *what: object) -> str:
    """A page, made once as long as everything that it shows stays the same; of too many the oldest goes."""
    pages: OrderedDict[object, str] = current_app.extensions.setdefault("transparency", OrderedDict())
    key = (request.full_path, current_language(), town, book.key, what)
    found = pages.get(key)
    if found is None:
        found = pages[key] = make()
        while len(pages) > REMEMBERED:
            pages.popitem(last=False)
    return found


@blueprint.get("/<ars>/leicht")
def leicht(ars: str) -> BaseResponse:
    """What is measured, in Leichte Sprache; there is no such thing in English, so that one leads to the page."""
    town = _town(ars)
    if request.args.get("lang") == "en":
        return redirect(url_for(".page", ars=ars, lang="en"))
    if current_language() != "de":
        return redirect(url_for(".leicht", ars=ars, lang="de"))
    book = _book(town)
    way = ways_of(book)[0].key if book else ""
    counted = counted_of(town, store(), config())
    return _kept(
        render_template(
            "transparency_leicht.html", town=town, way=way, counted=counted, canonical=_address(".leicht", ars)
        )
    )


@blueprint.get("/<ars>/chart/<chart>.svg")
def drawing(ars: str, chart: str) -> Response:
    """A chart as a drawing, with its source."""
    book, found = _chart(ars, chart)
    content = render_template(
        "transparency_chart.svg",
        chart=found,
        drawing=found.drawing(WIDE),
        title=lines_of(found.title, 18),
        source=lines_of(f"{source_of(book.newest)} {_address('.page', ars)}", 12),
    )
    response = _kept(content)
    response.mimetype = "image/svg+xml"
    response.headers["Content-Security-Policy"] = DRAWN
    return _foreign(response)


@blueprint.get("/<ars>/embed/<chart>")
def embed(ars: str, chart: str) -> Response:
    """A chart with its table as a small page that other websites may frame."""
    book, found = _chart(ars, chart)
    content = render_template(
        "transparency_embed.html", chart=found, source=source_of(book.newest), page=_address(".page", ars)
    )
    response = _kept(content)
    response.headers["Content-Security-Policy"] = FRAMED
    return _foreign(response)


def _chart(ars: str, name: str) -> tuple[Book, Chart]:
    book = _book(_town(ars))
    found = chart_of(book, name) if book else None
    if book is None or found is None:
        abort(404)
    return book, found


def _town(ars: str) -> Municipality:
    try:
        return Catalogue(store().connection).municipality(ars)
    except ConfigError as error:
        raise NotFound from error


def _book(town: Municipality) -> Book | None:
    return open_book(config().opendata / town.ars)


def _frame(town: Municipality, book: Book) -> dict[str, Any]:
    """What both pages need: who publishes, under which terms, and where the files are."""
    base = f"/opendata/{town.ars}"
    newest = book.newest
    return {
        "town": town,
        "publisher": newest.publisher,
        "licence": licence_of(newest),
        "source": source_of(newest),
        "attribution": newest.attribution,
        "ways": ways_of(book),
        "base": base,
        "others": others_of(book, base),
        "last_month": (month_name(book.months[-1].first), f"{base}/{book.months[-1].path}/") if book.months else None,
        "last_day": (day(book.days[-1].first), f"{base}/{book.days[-1].path}/") if book.days else None,
        "downloads": downloads_of((*book.months[-1:], *book.days[-1:])[0], base),
        "embed_url": lambda chart: _address(".embed", town.ars, chart=chart.name, lang=current_language()),
        "svg_url": lambda chart: _address(".drawing", town.ars, chart=chart.name, lang=current_language()),
    }


def _address(endpoint: str, ars: str, **values: Any) -> str:
    """A public address: absolute, below the public address of this installation."""
    return config().base_url.rstrip("/") + url_for(endpoint, ars=ars, **values)


def _files(ars: str) -> str:
    return f"{config().base_url.rstrip('/')}/opendata/{ars}"


def _order() -> Order:
    """In which order the reader wants the services; what makes no sense is left at its default."""
    sort = request.args.get("sort", "")
    descending = request.args.get("order") != "asc" if sort in SORTS else True
    return Order(search="", sort=sort if sort in SORTS else "started", descending=descending, page=1)


def _headings(order: Order) -> list[dict[str, Any]]:
    """The headings of the table; one that is chosen again turns the order round."""
    shown = []
    for name in SORTS:
        current = name == order.sort
        descending = not order.descending if current else name != "name"
        language = {"lang": request.args["lang"]} if request.args.get("lang") in LANGUAGES else {}
        query = {"sort": name, "order": "desc" if descending else "asc", **language}
        shown.append(
            {
                "name": name,
                "text": t(f"transparency.heading_{name}"),
                "url": "?" + "&".join(f"{key}={value}" for key, value in query.items()) + "#services",
                "sorted": ("descending" if order.descending else "ascending") if current else None,
            }
        )
    return shown


def _kept(content: str, seconds: int = SOON) -> Response:
    """An answer with its ETag; for `seconds` nobody needs to ask again."""
    response = make_response(content)
    response.headers["Cache-Control"] = f"public, max-age={seconds}" if seconds else "no-cache"
    response.vary.add("Accept-Language")
    response.add_etag()
    response.make_conditional(request)
    return response


def _foreign(response: Response) -> Response:
    """An answer that pages of other hosts may show."""
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
