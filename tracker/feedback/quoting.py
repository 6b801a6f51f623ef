"""Texts that are going to be public: made plain, and held against what a citizen wrote."""

import re
from collections.abc import Sequence
from unicodedata import normalize

RUN = 6  # words in a row that are no accident
_SHORTEST = 3  # words of a comment that is a quotation as a whole
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")  # can turn round what follows
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # control characters, and halves of characters
_WORD = re.compile(r"\w+")


def clean(text: str) -> str:
    """A text of several lines as it is kept: no control characters, no marks of direction that reach beyond it."""
    lines = normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    plain = "\n".join(" ".join(_CONTROL.sub(" ", _DIRECTION.sub("", line)).split()) for line in lines)
    return re.sub(r"\n{3,}", "\n\n", plain).strip()


def borrowed(text: str, comment: str, released: str = "") -> str:
    """The first words of a text that are those of a comment and not among its released ones; "" where it is its own.

    Six words in a row count, or a whole comment of at least three.
    """
    theirs = _words(comment)
    length = min(RUN, len(theirs))
    if length < _SHORTEST:
        return ""
    withheld = set(_runs(theirs, length)) - set(_runs(_words(released), length))
    return next((" ".join(run) for run in _runs(_words(text), length) if run in withheld), "")


def _words(text: str) -> list[str]:
    return _WORD.findall(normalize("NFKC", text).casefold())


def _runs(words: Sequence[str], length: int) -> list[tuple[str, ...]]:
    return [tuple(words[start : start + length]) for start in range(len(words) - length + 1)]
