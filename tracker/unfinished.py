"""What is written under a hidden name until it is whole, and what killed processes left of such.

Whoever writes holds a lock on it (flock), which ends with the process. What nobody holds is a leftover. On a disk
without such locks nothing counts as one.
"""

import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def beside(target: Path) -> Path:
    """How the hidden names of a target begin."""
    return target.with_name(f".{target.name}.")


@contextmanager
def unfinished(begin: Path, folder: bool = False) -> Iterator[Path]:
    """A new empty file, or folder, for its owner alone, whose path begins with `begin`; to be renamed in the end.

    What still has its hidden name then goes. Raises OSError.
    """
    path, lock = _made(begin, folder)
    try:
        yield path
    finally:
        _remove(path)
        os.close(lock)


def leftovers(begin: Path) -> list[Path]:
    """The files and folders whose paths begin with `begin`, and that no living process writes."""
    found = []
    for path in _candidates(begin):
        with suppress(OSError):
            os.close(_held(path))
            found.append(path)
    return found


def remove_leftovers(begin: Path) -> None:
    """Delete what killed processes left; what cannot be deleted stays."""
    for path in _candidates(begin):
        with suppress(OSError):
            lock = _held(path)
            try:
                _remove(path)
            finally:
                os.close(lock)


def _candidates(begin: Path) -> list[Path]:
    name = re.compile(re.escape(begin.name) + "[0-9a-f]{8}")
    try:
        return sorted(path for path in begin.parent.iterdir() if name.fullmatch(path.name) and not path.is_symlink())
    except OSError:
        return []


def _made(begin: Path, folder: bool) -> tuple[Path, int]:
    """The path and its lock. Another process may take it for a leftover before it is locked: then once more."""
    while True:
        path = begin.with_name(begin.name + secrets.token_hex(4))
        if folder:
            path.mkdir(mode=0o700)
        else:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        with suppress(FileNotFoundError):
            lock = _opened(path)
            with suppress(OSError):  # a disk without locks
                fcntl.flock(lock, fcntl.LOCK_EX)
            if path.exists():
                return path, lock
            os.close(lock)


def _held(path: Path) -> int:
    """A descriptor that holds the lock of a path; raises OSError while another process does."""
    lock = _opened(path)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise
    return lock


def _opened(path: Path) -> int:
    kind = os.O_RDONLY if path.is_dir() else os.O_RDWR  # network disks lock only files that may be written
    return os.open(path, kind | os.O_NOFOLLOW | os.O_CLOEXEC)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
