"""The labelled comments, and how much of what is personal in them is masked."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tracker.feedback.masking import passages, replaced

PATH = Path(__file__).parent.parent / "tests" / "data" / "feedback" / "labelled.jsonl"
LOOSE = ("name", "address")  # without a fixed shape; all other kinds are structured
Places = frozenset[int]


@dataclass(frozen=True)
class Comment:
    """What somebody could have written, with the personal data in it as (kind, words) in order."""

    text: str
    language: str
    hostile: bool
    held_out: bool
    spans: tuple[tuple[str, str], ...]

    @cached_property
    def personal(self) -> list[tuple[str, Places]]:
        """Each span with the places of its letters and digits."""
        found, end = [], 0
        for kind, words in self.spans:
            start = self.text.index(words, end)
            end = start + len(words)
            found.append((kind, frozenset(place for place in range(start, end) if self.text[place].isalnum())))
        return found

    @cached_property
    def masked(self) -> Places:
        """The places that masking takes away."""
        text, places = self.text, list(range(len(self.text)))
        while found := passages(text, self.language):
            for start, end, placeholder in reversed(found):
                places[start:end] = [-1] * len(placeholder)
            text = replaced(text, found)
        return frozenset(range(len(self.text))) - frozenset(places)


@dataclass(frozen=True)
class Score:
    """Spans masked to the last letter and digit, of how many; letters and digits masked without need, of how many."""

    structured: tuple[int, int]
    loose: tuple[int, int]
    harmless: tuple[int, int]


def comments() -> list[Comment]:
    """All of them; no rule was written with a look at what it does to those held out."""
    return [_comment(line) for line in PATH.read_text(encoding="utf-8").splitlines()]


def _comment(line: str) -> Comment:
    row = json.loads(line)
    spans = tuple((kind, words) for kind, words in row["spans"])
    return Comment(row["text"], row["language"], row["hostile"], row["held_out"], spans)


def missed(comment: Comment) -> Iterator[tuple[str, str]]:
    """The spans of which a letter or digit is left."""
    for (kind, places), (_, words) in zip(comment.personal, comment.spans, strict=True):
        if not places <= comment.masked:
            yield kind, words


def score(rated: Iterable[Comment]) -> Score:
    """Recall of the two groups of kinds, and how much harmless text is lost."""
    rated = list(rated)
    return Score(
        _recall(rated, [kind for comment in rated for kind, _ in comment.spans if kind not in LOOSE]),
        _recall(rated, LOOSE),
        _lost(rated),
    )


def _recall(rated: list[Comment], kinds: Iterable[str]) -> tuple[int, int]:
    wanted = frozenset(kinds)
    found = [places <= comment.masked for comment in rated for kind, places in comment.personal if kind in wanted]
    return sum(found), len(found)


def _lost(rated: list[Comment]) -> tuple[int, int]:
    harmless = [(comment, _harmless(comment)) for comment in rated]
    return sum(len(places & comment.masked) for comment, places in harmless), sum(len(places) for _, places in harmless)


def _harmless(comment: Comment) -> Places:
    personal = frozenset().union(*(places for _, places in comment.personal))
    return frozenset(place for place, char in enumerate(comment.text) if char.isalnum()) - personal
