"""The services of a municipality: their list, one of them, a new one, a change, a removal."""

from decimal import Decimal

from babel.numbers import format_decimal
from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from admin.access import is_operator, may_see, store, writable
from admin.i18n import current_language, t
from admin.service_form import FormData, blank, read, shown
from admin.service_seen import flags_of
from tracker.errors import ConfigError
from tracker.services.quality import Flag
from tracker.services.rules import Problem, ServiceError, problem
from tracker.services.service import CHANNELS, Form, Service, Step
from tracker.store.catalogue import Catalogue, Municipality, Site
from tracker.store.services import Services

blueprint = Blueprint("services", __name__, url_prefix="/admin/services")

_ITEMS = 10  # that a sentence names


def towns() -> list[Municipality]:
    """The municipalities that the account may see, by name."""
    return [town for town in Catalogue(store().connection).municipalities() if may_see(town.id)]


def town_of(ars: str) -> Municipality:
    """The municipality with a regional key; 404 when there is none, and just so when the account may not see it."""
    for town in towns():
        if town.ars == ars:
            return town
    raise NotFound


def chosen_town() -> Municipality | None:
    """The municipality that the address names, else the first one; None where there is none yet, 404 if not yours."""
    wish = request.args.get("municipality", "")
    if wish:
        return town_of(wish)
    return next(iter(towns()), None)


def services_of(town: Municipality) -> list[Service]:
    """The services of a municipality by name."""
    return Services(store().connection).all(town.id)


def service_of(town: Municipality, slug: str) -> Service:
    """A service of a municipality; 404 when there is none."""
    try:
        return Services(store().connection).get(town.id, slug)
    except ConfigError as error:
        raise NotFound from error


def sites_of(town: Municipality) -> list[Site]:
    """The sites of a municipality."""
    return Catalogue(store().connection).sites(town.id)


def name_of(named: Service | Form | Step) -> str:
    """The name in the reader's language, else the German one, else the short name."""
    own = named.name_en if current_language() == "en" else named.name
    return own or named.name or named.slug


def items_of(flag: Flag) -> str:
    """What the text of a flag names, in the reader's language: fields, or what stands in the catalogue."""
    items = [t(f"services.{item}") if flag.kind == "incomplete" else item for item in flag.items]
    more = len(items) - _ITEMS
    return ", ".join(items[:_ITEMS]) + (f" {t('services.more', number=more)}" if more > 0 else "")


def sentence(broken: Problem) -> str:
    """What is wrong and what is expected, in the reader's language."""
    values = dict(broken.values)
    if "field" in values:
        values["field"] = t(f"services.{values['field']}")
    return t(f"services.rule_{broken.rule}", **values)


@blueprint.get("")
def index() -> Response | str:
    """The services of a municipality, narrowed by a search."""
    town = chosen_town()
    if town is None:
        return redirect(url_for("municipalities.new"), 303) if is_operator() else render_template("services_none.html")
    services = services_of(town)
    wanted = request.args.get("q", "").strip()[:200]
    return render_template(
        "services.html",
        town=town,
        towns=towns(),
        search=wanted,
        number=len(services),
        services=[service for service in services if _matches(service, wanted)],
        flags=flags_of(services, sites_of(town), store()),
        name_of=name_of,
    )


def _matches(service: Service, wanted: str) -> bool:
    forms = (text for form in service.forms for text in (form.slug, form.name, form.name_en))
    texts = (
        *(service.slug, service.name, service.name_en, service.description, service.description_en),
        *(service.leika, service.ozg, service.category, service.department, service.contact, *forms),
    )
    text = "\n".join(texts).casefold()
    return all(word in text for word in wanted.casefold().split())


@blueprint.get("/<ars>/<slug>")
def detail(ars: str, slug: str) -> str:
    """Everything about one service, and how its pages and forms are marked."""
    town = town_of(ars)
    service = service_of(town, slug)
    return render_template(
        "services_detail.html",
        town=town,
        service=service,
        flags=flags_of(services_of(town), sites_of(town), store())[slug],
        cost=_cost(service.cost_per_month_cents),
        name_of=name_of,
        items_of=items_of,
    )


def _cost(cents: int | None) -> str:
    """An amount in euros: "1.250,00 €"; "" where nobody knows it."""
    if cents is None:
        return ""
    locale = "de" if current_language() == "de" else "en_GB"
    return t("services.cost_value", amount=format_decimal(Decimal(cents) / 100, "#,##0.00", locale=locale))


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> Response | str | tuple[str, int]:
    """Add a service."""
    town = chosen_town()
    if town is None:
        return redirect(url_for("municipalities.new"), 303)
    if request.method != "POST":
        return _form(town, None, blank(), [])
    service, broken = read(request.form, sites_of(town))
    if any(known.slug == service.slug for known in services_of(town)):
        broken.append(problem("slug", "slug_exists", value=service.slug))
    return _keep(town, None, service, broken)


@blueprint.route("/<ars>/<slug>/edit", methods=["GET", "POST"])
def edit(ars: str, slug: str) -> Response | str | tuple[str, int]:
    """Change a service; its short name stays, as counts are kept under it."""
    town = town_of(ars)
    present = service_of(town, slug)
    if request.method != "POST":
        return _form(town, present, shown(present), [])
    service, broken = read(request.form, sites_of(town), slug)
    return _keep(town, present, service, broken)


def _keep(
    town: Municipality, present: Service | None, service: Service, broken: list[Problem]
) -> Response | tuple[str, int]:
    """Keep what was sent and show it, or show the form again with what is wrong."""
    if not broken:
        try:
            Services(writable()).apply(town.id, [service])
        except ServiceError as error:
            broken = list(error.problems)
    if broken:
        return _form(town, present, FormData.sent(request.form), broken), 400
    done = "service_changed" if present else "service_added"
    return redirect(url_for("services.detail", ars=town.ars, slug=service.slug, done=done), 303)


def _form(town: Municipality, present: Service | None, form: FormData, broken: list[Problem]) -> str:
    errors: dict[str, str] = {}
    for found in broken:
        errors[found.field] = f"{errors[found.field]} {sentence(found)}" if found.field in errors else sentence(found)
    return render_template(
        "services_edit.html",
        town=town,
        service=present,
        form=form,
        errors=errors,
        channels=CHANNELS,
        sites=sites_of(town),
        name_of=name_of,
    )


@blueprint.post("/<ars>/<slug>/remove")
def remove(ars: str, slug: str) -> Response:
    """Remove a service; what was counted of it stays until its time is over."""
    town = town_of(ars)
    service_of(town, slug)
    Services(writable()).remove(town.id, slug)
    return redirect(url_for("services.index", municipality=town.ars, done="service_removed"), 303)
