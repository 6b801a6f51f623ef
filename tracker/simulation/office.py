"""Puts what is said about the simulated city into a database, with what its office made of it."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby
from random import Random

import msgspec

from tracker.calendar import day_date
from tracker.errors import StoreError
from tracker.feedback.feedback import ANSWERED, CLOSED, NEW, OPEN, SPAM
from tracker.simulation.chance import seeded
from tracker.simulation.feedback import Said, feedback
from tracker.simulation.simulate import day_begins
from tracker.simulation.voices import HIGH, LOW, MIDDLE, PublicAnswer, voices
from tracker.store import Store
from tracker.store.answers import Answers, Draft
from tracker.store.catalogue import Site
from tracker.store.feedback import Arrival, Feedbacks
from tracker.store.inbox import BulkChange, Filter, Handling, Inbox

# Days since it was said, from which on these shares of the comments have each status.
COMMENTS = (
    (30, ((CLOSED, 74), (ANSWERED, 20), (OPEN, 6))),
    (7, ((CLOSED, 34), (ANSWERED, 16), (OPEN, 34), (NEW, 16))),
    (0, ((OPEN, 14), (NEW, 86))),
)
QUIET = 14  # days after which ratings without a comment are closed
TAGGED, NOTED = 0.6, 0.12  # shares of the comments that were handled
QUOTABLE = range(50, 160)  # characters of a comment that is released

MANY_DAYS = 60 * 86_400_000  # ms

Numbered = Sequence[tuple[int, Said]]


def speaking(site: Site, since: int, until: int) -> Callable[[], list[Said]]:
    """Begin to make up what is said from the instant `since` to before `until`, in ms; call the result to have it.

    Of many days, a process of its own does it meanwhile.
    """
    if until - since < MANY_DAYS:
        return lambda: list(feedback(site.id, site.calendar, since, until))
    command = [sys.executable, "-m", "tracker.simulation.feedback", site.timezone, *map(str, (site.id, since, until))]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)  # noqa: S603

    def said() -> list[Said]:
        encoded, _ = process.communicate()
        if process.returncode:
            raise StoreError("The feedback could not be made up.")
        return msgspec.msgpack.decode(encoded, type=list[Said])

    return said


def write_feedback(store: Store, site: Site, said: Sequence[Said], since: int, until: int) -> None:
    """Keep what was said from the instant `since` to before `until`, in ms, and let the office work on it.

    What is there already stays as it is.
    """
    today = day_date(site.calendar.moment(until).day)
    arrivals = [Arrival(row.feedback, row.receipt, row.rkey, status_of(row, today)) for row in said]
    numbers = Feedbacks(store.connection).add_all(arrivals)
    numbered = [(number, row) for number, row in zip(numbers, said, strict=True) if number is not None]
    inbox = Inbox(store.connection, site.municipality_id)
    _tag(inbox, numbered, today)
    _answer(inbox, numbered, today)
    answers = Answers(store.connection)
    known = {(row.published, row.title) for row in answers.all(site.municipality_id)}
    for day, answer in _public(site, since, until):
        if (day, answer.title) not in known:
            answers.add(site.municipality_id, _draft(answer, day, numbered), day)


def status_of(said: Said, today: date) -> str:
    """What the office has made of a piece until today."""
    if said.spam:
        return SPAM
    age = (today - day_date(said.feedback.day)).days
    if not said.feedback.text:
        return CLOSED if age > QUIET else NEW
    statuses, weights = zip(*next(shares for days, shares in COMMENTS if age >= days), strict=True)
    status: str = _lot(said, "status").choices(statuses, weights)[0]
    return status


def _lot(said: Said, about: str) -> Random:
    """A chance of the office's own, so that what people say does not depend on it."""
    return seeded(about, said.rkey, said.instant)


def _tag(inbox: Inbox, numbered: Numbered, today: date) -> None:
    """Tag what tells of a known problem, all pieces of a tag at once."""
    rows = [
        (row.about.lower(), number)
        for number, row in numbered
        if row.about and status_of(row, today) != NEW and _lot(row, "tag").random() < TAGGED
    ]
    for tag, pieces in groupby(sorted(rows), lambda row: row[0]):
        found = tuple(number for _, number in pieces)
        inbox.change(Filter(numbers=found), BulkChange("add_tag", tag), len(found))


def _answer(inbox: Inbox, numbered: Numbered, today: date) -> None:
    """Answer some comments, each some days after it came, and note something with others."""
    for number, row in numbered:
        status, chance = status_of(row, today), _lot(row, "answer")
        is_noted = row.feedback.text and status in (OPEN, CLOSED) and chance.random() < NOTED
        if status != ANSWERED and not is_noted:
            continue
        said = voices()
        note = chance.choice(said.office["notes"]) if is_noted else ""
        answer = "" if is_noted else said.say(chance.choice(said.office[_mood(row)]), chance)
        piece = inbox.get(number)
        assert piece is not None
        handling = Handling(status, piece.handling.tags, note=note, answer=answer)
        later = min(today, day_date(row.feedback.day) + timedelta(days=chance.randint(1, 7)))
        inbox.save(number, handling, int(f"{later:%Y%m%d}"), piece.handling.version)


def _mood(said: Said) -> str:
    rating = said.feedback.rating or {"yes": 5, "no": 1}.get(said.feedback.found, 3)
    return LOW if rating <= 2 else HIGH if rating >= 4 else MIDDLE


def _public(site: Site, since: int, until: int) -> Iterator[tuple[date, PublicAnswer]]:
    """The answers for everyone that are published from the instant `since` to before `until`."""
    for year in range(
        day_date(site.calendar.moment(since).day).year, day_date(site.calendar.moment(until).day).year + 1
    ):
        for answer in voices().answers:
            day = date(year, *answer.day)
            if since <= day_begins(site.calendar, day) < until:
                yield day, answer


def _draft(answer: PublicAnswer, day: date, numbered: Numbered) -> Draft:
    """What is published: with the last fitting comment of before that day if the answer has one and there is one."""
    comments = [(number, row) for number, row in numbered if answer.release and _fits(answer, row, day)]
    if not comments:
        return Draft(answer.title, answer.said, answer.did, answer.service)
    number, row = comments[-1]
    return Draft(answer.title, row.feedback.text, answer.did, answer.service, number, released=True)


def _fits(answer: PublicAnswer, said: Said, day: date) -> bool:
    piece = said.feedback
    is_about = piece.service == answer.service and said.about == answer.about and not said.spam
    is_fit = not piece.masked and piece.language == "de" and len(piece.text) in QUOTABLE
    return is_about and is_fit and day_date(piece.day) < day
