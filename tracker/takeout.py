"""The take-out of a municipality: everything that is kept of it, as one archive that others can read (docs/takeout.md).

1. One state of the database is read throughout, while counting goes on.
2. Tables are JSON Lines, published files are as they are, and SHA256SUMS comes last.
3. The archive gets its name only when it is whole.
"""

import hashlib
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import msgspec

from tracker.config import Config
from tracker.errors import TakeoutError
from tracker.feedback.erased import erased_lines
from tracker.journal import sync_directory
from tracker.opendata_names import MANIFEST, releases_below
from tracker.store import open_database
from tracker.store.catalogue import Catalogue, Municipality
from tracker.store.schema import version
from tracker.store.takeout import (
    EXCEPTIONS,
    TABLES,
    Moved,
    begin_reading,
    columns_of,
    end_reading,
    number_of_rows,
    read_rows,
)
from tracker.unfinished import beside, remove_leftovers, unfinished

FORMAT, VERSION = "zaehlwerk-takeout", 1
HEADER, CHECKSUMS, ERASED = "takeout.json", "SHA256SUMS", "erased-receipts.jsonl"
FOLDER, RELEASES = "tables", "opendata"
CHUNK = 1024 * 1024
Progress = Callable[[float], None]


class _Archive:
    """A ZIP archive that is being written, with the checksum of every file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        self._sums: list[str] = []

    def add(self, name: str, chunks: Iterator[bytes]) -> None:
        """Write one file; always in the form for large ones, as its size is not known before."""
        digest = hashlib.sha256()
        with self._zip.open(_entry(name), "w", force_zip64=True) as file:
            for chunk in chunks:
                digest.update(chunk)
                file.write(chunk)
        self._sums.append(f"{digest.hexdigest()}  {name}\n")

    def finish(self) -> None:
        """Write the checksums and the directory of the archive."""
        self._zip.writestr(_entry(CHECKSUMS), "".join(self._sums))
        self._zip.close()


def _entry(name: str) -> zipfile.ZipInfo:
    """A file of the archive: readable by its owner alone once it is unpacked, and without the time of the machine."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


def make_takeout(config: Config, ars: str, target: Path, now: float, facts: bool, progress: Progress) -> None:
    """Write the take-out of a municipality to the new file `target`; `progress` gets the share done, 0 to 1.

    What a killed one left of the same target goes first. Raises ConfigError for an unknown ARS, TakeoutError when it
    cannot be written; then nothing is left of it.
    """
    if not target.absolute().parent.is_dir():
        raise TakeoutError(f"There is no directory {target.absolute().parent}. Make it first, or name another place.")
    remove_leftovers(beside(target))
    if target.exists():
        raise TakeoutError(f"{target} exists already; name another file.")
    try:
        with unfinished(beside(target)) as hidden:
            with hidden.open("wb") as file:
                write_takeout(config, ars, file, now, facts, progress)
                file.flush()
                os.fsync(file.fileno())
            hidden.rename(target)
            sync_directory(target.absolute().parent)
    except OSError as error:
        raise TakeoutError(f"No take-out was made at {target}: {error.strerror or error}.") from error


def write_takeout(
    config: Config, ars: str, file: IO[bytes], now: float, facts: bool = False, progress: Progress = lambda _: None
) -> None:
    """Write the take-out of a municipality to an open file; `facts`: with single visits.

    Raises ConfigError for an unknown ARS and OSError.
    """
    with closing(open_database(config.database, readonly=True)) as connection:
        town = Catalogue(connection).municipality(ars)
        tables = [table for table in TABLES if facts or not table.facts]
        archive = _Archive(file)
        with _one_state(connection):
            rows = {table.name: number_of_rows(connection, table, town.id) for table in tables}
            declared = {
                table.name: {"rows": rows[table.name], "columns": list(columns_of(connection, table))}
                for table in tables
            }
            archive.add(HEADER, iter([_header(town, version(connection), now, declared)]))
            done, total = 0, sum(rows.values()) or 1
            for table in tables:
                share = (0.9 * done / total, 0.9 * rows[table.name] / total)
                archive.add(f"{FOLDER}/{table.name}.jsonl", _lines(connection, table, town, rows, share, progress))
                done += rows[table.name]
        archive.add(ERASED, (msgspec.json.encode(line) + b"\n" for line in erased_lines(config.data)))
        files = list(_released(config.opendata / town.ars))
        for place, path in enumerate(files):
            progress(0.9 + 0.1 * place / len(files))
            archive.add(f"{RELEASES}/{path.relative_to(config.opendata / town.ars).as_posix()}", _chunks(path))
        archive.finish()
        progress(1.0)


@contextmanager
def _one_state(connection: Any) -> Iterator[None]:
    begin_reading(connection)
    try:
        yield
    finally:
        end_reading(connection)


def _header(town: Municipality, schema: int, now: float, tables: dict[str, Any]) -> bytes:
    """takeout.json: what this is, of whom, and what is in it."""
    content = {
        "format": FORMAT,
        "version": VERSION,
        "schema": schema,
        "software": "Zählwerk",
        "made": f"{datetime.fromtimestamp(now, UTC):%Y-%m-%dT%H:%M:%SZ}",
        "municipality": {"name": town.name, "ars": town.ars, "timezone": town.timezone},
        "tables": tables,
        "left_out": {**EXCEPTIONS, **({} if "visit" in tables else {"visit": "not asked for", "hit": "not asked for"})},
    }
    return msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n"


def _lines(
    connection: Any,
    table: Moved,
    town: Municipality,
    rows: dict[str, int],
    share: tuple[float, float],
    progress: Progress,
) -> Iterator[bytes]:
    """The rows of a table as JSON Lines, some thousand at a time."""
    begun, part = share
    held: list[bytes] = []
    for number, row in enumerate(read_rows(connection, table, town.id), 1):
        held.append(msgspec.json.encode(row))
        if len(held) == 2000:
            progress(begun + part * number / (rows[table.name] or 1))
            yield b"\n".join(held) + b"\n"
            held.clear()
    if held:
        yield b"\n".join(held) + b"\n"


def _released(folder: Path) -> Iterator[Path]:
    """The files of every whole release of a municipality."""
    for release in sorted(releases_below(folder)):
        if (release / MANIFEST).is_file():
            yield from (path for path in sorted(release.rglob("*")) if path.is_file())


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
