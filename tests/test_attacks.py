"""The attacks that really happened to peers, by their number in the list of peers, and what was tried besides.

Tested elsewhere: 1 test_access (a made-up session), 2 test_accounts, 3 test_access and test_dashboard (a foreign
municipality), 4 test_sign_in, 7 test_dashboard and test_address, 9 test_access, test_sign_in and test_accounts,
10 test_access, 12 browser/test_dashboard_browser, 14 test_collector and test_sign_in, 16 test_accesslog and
test_import_log, 17 test_operation, 18 test_collector. 8 and 13: there are no tokens yet, and the server fetches
nothing.
"""

import csv
import gzip
import io
import json
import logging
import socket
import time
import tracemalloc
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from roles import COLLEAGUE, OWNER, PASSWORD, csrf
from werkzeug.test import EnvironBuilder, run_wsgi_app

from admin import create_app
from admin.access import COOKIE
from admin.i18n import LANGUAGES
from admin.security import CHECKS_AT_ONCE, Attempts
from admin.stats import CARDS
from tests.installation import CHROME, HOST, Clock, Installation, install
from tests.server import Server
from tracker.cli import main
from tracker.config import Config
from tracker.gunicorn_settings import ARRIVES_WITHIN
from tracker.journal import journal_files
from tracker.logs import JsonFormatter
from tracker.record import decode
from tracker.store import open_database, open_store
from tracker.store.accounts import Accounts


@pytest.fixture
def city(tmp_path):
    return install(tmp_path)


# The collector, whatever is sent


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://["}, {"Origin": "https://[::1"}, {"Origin": "//"}, {"Origin": "\xff"}]
)
def test_a_broken_origin_is_refused(city, headers):
    assert city.send(headers).status_code == 400


@pytest.mark.parametrize("body", ['{"s":"x","z":' + "[" * 8000, '{"s":"x","u":"/","z":' + '{"z":' * 1500])
def test_json_that_is_nested_deeply_is_refused(city, body):
    assert city.post(body).status_code == 400


def test_a_picture_with_too_many_fields_is_refused(city):
    assert city.picture("&".join(f"a{number}=1" for number in range(60))).status_code == 400


@pytest.mark.parametrize("length", ["9" * 5000, "9" * 12, "8193"])
def test_a_length_over_the_limit_is_refused_unread(city, length):
    environ = {"CONTENT_LENGTH": length, "wsgi.input": Unreadable()}
    answer = city.client.post("/beacon", environ_overrides=environ, headers={"User-Agent": CHROME})
    assert answer.status_code == 413


class Unreadable(io.RawIOBase):
    """A body that ends with the sender's connection; the error quotes what was sent, as gunicorn's does."""

    def read(self, size: int = -1) -> bytes:
        raise OSError("Invalid chunk size: b'93.184.216.34 Secret/1.0'")


def test_a_body_that_breaks_off_is_the_senders_fault_and_not_logged(city, caplog):
    environ = {"CONTENT_LENGTH": "100", "wsgi.input": Unreadable()}
    answer = city.client.post("/beacon", environ_overrides=environ, headers={"User-Agent": CHROME})
    assert answer.status_code == 400
    assert caplog.records == []


def test_a_fault_of_ours_is_answered_and_logged_without_what_was_sent(city, caplog):
    def broken(user_agent: str) -> None:
        raise KeyError(user_agent)

    city.worker.client = broken
    answer = city.send({"User-Agent": "Secret/1.0"})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (500, "*")
    (record,) = caplog.records
    assert (record.facts["error"], record.facts["place"].partition(":")[0]) == ("KeyError", "test_attacks.py")
    assert "Secret" not in str(record.__dict__)


def test_a_request_for_the_head_alone_counts_nothing_and_gets_no_body(city: Installation):
    for path in ("/beacon", f"/beacon.gif?s={HOST}&u=/"):
        answer = city.client.head(path, headers={"User-Agent": CHROME})
        assert (answer.status_code, answer.data) == (405, b"")
    city.count()
    assert city.total("views") == 0


# 1: forged sessions


def test_there_is_no_secret_with_which_a_session_could_be_forged(app: Flask, owner: FlaskClient):
    assert app.secret_key is None
    cookie = owner.get_cookie(COOKIE, path="/admin")
    assert cookie is not None and len(cookie.value) >= 43  # 32 random bytes and nothing else


# 2: a session after the password changed


def test_a_session_whose_account_is_gone_counts_for_nothing(config: Config):
    connection = open_database(config.database)
    accounts = Accounts(connection)
    token = accounts.begin_session(accounts.find(COLLEAGUE))
    connection.execute("pragma foreign_keys = off")
    connection.execute("delete from account where email = ?", (COLLEAGUE,))
    assert accounts.session(token) is None
    connection.close()


def test_a_password_that_the_operator_renews_ends_all_sessions(colleague: FlaskClient, config: Config):
    assert colleague.get("/admin/").status_code == 200
    result = CliRunner().invoke(main, ["user", "password", COLLEAGUE, "--data", str(config.data)])
    assert result.exit_code == 0
    assert colleague.get("/admin/").status_code == 303


# 4: passwords are guessed by many at once


def test_only_a_few_passwords_are_checked_at_the_same_time(anyone: FlaskClient):
    checks = attempts_of(anyone).checks
    with ExitStack() as held:
        for _ in range(CHECKS_AT_ONCE):
            held.enter_context(checks)
        answer = anyone.post("/admin/sign-in", data={"email": OWNER, "password": PASSWORD})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    for _ in range(CHECKS_AT_ONCE + 1):
        assert anyone.post("/admin/sign-in", data={"email": OWNER, "password": "falsch"}).status_code == 401
    assert anyone.post("/admin/sign-in", data={"email": OWNER, "password": PASSWORD}).status_code == 303


@pytest.mark.slow
def test_an_unknown_account_takes_as_long_as_a_known_one(config: Config):
    connection = open_database(config.database)
    accounts = Accounts(connection)

    def cost(email: str) -> float:
        """The least processor time of some attempts, in seconds."""
        times = []
        for _ in range(5):
            begun = time.process_time()
            assert accounts.check_password(email, "falsches Passwort") is None
            times.append(time.process_time() - begun)
        return min(times)

    known, unknown = cost(OWNER), cost("niemand@marburg.de")
    connection.close()
    assert known == pytest.approx(unknown, rel=0.25)


def attempts_of(client: FlaskClient) -> Attempts:
    found = client.application.extensions["attempts"]
    assert isinstance(found, Attempts)
    return found


# 5, 10: paths and hosts


@pytest.mark.parametrize("simulated", [False, True])
@pytest.mark.parametrize("below", ["/static", "/static/build", "/snippet.js", "/demo", "/admin", "/downloads", ""])
def test_no_path_leads_out_of_the_served_directory(config: Config, simulated: bool, below: str):
    application = create_app(replace(config, simulated=simulated), background=False)
    data = config.data.resolve()
    ways = [f"/..{'/..' * depth}{data}" for depth in (0, 1, 3, 9)] + [f"/{data}", f"/..\\..\\{data}", f"/.{data}"]
    for way in ways:
        for spelt in (way, quote(way, safe=""), way.replace("..", "..;"), way.replace("../", "....//")):
            path = f"{below}{spelt}/zaehlwerk.db"
            status, body = raw_request(application, path)
            assert status in (303, 400, 404), path
            assert b"SQLite format" not in body


def test_the_data_lie_below_no_served_directory(app: Flask):
    served = Path(str(app.static_folder)).resolve()
    assert not Config().data.resolve().is_relative_to(served)
    assert [path for path in served.rglob("*") if path.suffix in (".db", ".jsonl", ".key", ".toml", ".lock")] == []


def raw_request(application: Flask, path: str) -> tuple[int, bytes]:
    """Ask for a path as it is; a client of tests would tidy it up."""
    environ = {**EnvironBuilder(base_url="http://localhost/").get_environ(), "PATH_INFO": path}
    body, status, _ = run_wsgi_app(application.wsgi_app, environ)
    return int(status[:3]), b"".join(body)


@pytest.mark.parametrize("path", ["/static//admin/admin.css", "/x//evil.example", "/static/../x"])
def test_nobody_is_sent_to_the_host_that_a_request_names(anyone: FlaskClient, path: str):
    answer = anyone.get(path, base_url="http://evil.example/")
    assert answer.status_code in (200, 404)
    assert answer.location is None
    assert b'href="//' not in answer.data


# 6, 7, 12: hostile texts in every field of a beacon

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</table></main></body><svg onload=alert(1)>",
    "\ufe64script\ufe65alert(1)\ufe64/script\ufe65",  # small signs that NFKC makes < and >
    "%3Cscript%3Ealert(1)%3C%2Fscript%3E",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;script&gt;&#106;avascript:",
    "=cmd|' /C calc'!A1",
    "+1+1",
    "@SUM(A1)",
    "\t=1",
    "a\r\nSet-Cookie: zw_session=x",
    "\u202egnp.exe",
    "'; drop table rollup; --",
    "\x00\x1b[31m",
)
CARDS_AND_PAGES = ("", "?fragment=1", "?measure=events&interval=day", *(f"/cards/{name}" for name in CARDS))


@pytest.fixture
def poisoned(app: Flask, config: Config) -> Installation:
    """Every hostile text in every field, sent to the collector and counted."""
    settings = replace(config, rate_limit=100_000, rate_burst=100_000)
    city = Installation(settings, open_store(config.database), Clock(time.time()))
    city.catalogue.change_site(HOST, "visits", True, "q")
    city.worker.refresh()
    for number, text in enumerate(HOSTILE):
        poison(city, text, f"93.184.216.{number}")
    city.count()
    return city


def poison(city: Installation, text: str, address: str) -> None:
    web = quote(text, safe="")
    headers = {"User-Agent": f"{CHROME} {printable(text)}", "Accept-Language": printable(text), "Referer": web}
    query = f"q={web}&utm_source={web}&utm_medium={web}&utm_campaign={web}&utm_term={web}"
    view = {"u": f"https://{HOST}/{text}/{web}?{query}#/{text}", "r": f"https://x.example/{text}?{text}"}
    city.send(headers, address, **view, p={"not_found": True})
    city.send(headers, address, u=text, r=text)
    city.send(headers, address, u=f"https://{text}.{HOST}/", r=f"https://{text}/", n=text)
    city.send(headers, address, k="event", n=text, p={text: text, "url": text})
    for link in ("outbound", "download"):
        for url in (text, f"https://x.example/{text}", f"https://{text}/", f"{text}//x.example/"):
            city.send(headers, address, k="event", n=link, p={"url": url})
    city.send(headers, address, k="step", n=text, p={"form": text, "step": text, "error": text, "field": text})
    city.send(headers, address, k="outcome", n="submitted", p={"form": text, "auth": text, "payment": text})
    city.send({"User-Agent": f"{printable(text)}bot/1.0 (+https://{printable(text)})"}, address)
    city.picture(f"s={HOST}&u=/{web}&k=event&n={web}&p.{web}={web}&r=https://{web}/", headers)


def printable(text: str) -> str:
    """What a server lets through in a header."""
    return "".join(char for char in text if " " <= char < "\x7f")


class Markup(HTMLParser):
    """What a page could do: its tags, handlers, scripts and addresses."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.handlers: list[str] = []
        self.addresses: set[str] = set()
        self.inside = ""
        self.inline: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.inside = tag
        self.handlers += [name for name, _ in attrs if name.startswith("on") or name == "style"]
        self.addresses |= {value or "" for name, value in attrs if name in ("href", "src", "action", "formaction")}

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside in ("script", "style") and data.strip():
            self.inline.append(data)


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_beacons_do_nothing_on_any_page(poisoned: Installation, owner: FlaskClient, language: str):
    assert poisoned.total("views") >= len(HOSTILE)
    for place in CARDS_AND_PAGES:
        path = f"/admin/sites/{HOST}{place}"
        answer = owner.get(f"{path}{'&' if '?' in path else '?'}period=today&lang={language}")
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        page = Markup(answer.text)
        assert page.handlers == [] and page.inline == []
        assert page.tags.isdisjoint({"img", "iframe", "object", "embed", "base"})
        schemes = {urlsplit(address).scheme for address in page.addresses}
        assert schemes <= {"", "https", "http"}
        scripts = [src for src in page.addresses if src.endswith(".js")]
        assert all(src.startswith("/static/") for src in scripts)
        assert not {char for char in answer.text if char in "\x00\x1b\u202e"}


def test_hostile_beacons_are_shown_as_texts(poisoned: Installation, owner: FlaskClient):
    page = owner.get(f"/admin/sites/{HOST}/cards/event?period=today").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{ 7 * 7 }}{% raw %}" in page


@pytest.mark.parametrize("card", CARDS)
def test_hostile_beacons_make_no_formula_of_a_cell(poisoned: Installation, owner: FlaskClient, card: str):
    answer = owner.get(f"/admin/sites/{HOST}/cards/{card}.csv?period=today")
    rows = list(csv.reader(io.StringIO(answer.text, newline="")))
    assert len({len(row) for row in rows}) == 1
    cells = [cell for row in rows for cell in row]
    assert [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@")) and not is_number(cell)] == []


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_only_addresses_of_the_web_are_linked_from_a_beacon(city: Installation):
    for url in ("javascript:alert(1)", "data:text/html,x", "vbscript:x", " javascript:x", "java\nscript:x", "//x", ""):
        for name in ("outbound", "download"):
            assert city.send(k="event", n=name, p={"url": url}).status_code == 400
        assert city.send(u=url).status_code == (400 if url != "//x" else 202)
    city.count()
    assert city.keys("page") == {"/x": 1}


# 9: forms of foreign pages


@pytest.mark.parametrize("origin", ["http://[", "https://[::1", "null", "https://stats.example.de.evil.example"])
def test_a_broken_or_similar_origin_is_a_foreign_one(owner: FlaskClient, origin: str):
    answer = owner.post("/admin/account/language", data={"csrf": csrf(owner)}, headers={"Origin": origin})
    assert answer.status_code == 403


# 11: SQL in names and filters

INJECTIONS = (
    "page'--",
    "page;drop table rollup",
    "1 or 1=1",
    "views) from account--",
    "' union select password",
    "\x00",
)


@pytest.mark.parametrize("text", INJECTIONS)
def test_no_name_and_no_filter_reaches_the_database_as_sql(poisoned: Installation, owner: FlaskClient, text: str):
    site, web = f"/admin/sites/{HOST}", quote(text)
    for path in (f"{site}/cards/{web}", f"{site}/cards/{web}.csv", f"/admin/sites/{web}"):
        assert owner.get(path).status_code == 404
    fields = ("sort", "order", "q", "page", "period", "from", "to", "interval", "measure", "compare", "lang")
    for query in (f"sort={web}", f"period={web}", "&".join(f"{field}={web}" for field in fields)):
        assert owner.get(f"{site}?{query}").status_code == 200
        page = owner.get(f"{site}/cards/page?{query}")
        assert page.status_code == 200
        assert "argon2" not in page.text
        assert owner.get(f"{site}/cards/page.csv?{query}").status_code in (200, 400)
    for arguments, code in ((["--by", text], 2), (["--from", text], 2), (["--service", text], 1)):
        result = CliRunner().invoke(main, ["stats", HOST, *arguments, "--data", str(poisoned.config.data)])
        assert result.exit_code == code
    with pytest.raises(KeyError):
        poisoned.store.rows(1, text, [2026])
    with pytest.raises(ValueError, match="measure"):
        poisoned.store.top(1, "page", [2026], 10, by=text)
    assert poisoned.store.connection.execute("select count(*) from rollup").fetchone() > (0,)


# 15: what a payload may say about its sender


def test_a_payload_cannot_set_address_client_or_time(city: Installation):
    forged = {
        "ip": "8.8.8.8", "address": "8.8.8.8", "userAgent": "Firefox/1", "ua": "Firefox/1", "country": "FR",
        "device": "mobile", "browser": "Firefox", "language": "en", "time": 1, "timestamp": 1, "visitor": 7, "site": 2,
        "id": "x", "channel": "search", "source": "Google",
    }  # fmt: skip
    assert city.send(**forged, p=forged).status_code == 202
    assert city.picture("&".join(f"{name}={value}" for name, value in {**forged, "s": HOST, "u": "/"}.items()))
    for path in journal_files(city.config.journal):
        for line in path.read_bytes().splitlines():
            record = decode(line)
            assert (record.site, record.device, record.browser, record.source) == (1, "desktop", "Chrome", "")
            assert record.time == int(city.clock.now * 1000)
            assert record.country != "FR"
            assert record.visitor != 7


# 16: hostile logs


def packed(path: Path, pieces: Iterable[bytes]) -> Path:
    with gzip.open(path, "wb") as file:
        for piece in pieces:
            file.write(piece)
    return path


LINE = '93.184.216.34 - - [18/May/2026:10:00:00 +0000] "GET %s HTTP/1.1" 200 5 "%s" "%s"\n'


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        ([b"a" * 1_000_000] * 100, "longer than 64 KB"),
        ([b'{"a":' * 200_000] * 20, "longer than 64 KB"),
        ([b"\x00" * 1_000_000] * 100, "longer than 64 KB"),
        ([b"\n" * 1_000_000] * 100, "empty lines"),
    ],
    ids=["one line", "nested json", "null", "empty lines"],
)
@pytest.mark.slow
def test_a_bomb_in_a_log_is_harmless_and_said(city: Installation, tmp_path: Path, pieces: list[bytes], said: str):
    bomb = packed(tmp_path / "bomb.gz", [(LINE % ("/gut", "-", CHROME)).encode(), *pieces])
    assert bomb.stat().st_size < 1_000_000
    tracemalloc.start()
    result = CliRunner().invoke(main, ["import", "log", str(bomb), "--site", HOST, "--data", str(city.config.data)])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert result.exit_code == 0, result.output
    assert said in result.output
    assert peak < 60_000_000
    assert city.keys("page") == {"/gut": 1}


def test_hostile_paths_of_a_log_stay_texts(app: Flask, owner: FlaskClient, config: Config, tmp_path: Path):
    log = tmp_path / "access.log"
    shown = [printable(text).replace('"', "%22").replace(" ", "%20") for text in HOSTILE]
    now = datetime.now(UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    lines = [LINE % (f"/{text}", f"https://x.example/{text}", f"{CHROME} {text}") for text in shown]
    log.write_text("".join(lines).replace("18/May/2026:10:00:00 +0000", now), "utf-8")
    result = CliRunner().invoke(main, ["import", "log", str(log), "--site", HOST, "--data", str(config.data)])
    assert result.exit_code == 0, result.output
    for card in ("page", "referrer", "bot"):
        page = Markup(owner.get(f"/admin/sites/{HOST}/cards/{card}?period=today").text)
        assert page.handlers == [] and page.inline == []
        assert {urlsplit(address).scheme for address in page.addresses} <= {"", "https", "http"}
    assert "alert(1)" in owner.get(f"/admin/sites/{HOST}/cards/page?period=today").text


# 14, 18: one sender, many addresses


def test_a_network_of_ipv6_addresses_is_limited_like_one_address(tmp_path):
    city = install(tmp_path, rate_limit="1", rate_burst="3")
    answers = [city.send(address=f"2001:db8:1:2:{number:x}::7").status_code for number in range(6)]
    assert answers == [202, 202, 202, 202, 429, 429]
    assert city.send(address="2001:db8:1:3::7").status_code == 202
    assert city.send(address="::ffff:93.184.216.34").status_code == 202


def test_a_clock_that_is_put_back_locks_nobody_out(tmp_path):
    city = install(tmp_path, rate_limit="1", rate_burst="3")
    assert [city.send().status_code for _ in range(5)][-1] == 429
    city.clock.now -= 3600
    assert [city.send().status_code for _ in range(5)] == [202, 202, 202, 202, 429]


# Slow senders


@pytest.mark.slow
def test_senders_that_never_end_their_requests_do_not_stop_the_counting(city):
    half = b"POST /beacon HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"
    with Server(city.config.data) as server, ExitStack() as held:
        for _ in range(20):  # more than there are threads
            sender = held.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            sender.sendall(half)
        end = time.monotonic() + 6 * ARRIVES_WITHIN
        answers: list[int] = []
        while answers[-20:] != [202] * 20 and time.monotonic() < end:
            answers.append(server.send(s=HOST, u="/"))
        assert answers[-20:] == [202] * 20


@pytest.mark.slow
def test_connections_that_send_nothing_hold_up_nobody(city):
    with Server(city.config.data) as server, ExitStack() as held:
        for _ in range(60):
            held.enter_context(socket.create_connection(("127.0.0.1", server.port)))
        begun = time.monotonic()
        assert [server.send(s=HOST, u="/") for _ in range(20)] == [202] * 20
        assert time.monotonic() - begun < ARRIVES_WITHIN  # none of them had to be given up first


# An installation in trouble


def test_a_database_that_was_moved_away_is_not_made_anew(owner: FlaskClient, config: Config):
    aside = config.data / "aside.db"
    config.database.rename(aside)
    assert owner.get("/admin/").status_code == 503
    assert owner.post("/admin/sign-in", data={"email": OWNER, "password": PASSWORD}).status_code == 503
    assert not config.database.exists()
    aside.rename(config.database)
    assert owner.get("/admin/").status_code == 200


def test_addresses_in_the_facts_of_a_log_line_are_masked():
    record = logging.makeLogRecord({"facts": {"error": "no route to 93.184.216.34 or 2001:db8::7", "number": 7}})
    text = JsonFormatter().format(record)
    assert "93.184" not in text and "2001:db8" not in text
    assert json.loads(text)["number"] == 7
