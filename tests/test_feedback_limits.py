"""One a minute and address, over all processes, in memory only."""

import subprocess
import sys

import pytest

from tracker.daykey import runtime_directory
from tracker.feedback.limits import MOST, SPAN, Recent

NOW = 1_779_098_400.0
WHO, OTHER = "93.184.216.34", "2001:db8::1"


@pytest.fixture(params=["shared", "process"])
def recent(request, tmp_path):
    return Recent(tmp_path / "memory" if request.param == "shared" else None, "feedback")


def test_it_lets_each_address_through_so_many_times_a_minute(recent):
    assert [recent.allows(WHO, NOW, 2) for _ in range(3)] == [True, True, False]
    assert recent.allows(OTHER, NOW, 2)
    assert not recent.allows(WHO, NOW + SPAN - 0.1, 2)
    assert recent.allows(WHO, NOW + SPAN, 2)


def test_what_came_to_nothing_is_given_back(recent):
    assert recent.allows(WHO, NOW, 1)
    recent.give_back(WHO, NOW)
    recent.give_back(OTHER, NOW)
    assert recent.allows(WHO, NOW, 1)


def test_a_clock_that_is_put_back_locks_nobody_out(recent):
    assert recent.allows(WHO, NOW, 1)
    assert recent.allows(WHO, NOW - 3600, 1)


def test_a_flood_of_addresses_does_not_fill_the_memory(tmp_path):
    recent = Recent(None, "feedback")
    for number in range(40):
        recent.allows(f"10.0.0.{number}", NOW, 1)
    recent._bytes = recent._bytes[:16] + recent._bytes[16:40] * (MOST + 10)
    assert recent.allows(WHO, NOW, 1)
    assert len(recent._bytes) <= 16 + 24 * MOST


def test_after_a_minute_nothing_of_it_is_left_in_memory(tmp_path):
    recent, path = Recent(tmp_path, "feedback"), tmp_path / "feedback.recent"
    recent.allows(WHO, NOW, 1)
    key = path.read_bytes()[:16]
    recent.tidy(NOW + SPAN / 2)
    assert path.read_bytes()[:16] == key
    recent.tidy(NOW + SPAN)
    assert path.read_bytes() == b""
    recent.allows(WHO, NOW + SPAN, 1)
    assert path.read_bytes()[:16] != key, "nobody is recognised by the next list"


def test_the_address_is_not_in_the_list_and_the_list_is_the_owners_alone(tmp_path):
    Recent(tmp_path, "feedback").allows(WHO, NOW, 1)
    path = tmp_path / "feedback.recent"
    assert WHO.encode() not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


def test_a_damaged_list_locks_nobody_out(tmp_path):
    (tmp_path / "feedback.recent").write_bytes(b"\xff" * 101)
    recent = Recent(tmp_path, "feedback")
    assert recent.allows(WHO, NOW, 1)
    assert not recent.allows(WHO, NOW, 1)


def test_two_processes_share_the_limit(tmp_path):
    script = (
        "import sys; from pathlib import Path; from tracker.feedback.limits import Recent;"
        f"print(sum(Recent(Path(sys.argv[1]), 'feedback').allows('{WHO}', {NOW}, 5) for _ in range(4)))"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert sum(int(process.communicate(timeout=60)[0]) for process in running) == 5


def test_the_list_lies_in_memory_where_there_is_some(tmp_path):
    from tests.saying import Town

    town = Town(tmp_path)
    town.say(r=3)
    runtime = runtime_directory(town.city.config.data)
    assert runtime is not None
    assert (runtime / "feedback.recent").stat().st_size == 16 + 24
    assert [path.name for path in tmp_path.rglob("*.recent")] == []
    town.later()
    town.city.worker.forget()
    assert (runtime / "feedback.recent").stat().st_size == 0
