"""Numbers that an office gives: files, applications, invoices, cases; and long numbers that nothing else explains."""

import re

from tracker.feedback.masking.accounts import IS
from tracker.feedback.masking.rule import FILE, Match, dated, digits, either, shape
from tracker.masks import COURT, PUBLIC_NUMBER

FILE_NOUN = either("""
    vorgangs?, antrags?, auftrags?, kunden, personal, bescheid, rechnungs?, ticket, fall, beleg, referenz,
    mitglieds, bestell, abgaben, gebühren, bearbeitungs, verfahrens, objekt, zähler, buchungs, termin, melde,
    widerspruchs?, akten, geschäfts, verwarnungs?, online, case, file, reference, ref, customer, client,
    application, invoice, booking, order, request, confirmation
""")
FILE_WORD = (
    r"(?:az|gz|gesch\.?-?z|kassenz|aktenz|(?:gesch(?:ä|ae)fts|akten|kassen|buchungs|verwendungs|unser|ihr|mein)?[\s-]?zeichen|"
    rf"{FILE_NOUN}(?:[\s.-]{{0,2}}(?:nummern?|nr|number|no|id|code))?)"
)
# A number is made of pieces with a digit, and of short words between such; a word of a sentence is not one of them.
NO_PIECE = either(
    "vom, von, und, am, bei, über, für, mit, ist, auf, in, der, die, das, uhr, from, of, and, on, over, is"
)
PIECE = rf"(?:[a-z]{{0,6}}\d[a-z0-9]*|(?!{NO_PIECE}\b)[a-z]{{1,5}}(?=[-./_: ]{{1,3}}[a-z]{{0,6}}\d))"
FILE_VALUE = rf"{PIECE}(?:(?:[-./_:]{{1,2}}| ?[-/] ?| ){PIECE}){{0,8}}(?:(?:[-/_][a-z]{{1,6}}|\.[a-z]{{1,3}})(?!\w))?"
AMOUNT = re.compile(r" ?(?:€|eur|euro|uhr|prozent|%|mal|tage|seiten|jahre)|,\d", re.IGNORECASE)
YEAR_OR_SECTION = re.compile(r"(?:19|20)\d\d|\d{1,2}(?:\.\d{1,2}){1,3}")


def _file(match: Match) -> bool:
    """Three digits or more that are neither a date, a year nor an amount."""
    hit = match["hit"]
    return len(digits(hit)) >= 3 and not (
        _date(hit) or YEAR_OR_SECTION.fullmatch(hit) or _amount(match, match.end("hit"))
    )


def _date(text: str) -> bool:
    return dated(text) and len(digits(text)) <= 8


def _amount(match: Match, end: int) -> bool:
    return AMOUNT.match(match.string[end : end + 8]) is not None


def _reference(match: Match) -> bool:
    return len(digits(match["hit"])) >= 5 and not dated(match["hit"])


def _long(match: Match) -> bool:
    """Whatever sort of number it is."""
    return len(digits(match["hit"])) >= 4 and _file(match)


def _groups(match: Match) -> bool:
    return len(digits(match[0])) >= 7 and not dated(match[0])


def _left(match: Match) -> bool:
    """Six digits or more in one word that are no public number, no measure and no amount."""
    count = sum(map(str.isdigit, match[0]))
    return count >= 6 and not (PUBLIC_NUMBER.fullmatch(match[0]) or _amount(match, match.end()))


ANY_NUMBER = r"[a-zäöü]{3,20}\.?[\s-]?(?:nummer|nr|number|zeichen)"
LETTERED = r"[A-Z]{1,5}[-_/ ]?\d{1,6}[-_/]\d{2,8}(?:[-_/]\w{1,8}){0,2}"
YEARLY = r"\d{1,3}(?:\.\d{1,3}){0,2}[-/](?:(?:19|20)\d\d[-/]\d{2,6}|[A-Z]{2}[-/]\d{3,6})"
FILES = (
    shape(FILE, rf"(?<!\w){FILE_WORD}{IS}(?P<hit>{FILE_VALUE})(?!\w)", _file),
    shape(FILE, rf"(?<!\w)\d{{1,3}}[ _-]{COURT}[ _-]\d{{1,6}}[/_-]\d{{2,4}}(?:\.[A-Z]{{1,3}})?(?!\w)", flags=0),
)
LEFTOVERS = (
    shape(
        FILE,
        rf"(?<!\w)(?<!Formular )(?<!Vordruck )(?<!Merkblatt )(?P<hit>{LETTERED})(?!\w)",
        _reference,
        0,
    ),
    shape(FILE, r"(?<!\w)[A-Z]{2,5}[-_/][A-Z]{1,5}[-_/]\d{3,8}(?!\w)", flags=0),
    shape(FILE, r"(?<!\w)(?:19|20)\d\d[-_/][A-Z]{1,5}[-_/]\d{2,8}(?!\w)"),
    shape(FILE, rf"(?<![\w.])(?P<hit>{YEARLY})(?!\w)", _reference),
    shape(FILE, r"(?<![\w.,-])\d{1,6}(?:[./-]\d{1,8}){2,5}(?!\w)", _groups),
    shape(FILE, rf"(?<!\w){ANY_NUMBER}{IS}(?P<hit>{FILE_VALUE})(?!\w)", _long),
    shape(FILE, r"(?<![\w.,])(?!0x|\d+x\d)[a-z]{0,6}\d[a-z0-9]{5,40}(?!\w|[.,]\d)", _left),
)
