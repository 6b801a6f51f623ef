"""The rules of the catalogue: what a service must fulfil, and the sentence that says which rule it breaks."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from tracker.address import clean_text
from tracker.errors import ConfigError
from tracker.services.paths import MOST_STARS, path_rule, stored
from tracker.services.service import CHANNELS, LINES, TEXTS, Form, Service, Step

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
FORM_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")  # form servers choose it, so more is allowed
_LEIKA = re.compile(r"[0-9]{14}")
_ROUNDED = re.compile(r"[0-9][.,][0-9]+E\+?[0-9]+", re.IGNORECASE)
_CONTROLS = ("Cc", "Cs")  # of Unicode: control characters, and halves of characters
MOST_SERVICES, MOST_PATHS, MOST_FORMS, MOST_STEPS = 1000, 50, 50, 60
DEAREST = 10**11  # euro cents a month

LONGEST: Mapping[str, int] = {
    "name": 200,
    "name_en": 200,
    "description": 2000,
    "description_en": 2000,
    "ozg": 40,
    "category": 100,
    "department": 200,
    "contact": 300,
}

# Rule → sentence. admin/i18n says the same in each language, under services.rule_….
RULES: Mapping[str, str] = {
    "slug": "The short name “{value}” must have 1 to 60 lower-case letters a–z, digits and hyphens, no hyphen first.",
    "slug_twice": "The short name “{value}” occurs twice.",
    "slug_exists": "There is already a service “{value}”.",
    "name": "A service needs a name.",
    "longest": "The field {field} has at most {limit} characters; these are {count}.",
    "control": "The field {field} contains a control character.",
    "leika": "The LeiKa key “{value}” must have 14 digits.",
    "leika_rounded": "A spreadsheet rounded the LeiKa key to “{value}”. It must have 14 digits; make the column text.",
    "channel": "“{value}” is no channel; expected {known}.",
    "cost": "The cost per month “{value}” must be an amount of 0 or more; in files, whole euro cents.",
    "flag": "The field {field} must be “{yes}” or empty, not “{value}”.",
    "path_host": "The path “{value}” must begin with the host name of a site, such as www.marburg.de/leistungen/**.",
    "path_query": "The path “{value}” contains “?”: what follows it is never stored and cannot be told apart.",
    "path_stars": "In the path “{value}”, ** must stand alone between two slashes; inside a name use a single *.",
    "path_wildcards": "The path “{value}” has more than {limit} stars.",
    "path_masked": "The path “{value}” is stored as “{stored}”, as it may be personal. Put * where the two differ.",
    "path_long": "The path “{value}” is longer than 500 characters.",
    "services_many": "A municipality has at most {limit} services.",
    "paths_many": "A service has at most {limit} paths.",
    "forms_many": "A service has at most {limit} forms.",
    "form_slug": "The short name “{value}” of a form must have 1 to 80 of a–z, A–Z, 0–9, hyphen, dot, underscore.",
    "form_twice": "The form “{value}” occurs twice.",
    "form_taken": "The form “{value}” belongs to the service “{service}” already; a message names only the form.",
    "form_masked": "The short name “{value}” is counted as “{stored}”, as it may be personal. Choose another one.",
    "steps_many": "The form “{form}” has more than {limit} steps.",
    "step_slug": "A step of the form “{form}” needs a short name of at most 80 characters.",
    "step_twice": "The step “{value}” occurs twice in the form “{form}”.",
    "step_parts": "The line “{value}” must have at most four parts: short name | name | English name | {flag}.",
    "step_flag": "In the line “{value}”, the fourth part must be “{flag}” or empty.",
    "step_form": "The line “{value}” of the steps must begin with the form it belongs to, such as hundesteuer/1.",
    "csv": "This is no readable CSV: {detail}.",
    "csv_empty": "The file is empty.",
    "csv_column": "The column “{value}” is unknown; expected {known}.",
    "csv_column_twice": "The column “{value}” occurs twice.",
    "csv_no_slug": "The column slug is missing. The first line must name the columns: {known}.",
    "csv_cells": "The line has {count} cells, but there are {limit} columns.",
    "json": "This is no readable JSON: {detail}.",
    "json_list": "The file must hold a list of services, or an object with such a list under “services”.",
    "json_key": "The key “{value}” is unknown; expected {known}.",
    "json_value": "A value is not as expected: {detail}.",
    "encoding": "The file is neither UTF-8 nor Windows-1252 text.",
}


class Problem(NamedTuple):
    """A rule that is broken: where, which, and what its sentence tells."""

    field: str
    rule: str
    values: Mapping[str, object]

    @property
    def sentence(self) -> str:
        """What is wrong and what is expected, in English."""
        return RULES[self.rule].format_map(self.values)


class ServiceError(ConfigError):
    """A service breaks rules; `problems` says which."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(problem.sentence for problem in self.problems))


def problem(field: str, rule: str, /, **values: object) -> Problem:
    """A broken rule."""
    return Problem(field, rule, values)


def check_leika(key: str) -> str:
    """A LeiKa key without blanks; raises ServiceError when it has not 14 digits."""
    digits = "".join(key.split())
    if broken := list(_leika(digits)):
        raise ServiceError(broken)
    return digits


def problems(service: Service) -> list[Problem]:
    """The rules that a tidied service breaks by itself, in the order of its fields."""
    found: list[Problem] = []
    if not SLUG.fullmatch(service.slug):
        found.append(problem("slug", "slug", value=service.slug))
    if not service.name:
        found.append(problem("name", "name"))
    found += _texts(service)
    if service.leika:
        found += _leika(service.leika)
    known = ", ".join(CHANNELS)
    found += [
        problem("channels", "channel", value=code, known=known) for code in service.channels if code not in CHANNELS
    ]
    if service.cost_per_month_cents is not None and not 0 <= service.cost_per_month_cents <= DEAREST:
        found.append(problem("cost_per_month_cents", "cost", value=service.cost_per_month_cents))
    return [*found, *_paths(service.paths), *_forms(service.forms)]


def conflicts(services: Iterable[Service]) -> list[tuple[str, Problem]]:
    """Rules that services of one municipality break together: each short name once, each form in one of them.

    With each rule comes the slug of the later one of the services.
    """
    found: list[tuple[str, Problem]] = []
    slugs: set[str] = set()
    owners: dict[str, str] = {}
    for service in services:
        if service.slug in slugs:
            found.append((service.slug, problem("slug", "slug_twice", value=service.slug)))
        slugs.add(service.slug)
        for form in service.forms:
            owner = owners.setdefault(form.slug, service.slug)
            if owner != service.slug:
                found.append((service.slug, problem("forms", "form_taken", value=form.slug, service=owner)))
        if len(slugs) == MOST_SERVICES + 1:
            found.append((service.slug, problem("slug", "services_many", limit=MOST_SERVICES)))
    return found


def _texts(service: Service) -> Iterator[Problem]:
    for name in TEXTS:
        text = getattr(service, name)
        if len(text) > LONGEST.get(name, len(text)):
            yield problem(name, "longest", field=name, limit=LONGEST[name], count=len(text))
        if _has_control(text, name in LINES):
            yield problem(name, "control", field=name)


def _has_control(text: str, lines: bool = False) -> bool:
    return any(unicodedata.category(sign) in _CONTROLS and not (lines and sign in "\n\t") for sign in text)


def _leika(key: str) -> Iterator[Problem]:
    if _LEIKA.fullmatch(key):
        return
    yield problem("leika", "leika_rounded" if _ROUNDED.fullmatch(key) else "leika", value=key)


def _paths(paths: tuple[str, ...]) -> Iterator[Problem]:
    if len(paths) > MOST_PATHS:
        yield problem("paths", "paths_many", limit=MOST_PATHS)
    for path in paths:
        if _has_control(path):
            yield problem("paths", "control", field="paths")
        elif rule := path_rule(path):
            yield problem("paths", rule, value=path, limit=MOST_STARS, stored=stored(path))


def _forms(forms: tuple[Form, ...]) -> Iterator[Problem]:
    if len(forms) > MOST_FORMS:
        yield problem("forms", "forms_many", limit=MOST_FORMS)
    for place, form in enumerate(forms):
        if not FORM_SLUG.fullmatch(form.slug):
            yield problem("forms", "form_slug", value=form.slug)
        elif clean_text(form.slug) != form.slug:
            yield problem("forms", "form_masked", value=form.slug, stored=clean_text(form.slug))
        if form.slug in (other.slug for other in forms[:place]):
            yield problem("forms", "form_twice", value=form.slug)
        yield from _names("forms", form)
        yield from _steps(form)


def _steps(form: Form) -> Iterator[Problem]:
    if len(form.steps) > MOST_STEPS:
        yield problem("steps", "steps_many", form=form.slug, limit=MOST_STEPS)
    for place, step in enumerate(form.steps):
        if not 1 <= len(step.slug) <= 80 or _has_control(step.slug):
            yield problem("steps", "step_slug", form=form.slug)
        elif clean_text(step.slug) != step.slug:
            yield problem("steps", "form_masked", value=step.slug, stored=clean_text(step.slug))
        if step.slug in (other.slug for other in form.steps[:place]):
            yield problem("steps", "step_twice", value=step.slug, form=form.slug)
        yield from _names("steps", step)


def _names(field: str, named: Form | Step) -> Iterator[Problem]:
    for name in (named.name, named.name_en):
        if len(name) > LONGEST["name"]:
            yield problem(field, "longest", field=field, limit=LONGEST["name"], count=len(name))
        if _has_control(name):
            yield problem(field, "control", field=field)
