"""The take-out of a municipality at the push of a button, and how it is deleted; for operators."""

import tempfile
import time

from flask import Blueprint, Response, render_template, send_file

from admin.access import config
from admin.services import services_of, sites_of, town_of
from tracker.takeout import write_takeout

blueprint = Blueprint("takeout", __name__, url_prefix="/admin/takeout")


@blueprint.get("/<ars>")
def index(ars: str) -> str:
    """What a take-out holds, a button that makes one, and the command that deletes the municipality."""
    town = town_of(ars)
    return render_template(
        "takeout.html",
        town=town,
        sites=sites_of(town),
        services=len(services_of(town)),
        data=config().data,
        days=config().facts_days,
    )


@blueprint.post("/<ars>")
def download(ars: str) -> Response:
    """The archive. It is made in a file without a name, so that nothing of it stays, whatever happens."""
    town = town_of(ars)
    file = tempfile.TemporaryFile(dir=config().data)  # noqa: SIM115 - closed when the answer is sent
    try:
        write_takeout(config(), town.ars, file, time.time())
        file.seek(0)
        name = f"zaehlwerk-{town.ars}-{time.strftime('%Y-%m-%d', time.gmtime())}.zip"
        return send_file(file, "application/zip", as_attachment=True, download_name=name)
    except BaseException:
        file.close()
        raise
