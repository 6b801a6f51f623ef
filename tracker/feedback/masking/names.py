"""Names of people: after salutations, titles and offices, in what people say of themselves, and by first names."""

import re
from collections.abc import Callable, Iterator

from tracker.feedback.masking.known import all_first_names, first_names, surnames
from tracker.feedback.masking.rule import NAME, Match, Rule, Span
from tracker.feedback.masking.words import OFFICE, ROLE, common, function, place

UPPER = "".join(char for char in map(chr, range(0x530)) if char.isupper())
WORD = rf"(?:[dlDLO]'|Mc|Mac)?[{UPPER}]\w{{1,30}}(?:['-]\w{{1,30}}){{0,3}}"
INITIAL = rf"[{UPPER}]\.(?: ?-?[{UPPER}]\.)?"
PARTICLE = (
    r"(?:von und zu|von der|von den|van der|van den|van de|de la|von|van|vom|zu|zur|zum|de|del|della|di|da|dos|el|al|bin|"
    r"ibn|ben|ten|ter|te|le|la)"
)
PART = rf"(?:{PARTICLE} )?(?:{WORD}|{INITIAL})"
FULL = rf"(?P<first>{PART})(?![\w-])(?=(?P<rest>(?: {PART}(?![\w-])){{0,3}}))"
TITLE = r"(?:(?:dr|prof|dipl|mag|pd|ing|med|jur|phil|rer|nat|h\.c|dres)\b\.?(?:-ing\.?)?[ \n]?)"
SALUTATION = (
    r"(?:frau|frl\.?|fräulein|herrn?|hr\.?|fr\.|hrn\.?|mr\.?|mrs\.?|ms\.?|miss|mister|madam|sir|bay|bayan|familie|fam\.|"
    r"eheleute|ehepaar|family)"
)
HONOURED = rf"(?i:(?:{SALUTATION}|{OFFICE})[ \n]{{1,2}}|{TITLE}){{0,5}}"
KIN = (
    r"(?i:(?:mein|dein|sein|ihr|unser|eur|my|his|her|our)(?:e[rnms]?)? (?:\w{4,9}e[rn]? )?(?:frau|mann|tochter|sohn|kind|"
    r"mutter|vater|oma|opa|bruder|schwester|nachbar(?:n|in)?|freund(?:in)?|chef(?:in)?|partner(?:in)?|enkel(?:in)?|tante|"
    r"lebensgefährt(?:e|in)|onkel|schwager|schwägerin|baby|junge|betreuer(?:in)?|vermieter(?:in)?|wife|husband|daughter|"
    r"son|mother|father|brother|sister|friend|neighbou?r|child|boss|mum|dad),? \(?)"
)
ENGLISH_KIN = KIN.replace("mein|dein|sein|ihr|unser|eur|", "")
INTRODUCED = (
    r"(?i:(?:ich|er|sie) hei(?:ß|ss)[et]|(?:mein|sein|ihr) name (?:ist|lautet|war)|(?:vor|nach|familien|zu|geburts|full |"
    r"first |last )?name(?:ns)?\s?[:=]|namens|my name(?: is|'s)|(?:i am|is) called|(?:his|her) name is|signed|gez\.|"
    r"i\. ?[av]\.|z\. ?hd\.(?: v\.)?|c/o|ansprechpartner(?:in)?:?|sachbearbeitung:?|kontakt:|unterschrift:?|geb\.|geborene[rn]?|"
    r"née)[\s:,-]{1,2}"
)
ENGLISH_SELF = r"(?i:i am|i'm|this is|it's)[ ]"
NATION = re.compile(r".*(?:ish|ian|ese|can|man|ch|ic|ing|ed)\Z", re.IGNORECASE)
Accept = Callable[[str, str], bool]


def _known(word: str, language: str) -> bool:
    """A known first name, or several joined by hyphens."""
    return all(part.casefold() in first_names(language) for part in word.split("-"))


def _known_anywhere(word: str, _: str) -> bool:
    return any(part.casefold() in all_first_names() for part in word.split("-"))


def _no_function(word: str, _: str) -> bool:
    return not function(word)


def _no_common(word: str, _: str) -> bool:
    return word.casefold() in surnames() or not common(word)


def _no_nation(word: str, language: str) -> bool:
    return language == "en" and _no_common(word, language) and not NATION.match(word)


def _named(match: Match, language: str) -> Span:
    """From the first word on as long as the words can belong to one name."""
    end = match.end("first")
    last = match["first"].split()[-1]
    if ("-" in last or last.casefold() in surnames()) and not _known_anywhere(last, language):
        return match.start("first"), end
    for part in re.finditer(rf" ({PART})", match["rest"]):
        last = part[1].split()[-1]
        if not _no_common(last, language):
            break
        end = match.start("rest") + part.end()
        if not (last.endswith(".") or _known_anywhere(last, language)):
            break
    return match.start("first"), end


def _after(context: str, accept: Accept = _no_common) -> Rule:
    """Names that follow a context, with titles or offices between, where the first word is accepted."""
    pattern = re.compile(rf"(?<![\w-]){context}{HONOURED}{FULL}")

    def find(text: str, language: str) -> Iterator[Span]:
        for match in pattern.finditer(text):
            if accept(match["first"].split()[-1], language):
                yield _named(match, language)

    return Rule(NAME, find)


def _small(context: str, accept: Accept) -> Rule:
    """Names in small letters that follow a context, where the word is accepted; and the last word of a line after it."""
    pattern = re.compile(
        rf"(?<![\w-]){context}(?P<first>[^\W\d_]{{2,30}}(?:-[^\W\d_]{{2,30}})?)(?![\w-])(?P<rest> [^\W\d_]{{3,30}}(?=\W*$))?",
        re.IGNORECASE | re.MULTILINE,
    )

    def find(text: str, language: str) -> Iterator[Span]:
        for match in pattern.finditer(text):
            if accept(match["first"], language):
                more = match["rest"] and not common(match["rest"].strip()) and _known_anywhere(match["first"], language)
                yield match.start("first"), match.end() if more else match.end("first")

    return Rule(NAME, find)


def _listed(word: str, language: str) -> bool:
    return _known_anywhere(word, language) or word.casefold() in surnames()


def _bare(word: str, language: str) -> bool:
    """After "frau" in small letters without an article: neither grammar nor a verb in the past."""
    return word.islower() and not common(word) and not VERB.match(word)


VERB = re.compile(
    r".*(?:te|ten|tet|t|en)\Z|am|kam|ging|gab|half|sprach|rief|lie(?:ß|ss)|stand|sa(?:ß|ss)|sah|nahm|bekam|oder"
)
NO_ARTICLE = r"(?<!\bder )(?<!\bdie )(?<!\bden )(?<!\bdem )(?<!eine )(?<!einer )(?<!eines )(?<!einen )(?<!ein )(?<!seine )(?<!seiner )"
SAINT = re.compile(r"(?:Sankt|St\.|Heilige[rn]?|[-/]) ?\Z")
ANY = re.compile(rf"(?<![\w-]){FULL}(?!\. ?\d)")
LISTED = re.compile(rf"(?<![\w-])(?P<hit>{WORD}, ?(?P<given>{WORD}))(?![\w-])")
INITIALS = re.compile(
    rf"(?:\b(?:von|by|an|bei|mit|from|durch|und|for|für|to)\s|^|[(,:\n] ?)(?P<first>{INITIAL}) (?P<rest>{WORD})(?![\w-])",
    re.M,
)
HERE = re.compile(rf"(?<![\w-]){FULL}(?=(?: {PART}){{0,2}} (?:here|again)\b)")


def _by_first_name(text: str, language: str) -> Iterator[Span]:
    """A known first name with a capital and what follows it, unless it names a saint, a street or a house; no "max."."""
    for match in ANY.finditer(text):
        if _known(match["first"].split()[-1], language) and not SAINT.search(
            text[max(0, match.start() - 9) : match.start()]
        ):
            if not any(map(place, match["rest"].split()[:2])):
                yield _named(match, language)


def _reversed(text: str, language: str) -> Iterator[Span]:
    """Surname, first name."""
    for match in LISTED.finditer(text):
        if _known(match["given"], language) and _no_common(match["hit"].split(",")[0], language):
            yield match.span("hit")


def _initials(text: str, language: str) -> Iterator[Span]:
    for match in INITIALS.finditer(text):
        if _no_common(match["rest"], language):
            yield match.start("first"), match.end("rest")


def _here(text: str, language: str) -> Iterator[Span]:
    """English: "Emma here"."""
    for match in HERE.finditer(text):
        if language == "en" and _no_common(match["first"], language):
            yield _named(match, language)


NAMES = (
    _after(rf"(?i:{SALUTATION})[ \n]{{1,2}}", _no_function),
    _after(INTRODUCED),
    _after(rf"(?i:{TITLE})(?<=[. ])", _no_function),
    _after(rf"(?i:{ROLE}) "),
    _after(KIN, _known_anywhere),
    _after(ENGLISH_KIN),
    _after(ENGLISH_SELF, _no_nation),
    _after(
        r"(?i:(?:ich bin|hier(?: ist| schreibt)?|hallo|hi|hey|hello|dear|liebe[rs]?|moin|servus|bei|von|und|with|by|to)),? ",
        _known_anywhere,
    ),
    _small(
        rf"(?:{SALUTATION}|ich hei(?:ß|ss)e|name ist|name is|name:|ich bin|hier ist|i am|i'm|{KIN})[ ](?:dr\.? |prof\.? )?",
        _listed,
    ),
    _small(rf"(?-i:frau|herrn?|hr\.?|mr\.?|mrs\.?|ms\.?)[ \n](?:dr\.? |prof\.? )?", _bare),
    _small(r"(?:ich hei(?:ß|ss)e|mein name ist|my name is) ", _bare),
    Rule(NAME, _reversed),
    Rule(NAME, _initials),
    Rule(NAME, _here),
    Rule(NAME, _by_first_name),
)
