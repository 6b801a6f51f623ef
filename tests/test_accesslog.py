"""Lines of access logs, each format, and which requests count."""

import re
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tracker.importing.accesslog import FORMATS, detect
from tracker.importing.jsonlog import parse_json
from tracker.importing.line import Broken, Line, any_time, clf_time
from tracker.importing.selection import DOWNLOAD, MEANINGS, RULES, drop_reason, is_download
from tracker.store.catalogue import Site

BY_NAME = {row.name: row for row in FORMATS}
AT = 1_431_857_103_000  # 17 May 2015, 10:05:03 UTC
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
START = b'192.0.2.7 - - [17/May/2015:10:05:03 +0000] "GET /hund?a=1 HTTP/1.1" 200 512'
ENDING = b' "https://www.google.de/" "' + AGENT.encode() + b'"'
REQUEST = Line(AT, "", "GET", "/hund?a=1", 200, 512, {})
AT_HOST = REQUEST._replace(host="www.marburg.de")
CLIENT = {"REMOTE_ADDR": "192.0.2.7", "HTTP_USER_AGENT": AGENT, "HTTP_REFERER": "https://www.google.de/"}
SITE = Site(1, 1, "www.marburg.de", "visits", False, "", None, "Europe/Berlin")


def read(name: str, line: bytes) -> Line:
    found = BY_NAME[name].parse(line)
    assert isinstance(found, Line), found
    return found


@pytest.mark.parametrize(
    ("name", "line", "expected"),
    [
        ("common", START, REQUEST._replace(environ={"REMOTE_ADDR": "192.0.2.7"})),
        ("combined", START + ENDING, REQUEST._replace(environ=CLIENT)),
        ("vhost-combined", b"WWW.marburg.de:443 " + START + ENDING, AT_HOST._replace(environ=CLIENT)),
        ("vhost-combined", b"www.marburg.de " + START + ENDING, AT_HOST._replace(environ=CLIENT)),
        ("vhost-common", b"www.marburg.de:80 " + START, AT_HOST._replace(environ={"REMOTE_ADDR": "192.0.2.7"})),
    ],
)
def test_it_reads_each_format(name: str, line: bytes, expected: Line) -> None:
    assert read(name, line) == expected
    found = detect([line])
    assert found is not None
    assert found.name == name


JSON_LINES: dict[str, dict[str, object]] = {
    "nginx": {
        "time_iso8601": "2015-05-17T12:05:03+02:00", "remote_addr": "192.0.2.7", "request": "GET /hund?a=1 HTTP/2.0",
        "status": "200", "body_bytes_sent": "512", "http_referer": "https://www.google.de/", "http_user_agent": AGENT,
        "http_host": "www.marburg.de", "http_accept_language": "de,en;q=0.5",
    },
    "nginx with parts": {
        "msec": "1431857103.000", "client_ip": "192.0.2.7", "remote_addr": "10.0.0.1", "request_method": "GET",
        "uri": "/hund", "args": "a=1", "status": 200, "bytes_sent": 512, "referer": "https://www.google.de/",
        "user_agent": AGENT, "host": "www.marburg.de", "accept_language": "de,en;q=0.5",
    },
    "apache": {
        "time": "[17/May/2015:10:05:03 +0000]", "remoteIP": "192.0.2.7", "host": "www.marburg.de", "request": "/hund",
        "query": "?a=1", "method": "GET", "status": "200", "bytes": "512", "userAgent": AGENT,
        "referer": "https://www.google.de/", "Accept-Language": "de", "accept_language": "de,en;q=0.5",
    },
    "caddy": {
        "level": "info", "ts": 1431857103.0, "logger": "http.log.access", "msg": "handled request",
        "request": {
            "remote_ip": "10.0.0.1", "client_ip": "192.0.2.7", "proto": "HTTP/2.0", "method": "GET",
            "host": "www.marburg.de:443", "uri": "/hund?a=1",
            "headers": {
                "User-Agent": [AGENT], "Referer": ["https://www.google.de/"], "Accept-Language": ["de,en;q=0.5"],
            },
        },
        "bytes_read": 0, "duration": 0.001, "size": 512, "status": 200,
    },
    "traefik": {
        "ClientAddr": "192.0.2.7:4711", "ClientHost": "192.0.2.7", "DownstreamContentSize": 512,
        "DownstreamStatus": 200, "RequestHost": "www.marburg.de", "RequestMethod": "GET", "RequestPath": "/hund?a=1",
        "StartUTC": "2015-05-17T10:05:03.000000123Z", "request_User-Agent": AGENT,
        "request_Referer": "https://www.google.de/", "request_Accept-Language": "de,en;q=0.5",
        "time": "2015-05-17T10:05:04Z",
    },
}  # fmt: skip


@pytest.mark.parametrize("row", JSON_LINES.values(), ids=JSON_LINES.keys())
def test_it_reads_the_json_of(row: dict[str, object]) -> None:
    environ = {**CLIENT, "HTTP_ACCEPT_LANGUAGE": "de,en;q=0.5"}
    line = msgspec.json.encode(row)
    assert read("json", line) == REQUEST._replace(host="www.marburg.de", environ=environ)
    found = detect([line, line])
    assert found is not None
    assert found.name == "json"


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        ("time_iso8601", "it has no time that can be read"),
        ("request", "it has no request"),
        ("status", "it has no status"),
        ("remote_addr", "it has no address"),
    ],
)
def test_json_without_what_is_needed_is_broken(missing: str, reason: str) -> None:
    row = {key: value for key, value in JSON_LINES["nginx"].items() if key != missing}
    assert parse_json(msgspec.json.encode(row)) == Broken(reason)


def test_json_that_nginx_escaped_its_own_way_is_read() -> None:
    line = msgspec.json.encode(JSON_LINES["nginx"]).replace(b"/hund?", rb"/\xC3\xA4hund\x22?")
    assert read("json", line).url == '/%C3%A4hund"?a=1'


def test_a_log_without_user_agents_is_told_from_an_empty_user_agent() -> None:
    assert "HTTP_USER_AGENT" not in read("common", START).environ
    assert read("combined", START + b' "-" "-"').environ["HTTP_USER_AGENT"] == ""


@pytest.mark.parametrize(
    ("request_line", "method", "url"),
    [
        (rb"GET /a\"b HTTP/1.1", "GET", '/a"b'),
        (rb"GET /a\x22b HTTP/1.1", "GET", '/a"b'),
        (rb"GET /a\\b HTTP/1.1", "GET", "/a\\b"),
        (rb"GET /stra\xc3\x9fe HTTP/1.1", "GET", "/stra%C3%9Fe"),
        ("GET /straße HTTP/1.1".encode(), "GET", "/stra%C3%9Fe"),
        (b"GET /with space HTTP/1.1", "GET", "/with%20space"),
        (b"GET /old", "GET", "/old"),
        (b"GET http://other.example/x HTTP/1.1", "GET", "http://other.example/x"),
        (b"-", "", ""),
        (b"", "", ""),
        (rb"\x16\x03\x01\x02", "", ""),
    ],
)
def test_it_takes_back_what_servers_escape(request_line: bytes, method: str, url: str) -> None:
    line = read("combined", START.replace(b"GET /hund?a=1 HTTP/1.1", request_line) + ENDING)
    assert (line.method, line.url) == (method, url)


@pytest.mark.parametrize("address", ["2001:db8::7", "::ffff:192.0.2.7", "192.0.2.7", "kiosk.marburg.de"])
@pytest.mark.parametrize(("name", "prefix"), [("combined", b""), ("vhost-combined", b"[2001:db8::1]:443 ")])
def test_it_reads_every_kind_of_address(address: str, name: str, prefix: bytes) -> None:
    line = prefix + START.replace(b"192.0.2.7", address.encode()) + ENDING
    assert read(name, line).environ["REMOTE_ADDR"] == address
    assert detect([line]) == BY_NAME[name]


def test_it_reads_user_names_with_spaces_and_drops_them() -> None:
    line = START.replace(b"- - [", b"- Erika Mustermann [") + ENDING
    assert "Erika" not in str(read("combined", line))
    assert detect([line]) == BY_NAME["combined"]


def test_it_reads_what_nginx_appends_as_forwarded_for() -> None:
    line = read("combined", START + ENDING + b' "198.51.100.9" 0.003')
    assert line.environ["HTTP_X_FORWARDED_FOR"] == "198.51.100.9"


def test_it_reads_a_line_with_something_appended() -> None:
    assert read("combined", START + ENDING + b" 0.003 upstream=10.0.0.1").status == 200


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"#Fields: date time cs-uri",
        START[:60],
        START + ENDING[:-1],
        START.replace(b"May", b"Mai") + ENDING,
        START.replace(b"17/May", b"32/May") + ENDING,
        START.replace(b"2015", b"0001") + ENDING,
        b"{}",
        b"[1]",
        b'{"a":' * 2000,
        b"\x00\xff\xfe",
    ],
)
def test_a_broken_line_is_broken_in_every_format(line: bytes) -> None:
    assert [row.name for row in FORMATS if isinstance(row.parse(line), Line) and "common" not in row.name] == []
    assert all(isinstance(row.parse(line), Line | Broken) for row in FORMATS)


def test_the_reason_of_a_broken_line_does_not_quote_it() -> None:
    line = START.replace(b"17/May", b"99/May") + ENDING
    assert all("192.0.2.7" not in str(row.parse(line)) for row in FORMATS)


def test_most_lines_decide_about_the_format() -> None:
    combined = START + ENDING
    assert detect([b"garbage", combined, combined, START]) == BY_NAME["combined"]
    assert detect([b"garbage", b""]) is None


@pytest.mark.parametrize(
    "value",
    [
        "17/May/2015:12:05:03 +0200", "17/May/2015:10:05:03.000 +0000", "[17/May/2015:06:35:03 -0330]",
        "2015-05-17T10:05:03Z", "2015-05-17T10:05:03+00:00", "2015-05-17 10:05:03", "2015-05-17T10:05:03.0001Z",
        "1431857103", "1431857103.0", 1431857103, 1431857103.0, 1431857103000, 1431857103000000,
        1431857103000000000, "1431857103000",
    ],
)  # fmt: skip
def test_it_reads_every_kind_of_time(value: object) -> None:
    assert any_time(value) == AT


@pytest.mark.parametrize("value", ["", "yesterday", None, True, -1, 0, 1e30, float("inf"), float("nan"), "9" * 400, {}])
def test_what_is_no_time_is_none(value: object) -> None:
    assert any_time(value) is None


def test_a_leap_second_is_a_second() -> None:
    assert clf_time("30/Jun/2015:23:59:60 +0000") == clf_time("30/Jun/2015:23:59:59 +0000")


# Nothing makes the parser fail


@given(st.binary(max_size=400))
@example(b'1.2.3.4 - - [99/May/2015:99:99:99 +9999] "\\x" 200 -')
@example(b'{"time":1e400,"status":"1e400","request":"\\ud800"}')
def test_it_never_raises_whatever_the_bytes(line: bytes) -> None:
    for row in FORMATS:
        assert isinstance(row.parse(line), Line | Broken)


@given(st.lists(st.sampled_from([*START.split(b" "), *ENDING.split(b" "), b" ", b'"', b"\\", b"[", b"]", b"\xc3"])))
def test_it_never_raises_whatever_the_pieces(pieces: list[bytes]) -> None:
    for row in FORMATS:
        for line in (b" ".join(pieces), START + b"".join(pieces)):
            assert isinstance(row.parse(line), Line | Broken)


_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers(-(2**70), 2**70) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
_keys = st.sampled_from(sorted({key for row in JSON_LINES.values() for key in row}))


@given(st.dictionaries(_keys, _values, max_size=12))
def test_it_never_raises_whatever_the_json(row: dict[str, object]) -> None:
    assert isinstance(parse_json(msgspec.json.encode({**JSON_LINES["nginx"], **row})), Line | Broken)


@pytest.mark.parametrize(
    "line",
    [
        b"a b " + b" [x" * 20_000,
        b'a b c [17/May/2015:10:05:03 +0000] "' + b"\\" * 60_001,
        START + b' "' + b'" "' * 16_000,
        b"a." * 30_000,
        b"a. " * 20_000,
        START + ENDING + b' "' * 30_000,
    ],
)
def test_a_hostile_line_takes_no_longer_than_its_length(line: bytes) -> None:
    begun = time.perf_counter()
    for row in FORMATS:
        row.parse(line)
    assert time.perf_counter() - begun < 0.5


# What is written comes back

_path = st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
_moments = st.datetimes(datetime(1995, 1, 1), datetime(2100, 1, 1))
_offsets = st.integers(-14 * 60, 14 * 60)
_header = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=40).filter(
    lambda t: t != "-"
)
_address = st.ip_addresses().map(str)


def _escaped(text: str, hexadecimal: bool) -> bytes:
    raw = text.encode().replace(b"\\", b"\\x5C" if hexadecimal else b"\\\\")
    raw = raw.replace(b'"', b"\\x22" if hexadecimal else b'\\"')
    return re.sub(rb"[\x00-\x1f\x7f-\xff]", lambda found: b"\\x%02X" % found[0][0], raw)


@settings(max_examples=200)
@given(
    _moments, _offsets, _address, _path, st.integers(100, 599), st.integers(0, 10**12), _header, _header, st.booleans()
)
def test_what_a_server_writes_comes_back(
    moment: datetime,
    offset: int,
    address: str,
    path: str,
    status: int,
    size: int,
    referrer: str,
    agent: str,
    nginx: bool,
) -> None:
    local = moment.replace(microsecond=0, tzinfo=UTC).astimezone(timezone(timedelta(minutes=offset)))
    stamp = local.strftime("%d/%b/%Y:%H:%M:%S %z").encode()
    url, shown, client = (_escaped(text, nginx) for text in ("/" + path, referrer, agent))
    common = b'%b - - [%b] "GET %b HTTP/1.1" %d %d' % (address.encode(), stamp, url, status, size)
    combined = b'%b "%b" "%b"' % (common, shown, client)
    row = {
        "time_iso8601": local.isoformat(), "remote_addr": address, "request": f"GET /{path} HTTP/1.1", "status": status,
        "body_bytes_sent": size, "http_referer": referrer, "http_user_agent": agent, "host": "www.marburg.de",
    }  # fmt: skip
    written = {
        "common": common,
        "combined": combined,
        "vhost-combined": b"www.marburg.de:443 " + combined,
        "json": msgspec.json.encode(row),
    }
    for name, line in written.items():
        found = read(name, line)
        assert detect([line]) == BY_NAME[name]
        assert (found.time, found.status, found.size) == (
            int(moment.replace(tzinfo=UTC).timestamp()) * 1000,
            status,
            size,
        )
        assert found.environ["REMOTE_ADDR"] == address
        assert found.environ.get("HTTP_USER_AGENT", agent) == agent
    assert len({(read(name, line).method, read(name, line).url) for name, line in written.items()}) == 1
    assert len({read(name, line).environ["HTTP_REFERER"] for name, line in written.items() if name != "common"}) == 1


# Which requests count


def request(url: str = "/", status: int = 200, method: str = "GET", host: str = "") -> Line:
    return Line(AT, host, method, url, status, 1, {})


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (request("/hundesteuer"), ""),
        (request("/", status=304), ""),
        (request("/start.php?id=1"), ""),
        (request("/feedback"), ""),
        (request("/hund.pdf"), ""),
        (request("/", host="www.marburg.de"), ""),
        (request("https://www.marburg.de/hund"), ""),
        (request("/", host="other.example"), "other_host"),
        (request("http://other.example/"), "other_host"),
        (request("/", method="POST"), "method"),
        (request("/", method="HEAD"), "method"),
        (request("/", method=""), "method"),
        (request("/fort", status=404), "not_found"),
        (request("/bild.png", status=404), "not_found"),
        (request("/", status=500), "error"),
        (request("/", status=403), "error"),
        (request("/", status=301), "redirect"),
        (request("/hund.pdf", status=206), "partial"),
        (request("/", status=204), "partial"),
        (request("/style.css?v=2"), "asset"),
        (request("/BILD.JPG"), "asset"),
        (request("/schrift.woff2;jsessionid=1"), "asset"),
        (request("/robots.txt"), "machine"),
        (request("/favicon.ico"), "machine"),
        (request("/sitemap-news.xml"), "machine"),
        (request("/.well-known/security.txt"), "machine"),
        (request("/aktuelles/feed/"), "feed"),
        (request("/news.rss"), "feed"),
        (request("/index.xml"), "feed"),
        (request("/blog?flav=rss20"), "feed"),
        (request("/blog?a=1&feed=atom"), "feed"),
    ],
)
def test_a_request_counts_or_is_dropped_for(line: Line, reason: str) -> None:
    assert drop_reason(line, SITE) == reason


def test_subdomains_count_where_they_belong_to_the_site() -> None:
    site = Site(1, 1, "marburg.de", "visits", True, "", None, "Europe/Berlin")
    assert drop_reason(request(host="buergerbuero.marburg.de"), site) == ""
    assert drop_reason(request(host="notmarburg.de"), site) == "other_host"


@pytest.mark.parametrize("url", ["/a.pdf", "/a.DOCX?x=1", "/a.ods", "/termine.ics", "/daten.csv", "/a.txt", "/a.mp3"])
def test_documents_are_downloads(url: str) -> None:
    assert is_download(request(url))


def test_the_snippet_knows_the_same_downloads() -> None:
    snippet = Path(__file__).parent.parent.joinpath("static", "snippet.js").read_text("utf-8")
    found = re.search(r"/(\\\.\(pdf\S*\)\$)/i\.test", snippet)
    assert found is not None
    assert found[1] == DOWNLOAD.pattern


def test_every_reason_has_a_meaning() -> None:
    assert all(MEANINGS[row.reason] for row in RULES)
