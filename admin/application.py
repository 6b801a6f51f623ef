"""The whole web application: its parts, its pages, and what stands before them."""

import time
from collections.abc import Callable
from importlib.resources import files

from flask import Flask
from jinja2 import StrictUndefined

from admin import (
    access,
    accounts,
    annotations,
    answers,
    api,
    changes,
    dashboard,
    errors,
    feedback_page,
    feedback_receipt,
    feedback_setup,
    feedback_summary,
    feedback_topics,
    i18n,
    inbox,
    inbox_answers,
    inbox_bulk,
    inbox_files,
    log,
    municipalities,
    opendata_files,
    opendata_page,
    opt_out,
    privacy,
    requests,
    sdg,
    security,
    service_files,
    service_overview,
    service_quality,
    service_report,
    services,
    session,
    sites,
    takeout,
    tokens,
    transparency,
    usage,
    usage_api,
    usage_mapping,
    usage_zsk,
)
from admin.demo import City
from admin.security import Attempts
from tracker.collector import Collector
from tracker.config import Config
from tracker.feedback.endpoint import feedback_intake
from tracker.operation import operation
from tracker.worker import Worker

PARTS = (i18n, errors, security, access, changes)
PAGES = (
    session,
    sites,
    municipalities,
    services,
    service_quality,
    service_files,
    service_report,
    service_overview,
    annotations,
    usage,
    usage_mapping,
    usage_zsk,
    sdg,
    inbox,
    inbox_bulk,
    inbox_files,
    inbox_answers,
    answers,
    accounts,
    tokens,
    log,
    takeout,
    requests,
    feedback_summary,
    feedback_topics,
    feedback_setup,
    feedback_receipt,
    feedback_page,
    dashboard,
    transparency,
    opendata_files,
    opendata_page,
    opt_out,
    privacy,
    api,
    usage_api,
)
BODY_LIMIT = 64 * 1024  # bytes of a form


def create_app(config: Config, background: bool = True, clock: Callable[[], float] = time.time) -> Flask:
    """The web application of one data directory; `background`: with the duties of a worker, the loader among them.

    Raises StoreError when the data directory is not prepared.
    """
    app = Flask("admin", static_folder=str(files("zaehlwerk_static")), static_url_path="/static")
    app.config.update(ZAEHLWERK=config, MAX_CONTENT_LENGTH=BODY_LIMIT)
    app.extensions["attempts"] = Attempts()
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for part in PARTS:
        part.install(app)
    worker = app.extensions["worker"] = Worker(config, clock, nightly="admin.nightly")
    for blueprint in (operation(worker), feedback_intake(worker), *(page.blueprint for page in PAGES)):
        app.register_blueprint(blueprint)
    if config.simulated:
        app.wsgi_app = City(app.wsgi_app, config)  # type: ignore[method-assign]
    app.wsgi_app = Collector(app.wsgi_app, worker)  # type: ignore[method-assign]
    if background:
        worker.start()
    return app
