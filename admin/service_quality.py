"""The quality of the master data of a municipality: what is missing or suspicious, and how to mend it."""

from datetime import UTC, datetime

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from admin.access import is_operator, store
from admin.service_seen import seen
from admin.services import chosen_town, items_of, name_of, services_of, sites_of, towns
from tracker.services.quality import DAYS, flags, unknown_forms

blueprint = Blueprint("service_quality", __name__, url_prefix="/admin/services")


@blueprint.get("/quality")
def quality() -> Response | str:
    """What is to be mended, service by service, the worst first."""
    town = chosen_town()
    if town is None:
        return redirect(url_for("services.index"), 303)
    services, sites = services_of(town), sites_of(town)
    counted = seen(services, sites, store(), datetime.now(UTC))
    found = flags(services, sites, counted)
    return render_template(
        "services_quality.html",
        town=town,
        towns=towns(),
        rows=[(service, found[service.slug]) for service in services if found[service.slug]],
        number=len(services),
        unknown=unknown_forms(services, counted),
        days=DAYS,
        may_change=is_operator(),
        name_of=name_of,
        items_of=items_of,
    )
