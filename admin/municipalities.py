"""The municipalities: a new one."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from admin.access import writable
from admin.i18n import t
from tracker.errors import ConfigError
from tracker.store.catalogue import Catalogue, check_ars

blueprint = Blueprint("municipalities", __name__, url_prefix="/admin/municipalities")


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> Response | str | tuple[str, int]:
    """Add a municipality; then its first site."""
    if request.method != "POST":
        return render_template("municipalities_new.html", form={}, errors={})
    form = {name: request.form.get(name, "").strip() for name in ("name", "ars")}
    errors = _errors(form)
    if errors:
        return render_template("municipalities_new.html", form=form, errors=errors), 400
    town = Catalogue(writable()).add_municipality(form["name"], form["ars"])
    return redirect(url_for("sites.new", municipality=town.ars, done="municipality_added"), 303)


def _errors(form: dict[str, str]) -> dict[str, str]:
    errors = {}
    if not 1 <= len(form["name"]) <= 200:
        errors["name"] = t("municipalities.error_name")
    try:
        ars = check_ars(form["ars"])
    except ConfigError:
        errors["ars"] = t("municipalities.error_ars")
    else:
        if any(town.ars == ars for town in Catalogue(writable()).municipalities()):
            errors["ars"] = t("municipalities.error_ars_exists", ars=ars)
    return errors
