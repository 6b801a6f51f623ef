"""Numbers that stand for a person: accounts, taxes, insurances, papers, number plates, files of an office."""

import re
from collections.abc import Iterator

from faker.providers.automotive.de_DE import Provider as Plates
from stdnum import luhn, numdb
from stdnum.de import idnr

from tracker.feedback.masking.rule import (
    ACCOUNT,
    FILE,
    IBAN,
    INSURANCE,
    PAPER,
    PLATE,
    TAX,
    Match,
    Rule,
    Span,
    dated,
    digits,
    shape,
)
from tracker.masks import COURT, PUBLIC_NUMBER

IBANS = numdb.get("iban")
IBAN_START = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}")
IBAN_NEXT = re.compile(r"[ .\n_-]{0,2}([A-Za-z0-9])")
GERMAN_IBAN = r"(?<![a-z0-9])d ?e(?:[ .\n_/-]{0,3}[\doil]){17,22}(?![a-z0-9])"


def _foreign_ibans(text: str, _: str) -> Iterator[Span]:
    """Of the length that the country has (IBAN registry, SWIFT), whatever the check digits say."""
    for match in IBAN_START.finditer(text):
        end = match.end()
        for _place in range(_length(match[0][:2].upper())):
            following = IBAN_NEXT.match(text, end)
            if following is None:
                break
            end = following.end()
        else:
            if end > match.end() and len(digits(text[match.start() : end])) >= 10 and not text[end : end + 1].isalnum():
                yield match.start(), end


def _length(country: str) -> int:
    """How many characters follow the check digits in that country; 0 where no IBAN is known."""
    prefix, info = IBANS.info(country)[0]
    return sum(map(int, re.findall(r"(\d+)!", info.get("bban", "")))) if prefix else 0


def _card(match: Match) -> bool:
    return bool(luhn.is_valid(digits(match[0])))


def _tax_id(match: Match) -> bool:
    return bool(idnr.is_valid(digits(match[0])))


IS = r"[\s:.#=-]{0,4}(?:(?:nr|nummer|no|number|id|lautet|ist|is|war|was|mit|der|die|das|von|meine?[rm]?)[\s:.#=]{1,3}){0,3}"
NO = r"[\s-]?(?:nummern?|nr|no|number|id)"
TAX_WORD = (
    rf"(?:steuer(?:[\s-]?(?:identifikations|ident|id))?{NO}|steuer-?id|idnr|id-nr|st\.?[\s-]?nr|tin|tax{NO}|ust-?id(?:nr)?|"
    r"finanzamt)"
)
INSURANCE_WORD = (
    rf"(?:(?:sozial|renten|kranken|pflege)?-?versicher(?:ungs?|ten){NO}|(?:sv|rv|kv)-?(?:nummer|nr)|"
    rf"(?:health |social )?insurance{NO}|krankenkasse{NO})"
)
ACCOUNT_WORD = rf"(?:konto(?:{NO})?|kto(?:{NO})?|account(?:{NO})?|blz|bankleitzahl|sort code|depot(?:{NO})?)"
PAPER_WORD = (
    rf"(?:(?:personal)?ausweis(?:es|s)?(?:{NO})?|perso(?:{NO})?|(?:reise|kinder)?pass(?:{NO})?|passport(?:{NO})?|"
    rf"aufenthaltstitel(?:{NO})?|führerschein(?:{NO})?|serien{NO}|id[\s-]?card(?:{NO})?|(?:residence|driving) "
    rf"(?:permit|licence|license)(?:{NO})?|eat|zugangs{NO})"
)
PAPER_LETTERS = "[CFGHJKLMNPRTVWXYZ0-9]"


def _paper(match: Match) -> bool:
    """After the word for the paper: three digits or more."""
    return sum(map(str.isdigit, match["hit"])) >= 3


def _coded(match: Match) -> bool:
    """A letter first, then digits and letters mixed, as identity cards have them (ICAO Doc 9303, no vowels)."""
    return sum(map(str.isdigit, match["hit"])) >= 3


ACCOUNTS = (
    shape(IBAN, GERMAN_IBAN),
    Rule(IBAN, _foreign_ibans),
    shape(ACCOUNT, r"(?<!\d)\d{4}(?:[ -]?\d{4}){2,3}(?:[ -]?\d{1,4})?(?!\d)", _card),
    shape(ACCOUNT, rf"(?<!\w){ACCOUNT_WORD}{IS}(?P<hit>\d(?:[ .-]?\d){{4,11}})(?!\d)"),
)
PAPERS = (
    shape(INSURANCE, r"(?<!\w)\d{2}[ .-]?\d{2}[ .]?\d{2}[ .]?\d{2}[ .-]{0,2}[a-z][ .-]{0,2}\d{2}[ .]?\d(?!\w)"),
    shape(INSURANCE, r"(?<!\w)[a-z][ .-]?\d{3}[ .-]?\d{3}[ .-]?\d{3}(?!\w)"),
    shape(INSURANCE, rf"(?<!\w){INSURANCE_WORD}{IS}(?P<hit>[a-z]?[ .]?\d(?:[ ./-]?\d){{5,14}}(?:[ .]?[a-z][ .]?\d{{2,3}})?)(?!\w)"),
    shape(TAX, r"(?<![\w/])\d{2,3} ?/ ?\d{3,4} ?/ ?\d{4,5}(?![\w/])"),
    shape(TAX, rf"(?<!\w){TAX_WORD}{IS}(?P<hit>(?:DE)?\d(?:[ ./-]{{0,3}}\d){{7,12}})(?!\d)"),
    shape(TAX, r"(?<![\w+/-])[1-9](?:[ .-]?\d){10}(?![\w/-])", _tax_id),
    shape(PAPER, rf"(?<!\w){PAPER_WORD}{IS}(?P<hit>[a-z](?:[ -]?\d){{7,8}}|(?:[a-z0-9][ -]?){{8,10}}(?<=[\da-z]))(?!\w)", _paper),
    shape(PAPER, rf"(?<!\w)(?P<hit>[CFGHJKLMNPRTVWXYZ]{PAPER_LETTERS}{{2}} ?{PAPER_LETTERS} ?{PAPER_LETTERS}{{2}} ?{PAPER_LETTERS}{{3}} ?\d?D?)(?!\w)", _coded),
    shape(PAPER, r"(?<!\w)\d{9,10}D(?!\w)"),
)  # fmt: skip

FILE_NOUN = (
    r"(?:vorgangs?|antrags?|auftrags?|kunden|personal|bescheid|rechnungs?|ticket|fall|beleg|referenz|mitglieds|bestell|abgaben|"
    r"gebühren|bearbeitungs|verfahrens|objekt|zähler|buchungs|termin|melde|widerspruchs?|akten|geschäfts|verwarnungs?|online|"
    r"case|file|reference|ref|customer|client|application|invoice|booking|order|request|confirmation)"
)
FILE_WORD = (
    rf"(?:az|gz|gesch\.?-?z|(?:ge?sch(?:ä|ae)fts|akten|kassen|buchungs|verwendungs|unser|ihr|mein)?[\s-]?zeichen|"
    rf"{FILE_NOUN}[\s.-]{{0,2}}(?:nummern?|nr|number|no|id|code)|{FILE_NOUN})"
)
PIECE = r"(?:[a-z]{0,6}\d[a-z0-9]*|(?!(?:vom|von|und|am|bei|über|für|mit|ist|auf|in|der|die|das|uhr|from|of|and|on|over|for|is)\b)[a-z]{1,5}(?=[-./_: ]{1,3}[a-z]{0,6}\d))"
FILE_VALUE = rf"{PIECE}(?:(?:[-./_:]{{1,2}}| ?[-/] ?| ){PIECE}){{0,8}}(?:[-./_][a-z]{{1,3}}(?!\w))?"
DATE = re.compile(
    r"(?<!\d)(?:0?[1-9]|[12]\d|3[01])([./-])(?:0?[1-9]|1[0-2])\1(?:(?:19|20)\d\d|\d\d)(?!\d)|(?:19|20)\d\d-\d\d-\d\d"
)
AMOUNT = re.compile(r" ?(?:€|eur|euro|uhr|prozent|%|mal|tage|seiten|jahre)|,\d", re.IGNORECASE)


def _file(match: Match) -> bool:
    """Three digits or more that are neither a date, a year nor an amount."""
    hit, after = match["hit"], match.string[match.end("hit") : match.end("hit") + 8]
    return len(digits(hit)) >= 3 and not DATE.match(hit) and not YEAR.fullmatch(hit) and not AMOUNT.match(after)


def _reference(match: Match) -> bool:
    return len(digits(match["hit"])) >= 5 and not dated(match["hit"])


def _groups(match: Match) -> bool:
    return len(digits(match[0])) >= 7 and not dated(match[0])


YEAR = re.compile(r"(?:19|20)\d\d")
FILES = (
    shape(FILE, rf"(?<!\w){FILE_WORD}{IS}(?P<hit>{FILE_VALUE})(?!\w)", _file),
    shape(FILE, rf"(?<!\w)\d{{1,3}}[ _-]{COURT}[ _-]\d{{1,6}}[/_-]\d{{2,4}}(?:\.[A-Z]{{1,3}})?(?!\w)", flags=0),
    shape(FILE, r"(?<!\w)(?P<hit>[A-Z]{1,5}[-_/ ]?\d{1,6}[-_/]\d{2,8}(?:[-_/]\w{1,8}){0,2})(?!\w)", _reference, 0),
    shape(FILE, r"(?<!\w)[A-Z]{2,5}[-_/][A-Z]{1,5}[-_/]\d{3,8}(?!\w)", flags=0),
    shape(FILE, r"(?<!\w)(?:19|20)\d\d[-_/][A-Z]{1,5}[-_/]\d{2,8}(?!\w)"),
    shape(FILE, r"(?<![\w.])(?P<hit>\d{1,3}(?:\.\d{1,3}){0,2}[-/](?:(?:19|20)\d\d[-/]\d{2,6}|[A-Z]{2}[-/]\d{3,6}))(?!\w)", _reference),
    shape(FILE, r"(?<![\w.,-])\d{1,6}(?:[.-]\d{1,8}){2,5}(?![\w])", _groups),
)  # fmt: skip

CODES = frozenset(Plates.license_plate_prefix)
PLATE_WORD = r"(?:kennzeichen|nummernschild|(?:licen[cs]e|number) plate|plate|registration)"
LETTERS_AND_NUMBER = r"(?P<letters>[A-Z]{1,2}) ?-? ?[1-9]\d{0,3} ?[EH]?(?!\w)"


def _plate(match: Match) -> bool:
    """A district of the register (Annex 1 of the German vehicle registration order), and not a paper size."""
    return match["district"].upper() in CODES and not (match["district"].upper() == "DIN" and match["letters"] == "A")


PLATES = (
    shape(PLATE, rf"(?<![\w-])(?P<district>[A-ZÄÖÜ]{{1,3}})(?: ?[-:.] ?| {{1,2}}){LETTERS_AND_NUMBER}", _plate, 0),
    shape(PLATE, rf"(?<![\w-])(?P<district>[A-ZÄÖÜ]{{1,3}}) ?- ?{LETTERS_AND_NUMBER}", _plate),
    shape(PLATE, rf"(?<!\w){PLATE_WORD}{IS}(?P<hit>[A-ZÄÖÜ]{{1,3}}[ .:-]{{0,3}}[A-Z]{{1,2}}[ .-]{{0,2}}\d{{1,4}} ?[EH]?)(?!\w)"),
    shape(PLATE, r"(?<!\w)(?:moped|roller|mofa|scooter|versicherungskennzeichen)\W{1,3}(?:\w{2,12}\W{1,2}){0,2}?(?P<hit>\d{3} ?[A-Z]{3})(?!\w)"),
)  # fmt: skip


def _left(match: Match) -> bool:
    """Six digits or more in one word that are no public number, no measure and no amount."""
    after = match.string[match.end() : match.end() + 8]
    return len(re.findall(r"\d", match[0])) >= 6 and not (PUBLIC_NUMBER.fullmatch(match[0]) or AMOUNT.match(after))


LEFTOVERS = (shape(FILE, r"(?<![\w.,])(?!0x|\d+x\d)[a-z]{0,6}\d[a-z0-9]{5,40}(?![\w,]|\.\d)", _left),)
