"""A text as the rules read it: one spelling per character, nothing invisible, and where each character came from."""

import re
import unicodedata
from collections.abc import Iterator
from html import unescape
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import unquote

from tracker.feedback.masking.rule import BARRIER, PLACEHOLDER, Match

SIGNS = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2e3a\u2e3b\ufe58\ufe63\uff0d", "-"),
    **dict.fromkeys("\u2044\u2215\u29f8\uff0f", "/"),
    **dict.fromkeys("\u3002\u00b7\u2022\u2219\u22c5\u30fb", "."),
    **dict.fromkeys("\u2018\u2019\u201b\u02bc\u00b4`", "'"),
    **dict.fromkeys("\r\v\f\x85\u2028\u2029", "\n"),
    "\t": " ",
    "\n": "\n",
    "\u2800": " ",  # Braille without dots
    # Letters in flags and in black circles and squares, which have no compatibility form
    **{chr(start + place): chr(65 + place) for start in (0x1F150, 0x1F170, 0x1F1E6) for place in range(26)},
}
# Letters of other alphabets that look Latin: Unicode's confusables (UTS 39), the capitals and small ones of daily use.
LATIN = str.maketrans("АВЕЗКМНОРСТУХаеорсухіІјЈѕЅԁΑΒΕΖΗΙΚΜΝΟΡΤΥΧονα", "ABE3KMHOPCTYXaeopcyxiIjJsSdABEZHIKMNOPTYXova")
FOREIGN = re.compile("[\u0370-\u03ff\u0400-\u052f]")
TAG = re.compile(r"</?[a-z][a-z0-9-]{0,15}(?:\s[^<>]{0,200})?/?>|<!--[^<>]{0,200}-->", re.IGNORECASE)
# One character as HTML, addresses and programs write it: &#64; &commat; %40 %C3%BC \\u0040
WRITTEN = re.compile(
    r"&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z]{2,31}\d{0,2});|"
    r"%[2-7][\da-f]|%[cd][\da-f]%[89ab][\da-f]|%e[\da-f](?:%[89ab][\da-f]){2}|%f[0-4](?:%[89ab][\da-f]){3}|"
    r"\\u[\da-f]{4}",
    re.IGNORECASE,
)
WESTERN = re.compile("[A-Za-z]")


class Folded(NamedTuple):
    """A text, and for each of its characters where it starts and ends in the text that a person wrote."""

    text: str
    starts: list[int]
    ends: list[int]


def fold(text: str, with_tags: bool = False) -> Folded:
    """Unicode's compatibility form (NFKC) without marks and invisible characters; placeholders become barriers.

    Tags of HTML are left out, as one reads the text in a browser, unless `with_tags`: personal data can stand in them.
    """
    folded: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _clusters(text):
        seen = _plain(_read(text[start:end]))
        folded += seen
        starts += [start] * len(seen)
        ends += [end] * len(seen)
    plain = _latin("".join(folded))
    parts = [(0, len(plain))] if with_tags else _between_tags(plain)
    kept = [place for start, end in parts for place in range(start, end)]
    plain = PLACEHOLDER.sub(_barrier, "".join(plain[place] for place in kept))
    return Folded(plain, [starts[place] for place in kept], [ends[place] for place in kept])


def _between_tags(text: str) -> Iterator[tuple[int, int]]:
    """Where no tag or comment of HTML is."""
    done = 0
    for tag in TAG.finditer(text):
        yield done, tag.start()
        done = tag.end()
    yield done, len(text)


def _clusters(text: str) -> list[tuple[int, int]]:
    """Each character, however it is written, with the marks that follow it."""
    inside = {place for found in WRITTEN.finditer(text) for place in range(found.start() + 1, found.end())}
    begins = [
        place
        for place, char in enumerate(text)
        if not place or (place not in inside and (char.isascii() or unicodedata.category(char)[0] != "M"))
    ]
    return list(pairwise([*begins, len(text)]))


def _read(cluster: str) -> str:
    """A cluster with the character itself where it was written in another way."""
    written = WRITTEN.match(cluster) if len(cluster) > 2 else None
    if written is None:
        return cluster
    code = written[0]
    char = chr(int(code[2:], 16)) if code[0] == "\\" else unescape(unquote(code))
    return char + cluster[written.end() :]


def _plain(cluster: str) -> str:
    if cluster.isascii() and cluster.isprintable():
        return cluster
    return "".join(map(_sign, unicodedata.normalize("NFKC", _digit(cluster[0]) + cluster[1:])))


def _digit(char: str) -> str:
    """Numbers in brackets and black circles as digits; fractions stay."""
    value = unicodedata.numeric(char, -1) if unicodedata.category(char) == "No" else -1
    return str(int(value)) if value >= 0 and value == int(value) else SIGNS.get(char, char)


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
