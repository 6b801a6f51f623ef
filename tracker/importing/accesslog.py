"""Lines of access logs → requests. Pure: no I/O. The formats are rows of a table; a file's format is found by trying.

Sources of the formats: Apache's LogFormat nicknames `common`, `combined`, `vhost_common` and `vhost_combined`
(mod_log_config), nginx's `combined` and its packaged `main`, which appends "$http_x_forwarded_for".
"""

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

from tracker.importing.jsonlog import parse_json
from tracker.importing.line import Broken, Line, as_host, as_url, clf_time, split_request

VHOST: Final = rb"(?P<host>\[[0-9a-fA-F:.]+\](?::\d+)?|[\w.-]+(?::\d+)?) (?=[\w.:%-]*[.:])"
QUOTED: Final = rb'"(?P<%s>[^"\\]*(?:\\.[^"\\]*)*)"'
COMMON: Final = (
    rb"(?P<address>\S+) \S+ (?P<user>.*?) \[(?P<time>[^\]]{20,40})\] "
    + QUOTED % b"request"
    + rb" (?P<status>\d{3}) (?P<size>\d{1,18}|-)"
)
COMBINED: Final = b" " + QUOTED % b"referrer" + b" " + QUOTED % b"user_agent" + rb"(?: " + QUOTED % b"forwarded" + b")?"
REST: Final = rb"(?:[ \t].*)?"  # what an operator appended: times, cookies, upstream servers
ESCAPE: Final = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|(.))", re.DOTALL)
ESCAPED: Final = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"b": b"\b", b"v": b"\v", b"f": b"\f"}
NOT_A_LINE: Final = Broken("this is no line of an access log")


class Format(NamedTuple):
    """One kind of access log."""

    name: str
    parse: Callable[[bytes], Line | Broken]


def _parse(pattern: re.Pattern[bytes], line: bytes) -> Line | Broken:
    found = pattern.fullmatch(line)
    if found is None:
        return NOT_A_LINE
    fields = found.groupdict()
    time = clf_time(fields["time"].decode("latin-1"))
    if time is None:
        return Broken("its time cannot be read")
    method, url = split_request(_plain(fields["request"]))
    host = as_host(fields.get("host", b"").decode("latin-1"))
    size = int(fields["size"]) if fields["size"] != b"-" else 0
    return Line(time, host, method, url, int(fields["status"]), size, _environ(fields))


def _environ(fields: dict[str, bytes]) -> dict[str, str]:
    environ = {"REMOTE_ADDR": fields["address"].decode("latin-1")}
    if "user_agent" in fields:
        environ["HTTP_USER_AGENT"] = _header(fields["user_agent"]).decode("latin-1")
        environ["HTTP_REFERER"] = as_url(_header(fields["referrer"]))
    if fields.get("forwarded"):
        environ["HTTP_X_FORWARDED_FOR"] = _header(fields["forwarded"]).decode("latin-1")
    return environ


def _header(raw: bytes) -> bytes:
    return b"" if raw == b"-" else _plain(raw)


def _plain(raw: bytes) -> bytes:
    """Take back what Apache and nginx escape: \\" and \\\\ and \\x22."""
    return ESCAPE.sub(_unescaped, raw) if b"\\" in raw else raw


def _unescaped(match: re.Match[bytes]) -> bytes:
    return bytes.fromhex(match[1].decode()) if match[1] else ESCAPED.get(match[2], match[2])


def _format(name: str, pattern: bytes) -> Format:
    return Format(name, partial(_parse, re.compile(pattern, re.DOTALL)))


# In this order: a line with a host in front also looks like one whose user name has a space in it.
FORMATS: Final = (
    Format("json", parse_json),
    _format("vhost-combined", VHOST + COMMON + COMBINED + REST),
    _format("vhost-common", VHOST + COMMON),
    _format("combined", COMMON + COMBINED + REST),
    _format("common", COMMON),
)


def detect(lines: Sequence[bytes]) -> Format | None:
    """The format that most of `lines` have; None if none of them can be read."""
    readable = [sum(isinstance(row.parse(line), Line) for line in lines) for row in FORMATS]
    most = max(readable)
    return FORMATS[readable.index(most)] if most else None
