"""How topics are called: as people write them most often."""

from collections import Counter, defaultdict

from tracker.feedback.topics.phrases import Key

LONGEST = 60  # characters of a name


class Names:
    """The forms in which phrases were seen; a capital at the beginning makes no other form."""

    def __init__(self) -> None:
        self._forms: defaultdict[Key, Counter[str]] = defaultdict(Counter)

    def saw(self, key: Key, form: str) -> None:
        """Take note of how a phrase is written."""
        self._forms[key][form[:1].upper() + form[1:]] += 1

    def of(self, key: Key) -> str:
        """The most frequent form of a phrase, of equally frequent ones the shortest; with a capital."""
        return min(self._forms[key].items(), key=lambda item: (-item[1], len(item[0]), item[0]))[0][:LONGEST]
