"""Overwriting lines of the journal where they stand, so that no byte of a site stays and every position stays right."""

import os
from collections.abc import Collection, Iterator
from pathlib import Path

import msgspec

from tracker.journal import is_finished, journal_files
from tracker.record import VIEW, Record, decode, encode

NO_SITE = 0


def overwrite_sites(journal: Path, sites: Collection[int]) -> int:
    """Overwrite the lines of sites, by number; how many. Workers may go on writing to these files.

    A line becomes one of no site, which the loader drops. What cannot be read may be anyone's and is overwritten, too.
    """
    return sum(_overwrite(path, sites) for path in journal_files(journal))


def _overwrite(path: Path, sites: Collection[int]) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        found = list(_found(path, sites))
        for place, content in found:
            os.pwrite(descriptor, content, place)
        if found:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return len(found)


def _found(path: Path, sites: Collection[int]) -> Iterator[tuple[int, bytes]]:
    """(place, what is to stand there) of each line that must go."""
    place, finished = 0, is_finished(path)
    with path.open("rb") as file:
        for line in file:
            whole = line.endswith(b"\n")
            if (whole or finished) and (content := _instead_of(line, whole, sites)) is not None:
                yield place, content
            place += len(line)


def _instead_of(line: bytes, whole: bool, sites: Collection[int]) -> bytes | None:
    """What stands in the place of a line, as long as it is; None if it stays."""
    try:
        record = decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None if not line.strip() else b" " * (len(line) - whole) + b"\n" * whole
    if record.site not in sites:
        return None
    nothing = encode(Record(record.time, NO_SITE, 0, VIEW)).rstrip(b"\n")
    return nothing.ljust(len(line) - whole) + b"\n" * whole
