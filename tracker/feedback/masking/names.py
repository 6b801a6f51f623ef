"""Names of people: after salutations, titles and offices, in what people say of themselves, and by first names."""

import re
from collections.abc import Callable, Iterator

from tracker.feedback.masking import persons
from tracker.feedback.masking.known import surnames
from tracker.feedback.masking.persons import FULL, HONOURED, INITIAL, PART, SALUTATION, TITLE, WORD, named
from tracker.feedback.masking.rule import NAME, Rule, Span, either
from tracker.feedback.masking.words import ROLE, common, place

RELATIVE = either("""
    frau, mann, tochter, sohn, kind, mutter, vater, oma, opa, bruder, schwester, nachbar(?:n|in)?, freund(?:in)?,
    tante, chef(?:in)?, partner(?:in)?, enkel(?:in)?, lebensgefährt(?:e|in), onkel, schwager, schwägerin, baby,
    junge, betreuer(?:in)?, vermieter(?:in)?
""")
ENGLISH_RELATIVE = either("""
    wife, husband, daughter, son, mother, father, brother, sister, friend, neighbou?r, child, boss, mum, dad
""")
KIN = rf"(?i:(?:mein|dein|sein|ihr|unser|eur)(?:e[rnms]?)? (?:\w{{4,9}}e[rn]? )?{RELATIVE},? \(?)"
ENGLISH_KIN = rf"(?i:(?:my|his|her|our) (?:\w{{3,9}} )?{ENGLISH_RELATIVE},? \(?)"
INTRODUCED = either(r"""
    (?:ich|er|sie) hei(?:ß|ss)[et], (?:mein|sein|ihr) name (?:ist|lautet|war), my name(?: is|'s), (?:his|her) name
    is, (?:vor|nach|familien|zu|geburts|full |first |last )?name(?:ns)?\s?[:=], namens, (?:i am|is) called, signed,
    gez\., i\. ?[av]\., z\. ?hd\.(?: v\.)?, c/o, ansprechpartner(?:in)?:?, sachbearbeitung:?, kontakt:,
    unterschrift:?, geb\., geborene[rn]?, née
""")
MEETING = either("""
    ich bin, hier(?: ist| schreibt)?, hallo, hi, hey, hello, dear, liebe[rs]?, moin, servus, bei, von, und, with,
    by, to
""")
SMALL_INTRODUCED = either("ich hei(?:ß|ss)e, name ist, name is, name:, ich bin, ich bins, hier ist, i am, i'm")
SMALL_TITLE = r"(?:dr\.? |prof\.? )?"
SMALL = r"[^\W\d_]{2,30}(?:-[^\W\d_]{2,30})?"

ONES_OWN = "(?<!eine )(?<!einer )(?<!hre )(?<!hrer )(?<!nsere )(?<!nserer )"  # "meine Frau Anfang Mai" is no name
SAINT = re.compile(r"(?:Sankt|St\.|Heilige[rn]?|[-/]) ?\Z")
ANY = re.compile(rf"(?<![\w-]){FULL}(?!\. ?\d)")  # "Max." with a number is no name
REVERSED = re.compile(rf"(?<![\w-])(?P<family>{WORD}), ?(?P<given>{WORD})(?![\w-])")
PAIR = re.compile(r"(?<![\w-])(?P<first>[a-zäöüß-]{3,20}) (?P<family>[a-zäöüß]{3,20})(?![\w-])")
INITIALS = re.compile(
    rf"(?:\b{either('von, by, an, bei, mit, from, durch, und, for, für, to')}\s|^|[(,:\n] ?)"
    rf"(?P<first>{INITIAL}) (?P<rest>{WORD})(?![\w-])",
    re.MULTILINE,
)
HERE = re.compile(rf"(?<![\w-]){FULL}(?=(?: {PART}){{0,2}} (?:here|again)\b)")
Accept = Callable[[str, str], bool]


def _after(context: str, accept: Accept) -> Rule:
    """Names that follow a context, with titles or offices between, where the first word is accepted."""
    pattern = re.compile(rf"(?<![\w-]){context}{HONOURED}{FULL}")

    def find(text: str, language: str) -> Iterator[Span]:
        for match in pattern.finditer(text):
            if accept(match["first"].split()[-1], language):
                yield named(match, language)

    return Rule(NAME, find)


def _small(context: str, accept: Accept) -> Rule:
    """Names in small letters that follow a context, where the word is accepted, and a word to the end of the line."""
    pattern = re.compile(
        rf"(?<![\w-]){context}{SMALL_TITLE}(?P<first>{SMALL})(?![\w-])(?P<rest> [^\W\d_]{{3,30}}(?=\W*$|,))?",
        re.IGNORECASE | re.MULTILINE,
    )

    def find(text: str, language: str) -> Iterator[Span]:
        for match in pattern.finditer(text):
            first, rest = match["first"], match["rest"]
            if accept(first, language):
                more = rest and persons.known_anywhere(first, language) and not common(rest.strip())
                yield match.start("first"), match.end() if more else match.end("first")

    return Rule(NAME, find)


def _by_first_name(text: str, language: str) -> Iterator[Span]:
    """A known first name with a capital and what follows it, unless it names a saint, a street or a house."""
    for match in ANY.finditer(text):
        before = text[max(0, match.start() - 9) : match.start()]
        building = SAINT.search(before) or any(map(place, match["rest"].split()[:2]))
        if persons.known(match["first"].split()[-1], language) and not building:
            yield named(match, language)


def _small_pairs(text: str, language: str) -> Iterator[Span]:
    """First name and surname in small letters."""
    for match in PAIR.finditer(text):
        if persons.known(match["first"], language) and match["family"] in surnames():
            yield match.span()


def _reversed(text: str, language: str) -> Iterator[Span]:
    """Surname, first name."""
    for match in REVERSED.finditer(text):
        if persons.known(match["given"], language) and match["family"].casefold() in surnames():
            yield match.span()


def _initials(text: str, language: str) -> Iterator[Span]:
    """An initial and a surname."""
    for match in INITIALS.finditer(text):
        if persons.no_common(match["rest"], language):
            yield match.start("first"), match.end("rest")


def _here(text: str, language: str) -> Iterator[Span]:
    """English: "Emma here"."""
    for match in HERE.finditer(text):
        if persons.english(match["first"], language):
            yield named(match, language)


NAMES = (
    _after(rf"(?i:herren|familien|eheleute|geschwister) {WORD} (?:und|u\.|&) ", persons.no_common),
    _after(rf"(?i:{SALUTATION})(?:[ \n]{{1,2}}|(?<=\.))[\"'„“]?", persons.no_function),
    _after(rf"{ONES_OWN}(?:Frau|Herrn?) ", persons.calendar),
    _after(rf"(?i:{INTRODUCED}[\s:,-]{{1,2}})", persons.no_common),
    _after(rf"(?i:{TITLE})(?<=[. ])", persons.no_function),
    _after(rf"(?i:{ROLE}) ", persons.no_common),
    _after(KIN, persons.known_anywhere),
    _after(ENGLISH_KIN, persons.no_common),
    _after(r"(?i:i am|i'm|this is|it's) ", persons.english),
    _after(rf"(?i:{MEETING}),? ", persons.known_anywhere),
    _small(rf"(?:{SALUTATION} |{SMALL_INTRODUCED} |{KIN})", persons.listed),
    _small("ich, ", persons.listed),
    _small(r"(?-i:frau|herrn?|hr\.?|mr\.?|mrs\.?|ms\.?)[ \n]", persons.small),
    _small(r"(?-i:mein name ist|my name is) ", persons.small),
    Rule(NAME, _small_pairs),
    Rule(NAME, _reversed),
    Rule(NAME, _initials),
    Rule(NAME, _here),
    Rule(NAME, _by_first_name),
)
