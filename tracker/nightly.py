"""What is done once a day, in a process of its own beside the loader; which jobs there are is the caller's table."""

import sqlite3
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from tracker.config import Config
from tracker.counters import read_json, write_json
from tracker.errors import ZaehlwerkError
from tracker.logs import log

STATUS = "nightly.json"
HOUR = 3  # UTC, from which on the jobs of a day are due: all days of Europe that ended are closed by then
RETRY = 3600.0  # s until a job that failed is tried again


class Job(NamedTuple):
    """One job. `run` gets the settings and the instant in seconds; it must do no harm when it is run again."""

    name: str
    run: Callable[[Config, float], None]


def due(config: Config, now: float) -> bool:
    """Whether some job of today has not been done, by what the last process left behind."""
    status = read_json(config.data / STATUS)
    if status is None:
        return True
    return int(status["day"]) < day_of(now) or (bool(status["failed"]) and now - float(status["time"]) > RETRY)


def run_jobs(config: Config, now: float, jobs: Sequence[Job]) -> dict[str, str]:
    """Do what is due; name → what went wrong. A job that fails keeps none of the others from being done."""
    failed = {job.name: error for job in jobs if (error := _run(job, config, now))}
    write_json(config.data / STATUS, {"day": day_of(now), "time": now, "failed": failed})
    return failed


def day_of(now: float) -> int:
    """The day (20260131) whose jobs are due at an instant: yesterday's until HOUR."""
    return int(datetime.fromtimestamp(now - HOUR * 3600, UTC).strftime("%Y%m%d"))


def _run(job: Job, config: Config, now: float) -> str:
    begun = time.monotonic()
    try:
        job.run(config, now)
    except (sqlite3.Error, OSError, ZaehlwerkError) as error:
        log("nightly_failed", level="error", job=job.name, error=str(error))
        return str(error)
    log("nightly_done", job=job.name, seconds=round(time.monotonic() - begun, 2))
    return ""
