"""How long the page of a site takes over a year: GET /admin/sites/<host> through the whole application, signed in."""

import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

from flask.testing import FlaskClient

from admin import create_app
from bench.beacons import HOST
from bench.fill import DAYS, FIRST, LARGE, QUICK, SMALL, Size, filled
from bench.table import Row, at_most, say
from tracker.config import Config
from tracker.store import open_store
from tracker.store.accounts import Accounts

TARGETS = ((SMALL, 0.3), (LARGE, 0.5))
REPEATED = 7
RANGES = (  # what, first and last day
    ("calendar year", FIRST.replace(FIRST.year + 1, 1, 1), FIRST.replace(FIRST.year + 1, 12, 31)),
    ("365 days", FIRST, FIRST + timedelta(DAYS - 1)),
)


def rows(build: Path, quick: bool) -> Iterator[Row]:
    """The rows of this part; `build` is a directory for what is made on the way."""
    for size, target in ((QUICK, 0.3),) if quick else TARGETS:
        client = signed_in(filled(build, size))
        for what, start, end in RANGES:
            say(f"dashboard: {what} at {size.views:,} views")
            taken = _seconds(client, urlencode({"period": "custom", "from": start, "to": end}))
            yield at_most(_name(what, size), statistics.median(taken), target, "s", digits=3)


def _name(what: str, size: Size) -> str:
    return f"dashboard: {what}, {size.views:,} views, {size.paths:,} pages"


def signed_in(config: Config) -> FlaskClient:
    """A client with a session of the first account."""
    store = open_store(config.database)
    accounts = Accounts(store.connection)
    token = accounts.begin_session(accounts.all()[0])
    store.close()
    client = create_app(config, background=False).test_client()
    client.set_cookie("zw_session", token, path="/admin")
    return client


def _seconds(client: FlaskClient, query: str) -> list[float]:
    """What some requests took, without the first."""
    taken = []
    for _ in range(REPEATED + 1):
        begun = time.perf_counter()
        answer = client.get(f"/admin/sites/{HOST}?{query}")
        taken.append(time.perf_counter() - begun)
        if answer.status_code != 200:
            raise SystemExit(f"The dashboard answered {answer.status}.")
    return taken[1:]
