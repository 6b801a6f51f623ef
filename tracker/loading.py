"""The loader as a process: `python -m tracker.loading DATA PARENT`, started by the worker that won the election.

It inherits the election's lock, ends with its parent, and after a failure (a full disk) tries again by itself.
"""

import logging.config
import os
import signal
import sqlite3
import sys
import time
from pathlib import Path
from types import FrameType

from tracker.config import load_config
from tracker.counters import write_json
from tracker.daykey import runtime_directory
from tracker.errors import ZaehlwerkError
from tracker.loader import Loader, Report
from tracker.logs import LOGGING, log
from tracker.retention import purge
from tracker.store import Store, open_store
from tracker.store.opendata import Opendata
from tracker.turn import is_wanted
from tracker.worker import loader_status

IDLE = 0.1  # s between two steps with nothing to do
RETRY = 1.0  # s after a failure
PURGE_EVERY = 3600.0  # s
QUIET_HOUR = 2  # UTC, in which the texts are purged, too


class Loading:
    """The loop around the loader, with its heartbeat."""

    def __init__(self, data: Path, parent: int) -> None:
        self._config = load_config(data)
        self._parent = parent
        self._status = loader_status(runtime_directory(data), data)
        self._stopped = False
        self._totals = {"counted": 0, "damaged": 0, "without_visit": 0, "unknown_site": 0}
        self._purged = 0.0
        self._minute = 0

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        """End after the present step."""
        self._stopped = True

    def run(self) -> None:
        """Count until told to stop or orphaned."""
        store = open_store(self._config.database)
        loader = Loader(store, self._config)
        log("loader_started")
        while not self._stopped and os.getppid() == self._parent and not is_wanted(self._config.data):
            try:
                report = loader.step()
                self._note(report)
                self._note_minute(store)
                self._purge_sometimes(store)
            except (sqlite3.Error, OSError, ZaehlwerkError) as error:
                log("loader_failed", level="error", error=str(error))
                time.sleep(RETRY)
                continue
            if not report.more:
                time.sleep(IDLE)
        store.close()
        log("loader_stopped")

    def _note(self, report: Report) -> None:
        for name in self._totals:
            self._totals[name] += getattr(report, name)
        facts = {"time": time.time(), "lag": report.lag / 1000, "batch_seconds": report.seconds, **self._totals}
        write_json(self._status, facts)

    def _note_minute(self, store: Store) -> None:
        """Let it be known later that this minute was measured."""
        now = time.time()
        if int(now // 60) != self._minute:
            self._minute = int(now // 60)
            Opendata(store.connection).note_minute(now)

    def _purge_sometimes(self, store: Store) -> None:
        if time.monotonic() - self._purged < PURGE_EVERY and self._purged:
            return
        self._purged = time.monotonic()
        now = time.time()
        log("purged", facts=purge(store, self._config, now, texts=time.gmtime(now).tm_hour == QUIET_HOUR))


def main() -> None:
    """Entry point of the process."""
    logging.config.dictConfig(LOGGING)
    loading = Loading(Path(sys.argv[1]), int(sys.argv[2]))
    signal.signal(signal.SIGTERM, loading.stop)
    signal.signal(signal.SIGINT, loading.stop)
    loading.run()


if __name__ == "__main__":
    main()
