"""Topics out of comments: count stems and pairs, choose phrases, join those that mean the same, find typical comments.

The same comments give the same topics, in whatever order they come: nothing is random, and ties are broken by names.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from typing import NamedTuple, TypeVar

from tracker.feedback.topics.names import Names
from tracker.feedback.topics.phrases import Key, choose, frequent, pairs_of
from tracker.feedback.topics.words import Word, runs_of

OF_ALL, OF_SERVICE = 80, 15  # topics of all comments, and of those of one service beside them, at most
SAME = 0.6  # part of the comments with either of two topics that has both, from which on they are one
_TELLING = range(30, 301)  # characters that are quickly read and still say something
_EVERY = 500  # comments between two reports of progress

Progress = Callable[[int, int], None]  # how many steps are done, of how many
Mentions = dict[Key, set[int]]  # phrase → numbers of the comments that have it
_T = TypeVar("_T")


class Comment(NamedTuple):
    """A comment with what tells where it belongs. `number` is its own; `language` a primary subtag or ""."""

    number: int
    text: str
    service: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Topic:
    """What many comments talk about. `mentions`: comment → how typical it is of the topic, in thousandths."""

    key: str
    name: str
    mentions: Mapping[int, int]


class _Read(NamedTuple):
    """A comment in words: runs of them between its punctuation. `length`: characters."""

    number: int
    service: str
    length: int
    runs: tuple[tuple[Word, ...], ...]

    @property
    def stems(self) -> set[str]:
        return {word.stem for run in self.runs for word in run if word.stem}


def untold(_done: int, _of: int) -> None:
    """Progress that nobody waits for."""


def build(comments: Collection[Comment], progress: Progress = untold) -> list[Topic]:
    """The topics of the comments of a municipality, the most frequent first.

    1. Read: words to stems. 2. Choose phrases, among all comments and among those of each service. 3. Find which
    comments have them. 4. Join what means the same. 5. Weigh how typical each comment is.
    """
    steps = _steps(3 * len(comments), progress)
    read = [_read(comment) for comment in _counted(sorted(comments, key=lambda comment: comment.number), steps)]
    del comments  # a year of texts, which is not needed any more
    keys = _chosen(read, steps)
    mentions, names = _mentioned(read, keys, steps)
    known = {each.number: each for each in read}
    joined = sorted(_joined(mentions).items(), key=lambda item: (-len(item[1]), item[0]))
    return [Topic(" ".join(key), names.of(key), _typical(numbers, known)) for key, numbers in joined]


def _read(comment: Comment) -> _Read:
    runs = tuple(tuple(run) for run in runs_of(comment.text, comment.language))
    return _Read(comment.number, comment.service, len(comment.text), runs)


def _steps(number: int, progress: Progress) -> Iterator[None]:
    """Tells how far it is, every now and then and at the end."""
    for done in range(1, number + 1):
        if done % _EVERY == 0 or done == number:
            progress(done, number)
        yield


def _counted(items: Iterable[_T], steps: Iterator[None]) -> Iterator[_T]:
    """The items, each of them a step."""
    for item in items:
        next(steps)
        yield item


def _chosen(read: Collection[_Read], steps: Iterator[None]) -> frozenset[Key]:
    """The phrases of all comments, and those of each service that has comments."""
    words: defaultdict[str, Counter[str]] = defaultdict(Counter)
    pairs: defaultdict[str, Counter[Key]] = defaultdict(Counter)
    for each in read:
        words[each.service].update(each.stems)
    everywhere = sum(words.values(), Counter[str]())
    vocabulary = frequent(everywhere)
    for each in _counted(read, steps):
        pairs[each.service].update(
            {key for run in each.runs for _, _, key in pairs_of([word.stem for word in run], vocabulary)}
        )
    keys = {key for service, own in words.items() for key in choose(own, pairs[service], OF_SERVICE)}
    return frozenset(keys.union(choose(everywhere, sum(pairs.values(), Counter[Key]()), OF_ALL)))


def _mentioned(read: Iterable[_Read], keys: frozenset[Key], steps: Iterator[None]) -> tuple[Mentions, Names]:
    """Which comments have which phrase, and how the phrases are written."""
    mentions: Mentions = defaultdict(set)
    names = Names()
    vocabulary = {stem for key in keys for stem in key}
    for each in _counted(read, steps):
        for run in each.runs:
            stems = [word.stem if word.stem in vocabulary else "" for word in run]
            for place, stem in enumerate(stems):
                if (stem,) in keys:
                    mentions[(stem,)].add(each.number)
                    names.saw((stem,), run[place].text)
            for first, second, key in pairs_of([word.stem for word in run], vocabulary):
                if key in keys:
                    mentions[key].add(each.number)
                    names.saw(key, " ".join(word.text for word in run[first : second + 1]))
    return mentions, names


def _joined(mentions: Mentions) -> Mentions:
    """Phrases that nearly always stand together become one, under the name of the more frequent."""
    has: defaultdict[int, list[Key]] = defaultdict(list)
    for key in sorted(mentions):
        for number in mentions[key]:
            has[number].append(key)
    together = Counter(pair for keys in has.values() for pair in combinations(keys, 2))
    into: dict[Key, Key] = {}
    for (one, other), both in sorted(together.items(), key=lambda item: (-item[1], item[0])):
        if both >= SAME * len(mentions[one] | mentions[other]):
            first, second = _root(one, into), _root(other, into)
            if first != second:
                keep, leave = sorted((first, second), key=lambda key: (-len(mentions[key]), -len(key), key))
                into[leave] = keep
    joined: Mentions = defaultdict(set)
    for key, numbers in mentions.items():
        joined[_root(key, into)] |= numbers
    return joined


def _root(key: Key, into: Mapping[Key, Key]) -> Key:
    while key in into:
        key = into[key]
    return key


def _typical(numbers: Collection[int], known: Mapping[int, _Read]) -> dict[int, int]:
    """Comment → how much of it is what the comments of this topic have in common."""
    stems = {number: known[number].stems for number in numbers}
    shared = Counter(stem for own in stems.values() for stem in own)
    typical = {}
    for number in sorted(numbers):
        own = stems[number]
        weight = 1000 * sum(shared[stem] for stem in own) / len(numbers) / sqrt(len(own) + 1)
        typical[number] = round(weight if known[number].length in _TELLING else weight / 2)
    return typical
