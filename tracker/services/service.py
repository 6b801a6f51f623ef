"""A service, its forms and their steps, as values; and what is tidied before they are checked."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

CHANNELS = ("web", "app", "assisted", "in_person", "phone", "post")


@dataclass(frozen=True, slots=True)
class Step:
    """One station of a form. `slug` is what the beacon sends, often "1", "2", …"""

    slug: str
    name: str = ""
    name_en: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """One form. `slug` is what the beacon sends; `end_page`: a page at its end reports the outcome."""

    slug: str
    name: str = ""
    name_en: str = ""
    end_page: bool = False
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """One online service of a municipality. Texts without suffix are German; "" means not given.

    `leika` has 14 digits; `paths` are host and pattern in one, such as www.marburg.de/leistungen/hundesteuer/**;
    `channels` are codes of CHANNELS; `cost_per_month_cents` is in euro cents, None where nobody knows it; `sdg`: its
    pages belong to the Single Digital Gateway.
    """

    slug: str
    name: str
    name_en: str = ""
    description: str = ""
    description_en: str = ""
    leika: str = ""
    ozg: str = ""
    category: str = ""
    department: str = ""
    contact: str = ""
    paths: tuple[str, ...] = ()
    forms: tuple[Form, ...] = ()
    channels: tuple[str, ...] = ()
    cost_per_month_cents: int | None = None
    sdg: bool = False


LINES = ("description", "description_en")  # texts of several lines
TEXTS = ("slug", "name", "name_en", *LINES, "leika", "ozg", "category", "department", "contact")


def tidy(service: Service) -> Service:
    """The service with texts trimmed, the LeiKa key without blanks, nothing named twice, channels in their order."""
    texts = {name: (_lines if name in LINES else _line)(getattr(service, name)) for name in TEXTS}
    channels = {_line(channel).lower() for channel in service.channels} - {""}
    known = [channel for channel in CHANNELS if channel in channels]
    return Service(
        **{**texts, "leika": "".join(texts["leika"].split())},
        paths=_once(_line(path) for path in service.paths),
        forms=tuple(_tidy_form(form) for form in service.forms),
        channels=(*known, *sorted(channels - set(known))),
        cost_per_month_cents=service.cost_per_month_cents,
        sdg=service.sdg,
    )


def _tidy_form(form: Form) -> Form:
    steps = tuple(
        replace(step, slug=_line(step.slug), name=_line(step.name), name_en=_line(step.name_en)) for step in form.steps
    )
    return replace(form, slug=_line(form.slug), name=_line(form.name), name_en=_line(form.name_en), steps=steps)


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _line(text: str) -> str:
    return _lines(text).replace("\n", " ").replace("\t", " ").strip()


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
