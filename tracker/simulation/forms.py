"""The forms of the simulated city: their steps, where people stop, what goes wrong, how they sign in and pay."""

from typing import NamedTuple

Shares = tuple[tuple[str, float], ...]  # code → share


class Slip(NamedTuple):
    """What people get wrong on a step: which field, the name of the error, and how often.

    What the browser finds is called “invalid”, as the snippet does; other names are those of the form's own checks.
    """

    field: str
    error: str
    chance: float


class Station(NamedTuple):
    """One step. `keeps`: chance to go on from it; `mobile`: the factor of that on a phone; `seconds`: half are faster.

    `taken`: chance that the step is needed at all; `ends`: chance that it finds somebody not entitled; `declared`:
    the catalogue knows of it.
    """

    slug: str
    name: str
    name_en: str
    keeps: float = 0.95
    seconds: int = 35
    mobile: float = 1.0
    slips: tuple[Slip, ...] = ()
    taken: float = 1.0
    ends: float = 0.0
    declared: bool = True


class Plan(NamedTuple):
    """One form. `payments` are chosen at the step ZAHLUNG, `auths` at the step ANMELDUNG, or known from the start."""

    slug: str
    name: str
    name_en: str
    stations: tuple[Station, ...]
    auths: Shares = (("none", 1),)
    payments: Shares = ()
    fails: float = 0.0  # chance that a payment at once is refused
    faults: float = 0.004  # chance on each step that the system breaks down
    end_page: bool = True


SIGN_IN, PAYMENT = "anmeldung", "zahlung"
AT_ONCE = ("credit_card", "paypal", "wero", "apple_pay", "google_pay")  # payments that succeed or fail on the spot
ASSURANCE = {
    "none": "none",
    "account_password": "basic",
    "bundid_basic": "basic",
    "bundid_elster": "substantial",
    "muk": "substantial",
    "bundid_eid": "high",
    "eid_direct": "high",
}

_CITIZENS = (("none", 46), ("account_password", 22), ("bundid_eid", 17), ("bundid_elster", 11), ("bundid_basic", 4))
_WITH_BUNDID = (("bundid_eid", 52), ("bundid_elster", 38), ("bundid_basic", 10))
_FIRMS = (("muk", 48), ("bundid_elster", 22), ("account_password", 22), ("none", 8))
_ONLINE_PAYMENTS = (("credit_card", 34), ("paypal", 36), ("wero", 6), ("google_pay", 9), ("apple_pay", 15))


def _sign_in(keeps: float = 0.93, mobile: float = 1.0) -> Station:
    return Station(SIGN_IN, "Anmeldung", "Sign-in", keeps, 25, mobile)


def _person(slug: str = "person", name: str = "Angaben zur Person", name_en: str = "About you") -> Station:
    slips = (Slip("plz", "invalid", 0.07), Slip("email", "invalid", 0.05))
    return Station(slug, name, name_en, 0.95, 70, 0.98, slips)


def _upload(keeps: float, mobile: float) -> Station:
    slips = (Slip("nachweis", "invalid", 0.14), Slip("nachweis", "too_large", 0.06))
    return Station("nachweise", "Nachweise hochladen", "Upload of documents", keeps, 110, mobile, slips)


def _payment(keeps: float) -> Station:
    return Station(PAYMENT, "Zahlung", "Payment", keeps, 50, 0.95, (Slip("iban", "invalid", 0.08),))


_CHECK = Station("pruefen", "Prüfen und absenden", "Check and send", 0.98, 30)

DOG_TAX = Plan(
    "hundesteuer", "Hundesteuer: Anmeldung", "Dog tax: registration",
    (
        _sign_in(),
        Station("halter", "Halterin oder Halter", "Owner", 0.94, 60, 0.98,
                (Slip("plz", "invalid", 0.09), Slip("name", "invalid", 0.04)), ends=0.02),
        Station("hund", "Hund", "Dog", 0.86, 75, 0.94,
                (Slip("chip", "invalid", 0.19), Slip("rasse", "invalid", 0.06))),
        _payment(0.95),
        _CHECK,
    ),
    _CITIZENS, (("sepa_direct_debit", 58), ("invoice", 22), ("credit_card", 20)), 0.05,
)  # fmt: skip

APPOINTMENT = Plan(
    "termin", "Termin im Stadtbüro", "Appointment at the citizens’ office",
    (
        Station("standort", "Standort", "Place", 0.92, 12),
        Station("zeit", "Zeit", "Time", 0.78, 40),
        Station("kontakt", "Kontakt", "Contact", 0.9, 45, 0.97, (Slip("email", "invalid", 0.06),)),
    ),
)  # fmt: skip

RENEWAL = Plan(  # fed by the form server
    "parkausweis-verlaengerung", "Bewohnerparkausweis verlängern", "Renewal of the resident’s parking permit",
    (
        _sign_in(0.96),
        Station("ausweis", "Ausweis", "Permit", 0.94, 40, 1.0,
                (Slip("ausweisnummer", "unknown_number", 0.12),), ends=0.03),
        Station("fahrzeug", "Fahrzeug", "Car", 0.96, 45, 1.0, (Slip("kennzeichen", "format", 0.08),)),
        _payment(0.92),
        _CHECK,
    ),
    _CITIZENS, (*_ONLINE_PAYMENTS, ("sepa_direct_debit", 40)), 0.06,
)  # fmt: skip

FORMS = {  # by the slug of the service
    "hundesteuer-anmelden": DOG_TAX,
    "termin-im-stadtbuero": APPOINTMENT,
    "bewohnerparkausweis-verlaengern": RENEWAL,
    "anwohnerparken": Plan(  # the costly loss: who came so far, is asked for a credit card, and goes
        "anwohnerparken", "Bewohnerparkausweis", "Resident’s parking permit",
        (
            _sign_in(0.95),
            _person(),
            Station("fahrzeug", "Fahrzeug", "Car", 0.96, 45, 1.0, (Slip("kennzeichen", "invalid", 0.11),)),
            _upload(0.94, 0.9),
            _payment(0.64),
            _CHECK,
        ),
        _CITIZENS, _ONLINE_PAYMENTS, 0.16,
    ),
    "zuschuss-beantragen": Plan(
        "zuschuss", "Zuschuss", "Grant",
        (
            _sign_in(0.9),
            Station("vorhaben", "Vorhaben", "Project", 0.9, 180, 0.9,
                    (Slip("betrag", "invalid", 0.07),), ends=0.06),
            _upload(0.86, 0.66),
            _CHECK,
        ),
        _CITIZENS,
    ),
    "geburtsurkunde": Plan(
        "urkunde", "Geburtsurkunde", "Birth certificate",
        (_person(), Station("urkunde", "Welche Urkunde", "Which certificate", 0.95, 50), _payment(0.9), _CHECK),
        (("none", 1),), (*_ONLINE_PAYMENTS, ("invoice", 30)), 0.06,
    ),
    "fuehrungszeugnis": Plan(
        "fuehrungszeugnis", "Führungszeugnis", "Certificate of conduct",
        (_sign_in(0.72, 0.86), _person(), _payment(0.93), _CHECK),
        (("eid_direct", 30), *_WITH_BUNDID), _ONLINE_PAYMENTS, 0.05,
    ),
    "wohnsitz-ummelden": Plan(
        "ummeldung", "Wohnsitz ummelden", "Change of address",
        (
            _sign_in(0.78, 0.9),
            Station("wohnung", "Neue Wohnung", "New home", 0.94, 60, 0.98, (Slip("einzug", "invalid", 0.08),)),
            Station("mitziehende", "Wer zieht mit", "Who moves along", 0.96, 40, taken=0.45),
            _upload(0.84, 0.72),
            _CHECK,
        ),
        _WITH_BUNDID, faults=0.012,
    ),
    "kita-platz": Plan(
        "kita", "Kita-Platz", "Place at a day nursery",
        (
            _sign_in(0.88),
            Station("kind", "Kind", "Child", 0.95, 60, 0.98, (Slip("geburtstag", "invalid", 0.05),), ends=0.02),
            Station("wunschkitas", "Wunschkitas", "Nurseries of choice", 0.88, 150, 0.93),
            Station("rueckfragen", "", "", 0.97, 40, taken=0.5, declared=False),  # added by the maker of the form
            _CHECK,
        ),
        _CITIZENS,
    ),
    "sperrmuell": Plan(
        "sperrmuell", "Sperrmüll", "Bulky waste",
        (Station("antrag", "Abholung", "Collection", 0.8, 80, 0.96, (Slip("strasse", "invalid", 0.08),)),),
    ),
    "gewerbe-anmelden": Plan(
        "gewerbe", "Gewerbeanmeldung", "Trade registration",
        (
            _sign_in(0.86),
            Station("betrieb", "Betrieb", "Business", 0.92, 140, 0.9, (Slip("taetigkeit", "invalid", 0.15),)),
            Station("vertretung", "Vertretung", "Representation", 0.95, 50, taken=0.3),
            _payment(0.93),
            _CHECK,
        ),
        _FIRMS, (("invoice", 50), ("sepa_direct_debit", 20), ("credit_card", 15), ("paypal", 15)), 0.04,
    ),
    "wohngeld": Plan(
        "wohngeld", "Wohngeld", "Housing benefit",
        (
            _sign_in(0.87),
            Station("haushalt", "Haushalt", "Household", 0.93, 120, 0.94),
            Station("einkommen", "Einkommen", "Income", 0.82, 200, 0.88,
                    (Slip("brutto", "invalid", 0.12),), ends=0.13),
            _upload(0.8, 0.58),
            _CHECK,
        ),
        _CITIZENS,
    ),
    "elternbeitrag": Plan(
        "elternbeitrag", "Elternbeitrag berechnen", "Calculate the parents’ contribution",
        (
            Station("kinder", "Kinder", "Children", 0.93, 30),
            Station("einkommen", "Einkommen", "Income", 0.85, 70, 0.93, (Slip("brutto", "invalid", 0.1),)),
            Station("ergebnis", "Ergebnis", "Result", 0.9, 45),
        ),
        end_page=False,
    ),
    "bibliotheksausweis": Plan(
        "bibliothek", "Bibliotheksausweis", "Library card",
        (_person(), _payment(0.9), _CHECK), (("none", 1),),
        (("on_site", 55), ("paypal", 25), ("credit_card", 20)), 0.03,
    ),
    "marktstand": Plan(
        "marktstand", "Marktstand", "Market stall",
        (_person("betrieb", "Betrieb", "Business"), _upload(0.88, 0.8), _CHECK), _FIRMS,
    ),
    "veranstaltung-anmelden": Plan(
        "veranstaltung", "Veranstaltung", "Event",
        (
            Station("veranstaltung", "Veranstaltung", "Event", 0.9, 160, 0.9, (Slip("datum", "invalid", 0.13),)),
            Station("flaeche", "Fläche", "Area", 0.9, 90, 0.86),
            _person("kontakt", "Kontakt", "Contact"),
            _CHECK,
        ),
    ),
    "meldebescheinigung": Plan(
        "meldebescheinigung", "Meldebescheinigung", "Certificate of residence",
        (_sign_in(0.83, 0.9), Station("zweck", "Zweck", "Purpose", 0.96, 25), _payment(0.9), _CHECK),
        _WITH_BUNDID, _ONLINE_PAYMENTS, 0.05,
    ),
}  # fmt: skip
