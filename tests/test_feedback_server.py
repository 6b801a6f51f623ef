"""The intake of feedback under real servers: what is acknowledged is kept once, whatever is killed or full."""

import http.client
import itertools
import json
import os
import random
import secrets
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.installation import CHROME, HOST, install
from tests.server import Server
from tests.test_full_disk import ROOT, can_mount
from tests.test_kill import kill_one, name_of
from tests.test_privacy import PROXY, bytes_on_disk, made_up_visitors, occurring, spellings
from tracker.feedback.masking import screen
from tracker.feedback.receipt import hash_of
from tracker.feedback.words import words
from tracker.store.feedback import Feedbacks

KILLS = 25
SENDERS = 4
LABELLED = Path(__file__).parent / "data" / "feedback" / "labelled.jsonl"
UNSTRUCTURED = ("name", "address")
LEFT_MOST = 0.02  # of the structured identifiers; docs/masking.md


def post(connection, headers=None, **message):
    """POST feedback on a connection; status and body."""
    body = json.dumps({"s": HOST, "w": 9000, **message})
    connection.request("POST", "/feedback", body, {"User-Agent": CHROME, **(headers or {})})
    answer = connection.getresponse()
    return answer.status, answer.read()


class Sender(threading.Thread):
    """Says something of its own again and again; what was not answered is sent again as it was."""

    def __init__(self, port, numbers):
        super().__init__(daemon=True)
        self.port, self.numbers = port, numbers
        self.receipts = {}  # text → the receipts it got
        self.stopped = False

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        message = None
        while not self.stopped:
            message = message or {"t": name_of(next(self.numbers)), "i": secrets.token_hex(16)}
            try:
                status, body = post(connection, **message)
            except (OSError, http.client.HTTPException):
                connection.close()
                time.sleep(0.02)
                continue
            if status == 201:
                self.receipts.setdefault(message["t"], set()).add(json.loads(body)["receipt"])
                message = None
        connection.close()


@pytest.mark.slow
@pytest.mark.parametrize("durability", ["write", "fsync"])
def test_acknowledged_is_kept_exactly_once_under_kill_9(tmp_path, durability):
    city = install(tmp_path)
    chance = random.Random(durability)
    limits = {"rate_limit": "100000", "rate_burst": "1000000", "feedback_per_minute": "100000"}
    server = Server(city.config.data, durability=durability, **limits)
    numbers = itertools.count()
    with server:
        senders = [Sender(server.port, numbers) for _ in range(SENDERS)]
        for sender in senders:
            sender.start()
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.05, 0.4))
            kill_one(server, chance)
        time.sleep(1)
        for sender in senders:
            sender.stopped = True
        for sender in senders:
            sender.join()
        server.kill()
    receipts = {text: codes for sender in senders for text, codes in sender.receipts.items()}
    assert len(receipts) > 100
    assert [text for text, codes in receipts.items() if len(codes) != 1] == []
    rows = dict(city.store.connection.execute("select text, receipt from feedback").fetchall())
    assert [text for text, (code,) in receipts.items() if rows.get(text) != hash_of(code)] == []
    times = Counter(text for (text,) in city.store.connection.execute("select text from feedback"))
    assert [text for text, number in times.items() if number != 1] == []
    assert len(rows) - len(receipts) <= SENDERS, "only what each sent last may be unanswered"
    searchable = city.store.connection.execute("select count(*) from feedback_search").fetchone()[0]
    assert searchable == len(rows), "nothing is half-written"
    assert city.store.damage() == ""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["gunicorn", "granian"])
def test_all_workers_share_one_limit(tmp_path, kind):
    city = install(tmp_path)
    with Server(city.config.data, kind) as server:
        statuses = Counter()
        for _ in range(16):
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
            statuses[post(connection, r=4)[0]] += 1
            connection.close()
    assert statuses == {201: 1, 429: 15}


@pytest.mark.slow
def test_a_full_disk_is_said_and_loses_nothing(tmp_path):
    if not can_mount():
        if os.environ.get("CI"):
            pytest.fail("CI must allow mount namespaces")
        pytest.skip("needs a mount namespace (unshare -rm)")
    command = ["unshare", "-rm", sys.executable, "-m", "tests.full_disk_feedback", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=90)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "acknowledged and kept" in done.stdout


def labelled():
    """(text, language, [words of structured identifiers]) of the labelled comments."""
    for line in LABELLED.read_text("utf-8").splitlines():
        comment = json.loads(line)
        secret = [said for kind, said in comment["spans"] if kind not in UNSTRUCTURED]
        yield comment["text"], comment["language"], secret


@pytest.mark.slow
def test_no_identifier_no_address_and_no_user_agent_is_found_on_disk_or_in_a_log(tmp_path):
    """What the mask leaves (docs/masking.md says how much) is in the text; nothing else is anywhere."""
    city = install(tmp_path)
    comments, visitors = list(labelled()), list(made_up_visitors())
    with Server(city.config.data, **PROXY, feedback_per_minute="100000") as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        for (text, language, _), (address, user_agent, _) in zip(comments, visitors, strict=False):
            headers = {"X-Forwarded-For": address, "User-Agent": user_agent, "Referer": f"https://{HOST}/?x={address}"}
            page = f"https://{HOST}/zaehlbar?wer={address}#{address}"
            assert post(connection, headers, t=text, l=language, u=page)[0] == 201
            post(connection, headers, t=text, l=language, u=page, h=text)
        post(connection, {"X-Forwarded-For": visitors[0][0]}, t=text * 20)
        connection.close()
        server.get("/metrics")
        now_stored = bytes_on_disk(tmp_path)
    after = bytes_on_disk(tmp_path)
    said = [secret for *_, secrets_in in comments for secret in secrets_in]
    kept = [
        secret
        for text, language, secrets_in in comments
        for secret in secrets_in
        if secret in screen(text, language).text
    ]
    assert len(said) > 150
    assert len(kept) <= LEFT_MOST * len(said), kept
    needles = [needle for visitor in visitors[: len(comments)] for needle in spellings(*visitor)]
    for found in (now_stored, after):
        haystack = b"\n".join(content for _, content in found)
        assert b"/zaehlbar" in haystack, "the search itself works"
        assert occurring(needles, haystack) == []
        forms = {secret: {secret.encode(), words(secret).encode()} for secret in said if len(secret) > 5}
        assert {secret for secret, spelt in forms.items() if any(form in haystack for form in spelt)} <= set(kept)
    assert len(Feedbacks(city.store.connection).get(1).feedback.page) == len("/zaehlbar")
