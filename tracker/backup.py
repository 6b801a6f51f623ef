"""A backup of a whole data directory, made while counting goes on, and an installation made from one.

A backup is a directory: the database without pseudonyms and sessions, the published files, the settings, and the
checksums of all of them. It gets its name only after it was read back.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import Connection

from tracker.config import FILE, Config
from tracker.errors import StoreError
from tracker.feedback import erased
from tracker.journal import sync_directory
from tracker.store.backup import copy_database
from tracker.store.feedback import purge_erased
from tracker.store.schema import open_database
from tracker.unfinished import beside, remove_leftovers, unfinished

CHECKSUMS = "SHA256SUMS"  # as the command sha256sum writes and checks it
FOLDER = "backup"
_PREFIX = "zaehlwerk-"
Progress = Callable[[float], None]


def default_target(config: Config, now: float) -> Path:
    """Where a backup goes that was given no place."""
    return config.data / FOLDER / f"{_PREFIX}{datetime.fromtimestamp(now, UTC):%Y%m%d-%H%M%S}"


def make_backup(config: Config, source: Connection, target: Path, progress: Progress) -> None:
    """Copy a data directory to the new directory `target` and read it back; raises StoreError, and leaves nothing.

    What a killed backup left of the same target goes first. The database is copied before the rest: what is published
    meanwhile is then in the backup, and harmless.
    """
    remove_leftovers(beside(target))
    if target.exists():
        raise StoreError(f"{target} exists already; name another directory.")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with unfinished(beside(target), folder=True) as hidden:
            copy_database(source, hidden / config.database.name, progress)
            for name in (FILE, erased.FILE):
                if (config.data / name).exists():
                    _copy_file(config.data / name, hidden / name)
            if config.opendata.exists():
                shutil.copytree(config.opendata, hidden / config.opendata.name, ignore=_unfinished)
            _write_checksums(hidden)
            check_backup(hidden)
            hidden.rename(target)
            sync_directory(target.parent)
    except OSError as error:
        raise StoreError(f"No backup was made at {target}: {error.strerror or error}.") from error


def check_backup(source: Path) -> None:
    """Compare every file of a backup with its checksum; raises StoreError that names what differs."""
    if not (source / CHECKSUMS).is_file():
        raise StoreError(
            f"{source} is no backup: it has no {CHECKSUMS}. Name a directory that `zaehlwerk backup` made."
        )
    try:
        expected = _expected(source)
        found = {str(path.relative_to(source)): _sha256(path) for path in _files(source) if path != source / CHECKSUMS}
    except ValueError as error:
        raise StoreError(
            f"{source} is no backup, or damaged: its {CHECKSUMS} is not as `zaehlwerk backup` writes it. Use another."
        ) from error
    except OSError as error:
        raise StoreError(
            f"The backup {source} cannot be read: {error.strerror or error} ({error.filename})."
        ) from error
    differing = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
    if differing:
        raise StoreError(f"The backup {source} is damaged: {', '.join(differing[:5])}. Use another one.")


def restore_backup(source: Path, config: Config, progress: Progress, deletions: Path | None = None) -> None:
    """Make an installation of a backup in an empty directory, and bring it up to date; raises StoreError.

    `progress` gets the share done, 0 to 1. `deletions`: a newer list of deletions by receipt than that of the backup;
    what it names, and what that names, is deleted. After an error nothing is left of it.
    """
    if config.data.exists() and any(config.data.iterdir()):
        raise StoreError(f"{config.data} is not empty. Name a new directory; nothing is overwritten.")
    check_backup(source)
    newer = _named(deletions) if deletions is not None else {}
    remove_leftovers(beside(config.data))
    try:
        config.data.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with unfinished(beside(config.data), folder=True) as hidden:
            _copy_all(source, hidden, progress)
            if newer:
                erased.add_erased(hidden, newer)
            with closing(open_database(hidden / config.database.name)) as connection:
                purge_erased(connection, erased.erased_receipts(hidden))
            (hidden / config.journal.name).mkdir(mode=0o700)
            if config.data.exists():
                config.data.rmdir()
            hidden.rename(config.data)
            sync_directory(config.data.parent)
    except OSError as error:
        raise StoreError(f"Nothing was restored to {config.data}: {error.strerror or error}.") from error


def forget_backups(config: Config, now: float) -> int:
    """Delete the backups in the data directory that are older than the setting `backup_days`; how many there were.

    What a killed backup left there goes after a day: it may hold pseudonyms still.
    """
    kept = {f"{_PREFIX}*": config.backup_days, f".{_PREFIX}*": 1}
    old = [
        path
        for pattern, days in kept.items()
        for path in (config.data / FOLDER).glob(pattern)
        if path.stat().st_mtime < now - days * 86_400
    ]
    for path in old:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    return len(old)


def _named(deletions: Path) -> dict[bytes, int]:
    try:
        return erased.read_list(deletions)
    except OSError as error:
        raise StoreError(f"{deletions} cannot be read: {error.strerror or error}. Nothing was written.") from error


def _copy_all(source: Path, target: Path, progress: Progress) -> None:
    names = list(_expected(source))
    for done, name in enumerate(names):
        progress(done / len(names))
        (target / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _copy_file(source / name, target / name)
    progress(1.0)


def _copy_file(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    target.chmod(0o600)


def _unfinished(_folder: str, names: list[str]) -> list[str]:
    """What a publication that is at work has not finished."""
    return [name for name in names if name.startswith(".")]


def _write_checksums(folder: Path) -> None:
    lines = [f"{_sha256(path)}  {path.relative_to(folder)}\n" for path in _files(folder)]
    (folder / CHECKSUMS).touch(mode=0o600, exist_ok=False)
    with (folder / CHECKSUMS).open("w", encoding="utf-8") as file:
        file.writelines(lines)
        file.flush()
        os.fsync(file.fileno())


def _expected(folder: Path) -> dict[str, str]:
    """Name → checksum, as the backup says."""
    lines = (folder / CHECKSUMS).read_text("utf-8").splitlines()
    found = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    if any(Path(name).is_absolute() or ".." in Path(name).parts for name in found):
        raise ValueError(f"{CHECKSUMS} names files outside of it")
    return found


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
