"""What a rule is, and the placeholders: the words that stand where personal data stood."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

BARRIER = "\x00"  # stands, character by character, where something is masked; folding removes it from what people write

MAIL, PHONE, LINK = "[E-Mail]", "[Telefon]", "[Link]"
IBAN, ACCOUNT = "[IBAN]", "[Konto]"
TAX, INSURANCE = "[Steuernummer]", "[Versicherungsnummer]"
PAPER, PLATE, FILE = "[Ausweisnummer]", "[Kennzeichen]", "[Aktenzeichen]"
ADDRESS, BIRTHDAY, NAME = "[Adresse]", "[Geburtsdatum]", "[Name]"
PLACEHOLDERS = (MAIL, PHONE, LINK, IBAN, ACCOUNT, TAX, INSURANCE, PAPER, PLATE, FILE, ADDRESS, BIRTHDAY, NAME)
PLACEHOLDER = re.compile("|".join(map(re.escape, PLACEHOLDERS)))

UPPER = "".join(char for char in map(chr, range(0x530)) if char.isupper())  # Latin, Greek, Cyrillic
LOOK_ALIKE = str.maketrans("OoIl", "0011")
DATE_OR_TIME = re.compile(
    r"(?<!\d)[0-2]?\d[.:][0-5]\d(?!\d)(?!\.\d{3})|(?<!\d)(?:19|20)\d\d-[01]\d-[0-3]\d(?!\d)|"
    r"(?<!\d)(?:0?[1-9]|[12]\d|3[01])([./-])(?:0?[1-9]|1[0-2])\1(?:19|20)?\d\d(?!\d)"
)

Span = tuple[int, int]
Match = re.Match[str]
Find = Callable[[str, str], Iterator[Span]]


class Rule(NamedTuple):
    """A placeholder, and the function that finds what it replaces in a folded text of a language."""

    placeholder: str
    find: Find


def anything(_: Match) -> bool:
    """Every match counts."""
    return True


def shape(placeholder: str, pattern: str, accept: Callable[[Match], bool] = anything, flags: int = re.I) -> Rule:
    """A rule by pattern: what it matches, or its group `hit`, is masked where `accept` agrees."""
    compiled = re.compile(pattern, flags)
    group = "hit" if "hit" in compiled.groupindex else 0

    def find(text: str, _: str) -> Iterator[Span]:
        return (match.span(group) for match in compiled.finditer(text) if accept(match))

    return Rule(placeholder, find)


def either(patterns: str) -> str:
    """One pattern of several that are written with commas between, on as many lines as they need."""
    return f"(?:{'|'.join(' '.join(pattern.split()) for pattern in patterns.split(','))})"


def digits(text: str) -> str:
    """Only the digits; the letters O, I and l that people type for them count."""
    return "".join(filter(str.isdigit, text.translate(LOOK_ALIKE)))


def dated(text: str) -> bool:
    """Whether hours or a date are in it."""
    return DATE_OR_TIME.search(text) is not None
