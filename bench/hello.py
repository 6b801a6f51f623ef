"""The least a WSGI callable can do for a beacon: read the body and answer 202."""

from collections.abc import Iterable
from typing import Any

HEADERS = [("Access-Control-Allow-Origin", "*"), ("Cache-Control", "no-store"), ("Content-Length", "0")]


def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Acknowledge anything."""
    environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    start_response("202 Accepted", HEADERS)
    return ()
