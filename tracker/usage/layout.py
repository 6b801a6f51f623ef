"""How the files of a connector are laid out: what each column means, and each value in it. Kept as JSON."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from tracker.codes import CODES
from tracker.errors import ConfigError
from tracker.usage.findings import Finding, UsageError

PERIODS = ("period", "from", "to", "year")
BREAKDOWNS = ("auth", "assurance", "payment", "payment_status")
KEYS = (*PERIODS, "service", "channel", *BREAKDOWNS)
MEASURES = ("started", "submitted", "abandoned", "ended_not_eligible", "ended_redirected", "error_system")
VALUED = ("service", "channel", *BREAKDOWNS)  # whose values may be mapped
COUNT = "count"  # a number that only its breakdowns are made of, as another system tells the attempts
COUNTED = (*MEASURES, COUNT)
SKIP = "-"  # what a value is mapped to if its lines are to be left out

# Options of a layout → what they may be; the first is the default.
OPTIONS: Mapping[str, tuple[str, ...]] = {
    "numbers": ("de", "en"),  # 1.234,5 or 1,234.5
    "grain": ("given", "month"),  # a date is a day, or counts for its month
    "each_line": ("", *COUNTED),  # every line is one attempt, of this measure
}
NUMBER_STYLES = {"de": "1.234,5", "en": "1,234.5"}
MOST_HEADER_ROWS = 3


class Number(NamedTuple):
    """What a column of numbers counts. `channel`, if not "", goes before that of the line; `code`: of a breakdown."""

    measure: str
    channel: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """`columns`: name of a column → role. `values`: role → text in the file → code, slug, or SKIP.

    A role is one of KEYS, a measure ("submitted"), COUNT, a measure on a channel ("submitted@in_person"), a code of a
    breakdown ("auth:muk"). `fixed`: "service" (a slug) or "channel" for the whole file. `fill_down`: a blank cell has
    the value of the one above.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    header_rows: int = 1
    sheet: str = ""
    numbers: str = "de"
    grain: str = "given"
    each_line: str = ""
    fill_down: bool = False

    def column(self, role: str) -> str:
        """The name of the first column with a role; "" if there is none."""
        return next((name for name, given in self.columns.items() if given == role), "")


def to_json(layout: Layout) -> str:
    """A layout as it is kept."""
    return msgspec.json.format(msgspec.json.encode(layout)).decode()


def from_json(text: str) -> Layout:
    """A layout from JSON; raises ConfigError when it is none, and UsageError with the rules that it breaks."""
    try:
        layout = msgspec.json.decode(text, type=Layout)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise ConfigError(f"This is no mapping of columns: {error}. docs/connectors.md shows one.") from error
    check(layout)
    return layout


def check(layout: Layout) -> None:
    """Raise UsageError with every rule that a layout breaks by itself."""
    found = list(problems(layout))
    if found:
        raise UsageError(*found)


def problems(layout: Layout) -> Iterator[Finding]:
    """The rules that a layout breaks, whatever the file."""
    roles = list(layout.columns.values())
    for role in dict.fromkeys(roles):
        yield from _role_problems(role)
        if role in KEYS and roles.count(role) > 1:
            yield Finding("role_twice", values={"value": role})
    for role, texts in layout.values.items():
        yield from _value_problems(role, texts)
    for role, code in layout.fixed.items():
        yield from _value_problems(role, {"": code} if role != "service" else {})
    for name, known in OPTIONS.items():
        if getattr(layout, name) not in known:
            yield _option(name, getattr(layout, name), known)
    if not 1 <= layout.header_rows <= MOST_HEADER_ROWS:
        yield _option("header_rows", layout.header_rows, [str(rows + 1) for rows in range(MOST_HEADER_ROWS)])
    yield from _missing(layout, set(roles))


def _missing(layout: Layout, roles: set[str]) -> Iterator[Finding]:
    if not layout.each_line and not any(number_of(role) for role in roles):
        yield Finding("no_number")
    if "service" not in roles and not layout.fixed.get("service"):
        yield Finding("no_service")
    if ("from" in roles) != ("to" in roles):
        yield Finding("half_range")
    if "year" in roles and "period" not in roles:
        yield Finding("year_alone")


def _role_problems(role: str) -> Iterator[Finding]:
    number = number_of(role)
    if role not in KEYS and number is None:
        yield Finding("role", values={"value": role})
    if number and number.channel:
        yield from _value_problems("channel", {"": number.channel})
    if number and number.code:
        yield from _value_problems(number.measure, {"": number.code})


def _value_problems(role: str, texts: Mapping[str, str]) -> Iterator[Finding]:
    if role not in VALUED:
        yield Finding("role", values={"value": role})
        return
    for code in texts.values():
        if role != "service" and code not in (*CODES[role], SKIP):
            yield Finding("code", values={"value": code, "list": role, "known": ", ".join(CODES[role])})


def _option(name: str, value: object, known: tuple[str, ...] | list[str]) -> Finding:
    return Finding("option", values={"name": name, "value": value, "known": ", ".join(one or "–" for one in known)})


def number_of(role: str) -> Number | None:
    """What a role counts; None for one that is not a number."""
    measure, at, channel = role.partition("@")
    if measure in COUNTED and (channel or not at):
        return Number(measure, channel)
    kind, colon, code = role.partition(":")
    if kind in BREAKDOWNS and colon and code:
        return Number(kind, "", code)
    return None


def normal(text: str) -> str:
    """What texts are compared by: in small letters, any blanks as one."""
    return " ".join(text.split()).casefold()


_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


@dataclass(frozen=True, slots=True)
class Connector:
    """A system that gives totals, by the name in addresses (a–z, digits, hyphens) and the title that people read."""

    name: str
    title: str
    layout: Layout


def check_connector(connector: Connector) -> None:
    """Raise ConfigError with the rule that a connector breaks."""
    if not _NAME.fullmatch(connector.name):
        raise ConfigError(
            f"The short name “{connector.name}” must have 1 to 60 lower-case letters a–z, digits and hyphens, no "
            "hyphen first."
        )
    if not 1 <= len(connector.title.strip()) <= 100:
        raise ConfigError("A connector needs a name of at most 100 characters.")
    check(connector.layout)
