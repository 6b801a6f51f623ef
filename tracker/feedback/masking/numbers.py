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
    digits,
    shape,
)
from tracker.masks import COURT

IBANS = numdb.get("iban")
IBAN_START = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}")
IBAN_NEXT = re.compile(r"[ .\n_-]{0,2}([A-Za-z0-9])")
GERMAN_IBAN = r"(?<![a-z0-9])d ?e(?:[ .\n_/-]{0,3}[\doil]){18,22}(?![a-z0-9])"


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


IS = r"[\s:.#=-]{0,4}(?:(?:nr|nummer|no|number|lautet|ist|war|is|was|von|mit|der|die|das)[\s:.#=]{1,3}){0,2}"
TAX_WORD = r"(?:steuer[\s-]?(?:identifikations|id)?[\s-]?(?:nummer|nr|id)|steuer-?id|idnr|id-nr|st\.?-?nr|tin|tax (?:id|number)|ust-?id(?:nr)?)"
INSURANCE_WORD = (
    r"(?:(?:sozial|renten|kranken)?versicherten?(?:ungs)?[\s-]?(?:nummer|nr)|versicherungs[\s-]?(?:nummer|nr)|"
    r"(?:sozial|renten|kranken)versicherungs[\s-]?(?:nummer|nr)|sv-?(?:nummer|nr)|rv-?(?:nummer|nr)|rvnr|svnr|kvnr|insurance (?:number|no))"
)
ACCOUNT_WORD = r"(?:konto(?:nummer|nr|-nr)?|kto(?:nr|-nr)?|account(?: number)?|blz|bankleitzahl|sort code)"
PAPER_WORD = (
    r"(?:(?:personal)?ausweis(?:es|s)?[\s-]?(?:nummer|nr)?|perso(?:nummer)?|reisepass(?:nummer|nr)?|pass(?:nummer|nr|-nr)|"
    r"aufenthaltstitel|führerschein(?:nummer|nr)?|passport|id[\s-]?card|driving licence)"
)
PAPER_LETTERS = "[CFGHJKLMNPRTVWXYZ0-9]"


def _mixed(match: Match) -> bool:
    """Letters and at least three digits."""
    return len(digits(match["hit"])) >= 3 and not match["hit"].isdigit() or len(digits(match["hit"])) >= 9


ACCOUNTS = (
    shape(IBAN, GERMAN_IBAN),
    Rule(IBAN, _foreign_ibans),
    shape(ACCOUNT, r"(?<!\d)(?:\d{4}[ -]?){3,4}\d{1,4}(?!\d)", _card),
    shape(ACCOUNT, rf"(?<!\w){ACCOUNT_WORD}{IS}(?P<hit>\d(?:[ .-]?\d){{4,11}})(?!\d)"),
)
PAPERS = (
    shape(INSURANCE, r"(?<!\w)\d{2}[ .-]?\d{2}[ .]?\d{2}[ .]?\d{2}[ .-]?[a-z][ .-]?\d{2}[ .]?\d(?!\w)"),
    shape(INSURANCE, r"(?<!\w)[a-z][ .-]?\d{3}[ .-]?\d{3}[ .-]?\d{3}(?!\w)"),
    shape(
        INSURANCE, rf"(?<!\w){INSURANCE_WORD}{IS}(?P<hit>[a-z]?[ .]?\d[\d ./-]{{5,14}}(?:[a-z][ .]?\d{{2,3}})?)(?!\w)"
    ),
    shape(TAX, r"(?<![\w/])\d{2,3} ?/ ?\d{3,4} ?/ ?\d{4,5}(?![\w/])"),
    shape(TAX, rf"(?<!\w){TAX_WORD}{IS}(?P<hit>(?:DE)?\d(?:[ ./-]?\d){{7,12}})(?!\d)"),
    shape(TAX, r"(?<![\w+/-])[1-9]\d(?:[ .-]?\d{3}){3}(?![\w/-])", _tax_id),
    shape(PAPER, rf"(?<!\w){PAPER_WORD}{IS}(?P<hit>[a-z0-9](?:[ -]?[a-z0-9]){{7,10}})(?!\w)", _mixed),
    shape(
        PAPER, rf"(?<!\w)(?P<hit>[CFGHJKLMNPRTVWXYZ]{PAPER_LETTERS}{{3}} ?{PAPER_LETTERS}{{5}} ?\d?D?)(?!\w)", _mixed
    ),
    shape(PAPER, r"(?<!\w)\d{10}D(?!\w)"),
)

FILE_WORD = (
    r"(?:az|gz|gesch\.?-?z|akten(?:zeichen|nummer|nr)|gesch(?:ä|ae)fts(?:zeichen|nummer)|kassenzeichen|buchungszeichen|"
    r"zeichen|(?:vorgangs|antrags|auftrags|kunden|personal|bescheid|rechnungs|ticket|fall|beleg|referenz|mitglieds|"
    r"bestell|abfallgebühren|bearbeitungs|verfahrens|objekt|zähler|buchungs|termin|melde)[\s-]?(?:nummern?|nr)|ticket|"
    r"(?:case|file|reference|ref|ticket|customer|application|invoice|booking)[\s.]{1,2}(?:number|no|id)|reference|ref)"
)
FILE_VALUE = r"(?:[a-z]{1,4}[-./_ ]?){0,2}\d[\da-z]*(?:[-./_ ]{1,2}\d[\da-z]*|[-./_][a-z]{1,4}(?=[-./_]))*(?:[-./_][a-z]{1,3}(?!\w))?"
DATE = re.compile(r"\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d\d|(?:19|20)\d\d-\d\d-\d\d")


def _file(match: Match) -> bool:
    return len(digits(match["hit"])) >= 3 and not DATE.fullmatch(match["hit"])


def _groups(match: Match) -> bool:
    return len(digits(match[0])) >= 7 and not DATE.search(match[0])


FILES = (
    shape(FILE, rf"(?<!\w){FILE_WORD}{IS}(?P<hit>{FILE_VALUE})", _file),
    shape(FILE, rf"(?<!\w)\d{{1,3}}[ _-]{COURT}[ _-]\d{{1,6}}[/_-]\d{{2,4}}(?:\.[A-Z]{{1,3}})?(?!\w)", flags=0),
    shape(FILE, r"(?<!\w)[A-Z]{1,5}[-_/](?:19|20)\d\d[-_/]\d{2,8}(?!\w)"),
    shape(FILE, r"(?<!\w)(?:19|20)\d\d[-_/][A-Z]{1,5}[-_/]\d{2,8}(?!\w)"),
    shape(FILE, r"(?<!\w)\d{1,3}(?:\.\d{1,3}){1,2}[-/](?:19|20)\d\d[-/]\d{2,6}(?!\w)"),
    shape(FILE, r"(?<![\w.,-])\d{1,6}(?:[.-]\d{1,8}){2,5}(?![\w])", _groups),
)

CODES = frozenset(Plates.license_plate_prefix)
PLATE_WORD = r"(?:kennzeichen|nummernschild|(?:licen[cs]e|number) plate|plate|registration)"


def _plate(match: Match) -> bool:
    """A district of the register (Annex 1 of the German vehicle registration order), and not a paper size."""
    return match["district"].upper() in CODES and not (match["district"] == "DIN" and match["letters"] == "A")


LETTERS_AND_NUMBER = r"(?P<letters>[A-Z]{1,2}) ?-? ?[1-9]\d{0,3} ?[EH]?(?!\w)"
PLATES = (
    shape(PLATE, rf"(?<![\w-])(?P<district>[A-ZÄÖÜ]{{1,3}})(?: ?[-:.] ?| {{1,2}}){LETTERS_AND_NUMBER}", _plate, 0),
    shape(PLATE, rf"(?<![\w-])(?P<district>[A-ZÄÖÜ]{{1,3}}) ?- ?{LETTERS_AND_NUMBER}", _plate),
    shape(
        PLATE,
        rf"(?<!\w){PLATE_WORD}{IS}(?P<hit>[A-ZÄÖÜ]{{1,3}}[ .:-]{{0,3}}[A-Z]{{1,2}}[ .-]{{0,2}}\d{{1,4}} ?[EH]?)(?!\w)",
    ),
)
