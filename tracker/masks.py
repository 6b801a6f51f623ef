"""Personal data within a text → placeholders, by the shape of the words; readable words stay readable.

The placeholders are :email, :iban, :phone, :file (Aktenzeichen), :token and :id.
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Final

Match = re.Match[str]
Rule = tuple[re.Pattern[str], str | Callable[[Match], str]]

# Control characters, soft hyphen, zero-width and bidirectional marks, lone surrogates, tags. 0xdc80 to 0xdcff stay:
# there Python keeps the bytes of a broken encoding.
INVISIBLE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\ud800-\udc7f\udd00-\udfff\U000e0000-\U000e0fff]"
)
AT: Final = re.compile(r"@|%40|[(\[{]at[)\]}]", re.IGNORECASE)
EMAIL: Final = re.compile(rf"(?<![^\s/@])[^\s/@]+?(?:{AT.pattern})[^\s/]+", re.IGNORECASE)
# Only a digit or a capital within a word makes any of the rules below apply.
REMARKABLE: Final = re.compile(r"\d|[^\W\d_][A-Z]")

YEAR: Final = r"(?:19|20)\d\d"
DATE_OR_SECTION: Final = re.compile(rf"(?:{YEAR}[-.])?\d\d?(?:[-.]\d\d?)*(?:[-.]{YEAR})?")
FILE_HINT: Final = re.compile("[AaGg][Zz]|[Zz]eichen|ZEICHEN|[Nn]ummer|NUMMER")
FILE_WORD: Final = (
    r"(?:az|gz|aktenzeichen|aktennummer|gesch(?:ae|ä)ftszeichen|kassenzeichen|buchungszeichen|vorgangsnummer|"
    r"antragsnummer|auftragsnummer|kundennummer|personalnummer|steuernummer|ausweisnummer)"
)
FILE: Final = re.compile(
    rf"(?:\d{{1,4}}[-._/ ]){{0,4}}(?<![^\W\d_]){FILE_WORD}[-._:/ ]{{0,3}}(?:[a-z]{{1,3}}[-._/ ])?"
    r"\d[\da-z]*(?:[-._/ ]{1,3}\d[\da-z]*)*",
    re.IGNORECASE,
)
COURT: Final = "(?:K|L|O|S|C|F|M|A|E|B|U|T|W|Js|OWi|Ds|Ls|Cs|Ss|HRA|HRB|VR)"
LETTERS: Final = r"(?:[A-Z]?[a-zäöüß]+(?:[A-Z][a-zäöüß]{2,})*|[A-ZÄÖÜ]+)"
DAY: Final = r"20[23]\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
SERVICE_KEY: Final = r"99\d{12}"  # LeiKa: the public key of a kind of service, the same for everyone
PUBLIC_NUMBER: Final = re.compile(rf"{DAY}|{SERVICE_KEY}")
READABLE: Final = re.compile(rf"{LETTERS}?(?:\d{{1,4}}{LETTERS}?)?|{SERVICE_KEY}")


def _iban(match: Match) -> str:
    """An IBAN has ten digits at least (IBAN registry, SWIFT); a slug of the same shape has fewer."""
    return ":iban" if sum(map(str.isdigit, match[0])) >= 10 else match[0]


def _file(match: Match) -> str:
    return ":file" if sum(map(str.isdigit, match[0])) >= 3 else match[0]


def _groups(match: Match) -> str:
    return match[0] if DATE_OR_SECTION.fullmatch(match[0]) else ":file"


def _hex(match: Match) -> str:
    return match[0] if match[0].isdigit() else ":token"


def _number(match: Match) -> str:
    return match[0] if PUBLIC_NUMBER.fullmatch(match[0]) else ":id"


def _token(match: Match) -> str:
    """A token if at least half of the run are words that nobody could read aloud."""
    odd = sum(len(word) for word in re.split("[-_=~+]+", match[0]) if not READABLE.fullmatch(word))
    return ":token" if odd * 2 >= len(match[0]) else match[0]


def _rule(pattern: str, replace: str | Callable[[Match], str], flags: int = re.IGNORECASE) -> Rule:
    return re.compile(pattern, flags), replace


# In this order: what is more particular comes first, because the later rules would tear it apart.
RULES: Final[tuple[Rule, ...]] = (
    _rule(r"[0-9a-f]{8}(?:[-_]?[0-9a-f]{4}){3}[-_]?[0-9a-f]{12}", ":token"),
    _rule(r"[a-z]{2}\d{2}(?:[ ._+-]?\d{4}){4}[ ._+-]?\d{2}", ":iban"),
    _rule(r"(?<![a-z0-9])[a-z]{2}\d{2}(?:[ ._+-]?[a-z0-9]{4}){2,7}(?:[ ._+-]?[a-z0-9]{1,3}(?![a-z0-9]))?", _iban),
    _rule(r"[0-9a-f]{16,}", _hex),
    _rule(r"(?<!\d)(?:\+|00)[1-9]\d{0,2}(?:[ ()./_-]{0,3}\d){6,13}(?!\d)", ":phone"),
    _rule(r"(?<!\d)\(?0[1-9]\d{1,4}\)?[ /_.-]{1,3}\d(?:[ /_.-]?\d){3,10}(?!\d)", ":phone"),
    _rule(r"(?<!\d)0[1-9]\d{5,12}(?!\d)", ":phone"),
    _rule(r"\d{4}(?:[ -]\d{4}){2,}", ":id"),
    _rule(rf"(?<![0-9A-Za-z])\d{{1,3}}[ _-]{COURT}[ _-]\d{{1,6}}[/_-]\d{{2,4}}(?!\d)", ":file", 0),
    _rule(rf"(?<![a-z0-9])(?:[a-z]{{1,4}}[-_]{YEAR}|{YEAR}[-_][a-z]{{1,4}})[-_](?!{YEAR}(?!\d))\d{{4,}}", ":file"),
    _rule(r"(?<![a-z0-9])\d{1,6}(?:[-.]\d{1,6}){2,}(?![a-z0-9])", _groups),
    _rule(r"[a-z0-9_=~+-]{16,}", _token),
    _rule(r"\d{5,}", _number),
)  # fmt: skip


def mask(text: str) -> str:
    """Replace e-mail addresses, IBANs, telephone and file numbers, tokens and long numbers by placeholders."""
    if AT.search(text):
        text = EMAIL.sub(":email", text)
    if REMARKABLE.search(text):
        if FILE_HINT.search(text):
            text = FILE.sub(_file, text)
        for pattern, replace in RULES:
            text = pattern.sub(replace, text)
    return text


def visible(text: str) -> str:
    """One spelling per word (Unicode NFKC) and nothing that does not show; ASCII letters pass untouched."""
    if text.isascii() and text.isprintable():
        return text
    return INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
