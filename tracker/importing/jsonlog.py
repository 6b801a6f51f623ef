"""JSON access logs, one object a line, under the key names that nginx, Apache, Caddy and Traefik are set up with.

nginx and Apache have no fixed names: those here are the variables' own and the usual ones of published set-ups. Caddy
nests (`request.headers.User-Agent`), Traefik prefixes (`request_User-Agent`). Case does not matter.
"""

import re
from typing import Final

import msgspec

from tracker.importing.line import Broken, Line, any_time, as_host, as_url, split_request

# What we need → the keys that hold it, the most trustworthy first.
KEYS: Final[dict[str, tuple[str, ...]]] = {
    "time": (
        "time_iso8601", "startutc", "@timestamp", "timestamp", "msec", "ts", "time_local", "time", "datetime", "date",
    ),
    "address": (
        "request.client_ip", "client_ip", "clientip", "request.remote_ip", "request.remote_addr", "remote_addr",
        "remote_ip", "remoteip", "clienthost", "remote_host", "remotehost", "client", "ip",
    ),
    "host": ("request.host", "http_host", "requesthost", "vhost", "host", "server_name", "virtualhost"),
    "request": ("request", "request_line", "requestline"),
    "method": ("request.method", "request_method", "requestmethod", "http_method", "method", "verb"),
    "url": ("request.uri", "request_uri", "requesturi", "requestpath", "uri", "url", "request_path", "path"),
    "query": ("query_string", "querystring", "args", "query"),
    "status": ("downstreamstatus", "status", "status_code", "statuscode", "response", "response.status", "code"),
    "size": (
        "downstreamcontentsize", "body_bytes_sent", "bytes_sent", "bytessent", "size", "bytes", "response_size",
    ),
}  # fmt: skip
HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "HTTP_USER_AGENT": ("http_user_agent", "user_agent", "useragent", "agent"),
    "HTTP_REFERER": ("http_referer", "http_referrer", "referer", "referrer"),
    "HTTP_ACCEPT_LANGUAGE": ("http_accept_language", "accept_language"),
    "HTTP_X_FORWARDED_FOR": ("http_x_forwarded_for", "x_forwarded_for"),
    "HTTP_DNT": ("http_dnt", "dnt"),
    "HTTP_SEC_GPC": ("http_sec_gpc", "sec_gpc"),
    "HTTP_SEC_PURPOSE": ("http_sec_purpose", "sec_purpose"),
    "HTTP_PURPOSE": ("http_purpose",),
    "HTTP_X_MOZ": ("http_x_moz",),
}
NESTING: Final = 4
NGINX_ESCAPE: Final = re.compile(rb"\\x([0-9a-fA-F]{2})")  # of nginx's escape=default, which is not JSON

Fields = dict[str, str | int | float]
_decoder = msgspec.json.Decoder(dict[str, object])


def parse_json(line: bytes) -> Line | Broken:
    """The request of one JSON object."""
    try:
        fields = _fields(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Broken("this is no JSON object")
    time = next((found for key in KEYS["time"] if (found := any_time(fields.get(key))) is not None), None)
    if time is None:
        return Broken("it has no time that can be read")
    method, url = _request(fields)
    status, address = _number(_get(fields, "status")), str(_get(fields, "address"))
    for missing, name in ((not method, "request"), (not 100 <= status <= 999, "status"), (not address, "address")):
        if missing:
            return Broken(f"it has no {name}")
    environ = {"REMOTE_ADDR": address, **_headers(fields)}
    return Line(time, as_host(str(_get(fields, "host"))), method, url, status, _number(_get(fields, "size")), environ)


def _fields(line: bytes) -> Fields:
    if not line.lstrip().startswith(b"{"):
        raise msgspec.DecodeError("no object")
    try:
        row = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        row = _decoder.decode(_repaired(line))
    fields: Fields = {}
    _flatten(row, "", fields, NESTING)
    return fields


def _repaired(line: bytes) -> bytes:
    """The line with nginx's own escapes and broken UTF-8 made JSON."""
    text = NGINX_ESCAPE.sub(_unescaped, line)
    return text.decode("utf-8", "replace").encode()


def _unescaped(match: re.Match[bytes]) -> bytes:
    byte = bytes.fromhex(match[1].decode())
    return b"\\u00" + match[1] if byte < b" " or byte in b'"\\' else byte


def _flatten(row: dict[str, object], prefix: str, fields: Fields, depth: int) -> None:
    """Nested objects under names with dots; of a list its first item, as headers are lists in Caddy's logs."""
    for name, value in row.items():
        key = prefix + str(name).lower()
        first = value[0] if isinstance(value, list) and value else value
        if isinstance(first, dict) and depth:
            _flatten(first, key + ".", fields, depth - 1)
        if isinstance(first, str | int | float) and not isinstance(first, bool):
            fields.setdefault(key, first)


def _get(fields: Fields, name: str) -> str | int | float:
    return next((fields[key] for key in KEYS[name] if key in fields and fields[key] not in ("", "-")), "")


def _request(fields: Fields) -> tuple[str, str]:
    """(method, url): from the whole request line, or from its parts."""
    line = _bytes(_get(fields, "request"))
    method, url = split_request(line)
    if method:
        return method, url
    path = _bytes(_get(fields, "url")) or (line if line.startswith(b"/") else b"")
    query = _bytes(_get(fields, "query")).removeprefix(b"?")
    if query and b"?" not in path:
        path += b"?" + query
    return (str(_get(fields, "method")), as_url(path)) if path else ("", "")


def _bytes(value: str | float) -> bytes:
    return str(value).encode("utf-8", "replace")


def _number(value: str | float) -> int:
    try:
        return max(0, int(float(value or 0)))
    except (ValueError, OverflowError):
        return 0


def _headers(fields: Fields) -> dict[str, str]:
    """The headers that the log tells, as WSGI would give them (bytes read as Latin-1); "-" stands for none."""
    found = {}
    for header, names in HEADERS.items():
        dashed = header.removeprefix("HTTP_").replace("_", "-").lower()
        for key in (*names, f"request.headers.{dashed}", f"request_{dashed}", f"headers.{dashed}"):
            if key in fields:
                text = "" if fields[key] == "-" else str(fields[key])
                found[header] = text.encode("utf-8", "replace").decode("latin-1")
                break
    if "HTTP_REFERER" in found:
        found["HTTP_REFERER"] = as_url(found["HTTP_REFERER"].encode("latin-1"))
    return found
