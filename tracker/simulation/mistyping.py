"""How people mistype: one of a few ways, by lot."""

import re
from collections.abc import Callable
from random import Random

_PLAIN = {ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", ord("ß"): "ss"}
_LONG = re.compile(r"[a-zäöüß]{6,}")


def mistyped(text: str, chance: Random) -> str:
    """The text as somebody in a hurry writes it."""
    return chance.choice(WAYS)(text, chance)


def _small(text: str, _: Random) -> str:
    return text.lower()


def _loud(text: str, _: Random) -> str:
    return text.rstrip(".") + "!!!"


def _unfinished(text: str, _: Random) -> str:
    return text.rstrip(".!")


def _without_umlauts(text: str, _: Random) -> str:
    return text.translate(_PLAIN)


def _letter_missing(text: str, chance: Random) -> str:
    return _changed(text, chance, lambda word, place: word[:place] + word[place + 1 :])


def _letters_swapped(text: str, chance: Random) -> str:
    return _changed(text, chance, lambda word, place: word[:place] + word[place + 1] + word[place] + word[place + 2 :])


def _changed(text: str, chance: Random, change: Callable[[str, int], str]) -> str:
    """The text with one of its longer words changed, somewhere within it."""
    words = list(_LONG.finditer(text))
    if not words:
        return text
    word = chance.choice(words)
    place = chance.randrange(1, len(word[0]) - 2)
    return text[: word.start()] + change(word[0], place) + text[word.end() :]


WAYS = (_small, _loud, _unfinished, _without_umlauts, _letter_missing, _letters_swapped, _letters_swapped)
