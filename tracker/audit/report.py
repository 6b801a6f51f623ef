"""What an audit found, and how it is kept until the next."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from tracker.config import Config
from tracker.counters import read_json, write_json

FILE = "audit.json"
OK, WARNING, FAILURE = "ok", "warning", "failure"
GRADES = (OK, WARNING, FAILURE)
Value = str | int
Thing = TypeVar("Thing")
Progress = Callable[[float], None]


class Finding(msgspec.Struct, frozen=True):
    """What one check found. `reason` with `check` is the key of the sentence, which `values` fill in.

    `values` never hold what was found, only where and how much.
    """

    check: str
    grade: str
    reason: str
    values: Mapping[str, Value] = {}


class Report(msgspec.Struct, frozen=True):
    """The findings of one run; `time` in seconds since 1970, `seconds` how long it took, `full`: all was read."""

    time: float
    seconds: float
    full: bool
    findings: tuple[Finding, ...]

    @property
    def grade(self) -> str:
        """The worst of all."""
        return max((finding.grade for finding in self.findings), key=GRADES.index, default=OK)


@dataclass(frozen=True, slots=True)
class Scope:
    """How much is looked at: rows of a table, bytes of a file, files of a kind, releases; `full`: all of them."""

    rows: int = 400
    bytes: int = 128 * 1024
    files: int = 60
    releases: int = 40
    full: bool = False


EVERYTHING = Scope(10**9, 10**9, 10**9, 10**9, full=True)


def grade_of(findings: Sequence[Finding]) -> str:
    """The worst grade of some findings."""
    return max((finding.grade for finding in findings), key=GRADES.index, default=OK)


def save(config: Config, report: Report) -> None:
    """Keep a report as the last one."""
    write_json(config.data / FILE, msgspec.to_builtins(report))
    (config.data / FILE).chmod(0o600)


def last(config: Config) -> Report | None:
    """The last report; None if there is none, or one of another version."""
    found = read_json(config.data / FILE)
    try:
        return None if found is None else msgspec.convert(found, Report)
    except msgspec.ValidationError:
        return None


def choose(things: Sequence[Thing], most: int) -> list[Thing]:
    """At most so many of them, evenly spread, the first and the last among them."""
    if len(things) <= most:
        return list(things)
    step = (len(things) - 1) / max(most - 1, 1)
    return [things[round(place * step)] for place in range(most)]
