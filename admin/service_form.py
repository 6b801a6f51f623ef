"""The form of a service: its fields as they are shown and as they were sent, and the service that they tell."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from tracker.services.fields import keep, lines, parse_steps, step_line, to_fields
from tracker.services.rules import Problem, problem, problems
from tracker.services.service import TEXTS, Form, Service
from tracker.store.catalogue import Site

PARTS = ("slug", "name", "name_en", "steps", "end_page", "remove")  # of a form
MOST = 60  # forms in one request
_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_AMOUNT = re.compile(r"([0-9]{1,3}(?:([.,])[0-9]{3}(?:\2[0-9]{3}){0,2})|[0-9]{1,12})(?:(?!\2)[.,]([0-9]{1,2}))?")


@dataclass(frozen=True, slots=True)
class FormData:
    """The texts of the fields, the channels that are chosen, and the texts of each form's fields."""

    texts: dict[str, str]
    channels: tuple[str, ...]
    forms: tuple[dict[str, str], ...]

    @staticmethod
    def sent(values: MultiDict[str, str]) -> "FormData":
        """What a browser sent."""
        texts = {name: values.get(name, "") for name in (*TEXTS, "cost", "paths", "sdg")}
        rows = ({part: values.get(f"form-{place}-{part}", "") for part in PARTS} for place in range(MOST))
        used = [row for row in rows if any(row.values())]
        return FormData(texts, tuple(values.getlist("channels")), (*used, dict.fromkeys(PARTS, "")))


def blank() -> FormData:
    """The form of a new service."""
    return FormData(dict.fromkeys((*TEXTS, "cost", "paths", "sdg"), ""), ("web",), (dict.fromkeys(PARTS, ""),))


def shown(service: Service) -> FormData:
    """The form of a service as it is."""
    fields = to_fields(service)
    forms = tuple(
        {
            "slug": form.slug,
            "name": form.name,
            "name_en": form.name_en,
            "steps": "\n".join(step_line(step) for step in form.steps),
            "end_page": "on" if form.end_page else "",
            "remove": "",
        }
        for form in service.forms
    )
    texts = {**{name: fields[name] for name in TEXTS}, "paths": fields["paths"], "sdg": fields["sdg"]}
    texts["cost"] = euros(service)
    return FormData(texts, service.channels, (*forms, dict.fromkeys(PARTS, "")))


def euros(service: Service) -> str:
    """The cost per month as it is typed: 120,50."""
    cents = service.cost_per_month_cents
    return "" if cents is None else f"{cents // 100},{cents % 100:02d}"


def read(values: MultiDict[str, str], sites: Sequence[Site], slug: str = "") -> tuple[Service, list[Problem]]:
    """The service that was sent, and every rule it breaks by itself.

    Its slug is `slug` if given, else the one typed, else made of its name. A path without a host is on the site of a
    municipality that has only one.
    """
    data, found = FormData.sent(values), list[Problem]()
    texts = {name: data.texts[name] for name in TEXTS}
    texts["slug"] = slug or texts["slug"].strip() or slug_of(texts["name"])
    host = sites[0].host if len(sites) == 1 else ""
    forms = tuple(_form(row, found) for row in data.forms if not row["remove"] and any(row.values()))
    service = keep(
        Service(
            **texts,
            paths=tuple(host + line if line.startswith("/") else line for line in lines(data.texts["paths"])),
            forms=forms,
            channels=data.channels,
            cost_per_month_cents=cents(data.texts["cost"], found),
            sdg=bool(data.texts["sdg"]),
        )
    )
    broken = [rule for rule in problems(service) if service.name or rule.field != "slug" or service.slug]
    return service, [*found, *broken]


def _form(row: dict[str, str], found: list[Problem]) -> Form:
    slug = row["slug"].strip() or slug_of(row["name"])
    return Form(slug, row["name"], row["name_en"], bool(row["end_page"]), parse_steps(row["steps"], found))


def slug_of(name: str) -> str:
    """A short name made of a name: "Führungszeugnis" → "fuehrungszeugnis"."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower().translate(_LETTERS)).strip("-")[:60].strip("-")


def cents(text: str, found: list[Problem]) -> int | None:
    """An amount in euros as people type it, 1.234,50 € or 1,234.50, in cents; adds to `found` when it is none."""
    amount = "".join(text.replace("€", "").split())
    if not amount:
        return None
    parsed = _AMOUNT.fullmatch(amount)
    if parsed is None:
        found.append(problem("cost_per_month_cents", "cost", value=text.strip()))
        return None
    return int(re.sub("[.,]", "", parsed[1])) * 100 + int((parsed[3] or "").ljust(2, "0"))
