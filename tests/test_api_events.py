"""POST /api/v1/events: what form servers report, item by item, exactly once."""

import json
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest

from tests.form_server import FOREIGN, FormServer, form_server, item
from tests.installation import GIESSEN, HOST
from tracker.journal import journal_files
from tracker.record import decode
from tracker.server_events import MOST_ITEMS
from tracker.store.deliveries import KEPT
from tracker.store.tokens import Tokens

HOUR = 3600.0


@pytest.fixture
def server(tmp_path):
    return form_server(tmp_path)


def reasons(answer):
    return [row["reason"] for row in answer.json["refused"]]


def lines(server):
    return [
        decode(line) for path in journal_files(server.city.config.journal) for line in path.read_bytes().splitlines()
    ]


# What is counted


def test_it_counts_an_attempt_from_its_messages(server):
    answer = server.send(
        item(step="1"),
        item(step="2", auth="bundid_eid"),
        item(step="2", error="invalid", field="iban"),
        item("outcome", n="submitted", payment="paypal"),
    )
    assert (answer.status_code, answer.json) == (202, {"accepted": 4, "refused": []})
    server.counted()
    assert server.keys("form") == {"hund": 1}
    assert server.keys("step") == {"hund/1": 1, "hund/2": 1}
    assert server.keys("step_done") == {"hund/1": 1, "hund/2": 1}
    assert server.keys("step_field") == {"hund/2/iban": 1}
    assert server.keys("outcome") == {"hund/submitted": 1}
    assert server.keys("auth") == {"hund/bundid_eid": 1}
    assert server.keys("payment") == {"hund/paypal": 1}
    assert server.keys("total") == {}


def test_two_attempt_ids_are_two_attempts_also_in_one_batch(server):
    server.send(
        item(step="1", attempt="eins-eins"), item(step="1", attempt="zwei-zwei"), item(step="1", attempt="eins-eins")
    )
    server.counted()
    assert server.keys("form") == {"hund": 2}
    assert server.keys("step", "events") == {"hund/1": 3}


def test_an_attempt_id_of_another_site_is_another_attempt(server):
    server.city.catalogue.add_site("formulare.marburg.de", "065340014014")
    server.app.extensions["worker"].refresh()
    server.send(item(step="1"), item(step="1", s="formulare.marburg.de"))
    assert len({record.visitor for record in lines(server)}) == 2


def test_without_attempt_each_message_counts_by_itself(server):
    server.send(item(step="1", attempt=None), item("outcome", n="submitted", attempt=None))
    server.counted()
    assert server.keys("form") == {}
    assert server.keys("step", "events") == {"hund/1": 1}
    assert server.keys("outcome", "events") == {"hund/submitted": 1}
    assert server.keys("outcome") == {"hund/submitted": 0}


def test_in_level_counts_nobody_is_told_apart(tmp_path):
    server = form_server(tmp_path, "counts")
    server.send(item(step="1"), item(step="1"))
    assert {record.visitor for record in lines(server)} == {0}
    server.counted()
    assert server.keys("step", "events") == {"hund/1": 2}


def test_views_and_events_are_counted_without_a_visit(server):
    server.send(
        item("view", u="/dienste?session=1"),
        item("event", n="Rechner", u="/dienste", art="rot"),
        item("event", n="download", url=f"https://{HOST}/antrag.pdf"),
    )
    server.counted()
    assert server.keys("page", "views") == {"/dienste": 1}
    assert server.keys("event", "events") == {"Rechner": 1}
    assert server.keys("property", "events") == {"Rechner · art = rot": 1}
    assert server.keys("download", "events") == {"/antrag.pdf": 1}
    assert server.keys("total", "views") == {"": 1}
    assert server.keys("total", "visits") == {"": 0}
    assert server.keys("entry", "views") == server.keys("channel", "views") == {}


def test_the_page_of_a_message_is_cleaned(server):
    server.send(item(step="1", u=f"https://{HOST}/antrag/max@mustermann.de?token=1#a"))
    assert [record.page for record in lines(server)] == ["/antrag/:email"]


# Time


@pytest.mark.parametrize("written", ["ms", "UTC", "zone"])
def test_an_item_counts_on_the_day_of_its_own_time(server, written):
    yesterday = datetime.fromtimestamp(server.city.clock.now, UTC) - timedelta(hours=30)
    time = {
        "ms": int(yesterday.timestamp() * 1000),
        "UTC": yesterday.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "zone": (yesterday + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%S+02:00"),
    }[written]
    assert server.send(item(step="1", time=time)).json["accepted"] == 1
    places = {place.period for place in server.counted() if place.dim == "form"}
    assert places == {20260517, 202605, 2026}


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        (-48, []),
        (-48.001, ["too_old"]),
        (-(10**9), ["too_old"]),
        (0.08, []),
        (0.09, ["in_future"]),
        (10**9, ["in_future"]),
    ],
)
def test_a_time_lies_within_two_days_and_five_minutes(server, hours, expected):
    assert reasons(server.send(item(step="1", time=int(server.now + hours * 3_600_000)))) == expected


def test_what_a_fast_clock_says_is_taken_as_now(server):
    server.send(item(step="1", time=server.now + 60_000))
    assert [record.time for record in lines(server)] == [server.now]


@pytest.mark.parametrize(
    "time",
    ["gestern", "2026-05-18", "2026-05-18T12:00:00", True, 1.5, [], "0001-01-01T00:00:00Z", 10**30, -(10**30), ""],
)
def test_a_time_that_is_none_is_refused(server, time):
    assert server.send(item(step="1", time=time)).json["accepted"] == 0


def test_items_are_counted_in_the_order_of_their_times(server):
    server.send(item("outcome", n="submitted", time=server.now), item(step="1", time=server.now - 60_000))
    server.counted()
    assert server.keys("form") == {"hund": 1}
    assert server.keys("step", "seconds") == {"hund/1": 60}


# Attempts over several days


def test_a_resumed_attempt_is_no_new_start_and_never_abandoned_twice(server):
    clock = server.city.clock
    server.send(item(step="1"), item(step="2"))
    server.counted()
    clock.now += HOUR
    server.counted()
    assert server.keys("abandoned") == {"hund/2": 1}
    clock.now += 23 * HOUR
    server.city.loader.drain()
    server.send(item(step="2", resumed=True))
    server.send(item("outcome", n="submitted", resumed=True))
    server.counted()
    clock.now += 30 * HOUR
    server.counted()
    assert server.keys("form") == {"hund": 1}
    assert server.keys("resumed") == {"hund": 1}
    assert {key: number for key, number in server.keys("outcome").items() if number} == {"hund/submitted": 1}
    assert {key: number for key, number in server.keys("abandoned").items() if number} == {}


def test_an_attempt_of_the_same_day_goes_on_without_being_resumed(server):
    server.send(item(step="1"))
    server.counted()
    server.city.clock.now += 2 * HOUR
    server.counted()
    assert server.keys("outcome") == {"hund/abandoned": 1}
    server.send(item(step="2"))
    server.counted()
    assert server.keys("form") == {"hund": 1}
    assert {key for key, number in server.keys("outcome").items() if number} == set()


# Refusals


@pytest.mark.parametrize(
    ("wrong", "reason", "word"),
    [
        (item(step="1", s=FOREIGN), "site_unknown", "no such site"),
        (item(step="1", s="nirgends.de"), "site_unknown", "no such site"),
        ({**item(step="1"), "ip": "10.0.0.1"}, "unknown_field", "`ip`"),
        ({**item(step="1"), "user_agent": "x"}, "unknown_field", "`user_agent`"),
        ({**item("view", u="/"), "attempt": "versuch-1"}, "unknown_field", "`attempt`"),
        ({**item("event", n="a"), "d": 3}, "unknown_field", "`d`"),
        (item("leave", u="/"), "malformed", "$.k"),
        ({"s": HOST}, "malformed", "`k`"),
        (item("view"), "malformed", "`u`"),
        (item("event"), "malformed", "`n`"),
        (item("event", n=" "), "malformed", "name"),
        (item("event", n="outbound", url="javascript:1"), "malformed", "url"),
        (item(), "malformed", "step"),
        ({"s": HOST, "k": "step", "p": {"step": "1"}}, "malformed", "form"),
        (item("outcome"), "malformed", "`n`"),
        (item("outcome", n=" "), "malformed", "outcome"),
        (item(step="\u200b"), "malformed", "cleaned"),
        (item(step="1", u="https://evil.example/"), "malformed", "belong"),
        (item(step="1", u="nirgends"), "malformed", "address"),
        (item(step="1", u="/" + "ä" * 1500), "malformed", "2,000"),
        (item(step="1", attempt="kurz"), "malformed", "attempt"),
        (item(step="1", attempt="x" * 201), "malformed", "attempt"),
        (item(step="1", attempt=None, resumed=True), "malformed", "attempt"),
        (item(step="1", resumed="yes"), "malformed", "bool"),
        (item(p={"deep": {"a": 1}}), "malformed", "$.p"),
        (item(p={str(i): 1 for i in range(31)}), "malformed", "$.p"),
        ([], "malformed", "object"),
        (None, "malformed", "object"),
        ("x", "malformed", "object"),
    ],
)
def test_one_bad_item_does_not_spoil_the_batch(server, wrong, reason, word):
    answer = server.send(item(step="1"), wrong, item(step="2"))
    assert (answer.status_code, answer.json["accepted"]) == (202, 2)
    (refusal,) = answer.json["refused"]
    assert (refusal["index"], refusal["reason"]) == (1, reason)
    assert word in refusal["detail"]
    server.counted()
    assert server.keys("step") == {"hund/1": 1, "hund/2": 1}


def test_a_foreign_site_looks_like_a_missing_one(server):
    answer = server.send(item(step="1", s=FOREIGN), item(step="1", s="nirgends.de"))
    foreign, missing = answer.json["refused"]
    assert (foreign["reason"], foreign["detail"]) == (missing["reason"], missing["detail"])


def test_an_answer_repeats_no_personal_data(server):
    text = server.send({**item(step="1"), "max@mustermann.de": 1}, {**item(), "k": "max@mustermann.de"}).text
    assert "mustermann" not in text


BATCH = json.dumps({"items": [item(step="1")]})


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("{", 400),
        ("[]", 400),
        ("null", 400),
        ("{}", 400),
        ('{"items": []}', 400),
        ('{"items": {}}', 400),
        ('{"items": [1], "ip": 1}', 400),
        (b'{"items": ["\xff"]}', 400),
        ("[" * 100_000, 400),
        ('{"items": [' + "[" * 100_000 + "]" * 100_000 + "]}", 400),
        (json.dumps({"items": [1] * (MOST_ITEMS + 1)}), 400),
        ('{"items": [' + " " * (2 * 1024 * 1024) + "1]}", 413),
    ],
)
def test_what_is_no_batch_is_refused_as_a_whole(server, body, status):
    answer = server.post(body)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.json["detail"]
    assert lines(server) == []


def test_the_largest_batch_is_taken(server):
    answer = server.send(*[item(step="1", attempt=f"versuch-{number}", pad="x" * 1800) for number in range(MOST_ITEMS)])
    assert answer.json == {"accepted": MOST_ITEMS, "refused": []}
    server.counted()
    assert server.keys("form") == {"hund": MOST_ITEMS}


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_another_content_type_is_refused(server, kind):
    assert server.post(BATCH, **{"Content-Type": kind}).status_code == 415


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_another_method_is_refused(server, method):
    answer = server.client.open("/api/v1/events", method=method)
    assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")


def test_too_many_requests_of_one_token_are_refused(tmp_path):
    server = form_server(tmp_path, rate_limit="1", rate_burst="2")
    assert [server.post(BATCH).status_code for _ in range(5)] == [202, 202, 202, 429, 429]
    other = Tokens(server.city.store.connection).add(server.city.catalogue.municipality(GIESSEN).id, "andere")
    assert server.post(BATCH, token=other).status_code == 202


def test_a_journal_that_cannot_be_written_is_said_and_nothing_is_counted(server):
    server.city.config.journal.rmdir()
    answer = server.send(item(step="1"), key="schluessel")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    server.city.config.journal.mkdir()
    assert server.send(item(step="1"), key="schluessel").json["accepted"] == 1
    server.counted()
    assert server.keys("form") == {"hund": 1}


# Who may


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer ", "Bearer zw_made-up", "Basic enc6eA==", "bearer ä", "Token x"]
)
def test_without_a_valid_token_nothing_is_taken(server, given):
    answer = server.post(BATCH, **{"Authorization": given})
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert lines(server) == []


def test_a_removed_token_ends_at_once(server):
    Tokens(server.city.store.connection).remove(1)
    assert server.post(BATCH).status_code == 401


def test_a_token_for_something_else_is_refused(server):
    server.city.store.connection.execute("update token set scopes = 'usage'")
    assert server.post(BATCH).status_code == 403


def test_a_session_counts_for_nothing(owner):
    answer = owner.post("/api/v1/events", data=BATCH, content_type="application/json")
    assert answer.status_code == 401


def test_no_answer_sets_a_cookie(server):
    for answer in (server.post(BATCH), server.post("{"), server.post(BATCH, token="x")):
        assert "Set-Cookie" not in answer.headers


def test_the_use_of_a_token_is_noted_to_the_day(server):
    server.post(BATCH)
    (token,) = Tokens(server.city.store.connection).all()
    assert token.last_used == 20260518


# Exactly once


def test_a_repeated_batch_counts_once_and_gets_the_same_answer(server):
    first = server.send(item(step="1"), None, key="schluessel")
    server.city.clock.now += HOUR
    again = server.send(item(step="1"), None, key="schluessel")
    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    server.counted()
    assert server.keys("step", "events") == {"hund/1": 1}


def test_without_a_key_a_repetition_counts_again(server):
    server.post(BATCH)
    server.post(BATCH)
    server.counted()
    assert server.keys("step", "events") == {"hund/1": 2}


def test_a_key_belongs_to_one_body(server):
    server.send(item(step="1"), key="schluessel")
    answer = server.send(item(step="2"), key="schluessel")
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    server.counted()
    assert server.keys("step") == {"hund/1": 1}


def test_a_key_belongs_to_one_token(server):
    other = Tokens(server.city.store.connection).add(1, "zweiter")
    server.send(item(step="1"), key="schluessel")
    answer = server.send(item(step="1"), key="schluessel", token=other)
    assert "Idempotency-Replayed" not in answer.headers
    server.counted()
    assert server.keys("step", "events") == {"hund/1": 2}


@pytest.mark.parametrize(("key", "status"), [("", 400), ("x" * 201, 400), ("x" * 200, 202), ("a b", 400), ("ä", 400)])
def test_a_key_is_short_and_plain(server, key, status):
    assert server.send(item(step="1"), key=key).status_code == status


def test_a_batch_that_was_killed_before_its_answer_counts_once_when_repeated(server):
    server.send(item(step="1"), item("view", u="/"), key="schluessel")
    server.city.store.connection.execute("update delivery set answer = null")
    server.counted()
    server.city.clock.now += 20 * HOUR  # past midnight: it counts on the day when it came first
    answer = server.send(item(step="1"), item("view", u="/"), key="schluessel")
    assert (answer.json["accepted"], "Idempotency-Replayed" in answer.headers) == (2, False)
    server.counted()
    assert server.keys("step", "events") == {"hund/1": 1}
    assert server.keys("page", "views") == {"/": 1}
    assert {place.period for place in server.counted() if place.period > 10_000_000} == {20260518}


def test_equal_items_of_one_batch_count_each(server):
    server.send(item("view", u="/"), item("view", u="/"), key="schluessel")
    server.counted()
    assert server.keys("page", "views") == {"/": 2}


def test_repetitions_at_the_same_time_count_once(server):
    answers, barrier = [], Barrier(6, timeout=60)

    def send(client):
        barrier.wait()
        answers.append(client.send(item(step="1"), item(step="2"), key="schluessel").data)

    # Made here: Python 3.11 cannot parse in several threads at a time, as building routes does.
    clients = [FormServer(server.city, server.token) for _ in range(6)]
    threads = [Thread(target=send, args=[client], daemon=True) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 6
    assert len(set(answers)) == 1
    server.counted()
    assert server.keys("step", "events") == {"hund/1": 1, "hund/2": 1}


def test_answers_are_forgotten_after_two_days(server):
    server.send(item(step="1"), key="eins")
    server.city.clock.now += KEPT / 1000
    server.send(item(step="1"), key="zwei")
    (number,) = server.city.store.connection.execute("select count(*) from delivery").fetchone()
    assert number == 1


def test_neither_attempt_nor_key_nor_token_is_found_on_disk(server):
    server.send(item(step="1", attempt="geheimer-versuch-4711"), key="geheimer-schluessel-4711")
    server.counted()
    for path in server.city.config.data.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert b"4711" not in content
            assert server.token.encode() not in content
