"""Numbers of papers and vehicles: insurances, identity cards, passports, number plates."""

from faker.providers.automotive.de_DE import Provider as Plates

from tracker.feedback.masking.accounts import IS, NO
from tracker.feedback.masking.rule import INSURANCE, PAPER, PLATE, Match, either, shape

INSURANCE_WORD = (
    rf"(?:(?:sozial|renten|kranken|pflege)?-?versicher(?:ungs?|ten){NO}|(?:sv|rv|kv)-?(?:nummer|nr)|"
    rf"(?:health |social )?insurance{NO}|krankenkasse{NO})"
)
INSURED = r"[a-z]?[ .]?\d(?:[ ./-]?\d){5,14}(?:[ .]?[a-z][ .]?\d{2,3})?"

PAPER_WORD = (
    r"(?:(?:(?:personal)?ausweis(?:es|s)?|perso|(?:reise|kinder)?pass|passport|aufenthaltstitel|führerschein|"
    rf"id[\s-]?card|(?:residence|driving) (?:permit|licen[cs]e))(?:{NO})?|serien{NO}|zugangs{NO}|eat)"
)
NAMED_PAPER = r"(?:[a-z](?:[ -]?\d){7,8}|(?:[a-z0-9][ -]?){8,10}(?<=[\da-z]))"
# Identity cards and passports use these letters only, so that no word arises (Annex 11 of the German card order).
SIGN = "[CFGHJKLMNPRTVWXYZ0-9]"
CARD = rf"[CFGHJKLMNPRTVWXYZ]{SIGN}{{2}} ?{SIGN} ?{SIGN}{{2}} ?{SIGN}{{3}} ?\d?D?"

CODES = frozenset(Plates.license_plate_prefix)
DISTRICT = "(?P<district>[A-ZÄÖÜ]{1,3})"
LETTERS_AND_NUMBER = r"(?P<letters>[A-Z]{1,2}) ?[-:.]? ?[1-9]\d{0,3} ?[EH]?(?!\w)"
PLATE_WORD = either(
    "kennz\\w{0,6}\\.?, nummernschild, plate, registration, fahrzeug, auto, wagen, pkw, kfz, car, vehicle, van, lkw"
)
ANY_PLATE = r"[A-ZÄÖÜ]{1,3}[ .:-]{0,3}[A-Z]{1,2}[ .:-]{0,2}\d{1,4} ?[EH]?"
MOPED = either("moped, roller, mofa, scooter, versicherungskennzeichen")


def _digits(match: Match) -> bool:
    """Three digits at least, so no word."""
    return sum(map(str.isdigit, match["hit"])) >= 3


def _plate(match: Match) -> bool:
    """A district of the register (Annex 1 of the German vehicle registration order), and not the paper size DIN A4."""
    return match["district"].upper() in CODES and (match["district"] + match["letters"]).upper() != "DINA"


PAPERS = (
    shape(INSURANCE, r"(?<!\w)\d{2}[ .-]?\d{2}[ .]?\d{2}[ .]?\d{2}[ .-]{0,2}[a-z][ .-]{0,2}\d{2}[ .]?\d(?!\w)"),
    shape(INSURANCE, r"(?<!\w)[a-z][ .-]?\d{3}[ .-]?\d{3}[ .-]?\d{3}(?!\w)"),
    shape(INSURANCE, rf"(?<!\w){INSURANCE_WORD}{IS}(?P<hit>{INSURED})(?!\w)"),
)
CARDS = (
    shape(PAPER, rf"(?<!\w){PAPER_WORD}{IS}(?P<hit>{NAMED_PAPER})(?!\w)", _digits),
    shape(PAPER, rf"(?<!\w)(?P<hit>{CARD})(?!\w)", _digits),
    shape(PAPER, r"(?<!\w)\d{9,10}D(?!\w)"),
)
PLATES = (
    shape(PLATE, rf"(?<![\w-]){DISTRICT}(?: ?[-:.] ?| {{1,2}}){LETTERS_AND_NUMBER}", _plate, 0),
    shape(PLATE, rf"(?<![\w-]){DISTRICT} ?- ?{LETTERS_AND_NUMBER}", _plate),
    shape(PLATE, rf"(?<!\w)(?i:{PLATE_WORD}{IS})(?P<hit>{ANY_PLATE})(?!\w)", flags=0),
    shape(PLATE, rf"(?<!\w)(?:kennz\w{{0,6}}|nummernschild|number plate){IS}(?P<hit>{ANY_PLATE})(?!\w)"),
    shape(PLATE, rf"(?<!\w){MOPED}\W{{1,3}}(?:\w{{2,12}}\W{{1,2}}){{0,2}}?(?P<hit>\d{{3}} ?[A-Z]{{3}})(?!\w)"),
)
