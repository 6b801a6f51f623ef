"""Where people live: street and house number, postal code and town; a street alone is left as the place that it is."""

import re

from tracker.feedback.masking.names import UPPER
from tracker.feedback.masking.rule import ADDRESS, Match, Rule, shape
from tracker.feedback.masking.words import COUNTED, NO_PLACE, NO_STREET, function

STREET = r"(?:stra(?:ß|ss)e|str(?:\.|(?=[\s\d]))|gasse|gässchen|allee|chaussee|ufer|promenade)"
WEAK = (
    r"(?:weg|platz|ring|damm|steige?|steg|stieg|pfad|berg|hof|markt|graben|wall|grund|feld|park|winkel|tal|höhe|siedlung|"
    r"kamp|rain|brücke|tor|garten|gärten|kreuz|brunnen|wiesen?|anger|stein|bach|born|hang|busch|wald|eck|acker|äcker|grün|"
    r"mühle|heide|leite|see|au|aue|twiete|terrasse|bleiche|zeile|plan)"
)
AFTER = (
    r"(?!\.? ?(?:uhr|euro|eur|€|%|prozent|tagen?|wochen?|monaten?|jahren?|stunden?|minuten?|sekunden?|min|mal|meter|km|m|qm|x|"
    r"personen|leute|bänke|bäume|autos|plätze|kinder|stück|mai|juni|juli|april|märz|januar|februar|august|september|oktober|"
    r"november|dezember|times|days|weeks|hours|minutes|years|people|months|von|of|bis)(?!\w))"
)
NUMBER = r"\d{1,3}(?: ?\d/\d)?(?: ?[a-h](?!\w))?(?: ?[-/+] ?\d{1,3} ?(?:[a-h](?!\w))?)?(?![\w%€]|[.:,-]\d)"
HOUSE = rf"[\s,]{{0,2}}(?:(?:haus)?(?:nr|nummer|no|number)\.?[\s:]{{0,2}})?{NUMBER}{AFTER}"
TOWN = rf"[{UPPER}]\w{{2,30}}(?:[ -](?:a\. ?d\.|am|an der|ob der|im|in)? ?[{UPPER}]\w{{2,20}})?(?: ?\(\w{{2,20}}\.?\))?"
CODE = r"(?:D ?- ?)?(?:0[1-9]|[1-9]\d)\d{3}"
AND_TOWN = rf"(?:[\s,]{{1,3}}(?:in )?{CODE}(?:[ \n](?-i:{TOWN}))?)?"
OPENING = r"(?-i:(?:Am|An der|An den|Im|In der|In den|Auf dem|Auf der|Unter den|Unter dem|Zum|Zur|Zu den|Alter|Neuer|Bei der|Beim) )?"
BEFORE = (
    r"(?:am|an der|an den|an dem|im|in der|in den|auf dem|auf der|auf den|unter den|unter dem|zum|zur|zu den|hinter der|"
    r"hinter dem|vor dem|vor der|bei der|beim|alte[rn]?|neue[rn]?|obere[rn]?|untere[rn]?|lange|kleine|große)"
)
LIVING = (
    r"(?:wohne[nt]?|wohnhaft|lebe[nt]?|adresse|anschrift|wohnort|wohnung|umgezogen|gemeldet|zieh[et]?|haus|"
    r"address|liv(?:e|ing)|moved|stra(?:ß|ss)e)"
)
FLAT = r"(?:(?:flat|apt\.?|apartment|unit) \w{1,4},? )?"
ENGLISH = (
    r"(?:street|st\.?|road|rd\.?|avenue|ave\.?|lane|ln\.?|drive|close|court|square|terrace|boulevard|blvd\.?|crescent|gardens|"
    r"way|hill|place)"
)


def _street(match: Match) -> bool:
    """The street has a name of its own."""
    return not (NO_STREET.match(match["street"]) or function(match["street"].split()[0]))


def _capital(match: Match) -> bool:
    """The name of a street as it should be written, not a car park with five places."""
    words = match["street"].split()
    own = match["street"][0].isupper() and not NO_STREET.match(match["street"]) and not NO_PLACE.match(words[-1])
    return own and not function(words[0]) and not _counts(match)


def _place(match: Match) -> bool:
    words = match["street"].split()
    return not (NO_PLACE.match(words[0]) or NO_PLACE.match(words[-1]) or NO_STREET.match(words[-1]) or _counts(match))


def _counts(match: Match) -> bool:
    """A noun follows the number: so many of them."""
    return match[0][-1].isdigit() and bool(re.match(rf" [{UPPER}]\w+", match.string[match.end() : match.end() + 9]))


def _lived_in(match: Match) -> bool:
    words = match["street"].split()
    return not (NO_PLACE.match(words[-1]) or function(words[-1]) or function(words[0]))


def _town(match: Match) -> bool:
    return not (match["code"].endswith("00") or COUNTED.match(match["town"]))


ADDRESSES: tuple[Rule, ...] = (
    shape(ADDRESS, rf"(?<!\w)(?P<street>(?:stra(?:ß|ss)e|str\.|platz|allee) (?:des|der|am|zum|zur|an der) \w{{3,25}}(?: \w{{3,25}})?){HOUSE}{AND_TOWN}"),
    shape(ADDRESS, rf"(?<![\w-]){OPENING}(?P<street>(?:\w{{1,25}}[-'.]){{0,4}}(?:\w{{2,30}}|(?<=-)){STREET}){HOUSE}{AND_TOWN}", _street),
    shape(ADDRESS, rf"(?<![\w-])(?P<street>(?:(?-i:[{UPPER}])[\w'-]{{1,30}}\.? ){{1,2}}(?:{STREET}|weg|platz|ring|damm|berg|hof|tor|markt|graben)){HOUSE}{AND_TOWN}", _street),
    shape(ADDRESS, rf"(?<![\w-])(?P<street>\w{{4,30}}er {STREET}){HOUSE}{AND_TOWN}", _street),
    shape(ADDRESS, rf"(?<![\w-]){OPENING}(?P<street>(?:\w{{1,25}}-){{0,4}}\w{{2,30}}{WEAK}){HOUSE}{AND_TOWN}", _capital),
    shape(ADDRESS, rf"(?<![\w-]){LIVING}[\s:,]{{1,3}}(?:(?:hat sich geändert|lautet|ist|is|in|im|at|nach|der|die|dem|den|to|auf|von|seit kurzem)[\s:,]{{1,2}}){{0,3}}"
          rf"(?P<hit>(?:{BEFORE} )?(?P<street>[^\W\d_][\w'.-]{{2,30}}(?: [^\W\d_][\w'.-]{{2,30}}){{0,2}}){HOUSE}{AND_TOWN})", _lived_in),
    shape(ADDRESS, rf"(?<![\w-])(?i:{BEFORE})\s(?P<street>[{UPPER}][\w-]{{2,30}}(?: [{UPPER}][\w-]{{2,30}})?)(?i:{HOUSE})(?i:{AND_TOWN})", _place, 0),
    shape(ADDRESS, rf"(?<!\w)(?i:{FLAT})\d{{1,4}}[a-d]?,? (?:[A-Z][\w']{{1,20}} ){{1,3}}(?i:{ENGLISH})(?!\w)(?:,? {CODE} {TOWN})?", flags=0),
    shape(ADDRESS, rf"(?<![\w.,])(?P<code>{CODE})[ \n](?P<town>{TOWN})", _town, 0),
    shape(ADDRESS, rf"(?<![\w.,])(?:in|plz|ort)[ :]{{1,2}}(?P<hit>{CODE} (?P<town>marburg|[a-zäöüß]{{4,20}}(?:burg|stadt|heim|hausen|berg|bach|furt|feld|dorf)))(?!\w)"),
    shape(ADDRESS, r"(?<!\w)postfach[\s:]{1,2}\d[\d ]{2,9}\d"),
)  # fmt: skip
