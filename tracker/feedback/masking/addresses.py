"""Where and when: postal addresses, dates of birth."""

import re

from tracker.feedback.masking.rule import ADDRESS, BIRTHDAY, Match, shape

MONTH = (
    "(?:jan(?:uar|uary)?|feb(?:ruar|ruary)?|mär(?:z)?|maerz|march|mar|apr(?:il)?|mai|may|jun[ie]?|jul[iy]?|"
    "aug(?:ust)?|sep(?:t(?:ember)?)?|o[kc]t(?:ober)?|nov(?:ember)?|de[zc](?:ember)?|jänner)"
)
YEAR = r"(?:19|20)\d\d"
DATE = (
    rf"(?:\d{{1,2}} ?[./-] ?\d{{1,2}} ?[./-] ?(?:{YEAR}|\d\d)(?!\d)|{YEAR}-\d\d?-\d\d?|\d{{1,2}} \d{{1,2}} {YEAR}|[0-3]\d[01]\d{YEAR}|"
    rf"\d{{1,2}}(?:\.|st|nd|rd|th)? ?(?:of )?{MONTH}\.?,? ?(?:{YEAR}|'?\d\d(?!\d))|{MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?,? ?{YEAR}|{YEAR})"
)
BORN = (
    r"(?:geb(?:oren(?:e[rn]?)?)?|geburts(?:datum|tag|jahr)|geb\.?-?(?:dat(?:um)?|tag)|born|birth(?:day|date)?|date of birth|"
    r"d\.?o\.?b|jahrgang|\*)"
)
BIRTHDAYS = (
    shape(
        BIRTHDAY,
        rf"(?<!\w){BORN}[\s.:,(=-]{{0,4}}(?:(?:am|ist|is|der|den|dem|on|the|in|im|war|was|jahr|of|lautet|mein|seit|year)[\s.:]{{1,2}}){{0,3}}"
        rf"(?P<hit>{DATE})(?!\w)",
    ),
)

ENDING = (
    "(?:stra(?:ß|ss)e|str(?:\\.|(?=[\\s\\d]))|weg|platz|allee|gasse|ufer|ring|damm|chaussee|steige?|stieg|pfad|berg|hof|markt|"
    "graben|wall|promenade|grund|feld|park|winkel|tal|höhe|siedlung|kamp|rain|brücke|tor|garten|kreuz|brunnen|wiese|anger)"
)
NO_STREET = re.compile(
    r".*(?:park|spiel|sport|arbeits|stell|bau|zelt|kita|studien|sitz|steh|lade|fest|fried|bahn|bau|wertstoff|recycling|schul|"
    r"umw|rad|fu(?:ß|ss)|geh|dienst|rechts|antrags|schul|heim|hin|rück|amts|post|online|instanzen|ausb?|hal[bt]e|not|ver|be|"
    r"einkaufs|super|arbeits|wohnungs|floh|weihnachts|bau|wochen|text|eingabe|pflicht|formular|such|daten|antwort|zu|der|um)"
    r"(?:platz|weg|hof|markt|feld|ring|berg|steig|garten|park|tor)\Z|(?:der |die |den |im |am |vom )?(?:weg|platz|park|ring|feld|markt|hof|berg|tal|garten|tor|kreuz|damm|"
    r"straße|strasse|str\.?|allee|wiese|brücke)\Z",
    re.I,
)
HOUSE = r"\d{1,3}(?: ?[a-hA-H](?![\w]))?(?: ?[-/+] ?\d{1,3} ?[a-h]?(?!\w))?(?![\w%€.:,-]*\d)(?!\.? ?(?:uhr|euro|€|%|prozent|tage?n?|wochen?|monate?n?|jahre?n?|stunden?|minuten?|min|mal|meter|km|m|personen|leute|bänke|bäume|autos|plätze|kinder|stück|mai|juni|juli|april|märz|januar|februar|august|september|oktober|november|dezember|times|days|weeks|hours|minutes|years|people)(?!\w))"
NUMBERED = rf"[\s,]{{0,2}}(?:(?:haus)?(?:nr|nummer|no)\.?[\s:]{{0,2}})?{HOUSE}"
TOWN = r"[A-ZÄÖÜ][a-zäöüß]{2,30}(?:[ -](?:a\. ?d\.|am|an der|ob der|im|in)? ?[A-ZÄÖÜ][a-zäöüß]{2,20})?(?: ?\([A-Za-zäöü]{2,12}\.?\))?"
CODE = r"(?:D ?- ?)?(?:0[1-9]|[1-9]\d)\d{3}"
AND_TOWN = rf"(?:[\s,]{{1,3}}(?:in[\s,])?{CODE}(?:[ \n]{TOWN})?)?"
BEFORE = r"(?:(?:am|an der|an den|an dem|im|in der|in den|auf dem|auf der|auf den|unter den|unter dem|zum|zur|zu den|hinter der|hinter dem|vor dem|vor der|bei der|beim|alte[rn]?|neue[rn]?|obere[rn]?|untere[rn]?|lange|kleine|große)\s)"


def _street(match: Match) -> bool:
    return not NO_STREET.match(match["street"])


NO_PLACE = re.compile(
    r"(?:(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|"
    r"dezember|schalter|zimmer|raum|räume|seiten?|punkt|schritte?|formular|antrag|anlage|linie|bus|gleis|haltestelle|jahre?|stock|fenster|feld|platz|tag|"
    r"tagen?|stunden?|minuten?|wochen?|monaten?|woche|kw|abschnitt|kapitel|absatz|artikel|paragraph|nummer|teil|stufe|zone|ziffer|bereich|"
    r"etage|stockwerk|ebene|gruppe|klasse|termin|ende|anfang|schnitt|durchschnitt|portal|frage|bild|version|buslinie|zeile|position|tor|"
    r"apparat|quartal|semester|internet|rathaus|amt|bürgerbüro|grundschule|halle|wert|note|alter|umkreis|wartezeit|container|kita|block|schulhaus)\Z",
    re.I,
)


def _place(match: Match) -> bool:
    return not NO_PLACE.match(match["street"].split()[-1])


COUNTED = re.compile(
    r"(?:euro|einwohner|menschen|bürger|unterschriften|kilometer|besucher|personen|wohnungen|haushalte|stimmen|fahrzeuge|autos|"
    r"studierende|mark|dollar|meter|tonnen|quadratmeter|anträge|kinder|schüler|klicks|aufrufe|stunden|liter|bäume|stück|uhr|leute|prozent)",
    re.I,
)


def _town(match: Match) -> bool:
    return not match["code"].endswith("00") and not COUNTED.match(match["town"])


EN_STREET = r"(?:street|st\.?|road|rd\.?|avenue|ave\.?|lane|ln\.?|drive|close|court|square|terrace|boulevard|blvd\.?|crescent|gardens|way|hill)"
ADDRESSES = (
    shape(
        ADDRESS,
        rf"(?<!\w)(?P<street>(?:stra(?:ß|ss)e|str\.|platz) (?:des|der|am|zum|zur|an der) \w{{3,25}}(?: \w{{3,25}})?){NUMBERED}{AND_TOWN}",
    ),
    shape(
        ADDRESS,
        rf"(?<!\w)(?:{BEFORE})?(?P<street>(?:[\w']{{1,30}}[ -]){{0,3}}[\w']{{0,30}}{ENDING}){NUMBERED}{AND_TOWN}",
        _street,
    ),
    shape(
        ADDRESS,
        rf"(?<!\w)(?i:{BEFORE})(?P<street>[A-ZÄÖÜ][\w-]{{2,30}}(?: [A-ZÄÖÜ][\w-]{{2,30}})?)(?i:{NUMBERED}){AND_TOWN}",
        _place,
        0,
    ),
    shape(
        ADDRESS,
        rf"(?<!\w)\d{{1,4}}[a-d]?,? (?:[A-Z][\w']{{1,20}} ){{1,3}}(?i:{EN_STREET})(?!\w)(?:,? {CODE} {TOWN})?",
        flags=0,
    ),
    shape(ADDRESS, rf"(?<![\w.,])(?P<code>{CODE})[ \n](?P<town>{TOWN})", _town, 0),
    shape(ADDRESS, r"(?<!\w)postfach[\s:]{1,2}\d[\d ]{2,9}\d"),
)
