"""The jobs of the night: each once a day, again after a failure, and none keeps another from being done."""

import json
import subprocess
import sys

import pytest

from tests.installation import install
from tracker.errors import StoreError
from tracker.loader import loader_lock
from tracker.nightly import HOUR, RETRY, STATUS, Job, due, run_jobs

MIDNIGHT = 1_779_062_400.0  # 2026-05-18 0:00 UTC
MORNING = MIDNIGHT + HOUR * 3600


@pytest.fixture
def config(tmp_path):
    return install(tmp_path).config


def job(done, name="count", error=None):
    def run(_config, now):
        done.append((name, now))
        if error is not None:
            raise error

    return Job(name, run)


def test_the_jobs_are_due_once_a_day_from_three_o_clock_on(config):
    assert due(config, MIDNIGHT)
    run_jobs(config, MORNING, [job([])])
    assert not due(config, MORNING + 1)
    assert not due(config, MORNING + 86_399)
    assert due(config, MORNING + 86_400)


def test_before_three_o_clock_it_is_still_the_night_before(config):
    run_jobs(config, MORNING - 1, [job([])])
    assert due(config, MORNING)


def test_a_job_that_fails_keeps_none_of_the_others_from_being_done(config):
    done = []
    failed = run_jobs(
        config, MORNING, [job(done, "bad", StoreError("no")), job(done, "full", OSError(28, "full")), job(done)]
    )
    assert [name for name, _ in done] == ["bad", "full", "count"]
    assert failed.keys() == {"bad", "full"}


def test_what_failed_is_tried_again_after_an_hour(config):
    run_jobs(config, MORNING, [job([], "bad", StoreError("no"))])
    assert not due(config, MORNING + RETRY - 1)
    assert due(config, MORNING + RETRY + 1)
    run_jobs(config, MORNING + RETRY + 1, [job([])])
    assert not due(config, MORNING + 2 * RETRY + 3)


@pytest.mark.slow
def test_the_process_does_the_jobs_and_leaves_word(config):
    command = [sys.executable, "-m", "admin.nightly", str(config.data)]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    assert json.loads((config.data / STATUS).read_text())["failed"] == {}


@pytest.mark.slow
def test_a_second_process_leaves_the_jobs_to_the_first(config):
    lock = loader_lock(config.data, "nightly.lock")
    assert lock is not None
    subprocess.run([sys.executable, "-m", "admin.nightly", str(config.data)], check=True)
    assert not (config.data / STATUS).exists()
