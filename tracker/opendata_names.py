"""Which names below the folder of the published files are ours: periods, revisions, and what names the releases."""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path

FOLDER = "opendata"
MANIFEST = "release.json"  # in each release
_PERIOD = re.compile(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?")
_REVISION = re.compile(r"[1-9][0-9]{0,5}")
_RELEASE = re.compile(r"[0-9]{12}/([^/]+)/([^/]+)/[^/]+")
_UNFINISHED = re.compile(r"[0-9]{12}/\.([0-9-]+)\.([0-9]+)\.[0-9a-f]{8}/[^/]+")
_CATALOGUE = r"(jsonld|rdf|ttl)"
_LISTS = "|".join(  # each is replaced in one piece, by a hidden file that ends with the number of a process
    (
        r"(index\.html|style\.css)",
        r"\.(index\.html|style\.css)\.[0-9]+",
        rf"[0-9]{{12}}/(index\.html|(index|budget)\.json|catalog(-[0-9-]+)?\.{_CATALOGUE})",
        rf"[0-9]{{12}}/\.(index\.html|(index|budget|\.status)\.json|catalog(-[0-9-]+)?\.{_CATALOGUE})\.[0-9]+",
        rf"[0-9]{{12}}/(\.lock|\.status\.json|\.catalog/(keys\.json|[0-9-]+\.{_CATALOGUE}))",
        rf"[0-9]{{12}}/\.catalog/\.(keys\.json|[0-9-]+\.{_CATALOGUE})\.[0-9]+",
    )
)
_LIST = re.compile(_LISTS)


@lru_cache(maxsize=10_000)
def is_period(name: str) -> bool:
    """Whether it is a day (2026-01-31) or a month (2026-01)."""
    if not _PERIOD.fullmatch(name):
        return False
    try:
        date.fromisoformat(name if len(name) == len("2026-01-31") else f"{name}-01")
    except ValueError:
        return False
    return True


def is_revision(name: str) -> bool:
    """Whether it is the number of a release of a period."""
    return _REVISION.fullmatch(name) is not None


def releases_below(folder: Path) -> Iterator[Path]:
    """What lies where the releases of a municipality do; what has another name is not ours."""
    if not folder.is_dir():
        return
    for period in folder.iterdir():
        if is_period(period.name) and period.is_dir():
            yield from (release for release in period.iterdir() if is_revision(release.name))


def is_ours(path: str) -> bool:
    """Whether a file has a place below the data directory where a publication writes: `opendata/…`."""
    name = path.removeprefix(f"{FOLDER}/")
    found = _RELEASE.fullmatch(name) or _UNFINISHED.fullmatch(name)
    if found and is_period(found[1]) and is_revision(found[2]):
        return True
    return _LIST.fullmatch(name) is not None
