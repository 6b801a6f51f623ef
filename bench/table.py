"""One line of the table per claim: what, figure, target, verdict."""

import sys
from collections.abc import Iterable
from typing import NamedTuple

HEADER = ("what", "figure", "target", "verdict or ratio")


class Row(NamedTuple):
    """One claim and what was measured."""

    what: str
    figure: str
    target: str = ""
    verdict: str = ""


def at_least(what: str, value: float, target: float, unit: str = "", digits: int = 0) -> Row:
    """A row whose figure must reach its target."""
    verdict = "met" if value >= target else f"missed by {1 - value / target:.0%}"
    return Row(what, _shown(value, unit, digits), f"≥ {target:,g}", verdict)


def at_most(what: str, value: float, target: float, unit: str = "", digits: int = 0) -> Row:
    """A row whose figure must stay below its target."""
    verdict = "met" if value <= target else f"missed by {value / target - 1:.0%}"
    return Row(what, _shown(value, unit, digits), f"≤ {target:,g}", verdict)


def equal(what: str, found: int, wanted: int) -> Row:
    """A row whose two numbers must be the same."""
    return Row(what, f"{found:,}", f"= {wanted:,}", "met" if found == wanted else f"{wanted - found:,} are missing")


def _shown(value: float, unit: str, digits: int) -> str:
    return f"{value:,.{digits}f} {unit}".strip()


def lines(rows: Iterable[Row]) -> list[str]:
    """The table as text."""
    cells = [HEADER, *rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(HEADER))]
    shown = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return [shown[0], "  ".join("-" * width for width in widths), *shown[1:]]


def say(text: str) -> None:
    """Tell on standard error what is being done."""
    print(text, file=sys.stderr, flush=True)
