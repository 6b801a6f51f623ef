"""The loader: journal files → visits → additive counts, each line exactly once.

One step:

1. Read the next whole lines of every journal file. Lines younger than the watermark wait for the next step, so that the
   files of several workers are merged by time.
2. Fold them into deltas (visits.py) and write deltas, open visitors, facts and journal positions in one transaction.
3. Close the days that are over, delete what is due.

A line that arrives behind the watermark all the same is counted where it arrives: on the local day of its own time, at
the end of what its visitor did so far. If that day was closed meanwhile, it is opened again and the visitor is new.
"""

import fcntl
import gc
import itertools
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tracker.calendar import Calendar, day_date, day_number
from tracker.config import Config
from tracker.errors import StoreError
from tracker.fold import Fold
from tracker.journal import IMPORT, is_finished, journal_files, read_lines, sync_directory
from tracker.reader import BATCH_BYTES, Position, Read, read_journal
from tracker.record import Record
from tracker.scopes import Scopes
from tracker.store import Store
from tracker.store.batch import Batch
from tracker.store.catalogue import Catalogue, Site
from tracker.store.imports import Imports
from tracker.store.services import Services
from tracker.visits import GAP, Visitor, VisitorKey

GRACE = 10 * 60_000  # ms after local midnight until a day is closed
CLOSE_EVERY = 1_000  # ms between two looks at what is over
VISITORS_IN_MEMORY = 50_000  # about 1.5 KB each; the others are recalled from the database
LOCK = "loader.lock"


@dataclass(slots=True)
class Report:
    """What one step did; `lag` in ms is the age of the oldest beacon that is not counted yet."""

    counted: int = 0
    damaged: int = 0
    without_visit: int = 0
    unknown_site: int = 0
    seconds: float = 0.0
    lag: int = 0
    more: bool = False


class Loader:
    """Counts the journal of one data directory. Hold the lock (`loader_lock`) while using it."""

    def __init__(self, store: Store, config: Config, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._config = config
        self._clock = clock
        self._visitors: dict[VisitorKey, Visitor] = {}
        self._positions: dict[str, Position] | None = None
        self._checked = 0
        self._sites: dict[int, Site] = {}
        self._scopes = Scopes({}, {}, {})
        self._gateway: dict[int, frozenset[str]] = {}
        self._changes = -1

    def step(self) -> Report:
        """Count what is there; raises sqlite3.Error or OSError, after which it can be called again."""
        begun, now = time.perf_counter(), int(self._clock() * 1000)
        try:
            with _without_garbage_collection():
                report = self._count(now)
            if abs(now - self._checked) >= CLOSE_EVERY:
                self._checked = now
                self._close_days(now)
        except BaseException:
            self._forget()
            raise
        report.seconds = time.perf_counter() - begun
        return report

    def drain(self, progress: Callable[[int], None] = lambda _: None) -> None:
        """Step until nothing is left that need not wait; `progress` gets the number of lines counted by each step."""
        while (report := self.step()).more or report.counted:
            progress(report.counted)

    def _forget(self) -> None:
        self._store.rollback()
        self._visitors.clear()
        self._positions = None
        self._changes = -1

    def _look_up(self) -> None:
        """Read sites and services again if another process wrote anything."""
        changes = self._store.changes()
        if changes == self._changes:
            return
        connection = self._store.connection
        self._sites = {site.id: site for site in Catalogue(connection).sites()}
        matchers = Services(connection).matchers()
        towns = {number: site.municipality_id for number, site in self._sites.items()}
        self._scopes = Scopes(matchers.sites, matchers.forms, towns)
        self._gateway = matchers.gateway
        self._changes = changes

    # 1. Read

    def _count(self, now: int) -> Report:
        positions = self._known_positions()
        read = read_journal(self._config.journal, positions, now)
        report = Report(damaged=read.damaged, more=read.more)
        report.lag = now - read.waiting_since if read.waiting_since else 0
        if read.positions:
            self._write(read, now, report)
            positions.update(read.positions)
        return report

    def _known_positions(self) -> dict[str, Position]:
        if self._positions is None:
            self._positions = {name: Position(*row) for name, row in self._store.positions().items()}
        return self._positions

    # 2. Count

    def _write(self, read: Read, now: int, report: Report) -> None:
        self._store.begin()
        self._look_up()
        calendars = {number: site.calendar for number, site in self._sites.items()}
        records = self._countable(read, self._sites, report)
        self._recall(
            VisitorKey(record.site, calendars[record.site].moment(record.time).day, record.visitor)
            for record in records
            if record.visitor
        )
        kept = {site: self._facts_from(calendar, now) for site, calendar in calendars.items()}
        numbers = itertools.count(self._store.last_visit() + 1)
        fold = Fold(self._visitors, numbers, self._scopes.of, lambda key: key.day >= kept[key.site], self._gateway)
        fold.add_all(records, calendars)
        fold.close()
        arrived = {record.site for name, record in read.records if not name.startswith(IMPORT)}
        self._store.apply(self._batch(fold, read, calendars, now), arrived)
        self._store.commit()
        report.counted = len(read.records)
        report.without_visit = fold.without_visit
        if len(self._visitors) > VISITORS_IN_MEMORY:
            self._visitors.clear()

    def _countable(self, read: Read, sites: dict[int, Site], report: Report) -> list[Record]:
        """The records of known sites, less imported lines that were counted before."""
        imports, found = Imports(self._store.connection), defaultdict[str, list[int]](lambda: [0, 0])
        days: set[tuple[str, int, int]] = set()
        records = []
        for name, record in read.records:
            site = sites.get(record.site)
            if site is None:
                report.unknown_site += 1
                continue
            day = site.calendar.moment(record.time).day
            days.add((name, site.id, day))
            if record.once:
                is_new = imports.is_new if name.startswith(IMPORT) else imports.is_first_delivery
                new = is_new(record.site, day, record.once)
                found[name][not new] += 1
                if not new:
                    continue
            records.append(record)
        for name, number, day in days:
            position = read.positions[name]
            position.closes = max(position.closes, sites[number].calendar.day_ends(day) + GRACE)
        for name, (counted, repeated) in found.items():
            imports.note(name, counted, repeated)
        return records

    def _recall(self, keys: Iterable[VisitorKey]) -> None:
        """Bring the state of open visitors that is not in memory from the database."""
        unknown: dict[tuple[int, int], set[int]] = defaultdict(set)
        for key in keys:
            if key not in self._visitors:
                unknown[key.site, key.day].add(key.pseudonym)
        for (site, day), pseudonyms in unknown.items():
            self._visitors.update(self._store.visitors(site, day, pseudonyms))

    def _batch(self, fold: Fold, read: Read, calendars: dict[int, Calendar], now: int) -> Batch:
        touched = {key: self._visitors[key] for key in fold.touched.keys() | fold.attempting}
        visits = fold.finished + [(key, visitor.visit) for key, visitor in touched.items() if visitor.visit]
        return Batch(
            deltas=fold.deltas,
            visitors=touched,
            visits=[(key, visit) for key, visit in visits if visit.number],
            hits=fold.hits,
            waiting=fold.waiting(),
            positions={name: (position.offset, position.closes) for name, position in read.positions.items()},
            open_days={(site, day): calendars[site].day_ends(day) for site, day in fold.deltas},
            now=now,
        )

    def _facts_from(self, calendar: Calendar, now: int) -> int:
        """The first day whose facts are still kept."""
        today = day_date(calendar.moment(now).day)
        return day_number(today - timedelta(days=self._config.facts_days - 1))

    # 3. Close

    def _end_attempts(self, keys: list[VisitorKey], silent_since: int | None, now: int) -> None:
        """Count attempts without an end as abandoned, within a transaction."""
        self._recall(keys)
        fold = Fold(self._visitors, itertools.count())
        fold.end_attempts(keys, silent_since)
        fold.close()
        visitors = {key: self._visitors[key] for key in keys}
        self._store.apply(Batch(fold.deltas, visitors, [], [], fold.waiting(), {}, {}, now))

    def _close_days(self, now: int) -> None:
        """Close days that are over and silent, then remove the journal files whose days are all closed."""
        silent = self._store.attempts_silent_since(now - GAP)
        if silent:
            self._store.begin()
            self._end_attempts(silent, now - GAP, now)
            self._store.commit()
        days = self._store.days_to_close(now - GRACE, now - GAP)
        if days:
            self._store.begin()
            for site, day in days:
                self._end_attempts(self._store.open_attempts(site, day), None, now)
                self._store.close_day(site, day)
            self._store.commit()
            gone = set(days)
            self._visitors = {key: row for key, row in self._visitors.items() if (key.site, key.day) not in gone}
            self._store.checkpoint()
        self._remove_files(now)

    def _remove_files(self, now: int) -> None:
        """Remove finished files that are counted to the end and whose days are closed; then forget their positions."""
        positions = self._known_positions()
        paths = {path.name: path for path in journal_files(self._config.journal)}
        due = [
            name
            for name, path in paths.items()
            if (known := positions.get(name, Position())).closes <= now
            and is_finished(path)
            and not _has_more(path, known.offset)
        ]
        if due:
            self._store.checkpoint()
            for name in due:
                paths.pop(name).unlink()
            sync_directory(self._config.journal)
        for name in positions.keys() - paths.keys():
            self._store.forget_file(name)
            del positions[name]


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """A batch makes some 100,000 objects and no cycles; searching them for cycles took a sixth of its time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _has_more(path: Path, offset: int) -> bool:
    """Whether whole lines follow; a torn last line of a finished file was never acknowledged."""
    return bool(read_lines(path, offset, BATCH_BYTES)[0])


def loader_lock(data: Path, name: str = LOCK) -> int | None:
    """A descriptor that holds the lock `name` of a data directory, or None while another process has it."""
    try:
        descriptor = os.open(data / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(f"The data directory cannot be written: {error.strerror}.") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
