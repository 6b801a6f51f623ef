"""What every access log tells about one request, whatever its format."""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final, NamedTuple

EARLIEST: Final = 631_152_000_000  # ms; there was no web before 1990
LATEST: Final = 32_503_680_000_000  # ms; the year 3000
MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), start=1
    )
}
CLF_TIME: Final = re.compile(
    r"(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? ([+-])(\d\d)(\d\d)", re.ASCII
)
UNSAFE: Final = re.compile(rb"[^\x21-\x7e]")


class Broken(NamedTuple):
    """A line that cannot be read; the reason names no content, because that may be personal."""

    reason: str


class Line(NamedTuple):
    """One request. `environ` holds its headers and REMOTE_ADDR under the names that WSGI gives them.

    Without HTTP_USER_AGENT the log does not tell user-agents at all.
    """

    time: int  # ms since 1970, UTC
    host: str  # the site that was asked, in lower case and without port; "" if the log does not tell
    method: str  # "" if the request was none
    url: str  # path and query, or an absolute URL; printable ASCII
    status: int
    size: int  # bytes sent
    environ: dict[str, str]


def split_request(request: bytes) -> tuple[str, str]:
    """(method, url) of a request line; ("", "") for what is none, such as the first bytes of a TLS handshake."""
    method, _, rest = request.partition(b" ")
    if not method.isalpha() or not method.isascii() or not rest:
        return "", ""
    url, _, protocol = rest.rpartition(b" ")
    if not protocol.startswith(b"HTTP/"):
        url = rest
    return method.decode("ascii"), as_url(url)


def as_url(raw: bytes) -> str:
    """The address as a browser would show it in `location.href`: everything but printable ASCII percent-encoded."""
    return UNSAFE.sub(lambda match: b"%%%02X" % match[0][0], raw).decode("ascii")


def as_host(text: str) -> str:
    """A host name without port and final dot, in lower case; "" for "-" and "_", which stand for none."""
    name = text.lower()
    if not name.startswith("["):
        name = name.partition(":")[0]
    return name.rstrip(".") if name not in ("-", "_") else ""


def clf_time(text: str) -> int | None:
    """The instant in ms of `17/May/2015:10:05:03 +0000`; None if it is none."""
    found = CLF_TIME.fullmatch(text)
    if not found or found[2] not in MONTHS:
        return None
    offset = timedelta(hours=int(found[9]), minutes=int(found[10]))
    try:
        zone = timezone(-offset if found[8] == "-" else offset)
        second = min(int(found[6]), 59) if found[6] == "60" else int(found[6])  # a leap second
        day = (int(found[3]), MONTHS[found[2]], int(found[1]))
        moment = datetime(*day, int(found[4]), int(found[5]), second, tzinfo=zone)
    except ValueError:
        return None
    return _sane(int(moment.timestamp()) * 1000 + int((found[7] or "0").ljust(3, "0")[:3]))


def any_time(value: object) -> int | None:
    """The instant in ms of what JSON logs hold: ISO 8601 (UTC if it names no zone), the format of common logs, or
    a number of seconds, milliseconds, microseconds or nanoseconds since 1970; None if it is none."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number_time(value)
    if not isinstance(value, str):
        return None
    text = value.strip("[] ")
    return clf_time(text) or _iso_time(text) or _text_time(text)


def _iso_time(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text) if "-" in text[:8] else None
        if moment is None:
            return None
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return _sane((aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1))
    except (ValueError, OverflowError):
        return None


def _text_time(text: str) -> int | None:
    return _number_time(float(text)) if re.fullmatch(r"\d{9,19}(\.\d{1,9})?", text, re.ASCII) else None


def _number_time(value: float) -> int | None:
    if not 0 < value < 1e19:
        return None
    for limit, factor in ((1e11, 1000), (1e14, 1), (1e17, 1e-3)):
        if value < limit:
            return _sane(round(value * factor))
    return _sane(round(value / 1e6))


def _sane(ms: int) -> int | None:
    return ms if EARLIEST <= ms < LATEST else None
