"""What was deleted by receipt, so that it stays deleted when an older backup is restored: hashes of codes, and days.

They lie in a file beside the database, because the database is what a backup replaces. Each line has the same length,
so that a line torn by a crash spoils no other.
"""

import fcntl
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tracker.errors import StoreError

FILE = "erased-receipts"
_LINE = 8 + 1 + 64 + 1  # day, blank, hash, end
_WHOLE = re.compile(rb"(\d{8}) ([0-9a-f]{64})\n")
_TORN = re.compile(
    rb"\d{0,8}|\d{8} [0-9a-f]{0,64}"
)  # the beginning of a line; a loss of power may leave zeros behind it
_OTHER = (
    f"This is not the file {FILE} of a data directory; name that of the newest data directory, or of the newest "
    "backup. Nothing was written."
)
_CUT = (
    f"The file {FILE} ends in the middle of a deletion; copy it once more. If it ends so where it comes from, too, a "
    "loss of power tore it: then name a copy of its first {0} bytes (head -c {0}). Nothing was written."
)


def erased_receipts(data: Path) -> set[bytes]:
    """The hashes of the receipts under which something was deleted."""
    try:
        content = (data / FILE).read_bytes()
    except FileNotFoundError:
        return set()
    return {receipt for _, receipt in _entries(content)}


def erased_lines(data: Path) -> Iterator[dict[str, object]]:
    """The deletions as a take-out names them: day (20260131) and hash of the receipt in hex."""
    try:
        content = (data / FILE).read_bytes()
    except FileNotFoundError:
        return
    yield from ({"day": day, "receipt": receipt.hex()} for day, receipt in _entries(content))


def read_list(path: Path) -> dict[bytes, int]:
    """Receipt → day of a list that somebody names. Raises StoreError for another or a damaged file, and OSError.

    Stricter than what is read in a data directory: here a line of another form is no accident of ours.
    """
    found: dict[bytes, int] = {}
    whole = 0
    with path.open("rb") as file:
        while line := file.read(_LINE):
            entry = next(_entries(line), None)
            if entry is not None:
                found[entry[1]] = max(entry[0], found.get(entry[1], 0))
            elif not _TORN.fullmatch(line.rstrip(b"\0")):
                raise StoreError(_OTHER)
            elif len(line) < _LINE:
                raise StoreError(_CUT.format(whole * _LINE) if found else _OTHER)
            whole += 1
    if whole and not found:
        raise StoreError(_OTHER)
    return found


def add_erased(data: Path, more: Mapping[bytes, int]) -> None:
    """Remember deletions beside those of a data directory; of two days of a receipt the later one."""
    with _opened(data) as descriptor:
        here = _entries(os.pread(descriptor, os.fstat(descriptor).st_size, 0))
        both = dict(more)
        for day, receipt in here:
            both[receipt] = max(day, both.get(receipt, 0))
        content = b"".join(_line(day, receipt) for receipt, day in sorted(both.items(), key=lambda row: row[1]))
        os.pwrite(descriptor, content, 0)
        os.ftruncate(descriptor, len(content))
        os.fsync(descriptor)


def note_erased(data: Path, receipt: bytes, day: int) -> None:
    """Remember a deletion; it is on the disk when this returns. Call it before the deletion itself."""
    with _opened(data) as descriptor:
        end = os.fstat(descriptor).st_size // _LINE * _LINE
        os.pwrite(descriptor, _line(day, receipt), end)
        os.fsync(descriptor)


def forget_erased(data: Path, before: int) -> int:
    """Forget deletions of days before `before` (20260131), when no backup holds anything so old; how many."""
    if not (data / FILE).exists():
        return 0
    with _opened(data) as descriptor:
        entries = list(_entries(os.pread(descriptor, os.fstat(descriptor).st_size, 0)))
        kept = b"".join(_line(day, receipt) for day, receipt in entries if day >= before)
        if len(kept) < len(entries) * _LINE:
            os.pwrite(descriptor, kept, 0)
            os.ftruncate(descriptor, len(kept))
            os.fsync(descriptor)
    return len(entries) - len(kept) // _LINE


def _line(day: int, receipt: bytes) -> bytes:
    return f"{day} {receipt.hex()}\n".encode()


def _entries(content: bytes) -> Iterator[tuple[int, bytes]]:
    for place in range(0, len(content) - _LINE + 1, _LINE):
        whole = _WHOLE.fullmatch(content, place, place + _LINE)
        if whole is not None:  # else torn by a loss of power
            yield int(whole[1]), bytes.fromhex(whole[2].decode())


@contextmanager
def _opened(data: Path) -> Iterator[int]:
    descriptor = os.open(data / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)
