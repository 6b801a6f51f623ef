"""Publishing a municipality: reads true counts, protects them, and writes releases, each day and month once.

1. Days that are over, closed and counted to the end, then the months that they complete, each in a release of its own.
2. A correction is a new revision with a reason; what it replaces stays.
3. The indexes that change come last. They name only what is on disk, and that outlives a loss of power.
"""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any, NamedTuple

import msgspec

from admin.opendata import manifest as manifests
from admin.opendata.counts import Counts, number_of
from admin.opendata.due import days_due, days_of, first_of_month_from, months_due
from admin.opendata.indexes import address_of, write_indexes
from admin.opendata.licences import LICENCES
from admin.opendata.manifest import Manifest, ReleaseError
from admin.opendata.protection import Method, build
from admin.opendata.protection.privacy import Entry, Private
from admin.opendata.published import Published, protect
from admin.opendata.reading import Rows
from admin.opendata.release import remove_leftovers, write_release
from admin.opendata.tables import DAY, TABLES, Table
from admin.opendata.told import Hidden, Told
from tracker.calendar import day_date, day_number
from tracker.config import Config
from tracker.loader import loader_lock
from tracker.store import Store
from tracker.store.catalogue import Municipality
from tracker.store.opendata import Opendata

LOCK = ".lock"
LONGEST_REASON = 500  # characters
Progress = Callable[[int, int], None]
_PERIOD = re.compile(r"\d{4}-\d{2}(-\d{2})?")


class Preview(NamedTuple):
    """A table as it would be published, beside the true counts; for the municipality's eyes only."""

    published: Published
    rows: Rows


class Publisher:
    """Publishes one municipality. `now` in seconds; `store` may be for reading only."""

    def __init__(self, store: Store, config: Config, town: Municipality, now: float) -> None:
        self.town = town
        self.root = config.opendata / town.ars
        self._config = config
        self._now = now
        self.setting = Opendata(store.connection).setting(town.id)
        self._counts = Counts(store, config, town, self.setting.pages, now)
        self.releases = manifests.all_of(self.root)
        self._prepare()

    # What is due

    def first_day(self) -> date | None:
        """The first day to be published: the one that was chosen, or of which anything was counted."""
        return day_date(self.setting.start) if self.setting.start else self._counts.first_day()

    def last_day(self) -> date:
        """The last day that can be published."""
        return self._counts.last_day()

    def due(self) -> list[str]:
        """The periods that would be published now: days ("2026-01-31") and the months that they complete."""
        first, last = self.first_day(), self.last_day()
        if first is None:
            return []
        published = {release.period for release in self.releases}
        whole = first_of_month_from(first) if self.setting.start else first  # what was not chosen is in no month either
        return [*(day.isoformat() for day in days_due(first, last, published)), *months_due(whole, last, published)]

    def can_be_published(self, period: str) -> bool:
        """Whether a day or month is over, wholly counted and not before the first; ValueError for what is neither."""
        first, days = self.first_day(), days_of(period[:7])
        begin, end = (days[0], days[-1]) if len(period) == len("2026-01") else (date.fromisoformat(period),) * 2
        return first is not None and first <= end <= self.last_day() and begin <= end

    # Publishing

    def publish(self, progress: Progress = lambda _done, _total: None) -> list[Manifest]:
        """Publish everything that is due; what was published. Raises ReleaseError; what is complete then stays."""
        with self._locked():
            due = self.due()
            done: list[Manifest] = []
            by_month = groupby(sorted(due), lambda period: period[:7])
            for month, periods in by_month:
                days = [date.fromisoformat(period) for period in periods if len(period) > len(month)]
                done += self._publish_days(days)
                if month in due:
                    done.append(self._publish_month(month, 1, ""))
                progress(len(done), len(due))
            self._write_indexes(self._unnamed())
        return done

    def correct(self, period: str, reason: str) -> list[Manifest]:
        """Publish a period anew, with the counts of now, as its next revision; of a day also the month it is in.

        Raises ReleaseError for a period that was never published and without a reason, BudgetError before anything is
        written where a budget does not pay for all of it.
        """
        reason = " ".join(reason.split())
        if not 1 <= len(reason) <= LONGEST_REASON:
            raise ReleaseError(f"A correction needs a reason of 1 to {LONGEST_REASON} characters, which is published.")
        with self._locked():
            newest = manifests.latest(self.releases)
            if period not in newest:
                raise ReleaseError(f"{period} was never published, so there is nothing to correct.")
            self._afford(period)
            done = []
            if newest[period].kind == DAY:
                done += self._publish_days([newest[period].first], newest[period].revision + 1, reason)
            if period[:7] in newest:
                done.append(self._publish_month(period[:7], newest[period[:7]].revision + 1, reason))
            self._write_indexes(self._unnamed())
        return done

    def refresh_indexes(self) -> None:
        """Write anew what names the releases, as after they were taken in from elsewhere."""
        with self._locked():
            self._write_indexes(self.releases)

    def preview(self, period: str) -> list[Preview]:
        """The tables of a day or month as they would be published; nothing is written. Raises ReleaseError."""
        if not _PERIOD.fullmatch(period):
            raise ReleaseError(f"“{period}” is neither a day (2026-01-31) nor a month (2026-01).")
        known = manifests.latest(self.releases).get(period)
        revision = known.revision + 1 if known else 1
        if len(period) == len("2026-01"):
            return self._tables_of_month(period, revision)
        day = date.fromisoformat(period)
        return [
            Preview(self._protect(table, period, rows[day_number(day)], revision), rows[day_number(day)])
            for table, rows in self._counts.of_days([day])
        ]

    def differences(self, tables: list[Preview]) -> int | None:
        """How many values of a preview differ from those that are published; None for a period that is not."""
        period = tables[0].published.period
        if period not in manifests.latest(self.releases):
            return None
        return sum(self._told().differing(row.published) for row in tables)

    def draws_anew(self, period: str) -> bool:
        """Whether publication draws other noise than a preview shows."""
        return isinstance(self.method_of(period), Private)

    def _publish_days(self, days: list[date], revision: int = 1, reason: str = "") -> list[Manifest]:
        """Releases of days of one month."""
        if not days:
            return []
        read = self._counts.of_days(days)
        measuring = self._counts.measuring(days[0], days[-1])
        done = []
        for day in days:
            number = day_number(day)
            tables = [self._protect(table, day.isoformat(), rows[number], revision) for table, rows in read]
            missing = self._counts.missing(measuring, [day])
            done.append(self._release(day.isoformat(), revision, reason, tables, missing))
        return done

    def _publish_month(self, month: str, revision: int, reason: str) -> Manifest:
        """The release of a month: its own tables, and those of its days in one."""
        tables = [preview.published for preview in self._tables_of_month(month, revision)]
        tables += [self._told().days_together(table, month) for table in TABLES if table.period == DAY]
        days = days_of(month)
        missing = self._counts.missing(self._counts.measuring(days[0], days[-1]), days)
        return self._release(month, revision, reason, tables, missing)

    def _tables_of_month(self, month: str, revision: int) -> list[Preview]:
        number = number_of(month)
        threshold = self.method_of(month).name == "threshold"
        hidden = self._told().hidden(month, self._counts.of_days_anyway) if threshold else {}
        return [
            Preview(self._protect(table, month, rows[number], revision, hidden), rows[number])
            for table, rows in self._counts.of_month(month, self._open_since(month))
        ]

    def _told(self) -> Told:
        return Told(self.root, self.releases)

    def _open_since(self, month: str) -> dict[str, int]:
        """Service → first month whose ratings wait for later ones; none where the answers would pay again."""
        return {} if isinstance(self.method_of(month), Private) else self._told().open_since(month)

    def _protect(self, table: Table, period: str, rows: Rows, revision: int, hidden: Hidden | None = None) -> Published:
        return protect(table, period, rows, self.method_of(period), revision, hidden)

    def _release(
        self, period: str, revision: int, reason: str, tables: list[Published], missing: dict[str, list[str]]
    ) -> Manifest:
        """Write one release, with what it spent of a budget; what a killed publication drew was never seen."""
        setting = self.setting
        draft = Manifest(
            publisher=manifests.Publisher(
                self.town.name,
                self.town.ars,
                self.town.ags,
                setting.contact,
                setting.email,
                setting.website,
                setting.contributor,
            ),
            period=period,
            revision=revision,
            released=f"{datetime.fromtimestamp(self._now, UTC):%Y-%m-%dT%H:%M:%SZ}",
            licence=LICENCES[setting.licence].iri,
            method=described(self.method_of(period)),
            tables=(),
            reason=reason,
            attribution=setting.attribution,
            missing=missing,
            spent=self._spent(period, revision),
            simulated=self._config.simulated,
        )
        done = write_release(self.root, draft, tables)
        self.releases.append(done)
        self._names.setdefault(period[:7], self.method_of(period).name)
        return done

    def _prepare(self) -> None:
        """Know what the releases say: the method of each month, and what was spent."""
        self._ledger = manifests.ledger_of(self.releases)
        self._methods: dict[str, Method] = {}
        self._names: dict[str, str] = {}
        for release in sorted(self.releases, key=lambda row: (row.released, row.revision)):
            self._names.setdefault(release.period[:7], release.method["name"])

    def method_of(self, period: str) -> Method:
        """The method of a period: that of the first release of its month, since none protects what another told."""
        name = self._names.get(period[:7], self.setting.method)
        if name not in self._methods:
            self._methods[name] = build(name, self._ledger)
        return self._methods[name]

    def _afford(self, period: str) -> None:
        """Raise BudgetError unless the budget pays for the correction of a period, and for its month, out or not."""
        method, newest = self.method_of(period), manifests.latest(self.releases)
        ledger = method.ledger if isinstance(method, Private) else None
        for wanted in dict.fromkeys((period, period[:7])) if ledger else ():
            revision = newest[wanted].revision + 1 if wanted in newest else 1
            month = len(wanted) == len("2026-01")
            read = self._counts.of_month(wanted, {}) if month else self._counts.of_days([date.fromisoformat(wanted)])
            for table, rows in read:
                if rows[number_of(wanted)] and isinstance(method, Private) and ledger:
                    ledger = ledger.spend(Entry(wanted, table.name, revision, method.price(table.name)))

    def _spent(self, period: str, revision: int) -> dict[str, str]:
        """Table → what it cost, by the ledger of the method, if it has one."""
        method = self.method_of(period)
        entries = method.ledger.entries if isinstance(method, Private) else ()
        return {row.table: str(row.epsilon) for row in entries if (row.period, row.revision) == (period, revision)}

    def _unnamed(self) -> list[Manifest]:
        """The releases that the index does not name: those just made, those of a publication that was killed; or all.

        All where the installation has another address since, which the catalogues would not know.
        """
        path = self.root / manifests.INDEX
        index = msgspec.json.decode(path.read_bytes()) if path.exists() else {}
        here = index.get("address") == address_of(self._config, self.town.ars)
        named = {(row["period"], row["revision"]) for row in index["releases"]} if here else set()
        return [release for release in self.releases if (release.period, release.revision) not in named]

    def _write_indexes(self, new: list[Manifest]) -> None:
        if new:
            os.sync()  # what the indexes name must outlive a loss of power
            self.releases.sort(key=lambda row: (row.period, row.revision))
            write_indexes(self._config, self.releases, new)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Publish alone, knowing what others have published until now; raises ReleaseError while another is at work."""
        self.root.mkdir(mode=0o755, parents=True, exist_ok=True)
        lock = loader_lock(self.root, LOCK)
        if lock is None:
            raise ReleaseError(f"{self.town.name} is being published already; try again in a moment.")
        try:
            remove_leftovers(self.root)
            self.releases = manifests.all_of(self.root, self.releases)
            self._prepare()
            yield
        finally:
            os.close(lock)


def described(method: Method) -> dict[str, Any]:
    """A method as files name it."""
    return {"name": method.name, "version": method.version, "parameters": dict(method.parameters)}
