"""What is missing or suspicious in a catalogue, beside what was counted. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tracker.services.overlap import overlaps
from tracker.services.service import Form, Service
from tracker.store.catalogue import Site

DAYS = 30  # that are looked at
SERIOUS, WRONG, HINT = "danger", "warning", "info"


class Kind(NamedTuple):
    """A kind of finding: how bad it is, and the field of the service where it is mended; "": the first item."""

    level: str
    field: str


KINDS: Mapping[str, Kind] = {
    "nothing_counted": Kind(SERIOUS, "paths"),
    "host_unknown": Kind(SERIOUS, "paths"),
    "paths_shared": Kind(WRONG, "paths"),
    "silent": Kind(WRONG, "paths"),
    "leika_missing": Kind(WRONG, "leika"),
    "leika_malformed": Kind(WRONG, "leika"),
    "form_silent": Kind(WRONG, "forms"),
    "steps_undeclared": Kind(WRONG, "forms"),
    "steps_unseen": Kind(WRONG, "forms"),
    "no_end_page": Kind(WRONG, "forms"),
    "end_unseen": Kind(WRONG, "forms"),
    "steps_missing": Kind(HINT, "forms"),
    "incomplete": Kind(HINT, ""),
}
DESIRABLE = ("name_en", "description", "description_en", "category", "department", "contact")


@dataclass(frozen=True, slots=True)
class Seen:
    """What was counted in the last DAYS days: services with any beacon, forms, their steps, forms with an outcome."""

    services: Collection[str] = frozenset()
    forms: Collection[str] = frozenset()
    steps: Mapping[str, Collection[str]] = field(default_factory=dict)
    ended: Collection[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Flag:
    """Something to mend. `form` is the short name of the form it concerns, or ""; `items` are what the text names."""

    kind: str
    form: str = ""
    items: tuple[str, ...] = ()

    @property
    def level(self) -> str:
        """How bad it is: SERIOUS, WRONG or HINT."""
        return KINDS[self.kind].level

    @property
    def field(self) -> str:
        """The field of the service where it is mended."""
        return KINDS[self.kind].field or self.items[0]


def flags(services: Sequence[Service], sites: Sequence[Site], seen: Seen) -> dict[str, list[Flag]]:
    """By the slug of each service what is to be mended, the worst first; services without a flag have an empty list."""
    shared = _shared(services)
    found: dict[str, list[Flag]] = {}
    for service in services:
        own = [*_paths(service, sites, shared[service.slug]), *_leika(service.leika), *_use(service, seen)]
        own += [flag for form in service.forms for flag in _form(form, seen)]
        if missing := tuple(name for name in DESIRABLE if not getattr(service, name)):
            own.append(Flag("incomplete", items=missing))
        found[service.slug] = sorted(own, key=lambda flag: list(KINDS).index(flag.kind))
    return found


def unknown_forms(services: Iterable[Service], seen: Seen) -> list[str]:
    """The forms that messages came from, but that no service declares."""
    declared = {form.slug for service in services for form in service.forms}
    return sorted(set(seen.forms) - declared)


def _paths(service: Service, sites: Sequence[Site], shared: tuple[str, ...]) -> Iterator[Flag]:
    hosts = dict.fromkeys(path.partition("/")[0] for path in service.paths)
    unknown = tuple(host for host in hosts if not any(site.owns(host) for site in sites))
    if not service.paths and not service.forms:
        yield Flag("nothing_counted")
    if unknown:
        yield Flag("host_unknown", items=unknown)
    if shared:
        yield Flag("paths_shared", items=shared)


def _shared(services: Sequence[Service]) -> dict[str, tuple[str, ...]]:
    """By slug the other services that claim one of its pages, each with the path that does."""
    found: dict[str, dict[str, None]] = {service.slug: {} for service in services}
    claims = [(path, service.slug) for service in services for path in service.paths]
    for one, other in overlaps([path for path, _ in claims]):
        (path, slug), (other_path, other_slug) = claims[one], claims[other]
        if slug != other_slug:
            found[slug][f"{other_slug} ({other_path})"] = None
            found[other_slug][f"{slug} ({path})"] = None
    return {slug: tuple(sorted(others)) for slug, others in found.items()}


def _leika(key: str) -> Iterator[Flag]:
    if not key:
        yield Flag("leika_missing")
    elif len(key) != 14 or not key.isdecimal() or len(set(key)) == 1 or key in "01234567890123456789":
        yield Flag("leika_malformed", items=(key,))


def _use(service: Service, seen: Seen) -> Iterator[Flag]:
    can_be_seen = service.paths or service.forms
    if can_be_seen and service.slug not in seen.services and not any(form.slug in seen.forms for form in service.forms):
        yield Flag("silent")


def _form(form: Form, seen: Seen) -> Iterator[Flag]:
    declared = [step.slug for step in form.steps]
    came = seen.steps.get(form.slug, frozenset())
    if undeclared := tuple(sorted(set(came) - set(declared))):
        yield Flag("steps_undeclared", form.slug, undeclared)
    elif not declared:
        yield Flag("steps_missing", form.slug)
    if form.slug not in seen.forms:
        yield Flag("form_silent", form.slug)
    elif unseen := tuple(slug for slug in declared if slug not in came):
        yield Flag("steps_unseen", form.slug, unseen)
    if not form.end_page:
        yield Flag("no_end_page", form.slug)
    elif form.slug in seen.forms and form.slug not in seen.ended:
        yield Flag("end_unseen", form.slug)
