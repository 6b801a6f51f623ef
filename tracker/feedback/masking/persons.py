"""How names are written, and which words are taken for one."""

import re

from tracker.feedback.masking.known import all_first_names, first_names, surnames
from tracker.feedback.masking.rule import UPPER, Match, Span, either
from tracker.feedback.masking.words import CALENDAR, OFFICE, common, function

JOINED = rf"(?:-(?:de|da|di|van|von|der|el|al) [{UPPER}]\w{{1,30}}|['-]\w{{1,30}})"
WORD = rf"(?:[dlDLO]'|Mc|Mac)?[{UPPER}]\w{{1,30}}{JOINED}{{0,3}}"
INITIAL = rf"[{UPPER}]\.(?: ?-?[{UPPER}]\.)?"
PARTICLE = either("""
    von und zu, von der, von den, van der, van den, van de, de la, von, van, de, del, della, di, da, dos, el, al,
    bin, ibn, ben, ten, ter, te, le, la
""")
PART = rf"(?:{PARTICLE} )?(?:{WORD}|{INITIAL})"
FULL = rf"(?P<first>{PART})(?![\w-])(?=(?P<rest>(?: {PART}(?![\w-])){{0,3}}))"

TITLE = rf"(?:{either('dr, prof, dipl, mag, pd, ing, med, jur, phil, rer, nat, h.c, dres')}\b\.?(?:-ing\.?)?[ \n]?)"
SALUTATION = either(r"""
    frau, frl\.?, fräulein, herrn?, herren, hr\.?, fr\., hrn\.?, mr\.?, mrs\.?, ms\.?, miss, mister, madam, sir,
    bay, bayan, familie, fam\., eheleute, ehepaar, family
""")
HONOURED = (
    rf"(?i:(?:{SALUTATION}|{OFFICE})(?:[ \n]{{1,2}}|(?<=\.))|{TITLE}){{0,5}}"  # may stand between a context and a name
)
NATION = re.compile(r".*(?:ish|ian|ese|can|man|ch|ic|ing|ed)\Z", re.IGNORECASE)
PAST = either("am, kam, ging, gab, half, sprach, rief, lie(?:ß|ss), stand, sa(?:ß|ss), sah, nahm")
VERB = re.compile(rf".*(?:te|ten|tet|elt|ert)\Z|{PAST}\Z")


def known(word: str, language: str) -> bool:
    """A first name of the language, or several joined by hyphens."""
    return all(part.casefold() in first_names(language) for part in word.split("-"))


def known_anywhere(word: str, _: str) -> bool:
    """A first name of any language, or a part joined by a hyphen is."""
    return any(part.casefold() in all_first_names() for part in word.split("-"))


def listed(word: str, language: str) -> bool:
    """A first name of any language or a surname."""
    return known_anywhere(word, language) or word.casefold() in surnames()


def no_function(word: str, _: str) -> bool:
    """Anything but grammar and offices."""
    return not function(word)


def calendar(word: str, _: str) -> bool:
    """A day or month, as some are called."""
    return word.casefold() in CALENDAR


def no_common(word: str, _: str) -> bool:
    """Anything but a word of every day."""
    return word.casefold() in surnames() or not common(word)


def english(word: str, language: str) -> bool:
    """In English: neither a word of every day nor a nationality."""
    return language == "en" and no_common(word, language) and not NATION.match(word)


def small(word: str, _: str) -> bool:
    """In small letters: neither grammar nor a verb."""
    return word.islower() and not common(word) and not VERB.match(word)


def named(match: Match, language: str) -> Span:
    """From the first word of a match of `FULL` on, as long as the words can belong to one name."""
    end = match.end("first")
    last = match["first"].split()[-1]
    if _surname(last, language):
        return match.start("first"), end
    for part in re.finditer(rf" ({PART})", match["rest"]):
        last = part[1].split()[-1]
        if not no_common(last, language):
            break
        end = match.start("rest") + part.end()
        if not (last.endswith(".") or known_anywhere(last, language)):
            break
    return match.start("first"), end


def _surname(word: str, language: str) -> bool:
    """A surname, after which nothing more of the name comes."""
    return ("-" in word or word.casefold() in surnames()) and not known_anywhere(word, language)
