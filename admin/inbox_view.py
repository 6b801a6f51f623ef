"""What the address of the inbox asks for: by what it is narrowed, in which order, which page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for
from werkzeug.exceptions import NotFound

from admin.access import may_see, store
from admin.i18n import day, t
from admin.labels import label
from admin.services import name_of, services_of, sites_of, towns
from admin.view import language_query
from tracker.calendar import day_number
from tracker.feedback import words
from tracker.feedback.feedback import CATEGORIES, FOUND, STATUSES
from tracker.store.accounts import Account, Accounts
from tracker.store.catalogue import Municipality
from tracker.store.inbox import ORDERS, Filter, owner_of

PER_PAGE = 50
NONE, ALL = "-", "all"  # NONE: of no service, assigned to nobody, not rated; ALL: spam, too
RATINGS = {"low": (1, 2), "high": (4, 5), NONE: (0, 0), **{str(stars): (stars, stars) for stars in range(1, 6)}}
_LONGEST = 200
_LARGEST = 10**9

Narrowing = Mapping[str, Any]  # fields of a Filter


def _day(name: str) -> Callable[[str], Narrowing]:
    def read(value: str) -> Narrowing:
        try:
            found = date.fromisoformat(value)
        except ValueError:
            return {}
        return {name: day_number(found)} if 2000 <= found.year < 9999 else {}

    return read


def _code(name: str, codes: tuple[str, ...]) -> Callable[[str], Narrowing]:
    return lambda value: {name: value} if value in codes else {}


def _rating(value: str) -> Narrowing:
    lowest, highest = RATINGS.get(value, (None, None))
    return {} if lowest is None else {"lowest": lowest, "highest": highest}


def _status(value: str) -> Narrowing:
    if value == ALL:
        return {"hidden": None}
    return {"status": value, "hidden": None} if value in STATUSES else {}


def _assigned(value: str) -> Narrowing:
    number = "0" if value == NONE else value
    return {"assigned": int(number)} if number.isascii() and number.isdecimal() and int(number) < _LARGEST else {}


def _search(value: str) -> Narrowing:
    found = words.query(value)
    return {"search": found} if found else {"numbers": ()}  # without a word nothing is found


# How each choice of the address narrows the list; {} where it makes no sense.
CHOICES: Mapping[str, Callable[[str], Narrowing]] = {
    "q": _search,
    "from": _day("since"),
    "to": _day("until"),
    "service": lambda value: {"service": "" if value == NONE else value},
    "site": lambda value: {"site": value},  # a host, which `view_of` looks up
    "category": _code("category", CATEGORIES),
    "rating": _rating,
    "found": _code("found", FOUND),
    "status": _status,
    "tag": lambda value: {"tag": value},
    "assigned": _assigned,
    "language": lambda value: {"language": "" if value == NONE else value},
    "text": lambda value: {"with_text": value == "with"} if value in ("with", "without") else {},
}


@dataclass(frozen=True, slots=True)
class InboxView:
    """What the address asks for. `choices` are those that make sense, `wanted` is what they come to."""

    town: Municipality
    choices: Mapping[str, str]
    wanted: Filter
    sort: str
    page: int

    def url(self, endpoint: str = "inbox.index", **changes: Any) -> str:
        """The address of a page with the same choices but for `changes`; None leaves one out."""
        query: dict[str, Any] = {**self.query(), **changes}
        return url_for(endpoint, **query)

    def without(self, name: str) -> str:
        """The address of the list without one of the choices."""
        query: dict[str, Any] = {**self.query(), name: None}
        return url_for("inbox.index", **query)

    def query(self) -> dict[str, str]:
        """The choices as query parameters; what is the default is left out."""
        query = {"municipality": self.town.ars, **self.choices}
        if self.sort != "newest":
            query["sort"] = self.sort
        return {**query, **language_query()}


def view_of(town: Municipality, args: Mapping[str, str]) -> InboxView:
    """Read the address; what makes no sense is left out."""
    asked = {name: args.get(name, "").strip()[:_LONGEST] for name in CHOICES}
    found = {name: narrowing for name, value in asked.items() if value and (narrowing := CHOICES[name](value))}
    if "site" in found:
        ids = {site.host: site.id for site in sites_of(town)}
        found["site"] = {"site": ids.get(asked["site"], 0)}
    fields = {name: value for narrowing in found.values() for name, value in narrowing.items()}
    sort, page = args.get("sort", ""), args.get("page", "")
    return InboxView(
        town,
        {name: asked[name] for name in found},
        Filter(**fields),
        sort if sort in ORDERS else "newest",
        max(1, int(page)) if page.isascii() and page.isdecimal() and len(page) < 7 else 1,
    )


def town_of_piece(number: int) -> Municipality:
    """The municipality of a piece of feedback; 404 when there is none, and just so when the account may not see it."""
    owner = owner_of(store().connection, number)
    for town in towns():
        if town.id == owner and may_see(town.id):
            return town
    raise NotFound


def people_of(town: Municipality) -> list[Account]:
    """Who may be given feedback of a municipality: its own accounts."""
    return [account for account in Accounts(store().connection).all() if account.municipality_id == town.id]


def names_of(town: Municipality) -> dict[str, str]:
    """The services of a municipality: slug to name."""
    return {service.slug: name_of(service) for service in services_of(town)}


def shown(view: InboxView, names: Mapping[str, str], people: Mapping[int, str]) -> list[dict[str, str]]:
    """The choices in words, each with the address of the list without it."""
    return [
        {
            "name": t(f"inbox.choice_{name}"),
            "text": _in_words(name, value, names, people),
            "url": view.without(name),
        }
        for name, value in view.choices.items()
    ]


def _in_words(name: str, value: str, names: Mapping[str, str], people: Mapping[int, str]) -> str:
    if name in ("from", "to"):
        return day(date.fromisoformat(value))
    if name == "assigned":
        return t("inbox.nobody") if value == NONE else people.get(int(value), value)
    if name == "service":
        return t("inbox.no_service") if value == NONE else names.get(value, value)
    if name == "language":
        return label("language", "" if value == NONE else value)
    if name in ("category", "rating", "found", "status", "text"):
        return t(f"inbox.{name}_{'none' if value == NONE else value}")
    return value
