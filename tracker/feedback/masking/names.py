"""Names of people: after salutations, titles and offices, in greetings and signatures, and by known first names."""

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module

from tracker.feedback.masking.rule import NAME, Match, Rule, Span
from tracker.feedback.masking.words import AMBIGUOUS, COMMON, OFFICE, ROLE, common

UPPER = "".join(char for char in map(chr, range(0x530)) if char.isupper())
LOCALES = {"en": "en_GB", "tr": "tr_TR", "uk": "uk_UA", "ar": "ar_SA"}  # besides German, which is always known

WORD = rf"(?:[dlDLO]'|Mc|Mac)?[{UPPER}]\w{{1,30}}(?:['-]\w{{1,30}}){{0,3}}"
INITIAL = rf"[{UPPER}]\.(?: ?-?[{UPPER}]\.)?"
PARTICLE = r"(?:von und zu|von der|von den|van der|van den|van de|de la|von|van|vom|zu|zur|zum|de|del|della|di|da|dos|el|al|bin|ibn|ben|ten|ter|te|le|la)"
TITLE = r"(?:(?:Dr|Prof|Dipl|Ing|Mag|PD|med|jur|phil|rer|nat|h\.c|Dres)\b\.?(?:-Ing\.?)? ?){1,5}"
PART = rf"(?:{PARTICLE} )?(?:{WORD}|{INITIAL})"
FULL = rf"(?:(?i:{TITLE}))?(?P<first>{PART})(?P<rest>(?: {PART}){{0,3}})"

SALUTATION = r"(?:frau|frl\.?|fräulein|herrn?|hr\.|fr\.|hrn\.?|mr\.?|mrs\.?|ms\.?|miss|mister|madam|sir|bay|bayan|familie|fam\.|eheleute|ehepaar)"


@cache
def first_names(language: str) -> frozenset[str]:
    """First names that are no common word, folded; German ones and those of the language, from Faker's lists (MIT)."""
    locales = ["de_DE", *filter(None, [LOCALES.get(language)])]
    return frozenset(name for locale in locales for name in _listed(locale)) - AMBIGUOUS


def _listed(locale: str) -> Iterator[str]:
    provider = import_module(f"faker.providers.person.{locale}").Provider
    for kind in ("first_names", "first_names_female", "first_names_male"):
        for name in getattr(provider, kind, ()):
            if name.isalpha() and len(name) > 2:
                yield name.casefold()


def _known(word: str, language: str) -> bool:
    """A known first name, also one of two joined by a hyphen."""
    return any(part.casefold() in first_names(language) for part in word.split("-")[:2])


def _named(match: Match, language: str) -> Span:
    """From the first word on as long as the words can be names."""
    end = match.end("first")
    if _complete(match["first"], language):
        return match.start("hit"), end
    for word in re.finditer(rf" ({PART})", match["rest"]):
        if common(word[1].split()[-1]):
            break
        end = match.start("rest") + word.end()
        if not _opens(word[1], language):
            break
    return match.start("hit"), end


def _complete(word: str, language: str) -> bool:
    """A double surname: nothing more follows."""
    return "-" in word and not _known(word, language)


def _opens(word: str, language: str) -> bool:
    return word.endswith(".") or _known(word, language)


def _after(context: str, flags: int = 0) -> Rule:
    """Names that follow a context, where the word that follows is no common one."""
    pattern = re.compile(rf"(?<![\w-]){context}(?P<hit>{FULL})(?![\w-])", flags)

    def find(text: str, language: str) -> Iterator[Span]:
        for match in pattern.finditer(text):
            if not common(match["first"].split()[-1]):
                yield _named(match, language)

    return Rule(NAME, find)


def _lower(context: str) -> Rule:
    """Names in small letters, where the context leaves little else."""
    pattern = re.compile(
        rf"(?<![\w-]){context}(?P<hit>\w{{2,30}}(?:-\w{{2,30}})?(?: (?P<second>\w{{3,30}}(?:-\w{{2,30}})?)(?=\W*$))?)(?![\w-])",
        re.I | re.M,
    )

    def find(text: str, language: str) -> Iterator[Span]:
        for match in pattern.finditer(text):
            words = match["hit"].split()
            if _known(words[0], language) or words[0].casefold() in last_names():
                yield match.span("hit")

    return Rule(NAME, find)


@cache
def last_names() -> frozenset[str]:
    """Surnames that are no common word, folded, from Faker's German list (MIT)."""
    provider = import_module("faker.providers.person.de_DE").Provider
    return frozenset(name.casefold() for name in provider.last_names if name.isalpha()) - AMBIGUOUS - COMMON


def _by_first_name(text: str, language: str) -> Iterator[Span]:
    """A known first name with a capital, and the names that follow it."""
    for match in ANY.finditer(text):
        if _known(match["first"].split()[-1], language) and not common(match["first"]):
            yield _named(match, language)


ANY = re.compile(rf"(?<![\w-])(?<!Sankt )(?<!St\. )(?P<hit>(?P<first>{WORD})(?P<rest>(?: {PART}){{0,3}}))(?![\w-])")
CLOSING = (
    r"(?:(?:(?:mit |viele |liebe |beste |freundliche |herzliche |schöne |besten |lieben )*(?:freundlich(?:en|e|em) |besten |lieben |vielen |herzlichen )?(?:gr(?:ü|ue)(?:ß|ss)en?|gru(?:ß|ss))|"
    r"mfg|vg|lg|bg|hochachtungsvoll|(?:best |kind |warm |with kind )?regards|best wishes|sincerely(?: yours)?|yours (?:sincerely|faithfully|truly)|"
    r"cheers|many thanks|thanks(?: a lot)?|thank you|danke(?: und gr(?:ü|u)(?:ß|ss)e?)?|besten dank|vielen dank|gez\.?|gezeichnet|i\. ?a\.|i\. ?v\.)"
    r"(?:[,.!;\s-]{1,4}(?:ihre?|eure?|yours?|from|von|die|der)(?= ))?)"
)
SIGNED = re.compile(
    rf"(?<![\w-]){CLOSING}[,.!;:\s-]{{1,4}}(?P<hit>[^\W\d_][\w.'-]{{0,30}}(?: [^\W\d_][\w.'-]{{0,30}}){{0,3}})(?=[ .,!:;)(]{{0,4}}(?:\n|\Z|\x00))",
    re.I,
)


def _signed(text: str, _: str) -> Iterator[Span]:
    """After a closing formula, what stands alone to the end of the line."""
    for match in SIGNED.finditer(text):
        words = match["hit"].rstrip(".").split()
        if not any(common(word) for word in words):
            yield match.start("hit"), match.start("hit") + len(match["hit"].rstrip("."))


KIN = (
    r"(?i:(?:mein|dein|sein|ihr|unser|eur)(?:e[rnms]?)? (?:kleine[rn]? |jüngste[rn]? |älteste[rn]? )?(?:frau|mann|tochter|sohn|kind|mutter|vater|oma|opa|bruder|schwester|nachbar(?:n|in)?|freund(?:in)?|chef(?:in)?|"
    r"partner(?:in)?|lebensgefährt(?:e|in)|enkel(?:in)?|tante|onkel|schwager|schwägerin|betreuer(?:in)?|mieter(?:in)?|vermieter(?:in)?),? )"
)
NAMES = (
    _after(rf"(?i:{SALUTATION}(?: {SALUTATION})?) (?:(?:{OFFICE})\w{{0,4}} )?"),
    _after(r"(?i:(?:ich hei(?:ß|ss)e|(?:mein|sein|ihr) name (?:ist|lautet|war)|(?:vor|nach|familien|zu)?name(?:ns)?\s?[:=]|namens|my name(?: is|'s)|i am called|his name is|her name is|"
           r"signed|gez\.|i\. ?a\.|z\. ?hd\.(?: v\.)?|c/o|ansprechpartner(?:in)?:?|sachbearbeitung:?|kontakt:|called)[\s:,-]{1,2})(?:(?i:frau|herrn?) )?"),
    _after(rf"(?i:{TITLE})(?<=[. ])"),
    _after(rf"{ROLE} (?:(?i:frau|herrn?) )?"),
    _after(KIN),
    _after(r"(?i:hallo|hi|hey|hello|dear|liebe[rs]?|moin|servus)[ ,]{1,2}(?=[^\n,!]{2,40}[,!\n])"),
    _lower(rf"(?:{SALUTATION}|ich hei(?:ß|ss)e|mein name ist|my name is|name:) (?:dr\.? |prof\.? )?"),
    Rule(NAME, _signed),
    Rule(NAME, _by_first_name),
)  # fmt: skip
