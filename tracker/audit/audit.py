"""Runs the checks of one data directory, in order. CHECKS is their table."""

import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

from tracker.address import host_of
from tracker.audit import files, overdue, releases, rows
from tracker.audit.files import Stored, stored_files
from tracker.audit.report import OK, WARNING, Finding, Progress, Report, Scope
from tracker.config import Config
from tracker.daykey import runtime_directory
from tracker.store import Store, open_store
from tracker.store.catalogue import Catalogue
from tracker.store.contents import Contents

LOCAL = ("127.0.0.1", "localhost", "")  # "": an address in brackets, [::1]


@dataclass
class Place:
    """What the checks look at. `progress` gets the share of the present check that is done."""

    store: Store
    config: Config
    now: float
    scope: Scope
    progress: Progress

    @property
    def contents(self) -> Contents:
        """The tables."""
        return Contents(self.store.connection)

    @cached_property
    def files(self) -> list[Stored]:
        """The files of the data directory."""
        return stored_files(self.config.data)

    @cached_property
    def memory(self) -> Path | None:
        """The folder in memory."""
        return runtime_directory(self.config.data)


def _settings(place: Place) -> Iterable[Finding]:
    """Settings that weaken what the documents promise by default."""
    config = place.config
    if not config.honour_dnt:
        yield Finding("settings", WARNING, "dnt_off")
    if config.base_url.startswith("http://") and host_of(config.base_url) not in LOCAL:
        yield Finding("settings", WARNING, "http")
    if config.honour_dnt and config.base_url.startswith("https://"):
        yield Finding("settings", OK, "strict")
    if config.honour_dnt and config.base_url.startswith("http://") and host_of(config.base_url) in LOCAL:
        yield Finding("settings", OK, "local")


CHECKS: tuple[tuple[str, Callable[[Place], Iterable[Finding]]], ...] = (
    ("tables", lambda at: [rows.check_tables(at.contents)]),
    ("unknown", lambda at: [files.check_unknown(at.files)]),
    ("rows", lambda at: rows.check_rows(at.contents, at.scope, at.progress)),
    ("masking", lambda at: [rows.check_masking(at.contents, at.scope)]),
    ("files", lambda at: files.check_files(at.files, at.scope, at.progress)),
    ("pseudonyms", lambda at: [overdue.check_pseudonyms(at.contents, at.now)]),
    ("counts_level", lambda at: [overdue.check_counts_level(at.contents)]),
    (
        "day_key",
        lambda at: [
            overdue.check_day_key(Catalogue(at.store.connection).municipalities(), at.memory, at.config.data, at.now)
        ],
    ),
    ("overdue", lambda at: overdue.check_overdue(at.store, at.config, at.now)),
    ("old_files", lambda at: overdue.check_old_files(at.config, at.files, at.now)),
    ("backups", lambda at: files.check_backups(at.files, at.scope, at.progress)),
    ("access", lambda at: [files.check_access(at.config, at.files, at.memory)]),
    ("releases", lambda at: releases.check_releases(at.config, at.scope, at.progress)),
    ("opendata", lambda at: releases.check_opendata(at.store, at.config)),
    ("settings", _settings),
)


def audit(config: Config, now: float, scope: Scope | None = None, progress: Progress = lambda _: None) -> Report:
    """Check an installation at an instant in seconds; `progress` gets the share done, 0 to 1.

    Reads only. Raises StoreError when there is no database of this version.
    """
    begun, found = time.perf_counter(), list[Finding]()
    wanted = scope or Scope()
    with closing(open_store(config.database, readonly=True)) as store:
        place = Place(store, config, now, wanted, progress)
        for done, (_, check) in enumerate(CHECKS):
            place.progress = partial(_show, progress, done)
            place.progress(0.0)
            found += check(place)
    return Report(now, round(time.perf_counter() - begun, 2), wanted.full, tuple(found))


def _show(progress: Progress, done: int, share: float) -> None:
    progress((done + share) / len(CHECKS))
