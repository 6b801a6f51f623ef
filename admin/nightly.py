"""The jobs of the night: `python -m admin.nightly DATA`, started by the worker that has the loader."""

import logging.config
import os
import sys
import time
from pathlib import Path

from admin.opendata.publisher import Publisher
from tracker.audit.audit import audit
from tracker.audit.report import FAILURE, save
from tracker.config import Config, load_config
from tracker.loader import loader_lock
from tracker.logs import LOGGING, log
from tracker.nightly import Job, run_jobs
from tracker.store import open_store
from tracker.store.catalogue import Catalogue
from tracker.store.opendata import Opendata
from tracker.store.topics import build_topics

LOCK = "nightly.lock"


def publish(config: Config, now: float) -> None:
    """Publish what is due of every municipality that wants it every night."""
    store = open_store(config.database, readonly=True)
    try:
        automatic = Opendata(store.connection).automatic()
        for town in Catalogue(store.connection).municipalities():
            if town.id in automatic:
                Publisher(store, config, town, now).publish()
    finally:
        store.close()


def find_topics(config: Config, now: float) -> None:  # noqa: ARG001 - the same whenever it is run
    """Find out anew what comments talk about, of every municipality."""
    store = open_store(config.database)
    try:
        for town in Catalogue(store.connection).municipalities():
            build_topics(store.connection, town.id)
    finally:
        store.close()


def check_privacy(config: Config, now: float) -> None:
    """Audit a sample of what is stored; the page “Privacy” shows the result."""
    report = audit(config, now)
    save(config, report)
    if report.grade == FAILURE:
        checks = sorted({finding.check for finding in report.findings if finding.grade == FAILURE})
        log("audit_failed", level="warning", checks=checks)


JOBS: tuple[Job, ...] = (Job("topics", find_topics), Job("publish", publish), Job("audit", check_privacy))


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
