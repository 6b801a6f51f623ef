"""The sentences of the simulated city's feedback, out of tracker/data/simulated_feedback.toml, and how they vary."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any, NamedTuple

LOW, MIDDLE, HIGH = "low", "middle", "high"
_CHOICE = re.compile(r"\{([^{}]*)\}")  # the innermost first
Texts = Mapping[str, Sequence[str]]  # mood → sentences


class Problem(NamedTuple):
    """What many complain about. `share` of what is said, in each year from `since` to before `until` (month, day)."""

    about: str
    share: float
    ratings: tuple[int, ...]
    moments: tuple[str, ...]
    texts: tuple[str, ...]
    since: tuple[int, int] | None
    until: tuple[int, int] | None

    def holds(self, day: date) -> bool:
        """Whether it was one on a day."""
        if self.since is None or self.until is None:
            return True
        now = (day.month, day.day)
        if self.since < self.until:
            return self.since <= now < self.until
        return now >= self.since or now < self.until


class Profile(NamedTuple):
    """What is said about one service or page. `ratings`: the weights of 1 to 5; `weight`: of a page among others."""

    ratings: tuple[int, ...]
    texts: Texts
    problems: tuple[Problem, ...]
    weight: float


class PublicAnswer(NamedTuple):
    """An answer that everyone reads, from a day (month, day) of each year on; `release`: in a citizen's words."""

    day: tuple[int, int]
    service: str
    about: str
    title: str
    said: str
    did: str
    release: bool = False


class Voices(NamedTuple):
    """All sentences. Services by their slugs, pages by their paths, languages by their codes."""

    words: Mapping[str, Sequence[str]]
    services: Mapping[str, Profile]
    pages: Mapping[str, Profile]
    languages: Mapping[str, Texts]
    before: Texts
    after: Texts
    any: Texts
    office: Texts
    personal: Texts
    spam: Sequence[str]
    small: frozenset[str]  # words with which a sentence goes on after a comma
    answers: tuple[PublicAnswer, ...]

    def say(self, template: str, chance: Random) -> str:
        """A sentence out of a template, its choices made by lot."""
        while found := _CHOICE.search(template):
            inner = found[1]
            chosen = chance.choice(inner.split("|") if "|" in inner else self.words[inner])
            template = template[: found.start()] + chosen + template[found.end() :]
        return template[:1].upper() + template[1:]


@cache
def voices() -> Voices:
    """The sentences as they are written down."""
    read = tomllib.loads(files("tracker").joinpath("data", "simulated_feedback.toml").read_text("utf-8"))
    return Voices(
        words=read["words"],
        services={slug: _profile(row) for slug, row in read["services"].items()},
        pages={path: _profile(row) for path, row in read["pages"].items()},
        languages=read["languages"],
        before=read["before"],
        after=read["after"],
        any=read["any"],
        office=read["office"],
        personal=read["personal"],
        spam=read["spam"]["texts"],
        small=frozenset(read["words"]["small"]),
        answers=tuple(_answer(row) for row in read["answers"]),
    )


def _profile(row: Mapping[str, Any]) -> Profile:
    problems = tuple(_problem(problem) for problem in row.get("problems", ()))
    texts = {mood: row[mood] for mood in (LOW, MIDDLE, HIGH)}
    return Profile(tuple(row["ratings"]), texts, problems, row.get("weight", 1.0))


def _problem(row: Mapping[str, Any]) -> Problem:
    since, until = (_month_day(row[name]) if name in row else None for name in ("since", "until"))
    return Problem(
        row["about"], row["share"], tuple(row["ratings"]), tuple(row["moments"]), tuple(row["texts"]), since, until
    )


def _answer(row: Mapping[str, Any]) -> PublicAnswer:
    return PublicAnswer(**{**row, "day": _month_day(row["day"])})


def _month_day(text: str) -> tuple[int, int]:
    month, day = text.split("-")
    return int(month), int(day)
