"""What somebody wrote, for whoever has its receipt, and nobody else: to see, to take along, to delete."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

from tracker.calendar import calendar_of
from tracker.errors import StoreError
from tracker.feedback.erased import note_erased
from tracker.feedback.receipt import hash_of
from tracker.feedback.submission import Refused
from tracker.logs import log
from tracker.peer import client_address
from tracker.store.feedback import Feedbacks, Kept, open_for_intake
from tracker.worker import Worker

GUESSES = 10  # wrong codes a minute and address; a code has 80 bits

Environ = Mapping[str, Any]


def find(code: str, environ: Environ, worker: Worker) -> Kept:
    """What is kept under a code as somebody typed it. Raises Refused: unknown_receipt, rate or busy."""
    with _opened(worker) as connection:
        return _find(connection, code, environ, worker)


def erase(code: str, environ: Environ, worker: Worker) -> None:
    """Delete what is kept under a code, for good. Raises Refused like `find`; after `busy` one may try again."""
    with _opened(worker) as connection:
        kept = _find(connection, code, environ, worker)
        receipt = hash_of(code)
        assert receipt is not None
        day = calendar_of("UTC").moment(int(worker.clock() * 1000)).day
        note_erased(worker.config.data, receipt, day)  # first: a crash in between is made good by the next purge
        Feedbacks(connection).erase(kept.number)
    worker.counters.beacons["200", "feedback_erased"] += 1


def _find(connection: sqlite3.Connection, code: str, environ: Environ, worker: Worker) -> Kept:
    """Right codes do not count as guesses."""
    address, now = client_address(environ, worker.config.trusted_proxies), worker.clock()
    if not (worker.limiter.allows(address, now) and worker.guesses.allows(address, now, GUESSES)):
        raise Refused("rate")
    receipt = hash_of(code)
    kept = Feedbacks(connection).by_receipt(receipt) if receipt is not None else None
    if kept is None:
        raise Refused("unknown_receipt")
    worker.guesses.give_back(address, now)
    return kept


@contextmanager
def _opened(worker: Worker) -> Iterator[sqlite3.Connection]:
    config = worker.config
    try:
        with closing(open_for_intake(config.database, config.durability == "fsync")) as connection:
            yield connection
    except (sqlite3.OperationalError, StoreError, OSError) as error:
        log("feedback_not_available", level="error", error=type(error).__name__)
        raise Refused("busy") from error
