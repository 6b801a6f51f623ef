"""Deletion of a municipality: no byte of it stays in the data directory, but for what was published for good.

The loader pauses meanwhile; beacons are taken on, and those of the municipality are refused as soon as its sites are
gone. Steps, each of which can be repeated:

1. Rows, words of the search and texts leave the database.
2. The workers notice within a second. Then lines of its sites in the journal are overwritten where they stand.
3. Uploaded files that wait go, and backups in the data directory: a new one without it takes their place.
4. Published files stay unless they are to go, too.
"""

import os
import shutil
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple

from tracker.backup import FOLDER, default_target, make_backup
from tracker.config import Config
from tracker.errors import StoreError
from tracker.importing.spool import only_import
from tracker.journal import is_finished, journal_files
from tracker.loader import loader_lock
from tracker.overwriting import overwrite_sites
from tracker.retention import UPLOADS
from tracker.store import Store
from tracker.store.catalogue import Catalogue, Municipality
from tracker.store.removal import empty_log, remove_municipality, write_anew
from tracker.takein import forget_unfinished
from tracker.turn import loader_paused

NOTICE: Final = 1.5  # s in which a worker has noticed that a site is gone, as a rule; they look every second
PASSES: Final = 10  # over the journal, until one finds nothing more
PUBLISHING: Final = ".lock"  # held in the folder of a municipality while it is published
LISTING: Final = "index.html"  # of all that publish; made anew with the next publication


class Removed(NamedTuple):
    """What went: journal lines, backups, uploads; and whether published files stay."""

    lines: int
    backups: int
    uploads: int
    released: bool


class Extent(NamedTuple):
    """What goes beyond the data themselves, or stays."""

    with_released: bool = False
    keep_backups: bool = False


def remove(config: Config, store: Store, town: Municipality, now: float, extent: Extent) -> Removed:
    """Delete a municipality; `now` in seconds. Raises ZaehlwerkError: nothing is deleted, or it says what is left."""
    root = config.opendata / town.ars
    sites = {site.id for site in Catalogue(store.connection).sites(town.id)}
    with ExitStack() as stack:
        stack.enter_context(only_import(config.data, config.journal))
        stack.enter_context(loader_paused(config.data))
        if root.exists():
            stack.callback(os.close, _publication(root, town))
        remove_municipality(store, town.id)
        lines = _overwrite(config, sites)
        uploads = _remove_files(config.data / UPLOADS)
        _remove_unfinished(root)
        forget_unfinished(config)
        write_anew(store.connection)
        empty_log(store.connection)
        if extent.with_released:
            shutil.rmtree(root, ignore_errors=True)
            (config.opendata / LISTING).unlink(missing_ok=True)
    backups = 0 if extent.keep_backups else _replace_backups(config, store, now)
    return Removed(lines, backups, uploads, root.exists())


def _publication(root: Path, town: Municipality) -> int:
    lock = loader_lock(root, PUBLISHING)
    if lock is None:
        raise StoreError(f"{town.name} is being published; try again in a moment.")
    return lock


def _overwrite(config: Config, sites: set[int]) -> int:
    """Overwrite the lines of the sites until nobody writes any more; how many."""
    lines = 0
    for _ in range(PASSES):
        if not all(is_finished(path) for path in journal_files(config.journal)):
            time.sleep(NOTICE)
        found = overwrite_sites(config.journal, sites)
        lines += found
        if not found:
            break
    return lines


def _remove_files(folder: Path) -> int:
    """Delete the files that wait to be mapped, whosever they are: their names do not tell. How many."""
    found = list(folder.glob("*"))
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)


def _remove_unfinished(root: Path) -> None:
    """Delete what a killed publication left, and how the last one went."""
    for path in root.glob(".*"):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _replace_backups(config: Config, store: Store, now: float) -> int:
    """Make a backup without the municipality, then delete those that have it; how many."""
    found = list((config.data / FOLDER).glob("*")) + list((config.data / FOLDER).glob(".*"))
    if not found:
        return 0
    while (target := default_target(config, now)).exists():
        now += 1
    try:
        make_backup(config, store.connection, target, lambda _: None)
    except StoreError as error:
        raise StoreError(f"It is deleted but for the backups in {config.data / FOLDER}: {error}") from error
    for path in found:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    return len(found)
