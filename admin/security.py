"""What every answer and every request under /admin must fulfil: headers, own host, own origin, token, few attempts."""

import secrets
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from threading import BoundedSemaphore
from urllib.parse import urlsplit

from flask import Flask, Response, request

from tracker.config import Config
from tracker.store.accounts import Session

CHECKS_AT_ONCE = 2  # of passwords, in one process: each takes 64 MB and all processors while the counting goes on
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "autoplay",
        "camera",
        "display-capture",
        "encrypted-media",
        "fullscreen",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "picture-in-picture",
        "publickey-credentials-get",
        "screen-wake-lock",
        "usb",
        "xr-spatial-tracking",
    )
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
}


def install(app: Flask) -> None:
    """Put the headers on every answer; never send anyone on to the Host that the request names."""
    app.url_map.merge_slashes = False
    app.after_request(add_headers)


def add_headers(response: Response) -> Response:
    """The security headers; a view that sets one itself keeps it."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if response.mimetype == "text/html":
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    if request.path.startswith("/admin"):
        response.headers["Cache-Control"] = "no-store"
    return response


def wants_json() -> bool:
    """Whether the answer should be JSON: the data interface, or a page script that asks for it."""
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json"


def is_own_host(config: Config) -> bool:
    """Whether the request was sent to the public address of this installation, or to this very machine."""
    return _host_name(request.host) in LOOPBACK | {_host_name(urlsplit(config.base_url).netloc)}


def _host_name(netloc: str) -> str:
    try:
        return (urlsplit(f"//{netloc}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_own_origin(config: Config) -> bool:
    """Whether a request that changes something was sent by one of our own pages, as far as the browser tells.

    Programs that are no browsers send neither header; nobody can make them act in a user's name.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    own = (urlsplit(config.base_url).netloc, request.host)
    return origin is None or origin.partition("://")[2] in own


def has_csrf_token(session: Session) -> bool:
    """Whether the form carries the token of the session."""
    return secrets.compare_digest(request.form.get("csrf", "").encode(), session.csrf.encode())


@dataclass(slots=True)
class Attempts:
    """Failed attempts by account and by address, in memory only and under a key that ends with the process.

    Known and unknown accounts count alike. Of too many entries the oldest go first.
    """

    window: int = 15 * 60  # s
    limits: dict[str, int] = field(default_factory=lambda: {"account": 30, "address": 10})
    capacity: int = 50_000
    checks: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(CHECKS_AT_ONCE))
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _failed: OrderedDict[bytes, tuple[int, float]] = field(default_factory=OrderedDict)

    def wait(self, who: Mapping[str, str], now: float | None = None) -> float:
        """For how many seconds nobody may try again for this "account" or from this "address"; 0 if one may."""
        now = time.monotonic() if now is None else now
        return max((self._wait(kind, value, now) for kind, value in who.items()), default=0.0)

    def _wait(self, kind: str, value: str, now: float) -> float:
        count, began = self._failed.get(self._name(kind, value), (0, now))
        return max(0.0, began + self.window - now) if count >= self.limits[kind] else 0.0

    def failed(self, who: Mapping[str, str], now: float | None = None) -> None:
        """Count a failed attempt."""
        now = time.monotonic() if now is None else now
        for kind, value in who.items():
            name = self._name(kind, value)
            count, began = self._failed.pop(name, (0, now))
            self._failed[name] = (1, now) if now - began >= self.window else (count + 1, began)
        while len(self._failed) > self.capacity:
            self._failed.popitem(last=False)

    def forget(self, kind: str, value: str) -> None:
        """Start anew after a success."""
        self._failed.pop(self._name(kind, value), None)

    def _name(self, kind: str, value: str) -> bytes:
        return blake2b(f"{kind}:{value.strip().lower()}".encode(), key=self._key, digest_size=16).digest()
