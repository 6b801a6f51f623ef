"""Looks for what must not be stored in the columns of a database."""

import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tracker.audit.forbidden import found_in
from tracker.audit.kinds import column_kind
from tracker.audit.report import FAILURE, OK, WARNING, Finding, Progress, Scope
from tracker.feedback.masking import screen
from tracker.store.contents import Contents

_TEXTS = ("text", "blob", "")
LONGEST = 1_000_000  # characters of one value that are looked at


class _Hit(NamedTuple):
    place: str  # table.column
    name: str  # of the kind that must not be there
    hand: bool


def check_rows(contents: Contents, scope: Scope, progress: Progress, place: str = "") -> Iterator[Finding]:
    """The columns of all tables, one finding per column and kind; `place` begins the names of the columns."""
    hits: Counter[_Hit] = Counter()
    looked = 0
    tables = contents.columns()
    for done, (table, columns) in enumerate(sorted(tables.items())):
        progress(done / len(tables))
        wanted = [name for name, kind in columns.items() if kind in _TEXTS]
        if not wanted or table == "feedback_search":  # its words are those of feedback.text
            continue
        for row in contents.sample(table, wanted, scope.rows):
            looked += 1
            hits.update(_hits(table, row))
    yield from _findings(hits, place)
    if not hits:
        yield Finding("rows", OK, "clean", {"rows": looked, "tables": len(tables)})


def _hits(table: str, row: Mapping[str, Any]) -> Iterator[_Hit]:
    for column, value in row.items():
        kind = column_kind(table, column)
        allowed = kind.allowed if kind else frozenset()
        for name in found_in(text_of(value)) - allowed:
            yield _Hit(f"{table}.{column}", name, kind is not None and kind.hand)


def text_of(value: object) -> str:
    """What a value says: bytes are unpacked if they were deflated, and read as text."""
    if isinstance(value, bytes):
        return unpacked(value).decode("utf-8", "replace")[:LONGEST]
    return value[:LONGEST] if isinstance(value, str) else ""


def unpacked(content: bytes) -> bytes:
    """What was deflated, or the bytes themselves."""
    if content[:1] != b"\x78":
        return content
    try:
        return zlib.decompressobj().decompress(content, LONGEST)
    except zlib.error:
        return content


def _findings(hits: Mapping[_Hit, int], place: str) -> Iterator[Finding]:
    for hit, number in sorted(hits.items()):
        grade, reason = (WARNING, "by_hand") if hit.hand else (FAILURE, "found")
        yield Finding("rows", grade, reason, {"place": place + hit.place, "kind": hit.name, "number": number})


def check_masking(contents: Contents, scope: Scope) -> Finding:
    """Feedback as it is kept is screened once more: what screening has seen before, it leaves as it is."""
    looked = changed = 0
    for row in contents.sample("feedback", ("text", "language"), scope.rows // 2):
        if row["text"]:
            looked += 1
            changed += screen(row["text"], row["language"]).text != row["text"]
    if changed:
        return Finding("masking", WARNING, "unmasked", {"number": changed, "rows": looked})
    return Finding("masking", OK, "masked", {"rows": looked})


def check_tables(contents: Contents) -> Finding:
    """Every table is one of those that this program declares."""
    unknown = sorted(
        f"{table}.{column}"
        for table, columns in contents.columns().items()
        for column in columns
        if column_kind(table, column) is None and not table.startswith("sqlite_stat")
    )
    if unknown:
        return Finding("tables", WARNING, "unknown", {"place": ", ".join(unknown[:5]), "number": len(unknown)})
    return Finding("tables", OK, "declared", {"number": len(contents.columns())})
