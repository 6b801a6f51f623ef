"""A text as the rules read it: one spelling per character, nothing invisible, and where each character came from."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from tracker.feedback.masking.rule import BARRIER, PLACEHOLDER, Match

SIGNS = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2e3a\u2e3b\ufe58\ufe63\uff0d", "-"),
    **dict.fromkeys("\u2044\u2215\u29f8\uff0f", "/"),
    **dict.fromkeys("\u3002\u00b7\u2022\u2219\u22c5\u30fb", "."),
    **dict.fromkeys("\u2018\u2019\u201b\u02bc\u00b4`", "'"),
    **dict.fromkeys("\r\v\f\x85\u2028\u2029", "\n"),
    "\t": " ",
    "\n": "\n",
}
# Letters of other alphabets that look Latin: Unicode's confusables (UTS 39), the capitals and small ones of daily use.
LATIN = str.maketrans("АВЕЗКМНОРСТУХаеорсухіІјЈѕЅԁΑΒΕΖΗΙΚΜΝΟΡΤΥΧονα", "ABE3KMHOPCTYXaeopcyxiIjJsSdABEZHIKMNOPTYXova")
FOREIGN = re.compile("[\u0370-\u03ff\u0400-\u052f]")
TAG = re.compile(r"</?(?:b|i|u|em|strong|span|font|mark|code|br|wbr|p|div|small)(?: [^<>\n]{0,60})?/?>", re.IGNORECASE)
WESTERN = re.compile("[A-Za-z]")


class Folded(NamedTuple):
    """A text, and for each of its characters where it starts and ends in the text that a person wrote."""

    text: str
    starts: list[int]
    ends: list[int]


def fold(text: str) -> Folded:
    """Unicode's compatibility form (NFKC) without marks and invisible characters; placeholders become barriers."""
    folded: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _clusters(text):
        seen = _plain(text[start:end])
        folded += seen
        starts += [start] * len(seen)
        ends += [end] * len(seen)
    plain = _latin("".join(folded))
    kept = [place for start, end in _between_tags(plain) for place in range(start, end)]
    plain = PLACEHOLDER.sub(_barrier, "".join(plain[place] for place in kept))
    return Folded(plain, [starts[place] for place in kept], [ends[place] for place in kept])


def _between_tags(text: str) -> Iterator[tuple[int, int]]:
    """Where no formatting tag of HTML is."""
    done = 0
    for tag in TAG.finditer(text):
        yield done, tag.start()
        done = tag.end()
    yield done, len(text)


def _clusters(text: str) -> list[tuple[int, int]]:
    """Each character with the marks that follow it."""
    begins = [place for place, char in enumerate(text) if not place or not unicodedata.combining(char)]
    return list(pairwise([*begins, len(text)]))


def _plain(cluster: str) -> str:
    if cluster.isascii() and cluster.isprintable():
        return cluster
    return "".join(map(_sign, unicodedata.normalize("NFKC", SIGNS.get(cluster, cluster))))


def _sign(char: str) -> str:
    """One folded character, or nothing where it is a mark, a control character or invisible."""
    if char in SIGNS:
        return SIGNS[char]
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category == "Zs":
        return " "
    return "" if category[0] in "CM" else char


def _latin(text: str) -> str:
    """Look-alike letters as Latin ones, unless most of the text is in another alphabet."""
    foreign = len(FOREIGN.findall(text))
    return text.translate(LATIN) if foreign and foreign < len(WESTERN.findall(text)) else text


def _barrier(match: Match) -> str:
    return BARRIER * len(match[0])
