"""What a number of answers says, and what it cannot: means, shares with intervals, merged periods, changes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import sqrt
from typing import NamedTuple

LEAST = 10  # answers below which no figure is shown: it would tell of single people, and of chance
Z = 1.959963984540054  # of the standard normal distribution: 95 % lie between -Z and Z
RATINGS = (1, 2, 3, 4, 5)
SATISFIED = (4, 5)  # GOV.UK Service Manual, measuring user satisfaction
RISES, FALLS, UNCLEAR = "rises", "falls", "unclear"


class Interval(NamedTuple):
    """From `low` to `high`, both included."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Tally:
    """Answers counted. `ratings`: 1 to 5 → number; `found`: yes, partly, no → number; missing is 0."""

    answers: int = 0
    ratings: Mapping[int, int] = field(default_factory=dict)
    found: Mapping[str, int] = field(default_factory=dict)

    @property
    def rated(self) -> int:
        """Answers with a rating."""
        return sum(self.ratings.values())

    @property
    def satisfied(self) -> int:
        """Ratings of 4 and 5."""
        return sum(self.ratings.get(rating, 0) for rating in SATISFIED)

    @property
    def asked(self) -> int:
        """Answers to whether people found what they were looking for."""
        return sum(self.found.values())

    @property
    def share(self) -> float | None:
        """Satisfied by rated; None below LEAST ratings, as all figures."""
        return self.satisfied / self.rated if self.rated >= LEAST else None

    @property
    def mean(self) -> float | None:
        """The mean rating."""
        return sum(rating * number for rating, number in self.ratings.items()) / self.rated if self.enough else None

    @property
    def enough(self) -> bool:
        """Whether there are ratings enough for figures."""
        return self.rated >= LEAST

    def found_share(self, answer: str = "yes") -> float | None:
        """Answers "yes" (or another) by those to the question; None below LEAST."""
        return self.found.get(answer, 0) / self.asked if self.asked >= LEAST else None


class Span(NamedTuple):
    """A part of the time axis with its answers; `parts` is how many it was merged out of."""

    start: date
    end: date
    tally: Tally
    parts: int = 1


class Change(NamedTuple):
    """How a share changed. `by`: in fractions, `interval` of it; `way` is RISES, FALLS or UNCLEAR."""

    by: float
    interval: Interval
    way: str


def wilson(part: int, whole: int) -> Interval:
    """The 95 % score interval of a share (Wilson 1927); raises ValueError unless 0 ≤ part ≤ whole and whole > 0."""
    if not 0 <= part <= whole or whole == 0:
        raise ValueError(f"{part} of {whole} is no share")
    share, weight = part / whole, Z * Z / whole
    middle = share + weight / 2
    half = Z * sqrt(share * (1 - share) / whole + weight / whole / 4)
    low, high = (middle - half) / (1 + weight), (middle + half) / (1 + weight)
    return Interval(0.0 if part == 0 else low, 1.0 if part == whole else high)


def difference(part: int, whole: int, part_before: int, whole_before: int) -> Change:
    """The change of a share with its 95 % interval out of two score intervals (Newcombe 1998, method 10).

    It is UNCLEAR when the interval has 0 in it: chance alone would do for it. Raises ValueError as `wilson`.
    """
    now, then = wilson(part, whole), wilson(part_before, whole_before)
    share, before = part / whole, part_before / whole_before
    by = share - before
    low = by - sqrt((share - now.low) ** 2 + (then.high - before) ** 2)
    high = by + sqrt((now.high - share) ** 2 + (before - then.low) ** 2)
    way = RISES if low > 0 else FALLS if high < 0 else UNCLEAR
    return Change(by, Interval(low, high), way)


def change(now: Tally, before: Tally) -> Change | None:
    """How satisfaction changed; None unless both have ratings enough."""
    if not (now.enough and before.enough):
        return None
    return difference(now.satisfied, now.rated, before.satisfied, before.rated)


def added(tallies: Iterable[Tally]) -> Tally:
    """Tallies together."""
    answers, ratings, found = 0, dict[int, int](), dict[str, int]()
    for tally in tallies:
        answers += tally.answers
        for rating, number in tally.ratings.items():
            ratings[rating] = ratings.get(rating, 0) + number
        for answer, number in tally.found.items():
            found[answer] = found.get(answer, 0) + number
    return Tally(answers, ratings, found)


def merged(
    spans: Sequence[Span], least: int = LEAST, number: Callable[[Tally], int] = lambda tally: tally.rated
) -> list[Span]:
    """Neighbours in time put together until each has `least`; what remains at the end goes to the last one.

    Nothing is lost: the tallies add up to the same. The result is empty when all together have fewer than `least`.
    """
    result: list[Span] = []
    waiting: list[Span] = []
    for span in spans:
        waiting.append(span)
        if sum(number(each.tally) for each in waiting) >= least:
            result.append(_one(waiting))
            waiting = []
    if waiting and result:
        result[-1] = _one([result[-1], *waiting])
    return result


def _one(spans: Sequence[Span]) -> Span:
    tally = added(span.tally for span in spans)
    return Span(spans[0].start, spans[-1].end, tally, sum(span.parts for span in spans))
