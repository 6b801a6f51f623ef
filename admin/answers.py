"""The public page of a municipality's answers: "Sie sagten – wir haben", without account, script or cookie."""

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.exceptions import NotFound

from admin.access import store
from admin.services import name_of
from tracker.errors import ConfigError
from tracker.store.answers import Answers
from tracker.store.catalogue import Catalogue, Municipality
from tracker.store.services import Services

blueprint = Blueprint("answers", __name__, url_prefix="/transparency")


@blueprint.get("/<ars>/answers")
def published(ars: str) -> Response:
    """The published answers, the newest first, of one service if the address names one."""
    town = _town(ars)
    names = {service.slug: name_of(service) for service in Services(store().connection).all(town.id)}
    answers = Answers(store().connection).published(town.id)
    used = {answer.service for answer in answers}
    service = request.args.get("service", "")
    page = render_template(
        "answers.html",
        town=town,
        names=names,
        services={slug: name for slug, name in names.items() if slug in used},
        service=service if service in used else "",
        answers=[answer for answer in answers if service not in used or not service or answer.service == service],
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "no-cache"  # what is withdrawn or erased is gone at once
    response.vary.update(("Accept-Language",))
    return response


def _town(ars: str) -> Municipality:
    """A municipality by its regional key; 404 when there is none."""
    try:
        return Catalogue(store().connection).municipality(ars)
    except ConfigError as error:
        raise NotFound from error
