"""A 202 means that the beacon is counted, whatever is killed, and counted once."""

import http.client
import itertools
import json
import os
import random
import signal
import threading
import time
from contextlib import suppress

import pytest

from tests.installation import CHROME, HOST, install
from tests.server import Server
from tracker.loader import Loader, loader_lock
from tracker.store import open_store

KILLS = 60  # over both servers
SENDERS = 4
LETTERS = "abcdefghijklmnop"


def name_of(number):
    """A unique event name that cleaning leaves as it is: letters only."""
    return "e" + "".join(LETTERS[int(digit, 16)] for digit in f"{number:x}")


class Sender(threading.Thread):
    """Sends uniquely named events until told to stop, and remembers which were acknowledged."""

    def __init__(self, port, numbers):
        super().__init__()
        self.port, self.numbers = port, numbers
        self.sent, self.acknowledged = [], []
        self.stopped = False

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        while not self.stopped:
            name = name_of(next(self.numbers))
            self.sent.append(name)
            try:
                body = json.dumps({"s": HOST, "u": "/", "k": "event", "n": name})
                visitor = CHROME.replace("120", str(80 + len(self.sent) % 100))  # nobody has thousands of events
                connection.request("POST", "/beacon", body, {"User-Agent": visitor})
                answer = connection.getresponse()
                answer.read()
                if answer.status == 202:
                    self.acknowledged.append(name)
            except (OSError, http.client.HTTPException):
                connection.close()
                time.sleep(0.02)
        connection.close()


def kill_one(server, chance):
    """Kill a worker or the loader; now and then everything at once."""
    if chance.random() < 0.1:
        server.kill()
        server.start()
        return
    victims = server.workers_and_loader()
    if victims:
        with suppress(ProcessLookupError):
            os.kill(chance.choice(victims), signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["gunicorn", "granian"])
def test_acknowledged_is_counted_once_under_kill_9(tmp_path, kind):
    city = install(tmp_path)
    chance = random.Random(kind)
    server = Server(city.config.data, kind, rate_limit="100000", rate_burst="1000000")
    numbers = itertools.count()
    with server:
        senders = [Sender(server.port, numbers) for _ in range(SENDERS)]
        for sender in senders:
            sender.start()
        for _ in range(KILLS // 2):
            time.sleep(chance.uniform(0.05, 0.4))
            kill_one(server, chance)
        time.sleep(0.5)
        for sender in senders:
            sender.stopped = True
        for sender in senders:
            sender.join()
        server.kill()
    acknowledged = {name for sender in senders for name in sender.acknowledged}
    sent = {name for sender in senders for name in sender.sent}
    assert len(acknowledged) > 500
    counted = counts_after_draining(city)
    assert acknowledged - counted.keys() == set(), "acknowledged but not counted"
    assert counted.keys() - sent == set(), "counted but never sent"
    assert {name: times for name, times in counted.items() if times != 1} == {}


def counts_after_draining(city):
    """Event name → how often it was counted, once the whole journal is."""
    time.sleep(0.5)
    lock = loader_lock(city.config.data)
    assert lock is not None, "a loader outlived its server"
    Loader(open_store(city.config.database), city.config).drain()
    os.close(lock)
    return city.keys("event", "events")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["gunicorn", "plain gunicorn", "granian"])
def test_exactly_one_loader_runs_and_another_takes_over(tmp_path, kind):
    city = install(tmp_path)
    with Server(city.config.data, kind) as server:
        first = server.loaders()
        assert len(first) == 1
        os.kill(first[0], signal.SIGKILL)
        assert server.send(s=HOST, u="/danach") == 202
        assert wait_for(lambda: city.keys("page").get("/danach") == 1)
        assert wait_for(lambda: len(server.loaders()) == 1)  # several may start; all but one end at once
        assert server.loaders() != first


@pytest.mark.slow
def test_it_stops_cleanly_on_sigterm(tmp_path):
    city = install(tmp_path)
    with Server(city.config.data) as server:
        assert server.send(s=HOST, u="/") == 202
        assert server.stop() == 0
        assert wait_for(lambda: server.pids() == [])


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False
