"""What is stored tells nothing about a person: looked for in every byte on disk."""

import hashlib
import ipaddress
import json
import os
import random
import socket
import time
from collections import defaultdict

import pytest

from tests.installation import CHROME, HOST, install
from tests.server import Server
from tracker.daykey import SIZE, runtime_directory

VISITORS = 1000
PROXY = {"trusted_proxies": "127.0.0.0/8", "rate_limit": "100000", "rate_burst": "1000000"}


def made_up_visitors():
    """(address, user-agent) pairs that occur nowhere else; half of the addresses are IPv6."""
    chance = random.Random(1)
    for number in range(VISITORS):
        network = "93.184.0.0/16" if number % 2 else "2001:db8::/32"
        base = ipaddress.ip_network(network)
        address = str(base[chance.randrange(2, base.num_addresses - 2)])
        marker = f"Zw{chance.randrange(10**9, 10**10)}"
        yield address, CHROME.replace("Safari/", f"{marker} Safari/"), marker


def bytes_on_disk(*roots):
    """(path, content) of every file below the directories, and of the files themselves."""
    paths = [path for root in roots for path in ([root] if root.is_file() else sorted(root.rglob("*")))]
    return [(path, path.read_bytes()) for path in paths if path.is_file()]


def spellings(address, user_agent, marker, site=1):
    """The address and the user-agent in the forms and hashes that whoever has the disk could compute."""
    yield address.encode()
    yield marker.encode()
    if ":" in address:
        yield ipaddress.ip_address(address).packed
    combined = f"{site}\n{address}\n{user_agent}"
    for text in (address, user_agent, address + user_agent, combined, HOST + address + user_agent):
        for algorithm in ("md5", "sha1", "sha256", "blake2b"):
            digest = hashlib.new(algorithm, text.encode()).digest()
            yield digest[:8]
            yield digest.hex()[:16].encode()
        short = hashlib.blake2b(text.encode(), digest_size=8).digest()
        yield short
        yield short[::-1]
        yield str(int.from_bytes(short, "big", signed=True)).encode()


def occurring(needles, haystack):
    """Those of `needles` (8 bytes or longer) that occur: each place is looked up by its first 8 bytes."""
    by_begin = defaultdict(list)
    for needle in needles:
        by_begin[needle[:8]].append(needle)
    places = (place for place in range(len(haystack) - 7) if haystack[place : place + 8] in by_begin)
    return [
        needle
        for place in places
        for needle in by_begin[haystack[place : place + 8]]
        if haystack.startswith(needle, place)
    ]


@pytest.mark.slow
def test_no_address_and_no_user_agent_is_found_on_disk_or_in_a_log(tmp_path):
    city = install(tmp_path)
    visitors = list(made_up_visitors())
    with Server(city.config.data, **PROXY) as server:
        for address, user_agent, _ in visitors:
            headers = {"X-Forwarded-For": address, "User-Agent": user_agent}
            assert server.send(headers, s=HOST, u="/zaehlbar", k="view") == 202
        server.send({"X-Forwarded-For": visitors[0][0]}, s=HOST, u="kaputt")
        server.get("/metrics")
        server.get("/gibt-es-nicht?" + visitors[0][0])
        time.sleep(2)
        now_stored = bytes_on_disk(tmp_path)
    after = bytes_on_disk(tmp_path)
    assert city.keys("page") == {"/zaehlbar": VISITORS}
    assert city.total("visitors") == VISITORS
    for found in (now_stored, after):
        haystack = b"\n".join(content for _, content in found)
        needles = [needle for visitor in visitors for needle in spellings(*visitor)]
        assert occurring([b"/zaehlbar"], haystack), "the search itself works"
        assert occurring(needles, haystack) == []


def test_the_day_key_is_not_on_disk(tmp_path):
    city = install(tmp_path)
    city.send()
    city.count()
    files = list(runtime_directory(city.config.data).glob("*.key"))
    assert len(files) == 1
    assert files[0].stat().st_mode & 0o077 == 0
    key = files[0].read_bytes()[-SIZE:]
    assert len(key) == SIZE
    assert [path for path, content in bytes_on_disk(tmp_path) if key in content] == []


def test_the_pseudonym_is_gone_once_its_day_is_closed(tmp_path):
    city = install(tmp_path)
    city.send(u="/zaehlbar")
    city.count()
    ((number,),) = city.store.connection.execute("select pseudonym from open_visitor").fetchall()
    forms = [number.to_bytes(8, "big", signed=True), str(number).encode()]

    def found():
        return [path.name for path, content in bytes_on_disk(tmp_path) if any(form in content for form in forms)]

    assert found(), "the search itself works"
    city.worker.journal.close()
    city.clock.now += 13 * 3600
    city.count()
    city.clock.now += 2
    city.count()
    assert city.store.connection.execute("select count(*) from open_visitor").fetchone() == (0,)
    assert found() == []
    assert city.total("visitors") == 1


def test_addresses_in_the_url_are_masked_before_they_are_written(tmp_path):
    city = install(tmp_path, search_param="q")
    secret = "erika.mustermann@example.org"
    city.send(
        u=f"https://{HOST}/antrag/{secret}/4711081500?mail={secret}&q={secret}&utm_campaign={secret}#t={secret}",
        r=f"https://mail.example/inbox?user={secret}",
        p={"wer": secret},
    )
    city.send(k="event", n=f"Mail an {secret}", p={"an": secret, secret: "x"})
    city.send(k="event", n="outbound", p={"url": f"https://x.example/{secret}?m={secret}"})
    city.count()
    assert city.keys("page") == {"/antrag/:email/:phone": 1} or city.keys("page") == {"/antrag/:email/:id": 1}
    stored = b"".join(content for _, content in bytes_on_disk(tmp_path))
    assert b"mustermann" not in stored
    assert b"4711081500" not in stored


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["gunicorn", "plain gunicorn"])
def test_server_logs_hold_no_address(tmp_path, kind):
    city = install(tmp_path)
    with Server(city.config.data, kind) as server, socket.create_connection(("127.0.0.1", server.port)) as raw:
        raw.sendall(b"NONSENSE\r\n\r\n")
        raw.recv(1000)
    text = server.log.read_text()
    assert "Invalid" in text, "the server did log the request"
    assert "127.0.0.1" not in text.replace(f"127.0.0.1:{server.port}", "")
    if kind == "gunicorn":
        assert all({"time", "level", "event"} <= json.loads(line).keys() for line in text.splitlines())


def test_everything_kept_belongs_to_its_owner_alone(tmp_path):
    os.umask(0o022)
    city = install(tmp_path)
    city.send()
    city.count()
    open_to_others = [path for path in [city.config.data, *city.config.data.rglob("*")] if path.stat().st_mode & 0o077]
    assert open_to_others == []
