"""Looks at what is published: nothing changed since, and no count that is too small for its method of protection."""

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tracker.audit.report import FAILURE, OK, WARNING, Finding, Progress, Scope, choose
from tracker.config import Config
from tracker.opendata_names import MANIFEST
from tracker.store import Store
from tracker.store.catalogue import Catalogue
from tracker.store.opendata import Opendata

CHECKSUMS = "SHA256SUMS"
STATUS = "_status"
CONTACTS = ("contact", "email", "website", "contributor")


class Release(NamedTuple):
    """One release: its folder, and its path from the folder of all publications."""

    folder: Path
    name: str


def releases_of(config: Config) -> list[Release]:
    """The complete releases of all municipalities."""
    root = config.opendata
    found = [path.parent for path in root.glob(f"*/*/*/{MANIFEST}") if not _is_hidden(path.relative_to(root))]
    return [Release(path, path.relative_to(root).as_posix()) for path in sorted(found)]


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def check_releases(config: Config, scope: Scope, progress: Progress) -> Iterator[Finding]:
    """Files against the checksums published with them, and the smallest counts in the tables."""
    known = releases_of(config)
    chosen = choose(known, scope.releases)
    changed: list[str] = []
    small: list[str] = []
    for done, release in enumerate(chosen):
        progress(done / len(chosen))
        changed += _changed(release)
        small += _small(release)
    yield _finding("releases", "changed", changed, len(chosen), len(known))
    yield _finding("small_counts", "small", small, len(chosen), len(known))


def _finding(check: str, reason: str, places: list[str], looked: int, known: int) -> Finding:
    if places:
        return Finding(check, FAILURE, reason, {"number": len(places), "place": ", ".join(places[:5])})
    return Finding(check, OK, "none" if not known else "clean", {"number": looked, "all": known})


def _changed(release: Release) -> list[str]:
    """The files that are not what their checksum says, that are missing, or that were added."""
    try:
        lines = (release.folder / CHECKSUMS).read_text("utf-8").splitlines()
        expected = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    except (OSError, ValueError):
        return [f"{release.name}/{CHECKSUMS}"]
    found = {path.name: _sha256(path) for path in release.folder.iterdir() if path.name != CHECKSUMS}
    names = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
    return [f"{release.name}/{name}" for name in names]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _small(release: Release) -> list[str]:
    """The tables with a count below what the release's own method publishes."""
    try:
        method = json.loads((release.folder / MANIFEST).read_bytes())["method"]
        tables = sorted(release.folder.glob("*.csv"))
        return [f"{release.name}/{path.name}" for path in tables if _has_small(path, method)]
    except (OSError, ValueError, KeyError, csv.Error):
        return [f"{release.name}/{MANIFEST}"]


def _has_small(path: Path, method: Mapping[str, Any]) -> bool:
    with path.open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file)
        measures = [name for name in table.fieldnames or () if name + STATUS in (table.fieldnames or ())]
        limits = {name: smallest(method, name) for name in measures}
        return any(0 < _count(row[name]) < limit for row in table for name, limit in limits.items())


def smallest(method: Mapping[str, Any], measure: str) -> int:
    """The smallest count but 0 that a method publishes of a measure; 0 for none (differential privacy)."""
    parameters = method["parameters"]
    own = parameters.get("exceptions", {}).get(measure, {})
    return int(own.get("smallest", parameters.get("smallest", parameters.get("threshold", 0))))


def _count(text: str | None) -> int:
    """A whole number; 0 for a hidden one, a mean, and what is no number."""
    return int(text) if text and text.isdecimal() else 0


def check_opendata(store: Store, config: Config) -> Iterator[Finding]:
    """Whoever publishes names a contact, and the attribution that the licence demands."""
    opendata, found = Opendata(store.connection), []
    for town in Catalogue(store.connection).municipalities():
        setting = opendata.setting(town.id)
        if not setting.automatic and not any((config.opendata / town.ars).glob(f"*/*/{MANIFEST}")):
            continue
        missing = [name for name in CONTACTS if not getattr(setting, name)]
        if "by" in setting.licence.lower().split("/")[0].split("-") and not setting.attribution:
            missing.append("attribution")
        if missing:
            values = {"municipality": town.name, "fields": ", ".join(missing)}
            found.append(Finding("opendata", WARNING, "incomplete", values))
    yield from found
    if not found:
        yield Finding("opendata", OK, "complete")
