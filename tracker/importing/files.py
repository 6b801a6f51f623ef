"""Lines of files, plain or gzip, as a stream: a file is never read whole, nor what it unpacks to."""

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from tracker.errors import ZaehlwerkError

GZIP: Final = b"\x1f\x8b"
LONGEST: Final = 64 * 1024  # bytes; no server writes longer lines on purpose
EMPTY: Final = 100_000  # lines without anything that are put up with; a small archive may hold billions
BUFFER: Final = 1 << 18


class Raw(NamedTuple):
    """One line of a file without its end; `fault` says why there is no text."""

    number: int
    text: bytes
    fault: str = ""


def lines(path: Path, progress: Callable[[int], None]) -> Iterator[Raw]:
    """The lines that are not empty; `progress` gets the bytes of the file read since the last call.

    A damaged archive ends with a faulty line. Raises ZaehlwerkError if the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            packed = file.peek(2)[:2] == GZIP
            stream = io.BufferedReader(gzip.GzipFile(fileobj=file), BUFFER) if packed else file
            yield from _lines(stream, file, progress)
    except OSError as error:
        raise ZaehlwerkError(f"{path} cannot be read: {error.strerror or error}.") from error


def _lines(stream: BinaryIO, file: BinaryIO, progress: Callable[[int], None]) -> Iterator[Raw]:
    number = reached = empty = 0
    while True:
        number += 1
        if empty == EMPTY:
            yield Raw(number, b"", "nothing but empty lines for long; not read on")
            return
        try:
            text = stream.readline(LONGEST + 1)
            complete = len(text) <= LONGEST or text.endswith(b"\n") or _skip_rest(stream)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            yield Raw(number, b"", "the archive is damaged from here on")
            return
        if not text:
            return
        if (position := file.tell()) != reached:
            progress(position - reached)
            reached = position
        if not complete:
            yield Raw(number, b"", "it is longer than 64 KB")
        elif stripped := text.rstrip(b"\r\n"):
            yield Raw(number, stripped)
        empty = 0 if len(text) > 2 else empty + 1


def _skip_rest(stream: BinaryIO) -> bool:
    """Read on to the end of a line that is too long; always False."""
    while (piece := stream.readline(BUFFER)) and not piece.endswith(b"\n"):
        pass
    return False
