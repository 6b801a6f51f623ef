"""The journal: append-only files, one per worker and hour, of one line per beacon.

A line that was written whole survives `kill -9` of every process (`durability = write`) or loss of power (`fsync`). The
writer holds a lock on its file while it lives: a file without a lock is finished, and a torn last line in it was never
acknowledged.
"""

import fcntl
import os
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tracker.errors import JournalError

ROTATE_SECONDS = 3600
ROTATE_BYTES = 64 * 1024 * 1024
SUFFIX = ".jsonl"
IMPORT = "import-"  # how the files of imports begin; their lines are old, and sorted in themselves


class JournalWriter:
    """Appends lines to a file of its own; safe for threads, one instance per process."""

    def __init__(
        self, directory: Path, durability: str = "write", name: str = "beacons", clock: Callable[[], float] = time.time
    ) -> None:
        self._directory = directory
        self._fsync = durability == "fsync"
        self._name = name
        self._clock = clock
        self._lock = threading.Lock()
        self._flushing = threading.Lock()
        self._descriptor = -1
        self._process = 0
        self._size = 0
        self._flushed = 0
        self._until = 0.0

    def append(self, line: bytes) -> None:
        """Write one line (which ends with a newline). Raises JournalError; then nothing of it is kept."""
        with self._lock:
            if self._clock() >= self._until or self._size >= ROTATE_BYTES or self._process != os.getpid():
                self._rotate()
            self._write(line)
            end, descriptor = self._size, self._descriptor
        if self._fsync:
            self._flush(descriptor, end)

    def close(self) -> None:
        """Finish the file."""
        with self._lock:
            self._finish()

    def finish_idle(self) -> None:
        """Finish the file if its hour is over and nobody writes: the loader removes only finished files."""
        with self._lock:
            if self._descriptor >= 0 and self._clock() >= self._until:
                self._finish()

    def _write(self, line: bytes) -> None:
        try:
            written = os.write(self._descriptor, line)
        except OSError as error:
            raise JournalError(f"The journal cannot be written: {error.strerror}.") from error
        if written < len(line):
            self._take_back()
            raise JournalError("The journal cannot be written: the disk is full.")
        self._size += written

    def _take_back(self) -> None:
        """Cut a torn line off; where that fails too, nothing may follow it in the same file."""
        try:
            os.ftruncate(self._descriptor, self._size)
        except OSError:
            self._until = 0.0

    def _flush(self, descriptor: int, end: int) -> None:
        """Group commit: whoever comes first flushes for all that wait; the others find their lines flushed."""
        with self._flushing:
            if descriptor != self._descriptor or self._flushed >= end:
                return
            reached = self._size
            try:
                os.fdatasync(descriptor)
            except OSError as error:
                raise JournalError(f"The journal cannot be flushed: {error.strerror}.") from error
            self._flushed = reached

    def _rotate(self) -> None:
        self._finish()
        with self._flushing:
            self._descriptor = self._open()
            self._process = os.getpid()
            self._size = self._flushed = 0
            self._until = self._clock() + ROTATE_SECONDS

    def _finish(self) -> None:
        with self._flushing:
            descriptor, self._descriptor, self._until = self._descriptor, -1, 0.0
            if descriptor >= 0:  # one inherited by a fork must not hold the parent's lock
                _close(descriptor, flush=self._fsync and self._process == os.getpid())

    def _open(self) -> int:
        """A new file, locked before it gets the name by which the loader finds it."""
        name = f"{self._name}-{int(self._clock())}-{os.getpid()}-{secrets.token_hex(4)}{SUFFIX}"
        path = self._directory / name
        hidden = path.with_suffix(".new")
        descriptor = -1
        try:
            descriptor = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            hidden.rename(path)
            if self._fsync:
                sync_directory(self._directory)
        except OSError as error:
            if descriptor >= 0:
                os.close(descriptor)
            raise JournalError(f"The journal cannot be written: {error.strerror}.") from error
        return descriptor


def _close(descriptor: int, flush: bool) -> None:
    try:
        if flush:
            os.fdatasync(descriptor)
    except OSError as error:
        raise JournalError(f"The journal cannot be flushed: {error.strerror}.") from error
    finally:
        os.close(descriptor)


def sync_directory(directory: Path) -> None:
    """Make the creation and removal of files in a directory survive a loss of power."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def journal_files(directory: Path) -> list[Path]:
    """The journal's files, oldest first."""
    return sorted(directory.glob(f"*{SUFFIX}"))


def journal_size(directory: Path) -> int:
    """The bytes of all files; the loader may remove one at any moment."""
    size = 0
    for path in journal_files(directory):
        with suppress(FileNotFoundError):
            size += path.stat().st_size
    return size


def read_lines(path: Path, position: int, limit: int) -> tuple[list[bytes], int]:
    """Whole lines from `position` on, about `limit` bytes of them, and the position after them."""
    with path.open("rb") as file:
        file.seek(position)
        block = file.read(limit)
        while block and b"\n" not in block and (more := file.read(limit)):
            block += more
    end = block.rfind(b"\n") + 1
    return block[:end].splitlines(), position + end


def is_finished(path: Path) -> bool:
    """Whether no process writes to the file any more."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def probe(directory: Path) -> None:
    """Write and remove a small file; raises JournalError when the journal cannot be written."""
    path = directory / f".probe-{os.getpid()}-{threading.get_ident()}"
    try:
        path.write_bytes(b"\0" * 4096)
        path.unlink()
    except OSError as error:
        raise JournalError(f"The journal cannot be written: {error.strerror}.") from error
