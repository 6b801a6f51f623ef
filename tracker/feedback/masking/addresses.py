"""Where people live: street and house number, postal code and town; a street alone is left as the place that it is."""

import re

from tracker.feedback.masking.rule import ADDRESS, UPPER, Match, either, shape
from tracker.feedback.masking.words import COUNTED, NO_PLACE, NO_STREET, function

STREET = either(r"stra(?:ß|ss)e, str(?:\.|(?=[\s\d])), gasse, gässchen, allee, chaussee, ufer, promenade")
# Endings that many other words have.
WEAK = either("""
    weg, platz, ring, damm, steige?, steg, stieg, pfad, berg, hof, markt, graben, wall, grund, feld, park, winkel,
    tal, höhe, siedlung, kamp, rain, brücke, tor, garten, gärten, kreuz, brunnen, wiesen?, anger, stein, bach, born,
    hang, busch, wald, eck, acker, äcker, grün, mühle, heide, leite, see, au, aue, twiete, terrasse, bleiche, zeile,
    plan
""")
UNIT = either("""
    uhr, euro, eur, €, %, prozent, tagen?, wochen?, monaten?, jahren?, stunden?, minuten?, sekunden?, min, mal,
    meter, km, m, qm, x, personen, leute, bänke, bäume, autos, plätze, kinder, stück, mai, juni, juli, april, märz,
    januar, februar, august, september, oktober, november, dezember, times, days, weeks, hours, minutes, years,
    people, months, von, of, bis
""")
MORE = r"(?: ?[-/+] ?\d{1,3} ?(?:[a-h](?!\w))?| ?(?:und|u\.|&|and) ?\d{1,3} ?[a-h](?!\w))?"  # 21-23, 4a und 4b
NUMBER = rf"\d{{1,3}}(?: ?\d/\d)?(?: ?[a-h](?!\w))?{MORE}(?![\w%€]|[.:,-]\d)"
HOUSE = rf"[\s,(]{{0,3}}(?:(?:haus)?(?:nr|nummer|no|number)\.?[\s:]{{0,2}})?{NUMBER}(?!\.? ?{UNIT}(?!\w))"
TOWN = (
    rf"[{UPPER}]\w{{2,30}}(?:[ -](?:a\. ?d\.|am|an der|ob der|im|in)? ?[{UPPER}]\w{{2,20}})?"
    r"(?: ?\(\w{2,20}\.?\))?"
)
SMALL_TOWN = rf"(?:marburg|[a-zäöüß]{{4,20}}{either('burg, stadt, heim, hausen, berg, bach, furt, feld, dorf')})"
CODE = r"(?:(?:D ?- ?)?(?:0[1-9]|[1-9]\d)\d{3}|(?:A|B|CH|L|F|NL|PL|I|DK) ?- ?\d{4,5})"
LIVED = (
    rf"{HOUSE}(?:[\s,]{{1,3}}(?:in )?{CODE}(?:[ \n](?-i:{TOWN}))?)?"  # house number; where it follows, code and town
)

BEFORE = either("""
    am, an der, an den, an dem, im, in der, in den, auf dem, auf der, auf den, unter den, unter dem, zum, zur, zu
    den, hinter der, hinter dem, vor dem, vor der, bei der, beim, alte[rn]?, neue[rn]?, obere[rn]?, untere[rn]?,
    lange, kleine, große
""")
OPENING = rf"(?:(?<!\w)(?=(?-i:[{UPPER}])){BEFORE} )?"
LIVING = either("""
    wohne[nt]?, wohnhaft, lebe[nt]?, adresse, anschrift, wohnort, wohnung, umgezogen, gemeldet, zieh[et]?, haus,
    address, liv(?:e|ing), moved, stra(?:ß|ss)e
""")
AT = either("""
    hat sich geändert, lautet, ist, is, in, im, at, nach, der, die, dem, den, to, auf, von, seit kurzem
""")
ENGLISH = either(r"""
    street, st\.?, road, rd\.?, avenue, ave\.?, lane, ln\.?, drive, close, court, square, terrace, boulevard,
    blvd\.?, crescent, gardens, way, hill, place
""")
NUMBER_FIRST = rf"(?:haus)?(?:nr|nummer|number)\.? ?{NUMBER} (?:in |im |am |auf |on )?(?:der |dem )?"
ABROAD = either(r"rue, via, calle, plaza, piazza, ul\., ulica, boulevard, avenue")
FLAT = r"(?:(?:flat|apt\.?|apartment|unit) \w{1,4},? )?"


def _street(match: Match) -> bool:
    """The street has a name of its own."""
    return not (NO_STREET.match(match["street"]) or function(match["street"].split()[0]))


def _capital(match: Match) -> bool:
    """The name of a street as it should be written, not a car park with five places."""
    last = match["street"].split()[-1]
    return match["street"][0].isupper() and _street(match) and not (NO_PLACE.match(last) or _counts(match))


def _place(match: Match) -> bool:
    first, *_, last = match["street"].split() * 2
    return not (NO_PLACE.match(first) or NO_PLACE.match(last) or NO_STREET.match(last) or _counts(match))


def _counts(match: Match) -> bool:
    """A noun follows the number: so many of them."""
    return match[0][-1].isdigit() and bool(re.match(rf" [{UPPER}]\w+", match.string[match.end() : match.end() + 9]))


def _lived_in(match: Match) -> bool:
    first, *_, last = match["street"].split() * 2
    return not (NO_PLACE.match(last) or function(last) or function(first))


def _town(match: Match) -> bool:
    return not (match["code"].endswith("00") or COUNTED.match(match["town"]))


def _address(street: str) -> str:
    """The pattern of a street with the number of a house."""
    return rf"(?<![\w-])(?P<street>{street}){LIVED}"


STANDING = rf"(?:{STREET}|{either('weg, platz, ring, damm, berg, hof, tor, markt, graben')})"
CAPITAL = rf"(?-i:[{UPPER}])[\w'-]{{1,30}}"
WORD = r"[^\W\d_][\w'.-]{0,30}"
ADDRESSES = (
    shape(ADDRESS, _address(r"(?:stra(?:ß|ss)e|str\.|platz|allee) (?:des|der|am|zum|zur) \w{3,25}(?: \w{3,25})?")),
    shape(ADDRESS, OPENING + _address(rf"(?:\w{{1,25}}[-'.]){{0,4}}(?:\w{{2,30}}|(?<=-)){STREET}"), _street),
    shape(ADDRESS, _address(rf"(?:{CAPITAL}\.? ){{1,2}}{STANDING}"), _street),
    shape(ADDRESS, _address(rf"\w{{4,30}}er {STREET}"), _street),
    shape(ADDRESS, OPENING + _address(rf"(?:\w{{1,25}}-){{0,4}}\w{{2,30}}{WEAK}"), _capital),
    shape(
        ADDRESS,
        rf"(?<![\w-]){LIVING}[\s:,]{{1,3}}(?:{AT}[\s:,]{{1,2}}){{0,3}}"
        rf"(?P<hit>(?:{BEFORE} )?(?P<street>{WORD}(?: {WORD}){{0,4}}){LIVED})",
        _lived_in,
    ),
    shape(ADDRESS, rf"(?<![\w-]){BEFORE}\s(?P<street>{CAPITAL}(?: {CAPITAL})?){LIVED}", _place),
    shape(ADDRESS, _address(rf"{ABROAD} (?:d[eu] |de la |des |della )?{CAPITAL}(?: {CAPITAL})?")),
    shape(ADDRESS, rf"(?<!\w){NUMBER_FIRST}(?P<street>[\w-]{{2,40}}(?:{STREET}|weg|platz|ring))(?!\w)", _street),
    shape(ADDRESS, rf"(?<!\w){FLAT}\d{{1,4}}[a-d]?,? (?:{CAPITAL} ){{1,3}}{ENGLISH}(?!\w)(?:,? {CODE}(?!\d))?"),
    shape(ADDRESS, rf"(?<![\w.,])(?P<code>{CODE})[ \n](?P<town>{TOWN})", _town, 0),
    shape(ADDRESS, rf"(?<!\w)(?:in|plz|ort)[ :]{{1,2}}(?P<hit>(?P<code>{CODE}) (?P<town>{SMALL_TOWN}))(?!\w)", _town),
    shape(ADDRESS, r"(?<!\w)postfach[\s:]{1,2}\d[\d ]{2,9}\d"),
)  # fmt: skip
