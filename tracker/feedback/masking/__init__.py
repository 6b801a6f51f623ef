"""Personal data in what people write → readable placeholders, before anything is stored.

A text is read as its folded form (`folding`), rule after rule (`RULES`): each finds passages and a placeholder for
them. Passages already masked are barriers that no rule can see into, so masking a masked text changes nothing.
"""

from typing import NamedTuple

from tracker.feedback.masking.accounts import ACCOUNTS, TAXES
from tracker.feedback.masking.addresses import ADDRESSES
from tracker.feedback.masking.birthdays import BIRTHDAYS
from tracker.feedback.masking.contacts import DOMAINS, LINKS, MAILS, PHONES
from tracker.feedback.masking.files import FILES, LEFTOVERS
from tracker.feedback.masking.folding import Folded, fold
from tracker.feedback.masking.names import NAMES
from tracker.feedback.masking.papers import CARDS, PAPERS, PLATES
from tracker.feedback.masking.rule import BARRIER, PLACEHOLDERS, Rule
from tracker.feedback.masking.signatures import SIGNATURES

__all__ = ["PLACEHOLDERS", "Passage", "Screened", "passages", "replaced", "screen"]

# What is more particular comes first, because the later rules would tear it apart.
RULES: tuple[Rule, ...] = (
    *(*LINKS, *MAILS, *DOMAINS),
    *(*ACCOUNTS, *BIRTHDAYS, *PAPERS, *TAXES, *CARDS),
    *(*FILES, *PLATES, *ADDRESSES, *PHONES),
    *(*SIGNATURES, *NAMES, *LEFTOVERS),
)


class Screened(NamedTuple):
    """A text without the personal data that was found, and how many passages were masked."""

    text: str
    masked: int


class Passage(NamedTuple):
    """From where to where a text is personal data, and what shall stand there."""

    start: int
    end: int
    placeholder: str


def screen(text: str, language: str = "de") -> Screened:
    """Mask contacts, numbers of persons and papers, addresses, birthdays and names; `language` tells which names.

    Never raises; `screen(screen(text).text).text == screen(text).text`, because it goes on until nothing is found.
    """
    masked = 0
    while found := passages(text, language):
        text = replaced(text, found)
        masked += len(found)
    return Screened(text, masked)


def passages(text: str, language: str = "de") -> list[Passage]:
    """What is found in one reading, in order, none overlapping another; a text with tags is read without them, too."""
    whole = fold(text, with_tags=True)
    found = _found(whole, language)
    if "<" in whole.text:
        found += _found(fold(text), language)
    return _apart(sorted(found))


def _found(folded: Folded, language: str) -> list[Passage]:
    seen = folded.text
    found = []
    for rule in RULES:
        for start, end in list(rule.find(seen, language)):
            if BARRIER not in seen[start:end]:
                seen = seen[:start] + BARRIER * (end - start) + seen[end:]
                found.append(Passage(folded.starts[start], folded.ends[end - 1], rule.placeholder))
    return found


def _apart(found: list[Passage]) -> list[Passage]:
    """Passages that share a character, which folding made two of or which both readings found, as one."""
    apart: list[Passage] = []
    for passage in found:
        if apart and passage.start < apart[-1].end:
            apart[-1] = apart[-1]._replace(end=max(apart[-1].end, passage.end))
        else:
            apart.append(passage)
    return apart


def replaced(text: str, found: list[Passage]) -> str:
    """The text with a placeholder for each passage."""
    for start, end, placeholder in reversed(found):
        text = text[:start] + placeholder + text[end:]
    return text
