"""What people say about the simulated city: ratings, answers and comments, the latter through the real masking.

Each day draws from a chance of its own, as the traffic does, so that any stretch of time comes out the same whether it
is made in one piece or in several.
"""

import sys
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

import msgspec

from tracker.calendar import Calendar, calendar_of, day_date, day_number
from tracker.feedback.feedback import ASSISTANCE, DETAILS, INFORMATION, PROCEDURE, Feedback
from tracker.feedback.masking import screen
from tracker.simulation.chance import Weighted, poisson, seeded
from tracker.simulation.city import SERVICES, Service
from tracker.simulation.forms import FORMS
from tracker.simulation.journey import APPOINTMENT, REMOTE
from tracker.simulation.mistyping import mistyped
from tracker.simulation.rhythm import expected_visits, interest
from tracker.simulation.simulate import HOUR, day_begins
from tracker.simulation.voices import HIGH, LOW, MIDDLE, Problem, Profile, Voices, voices

PIECES = 6.6  # on an ordinary day
ASKED_IN_DETAIL = ("hundesteuer-anmelden", "anwohnerparken", "wohngeld")  # services with the further questions
AWAKE = (6 * HOUR, 23 * HOUR)  # ms of a day

_LANGUAGES = Weighted((("de", 89), ("en", 5), ("tr", 2.2), ("uk", 2.2), ("ar", 1.6)))
_DEVICES = Weighted((("mobile", 55), ("desktop", 41), ("tablet", 4)))
_MOMENTS = Weighted((("submitted", 64), ("abandoned", 11), ("", 25)))
_FOUND = {
    1: Weighted((("no", 75), ("partly", 25))),
    2: Weighted((("no", 55), ("partly", 40), ("yes", 5))),
    3: Weighted((("partly", 65), ("yes", 25), ("no", 10))),
    4: Weighted((("yes", 85), ("partly", 15))),
    5: Weighted((("yes", 98), ("partly", 2))),
}
_SPEAKS = {LOW: 0.62, MIDDLE: 0.46, HIGH: 0.36}  # chance of a comment
_WITH_REASON = 0.85  # chance of a comment about a problem
_SPAM, _PERSONAL, _MISTYPED = 0.012, 0.04, 0.13


class Said(NamedTuple):
    """One piece of feedback at an instant in ms. `about`: the problem it tells of; `rkey`: its record key."""

    instant: int
    feedback: Feedback
    about: str
    spam: bool
    receipt: bytes  # the hash of a code that nobody has
    rkey: int


class _Place(NamedTuple):
    """What is talked about: a service, or a page of none."""

    profile: Profile
    path: str
    service: Service | None = None


def feedback(site: int, calendar: Calendar, since: int, until: int, seed: str = "Marburg") -> Iterator[Said]:
    """What is said from the instant `since` to before `until`, in ms, in the order of time."""
    day = day_date(calendar.moment(since).day)
    while (begins := day_begins(calendar, day)) < until:
        for said in _day(site, day, begins, seed):
            if since <= said.instant < until:
                yield said
        day += timedelta(days=1)


def _day(site: int, day: date, begins: int, seed: str) -> list[Said]:
    chance = seeded(seed, "feedback", day)
    places = Weighted(_places(day))
    said = []
    for _ in range(poisson(chance, expected_visits(day, PIECES))):
        instant = begins + chance.randrange(*AWAKE)
        receipt, rkey = chance.randbytes(32), chance.getrandbits(32)
        is_spam = chance.random() < _SPAM
        draw = _spam if is_spam else _piece
        piece, about = draw(site, day, places.draw(chance), chance)
        said.append(Said(instant, piece, about, is_spam, receipt, rkey))
    return sorted(said)


def _places(day: date) -> Iterator[tuple[_Place, float]]:
    """Everything that can be talked about, with its weight on a day."""
    said = voices()
    for service in SERVICES:
        yield _Place(said.services[service.slug], service.path, service), interest(service, day)
    for path, profile in said.pages.items():
        yield _Place(profile, path), profile.weight


def _spam(site: int, day: date, place: _Place, chance: Random) -> tuple[Feedback, str]:
    text, masked = screen(voices().say(chance.choice(voices().spam), chance), "en")
    slug = place.service.slug if place.service else ""
    return Feedback(
        site=site,
        day=day_number(day),
        category=PROCEDURE if slug else INFORMATION,
        service=slug,
        rating=chance.choice((None, 5, 1)),
        text=text,
        masked=masked,
        page=place.path,
        device="desktop",
        language="en",
    ), ""


def _piece(site: int, day: date, place: _Place, chance: Random) -> tuple[Feedback, str]:
    """One piece, and the problem that it is about ("" for none)."""
    problem = next((row for row in place.profile.problems if row.holds(day) and chance.random() < row.share), None)
    category = _category(place, problem, chance)
    moment = _moment(place, problem, chance) if category == PROCEDURE else ""
    rating = _rating(place.profile, problem, moment, chance)
    found = _FOUND[rating].draw(chance) if category == INFORMATION else ""
    language = _LANGUAGES.draw(chance)
    text, masked = screen(_text(place.profile, problem, rating, language, chance), language)
    silent = bool(found) and chance.random() < 0.15
    return Feedback(
        site=site,
        day=day_number(day),
        category=category,
        service=place.service.slug if place.service else "",
        rating=None if silent else rating,
        found=found,
        text=text,
        masked=masked,
        page=_page(place, moment),
        moment=moment,
        device=_DEVICES.draw(chance),
        language=language,
        details=_details(place, category, rating, chance),
    ), problem.about if problem and text and language not in voices().languages else ""


def _category(place: _Place, problem: Problem | None, chance: Random) -> str:
    if place.service is None:
        return INFORMATION
    if chance.random() < 0.04:
        return ASSISTANCE
    if place.service.online and (problem or chance.random() < 0.72):
        return PROCEDURE
    return INFORMATION


def _moment(place: _Place, problem: Problem | None, chance: Random) -> str:
    """At which end of the form it is said."""
    if problem:
        return chance.choice(problem.moments)
    plan = FORMS.get(place.service.slug) if place.service else None
    if plan and any(station.ends for station in plan.stations) and chance.random() < 0.08:
        return "ended_not_eligible"
    return _MOMENTS.draw(chance)


def _rating(profile: Profile, problem: Problem | None, moment: str, chance: Random) -> int:
    """1 to 5; who gives up or is refused is seldom pleased."""
    if problem:
        return chance.choice(problem.ratings)
    drawn = chance.choices((1, 2, 3, 4, 5), profile.ratings)[0]
    if moment in ("abandoned", "ended_not_eligible"):
        return min(drawn, chance.choice((1, 2, 3, 3, 4, 5)))
    return drawn


def _page(place: _Place, moment: str) -> str:
    if place.service is None or place.service.slug == REMOTE:
        return place.path
    if place.service.slug == APPOINTMENT:
        return place.path + {"submitted": "/bestaetigung", "abandoned": "/zeit"}.get(moment, "")
    return place.path + {"submitted": "/danke", "abandoned": "/antrag", "ended_not_eligible": "/nicht-zustaendig"}.get(
        moment, ""
    )


def _details(place: _Place, category: str, rating: int, chance: Random) -> dict[str, int]:
    """The further questions, where they are asked and somebody answers them: not far from the rating."""
    if place.service is None or place.service.slug not in ASKED_IN_DETAIL or category != PROCEDURE:
        return {}
    if chance.random() > 0.5:
        return {}
    asked = [question for question in DETAILS if chance.random() < 0.85]
    return {question: min(5, max(1, rating + chance.choice((-1, 0, 0, 0, 1)))) for question in asked}


# Words


def _text(profile: Profile, problem: Problem | None, rating: int, language: str, chance: Random) -> str:
    """A comment in one to four sentences, not masked yet; often none."""
    said = voices()
    mood = LOW if rating <= 2 else HIGH if rating > 3 + (chance.random() < 0.2) else MIDDLE
    if chance.random() > (_WITH_REASON if problem else _SPEAKS[mood]):
        return ""
    if language in said.languages:
        sentences = said.languages[language][mood]
        few = chance.sample(sentences, min(len(sentences), chance.choice((1, 1, 2))))
        return " ".join(said.say(template, chance) for template in few)
    parts = [said.say(template, chance) for template in _templates(said, profile, problem, mood, chance)]
    text = _joined([part for part in parts if part])
    return mistyped(text, chance) if chance.random() < _MISTYPED else text


def _templates(said: Voices, profile: Profile, problem: Problem | None, mood: str, chance: Random) -> Iterator[str]:
    """What somebody says, sentence by sentence: an opening, what it is about, perhaps more, a closing."""
    own, common = (problem.texts if problem else profile.texts[mood]), said.any[mood]
    core = chance.choice(own if problem or chance.random() < 0.68 else common)
    short = chance.random() < (0.4 if len(core) < 30 else 0.18)
    if not short and chance.random() < 0.4:
        yield chance.choice(said.before[mood])
    yield core
    if not short and len(core) > 20 and chance.random() < 0.42:
        more = [text for text in (*profile.texts[mood], *common) if text != core and len(text) > 40]
        yield from chance.sample(more, 1 if chance.random() < 0.8 else 2)
    if chance.random() < _PERSONAL:
        yield chance.choice(said.personal[mood])
    if not short and chance.random() < 0.45:
        yield chance.choice(said.after[mood])


def _joined(parts: list[str]) -> str:
    """Sentences as a text; after a comma the next one goes on in small letters, unless it begins with a noun."""
    text = ""
    for part in parts:
        first = part.split(maxsplit=1)[0]
        if text.endswith(",") and first.lower() in voices().small:
            text += f" {first.lower()}{part[len(first) :]}"
        else:
            text += ("" if not text else " " if text[-1] in ",.:!?" else ". ") + part
    return text


def main() -> None:
    """Entry point of a process that is given TIMEZONE SITE SINCE UNTIL and writes MessagePack."""
    timezone, (site, since, until) = sys.argv[1], map(int, sys.argv[2:])
    sys.stdout.buffer.write(msgspec.msgpack.encode(list(feedback(site, calendar_of(timezone), since, until))))


if __name__ == "__main__":
    main()
