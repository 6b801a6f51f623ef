"""A service as flat texts and back: the cells of a CSV file, the fields of a form, the options of a command.

What has parts is written in lines. Paths: one a line. Forms: short name | name | English name | end page. Steps: the
same with the form before the short name, such as hundesteuer/1 | Zahlung | Payment | optional. A backslash before a
bar or a backslash makes it plain text.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from tracker.services.paths import written
from tracker.services.rules import Problem, problem, problems
from tracker.services.service import TEXTS, Form, Service, Step, tidy

COLUMNS = (*TEXTS, "cost_per_month_cents", "channels", "sdg", "paths", "forms", "steps")
OPTIONAL, END_PAGE = "optional", "end page"
YES = "yes"
_YES_WORDS, _NO_WORDS = (YES, "ja", "true", "x", "1"), ("", "no", "nein", "false", "0")
_OPTIONAL_WORDS = (OPTIONAL, "freiwillig", "wahlweise")
_END_PAGE_WORDS = (END_PAGE, "endseite")
_PART = re.compile(r"(?:\\.|[^|\\])*\\?")
_ESCAPED = re.compile(r"\\([\\|])")


def to_fields(service: Service) -> dict[str, str]:
    """A tidied service as texts by column."""
    return {
        **{name: getattr(service, name) for name in TEXTS},
        "cost_per_month_cents": "" if service.cost_per_month_cents is None else str(service.cost_per_month_cents),
        "channels": ", ".join(service.channels),
        "sdg": YES if service.sdg else "",
        "paths": "\n".join(service.paths),
        "forms": "\n".join(form_line(form) for form in service.forms),
        "steps": "\n".join(f"{form.slug}/{step_line(step)}" for form in service.forms for step in form.steps),
    }


def from_fields(fields: Mapping[str, str]) -> tuple[Service, list[Problem]]:
    """The service in texts by column, as it is kept, and every rule it breaks; a missing column is empty."""
    found: list[Problem] = []
    forms = parse_forms(fields.get("forms", ""), found)
    service = Service(
        **{name: fields.get(name, "") for name in TEXTS},
        cost_per_month_cents=_cents(fields.get("cost_per_month_cents", ""), found),
        channels=tuple(re.split(r"[,;\s]+", fields.get("channels", ""))),
        paths=tuple(lines(fields.get("paths", ""))),
        forms=_with_steps(forms, fields.get("steps", ""), found),
        sdg=_flag("sdg", fields.get("sdg", ""), found),
    )
    kept = keep(service)
    return kept, [*found, *problems(kept)]


def keep(service: Service) -> Service:
    """A service as it is kept: tidied, its paths as they are written."""
    return tidy(replace(service, paths=tuple(written(path) for path in service.paths)))


def lines(text: str) -> list[str]:
    """The lines of a text that are not blank, trimmed."""
    return [line.strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if line.strip()]


def form_line(form: Form) -> str:
    """A form in one line, without its steps."""
    return _joined((form.slug, form.name, form.name_en, END_PAGE if form.end_page else ""))


def step_line(step: Step) -> str:
    """A step in one line."""
    return _joined((step.slug, step.name, step.name_en, OPTIONAL if step.optional else ""))


def parse_forms(text: str, found: list[Problem]) -> list[Form]:
    """The forms in lines; adds to `found` what breaks a rule."""
    rows = [_parted("forms", line, END_PAGE, _END_PAGE_WORDS, found) for line in lines(text)]
    return [Form(slug, name, name_en, flag) for slug, name, name_en, flag in rows]


def parse_steps(text: str, found: list[Problem]) -> tuple[Step, ...]:
    """The steps of one form in lines; adds to `found` what breaks a rule."""
    rows = [_parted("steps", line, OPTIONAL, _OPTIONAL_WORDS, found) for line in lines(text)]
    return tuple(Step(*row) for row in rows)


def _with_steps(forms: list[Form], text: str, found: list[Problem]) -> tuple[Form, ...]:
    steps: dict[str, list[str]] = {form.slug: [] for form in forms}
    for line in lines(text):
        form, slash, step = line.partition("/")
        if not slash or form.strip() not in steps:
            found.append(problem("steps", "step_form", value=line))
            continue
        steps[form.strip()].append(step)
    return tuple(replace(form, steps=parse_steps("\n".join(steps[form.slug]), found)) for form in forms)


def _parted(
    field: str, line: str, flag: str, words: tuple[str, ...], found: list[Problem]
) -> tuple[str, str, str, bool]:
    """Short name, name, English name and whether the flag is set."""
    parts = split_line(line)
    if len(parts) > 4:
        found.append(problem(field, "step_parts", value=line, flag=flag))
    slug, name, name_en, word = (*parts, "", "", "", "")[:4]
    if word and word.casefold() not in words:
        found.append(problem(field, "step_flag", value=line, flag=flag))
    return slug, name, name_en, bool(word)


def _joined(parts: tuple[str, ...]) -> str:
    used = max((place for place, part in enumerate(parts, 1) if part), default=0)
    return " | ".join(part.replace("\\", "\\\\").replace("|", "\\|") for part in parts[:used])


def split_line(line: str) -> list[str]:
    """The parts of a line between bars, trimmed."""
    parts, place = [], 0
    while place <= len(line):
        found = _PART.match(line, place)
        assert found is not None
        parts.append(_ESCAPED.sub(r"\1", found[0]).strip())
        place = found.end() + 1
    return parts


def _flag(field: str, text: str, found: list[Problem]) -> bool:
    word = text.strip().casefold()
    if word not in (*_YES_WORDS, *_NO_WORDS):
        found.append(problem(field, "flag", field=field, value=text.strip(), yes=YES))
    return word in _YES_WORDS


def _cents(text: str, found: list[Problem]) -> int | None:
    digits = text.strip()
    if not digits:
        return None
    if not re.fullmatch("[0-9]{1,18}", digits):
        found.append(problem("cost_per_month_cents", "cost", value=digits))
        return None
    return int(digits)
