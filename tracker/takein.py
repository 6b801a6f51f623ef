"""A take-out back into an installation, an empty one or beside other municipalities.

The archive may come from anyone, so nothing of it is believed: names, sizes, checksums and every value are checked.

1. Look at the directory of the archive alone.
2. Write published files beside, then all rows in one transaction.
3. Move the published files last, before the transaction ends. After any error nothing of it is left.
"""

import hashlib
import re
import shutil
import sqlite3
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from tracker.config import Config
from tracker.errors import ConfigError, TakeoutError
from tracker.feedback.erased import erased_receipts, note_erased
from tracker.opendata_names import is_period
from tracker.store import open_database
from tracker.store.catalogue import Catalogue, check_ars
from tracker.store.schema import transaction, version
from tracker.store.takein import TakeIn
from tracker.store.takeout import BY_TABLE, TABLES
from tracker.takeout import CHECKSUMS, CHUNK, ERASED, FOLDER, FORMAT, HEADER, RELEASES, VERSION
from tracker.unfinished import remove_leftovers, unfinished

MOST_FILES = 1_000_000
LONGEST_ROW = 32 * 1024 * 1024  # bytes; the longest by far is a message for the Single Digital Gateway
LARGEST_HEADER = 16 * 1024 * 1024  # bytes of takeout.json; of SHA256SUMS the size of the archive
MOST_PACKED = 200  # times that a file may grow when it is unpacked; tables grow some 20 times
SMALL = 1024 * 1024  # bytes that may grow more
UNFINISHED = ".import-"  # begins the name of a folder in the data directory
_RELEASED = re.compile(
    rf"{RELEASES}/([0-9-]+)/[1-9]\d{{0,5}}/"
    r"(SHA256SUMS|[a-z0-9_][A-Za-z0-9_-]{0,100}(\.csv-metadata)?\.(csv|json|xlsx|parquet|html))"
)
_DAMAGED = (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, zlib.error)
_DIGEST = re.compile(r"[0-9a-f]{64}")
Progress = Callable[[float], None]
Look = Callable[[Path, str], None]


class Table(msgspec.Struct):
    """What takeout.json says about a table."""

    rows: int
    columns: list[str]


class Town(msgspec.Struct):
    """Whose take-out it is."""

    name: str
    ars: str
    timezone: str


class Header(msgspec.Struct):
    """The content of takeout.json."""

    format: str
    version: int
    schema: int
    municipality: Town
    tables: dict[str, Table]


class Taken(NamedTuple):
    """What was taken in. `accounts` need a password; `left_out`: accounts that were here already."""

    name: str
    ars: str
    accounts: list[str]
    left_out: list[str]
    releases: int


def take_in(
    config: Config, source: Path, progress: Progress = lambda _: None, look: Look = lambda _folder, _ars: None
) -> Taken:
    """Take in the municipality of a take-out; `progress` gets the share done, 0 to 1.

    `look` gets the folder of its releases, and its ARS, before anything is written, and may raise a ZaehlwerkError.

    What a killed one left goes first. Raises TakeoutError with what is wrong; then nothing of it is here.
    """
    forget_unfinished(config)
    try:
        with zipfile.ZipFile(source) as archive, closing(open_database(config.database)) as connection:
            _check_directory(archive, source.stat().st_size, shutil.disk_usage(config.data).free)
            reader = _Reader(archive)
            header = reader.header()
            _check_header(header, version(connection), Catalogue(connection))
            with unfinished(config.data / UNFINISHED, folder=True) as hidden:
                reader.unpack(hidden, progress)
                look(hidden, header.municipality.ars)
                return _write(config, connection, reader, header, hidden, progress)
    except (*_DAMAGED, msgspec.DecodeError) as error:
        raise TakeoutError(f"{source} is no take-out, or damaged: {error}.") from error
    except (OSError, RuntimeError, UnicodeDecodeError) as error:
        raise TakeoutError(f"{source} cannot be read, or nothing can be written here: {error}.") from error
    except sqlite3.Error as error:
        raise TakeoutError(f"The rows of {source} contradict each other, or what is here: {error}.") from error


def forget_unfinished(config: Config) -> None:
    """Delete what killed imports left; all else of them was undone by the database."""
    remove_leftovers(config.data / UNFINISHED)


# 1. Looking


def _check_directory(archive: zipfile.ZipFile, size: int, free: int) -> None:
    """Refuse names that lead elsewhere, what is there twice, encrypted or overlapping, and what grows beyond reason."""
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if HEADER not in names or CHECKSUMS not in names:
        raise TakeoutError(f"The archive has no {HEADER} or no {CHECKSUMS}, so it is no take-out.")
    if len(names) > MOST_FILES or len(set(names)) < len(names):
        raise TakeoutError("The archive has too many files, or one of them twice.")
    for entry in entries:
        if not _is_known(entry.filename):
            raise TakeoutError(f"The archive has a file that no take-out has: {entry.filename[:200]!r}.")
        packed = entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or entry.flag_bits & 1
        if packed or entry.file_size > max(SMALL, MOST_PACKED * entry.compress_size):
            raise TakeoutError(f"{entry.filename} is packed in a way that no take-out is, or grows beyond reason.")
    if sum(entry.compress_size for entry in entries) > size:
        raise TakeoutError("The files of the archive overlap.")
    if 2 * sum(entry.file_size for entry in entries) > free:
        raise TakeoutError("There is not enough room on the disk for this take-out.")


def _is_known(name: str) -> bool:
    tables = {f"{FOLDER}/{table.name}.jsonl" for table in TABLES}
    released = _RELEASED.fullmatch(name)
    return name in {HEADER, CHECKSUMS, ERASED} | tables or (released is not None and is_period(released[1]))


def _check_header(header: Header, schema: int, catalogue: Catalogue) -> None:
    if header.format != FORMAT:
        raise TakeoutError("The archive is no take-out of Zählwerk.")
    if header.version > VERSION or header.schema > schema:
        raise TakeoutError(
            f"This take-out was made by a newer Zählwerk (format {header.version}, schema {header.schema}; "
            f"this one knows {VERSION} and {schema}). Bring this installation up to date first."
        )
    unknown = header.tables.keys() - BY_TABLE.keys()
    if unknown or "municipality" not in header.tables:
        names = ", ".join(sorted(unknown))[:200] or "none of the municipality"
        raise TakeoutError(f"The take-out has other tables than this Zählwerk knows: {names}.")
    try:
        check_ars(header.municipality.ars)
    except ConfigError as error:
        raise TakeoutError(str(error)) from error
    if any(town.ars == header.municipality.ars for town in catalogue.municipalities()):
        raise TakeoutError(f"There is a municipality with the ARS {header.municipality.ars} already. Remove it first.")


class _Reader:
    """Reads the files of an archive, each once, and compares it with its checksum."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._sums = self._checksums()
        names = {name for name in archive.namelist() if name != CHECKSUMS}
        if names != self._sums.keys():
            raise TakeoutError(f"{CHECKSUMS} names other files than the archive has.")

    def _checksums(self) -> dict[str, str]:
        entry = self._archive.getinfo(CHECKSUMS)
        if entry.file_size > 300 * MOST_FILES:
            raise TakeoutError(f"{CHECKSUMS} is too large.")
        lines = [line.partition("  ") for line in self._archive.read(entry).decode().splitlines()]
        if any(not _DIGEST.fullmatch(digest) for digest, _, _ in lines):
            raise TakeoutError(f"{CHECKSUMS} is not written as sha256sum does.")
        return {name: digest for digest, _, name in lines}

    def header(self) -> Header:
        """What the archive says about itself."""
        if self._archive.getinfo(HEADER).file_size > LARGEST_HEADER:
            raise TakeoutError(f"{HEADER} is too large.")
        return msgspec.json.decode(b"".join(self._chunks(HEADER)), type=Header)

    def rows(self, name: str) -> Iterator[dict[str, Any]]:
        """The rows of a table, or of another file of JSON Lines; none where the archive has no such file."""
        if name not in self._sums:
            return
        digest = hashlib.sha256()
        with self._archive.open(name) as file:
            while line := file.readline(LONGEST_ROW + 1):
                if len(line) > LONGEST_ROW:
                    raise TakeoutError(f"{name} has a row of more than {LONGEST_ROW // 1024 // 1024} MB.")
                digest.update(line)
                yield msgspec.json.decode(line, type=dict[str, Any])
        self._compare(name, digest.hexdigest())

    def unpack(self, folder: Path, progress: Progress) -> None:
        """Write the published files below a folder."""
        names = sorted(name for name in self._sums if name.startswith(f"{RELEASES}/"))
        for place, name in enumerate(names):
            target = folder / name.removeprefix(f"{RELEASES}/")
            target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            with target.open("xb") as file:
                file.writelines(self._chunks(name))
            progress(0.3 * place / len(names))

    def _chunks(self, name: str) -> Iterator[bytes]:
        digest = hashlib.sha256()
        with self._archive.open(name) as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                yield chunk
        self._compare(name, digest.hexdigest())

    def _compare(self, name: str, digest: str) -> None:
        if self._sums[name] != digest:
            raise TakeoutError(f"The archive is damaged: {name} has another checksum than {CHECKSUMS} says.")


# 2. Writing


def _write(
    config: Config, connection: sqlite3.Connection, reader: _Reader, header: Header, hidden: Path, progress: Progress
) -> Taken:
    erased = {bytes.fromhex(row["receipt"]): int(row["day"]) for row in _erased(reader)}
    known = erased_receipts(config.data)
    total, done = sum(table.rows for table in header.tables.values()), 0
    with transaction(connection), _Moving(config.opendata / header.municipality.ars) as moving:
        rows = TakeIn(connection, known | erased.keys())
        for table in TABLES:
            if table.name in header.tables:
                progress(0.3 + min(0.7 * done / max(total, 1), 0.7))
                with closing(_promised(reader, header, table.name)) as promised:
                    rows.add(table, promised, header.tables[table.name].columns)
                done += header.tables[table.name].rows
        rows.finish()
        town = Catalogue(connection).municipality(header.municipality.ars)
        for receipt in erased.keys() - known:
            note_erased(config.data, receipt, erased[receipt])
        releases = moving.move(hidden)
    return Taken(town.name, town.ars, rows.accounts, rows.left_out, releases)


def _promised(reader: _Reader, header: Header, name: str) -> Generator[dict[str, Any], None, None]:
    """The rows of a table, as many as the header says."""
    number = 0
    for row in reader.rows(f"{FOLDER}/{name}.jsonl"):
        number += 1
        yield row
    if number != header.tables[name].rows:
        raise TakeoutError(f"The table {name} has {number} rows, but {HEADER} promises {header.tables[name].rows}.")


def _erased(reader: _Reader) -> list[dict[str, Any]]:
    """The deletions by receipt, with values that can be."""
    found = list(reader.rows(ERASED))
    for row in found:
        if type(row.get("day")) is not int or not 20000101 <= row["day"] <= 99991231:
            raise TakeoutError(f"{ERASED} has a deletion without a day.")
        if not _DIGEST.fullmatch(str(row.get("receipt"))):
            raise TakeoutError(f"{ERASED} has a deletion without the hash of a receipt.")
    return found


# 3. Moving


class _Moving:
    """Puts releases into the folder of a municipality, and takes them back if the transaction around it fails."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._moved: list[Path] = []

    def __enter__(self) -> "_Moving":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            for path in self._moved:
                shutil.rmtree(path, ignore_errors=True)

    def move(self, hidden: Path) -> int:
        """Move every release; how many. One that is there already must be the same, byte for byte."""
        releases = sorted(path for path in hidden.glob("*/*"))
        for release in releases:
            target = self._root / release.relative_to(hidden)
            if not target.exists():
                target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
                release.rename(target)
                self._moved.append(target)
            elif _content(target) != _content(release):
                raise TakeoutError(f"{target} was published with other content than the take-out has.")
        return len(releases)


def _content(folder: Path) -> dict[str, str]:
    """File → checksum."""
    found = {}
    for path in folder.iterdir():
        with path.open("rb") as file:
            found[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found
