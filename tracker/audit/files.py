"""Looks for what must not be stored in the files of a data directory, and for files that others can read."""

import os
import sqlite3
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from tracker.audit.forbidden import found_in
from tracker.audit.kinds import FILES, MACHINE, FileKind, file_kind
from tracker.audit.report import FAILURE, OK, WARNING, Finding, Progress, Scope, choose
from tracker.audit.rows import check_rows
from tracker.config import Config
from tracker.errors import StoreError
from tracker.opendata_names import FOLDER, MANIFEST
from tracker.store.contents import HASHED, Contents
from tracker.store.schema import connect

DATABASES = (".db", ".db-wal", ".db-shm")
NAMED = 5  # files that a sentence names
OTHERS_MAY_READ = 0o066
OTHERS_MAY_PASS = 0o011


class Stored(NamedTuple):
    """A file: its path from the directory, and its kind, None if it is not declared."""

    path: Path
    name: str
    kind: FileKind | None


def stored_files(folder: Path, kinds: tuple[FileKind, ...] = FILES) -> list[Stored]:
    """The files below a directory, by path; 10 µs each, which counts where ten years are published."""
    places = sorted(os.path.join(root, name) for root, _, names in os.walk(folder) for name in names)  # noqa: PTH118
    start = len(str(folder)) + 1
    return [Stored(Path(place), place[start:], file_kind(place[start:], kinds)) for place in places]


def check_files(files: Sequence[Stored], scope: Scope, progress: Progress) -> Iterator[Finding]:
    """A sample of each kind of file, read as text; databases have a check of their own."""
    chosen = [file for kind in [*FILES, None] for file in choose(_texts(files, kind), scope.files)]
    hits: Counter[tuple[str, str, bool]] = Counter()
    for done, file in enumerate(chosen):
        progress(done / len(chosen))
        allowed = file.kind.allowed if file.kind else frozenset()
        hand = file.kind is not None and file.kind.hand
        for name in found_in(_readable(file.path, scope.bytes)) - allowed:
            if not (name == "email" and _is_public(file)):
                hits[file.name, name, hand] += 1
    for (place, name, hand), _ in sorted(hits.items()):
        grade, reason = (WARNING, "by_hand") if hand else (FAILURE, "found")
        yield Finding("files", grade, reason, {"place": place, "kind": name})
    if not hits:
        yield Finding("files", OK, "clean", {"files": len(chosen), "all": len(files)})


def _is_public(file: Stored) -> bool:
    """Released files name the contact of the office; other addresses are looked for in the columns they come from."""
    return file.kind is not None and file.kind.public


def _texts(files: Sequence[Stored], kind: FileKind | None) -> list[Stored]:
    return [file for file in files if file.kind == kind and not file.name.endswith(DATABASES)]


def _readable(path: Path, most: int) -> str:
    """The beginning and the end of a file as text; "" for one that is gone meanwhile."""
    try:
        if path.suffix == ".xlsx" and zipfile.is_zipfile(path):
            return _unzipped(path, most)
        with path.open("rb") as file:
            begin = file.read(most // 2)
            file.seek(max(len(begin), file.seek(0, 2) - most // 2))
            return (begin + b"\n" + file.read(most // 2)).decode("utf-8", "replace")
    except OSError:
        return ""


def _unzipped(path: Path, most: int) -> str:
    with zipfile.ZipFile(path) as book:
        parts = [book.open(name).read(most) for name in book.namelist() if name.endswith(".xml")]
    return b"\n".join(parts).decode("utf-8", "replace")


def check_backups(files: Sequence[Stored], scope: Scope, progress: Progress) -> Iterator[Finding]:
    """The newest copies of the database hold neither pseudonyms nor sessions, nor what must not be stored."""
    copies = [file for file in files if file.name.startswith("backup/zaehlwerk-") and file.path.suffix == ".db"]
    newest = sorted(copies, key=lambda file: file.path.stat().st_mtime)[-len(copies) if scope.full else -2 :]
    found: list[Finding] = []
    for file in newest:
        try:
            with closing(connect(file.path, readonly=True)) as connection:
                found += _copy_findings(Contents(connection), file.name, scope, progress)
        except (StoreError, sqlite3.Error):
            found.append(Finding("backups", WARNING, "unreadable", {"place": file.name}))
    yield from found
    if not found:
        yield Finding("backups", OK, "clean", {"number": len(newest), "all": len(copies)})


def _copy_findings(contents: Contents, name: str, scope: Scope, progress: Progress) -> list[Finding]:
    held = contents.held(HASHED)
    found = [Finding("backups", FAILURE, "holds", {"place": name, "tables": ", ".join(held)})] if held else []
    bad = [row for row in check_rows(contents, scope, progress, f"{name}: ") if row.grade != OK]
    return [*found, *bad]


def check_access(config: Config, files: Sequence[Stored], memory: Path | None) -> Finding:
    """What is not published belongs to its owner alone. Behind a closed folder an open file is no leak yet."""
    private = [file for file in files if _is_private(file)]
    folders = {parent for file in private for parent in file.path.parents if config.data in (parent, *parent.parents)}
    open_files = [file for file in private if _mode(file.path) & OTHERS_MAY_READ]
    open_folders = [path for path in sorted(folders) if _mode(path) & OTHERS_MAY_READ]
    exposed = [path for path in (*open_folders, *(file.path for file in open_files)) if _is_reached(path, config.data)]
    found = [str(path) for path in exposed] + _open_in_memory(memory)
    if found:
        return Finding("access", FAILURE, "open", _named(found))
    readable = [file.name for file in open_files if not _goes_anyway(file)]
    if readable:
        return Finding("access", WARNING, "readable", _named(readable))
    return Finding("access", OK, "private", {"number": len(private)})


def _is_private(file: Stored) -> bool:
    """Neither published, also not in a backup, nor the program's own records and settings, which name nobody."""
    return "/opendata/" not in f"/{file.name}" and (file.kind is None or file.kind.personal != MACHINE)


def _goes_anyway(file: Stored) -> bool:
    """What an import unpacks is as open as what is published, in a closed folder that goes as a whole."""
    return file.kind is not None and file.kind.name == "takein"


def _is_reached(path: Path, data: Path) -> bool:
    """Whether others may pass all folders from the data directory down to a path."""
    return path == data or all(
        _mode(parent) & OTHERS_MAY_PASS for parent in path.parents if data in (parent, *parent.parents)
    )


def _open_in_memory(memory: Path | None) -> list[str]:
    if memory is None:
        return []
    return [str(path) for path in (memory, *sorted(memory.iterdir())) if _mode(path) & 0o077 and _is_open(path, memory)]


def _is_open(path: Path, memory: Path) -> bool:
    """The folder itself, and of what is in it the keys, which must be closed twice over."""
    return path == memory or path.suffix in (".key", ".recent")


def check_unknown(files: Sequence[Stored]) -> Finding:
    """Every file is one of the kinds that this program declares."""
    names = {file.name for file in files}
    unknown = [file.name for file in files if file.kind is None or _is_of_no_release(file.name, names)]
    if unknown:
        return Finding("unknown", WARNING, "files", _named(unknown))
    return Finding("unknown", OK, "none", {"number": len(files)})


def _is_of_no_release(name: str, names: Set[str]) -> bool:
    """Whether a file lies where a release would, but none is there: opendata/<ARS>/<period>/<revision>/<file>."""
    if not name.startswith(f"{FOLDER}/") or name.count("/") != 4:
        return False
    return f"{name.rpartition('/')[0]}/{MANIFEST}" not in names


def _named(names: Sequence[str]) -> dict[str, str | int]:
    return {"place": ", ".join(names[:NAMED]), "number": len(names)}


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return 0
