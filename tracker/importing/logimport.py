"""Access logs become records, which take the same way as a beacon's: anonymised, journal, loader.

1. Every line is read, and dropped for a reason or anonymised under a key that exists in this process only.
2. The records are sorted by time; those that were counted before, or stand in two of the files, are left out.
3. The journal gets them as one file, whole or not at all, and the loader counts it exactly once.

So an import that is killed has either done nothing, or all but the waiting; repeating it is always safe.
"""

import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tracker.anonymise import Drop
from tracker.config import Config
from tracker.importing.accesslog import NOT_A_LINE, Format, detect
from tracker.importing.counting import Sizes, close_days, count, import_files
from tracker.importing.files import Raw, lines
from tracker.importing.line import Broken, Line
from tracker.importing.recorder import Recorder
from tracker.importing.spool import Spool, each_once, hidden_file, journal_name, only_import, publish, write
from tracker.record import Record
from tracker.store import Store
from tracker.store.catalogue import Site
from tracker.store.imports import Imports

SAMPLE: Final = 50  # lines by which the format of a file is found
SHOWN: Final = 20  # broken lines that are named
AHEAD: Final = 24 * 3600 * 1000  # ms that a line may lie in the future

Bar = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]  # (what, how much) → a progress bar


@dataclass(slots=True)
class Findings:
    """What an import found. `faults` names the first broken lines; `known` and `doubled` lines were left out."""

    formats: dict[Path, str] = field(default_factory=dict)
    read: int = 0
    broken: int = 0
    faults: list[str] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    counted: Counter[str] = field(default_factory=Counter)  # by kind of record
    known: int = 0  # counted by an earlier import
    doubled: int = 0  # in two of the files
    days: set[int] = field(default_factory=set)

    def note_fault(self, path: Path, number: int, reason: str) -> None:
        """Count a broken line and keep where the first ones are; never what they hold."""
        self.broken += 1
        if len(self.faults) < SHOWN:
            self.faults.append(f"{path}:{number}: {reason}")


class LogImport:
    """One run of `zaehlwerk import log`."""

    def __init__(
        self, config: Config, store: Store, site: Site, bar: Bar, clock: Callable[[], float] = time.time
    ) -> None:
        self._config = config
        self._store = store
        self._site = site
        self._bar = bar
        self._clock = clock
        self.findings = Findings()

    def run(self, paths: Sequence[Path]) -> Findings:
        """Import files. Raises ZaehlwerkError if a file cannot be read or the import cannot be written."""
        self._config.journal.mkdir(mode=0o700, exist_ok=True)
        with only_import(self._config.data, self._config.journal):
            left = import_files(self._config)  # by an import whose process was killed
            self._count(left)
            with Spool(self._config.journal) as spool:
                self._read(paths, spool)
                self._publish(spool)
            self._count(import_files(self._config))
            if left or self.findings.counted:
                close_days(self._config, self._store, self._clock())
        return self.findings

    # 1. Read

    def _read(self, paths: Sequence[Path], spool: Spool) -> None:
        recorder = Recorder(self._config, self._site)
        with self._bar("Reading", sum(path.stat().st_size for path in paths)) as progress:
            for number, path in enumerate(paths):
                for line in self._requests(path, progress):
                    self.findings.read += 1
                    record = recorder.record(line)
                    if isinstance(record, Drop):
                        self.findings.dropped[record.reason] += 1
                    else:
                        spool.add(number, record)

    def _requests(self, path: Path, progress: Callable[[int], None]) -> Iterator[Line]:
        """The readable lines of a file, in the format that its first readable ones have."""
        raws, form = lines(path, progress), None
        latest = self._clock() * 1000 + AHEAD
        while batch := list(itertools.islice(raws, SAMPLE)):
            form = form or detect([raw.text for raw in batch if not raw.fault])
            if form:
                self.findings.formats[path] = form.name
            for raw in batch:
                line = _parsed(raw, form, latest)
                if isinstance(line, Broken):
                    self.findings.note_fault(path, raw.number, line.reason)
                else:
                    yield line

    # 2. Leave out what is known, 3. hand over

    def _publish(self, spool: Spool) -> None:
        """Put a file with what is new into the journal, if anything is."""
        found = self.findings
        with hidden_file(self._config.journal) as hidden:
            write(hidden, self._new(spool))
            if not found.counted:
                return
            name = journal_name(hidden).name
            repeated = found.known + found.doubled
            Imports(self._store.connection).begin(self._site.id, name, min(found.days), repeated, int(self._clock()))
            publish(hidden)

    def _new(self, spool: Spool) -> Iterator[Record]:
        found, imports = self.findings, Imports(self._store.connection)
        for record, doubled in each_once(spool.merged()):
            day = self._site.calendar.moment(record.time).day
            if doubled:
                found.doubled += 1
            elif imports.was_counted(self._site.id, day, record.once):
                found.known += 1
            else:
                found.counted[record.kind] += 1
                found.days.add(day)
                yield record

    def _count(self, sizes: Sizes) -> None:
        if sizes:
            with self._bar("Counting", sum(sizes.values())) as progress:
                count(self._config, self._store, sizes, progress)


def _parsed(raw: Raw, form: Format | None, latest: float) -> Line | Broken:
    if raw.fault:
        return Broken(raw.fault)
    if form is None:
        return NOT_A_LINE
    line = form.parse(raw.text)
    if isinstance(line, Line) and line.time > latest:
        return Broken("its time lies in the future")
    return line
