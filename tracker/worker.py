"""What a worker process holds for the collector, and the background duties that keep it current."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tracker.config import Config
from tracker.counters import Counters
from tracker.country import open_country
from tracker.daykey import DayKey, runtime_directory
from tracker.feedback.limits import Recent
from tracker.journal import JournalWriter
from tracker.limiter import Limiter
from tracker.loader import loader_lock
from tracker.logs import log, mask_server_logs
from tracker.nightly import due
from tracker.store import Store, open_store
from tracker.store.catalogue import Catalogue, Site
from tracker.turn import is_wanted
from tracker.useragent import ClientCache

PERIOD = 1.0  # s between two rounds of the background duties
NIGHTLY_EVERY = 60.0  # s between two looks at whether the jobs of the day are done


@dataclass(frozen=True, slots=True)
class Counted:
    """A registered site with the day key of its time zone."""

    site: Site
    key: DayKey


class Worker:
    """One process that collects beacons; `nightly` is the module that does the jobs of the day, "" for none."""

    def __init__(self, config: Config, clock: Callable[[], float] = time.time, nightly: str = "") -> None:
        self.config = config
        self.clock = clock
        self.runtime = runtime_directory(config.data)
        self.counters = Counters(self.runtime)
        self.journal = JournalWriter(config.journal, config.durability, clock=clock)
        self.limiter = Limiter(config.rate_limit, config.rate_burst)
        self.senders = Recent(self.runtime, "feedback")
        self.guesses = Recent(self.runtime, "receipts")
        self.country = open_country(config.country_db).country
        self.client = ClientCache().get
        self.sites: dict[str, Counted] = {}
        self._keys: dict[str, DayKey] = {}
        self._store: Store | None = None
        self._version = -1
        self._loader: subprocess.Popen[bytes] | None = None
        self._nightly_module = nightly
        self._nightly: subprocess.Popen[bytes] | None = None
        self._looked = -NIGHTLY_EVERY if config.simulated else time.monotonic()  # a demo shall not wait
        self._process = 0
        self.refresh()

    def start(self) -> None:
        """Begin the background duties in this process; again after a fork."""
        self._process = os.getpid()
        mask_server_logs()
        threading.Thread(target=self._run, name="zaehlwerk-duties", daemon=True).start()

    def ensure_started(self) -> None:
        """Begin the background duties if this process was forked from the one that did."""
        if self._process and self._process != os.getpid():
            self._store = None
            self._loader = self._nightly = None
            self.counters.beacons.clear()
            self.start()

    def refresh(self) -> None:
        """Read the sites anew if anything in the database changed; turn the day keys that are due."""
        if self._store is None:
            self._store = open_store(self.config.database, readonly=True)
            self._version = -1
        version = self._store.changes()
        if version != self._version:
            self._version = version
            sites = Catalogue(self._store.connection).sites()
            self.sites = {site.host: Counted(site, self._key(site)) for site in sites}
        for key in self._keys.values():
            key.keep_current()

    def forget(self) -> None:
        """Drop who sent feedback, or tried receipts, more than a minute ago."""
        self.senders.tidy(self.clock())
        self.guesses.tidy(self.clock())

    def _key(self, site: Site) -> DayKey:
        if site.timezone not in self._keys:
            self._keys[site.timezone] = DayKey(self.runtime, site.calendar, self.clock)
        return self._keys[site.timezone]

    def _run(self) -> None:
        process = os.getpid()
        while process == os.getpid():
            for duty in (
                self.refresh,
                self.counters.save,
                self.forget,
                self.journal.finish_idle,
                self._elect_loader,
                self._start_nightly,
            ):
                try:
                    duty()
                except Exception as error:  # noqa: BLE001 - whatever it is, the duties go on: they turn the day key
                    log("duty_failed", level="warning", duty=duty.__name__, error=str(error))
            time.sleep(PERIOD)

    def _elect_loader(self) -> None:
        """Start the loader if no process of the machine has it: the lock goes to the child with its descriptor."""
        if self._loader is not None and self._loader.poll() is not None:
            self._loader = None
        if self._loader is not None or is_wanted(self.config.data) or (lock := loader_lock(self.config.data)) is None:
            return
        command = [sys.executable, "-m", "tracker.loading", str(self.config.data), str(os.getpid())]
        try:
            self._loader = subprocess.Popen(command, pass_fds=[lock], stdin=subprocess.DEVNULL)  # noqa: S603
        finally:
            os.close(lock)

    def _start_nightly(self) -> None:
        """Let a process of its own do the jobs of the day, if this is the worker that has the loader."""
        running = self._nightly is not None and self._nightly.poll() is None
        if not self._nightly_module or self._loader is None or running or not self._is_time_to_look():
            return
        if due(self.config, self.clock()):
            command = [sys.executable, "-m", self._nightly_module, str(self.config.data)]
            self._nightly = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603

    def _is_time_to_look(self) -> bool:
        now = time.monotonic()
        if now - self._looked < NIGHTLY_EVERY:
            return False
        self._looked = now
        return True


def loader_status(runtime: Path | None, data: Path) -> Path:
    """Where the loader reports."""
    return (runtime or data) / "loader.json"
