"""Whether a message is as docs/sdg.md says: the JSON Schemas in tracker/data/sdg, and what they cannot say."""

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import msgspec
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from tracker.errors import ConfigError
from tracker.sdg.message import LIMIT, LISTS

MOST = 50  # faults that are told of a message
_LONGEST = 80  # characters of a value that a sentence quotes

# Rule → sentence. admin/i18n says the same in each language, under sdg.fault_….
RULES: Mapping[str, str] = {
    "json": "This is no readable JSON: {value}.",
    "size": "The message has {value} bytes; at most {expected} are allowed.",
    "count": "nbEntries is {value}, but there are {expected} entries.",
    "missing": "{value} is missing.",
    "unknown": "{value} is not allowed here.",
    "type": "{value} must be of the type {expected}.",
    "enum": "{value} must be one of {expected}.",
    "const": "{value} must be {expected}.",
    "number": "{value} must be {expected}.",
    "empty": "There must be at least one entry.",
    "country": "{value} is no country: two capital letters (ISO 3166-1), EL for Greece.",
    "url": "{value} is no address of a page.",
    "date": "{value} is no date; expected 2026-01-31T23:59:59Z or 2026-01-31 23:59:59.",
    "id": "{value} is no id of a transfer: 1 to 64 letters, digits and hyphens.",
    "other": "{value} is not as expected: {expected}.",
}
_BY_PATTERN = {
    "originatingCountry": "country", "sourceUrl": "url", "source": "url", "uniqueId": "id",
    "startDate": "date", "endDate": "date", "transferDate": "date",
}  # fmt: skip
_BY_KEYWORD = {"type": "type", "enum": "enum", "const": "const", "minItems": "empty"}


class Fault(NamedTuple):
    """What is wrong: `place` within the message, such as content[0].sources[3].source; and what its sentence tells."""

    place: str
    rule: str
    value: str
    expected: str = ""

    @property
    def sentence(self) -> str:
        """What is wrong and what is expected, in English."""
        return RULES[self.rule].format(value=self.value, expected=self.expected)


class FaultyError(ConfigError):
    """A message that is not as it must be; `faults` says where."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(" ".join(f"{fault.place}: {fault.sentence}" for fault in self.faults))


@cache
def _validator(kind: str) -> Draft202012Validator:
    text = files("tracker").joinpath("data", "sdg", f"{kind}.schema.json").read_text("utf-8")
    return Draft202012Validator(json.loads(text))


def faults(kind: str, content: bytes, limit: int = LIMIT) -> list[Fault]:
    """What is wrong with one message of a kind, the first 50 faults; 0.5 s for 1 MB."""
    found = [Fault("", "size", f"{len(content):,}", f"{limit:,}")] if len(content) > limit else []
    try:
        value = msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        return [*found, Fault("", "json", str(error))]
    for broken in _validator(kind).iter_errors(value):
        if len(found) >= MOST:
            break
        found += [fault for fault in _told(broken) if fault not in found]
    return found or list(_miscounted(kind, value))


def _told(error: ValidationError) -> Iterator[Fault]:
    keyword, place = str(error.validator), _written(error.absolute_path)
    name = next((part for part in reversed(error.absolute_path) if isinstance(part, str)), "")
    value, allowed = _quoted(error.instance), error.validator_value
    if keyword == "required":
        yield from (Fault(place, "missing", name) for name in allowed if name not in error.instance)
    elif keyword == "additionalProperties":
        known = error.schema.get("properties", {})
        yield from (Fault(place, "unknown", _quoted(name)) for name in error.instance if name not in known)
    elif keyword == "pattern" and name in _BY_PATTERN:
        yield Fault(place, _BY_PATTERN[name], value)
    elif keyword in ("minimum", "maximum"):
        yield Fault(place, "number", value, f"{'≥' if keyword == 'minimum' else '≤'} {allowed}")
    elif keyword in _BY_KEYWORD:
        expected = ", ".join(map(str, allowed)) if isinstance(allowed, list) else _quoted(allowed)
        yield Fault(place, _BY_KEYWORD[keyword], value, expected)
    else:
        yield Fault(place, "other", value, f"{keyword} {_quoted(allowed)}")


def _miscounted(kind: str, value: dict[str, Any]) -> Iterator[Fault]:
    """The numbers of entries that are wrong in a message that fits the schema."""
    for name, held in value.items():
        if name == "isSDG":
            continue
        transfers = held if isinstance(held, list) else [held]
        for place, transfer in enumerate(transfers):
            told, there = transfer["nbEntries"], len(transfer[LISTS[kind]])
            if told != there:
                where = f"{name}[{place}]" if isinstance(held, list) else name
                yield Fault(f"{where}.nbEntries", "count", str(told), str(there))


def _written(path: Iterable[str | int]) -> str:
    """A place as content[0].sources[3]."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def _quoted(value: object) -> str:
    text = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
