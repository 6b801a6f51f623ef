"""The small form server of the simulated city: it makes up a run of its form and reports it to the data interface."""

import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from flask import Blueprint, current_app, render_template

from tracker.simulation.attempt import Beat, walk
from tracker.simulation.chance import seeded
from tracker.simulation.city import SERVICES
from tracker.simulation.forms import RENEWAL
from tracker.simulation.formserver import TOKEN_FILE
from tracker.simulation.journey import REMOTE

PAGE = "formularserver"
ADDRESS = "/api/v1/events"
PATIENCE = 5  # s
PROPERTIES = ("form", "step", "error", "field", "auth", "assurance", "payment", "payment_status")

blueprint = Blueprint("city_form_server", __name__)
_SERVICE = next(row for row in SERVICES if row.slug == REMOTE)


@blueprint.get(f"{_SERVICE.path}/{PAGE}")
def form_server() -> str:
    """What the form server is, and a button that makes it work."""
    return render_template("demo/server.html", service=_SERVICE, form=RENEWAL.slug, sent=None)


@blueprint.post(f"{_SERVICE.path}/{PAGE}")
def simulated() -> str:
    """One run is made up and reported; the page shows what was sent and what was answered."""
    items = run(current_app.config["SITE"], secrets.token_urlsafe(12))
    status, answer = deliver(items)
    sent = "\n".join(json.dumps(item, ensure_ascii=False) for item in items)
    known: dict[str, Any] = {"items": items, "sent": sent, "status": status, "answer": answer}
    return render_template("demo/server.html", service=_SERVICE, form=RENEWAL.slug, **known)


def run(site: str, attempt: str) -> list[dict[str, Any]]:
    """The items of one run that has just ended or been given up, each with its time."""
    beats = list(walk(seeded(attempt), RENEWAL, False))
    time = datetime.now(UTC) - timedelta(seconds=sum(beat.seconds for beat in beats))
    return list(_items(site, attempt, beats, time))


def _items(site: str, attempt: str, beats: list[Beat], time: datetime) -> Iterator[dict[str, Any]]:
    for beat in beats:
        message = beat.message
        told = {name: getattr(message, name) for name in PROPERTIES if getattr(message, name)}
        item = {"k": "step", "s": site, "attempt": attempt, "time": time.isoformat(timespec="seconds"), "p": told}
        yield {**item, "k": "outcome", "n": message.outcome} if message.outcome else item
        time += timedelta(seconds=beat.seconds)


def deliver(items: list[dict[str, Any]]) -> tuple[int, str]:
    """Post a batch as any form server would; the status, 0 when nobody answered, and the answer."""
    secret = (Path(current_app.config["DATA"]) / TOKEN_FILE).read_text().strip()
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    headers["Idempotency-Key"] = items[0]["attempt"]
    body = json.dumps({"items": items}).encode()
    request = Request(current_app.config["BASE_URL"] + ADDRESS, body, headers, method="POST")  # noqa: S310 - ours
    try:
        with urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - an http address of this installation
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()
    except (URLError, HTTPException, TimeoutError) as error:
        return 0, str(error)
