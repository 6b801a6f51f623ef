"""Where people can be reached: links, e-mail addresses and telephone numbers, also as they are spelled out."""

import re
from collections.abc import Iterator

from phonenumbers import Leniency, PhoneNumberMatcher

from tracker.feedback.masking.rule import LINK, MAIL, PHONE, Match, Rule, Span, digits, shape

TLD = "(?:de|com|org|net|eu|info|io|at|ch|biz|me|app|dev|tv|uk|fr|nl|pl|tr|ru|ua|hessen|berlin|online|shop|email)"
AT = (
    r"(?:\s{0,2}[(\[{<*_|-]\s?(?:at|ät|aet|a|@|klammeraffe)\s?[)\]}>*_|-]\s{0,2}|\s(?:at|ät|aet|klammeraffe)\s|\s?@\s?)"
)
DOT = r"(?:\s?[(\[{<*_|-]\s?(?:dot|punkt|pkt|\.)\s?[)\]}>*_|-]\s?|\s(?:dot|punkt|pkt)\s|\s?\.\s?)"
JOIN = rf"(?:{DOT}|[.+_%'-]{{1,2}}|\s(?:minus|bindestrich|unterstrich|underscore|dash|strich)\s)"
WORD = r"\w{1,40}"
HOST = rf"{WORD}(?:-{{1,2}}{WORD}|\s(?:minus|bindestrich|dash)\s{WORD}){{0,3}}"

LINKS = (
    shape(LINK, r"(?<!\w)(?:h[tx]{2}ps?|ftp)\s?:\s?/\s?/\s?[^\s\x00<>\"]{2,}"),
    shape(LINK, r"(?<![\w@])www\s?\.\s?[^\s\x00<>\"]{3,}"),
)
MAILS = (
    shape(MAIL, rf"(?<!\w){WORD}(?:{JOIN}{WORD}){{0,5}}{AT}{HOST}(?:{DOT}{HOST}){{0,3}}(?:{DOT}|\s){TLD}(?!\w)"),
    shape(MAIL, rf"(?<!\w)[\w.+%'-]{{1,64}}\s?@\s?{HOST}(?:\.\w{{2,24}}){{0,3}}"),
)
DOMAINS = (shape(LINK, rf"(?<![\w.@-])(?:[a-z0-9äöü-]{{2,60}}\.){{1,4}}{TLD}(?:/[^\s\x00<>\"]*)?(?![\w-])"),)

SPOKEN = "(?:null|eins|ein|zwei|zwo|drei|vier|fünf|fuenf|sechs|sieben|acht|neun|zero|oh|one|two|three|four|five|six|seven|eight|nine)"
CALLED = (
    r"(?:tel(?:efon)?(?:nummer|nr)?|handy(?:nummer|nr)?|mobil(?:nummer|nr|funk)?|rufnummer|durchwahl|fax(?:nummer)?|"
    r"whatsapp|anrufen|rückruf|ruf(?:t|en)?|erreichbar|phone(?: number)?|mobile|cell|call(?: me)?|ring me|text me)"
)
DATE_OR_TIME = re.compile(
    r"\d{1,2}[.:]\d{2}(?!\d)|\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d\d(?!\d)|(?:19|20)\d\d-[01]\d-[0-3]\d"
)


def _callable(match: Match) -> bool:
    """Enough digits, and neither hours nor dates."""
    return 6 <= len(digits(match["hit"])) <= 15 and not DATE_OR_TIME.search(match["hit"])


def _by_library(text: str, _: str) -> Iterator[Span]:
    for match in PhoneNumberMatcher(text, "DE", leniency=Leniency.VALID):
        if not DATE_OR_TIME.search(match.raw_string):
            yield match.start, match.end


PHONES = (
    Rule(PHONE, _by_library),
    shape(PHONE, r"(?<![\w+])(?P<hit>(?:\+|00)\s?[1-9](?:[\s()./_-]{0,3}\d){7,14})(?!\d)", _callable),
    shape(PHONE, r"(?<![\w,.:-])(?P<hit>\(?0(?:[ ()/_.-]{0,3}\d){6,13})(?![\d,])", _callable),
    shape(
        PHONE,
        rf"(?<!\w){CALLED}\W{{0,3}}(?:\w{{2,9}}\W{{1,2}}){{0,3}}?(?P<hit>[+(]?\d(?:[ ()/_.-]{{0,3}}\d){{3,14}})(?![\d,])",
        lambda match: len(digits(match["hit"])) >= 4 and not DATE_OR_TIME.search(match["hit"]),
    ),
    shape(PHONE, rf"(?<!\w){SPOKEN}(?:[\s,/-]{{1,3}}{SPOKEN}){{5,15}}(?!\w)"),
)
