"""However a form server cuts, repeats or loses its batches: the figures are the same, and none counts twice."""

import http.client
import itertools
import json
import random
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.form_server import form_server, item
from tests.installation import HOST, MARBURG, install
from tests.server import Server
from tests.test_kill import counts_after_draining, kill_one, name_of, wait_for
from tracker.store.tokens import Tokens

DAY = 86_400.0
KILLS = 6
PER_BATCH = 20

messages = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 1000, 60_000, 31 * 60_000]),  # ms since the one before
        st.sampled_from(["versuch-a", "versuch-b", None]),
        st.sampled_from(
            [
                {"step": "1"},
                {"step": "2"},
                {"step": "3"},
                {"step": "2", "error": "invalid"},
                {"step": "2", "done": True},
                {"n": "submitted"},
                {"n": "error_system"},
                {"step": "2", "resumed": True},
            ]
        ),
    ),
    min_size=1,
    max_size=12,
)


def items_of(drawn, now):
    """The messages as items, the last of them now."""
    start = now - sum(gap for gap, _, _ in drawn)
    times = itertools.accumulate((gap for gap, _, _ in drawn), initial=start)
    next(times)
    return [
        item("outcome" if "n" in fields else "step", attempt, time=time, **without(fields, attempt))
        for (_, attempt, fields), time in zip(drawn, times, strict=True)
    ]


def without(fields, attempt):
    """Only an attempt can be resumed."""
    return fields if attempt else {name: value for name, value in fields.items() if name != "resumed"}


def finished(server):
    """Every cell once all attempts are over and their days closed."""
    for _ in range(3):
        server.counted()
        server.city.clock.now += DAY
    return server.counted()


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(drawn=messages, cuts=st.lists(st.tuples(st.integers(1, 4), st.booleans(), st.booleans()), max_size=12))
def test_any_cut_into_batches_and_any_repetition_gives_the_same_figures(tmp_path_factory, drawn, cuts):
    whole, cut = (form_server(tmp_path_factory.mktemp("server")) for _ in range(2))
    items = items_of(drawn, whole.now)
    assert whole.send(*items).json["accepted"] == len(items)
    rest = list(items)
    for number, (size, repeated, counted) in enumerate([*cuts, *[(4, False, False)] * 12]):
        batch, rest = rest[:size], rest[size:]
        for _ in range(1 + repeated) if batch else ():
            assert cut.send(*batch, key=f"sendung-{number}").json["accepted"] == len(batch)
        if counted:
            cut.counted()
    cells = finished(whole)
    assert finished(cut) == cells
    begun = sum(cell.visits for place, cell in cells.items() if place.dim == "form" and place.period == 2026)
    ended = sum(cell.visits for place, cell in cells.items() if place.dim == "outcome" and place.period == 2026)
    assert begun == ended


class Reporter(threading.Thread):
    """A form server that repeats each batch with its key until it is answered."""

    def __init__(self, url, token, numbers):
        super().__init__()
        self.url, self.token, self.numbers = url, token, numbers
        self.acknowledged = []
        self.repetitions = 0
        self.stopped = False

    def run(self):
        while not self.stopped:
            names = [name_of(next(self.numbers)) for _ in range(PER_BATCH)]
            body = json.dumps({"items": [{"s": HOST, "k": "event", "n": name} for name in names]}).encode()
            while not self.report(body, key=names[0]):
                self.repetitions += 1
                time.sleep(0.05)
            self.acknowledged += names

    def report(self, body, key):
        headers = {
            "Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "Idempotency-Key": key
        }  # fmt: skip
        request = urllib.request.Request(f"{self.url}/api/v1/events", body, headers)
        with suppress(OSError, http.client.HTTPException), urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)["accepted"] == PER_BATCH
        return False


@pytest.mark.slow
def test_batches_that_are_repeated_after_kill_9_are_counted_once(tmp_path):
    city = install(tmp_path)
    token = Tokens(city.store.connection).add(city.catalogue.municipality(MARBURG).id, "Formularserver")
    server = Server(city.config.data, rate_limit="100000", rate_burst="1000000")
    numbers, chance = itertools.count(), random.Random(1)
    with server:
        reporters = [Reporter(server.url, token, numbers) for _ in range(3)]
        for reporter in reporters:
            reporter.start()
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.1, 0.4))
            kill_one(server, chance)
        for reporter in reporters:
            reporter.stopped = True
        for reporter in reporters:
            reporter.join()
        server.kill()
    acknowledged = {name for reporter in reporters for name in reporter.acknowledged}
    assert len(acknowledged) > 500
    assert sum(reporter.repetitions for reporter in reporters) > 0
    assert counts_after_draining(city) == dict.fromkeys(acknowledged, 1)


def attempts(city, dim):
    """Key → attempts of a dimension in this year."""
    rows = city.store.rows(city.catalogue.site(HOST).id, dim, [time.localtime().tm_year])
    return {row.key: row.visits for row in rows}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["gunicorn", "granian"])
def test_a_form_server_reports_to_a_real_server(tmp_path, kind):
    city = install(tmp_path)
    token = Tokens(city.store.connection).add(city.catalogue.municipality(MARBURG).id, "Formularserver")
    items = [item(step="1"), item(step="2"), item("outcome", n="submitted")]
    with Server(city.config.data, kind) as server:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        body = json.dumps({"items": items}).encode()
        request = urllib.request.Request(f"{server.url}/api/v1/events", body, headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert json.load(answer) == {"accepted": 3, "refused": []}
        assert wait_for(lambda: attempts(city, "outcome") == {"hund/submitted": 1})
        assert attempts(city, "form") == {"hund": 1}
        assert attempts(city, "step") == {"hund/1": 1, "hund/2": 1}
        too_large = urllib.request.Request(f"{server.url}/api/v1/events", b" " * (3 * 1024 * 1024), headers)
        with pytest.raises((urllib.error.HTTPError, OSError)):
            urllib.request.urlopen(too_large, timeout=30)
