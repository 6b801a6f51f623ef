"""One release on disk: written beside, checked, and there all at once under a name that never changes."""

import hashlib
import os
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from admin.opendata import manifest as manifests
from admin.opendata.formats import FORMATS, Facts
from admin.opendata.manifest import DataFile, Manifest, ReleaseError, TableFiles
from admin.opendata.package import csvw_of, package_of
from admin.opendata.page import release_page
from admin.opendata.published import Published

CHECKSUMS = "SHA256SUMS"
SIMULATED = "Simulierte Daten: Alle Zahlen sind erfunden. Simulated data: all figures are made up."


def write_release(root: Path, draft: Manifest, tables: Sequence[Published]) -> Manifest:
    """Write a release below the directory of its municipality; the manifest with its files.

    Raises ReleaseError where that release exists: none is ever changed. After any error nothing of it is left.
    """
    target = root / draft.path
    if target.exists():
        raise ReleaseError(f"{target} exists already; a correction is a new revision.")
    hidden = root / f".{draft.period}.{draft.revision}.{secrets.token_hex(4)}"
    try:
        hidden.mkdir(mode=0o700, parents=True)  # nobody reads what is not complete, and may never be
        done = _fill(hidden, draft, tables)
        hidden.chmod(0o755)
        target.parent.mkdir(mode=0o755, exist_ok=True)
        hidden.rename(target)
    except OSError as error:
        raise ReleaseError(f"Nothing was published of {draft.period}: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
    return done


def _fill(folder: Path, draft: Manifest, tables: Sequence[Published]) -> Manifest:
    facts = facts_of(draft)
    found = []
    for published in tables:
        name = published.table.name
        files = tuple(
            _write(folder / f"{name}.{form.ending}", form.write(published, facts), form.media_type) for form in FORMATS
        )
        found.append(TableFiles(name, len(published.rows), files))
        _dump(folder / f"{name}.csv-metadata.json", csvw_of(draft, published))
    done = msgspec.structs.replace(draft, tables=tuple(found))
    (folder / manifests.FILE).write_bytes(msgspec.json.format(msgspec.json.encode(done), indent=1))
    _dump(folder / "datapackage.json", package_of(done, tables))
    (folder / "index.html").write_text(release_page(done, tables), "utf-8")
    sums = [f"{_sha256(path)}  {path.name}\n" for path in sorted(folder.iterdir())]
    (folder / CHECKSUMS).write_text("".join(sums), "utf-8")
    return done


def facts_of(draft: Manifest) -> Facts:
    """What every file of a release says about itself."""
    texts = {
        "publisher": draft.publisher.name,
        "ars": draft.publisher.ars,
        "revision": str(draft.revision),
        "reason": draft.reason,
        "released": draft.released,
        "licence": draft.licence,
        "attribution": draft.attribution,
        "software": draft.software,
        "simulated": SIMULATED if draft.simulated else "",
    }
    return Facts({name: text for name, text in texts.items() if text}, draft.method)


def remove_leftovers(root: Path) -> None:
    """Remove what killed publications left; call it with the publication's lock."""
    for path in root.glob(".*.*"):
        if path.is_dir():
            shutil.rmtree(path)
    for path in (*root.glob(".*.*"), *root.glob(".*/.*.*")):  # see replace_file; a status may be another's
        if path.suffix[1:].isdecimal() and ".status" not in path.name:
            path.unlink(missing_ok=True)


def replace_file(path: Path, content: bytes) -> None:
    """Replace a file that changes (an index) in one piece; raises ReleaseError."""
    hidden = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        hidden.write_bytes(content)
        hidden.replace(path)
    except OSError as error:
        hidden.unlink(missing_ok=True)
        raise ReleaseError(f"{path.name} could not be written: {error.strerror}.") from error


def _write(path: Path, content: bytes, media_type: str) -> DataFile:
    path.write_bytes(content)
    return DataFile(path.name, path.suffix[1:], media_type, len(content), hashlib.sha256(content).hexdigest())


def _dump(path: Path, content: dict[str, Any]) -> None:
    path.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
