"""What a transfer would hold: its entries, and what people should know about them."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

KINDS = STATISTICS, FEEDBACK = ("statistics", "feedback")
Entry = dict[str, Any]  # one item of a message
MASKED = re.compile(r":(email|iban|phone|file|token|id)\b")  # placeholders of tracker/masks.py
_SAFE = "/:;,@&=+$!*()~-._#"  # signs that an address may hold as they are (RFC 3986)

# Rule → sentence. admin/i18n says the same in each language, under sdg.note_….
RULES: Mapping[str, str] = {
    "none": "No service is marked as belonging to the Single Digital Gateway; the catalogue has a mark for it.",
    "running": "The month {period} is not over; the figures still grow.",
    "gone": "The month {period} is older than {months} months; its figures are deleted, so no file can be made.",
    "unknown": "Views of an unknown country that are left out, as no code for it is documented: {number}.",
    "unknown_as": "Views of an unknown country that are sent as {code}: {number}.",
    "masked": "Addresses with placeholders such as :id, as what stood there may be personal: {number}.",
    "no_rating": "Answers that are left out, as an item must have a rating: {number}.",
    "no_page": "Answers that are left out, as neither a page nor an address of the service is known: {number}.",
    "no_leika": "{service} has no LeiKa key. Answers that are therefore not in the file: {number}.",
    "no_service": "Answers that belong to no service and are not in the file: {number}.",
    "unknown_service": "{service} is not in the catalogue. Answers that are therefore not in the file: {number}.",
}


class Note(NamedTuple):
    """Something about the figures that people should know; `values` are those of its sentence."""

    rule: str
    values: Mapping[str, object]

    @property
    def sentence(self) -> str:
        """In English."""
        return RULES[self.rule].format_map(self.values)


class Draft(NamedTuple):
    """One month (202601) of one kind of transfer. `entries` in an order that tells nothing about who came when."""

    kind: str
    month: int
    entries: list[Entry]
    notes: list[Note]


def note(rule: str, **values: object) -> Note:
    """A note by the name of its rule."""
    return Note(rule, values)


def counted(rule: str, number: int, **values: object) -> list[Note]:
    """A note about a number of things, if there are any."""
    return [note(rule, number=number, **values)] if number else []


def url_of(host: str, page: str) -> str:
    """The address of a page as it is stored: a path on the site's own host, or one with another host before it."""
    address = host + page if page.startswith("/") else page
    return "https://" + quote(address, safe=_SAFE, errors="replace")
