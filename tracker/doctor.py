"""What `zaehlwerk doctor` looks at. Each check returns one finding; CHECKS is their order."""

import os
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from tracker.config import Config
from tracker.counters import heartbeat_is_fresh, read_json
from tracker.country import open_country
from tracker.daykey import SHARED_MEMORY, runtime_directory
from tracker.errors import ZaehlwerkError
from tracker.journal import journal_size, probe
from tracker.store import open_store
from tracker.store.catalogue import Catalogue
from tracker.worker import loader_status

OK, WARN, FAIL = "ok", "warn", "FAIL"
LAG_LIMIT = 60.0  # s
FREE_LIMIT = 500e6  # bytes
SWAPS = Path("/proc/swaps")


class Finding(NamedTuple):
    """What one check found: `ok`, `warn` or `FAIL`, and a sentence."""

    grade: str
    text: str


def permissions(config: Config) -> Finding:
    """Nobody but the owner may read the data."""
    if not config.data.is_dir():
        return Finding(FAIL, f"There is no directory {config.data}; `zaehlwerk init --data {config.data}` makes it.")
    open_to_others = [path for path in (config.data, config.database) if path.exists() and path.stat().st_mode & 0o077]
    if open_to_others:
        return Finding(WARN, f"{open_to_others[0]} can be read by other users; `chmod -R go= {config.data}` mends it.")
    return Finding(OK, f"{config.data} belongs to its owner alone.")


def journal(config: Config) -> Finding:
    """Beacons can be written."""
    try:
        probe(config.journal)
    except ZaehlwerkError as error:
        return Finding(FAIL, f"{error} Beacons are refused until that is mended.")
    status = os.statvfs(config.data)
    free = status.f_bavail * status.f_frsize
    if free < FREE_LIMIT:
        return Finding(WARN, f"Only {free / 1e6:.0f} MB are free on the disk.")
    return Finding(OK, f"The journal is writable, {free / 1e9:.1f} GB are free.")


def database(config: Config) -> Finding:
    """The database is whole and of this version."""
    try:
        damage = open_store(config.database, readonly=True).damage()
    except (sqlite3.Error, ZaehlwerkError) as error:
        return Finding(FAIL, str(error))
    if damage:
        return Finding(FAIL, f"The database is damaged: {damage}. Restore the last backup.")
    return Finding(OK, f"The database is whole ({config.database.stat().st_size / 1e6:.1f} MB).")


def loader(config: Config) -> Finding:
    """The loader is alive and keeps up."""
    status = read_json(loader_status(runtime_directory(config.data), config.data)) if config.data.is_dir() else None
    waiting = journal_size(config.journal)
    if status is None or not heartbeat_is_fresh(status):
        return Finding(
            WARN, f"No loader is running ({waiting / 1e6:.1f} MB in the journal); `zaehlwerk serve` starts one."
        )
    if status["lag"] > LAG_LIMIT:
        return Finding(WARN, f"The loader lags {status['lag']:.0f} s behind.")
    return Finding(OK, f"The loader keeps up ({status['lag']:.1f} s behind).")


def day_key(_config: Config, swaps: Path = SWAPS) -> Finding:
    """The day key stays in memory."""
    if not os.access(SHARED_MEMORY, os.W_OK):
        return Finding(
            WARN, f"There is no {SHARED_MEMORY}: run one worker only, or visitors are counted once per worker."
        )
    if swaps.exists() and len(swaps.read_text().splitlines()) > 1:  # the first line is the heading
        return Finding(WARN, "Memory may be swapped to disk, the day key too: encrypt the swap space or switch it off.")
    return Finding(OK, f"The day key lives in memory ({SHARED_MEMORY}).")


def country_database(config: Config) -> Finding:
    """Countries can be looked up."""
    try:
        open_country(config.country_db)
    except ZaehlwerkError as error:
        return Finding(FAIL, str(error))
    return Finding(OK, f"Countries come from {config.country_db or 'the built-in database'}.")


def proxies(config: Config) -> Finding:
    """Behind a proxy, its address must be trusted."""
    if config.base_url.startswith("https://") and not config.trusted_proxies:
        return Finding(
            WARN, "base_url is https, but trusted_proxies is empty: all visitors seem to come from the proxy."
        )
    return Finding(OK, "Proxies are configured." if config.trusted_proxies else "No proxy is trusted.")


def arrivals(config: Config) -> Finding:
    """Beacons of every site arrive."""
    if not config.database.exists():
        return Finding(WARN, "There are no sites yet.")
    try:
        store = open_store(config.database, readonly=True)
        sites, newest = Catalogue(store.connection).sites(), store.newest_beacons()
    except (sqlite3.Error, ZaehlwerkError) as error:
        return Finding(FAIL, str(error))
    silent = [site.host for site in sites if site.id not in newest or time.time() - newest[site.id] > 86_400]
    if not sites:
        return Finding(WARN, "There are no sites yet; `zaehlwerk site add` makes one.")
    if silent:
        return Finding(WARN, f"No beacon for a day: {', '.join(silent)}.")
    last = datetime.fromtimestamp(max(newest.values()), UTC)
    return Finding(OK, f"Beacons arrive from all {len(sites)} sites, the last at {last:%Y-%m-%d %H:%M} UTC.")


CHECKS: tuple[Callable[[Config], Finding], ...] = (
    permissions,
    journal,
    database,
    loader,
    day_key,
    country_database,
    proxies,
    arrivals,
)
