"""The attacks that really happened to peers, by their number in the list of peers, and what was tried besides.

Tested elsewhere: 1 test_access (a made-up session), 2 test_accounts, 3 test_access and test_dashboard (a foreign
municipality), 4 test_sign_in, 7 test_dashboard and test_address, 9 test_access, test_sign_in and test_accounts,
10 test_access, 12 browser/test_dashboard_browser, 14 test_collector and test_sign_in, 16 test_accesslog and
test_import_log, 17 test_operation, 18 test_collector. 8 and 13: there are no tokens yet, and the server fetches
nothing.
"""

import io
import json
import logging
import socket
import time
from contextlib import ExitStack

import pytest
from flask.testing import FlaskClient
from roles import COLLEAGUE, OWNER, PASSWORD, csrf

from admin.security import CHECKS_AT_ONCE, Attempts
from tests.installation import CHROME, HOST, Installation, install
from tests.server import Server
from tracker.config import Config
from tracker.gunicorn_settings import ARRIVES_WITHIN
from tracker.logs import JsonFormatter
from tracker.store import open_database
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


# 2: a session after the password changed


def test_a_session_whose_account_is_gone_counts_for_nothing(config: Config):
    connection = open_database(config.database)
    accounts = Accounts(connection)
    token = accounts.begin_session(accounts.find(COLLEAGUE))
    connection.execute("pragma foreign_keys = off")
    connection.execute("delete from account where email = ?", (COLLEAGUE,))
    assert accounts.session(token) is None
    connection.close()


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


def attempts_of(client: FlaskClient) -> Attempts:
    found = client.application.extensions["attempts"]
    assert isinstance(found, Attempts)
    return found


# 5, 10: paths and hosts


@pytest.mark.parametrize("path", ["/static//admin/admin.css", "//static/admin/admin.css", "//evil.example/%2e%2e"])
def test_nobody_is_sent_to_the_host_that_a_request_names(anyone: FlaskClient, path: str):
    answer = anyone.get(path, base_url="http://evil.example/")
    assert answer.status_code in (200, 404)
    assert answer.location is None
    assert b'href="//' not in answer.data


# 9: forms of foreign pages


@pytest.mark.parametrize("origin", ["http://[", "https://[::1", "null", "https://stats.example.de.evil.example"])
def test_a_broken_or_similar_origin_is_a_foreign_one(owner: FlaskClient, origin: str):
    answer = owner.post("/admin/account/language", data={"csrf": csrf(owner)}, headers={"Origin": origin})
    assert answer.status_code == 403


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
        assert time.monotonic() - begun < 4


# An installation in trouble


def test_addresses_in_the_facts_of_a_log_line_are_masked():
    record = logging.makeLogRecord({"facts": {"error": "no route to 93.184.216.34 or 2001:db8::7", "number": 7}})
    text = JsonFormatter().format(record)
    assert "93.184" not in text and "2001:db8" not in text
    assert json.loads(text)["number"] == 7
