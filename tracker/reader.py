"""Reading the journal: the next whole lines of all its files, merged by time, with how far each file is then read."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import msgspec

from tracker.journal import IMPORT, journal_files, read_lines
from tracker.record import Record, decode

WATERMARK = 300  # ms that a line waits for older ones of other workers
AHEAD = 2_000  # ms; lines further in the future come from a clock that jumped and do not wait
BATCH_BYTES = 1_500_000  # about 8,000 lines


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
    for path in journal_files(directory):
        known = positions.get(path.name, Position())
        if path.stat().st_size <= known.offset:
            continue
        lines, end = read_lines(path, known.offset, BATCH_BYTES)
        block = _Block(path.name, known, lines, [_decoded(line) for line in lines])
        blocks.append(block)
        if path.stat().st_size > end and lines:
            read.more = True
            if path.name.startswith(IMPORT):  # nobody waits for old lines
                continue
            limit = min(limit, max((record.time for record in block.records if record), default=limit))
    for block in blocks:
        _take(read, block, limit, now)
    read.records.sort(key=lambda item: item[1].time)
    return read


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
