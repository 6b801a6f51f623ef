"""Where people can be reached: links, e-mail addresses and telephone numbers, also as they are spelled out."""

from collections.abc import Iterator

from phonenumbers import Leniency, PhoneNumberMatcher

from tracker.feedback.masking.rule import LINK, MAIL, PHONE, Match, Rule, Span, dated, digits, either, shape

TLD = either("""
    de, com, org, net, eu, info, io, at, ch, biz, me, app, dev, tv, uk, fr, nl, pl, tr, ru, ua, es, it, cz, be, dk,
    ie, us, hessen, berlin, online, shop, email, example
""")
TOLD_TLD = either("de, com, org, net, eu")  # after a mere blank, as people say it
OPEN, CLOSE = r"\s{0,2}[(\[{<*_|-]{1,2}\s?", r"\s?[)\]}>*_|-]{1,2}\s{0,2}"
AT_WORD = r"(?:at|ät|aet|klammeraffe|affenschwanz)"
AT = rf"(?:{OPEN}(?:{AT_WORD}|a|@){CLOSE}|\s{{1,2}}(?!at\s){AT_WORD}\s{{1,2}}|\s{{0,2}}@\s{{0,2}})"
DOT_WORD = r"(?:dot|punkt|pkt|point)"
DOT = rf"(?:{OPEN}(?:{DOT_WORD}|\.){CLOSE}|\s{{1,2}}{DOT_WORD}\s{{1,2}}|\s?\.\s?)"
TOLD_DOT = rf"(?:{OPEN}(?:{DOT_WORD}|\.){CLOSE}|\s{DOT_WORD}\s|\.)"
JOIN = rf"(?:{DOT}|[.+_%'-]{{1,2}}|\s(?:minus|bindestrich|unterstrich|underscore|dash|strich|plus)\s)"
WORD = r"(?:\w{1,40}|\w(?: \w){2,30})"
HOST = rf"{WORD}(?:(?:-{{1,2}}|\s(?:minus|bindestrich|dash)\s){WORD}){{0,3}}"
REST = r"[^\s\x00<>\"]"  # of a link

LINKS = (
    shape(LINK, rf"(?<!\w)(?:h[tx]{{2}}ps?|ftp)\s?:\s?/\s?/\s?{REST}{{2,}}"),
    shape(LINK, rf"(?<![\w@])www\s?\.\s?{REST}{{3,}}"),
    shape(LINK, rf"(?<![\w@])(?:www|h[tx]{{2}}ps?) (?:{DOT_WORD} )?[\w-]{{2,40}} {DOT_WORD} {TLD}(?!\w)"),
)
PIECE = r"(?:[^\W_]{1,40}|[^\W_](?: [^\W_]){2,30})"  # without what joins: a line of "____" has one reading only
LOCAL = rf"(?<![^\W_]){PIECE}(?:{JOIN}{PIECE}){{0,5}}"
MAILS = (
    shape(MAIL, rf"{LOCAL}{AT}{HOST}(?:{DOT}{HOST}){{0,3}}(?:{DOT}|\s|,){TLD}(?!\w)"),
    shape(MAIL, rf"{LOCAL}\sat\s{HOST}(?:{TOLD_DOT}{HOST}){{0,3}}(?:{TOLD_DOT}|\s){TOLD_TLD}(?!\w)"),
    shape(MAIL, rf"(?<!\w)[\w.+%'-]{{1,64}}@{HOST}(?:\.\w{{2,24}}){{0,3}}"),
    shape(MAIL, rf"(?<!\w)[\w.+%'-]{{2,64}}[(\[{{](?:{AT_WORD}|a|@)[)\]}}][\w-]{{2,40}}(?:\.\w{{2,24}}){{0,3}}"),
)
DOMAINS = (
    shape(LINK, rf"(?<![\w.@-])(?:[a-z0-9äöü-]{{2,60}}\.){{1,4}}{TLD}(?:[/?:]{REST}*)?(?![\w-])"),
    shape(LINK, rf"(?<![\w.@-])[\w-]{{2,40}}(?: {DOT_WORD} |[(\[{{]{DOT_WORD}[)\]}}]){TLD}(?!\w)"),
)

SPOKEN = (
    r"(?:(?:doppel[ -]?)?"
    rf"{either('null, eins, ein, zwei, zwo, drei, vier, fünf, fuenf, sechs, sieben, acht, neun')}|"
    rf"(?:double )?{either('zero, oh, one, two, three, four, five, six, seven, eight, nine')})"
)
CALLED = either(r"""
    tel(?:efon)?(?:[\s-]?(?:nummer|nr))?, handy(?:[\s-]?(?:nummer|nr))?, mobil(?:[\s-]?(?:nummer|nr|funk))?,
    rufnummer, durchwahl, extension, ext\.?, apparat, fax(?:nummer)?, festnetz, whats-?app, signal, anrufen,
    rückruf, zurückrufen, ruft?(?: mich)? an, erreichbar, erreichen, nummer, phone(?: number)?, mobile(?: number)?,
    cell, call(?: me)?, ring, text me, contact me, reach me
""")
GAP = r"[\s()/_.,:-]{0,3}"
PHONE_DIGITS = rf"[+(]{{0,2}}[\dO](?:{GAP}[\dOlI]){{3,14}}"


def _dialled(match: Match) -> bool:
    """Digits for a whole number, and neither hours nor dates."""
    return 6 <= len(digits(match["hit"])) <= 15 and not dated(match["hit"])


def _called(match: Match) -> bool:
    return 4 <= len(digits(match["hit"])) <= 15 and not dated(match["hit"])


def _by_library(text: str, _: str) -> Iterator[Span]:
    for match in PhoneNumberMatcher(text, "DE", leniency=Leniency.VALID):
        if not dated(match.raw_string):
            yield match.start, match.end


PHONES = (
    shape(PHONE, r"(?<![\w+])(?P<hit>\(?(?:\+|00)\s?[1-9](?:[\s()./_-]{0,3}\d){7,14})(?!\d)", _dialled),
    Rule(PHONE, _by_library),
    shape(PHONE, r"(?<![\w,.:/-])(?P<hit>\(?0(?:[\s()/_.-]{0,3}\d){6,13})(?![\d,]|\.\d)", _dialled),
    shape(
        PHONE,
        rf"(?<!\w){CALLED}\W{{0,3}}(?:[^\W\d]{{2,12}}\W{{1,3}}){{0,3}}?(?P<hit>{PHONE_DIGITS})(?!\w|,\d)",
        _called,
    ),
    shape(PHONE, r"(?<!\w)(?P<hit>O1[567]\d(?:[\s()/_.-]{0,3}[\dOlI]){6,10})(?!\w)", _dialled),
    shape(PHONE, rf"(?<!\w){SPOKEN}(?:[\s,/-]{{0,3}}(?<!\w){SPOKEN}|[\s,/-]{{1,3}}\d{{2,8}}){{5,15}}(?!\w)"),
)
