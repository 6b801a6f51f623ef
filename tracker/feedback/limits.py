"""How often an address did something within the last minute, shared by all processes of the machine, in memory only.

The list is a file in the memory-backed runtime directory, or lives in the process where there is none. It holds no
address: each is hashed under a random key, and the key is replaced whenever the list is empty.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from struct import Struct
from threading import Lock

from tracker.peer import address_group

SPAN = 60.0  # s after which an entry is gone
MOST = 20_000  # entries, under 0.5 MB; of more the oldest go first
_KEY = 16  # bytes at the start of the list
_ENTRY = Struct("16sd")  # who, and when in seconds since 1970
_Entries = list[tuple[bytes, float]]


class Recent:
    """What the addresses did within a minute; `name` tells the lists of a runtime directory apart."""

    def __init__(self, directory: Path | None, name: str) -> None:
        self._path = None if directory is None else directory / f"{name}.recent"
        self._bytes = b""  # the list, where there is no memory-backed file
        self._lock = Lock()

    def allows(self, address: str, now: float, most: int) -> bool:
        """Whether an address did it less than `most` times within the minute before `now`; counts it if so."""
        with self._open(now) as (key, entries):
            who = _name(key, address)
            if sum(known == who for known, _ in entries) >= most:
                return False
            entries.append((who, now))
        return True

    def give_back(self, address: str, now: float) -> None:
        """Forget the last time of an address, because nothing came of it."""
        with self._open(now) as (key, entries):
            who = _name(key, address)
            last = next((entry for entry in reversed(entries) if entry[0] == who), None)
            if last is not None:
                entries.remove(last)

    def tidy(self, now: float) -> None:
        """Drop what is over, also when nobody comes any more."""
        if self._bytes if self._path is None else _is_used(self._path):
            with self._open(now):
                pass

    @contextmanager
    def _open(self, now: float) -> Iterator[tuple[bytes, _Entries]]:
        """The key and the entries that still count; they are written back at the end."""
        with self._lock:
            if self._path is None:
                key, entries = _read(self._bytes, now)
                yield key, entries
                self._bytes = _written(key, entries)
                return
            self._path.parent.mkdir(mode=0o700, exist_ok=True)  # somebody may have tidied the memory up
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                before = os.pread(descriptor, _KEY + _ENTRY.size * (MOST + 1), 0)
                key, entries = _read(before, now)
                yield key, entries
                after = _written(key, entries)
                if after != before:
                    os.pwrite(descriptor, after, 0)
                    os.ftruncate(descriptor, len(after))
            finally:
                os.close(descriptor)


def _is_used(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False


def _read(content: bytes, now: float) -> tuple[bytes, _Entries]:
    """A clock that was put back makes entries of the future, which count no longer either."""
    whole = (len(content) - _KEY) // _ENTRY.size * _ENTRY.size if len(content) > _KEY else 0
    known = _ENTRY.iter_unpack(content[_KEY : _KEY + whole])
    entries = [(who, at) for who, at in known if 0 <= now - at < SPAN]
    return content[:_KEY] if entries else secrets.token_bytes(_KEY), entries


def _written(key: bytes, entries: _Entries) -> bytes:
    return key + b"".join(_ENTRY.pack(*entry) for entry in entries[-MOST:]) if entries else b""


def _name(key: bytes, address: str) -> bytes:
    who = address_group(address).encode(errors="surrogatepass")
    return blake2b(who, key=key, digest_size=16).digest()
