"""One simulated day: its visitors and bots as records."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from random import Random
from typing import NamedTuple

from tracker.record import BOT, INTERNAL, LEAVE, STEP, VIEW, Record
from tracker.simulation.chance import Weighted
from tracker.simulation.city import HOME, NEWS, OVERVIEW, PAGES, SERVICES, Service
from tracker.simulation.journey import Action, journey
from tracker.simulation.people import (
    BOTS,
    COUNTRIES,
    LANGUAGES,
    LETTER,
    NEWSLETTER,
    OFFICE_DESKTOP,
    SPOKEN,
    Client,
    Origin,
    campaign,
    clients,
    origins,
)
from tracker.simulation.rhythm import (
    LETTER_FACTOR,
    LETTER_SERVICE,
    OFFICE,
    interest,
    is_newsletter_day,
    is_workday,
    letter_echo,
    topicality,
    years_since_start,
)
from tracker.source import Referrer

MINUTE = 60_000  # ms
AGAIN = 0.06  # chance that somebody comes a second time on the same day
LOST = 0.05  # chance that the last sign of a page never arrives
BY_NEWSLETTER = 0.12  # share of the visits while the newsletter is fresh
SPEAKS_AT_HOME = 0.6  # chance that a browser abroad asks for the language of that country


class Visitor(NamedTuple):
    """Somebody on one day."""

    pseudonym: int
    client: Client
    country: str
    language: str


class Arrival(NamedTuple):
    """Where a visit comes from, and whether it begins at "home" or on the "page" that is sought."""

    referrer: Referrer
    lands: str


_INSIDE = Referrer("", "", INTERNAL, "")
_UNKNOWN = Referrer("", "", "direct", "")  # an event or a last sign does not say where the visit came from
_BOT = Visitor(0, Client("", "", ""), "", "")
_PHONES = Weighted((Client("mobile", browser, os), 1.0) for browser, os in (("Safari", "iOS"), ("Chrome", "Android")))


class SimulatedDay:
    """Makes the records of one site and local day."""

    def __init__(self, site: int, day: date, chance: Random) -> None:
        self._site = site
        self._chance = chance
        self._goals = _goals(day)
        self._news = Weighted([("/aktuelles", 0.5), *((row.path, topicality(row, day) + 0.01) for row in NEWS)])
        self._origins = _origins(round(years_since_start(day), 1))
        self._letter = campaign(LETTER, f"anwohnerparken-{day.year}")
        self._by_letter = _share(LETTER_FACTOR * letter_echo(day))
        self._newsletter = campaign(NEWSLETTER, f"stadtbrief-{day:%Y-%m}")
        self._by_newsletter = BY_NEWSLETTER if is_newsletter_day(day) else 0.0
        self._offices = is_workday(day)

    def visitor(self, time: int, hour: int) -> Iterator[Record]:
        """The records of somebody who comes at the instant `time` in ms, in the local hour `hour`."""
        chance = self._chance
        arrival, goal, phone = self._occasion()
        at_desk = self._offices and hour in OFFICE
        client = _PHONES.draw(chance) if phone else _clients(at_desk).draw(chance)
        country = COUNTRIES.draw(chance)
        language = LANGUAGES.draw(chance)
        if country in SPOKEN and chance.random() < SPEAKS_AT_HOME:
            language = SPOKEN[country]
        visitor = Visitor(chance.getrandbits(62) + 1, client, country, language)
        yield from self._visit(visitor, time, arrival, goal)
        if chance.random() < AGAIN:
            later = time + chance.randrange(40, 600) * MINUTE
            yield from self._visit(visitor, later, Arrival(_UNKNOWN, "page"), self._goals.draw(chance))

    def bot(self, time: int) -> Record:
        """One request of a bot, of which only the name is kept."""
        name = BOTS.draw(self._chance)
        return self._record(time, _BOT, Referrer("", "", "", ""), Action(BOT, "", 0, (("bot", name),)))

    def _occasion(self) -> tuple[Arrival, Service | str, bool]:
        """What brings somebody here: the arrival, what is sought, and whether a code was photographed."""
        chance = self._chance
        if chance.random() < self._by_newsletter:
            return Arrival(self._newsletter, "page"), self._news.draw(chance), False
        goal = self._goals.draw(chance)
        if isinstance(goal, Service) and goal.slug == LETTER_SERVICE and chance.random() < self._by_letter:
            return Arrival(self._letter, "page"), goal, True
        origin, referrer = self._origins.draw(chance)
        return Arrival(referrer, origin.lands), goal, False

    def _visit(self, visitor: Visitor, time: int, arrival: Arrival, goal: Service | str) -> Iterator[Record]:
        chance, came_from = self._chance, arrival.referrer
        last: Action | None = None  # the sign that the present page sends when it is left
        for action in journey(chance, goal, arrival.lands, visitor.client.device == "mobile"):
            if action.kind != VIEW:
                yield self._record(time, visitor, _UNKNOWN, action)
                time += 1500 + 1000 * action.seconds
                last = last and last._replace(seconds=last.seconds + action.seconds)
                continue
            if last:
                yield self._record(time, visitor, _UNKNOWN, last)
            yield self._record(time + 300, visitor, came_from, action)
            if action.message:
                yield self._record(time + 350, visitor, _UNKNOWN, action._replace(kind=STEP))
            came_from = _INSIDE
            last = Action(LEAVE, action.page, action.seconds) if action.seconds else None
            time += 1000 * action.seconds + chance.randrange(800, 9000)
        if last and chance.random() > LOST:
            yield self._record(time, visitor, _UNKNOWN, last)

    def _record(self, time: int, visitor: Visitor, referrer: Referrer, action: Action) -> Record:
        return Record(
            time=time,
            site=self._site,
            visitor=visitor.pseudonym,
            kind=action.kind,
            page=action.page,
            channel=referrer.channel,
            source=referrer.source,
            referrer=referrer.host,
            campaign=referrer.campaign,
            device=visitor.client.device,
            browser=visitor.client.browser,
            os=visitor.client.os,
            country=visitor.country,
            language=visitor.language,
            seconds=action.seconds if action.kind == LEAVE else 0,
            rkey=self._chance.getrandbits(32),
            keys=action.keys if action.kind != STEP else (),
            message=action.message if action.kind == STEP else None,
        )


def _goals(day: date) -> Weighted[Service | str]:
    services = [(row, interest(row, day)) for row in SERVICES]
    pages = [(row.path, row.weight) for row in PAGES]
    news = [(row.path, topicality(row, day)) for row in NEWS]
    return Weighted([*services, *pages, *news, (HOME, 9.0), (OVERVIEW, 3.0)])


@cache
def _origins(years: float) -> Weighted[tuple[Origin, Referrer]]:
    return origins(years)


@cache
def _clients(at_desk: bool) -> Weighted[Client]:
    return clients(OFFICE_DESKTOP if at_desk else 1.0)


def _share(extra: float) -> float:
    """The share of `extra` in what is there with it."""
    return extra / (1 + extra)
