import shutil
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.installation import Clock
from tracker.calendar import calendar_of
from tracker.daykey import DayKey, runtime_directory

BERLIN = calendar_of("Europe/Berlin")
TODAY, TOMORROW = 20260518, 20260519
WHO = b"1\n93.184.216.34\nBrowser"


@pytest.fixture
def clock():
    return Clock()


def key(directory, clock):
    return DayKey(directory, BERLIN, clock)


def test_workers_share_the_key(tmp_path, clock):
    assert key(tmp_path, clock).pseudonym(TODAY, WHO) == key(tmp_path, clock).pseudonym(TODAY, WHO)


def test_visitors_differ(tmp_path, clock):
    found = key(tmp_path, clock)
    assert len({found.pseudonym(TODAY, b"%d" % number) for number in range(1000)}) == 1000


def test_it_turns_at_local_midnight_and_the_old_key_is_overwritten(tmp_path, clock):
    clock.now = datetime(2026, 5, 18, 23, 59, 59, tzinfo=ZoneInfo("Europe/Berlin")).timestamp()
    first = key(tmp_path, clock)
    before = first.pseudonym(TODAY, WHO)
    (path,) = tmp_path.iterdir()
    old = path.read_bytes()
    clock.now += 1
    assert first.pseudonym(TOMORROW, WHO) != before
    assert path.read_bytes()[8:] != old[8:]
    assert key(tmp_path, clock).pseudonym(TOMORROW, WHO) == first.pseudonym(TOMORROW, WHO)


def test_an_idle_process_gives_the_key_up_too(tmp_path, clock):
    found = key(tmp_path, clock)
    before = found.pseudonym(TODAY, WHO)
    clock.now += 86_400
    found.keep_current()
    clock.now -= 86_400
    assert found.pseudonym(TODAY, WHO) != before


def test_a_process_that_follows_on_another_leaves_no_key_of_yesterday(tmp_path, clock):
    key(tmp_path, clock).pseudonym(TODAY, WHO)
    (path,) = tmp_path.iterdir()
    old = path.read_bytes()
    clock.now += 86_400
    key(tmp_path, clock).keep_current()
    assert path.read_bytes()[8:] != old[8:]


def test_a_beacon_of_the_last_instant_is_not_recognised_on_the_next_day(tmp_path, clock):
    found = key(tmp_path, clock)
    clock.now += 86_400
    assert found.pseudonym(TODAY, WHO) != found.pseudonym(TOMORROW, WHO)


def test_a_folder_that_somebody_else_put_in_the_place_is_refused(tmp_path, clock):
    folder, other = tmp_path / "folder", tmp_path / "other"
    other.mkdir(mode=0o700)
    folder.symlink_to(other)
    with pytest.raises(PermissionError):
        key(folder, clock).pseudonym(TODAY, WHO)


def test_a_clock_that_was_ahead_leaves_no_key_for_later(tmp_path, clock):
    found = key(tmp_path, clock)
    clock.now += 365 * 86_400
    found.keep_current()
    found.pseudonym(20270518, WHO)
    clock.now -= 365 * 86_400
    ahead = next(tmp_path.iterdir()).read_bytes()
    found.pseudonym(TODAY, WHO)
    assert next(tmp_path.iterdir()).read_bytes() != ahead


def test_without_shared_memory_it_lives_in_the_process(clock):
    found = key(None, clock)
    assert found.pseudonym(TODAY, WHO) == found.pseudonym(TODAY, WHO)
    assert key(None, clock).pseudonym(TODAY, WHO) != found.pseudonym(TODAY, WHO)


def test_the_folder_in_memory_is_private(tmp_path):
    path = runtime_directory(tmp_path / "data")
    assert path.stat().st_mode & 0o777 == 0o700
    assert Path("/dev/shm") in path.parents
    path.rmdir()
    assert runtime_directory(tmp_path / "data", Path("/nonexistent")) is None


def test_a_folder_that_others_can_read_is_refused(tmp_path):
    path = runtime_directory(tmp_path / "data", tmp_path)
    path.chmod(0o755)
    with pytest.raises(PermissionError, match="remove it"):
        runtime_directory(tmp_path / "data", tmp_path)


def test_a_planted_link_is_refused(tmp_path):
    path = runtime_directory(tmp_path / "data", tmp_path)
    path.rmdir()
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PermissionError):
        runtime_directory(tmp_path / "data", tmp_path)


def test_it_survives_that_its_folder_is_tidied_up(tmp_path, clock):
    found = key(tmp_path / "runtime", clock)
    before = found.pseudonym(TODAY, WHO)
    shutil.rmtree(tmp_path / "runtime")
    clock.now += 86_400
    assert found.pseudonym(TOMORROW, WHO) != before
