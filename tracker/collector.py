"""The hot path: a bare WSGI callable around the application, which takes the beacons and passes on everything else.

It never raises to the visitor, never touches the database, and says why it refused. What it acknowledges with 202 is in
the journal. Measured against an ordinary Flask view in bench/collector.py.
"""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from tracker.address import host_of
from tracker.anonymise import HEADER_STEPS, Draft, Drop, anonymise
from tracker.beacon import BODY_LIMIT, Beacon, parse_body, parse_query
from tracker.errors import BeaconError, JournalError
from tracker.logs import log, log_fault
from tracker.peer import client_address
from tracker.record import BOT, encode
from tracker.worker import Counted, Worker

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

GIF = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,"
    b"\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
KEPT = "202 Accepted"
_METHODS = {"/beacon": "POST", "/beacon.gif": "GET"}
Headers = list[tuple[str, str]]
_COMMON: Headers = [("Access-Control-Allow-Origin", "*"), ("Cache-Control", "no-store")]
_EMPTY: Headers = [*_COMMON, ("Content-Length", "0")]
_PICTURE: Headers = [*_COMMON, ("Content-Type", "image/gif"), ("Content-Length", str(len(GIF)))]
_PREFLIGHT: Headers = [
    *_EMPTY,
    ("Access-Control-Allow-Methods", "POST, GET"),
    ("Access-Control-Allow-Headers", "content-type"),
    ("Access-Control-Max-Age", "86400"),
]


class Collector:
    """Answers /beacon and /beacon.gif; `application` answers the rest."""

    def __init__(self, application: "WSGIApplication", worker: Worker) -> None:
        self._application = application
        self._worker = worker
        self._counts = worker.counters.beacons

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path in _METHODS:
            answer = self._answer(environ, start_response, _METHODS[path])
            return () if environ["REQUEST_METHOD"] == "HEAD" else answer
        self._worker.ensure_started()
        return self._application(environ, start_response)

    def _answer(self, environ: "WSGIEnvironment", start_response: "StartResponse", method: str) -> Iterable[bytes]:
        """Take a beacon and answer; every outcome is counted by status and reason."""
        self._worker.ensure_started()
        picture = method == "GET"
        try:
            drop = self._take(environ, method)
        except BeaconError as error:
            self._counts[error.status[:3], _kind_of(error)] += 1
            return _refuse(start_response, error)
        except (JournalError, OSError) as error:
            self._counts["503", "journal"] += 1
            log("journal_failed", level="error", error=str(error))
            return _refuse(
                start_response, BeaconError("try again soon", "503 Service Unavailable"), ("Retry-After", "5")
            )
        except Exception as error:  # noqa: BLE001 - a server would log it with the whole address that was asked for
            self._counts["500", "fault"] += 1
            log_fault("collector_failed", error)
            return _refuse(start_response, BeaconError("a fault of ours", "500 Internal Server Error"))
        self._counts["202", drop.reason if drop else "kept"] += 1
        headers = _PICTURE if picture else _EMPTY
        if drop:
            headers = [*headers, ("X-Zaehlwerk-Dropped", drop.reason)]
        start_response(KEPT, headers)
        return (GIF,) if picture else ()

    def _take(self, environ: "WSGIEnvironment", method: str) -> Drop | None:
        """Check, anonymise and write one beacon, the cheapest checks first; the reason if it is not counted."""
        worker, config = self._worker, self._worker.config
        _check_method(environ, method)
        now = worker.clock()
        address = client_address(environ, config.trusted_proxies)
        if not worker.limiter.allows(address, now):
            raise BeaconError("too many messages from this address", "429 Too Many Requests")
        for step in HEADER_STEPS:
            if (drop := step(environ, address, config)) is not None:
                return drop
        beacon = _beacon(environ, method)
        counted = worker.sites.get(beacon.s.lower())
        if counted is None:
            raise BeaconError(f"the site {beacon.s[:100]} is not registered here", "404 Not Found")
        _check_origin(environ.get("HTTP_ORIGIN"), counted)
        draft = Draft(
            beacon, counted.site, counted.key, int(now * 1000), address, environ, worker.country, worker.client
        )
        record = anonymise(draft)
        if isinstance(record, Drop):
            return record
        worker.journal.append(encode(record))
        return Drop("bot") if record.kind == BOT else None


def _check_method(environ: "WSGIEnvironment", method: str) -> None:
    asked = environ["REQUEST_METHOD"]
    if asked == method:
        return
    status = "204 No Content" if asked == "OPTIONS" else "405 Method Not Allowed"
    raise BeaconError(f"use {method}", status)


def _beacon(environ: "WSGIEnvironment", method: str) -> Beacon:
    if method == "GET":
        return parse_query(environ.get("QUERY_STRING", ""), environ.get("HTTP_REFERER", ""))
    length = environ.get("CONTENT_LENGTH") or ""
    if length.isdecimal() and (len(length) > 9 or int(length) > BODY_LIMIT):
        raise BeaconError("the message is over 8 KiB", "413 Content Too Large")
    try:
        body = environ["wsgi.input"].read(int(length) if length.isdecimal() else BODY_LIMIT + 1)
    except OSError as error:  # the sender went away or sent broken chunks; what it sent belongs into no log
        raise BeaconError("the message did not arrive whole") from error
    return parse_body(body)


def _check_origin(origin: str | None, counted: Counted) -> None:
    """A browser's Origin must be the site's; other senders have none."""
    site = counted.site
    if origin is None or origin == f"https://{site.host}" or site.owns(host_of(origin)):
        return
    raise BeaconError(f"the Origin does not belong to the site {site.host}")


def _kind_of(error: BeaconError) -> str:
    """The label under which a refusal is counted: never the sender's own words."""
    return error.status[4:].lower().replace(" ", "_")


def _refuse(start_response: "StartResponse", error: BeaconError, *more: tuple[str, str]) -> Iterable[bytes]:
    if error.status.startswith("204"):
        start_response(error.status, _PREFLIGHT)
        return ()
    body: bytes = _json({"error": error.reason})
    headers = [*_COMMON, ("Content-Type", "application/json"), ("Content-Length", str(len(body))), *more]
    start_response(error.status, headers)
    return (body,)


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
