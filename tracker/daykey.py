"""The day key: 32 random bytes in memory-backed storage, overwritten at local midnight. Never on disk.

Every worker of a machine reads the same key from a file on a memory-backed file system (/dev/shm). Where there is none,
the key lives in the memory of the process, and several workers would count a visitor once each.
"""

import fcntl
import hashlib
import os
import secrets
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Protocol

from tracker.calendar import Calendar

SIZE = 32
_DAY = 8  # bytes that hold the day (20260131) before the key
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - memory-backed by definition; the folder in it is ours alone


def runtime_directory(data: Path, shared_memory: Path = SHARED_MEMORY) -> Path | None:
    """The folder in memory that belongs to a data directory, readable by its owner only; None where there is none."""
    if not os.access(shared_memory, os.W_OK):
        return None
    name = hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:16]
    path = shared_memory / f"zaehlwerk-{os.getuid()}-{name}"
    _private_directory(path)
    return path


def _private_directory(path: Path) -> None:
    """Make a folder if it is missing, and refuse one that somebody else could have put there."""
    path.mkdir(mode=0o700, exist_ok=True)
    status = path.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise PermissionError(f"{path} belongs to someone else or is readable by others; remove it.")


class Pseudonyms(Protocol):
    """What names visitors: the day key, and the key of an import."""

    def pseudonym(self, day: int, text: bytes) -> int:
        """A visitor's pseudonym on a local day (20260131): a signed 64-bit number that is never 0."""


class _Turned(NamedTuple):
    """A day and the hash under its key: replaced as one, so that no thread meets a new day with the old key."""

    day: int
    hash: "hashlib.blake2b"


class DayKey:
    """The key of the present local day of one time zone."""

    def __init__(self, directory: Path | None, calendar: Calendar, clock: Callable[[], float] = time.time) -> None:
        zone = str(calendar.zone).replace("/", "-")
        self._path = None if directory is None else directory / f"{zone}.key"
        self._calendar = calendar
        self._clock = clock
        self._turned = _Turned(0, hashlib.blake2b(digest_size=8))

    def pseudonym(self, day: int, text: bytes) -> int:
        """A visitor's pseudonym on a day: keyed BLAKE2b, 8 bytes, as a signed number that is never 0.

        `day` is where the beacon's time falls. A beacon of the last instant before midnight that meets the next day's
        key is a new visitor of the old day: nobody can be recognised across the turn.
        """
        turned = self._turned
        if day != turned.day:
            turned = self.turn()
        keyed = turned.hash.copy()
        keyed.update(b"%d\n%b" % (day, text))
        return int.from_bytes(keyed.digest(), "big", signed=True) or 1

    def turn(self) -> "_Turned":
        """Take the key of the present day; the first process that comes here after midnight overwrites the old one."""
        day, key = self._local_key() if self._path is None else self._shared_key(self._path)
        turned = self._turned = _Turned(day, hashlib.blake2b(key=key, digest_size=8))
        return turned

    def keep_current(self) -> None:
        """Turn if the day is over: an idle process, or one that follows on another, leaves no key of yesterday."""
        if self._today() != self._turned.day:
            self.turn()

    def _today(self) -> int:
        return self._calendar.moment(int(self._clock() * 1000)).day

    def _local_key(self) -> tuple[int, bytes]:
        return self._today(), secrets.token_bytes(SIZE)

    def _shared_key(self, path: Path) -> tuple[int, bytes]:
        _private_directory(path.parent)  # whoever tidies the memory up must not stop the counting
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            day = self._today()
            held = os.pread(descriptor, _DAY + SIZE, 0)
            if len(held) == _DAY + SIZE and int.from_bytes(held[:_DAY], "big") == day:
                return day, held[_DAY:]
            key = secrets.token_bytes(SIZE)
            os.pwrite(descriptor, day.to_bytes(_DAY, "big") + key, 0)
            return day, key
        finally:
            os.close(descriptor)
