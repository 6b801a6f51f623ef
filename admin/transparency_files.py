"""What the public page reads: the newest revision of released files, and never the counts.

A release never changes, so what was read of it is remembered under its path and checksum.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from admin.opendata import manifest as manifests
from admin.opendata.manifest import Manifest, ReleaseError
from admin.opendata.protection import SUPPRESSED
from admin.transparency_figures import NOTHING, Figure, Noise, measures_of, noise_of

MONTHS, DAYS = 24, 31  # how far back charts reach
_MONTH, _DAY = len("2026-01"), len("2026-01-31")

Row = Mapping[str, Any]
Sums = Mapping[str, Figure]  # measure → figure


class Book(NamedTuple):
    """The releases of a municipality: the last months and days, each in its newest revision, the oldest first.

    `beside`: the names of what else lies there.
    """

    root: Path
    months: tuple[Manifest, ...]
    days: tuple[Manifest, ...]
    first: date
    beside: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[object, ...]:
        """Differs wherever anything else would be shown."""
        releases = tuple((row.path, row.released) for row in (*self.months, *self.days))
        return (str(self.root), self.beside, releases)

    @property
    def newest(self) -> Manifest:
        """The release that tells who publishes, and how."""
        return max((*self.months[-1:], *self.days[-1:]), key=lambda row: row.released)

    @property
    def last(self) -> date:
        """The last day that is published."""
        ends = [month_end(row.first) for row in self.months[-1:]] + [row.first for row in self.days[-1:]]
        return max(ends)


class Service(NamedTuple):
    """A service in a month as the file of its days adds up. `days`: on how many anything was measured."""

    slug: str
    name: str
    sums: Sums
    days: int


class Days(NamedTuple):
    """The daily tables of a release, added up: by service, and by site and over all sites by day."""

    services: Mapping[str, Service]
    sites: Mapping[str, Sums]
    by_day: Mapping[str, Sums]

    def measured(self, measure: str) -> int:
        """On how many days there is a number of all sites."""
        return sum(sums[measure].known for sums in self.by_day.values())


def month_end(first: date) -> date:
    """The last day of the month that begins on `first`."""
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def open_book(root: Path) -> Book | None:
    """The releases below the directory of a municipality; None where nothing is published."""
    names = sorted(os.listdir(root)) if root.is_dir() else []  # noqa: PTH208 - thousands of names, with every request
    periods = [name for name in names if name[0].isdecimal()]
    months = _newest(root, [name for name in periods if len(name) == _MONTH][-MONTHS:])
    days = _newest(root, [name for name in periods if len(name) == _DAY][-DAYS:])
    if not months and not days:
        return None
    oldest = next((name for name in periods if len(name) == _DAY), "")
    first = date.fromisoformat(oldest) if oldest else months[0].first
    return Book(root, months, days, first, tuple(name for name in names if not name[0].isdecimal()))


def _newest(root: Path, periods: Iterable[str]) -> tuple[Manifest, ...]:
    found = []
    for period in periods:
        revisions = [int(name) for name in os.listdir(root / period) if name.isdecimal()]  # noqa: PTH208
        if revisions:
            found.append(_manifest(root / period / str(max(revisions))))
    return tuple(found)


@lru_cache(maxsize=4096)
def _manifest(folder: Path) -> Manifest:
    return manifests.read(folder)


def rows(book: Book, release: Manifest, table: str) -> list[Row]:
    """The rows of a released table, [] where the release has none of this name; raises ReleaseError."""
    found = _file(release, table)
    return _rows(book.root / release.path / found.name, found.sha256) if found else []


def days_of(book: Book, release: Manifest) -> Days:
    """The daily tables of a release, added up; raises ReleaseError."""
    files = [_file(release, table) for table in ("service-day", "site-day")]
    return _days(book.root / release.path, tuple((file.name, file.sha256) if file else ("", "") for file in files))


def _file(release: Manifest, table: str) -> manifests.DataFile | None:
    files = [file for row in release.tables if row.name == table for file in row.files]
    return next((file for file in files if file.format == "json"), None)


@lru_cache(maxsize=512)
def _rows(path: Path, _checksum: str) -> list[Row]:
    return _read(path)[1]


@lru_cache(maxsize=1024)
def _days(folder: Path, files: tuple[tuple[str, str], ...]) -> Days:
    (method, services), (other, sites) = (_read(folder / name) if name else ({}, []) for name, _ in files)
    return Days(_services(method, services), *_sites(other, sites))


def _read(path: Path) -> tuple[Mapping[str, Any], list[Row]]:
    """Method and rows of a released JSON file."""
    try:
        content = msgspec.json.decode(path.read_bytes())
        return content["method"], content["rows"]
    except (OSError, msgspec.DecodeError, KeyError) as error:
        raise ReleaseError(f"{path} cannot be read: {error}.") from error


def _services(method: Mapping[str, Any], found: list[Row]) -> dict[str, Service]:
    by_slug: dict[str, list[Row]] = defaultdict(list)
    for row in found:
        by_slug[row["service"]].append(row)
    return {
        slug: Service(slug, some[-1]["service_name"] or slug, sums_of(method, "service-day", some), _measured(some))
        for slug, some in by_slug.items()
    }


def _measured(found: list[Row]) -> int:
    return sum(row["views_status"] != "missing" for row in found)


def sums_of(method: Mapping[str, Any], table: str, found: list[Row]) -> Sums:
    """Measure → the sum over rows of a table."""
    return {measure: _sum(found, measure, noise_of(method, table, measure)) for measure in measures_of(table)}


def _sum(found: list[Row], measure: str, noise: Noise) -> Figure:
    """The sum of the cells of a column."""
    status = f"{measure}_status"
    values = [value for row in found if (value := row[measure]) is not None]
    hidden = sum(row[status] == SUPPRESSED for row in found) if len(values) < len(found) else 0
    shown = len(values)
    missing = len(found) - shown - hidden
    return Figure(sum(values), noise.variance * shown, noise.lift * shown, shown, hidden, missing)


def _sites(method: Mapping[str, Any], found: list[Row]) -> tuple[dict[str, Sums], dict[str, Sums]]:
    by_site: dict[str, list[Row]] = defaultdict(list)
    by_day: dict[str, list[Row]] = defaultdict(list)
    for row in found:
        by_site[row["site"]].append(row)
        by_day[row["day"]].append(row)
    sums = [{key: sums_of(method, "site-day", some) for key, some in groups.items()} for groups in (by_site, by_day)]
    return sums[0], sums[1]


def figure(sums: Sums | None, measure: str) -> Figure:
    """A measure out of sums that may be missing."""
    return sums.get(measure, NOTHING) if sums else NOTHING
