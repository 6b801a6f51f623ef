"""What was deleted by receipt, so that it stays deleted when an older backup is restored: hashes of codes, and days.

They lie in a file beside the database, because the database is what a backup replaces. Each line has the same length,
so that a line torn by a crash spoils no other.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE = "erased-receipts"
_LINE = 8 + 1 + 64 + 1  # day, blank, hash, end


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
        day, _, receipt = content[place : place + _LINE].decode("ascii", "replace").rstrip("\n").partition(" ")
        try:
            yield int(day), bytes.fromhex(receipt)
        except ValueError:  # torn by a loss of power
            continue


@contextmanager
def _opened(data: Path) -> Iterator[int]:
    descriptor = os.open(data / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)
