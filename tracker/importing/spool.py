"""Records of several files → one file of the journal, in the order of their times, each line once.

Access logs are written when requests end, files overlap, and the logs of several servers are joined end to end. So the
records are sorted for good: chunks in memory, each spilled to a nameless temporary file, merged at the end. A killed
import leaves nothing behind. The journal gets the merged file whole, by one rename, or not at all.
"""

import fcntl
import heapq
import os
import secrets
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import IO, Final

import msgspec

from tracker.errors import JournalError, ZaehlwerkError
from tracker.journal import IMPORT, SUFFIX, sync_directory
from tracker.record import Record, decode, encode

CHUNK: Final = 50_000  # records in memory, about 25 MB
HIDDEN: Final = ".part"
LOCK: Final = "import.lock"

Numbered = tuple[int, Record]  # the number of the file it comes from


class Spool:
    """Takes records in any order and gives them back by time; equal times stay as they came."""

    def __init__(self, directory: Path, chunk: int = CHUNK) -> None:
        self._directory = directory
        self._chunk = chunk
        self._held: list[tuple[int, bytes]] = []
        self._spilled: list[IO[bytes]] = []

    def __enter__(self) -> "Spool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._spilled:
            with suppress(OSError):  # the disk is full: that was reported when it happened
                file.close()

    def add(self, file: int, record: Record) -> None:
        """Take a record of the file with a number. Raises JournalError when the disk is full."""
        self._held.append((record.time, b"%d %b" % (file, encode(record))))
        if len(self._held) >= self._chunk:
            self._spill()

    def merged(self) -> Iterator[Numbered]:
        """All records by time; call once, when all are added."""
        self._held.sort(key=lambda item: item[0])
        sources: list[Iterable[bytes]] = [*self._spilled, [text for _, text in self._held]]
        self._held = []
        return heapq.merge(*map(_numbered, sources), key=lambda item: item[1].time)

    def _spill(self) -> None:
        self._held.sort(key=lambda item: item[0])
        with writing():
            file = tempfile.TemporaryFile(dir=self._directory)  # noqa: SIM115 - open until merged
            self._spilled.append(file)
            file.writelines(text for _, text in self._held)
            file.seek(0)
        self._held = []


def _numbered(texts: Iterable[bytes]) -> Iterator[Numbered]:
    for text in texts:
        number, _, line = text.partition(b" ")
        yield int(number), decode(line)


def each_once(numbered: Iterable[Numbered]) -> Iterator[tuple[Record, bool]]:
    """Each record with its final fingerprint, and whether another file of this import had the line already.

    `once` comes in as the fingerprint of what the line says, which is the same for equal lines of one second. The nth
    of them within a file gets the fingerprint of (line, n): two equal lines of one file are two requests, while the
    same line in two files that overlap is one. `numbered` must be in the order of time.
    """
    second = 0
    within: Counter[tuple[int, int]] = Counter()  # (file, line) → how often in this second
    given: Counter[int] = Counter()  # line → the highest n so far
    for file, record in numbered:
        if record.time // 1000 != second:
            second = record.time // 1000
            within.clear()
            given.clear()
        within[file, record.once] += 1
        nth = within[file, record.once]
        repeated = nth <= given[record.once]
        given[record.once] = max(nth, given[record.once])
        yield msgspec.structs.replace(record, once=fingerprint(record.once, nth)), repeated


def fingerprint(*values: object) -> int:
    """A signed 64-bit number by which the same values are known again; never 0."""
    text = "\n".join(map(str, values)).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big", signed=True) or 1


@contextmanager
def writing() -> Iterator[None]:
    """Turn a failure to write into a JournalError."""
    try:
        yield
    except OSError as error:
        raise JournalError(f"The import cannot be written: {error.strerror}. Nothing of it was counted.") from error


@contextmanager
def hidden_file(directory: Path) -> Iterator[Path]:
    """A file that the loader does not see yet; removed at the end unless it was published."""
    path = directory / f"{IMPORT}{int(time.time())}-{secrets.token_hex(4)}{HIDDEN}"
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def write(path: Path, records: Iterable[Record]) -> None:
    """Write a journal file of `records` that survives loss of power. Raises JournalError."""
    with writing():
        path.touch(mode=0o600, exist_ok=False)
    with writing(), path.open("wb") as file:
        file.writelines(map(encode, records))
        file.flush()
        os.fsync(file.fileno())


def journal_name(hidden: Path) -> Path:
    """What a hidden file is called once the loader may count it."""
    return hidden.with_suffix(SUFFIX)


def publish(hidden: Path) -> None:
    """Hand the file over to the loader."""
    with writing():
        hidden.rename(journal_name(hidden))
        sync_directory(hidden.parent)


@contextmanager
def only_import(data: Path, journal: Path) -> Iterator[None]:
    """Be the only import of a data directory, and remove what a killed one left. Raises ZaehlwerkError if not alone."""
    with writing():
        descriptor = os.open(data / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for path in journal.glob(f"{IMPORT}*{HIDDEN}"):
            path.unlink()
        yield
    except BlockingIOError as error:
        raise ZaehlwerkError("Another import is running here. Start this one again when it is done.") from error
    finally:
        os.close(descriptor)
