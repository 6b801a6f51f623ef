"""Wait until the journal's import files are counted, by whatever loader there is, or by our own if there is none."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from tracker.config import Config
from tracker.journal import IMPORT, journal_files
from tracker.loader import GRACE, Loader, loader_lock
from tracker.store import Store

IDLE: Final = 0.1  # s between two looks at a loader that has nothing to do or is not ours

Bytes = Callable[[int], None]
Sizes = dict[Path, int]  # of journal files, in bytes


def import_files(config: Config) -> Sizes:
    """The files of imports that the loader may count; it may remove them at any moment."""
    sizes = {}
    for path in journal_files(config.journal):
        if path.name.startswith(IMPORT):
            with suppress(FileNotFoundError):
                sizes[path] = path.stat().st_size
    return sizes


def count(config: Config, store: Store, sizes: Sizes, progress: Bytes) -> None:
    """Return when the files are counted to the end; `progress` gets the bytes counted since the last call.

    The loader's lock is tried again and again, so that the counting goes on if a server that held it is stopped.
    """
    waiting = _Waiting(store, sizes, progress)
    while waiting.left():
        lock = loader_lock(config.data)
        if lock is None:
            time.sleep(IDLE)
            continue
        try:
            loader = Loader(store, config)
            while waiting.left():
                if not loader.step().counted:
                    time.sleep(IDLE)
        finally:
            os.close(lock)


def close_days(config: Config, store: Store, now: float) -> None:
    """Forget the pseudonyms of days that are over: without the import's key nobody joins these visitors any more.

    A loader that runs does the same by itself after a while. `now` in seconds.
    """
    lock = loader_lock(config.data)
    if lock is None:
        return
    try:
        store.begin()
        for site, day in store.days_to_close(int(now * 1000) - GRACE, int(now * 1000)):
            store.close_day(site, day)
        store.commit()
        Loader(store, config).step()  # removes the journal files whose days are closed
    finally:
        os.close(lock)


class _Waiting:
    """How many bytes of some journal files are not counted yet."""

    def __init__(self, store: Store, sizes: Sizes, progress: Bytes) -> None:
        self._store = store
        self._sizes = sizes
        self._left = sum(sizes.values())
        self._progress = progress

    def left(self) -> int:
        """A file that is gone was counted, and its days are closed."""
        positions = self._store.positions()
        left = sum(size - positions.get(path.name, (0, 0))[0] for path, size in self._sizes.items() if path.exists())
        if left != self._left:
            self._progress(self._left - left)
            self._left = left
        return left
