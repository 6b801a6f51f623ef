"""The data interface for programs, under /api/v1. Whoever calls shows a token; cookies count for nothing."""

import re
from importlib.resources import files

import msgspec
from flask import Blueprint, Response, abort, request

from admin.access import current_token, worker, writable
from tracker.record import encode
from tracker.server_events import Batch, Refusal, parse_items, records_of
from tracker.store.deliveries import Deliveries

BODY_LIMIT = 2 * 1024 * 1024  # bytes
KEY = re.compile(r"[!-~]{1,200}")
JSON = "application/json"
DESCRIPTION = files("admin").joinpath("openapi.json").read_bytes()

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


class Answer(msgspec.Struct, frozen=True):
    """What became of a batch."""

    accepted: int
    refused: list[Refusal]


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The description of this interface."""
    return Response(DESCRIPTION, mimetype=JSON)


@blueprint.post("/events")
def events() -> Response:
    """Take a batch of a form server: what is accepted is in the journal. A repeated key gets the first answer."""
    now = worker().clock()
    if not worker().limiter.allows(f"token {current_token().id}", now):
        abort(429)
    key, body = _key(), _body()
    items = parse_items(body)
    if not key:
        return _answer(_take(items, int(now * 1000)))
    deliveries = Deliveries(writable(), current_token().id)
    delivery = deliveries.begin(key, body, int(now * 1000))
    if not delivery.is_same:
        abort(422, "key_reused")
    if delivery.answer is not None:
        return _answer(delivery.answer, replayed=True)
    answer = _take(items, delivery.received, delivery.series)
    deliveries.finish(key, answer)
    return _answer(answer)


def _key() -> str:
    """The Idempotency-Key; "" if there is none."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return ""
    if not KEY.fullmatch(key):
        abort(400, "key_form")
    return key


def _body() -> bytes:
    if request.mimetype != JSON:
        abort(415)
    request.max_content_length = BODY_LIMIT
    return request.get_data(cache=False)


def _take(items: list[msgspec.Raw], received: int, series: str = "") -> bytes:
    """Write what can be counted to the journal, in one piece; the answer. Raises JournalError."""
    batch = Batch(current_token().municipality_id, worker().sites, received, series)
    records, refusals = records_of(items, batch)
    if records:
        worker().journal.append(b"".join(map(encode, records)))
    counts = worker().counters.beacons
    counts["202", "form_server"] += len(records)
    for refusal in refusals:
        counts["400", f"form_server_{refusal.reason}"] += 1
    return msgspec.json.encode(Answer(len(records), refusals))


def _answer(answer: bytes, replayed: bool = False) -> Response:
    headers = {"Idempotency-Replayed": "true"} if replayed else {}
    return Response(answer, 202, headers, mimetype=JSON)
