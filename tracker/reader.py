"""Reading the journal: the next whole lines of all its files, merged by time, with how far each file is then read."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import msgspec

from tracker.journal import IMPORT, journal_files, read_lines
from tracker.record import Record, decode

WATERMARK = 300  # ms that a line waits for older ones of other workers
AHEAD = 2_000  # ms; lines further in the future come from a clock that jumped and do not wait
BATCH_BYTES = 1_500_000  # of one file, about 8,000 lines
FILES = 4  # that are read so far in one step; of more, less of each: memory is small, and a backlog may be large
FIRST_BYTES = 2_000  # in which the first line ends, as a rule


@dataclass(slots=True)
class Position:
    """How far a file is counted, and when the last of its days closes."""

    offset: int = 0
    closes: int = 0


@dataclass(slots=True)
class Read:
    """What one step takes from the journal."""

    records: list[tuple[str, Record]] = field(default_factory=list)  # with the file of each
    positions: dict[str, Position] = field(default_factory=dict)
    waiting_since: int = 0  # time of the oldest line left waiting, in ms; 0 if none
    more: bool = False
    damaged: int = 0


class _Block(NamedTuple):
    """The next lines of one file."""

    name: str
    known: Position
    lines: list[bytes]
    records: list[Record | None]


def read_journal(directory: Path, positions: dict[str, Position], now: int) -> Read:
    """The lines of all files that need not wait at `now` (ms), in the order of their times."""
    read = Read()
    blocks = []
    limit = now - WATERMARK
    unread = _unread(directory, positions)
    size = BATCH_BYTES * FILES // max(FILES, len(unread))
    for begins, path in unread:
        if limit < begins <= now + AHEAD:  # its lines wait, so they need not be read yet
            read.waiting_since = min(read.waiting_since or begins, begins)
            continue
        known = positions.get(path.name, Position())
        lines, end = read_lines(path, known.offset, size)
        block = _Block(path.name, known, lines, [_decoded(line) for line in lines])
        blocks.append(block)
        if path.stat().st_size > end and lines:
            read.more = True
            if path.name.startswith(IMPORT):  # nobody waits for old lines
                continue
            limit = min(limit, max((record.time for record in block.records if record), default=limit))
    for block in blocks:
        _take(read, block, limit, now)
    read.records.sort(key=lambda item: (item[1].time, item[0]))  # so that the files' order decides at the same time
    return read


def oldest_unread(directory: Path, positions: dict[str, Position]) -> int | None:
    """The time in ms of the oldest line that is not counted yet; None if all are."""
    return next((begins for begins, _ in _unread(directory, positions)), None)


def _unread(directory: Path, positions: dict[str, Position]) -> list[tuple[int, Path]]:
    """The files with something new, in the order of the times of its first lines; 0 if that cannot be read."""
    found = []
    for path in journal_files(directory):
        offset = positions.get(path.name, Position()).offset
        if path.stat().st_size > offset:
            first = next(iter(read_lines(path, offset, FIRST_BYTES)[0]), b"")
            record = _decoded(first)
            found.append((record.time if record else 0, path))
    return sorted(found)


def _take(read: Read, block: _Block, limit: int, now: int) -> None:
    """Take the lines of one file up to the first that waits."""
    offset = block.known.offset
    for line, record in zip(block.lines, block.records, strict=True):
        if record is not None and limit < record.time <= now + AHEAD:
            read.waiting_since = min(read.waiting_since or record.time, record.time)
            break
        offset += len(line) + 1
        if record is None:
            read.damaged += 1
        else:
            read.records.append((block.name, record))
    if offset > block.known.offset:
        read.positions[block.name] = Position(offset, block.known.closes)


def _decoded(line: bytes) -> Record | None:
    try:
        return decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
