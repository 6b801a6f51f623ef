"""What other systems call the codes of our lists, in small letters, as met in practice. A new name is a new entry."""

from collections.abc import Mapping

from tracker.codes import CODES
from tracker.usage.layout import normal

_NAMES: Mapping[str, Mapping[str, str]] = {
    "channel": {
        "web": "online|onlinedienst|internet|portal|serviceportal|digital|webformular|website",
        "app": "mobil|smartphone-app",
        "assisted": "begleitet|mit hilfe|bürgerservice digital",
        "in_person": "persönlich|vor ort|schalter|bürgerbüro|stadtbüro|präsenz|in person",
        "phone": "telefon|telefonisch|115|hotline",
        "post": "brief|schriftlich|papier|postalisch|per post",
    },
    "auth": {
        "none": "ohne|keine|ohne anmeldung|ohne konto|gast|anonym|nicht angemeldet|keine anmeldung",
        "contact_verified": "e-mail|email|e-mail bestätigt|e-mail-bestätigung",
        "account_password": "benutzerkonto|nutzerkonto|servicekonto|benutzername/passwort|konto|passwort",
        "bundid_basic": "bundid basis|bundid basisregistrierung|bundid (basis)|bundid benutzername/passwort",
        "bundid_elster": "bundid elster|elster|elster-zertifikat|bundid (elster)",
        "bundid_eid": "bundid eid|bundid ausweis|bundid online-ausweis|bundid (eid)|bundid (online-ausweis)",
        "bundid_eu": "bundid eidas|eidas|bundid (eu)",
        "bundid_unspecified": "bundid|bund-id|bund id|nutzerkonto bund",
        "muk": "mein unternehmenskonto|unternehmenskonto|elster unternehmenskonto",
        "eid_direct": "eid|online-ausweis|online-ausweisfunktion|personalausweis|npa|neuer personalausweis",
        "eudi_wallet": "eudi|wallet|eudi-wallet",
    },
    "assurance": {
        "none": "keine|keins|ohne",
        "basic": "basis|basisregistrierung",
        "low": "niedrig|normal",
        "substantial": "substanziell|substantiell",
        "high": "hoch",
    },
    "payment": {
        "not_required": "keine|kostenfrei|kostenlos|gebührenfrei|ohne zahlung|nicht erforderlich",
        "invoice": "rechnung|auf rechnung|gebührenbescheid|bescheid",
        "prepayment_transfer": "überweisung|vorkasse|vorauskasse|banküberweisung",
        "sepa_direct_debit": "lastschrift|sepa|sepa-lastschrift|einzug|elv|bankeinzug",
        "credit_card": "kreditkarte|kreditkartenzahlung|kk|visa|mastercard|visa/mastercard|credit card",
        "paypal": "pay pal",
        "wero": "wero (epi)",
        "apple_pay": "applepay|apple pay",
        "google_pay": "googlepay|google pay",
        "giropay": "giro pay",
        "on_site": "bar|barzahlung|vor ort|kasse|ec-karte vor ort",
    },
    "payment_status": {
        "started": "begonnen|offen|initiiert|angelegt|ausstehend",
        "succeeded": "erfolgreich|bezahlt|abgeschlossen|ok|gebucht|erfolg",
        "failed": "fehlgeschlagen|fehler|fehlerhaft|abgelehnt",
        "cancelled": "abgebrochen|storniert|abbruch|abbruch durch nutzer",
    },
}

SYNONYMS: Mapping[str, Mapping[str, str]] = {
    role: {normal(name): code for code, names in codes.items() for name in names.split("|")}
    for role, codes in _NAMES.items()
}

# What columns are called → role; the first that a name contains, longer ones first.
COLUMN_NAMES: tuple[tuple[str, str], ...] = (
    ("zahlungsstatus", "payment_status"), ("bezahlstatus", "payment_status"), ("status der zahlung", "payment_status"),
    ("payment_status", "payment_status"), ("payment status", "payment_status"),
    ("vertrauensniveau", "assurance"), ("assurance", "assurance"),
    ("zahlart", "payment"), ("zahlungsart", "payment"), ("zahlungsweise", "payment"), ("zahlverfahren", "payment"),
    ("zahlungsmittel", "payment"), ("payment", "payment"),
    ("anmeldeart", "auth"), ("anmeldung mit", "auth"), ("authentifizierung", "auth"), ("anmeldeweg", "auth"),
    ("login", "auth"), ("sign-in", "auth"), ("auth", "auth"),
    ("kanal", "channel"), ("eingangskanal", "channel"), ("zugangsweg", "channel"), ("channel", "channel"),
    ("begonnen", "started"), ("gestartet", "started"), ("aufgerufen", "started"), ("started", "started"),
    ("abgebrochen", "abandoned"), ("abbrüche", "abandoned"), ("abbruch", "abandoned"), ("abandoned", "abandoned"),
    ("eingereicht", "submitted"), ("abgesendet", "submitted"), ("abgeschickt", "submitted"),
    ("abgeschlossen", "submitted"), ("eingegangen", "submitted"), ("submitted", "submitted"),
    ("anzahl", "submitted"), ("fälle", "submitted"), ("vorgänge", "submitted"), ("transaktionen", "submitted"),
    ("transactions", "submitted"), ("anträge", "submitted"),
    ("leika", "service"), ("leistung", "service"), ("online-dienst", "service"), ("onlinedienst", "service"),
    ("dienst", "service"), ("verfahren", "service"), ("antragsart", "service"), ("service", "service"),
    ("verwendungszweck", "service"), ("prozess", "service"), ("formular", "service"),
    ("anmeldung", "auth"), ("jahr", "year"), ("year", "year"),
    ("zeitraum von", "from"), ("zeitraum bis", "to"), ("datum von", "from"), ("datum bis", "to"),
    ("monat", "period"), ("zeitraum", "period"), ("datum", "period"), ("tag", "period"), ("period", "period"),
    ("month", "period"), ("date", "period"), ("day", "period"),
)  # fmt: skip
EXACT_COLUMN_NAMES: Mapping[str, str] = {"von": "from", "bis": "to", "from": "from", "to": "to"}


def code_of(role: str, text: str) -> str:
    """The code that a text means, as it is or by another name; "" if none is known."""
    wanted = normal(text)
    if wanted in CODES[role]:
        return wanted
    return SYNONYMS[role].get(wanted, "")
