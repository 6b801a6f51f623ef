"""Numbers of money: IBANs, accounts, cards, taxes."""

import re
from collections.abc import Iterator

from stdnum import luhn, numdb
from stdnum.de import idnr

from tracker.feedback.masking.rule import ACCOUNT, IBAN, TAX, Match, Rule, Span, digits, either, shape

# What may stand between a word such as "Kontonummer" and the number; how a word for a number ends.
IS = (
    r"[\s:.,#=(-]{0,4}"
    rf"(?:{either('nr, nummer, no, number, id, lautet, ist, is, war, was, mit, der, die, das, von, meine?[rm]?')}"
    r"[\s:.,#=(]{1,3}){0,3}"
)
NO = r"[\s-]?(?:nummern?|nr|no|number|id)"

IBANS = numdb.get("iban")
IBAN_START = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}")
IBAN_NEXT = re.compile(r"[ .\n_-]{0,2}([A-Za-z0-9])")
GERMAN_IBAN = r"(?<![a-z0-9])d ?e(?:[ .\n_/-]{0,3}[\doil]){17,22}(?![a-z0-9])"  # with digits missing or too many
ACCOUNT_WORD = rf"(?:(?:konto|kto|account|depot)(?:{NO})?|blz|bankleitzahl|sort code)"
TAX_WORD = (
    rf"(?:steuer(?:[\s-]?(?:identifikations|ident|id))?{NO}|steuer-?id|idnr|id-nr|st\.?[\s-]?nr|tin|tax{NO}|"
    r"ust-?id(?:nr)?|finanzamt)"
)


def _foreign_ibans(text: str, _: str) -> Iterator[Span]:
    """Of the length that the country has (IBAN registry, SWIFT), whatever the check digits say."""
    for match in IBAN_START.finditer(text):
        end = _end(text, match.end(), _length(match[0][:2].upper()))
        if len(digits(text[match.start() : end])) >= 10 and not text[end : end + 1].isalnum():
            yield match.start(), end


def _end(text: str, start: int, count: int) -> int:
    """Where so many letters and digits end that begin here; 0 where there are fewer."""
    for _ in range(count):
        following = IBAN_NEXT.match(text, start)
        if following is None:
            return 0
        start = following.end()
    return start


def _length(country: str) -> int:
    """How many characters follow the check digits in that country; 0 where no IBAN is known."""
    prefix, info = IBANS.info(country)[0]
    return sum(map(int, re.findall(r"(\d+)!", info.get("bban", "")))) if prefix else 0


def _card(match: Match) -> bool:
    """By the check digit of cards (ISO/IEC 7812)."""
    return bool(luhn.is_valid(digits(match[0])))


def _tax_id(match: Match) -> bool:
    """By the check digit of the identification number (section 139b of the German fiscal code)."""
    return bool(idnr.is_valid(digits(match[0])))


ACCOUNTS = (
    shape(IBAN, GERMAN_IBAN),
    Rule(IBAN, _foreign_ibans),
    shape(ACCOUNT, r"(?<!\d)\d{4}(?:[ -]?\d{4}){2,3}(?:[ -]?\d{1,4})?(?!\d)", _card),
    shape(ACCOUNT, rf"(?<!\w){ACCOUNT_WORD}{IS}(?P<hit>\d(?:[ .-]?\d){{4,11}})(?!\d)"),
)
TAXES = (
    shape(TAX, r"(?<![\w/])\d{2,3} ?/ ?\d{3,4} ?/ ?\d{4,5}(?![\w/])"),
    shape(TAX, rf"(?<!\w){TAX_WORD}{IS}(?P<hit>(?:DE)?\d(?:[ ./-]{{0,3}}\d){{7,12}})(?!\d)"),
    shape(TAX, r"(?<![\w+/-])[1-9](?:[ .-]?\d){10}(?![\w/-])", _tax_id),
)
