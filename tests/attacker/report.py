"""What the attacker found, for the end of the test output."""

from typing import NamedTuple


class Line(NamedTuple):
    """One attack: on what, how many published cells it used, what it found, and what theory allows at most."""

    method: str
    target: str
    attack: str
    cells: int
    found: str
    allowed: str


def printed(lines: list[Line]) -> list[str]:
    """The report as text."""
    rows = [("method", "target", "attack", "cells", "measured", "allowed"), *(tuple(map(str, line)) for line in lines)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    return ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
