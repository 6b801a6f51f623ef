"""Making the loader pause, so that one can do what only it may, while beacons are taken all the same.

Whoever wants its turn holds a lock that the loader looks for between two steps: it ends, and no worker starts another
until the lock is free, which it is at the latest when its holder dies. The journal keeps what comes meanwhile.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tracker.errors import StoreError
from tracker.loader import loader_lock

WANTED: Final = "loader.wanted"
PATIENCE: Final = 60.0  # s; a step takes one or two
LOOK_EVERY: Final = 0.02  # s


def is_wanted(data: Path) -> bool:
    """Whether another process waits for the loader to pause, or uses its pause."""
    if not (data / WANTED).exists():
        return False
    lock = loader_lock(data, WANTED)
    if lock is not None:
        os.close(lock)
    return lock is None


@contextmanager
def loader_paused(data: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the loader's lock; raises StoreError if whoever has it does not let it go within `patience` seconds."""
    wanted = os.open(data / WANTED, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    lock = None
    try:
        fcntl.flock(wanted, fcntl.LOCK_EX)
        lock = _waited_for(data, patience)
        yield
    finally:
        if lock is not None:
            os.close(lock)
        (data / WANTED).unlink(missing_ok=True)
        os.close(wanted)


def _waited_for(data: Path, patience: float) -> int:
    deadline = time.monotonic() + patience
    while (lock := loader_lock(data)) is None:
        if time.monotonic() > deadline:
            raise StoreError("The loader does not pause: another process counts here. Stop it, and try again.")
        time.sleep(LOOK_EVERY)
    return lock
