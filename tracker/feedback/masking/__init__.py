"""Personal data in what people write → readable placeholders, before anything is stored.

A text is read as its folded form (`folding`), rule after rule (`RULES`): each finds passages and a placeholder for
them. Passages already masked are barriers that no rule can see into, so masking a masked text changes nothing.
"""

from typing import NamedTuple

from tracker.feedback.masking.addresses import ADDRESSES, BIRTHDAYS
from tracker.feedback.masking.contacts import DOMAINS, LINKS, MAILS, PHONES
from tracker.feedback.masking.folding import Folded, fold
from tracker.feedback.masking.names import NAMES
from tracker.feedback.masking.numbers import ACCOUNTS, FILES, PAPERS, PLATES
from tracker.feedback.masking.rule import BARRIER, Rule, Span

# What is more particular comes first, because the later rules would tear it apart.
RULES: tuple[Rule, ...] = (
    *LINKS,
    *MAILS,
    *DOMAINS,
    *ACCOUNTS,
    *BIRTHDAYS,
    *PAPERS,
    *FILES,
    *PLATES,
    *ADDRESSES,
    *PHONES,
    *NAMES,
)


class Screened(NamedTuple):
    """A text without the personal data that was found, and how many passages were masked."""

    text: str
    masked: int


def screen(text: str, language: str = "de") -> Screened:
    """Mask contacts, numbers of persons and papers, addresses, birthdays and names; `language` names the names known.

    Never raises; `screen(screen(text).text).text == screen(text).text`, because it goes on until nothing is found.
    """
    masked = 0
    while found := _found(folded := fold(text), language):
        text = _replaced(text, folded, found)
        masked += len(found)
    return Screened(text, masked)


def _found(folded: Folded, language: str) -> list[tuple[Span, str]]:
    """All passages to mask, in order; none overlaps another."""
    seen = folded.text
    found = []
    for rule in RULES:
        for start, end in list(rule.find(seen, language)):
            if BARRIER not in seen[start:end]:
                seen = seen[:start] + BARRIER * (end - start) + seen[end:]
                found.append(((start, end), rule.placeholder))
    return sorted(found)


def _replaced(text: str, folded: Folded, found: list[tuple[Span, str]]) -> str:
    """The text as it was written, with the passages found in its folded form replaced."""
    parts, done = [], 0
    for (start, end), placeholder in found:
        parts += [text[done : max(done, folded.starts[start])], placeholder]
        done = max(done, folded.ends[end - 1])
    return "".join(parts) + text[done:]
