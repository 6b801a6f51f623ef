"""Whole numbers as offices write them."""

import re
from math import isfinite

from tracker.usage.grid import Broken, Cell, shown

LARGEST = 1_000_000_000
_LONGEST = 60  # characters that are looked at
_BLANKS = re.compile(r"[\s\u00a0\u2007\u2009\u202f'’]")
_NOTHING = frozenset(("-", "–", "—", "k.a.", "ka", "n/a", "na", "n.v.", "entfällt", "/"))
_PLAIN = re.compile(r"[0-9]{1,15}")
_STYLES = {
    "de": re.compile(r"([0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)(?:,0*)?"),
    "en": re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.0*)?"),
}
_OTHER = {"de": "en", "en": "de"}


def count_of(cell: Cell, style: str) -> int | Broken | None:
    """The number in a cell; None where nothing is told (blank, a dash, “k. A.”), Broken with the rule it breaks."""
    if isinstance(cell, Broken) or cell is None:
        return cell
    if isinstance(cell, int | float):
        return _of_number(cell)
    text = _BLANKS.sub("", shown(cell))
    if not text or text.casefold() in _NOTHING:
        return None
    return _of_text(text, shown(cell), style)


def _of_number(value: float) -> int | Broken:
    if not isfinite(value) or int(value) != value:
        return Broken("number", str(value))
    return _within(int(value), str(value))


def _of_text(text: str, original: str, style: str) -> int | Broken:
    sign, digits = (-1, text[1:]) if text[0] in "-−" else (1, text.removeprefix("+"))
    if len(digits) > _LONGEST:
        return Broken("number", original[:_LONGEST])
    if found := _STYLES[style].fullmatch(digits):
        return _within(sign * int(re.sub("[.,]", "", found[1])), original)
    return Broken("number_style" if _STYLES[_OTHER[style]].fullmatch(digits) else "number", original)


def _within(value: int, original: str) -> int | Broken:
    if value < 0:
        return Broken("number_negative", original)
    return Broken("number_large", original) if value > LARGEST else value


def style_of(texts: list[str]) -> str:
    """How the numbers in some texts are written: "en" only where that alone explains them."""
    telling = [_BLANKS.sub("", text) for text in texts]
    telling = [text for text in telling if text and not _PLAIN.fullmatch(text)]
    fits = {name: sum(pattern.fullmatch(text) is not None for text in telling) for name, pattern in _STYLES.items()}
    return "en" if fits["en"] > fits["de"] else "de"
