"""`POST /feedback`: what the widget and programs send, as one JSON object. docs/feedback.md explains the format."""

import json
import re
from typing import Annotated, Any

import msgspec
from flask import Blueprint, Response, request
from msgspec import Meta
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from tracker.feedback.intake import Refused, Submission, Taken, take
from tracker.worker import Worker

BODY_LIMIT = 16 * 1024  # bytes
RETRY_AFTER = {"rate": "60", "busy": "5"}  # s
Short = Annotated[str, Meta(max_length=300)]
_HEADERS = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "content-type",
    "Access-Control-Max-Age": "86400",
}


class _Message(msgspec.Struct, frozen=True):
    """The body; unknown keys are ignored, so that an older server understands a newer widget."""

    s: Annotated[str, Meta(min_length=1, max_length=253)]
    v: Short = ""
    c: Short = ""
    u: str = ""
    r: int | None = None
    f: Short = ""
    t: str = ""
    m: Short = ""
    l: Short = ""  # noqa: E741 - the key of the format
    d: Annotated[dict[Short, int], Meta(max_length=30)] = msgspec.field(default_factory=dict)
    w: float = 0
    h: str = ""
    i: Short = ""


_HALF = re.compile(rb"\\ud[89a-f]", re.IGNORECASE)
_decoder = msgspec.json.Decoder(_Message)


def feedback_intake(worker: Worker) -> Blueprint:
    """The route, for one worker."""
    blueprint = Blueprint("feedback_intake", __name__)

    @blueprint.route("/feedback", methods=["POST", "OPTIONS"], provide_automatic_options=False)
    def feedback() -> Response:
        if request.method == "OPTIONS":
            return Response(status=204, headers={**_HEADERS, **_PREFLIGHT})
        try:
            return _taken(take(_submission(), request.environ, worker))
        except Refused as refusal:
            return _refused(refusal)

    return blueprint


def _submission() -> Submission:
    message = _message()
    return Submission(
        site=message.s,
        service=message.v,
        category=message.c,
        page=message.u,
        rating=message.r,
        found=message.f,
        text=message.t,
        moment=message.m,
        language=message.l,
        details=message.d,
        waited=int(min(max(message.w, 0), 1e9)),
        honeypot=message.h,
        token=message.i,
    )


def _message() -> _Message:
    request.max_content_length = BODY_LIMIT
    try:
        return _decoder.decode(_well_formed(request.get_data(cache=False)))
    except RequestEntityTooLarge as error:
        raise Refused("too_long") from error
    except (HTTPException, OSError) as error:  # the sender went away, or sent broken chunks
        raise Refused("invalid", "the message did not arrive whole") from error
    except (ValueError, RecursionError) as error:
        raise Refused("invalid", f"no valid feedback: {error}") from error


def _well_formed(body: bytes) -> bytes:
    """The body without halves of characters, which browsers send where a text was cut within an emoji."""
    if not _HALF.search(body):
        return body
    return json.dumps(json.loads(body), ensure_ascii=False).encode(errors="replace")


def _taken(taken: Taken) -> Response:
    return _answer("201 Created", {"receipt": taken.receipt, "masked": taken.masked, "text": taken.text})


def _refused(refusal: Refused) -> Response:
    if refusal.status.startswith("202"):
        return Response(status=refusal.status, headers={**_HEADERS, "X-Zaehlwerk-Dropped": refusal.reason})
    answer = _answer(refusal.status, {"error": refusal.reason, "message": str(refusal)})
    if refusal.reason in RETRY_AFTER:
        answer.headers["Retry-After"] = RETRY_AFTER[refusal.reason]
    return answer


def _answer(status: str, value: dict[str, Any]) -> Response:
    return Response(json.dumps(value), status, _HEADERS, mimetype="application/json")
