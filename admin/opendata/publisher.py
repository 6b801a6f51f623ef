"""Publishing a municipality: reads true counts, protects them, and writes releases, each day and month once.

1. Days that are over, closed and counted to the end, then the months that they complete, each in a release of its own.
2. A correction is a new revision with a reason; what it replaces stays.
3. The indexes that change come last. They name only what is on disk, and that outlives a loss of power.
"""

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any, NamedTuple

import msgspec

from admin.opendata import manifest as manifests
from admin.opendata.due import days_due, end_of, first_of_month_from, last_closed_day, months_due, numbers_of
from admin.opendata.indexes import write_indexes
from admin.opendata.licences import LICENCES
from admin.opendata.manifest import Manifest, ReleaseError
from admin.opendata.measuring import Measuring
from admin.opendata.protection import SUPPRESSED, Method, build
from admin.opendata.protection.privacy import Entry, Private
from admin.opendata.published import STATUS, Published, Value, columns_of, protect
from admin.opendata.reading import Place, Rows
from admin.opendata.release import remove_leftovers, write_release
from admin.opendata.tables import DAY, MONTH, TABLES, Table
from tracker.calendar import day_date, day_number
from tracker.config import Config
from tracker.loader import loader_lock
from tracker.store import Store
from tracker.store.catalogue import Catalogue, Municipality, Site
from tracker.store.cells import Cells
from tracker.store.imports import Imports
from tracker.store.opendata import Opendata
from tracker.store.services import Services

LOCK = ".lock"
LONGEST_REASON = 500  # characters
Progress = Callable[[int, int], None]
Hidden = Mapping[str, Mapping[str, tuple[int, ...]]]
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
        self._store = store
        self._config = config
        self._now = now
        self._opendata = Opendata(store.connection)
        self._cells = Cells(store.connection)
        self.setting = self._opendata.setting(town.id)
        self.sites = Catalogue(store.connection).sites(town.id)
        self.releases = manifests.all_of(self.root)
        self._prepare()

    # What is due

    def first_day(self) -> date | None:
        """The first day to be published: the one that was chosen, or of which anything was counted."""
        found = self.setting.start or self._cells.first_day([site.id for site in self.sites])
        return None if found is None else day_date(found)

    def last_day(self) -> date:
        """The last day that can be published."""
        return last_closed_day(self._store, self._config, self.town, self.sites, self._now)

    def due(self) -> list[str]:
        """The periods that would be published now: days ("2026-01-31") and the months that they complete."""
        first, last = self.first_day(), self.last_day()
        if first is None:
            return []
        published = {release.period for release in self.releases}
        whole = first_of_month_from(first) if self.setting.start else first  # what was not chosen is in no month either
        return [*(day.isoformat() for day in days_due(first, last, published)), *months_due(whole, last, published)]

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
            for table, rows in self._read(DAY, [day_number(day)])
        ]

    def draws_anew(self, period: str) -> bool:
        """Whether publication draws other noise than a preview shows."""
        return isinstance(self._method(period), Private)

    def _publish_days(self, days: list[date], revision: int = 1, reason: str = "") -> list[Manifest]:
        """Releases of days of one month."""
        if not days:
            return []
        read = self._read(DAY, numbers_of(days))
        measuring = self._measuring(days[0], days[-1])
        done = []
        for day in days:
            number = day_number(day)
            tables = [self._protect(table, day.isoformat(), rows[number], revision) for table, rows in read]
            missing = self._missing(measuring, [number])
            done.append(self._release(day.isoformat(), revision, reason, tables, missing))
        return done

    def _publish_month(self, month: str, revision: int, reason: str) -> Manifest:
        """The release of a month: its own tables, and those of its days in one."""
        tables = [preview.published for preview in self._tables_of_month(month, revision)]
        tables += [self._days_together(table, month) for table in TABLES if table.period == DAY]
        first, last = date.fromisoformat(f"{month}-01"), end_of(month)
        days = numbers_of(days_due(first, last, ()))
        return self._release(month, revision, reason, tables, self._missing(self._measuring(first, last), days))

    def _tables_of_month(self, month: str, revision: int) -> list[Preview]:
        number = int(month.replace("-", ""))
        hidden = self._hidden(month) if self._method(month).name == "threshold" else {}
        return [
            Preview(self._protect(table, month, rows[number], revision, hidden), rows[number])
            for table, rows in self._read(MONTH, [number])
        ]

    def _protect(self, table: Table, period: str, rows: Rows, revision: int, hidden: Hidden | None = None) -> Published:
        return protect(table, period, rows, self._method(period), revision, hidden)

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
            method=described(self._method(period)),
            tables=(),
            reason=reason,
            attribution=setting.attribution,
            missing=missing,
            spent=self._spent(period, revision),
            simulated=self._config.simulated,
        )
        done = write_release(self.root, draft, tables)
        self.releases.append(done)
        self._names.setdefault(period[:7], self._method(period).name)
        return done

    def _prepare(self) -> None:
        """Know what the releases say: the method of each month, and what was spent."""
        self._ledger = manifests.ledger_of(self.releases)
        self._methods: dict[str, Method] = {}
        self._names: dict[str, str] = {}
        for release in sorted(self.releases, key=lambda row: (row.released, row.revision)):
            self._names.setdefault(release.period[:7], release.method["name"])

    def _method(self, period: str) -> Method:
        """The method of a period: that of the first release of its month, since none protects what another told."""
        name = self._names.get(period[:7], self.setting.method)
        if name not in self._methods:
            self._methods[name] = build(name, self._ledger)
        return self._methods[name]

    def _afford(self, period: str) -> None:
        """Raise BudgetError unless the budget pays for the correction of a period, and for its month, out or not."""
        method, newest = self._method(period), manifests.latest(self.releases)
        ledger = method.ledger if isinstance(method, Private) else None
        for wanted in dict.fromkeys((period, period[:7])) if ledger else ():
            kind = MONTH if len(wanted) == len("2026-01") else DAY
            number = int(wanted.replace("-", ""))
            revision = newest[wanted].revision + 1 if wanted in newest else 1
            for table, rows in self._read(kind, [number]):
                if rows[number] and isinstance(method, Private) and ledger:
                    ledger = ledger.spend(Entry(wanted, table.name, revision, method.price(table.name)))

    def _spent(self, period: str, revision: int) -> dict[str, str]:
        """Table → what it cost, by the ledger of the method, if it has one."""
        method = self._method(period)
        entries = method.ledger.entries if isinstance(method, Private) else ()
        return {row.table: str(row.epsilon) for row in entries if (row.period, row.revision) == (period, revision)}

    def _unnamed(self) -> list[Manifest]:
        """The releases that the index does not name: those just made, and those of a publication that was killed."""
        path = self.root / manifests.INDEX
        rows = msgspec.json.decode(path.read_bytes())["releases"] if path.exists() else []
        named = {(row["period"], row["revision"]) for row in rows}
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

    # Reading

    def _read(self, period: str, numbers: list[int]) -> list[tuple[Table, dict[int, Rows]]]:
        place = self._place(period, numbers)
        return [(table, table.read(place, numbers)) for table in TABLES if table.period == period]

    def _place(self, period: str, numbers: list[int]) -> Place:
        days = numbers if period == DAY else [numbers[0] * 100 + 1, numbers[-1] * 100 + 31]
        measuring = self._measuring(
            day_date(days[0]), end_of(_month(days[-1])) if period == MONTH else day_date(days[-1])
        )
        by_month = {number: numbers_of(_days_of(number)) for number in numbers} if period == MONTH else {}

        def measured(site: Site, number: int) -> bool:
            return any(measuring.day(site, day) for day in by_month.get(number, [number]))

        return Place(
            self._cells,
            self.town.id,
            self.sites,
            Services(self._store.connection).all(self.town.id),
            measured,
            _pages(self.setting.pages),
            self._open_since(_month(days[0])) if period == MONTH else {},
        )

    def _measuring(self, first: date, last: date) -> Measuring:
        days = (day_number(first), day_number(last))
        imports = Imports(self._store.connection)
        return Measuring(self._cells, self._opendata, imports, self.sites, days, self._config.simulated)

    def _missing(self, measuring: Measuring, days: list[int]) -> dict[str, list[str]]:
        """Site → its days that were not measured."""
        found = {
            site.host: [day_date(day).isoformat() for day in days if not measuring.day(site, day)]
            for site in self.sites
        }
        return {host: missing for host, missing in found.items() if missing}

    def _open_since(self, month: str) -> dict[str, int]:
        """Service → first month whose ratings were too few before `month`; none where answers would pay again."""
        found: dict[str, int] = {}
        if isinstance(self._method(month), Private):
            return found
        for table in TABLES:
            before = self._newest_before(month) if table.threshold else None
            for row in self._published(before, table) if before else []:
                if row[f"{table.measures[0].name}_{STATUS}"] == SUPPRESSED:
                    found[row["service"]] = int(row["from_month"].replace("-", ""))
        return found

    def _newest_before(self, month: str) -> Manifest | None:
        """The newest release of the month before, if there is one."""
        newest = manifests.latest([row for row in self.releases if row.kind == MONTH and row.period < month])
        return newest[max(newest)] if newest else None

    def _published(self, release: Manifest, table: Table) -> list[dict[str, Any]]:
        """The rows of a table as a release has them."""
        path = self.root / release.path / f"{table.name}.json"
        return list(msgspec.json.decode(path.read_bytes())["rows"]) if path.exists() else []

    def _days_together(self, table: Table, month: str) -> Published:
        """A table of days for a whole month: as its days were published."""
        names = [column.name for column in columns_of(table)]
        rows: list[tuple[Value, ...]] = []
        for period, release in sorted(manifests.latest(self.releases).items()):
            if release.kind == DAY and period.startswith(month):
                rows += [tuple(row.get(name) for name in names) for row in self._published(release, table)]
        return Published(table, month, rows)

    def _hidden(self, month: str) -> Hidden:
        """What the files of the days of a month suppressed: total → measure → true counts."""
        days = {release.first: release for release in manifests.latest(self.releases).values() if release.kind == DAY}
        days = {day: release for day, release in days.items() if f"{day:%Y-%m}" == month}
        found: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for table, read in self._read(DAY, numbers_of(sorted(days))) if days else []:
            for day, release in days.items():
                public = {_place_of(table, row): row for row in self._published(release, table)}
                for row in read[day_number(day)]:
                    for total in {row.total, f"all {month}"} if table.dimensions[1].name == "site" else {row.total}:
                        _note_hidden(found[total], table, row.cells, public.get(row.dimensions, {}))
        for of in found.values():
            of["attempts"] = of["reached"] = of["started"]  # what codes add up to, and who reached a first step
        return {total: {name: tuple(counts) for name, counts in of.items()} for total, of in found.items()}


def described(method: Method) -> dict[str, Any]:
    """A method as files name it."""
    return {"name": method.name, "version": method.version, "parameters": dict(method.parameters)}


def _place_of(table: Table, public: Mapping[str, Any]) -> tuple[str, ...]:
    """The dimensions of a published row after its period."""
    return tuple(public[row.name] for row in table.dimensions[1:])


def _note_hidden(found: dict[str, list[int]], table: Table, cells: Any, public: Mapping[str, Any]) -> None:
    """Note what a published row hides; a row that was not published is as unknown as can be, and asks for nothing."""
    counts = dict(zip((row.name for row in table.measures if row.unit), (cell.value for cell in cells), strict=True))
    for name, count in counts.items():
        if public.get(f"{name}_{STATUS}") == SUPPRESSED and count is not None:
            found[name].append(count)
            if name == "views" and counts.get("visits", 0) is None:  # of a site that counts no visits
                found["views_without_visits"].append(count)


def _month(day: int) -> str:
    return f"{day // 10_000}-{day // 100 % 100:02d}"


def _days_of(month: int) -> list[date]:
    first = day_date(month * 100 + 1)
    return days_due(first, end_of(f"{first:%Y-%m}"), ())


def _pages(text: str) -> list[tuple[str, str]]:
    """Host and path of the pages in lines."""
    found = [line.strip().partition("/") for line in text.splitlines() if line.strip()]
    return [(host.lower(), f"/{path}") for host, _, path in found]
