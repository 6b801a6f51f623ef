"""What the released files told already, which the files to come depend on."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date
from itertools import zip_longest
from pathlib import Path
from typing import Any

import msgspec

from admin.opendata import manifest as manifests
from admin.opendata.counts import Read
from admin.opendata.manifest import Manifest
from admin.opendata.protection import SUPPRESSED
from admin.opendata.published import STATUS, Published, Value, columns_of
from admin.opendata.tables import DAY, MONTH, TABLES, Table
from tracker.calendar import day_number

Hidden = Mapping[str, Mapping[str, tuple[int, ...]]]


class Told:
    """The newest releases of a municipality, whose files lie below `root`."""

    def __init__(self, root: Path, releases: list[Manifest]) -> None:
        self._root = root
        self._newest = manifests.latest(releases)

    def open_since(self, month: str) -> dict[str, int]:
        """Service → the first month whose ratings were too few before `month`."""
        found: dict[str, int] = {}
        before = max((release.period for release in self._of(MONTH) if release.period < month), default="")
        for table in TABLES:
            for row in self._rows(self._newest[before], table) if before and table.threshold else []:
                if row[f"{table.measures[0].name}_{STATUS}"] == SUPPRESSED:
                    found[row["service"]] = int(row["from_month"].replace("-", ""))
        return found

    def days_together(self, table: Table, month: str) -> Published:
        """A table of days for a whole month: as its days were published."""
        names = [column.name for column in columns_of(table)]
        rows: list[tuple[Value, ...]] = []
        for release in self._days_of(month):
            rows += [tuple(row.get(name) for name in names) for row in self._rows(release, table)]
        return Published(table, month, rows)

    def differing(self, table: Published) -> int:
        """How many values of a table are not those of its newest release."""
        names = [column.name for column in table.columns]
        public = [tuple(row.get(name) for name in names) for row in self._rows(self._newest[table.period], table.table)]
        pairs = zip_longest(public, table.rows, fillvalue=())
        return sum(one != other for old, new in pairs for one, other in zip_longest(old, new))

    def hidden(self, month: str, read: Callable[[list[date]], Read]) -> Hidden:
        """What the files of the days of a month suppressed: total → measure → true counts, which `read` gives."""
        days = self._days_of(month)
        found: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for table, true in read([release.first for release in days]) if days else []:
            for release in days:
                public = {_place_of(table, row): row for row in self._rows(release, table)}
                for row in true[day_number(release.first)]:
                    for total in {row.total, f"all {month}"} if table.dimensions[1].name == "site" else {row.total}:
                        _note_hidden(found[total], table, row.cells, public.get(row.dimensions, {}))
        for of in found.values():
            of["attempts"] = of["reached"] = of["started"]  # what codes add up to, and who reached a first step
        return {total: {name: tuple(counts) for name, counts in of.items()} for total, of in found.items()}

    def _of(self, kind: str) -> list[Manifest]:
        return [release for _period, release in sorted(self._newest.items()) if release.kind == kind]

    def _days_of(self, month: str) -> list[Manifest]:
        return [release for release in self._of(DAY) if release.period.startswith(month)]

    def _rows(self, release: Manifest, table: Table) -> list[dict[str, Any]]:
        """The rows of a table as a release has them."""
        path = self._root / release.path / f"{table.name}.json"
        return list(msgspec.json.decode(path.read_bytes())["rows"]) if path.exists() else []


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
