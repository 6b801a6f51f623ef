"""Words as the full-text search knows them: stemmed for German, so that "Anträge" is found by "Antrag"."""

import re
import unicodedata
from collections.abc import Sequence

import snowballstemmer

MOST_WORDS = 20  # of a query
_LEAST = 3  # letters that the stemmer always leaves

# What the stemmer may take off a word, from its inside to its end: what makes a word of another one, comparison, case.
_MADE = (
    *("", "end", "ung", "igung", "ig", "ik", "isch", "lich", "erlich", "enlich"),
    *("heit", "erheit", "keit", "lichkeit", "igkeit"),
)
_COMPARED = ("", "er", "est", "st", "en", "et")
_BENT = ("", "e", "em", "en", "er", "ern", "es", "s", "erin", "erinnen")
_ENDINGS = {made + compared + bent for made in _MADE for compared in _COMPARED for bent in _BENT}
_ENDINGS_FROM = {
    start: [ending for ending in _ENDINGS if ending.startswith(start)]
    for start in {ending[:length] for ending in _ENDINGS for length in range(1, len(ending) + 1)}
}
_TWO_FOR_ONE = re.compile("[aou]e")  # which the stemmer makes ä, ö, ü
_WORD = re.compile(r"[^\W_]+")


def words(text: str) -> str:
    """The stems of a text, with a blank between them: what is put into the search index."""
    return " ".join(_stems(text))


def words_of_each(texts: Sequence[str]) -> list[str]:
    """The same for many texts at once, which takes an eighth of the time: each different word is stemmed once."""
    found = [_found(text) for text in texts]
    different = sorted({word for own in found for word in own})
    stems = dict(zip(different, _stemmed(different), strict=True))
    return [" ".join(stems[word] for word in own) for own in found]


def query(text: str) -> str:
    """A match expression of SQLite's FTS5 for what somebody typed; "" if there is no word in it.

    All words must occur, each at the beginning of a word: "Park" finds "Parkausweis", and "Anmeldun" what "Anmeldung"
    finds. Safe for any text, because whatever is no letter or digit is left out, and each word stands in quotation
    marks.
    """
    found = _found(text)[:MOST_WORDS]
    return " ".join(f'"{_shortest(stem, word)}"*' for stem, word in zip(_stemmed(found), found, strict=True))


def _shortest(stem: str, word: str) -> str:
    """The shortest stem of what a word may be the beginning of: its last letters may be those of a longer ending."""
    length = len(stem) + len(_TWO_FOR_ONE.findall(word))
    longer = [
        word[:cut] + ending
        for cut in range(_LEAST, min(length, len(word)))
        for ending in _ENDINGS_FROM.get(word[cut:], ())
    ]
    return min([stem, *_stemmed(longer)], key=len)


def _stems(text: str) -> list[str]:
    return _stemmed(_found(text))


def _found(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFC", text).lower())


def _stemmed(found: Sequence[str]) -> list[str]:
    stems: list[str] = snowballstemmer.stemmer("german").stemWords(found)  # the stemmer has state: one for each call
    return [stem or word for stem, word in zip(stems, found, strict=True)]
