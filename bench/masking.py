"""How much of what is personal in the labelled comments is masked, how much else is lost, and how long it takes."""

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from bench.labelled import LOOSE, Comment, comments, missed, score
from bench.table import Row, at_least, at_most, say
from tracker.feedback.feedback import TEXT_LIMIT
from tracker.feedback.masking import screen

STRUCTURED, LOOSELY, LOST = 0.98, 0.85, 2.0  # recall, recall, per cent
WORST = (
    *("0/", "x@", "a-", "1.1.", "A. ", "Frau ", "Am Am ", "mein name ist ", "a at ", "null ", "straße 1 ", "[Name] "),
    *("_", "a_", "<b ", "<a>", "&#64;", "%40"),
)


def rows(_build: Path, quick: bool) -> Iterator[Row]:
    """Recall and loss of each part of the set, what was missed by kind, and time."""
    labelled = comments()
    yield Row("Labelled comments", f"{len(labelled)}, {sum(comment.hostile for comment in labelled)} of them hostile")
    for part, chosen in _parts(labelled).items():
        yield from _figures(part, chosen)
    yield from _by_kind(labelled)
    yield from _times(labelled[:50] if quick else labelled)


def _parts(labelled: list[Comment]) -> dict[str, list[Comment]]:
    held_out = [comment for comment in labelled if comment.held_out]
    return {"all": labelled, "held out": held_out, "not held out": [row for row in labelled if not row.held_out]}


def _figures(part: str, chosen: list[Comment]) -> Iterator[Row]:
    found = score(chosen)
    count, loose = found.structured[1], found.loose[1]
    lost, harmless = found.harmless
    yield at_least(f"Recall, {count} structured, {part}", found.structured[0] / count, STRUCTURED, digits=3)
    yield at_least(f"Recall, {loose} names and addresses, {part}", found.loose[0] / loose, LOOSELY, digits=3)
    yield at_most(f"Harmless text masked, {part}", 100 * lost / harmless, LOST, "%", digits=2)


def _by_kind(labelled: list[Comment]) -> Iterator[Row]:
    kinds = [kind for comment in labelled for kind, _ in comment.spans]
    gone = [kind for comment in labelled for kind, _ in missed(comment)]
    for kind in sorted(set(kinds), key=lambda kind: (kind in LOOSE, kind)):
        yield Row(f"  found, {kind}", f"{kinds.count(kind) - gone.count(kind)} of {kinds.count(kind)}")


def _times(labelled: list[Comment]) -> Iterator[Row]:
    screen("warm-up")
    say("masking: timing")
    usual = [_milliseconds(comment.text, comment.language) for comment in labelled]
    worst = [_milliseconds((part * TEXT_LIMIT)[:TEXT_LIMIT], "de") for part in WORST]
    yield Row("Time of a labelled comment, median", f"{statistics.median(usual):.1f} ms")
    yield Row(f"Time of {TEXT_LIMIT:,} hostile characters, worst", f"{max(worst):.0f} ms")


def _milliseconds(text: str, language: str) -> float:
    begun = time.perf_counter()
    screen(text, language)
    return (time.perf_counter() - begun) * 1000
