"""The form server of one service: attempts of their own, without a visit. Some are resumed on the next day."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

import msgspec

from tracker.calendar import Calendar, day_number
from tracker.record import INTERNAL, STEP, Message, Record
from tracker.simulation.attempt import Beat, walk
from tracker.simulation.chance import Weighted, poisson, seeded
from tracker.simulation.forms import RENEWAL
from tracker.simulation.rhythm import WORKDAY, expected_visits, letter_echo

FORM_SERVER = "Formularserver (Simulation)"  # the name of its token
TOKEN_FILE = "form-server.token"  # noqa: S105 - the name of a file, with which the demo's pages call the data interface
HOUR = 3_600_000  # ms
ATTEMPTS = 4.0  # on an ordinary day
BY_LETTER = 2.0  # times as many when the city has just written to everyone with a permit
COMES_BACK = 0.3  # chance that what was given up is resumed on the next day

_HOURS = Weighted(enumerate(WORKDAY))


class Run(NamedTuple):
    """One attempt: its messages with their instants in ms, and whether somebody will resume it tomorrow."""

    messages: list[tuple[int, Message]]
    comes_back: bool

    @property
    def left(self) -> str:
        """The step at which it was given up; "" if it ended."""
        last = self.messages[-1][1]
        return "" if last.outcome else last.step


def form_server(site: int, calendar: Calendar, day: date, seed: str) -> Iterator[Record]:
    """The records of a local day, attempt by attempt."""
    chance = seeded(seed, day, "attempts")
    yesterday = _runs(calendar, day - timedelta(days=1), seed)
    resumed = [_run(chance, calendar, day, run.left) for run in yesterday if run.comes_back and run.left]
    for run in [*_runs(calendar, day, seed), *resumed]:
        pseudonym = chance.getrandbits(62) + 1
        for time, message in run.messages:
            yield _record(time, site, pseudonym, message, chance)


def _runs(calendar: Calendar, day: date, seed: str) -> list[Run]:
    """The attempts that begin on a day."""
    chance = seeded(seed, day, "form server")
    expected = expected_visits(day, ATTEMPTS) * (1 + BY_LETTER * letter_echo(day))
    return [_run(chance, calendar, day) for _ in range(poisson(chance, expected))]


def _run(chance: Random, calendar: Calendar, day: date, left: str = "") -> Run:
    """One attempt, begun or resumed at the step `left`; midnight cuts it off, as its pseudonym ends then."""
    ends = calendar.day_ends(day_number(day))
    begins = calendar.day_ends(day_number(day - timedelta(days=1)))
    time = min(begins + _HOURS.draw(chance) * HOUR + chance.randrange(HOUR), ends - 1)  # also on a day of 23 hours
    messages: list[tuple[int, Message]] = []
    for beat in walk(chance, RENEWAL, False, left):
        if time < ends:
            messages.append((time, _alone(beat, resumed=bool(left) and not messages)))
        time += 1000 * beat.seconds
    return Run(messages, chance.random() < COMES_BACK)


def _alone(beat: Beat, resumed: bool) -> Message:
    return msgspec.structs.replace(beat.message, alone=True, resumed=resumed)


def _record(time: int, site: int, pseudonym: int, message: Message, chance: Random) -> Record:
    """As the data interface writes it: nothing is known of where somebody came from and with what."""
    return Record(
        time=time,
        site=site,
        visitor=pseudonym,
        kind=STEP,
        page="",
        channel=INTERNAL,
        source="",
        referrer="",
        campaign="",
        device="",
        browser="",
        os="",
        country="",
        language="",
        seconds=0,
        rkey=chance.getrandbits(32),
        message=message,
    )
