"""Publishing at the push of a button, in a process whose progress a page can follow."""

import os
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

from admin.opendata.publisher import Publisher
from tracker.config import Config, load_config
from tracker.counters import read_json, write_json
from tracker.errors import ZaehlwerkError
from tracker.store import open_store
from tracker.store.catalogue import Catalogue, Municipality

STATUS = ".status.json"
SILENT = 120.0  # s after which a run that says nothing is taken for dead


class Status(NamedTuple):
    """How the last run went or goes: releases done of `total`; `error` is a sentence, "" for none."""

    running: bool
    done: int
    total: int
    error: str


def start(config: Config, town: Municipality) -> "subprocess.Popen[bytes]":
    """Publish what is due in a process of its own, which outlives the request."""
    write_status(config, town.ars, running=True)
    command = [sys.executable, "-m", "admin.opendata", str(config.data), town.ars]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603
    threading.Thread(target=process.wait, daemon=True).start()  # somebody must note its end
    return process


def status_of(config: Config, ars: str) -> Status | None:
    """What the last run said; None where there was none."""
    found = read_json(config.opendata / ars / STATUS)
    if found is None:
        return None
    alive = bool(found["running"]) and time.time() - float(found["time"]) < SILENT
    return Status(alive, int(found["done"]), int(found["total"]), str(found["error"]))


def write_status(config: Config, ars: str, running: bool, done: int = 0, total: int = 0, error: str = "") -> None:
    """Say how it goes."""
    path = config.opendata / ars / STATUS
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    write_json(path, {"running": running, "done": done, "total": total, "error": error, "time": time.time()})


def main() -> None:
    """Entry point of the process."""
    config, ars = load_config(Path(sys.argv[1])), sys.argv[2]
    os.nice(5)
    store = open_store(config.database, readonly=True)
    try:
        publisher = Publisher(store, config, Catalogue(store.connection).municipality(ars), time.time())
        done = publisher.publish(lambda done, total: write_status(config, ars, True, done, total))
        write_status(config, ars, False, len(done), len(done))
    except (ZaehlwerkError, OSError, sqlite3.Error) as error:
        write_status(config, ars, False, error=str(error))
        raise SystemExit(str(error)) from error
    finally:
        store.close()
