"""What a release says about itself in release.json: the source of index, catalogue and public page."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from admin.opendata.protection import Entry, Ledger
from admin.opendata.tables import DAY, MONTH
from tracker.errors import ZaehlwerkError
from tracker.opendata_names import MANIFEST, releases_below

FILE = MANIFEST
INDEX = "index.json"


class Publisher(msgspec.Struct, frozen=True):
    """The municipality that publishes, and how to reach it."""

    name: str
    ars: str
    ags: str
    contact: str = ""
    email: str = ""
    website: str = ""
    contributor: str = ""  # the contributorID of DCAT-AP.de, an IRI


class DataFile(msgspec.Struct, frozen=True):
    """One file. `name` within the release, `format` as the ending, `bytes` its size, `sha256` in hex."""

    name: str
    format: str
    media_type: str
    bytes: int
    sha256: str


class TableFiles(msgspec.Struct, frozen=True):
    """One table with its files, the CSVW metadata not among them."""

    name: str
    rows: int
    files: tuple[DataFile, ...]


class Manifest(msgspec.Struct, frozen=True):
    """One release. `period` is a day (2026-01-31) or a month (2026-01); `released` an instant in ISO 8601, UTC.

    `reason` tells why it replaces the revision before; "" for the first. `missing`: site → days that were not measured.
    """

    publisher: Publisher
    period: str
    revision: int
    released: str
    licence: str  # an IRI
    method: dict[str, Any]  # name, version, parameters
    tables: tuple[TableFiles, ...]
    reason: str = ""
    attribution: str = ""
    missing: dict[str, list[str]] = {}
    spent: dict[str, str] = {}  # table → epsilon, where the method has a budget
    software: str = "Zählwerk"
    simulated: bool = False  # made up by `zaehlwerk demo`

    @property
    def path(self) -> str:
        """Where it lies, from the directory of the municipality."""
        return f"{self.period}/{self.revision}"

    @property
    def kind(self) -> str:
        """`day` or `month`."""
        return DAY if len(self.period) == len("2026-01-31") else MONTH

    @property
    def first(self) -> date:
        """The first day of the period."""
        return date.fromisoformat(self.period if self.kind == DAY else f"{self.period}-01")


class ReleaseError(ZaehlwerkError):
    """A release cannot be made or read."""


def read(folder: Path) -> Manifest:
    """The manifest of a release; raises ReleaseError, which says what to do."""
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Manifest)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ReleaseError(
            f"{folder} is no release: it has no {FILE}. Move it out of the folder of the published files, "
            "and publish again."
        ) from error
    except OSError as error:
        raise ReleaseError(
            f"{folder / FILE} cannot be read: {error.strerror}. Mend that, and publish again."
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ReleaseError(
            f"{folder} is no release: its {FILE} is damaged ({error}). Bring it back from a backup, and publish again."
        ) from error


def all_of(folder: Path, known: Iterable[Manifest] = ()) -> list[Manifest]:
    """Every release below the directory of a municipality, by period and revision; only what is not `known` is read."""
    by_path = {row.path: row for row in known}
    found = (by_path.get(f"{path.parent.name}/{path.name}") or read(path) for path in releases_below(folder))
    return sorted(found, key=lambda row: (row.period, row.revision))


def ledger_of(manifests: Iterable[Manifest]) -> Ledger:
    """What all releases spent: they are the ledger, so that none can be published without having paid."""
    ledger = Ledger()
    for row in manifests:
        for table, epsilon in row.spent.items():
            ledger = ledger.spend(Entry(row.period, table, row.revision, Decimal(epsilon)))
    return ledger


def latest(manifests: list[Manifest]) -> dict[str, Manifest]:
    """Period → its newest release."""
    return {row.period: row for row in sorted(manifests, key=lambda row: row.revision)}
