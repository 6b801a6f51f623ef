"""Which words and pairs of words are worth a topic: frequent ones, of which none only repeats another."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

LEAST = 3  # comments that a topic needs
VOCABULARY = 3000  # most frequent stems that pairs are looked for among
WINDOW = 3  # words from the first to the second of a pair, which may have others between them
COHESION = 0.5  # part of the rarer word's comments that must have the pair
SWALLOWED = 0.7  # part of a word's comments from which on a pair says the same

Key = tuple[str, ...]  # one stem, or two in order


def pairs_of(stems: Sequence[str], vocabulary: Collection[str]) -> Iterator[tuple[int, int, Key]]:
    """(place of the first word, of the second, key) of the neighbours in a run of stems, "" being no subject."""
    places = [place for place, stem in enumerate(stems) if stem]
    for first, second in pairwise(places):
        one, other = stems[first], stems[second]
        if second - first <= WINDOW and one != other and one in vocabulary and other in vocabulary:
            yield first, second, (one, other) if one < other else (other, one)


def choose(words: Counter[str], pairs: Counter[Key], limit: int) -> list[Key]:
    """The phrases to make topics of, at most `limit`, the most frequent first; ties by the alphabet."""
    firm = {
        key: number
        for key, number in pairs.items()
        if number >= LEAST and number >= COHESION * min(words[stem] for stem in key)
    }
    swallowed = {stem for key, number in firm.items() for stem in key if number >= SWALLOWED * words[stem]}
    single: dict[Key, int] = {
        (stem,): number for stem, number in words.items() if number >= LEAST and stem not in swallowed
    }
    found = single | firm
    return sorted(found, key=lambda key: (-found[key], key))[:limit]


def frequent(words: Counter[str]) -> frozenset[str]:
    """The stems that pairs are looked for among."""
    most = sorted(words.items(), key=lambda item: (-item[1], item[0]))[:VOCABULARY]
    return frozenset(stem for stem, number in most if number >= LEAST)
