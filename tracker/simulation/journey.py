"""What one visit does: which pages in which order, how long on each, what is clicked there."""

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from tracker.record import EVENT, STEP, VIEW, Message
from tracker.simulation.attempt import END, Beat, walk
from tracker.simulation.chance import Weighted
from tracker.simulation.city import GONE, HOME, OTHER_TERMS, OVERVIEW, PAGES, PLACES, SEARCH, SERVICES, Service
from tracker.simulation.forms import FORMS

Keys = tuple[tuple[str, str], ...]

APPOINTMENT = "termin-im-stadtbuero"
STEPS = ("standort", "zeit", "kontakt", "bestaetigung")  # of booking an appointment: one page, its address changes
REMOTE = "bewohnerparkausweis-verlaengern"  # its form is on a form server, which reports for itself
KEEPS_ON = 0.62  # chance that somebody goes on after a page
APPLIES, DOWNLOADS, FOLLOWS, ASKS = 0.45, 0.16, 0.07, 0.05  # chances on the page of a service
BOOKS = 0.82  # chance to begin with an appointment
READING, SPREAD = 3.4, 0.9  # of the logarithm of the seconds on a page: half stay under 30 s
LONGEST = 900  # s

_GONE = Weighted(GONE)
_OTHER_TERMS = Weighted(OTHER_TERMS)
_PLACES = Weighted(PLACES)
_SERVICES = Weighted((row, row.weight) for row in SERVICES)
_PAGES = Weighted((row.path, row.weight) for row in PAGES)


class Action(NamedTuple):
    """A view, an event or a message about a form. `seconds`: attention until the next action, not of an event.

    `message`: what the page says about its form, of a view as soon as it is shown.
    """

    kind: str
    page: str
    seconds: int
    keys: Keys = ()
    message: Message | None = None


def journey(chance: Random, goal: Service | str, lands: str, mobile: bool) -> Iterator[Action]:
    """The actions of one visit in their order; `goal`: the service or the address that is sought.

    `lands`: it begins at "home" or on the "page" itself. `mobile`: on a phone, where forms are harder to fill in.
    """
    if chance.random() < 0.012:
        yield from _lost(chance)
        if chance.random() > 0.5:
            return
    elif lands == "home":
        yield _view(chance, HOME, quick=True)
        if chance.random() > 0.75:
            return
        yield from _way(chance, goal)
    yield from _service(chance, goal, mobile) if isinstance(goal, Service) else _page(chance, goal)
    while chance.random() < 0.22:
        yield from _service(chance, _SERVICES.draw(chance), mobile) if chance.random() < 0.6 else _page(chance, HOME)


def _lost(chance: Random) -> Iterator[Action]:
    """An address that is gone, and often the site's own search after it."""
    page = _GONE.draw(chance)
    yield _view(chance, page, (("not_found", page),), quick=True)
    if chance.random() < 0.4:
        yield _search(chance, _OTHER_TERMS.draw(chance))


def _way(chance: Random, goal: Service | str) -> Iterator[Action]:
    """From the start page to the goal: through the overview, by a search, or straight on."""
    if isinstance(goal, str):
        return
    way = chance.random()
    if way < 0.35:
        yield _view(chance, OVERVIEW, quick=True)
    elif way < 0.6:
        yield _search(chance, chance.choice(goal.terms))


def _search(chance: Random, term: str) -> Action:
    return _view(chance, SEARCH, (("search", term),), quick=True)


def _page(chance: Random, path: str) -> Iterator[Action]:
    """Reads a page, and sometimes another."""
    yield _view(chance, path)
    if path != HOME and chance.random() < 0.3:
        yield _view(chance, _PAGES.draw(chance))


def _service(chance: Random, service: Service, mobile: bool) -> Iterator[Action]:
    """Reads the page of a service, and may apply, download its form, follow a link, or say whether it helped."""
    yield _view(chance, service.path)
    if chance.random() > KEEPS_ON:
        return
    if service.slug == APPOINTMENT:
        if chance.random() < BOOKS:
            yield from _appointment(chance, service, mobile)
        return
    if service.online and chance.random() < APPLIES:
        yield from _application(chance, service, mobile)
    if service.form and chance.random() < DOWNLOADS:
        yield Action(EVENT, service.path, 0, (("download", f"/downloads/{service.form}.pdf"),))
    if service.leads and chance.random() < FOLLOWS:
        yield Action(EVENT, service.path, 0, (("outbound", chance.choice(service.leads)),))
    if chance.random() < ASKS:
        yield _event(service.path, "Hilfreich", "antwort", "ja" if chance.random() < 0.71 else "nein")


def _application(chance: Random, service: Service, mobile: bool) -> Iterator[Action]:
    """Fills in the form of a service; not everyone sends it."""
    yield _event(service.path, "Antrag begonnen", "leistung", service.name)
    if service.slug == REMOTE:
        yield _view(chance, service.path + "/formularserver", quick=True)
        return
    page = service.path
    for beat in walk(chance, FORMS[service.slug], mobile):
        if beat.page == END:
            yield _event(page, "Antrag gesendet", "leistung", service.name)
        page = f"{service.path}/{beat.page}" if beat.page else page
        yield _act(beat, page)


def _appointment(chance: Random, service: Service, mobile: bool) -> Iterator[Action]:
    """Books an appointment step by step, on one page whose address changes."""
    page = service.path
    for beat in walk(chance, FORMS[service.slug], mobile):
        if beat.page:
            page = f"{service.path}/{STEPS[-1] if beat.page == END else beat.message.step}"
        yield _act(beat, page)
        if beat.page == END:
            yield _event(page, "Termin gebucht", "standort", _PLACES.draw(chance))


def _act(beat: Beat, page: str) -> Action:
    """What the page does with a message: it is opened, or only says so."""
    return Action(VIEW if beat.page else STEP, page, beat.seconds, (), beat.message)


def _event(page: str, name: str, key: str, value: str) -> Action:
    """An event with one property, as the collector writes it."""
    return Action(EVENT, page, 0, (("event", name), ("property", f"{name} · {key} = {value}")))


def _view(chance: Random, page: str, keys: Keys = (), quick: bool = False) -> Action:
    reading = READING - 1.2 if quick else READING
    return Action(VIEW, page, min(LONGEST, int(chance.lognormvariate(reading, SPREAD))), keys)
