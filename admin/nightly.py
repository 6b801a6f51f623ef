"""The jobs of the night: `python -m admin.nightly DATA`, started by the worker that has the loader."""

import logging.config
import os
import sys
import time
from pathlib import Path

from tracker.config import load_config
from tracker.loader import loader_lock
from tracker.logs import LOGGING
from tracker.nightly import Job, run_jobs

LOCK = "nightly.lock"
JOBS: tuple[Job, ...] = ()


def main() -> None:
    """Entry point of the process: behind everything else that the machine has to do."""
    logging.config.dictConfig(LOGGING)
    config = load_config(Path(sys.argv[1]))
    if loader_lock(config.data, LOCK) is None:  # the one of before a restart is still at it
        return
    os.nice(10)
    run_jobs(config, time.time(), JOBS)


if __name__ == "__main__":
    main()
