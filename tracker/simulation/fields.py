"""What the form “Hundesteuer anmelden” asks for, and what it accepts. Nothing of it is kept."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from tracker.simulation.forms import DOG_TAX

Choices = tuple[tuple[str, str], ...]  # value, label


class Field(NamedTuple):
    """One question. `kind`: text, email, date, radio or check; `pattern`: what a text must look like, as in HTML."""

    name: str
    label: str
    kind: str = "text"
    required: bool = True
    pattern: str = ""
    hint: str = ""
    choices: Choices = ()


class Mistake(NamedTuple):
    """What the server finds wrong with an answer: the field, the name of the error, and what to do."""

    field: str
    error: str
    advice: str


ACCOUNT, PAYMENT, LIVES_HERE = "konto", "zahlungsart", "wohnort"
REFUSED = "credit_card_refused"  # a credit card that the simulated bank refuses
PAID = "credit_card"
NO = "nein"

DOG_TAX_FIELDS: Mapping[str, tuple[Field, ...]] = {  # by step
    "anmeldung": (
        Field(ACCOUNT, "Wie möchten Sie sich anmelden?", "radio", choices=(
            ("none", "Ohne Anmeldung"),
            ("account_password", "Mit Benutzername und Passwort"),
            ("bundid_eid", "BundID mit Online-Ausweis"),
            ("bundid_elster", "BundID mit ELSTER-Zertifikat"),
        )),
    ),
    "halter": (
        Field("name", "Name", hint="Erfinden Sie einen."),
        Field("plz", "Postleitzahl", pattern="[0-9]{5}", hint="Fünf Ziffern"),
        Field("email", "E-Mail-Adresse", "email", required=False, hint="Freiwillig"),
        Field(LIVES_HERE, "Wohnen Sie in Marburg?", "radio", choices=(("ja", "Ja"), (NO, "Nein"))),
    ),
    "hund": (
        Field("rufname", "Rufname des Hundes"),
        Field("chip", "Nummer des Chips", pattern="[0-9]{15}", hint="15 Ziffern"),
        Field("seit", "Im Haushalt seit", "date", hint="Einen Tag in der Zukunft findet erst der Server."),
    ),
    "zahlung": (
        Field(PAYMENT, "Wie möchten Sie zahlen?", "radio", choices=(
            ("sepa_direct_debit", "SEPA-Lastschrift"),
            ("invoice", "Rechnung"),
            (PAID, "Kreditkarte"),
            (REFUSED, "Kreditkarte, die abgelehnt wird"),
        )),
    ),
    "pruefen": (Field("richtig", "Die Angaben sind richtig.", "check"),),
}  # fmt: skip


def fields_of(form: str, step: str) -> tuple[Field, ...]:
    """What a step asks for; in all forms but one there is nothing to fill in."""
    return DOG_TAX_FIELDS.get(step, ()) if form == DOG_TAX.slug else ()


def mistakes(fields: Iterable[Field], given: Mapping[str, str], today: date) -> list[Mistake]:
    """What is wrong with the answers to some fields, in their order."""
    found = ((field, _error(field, given.get(field.name, "").strip(), today)) for field in fields)
    return [Mistake(field.name, error, _advice(field, error)) for field, error in found if error]


def _error(field: Field, answer: str, today: date) -> str:
    """The name of the error; "" if there is none."""
    if not answer:
        return "missing" if field.required else ""
    if field.pattern and not re.fullmatch(field.pattern, answer):
        return "format"
    if field.kind == "email" and "@" not in answer:
        return "format"
    if field.choices and answer not in dict(field.choices):
        return "unknown"
    if field.kind == "date":
        return _date_error(answer, today)
    return ""


def _date_error(answer: str, today: date) -> str:
    try:
        return "in_future" if date.fromisoformat(answer) > today else ""
    except ValueError:
        return "unknown"


def _advice(field: Field, error: str) -> str:
    if error == "missing":
        return f"„{field.label}“ fehlt."
    return f"„{field.label}“ liegt in der Zukunft." if error == "in_future" else f"„{field.label}“ stimmt so nicht."
