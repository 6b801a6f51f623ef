"""Dated notes that explain figures: a new form, a campaign, a strike."""

import time
from dataclasses import dataclass
from datetime import date
from sqlite3 import Connection
from unicodedata import category

from tracker.calendar import day_date, day_number
from tracker.errors import ConfigError

LONGEST = 500  # characters
_CONTROLS = ("Cc", "Cs")  # of Unicode: control characters, and halves of characters
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)


@dataclass(frozen=True, slots=True)
class Annotation:
    """One note. `service` is a slug, "" for the whole municipality."""

    id: int
    service: str
    day: date
    text: str


class Annotations:
    """The notes of one municipality."""

    def __init__(self, connection: Connection, municipality_id: int) -> None:
        self._connection = connection
        self._municipality = municipality_id

    def all(self) -> list[Annotation]:
        """All notes, the latest day first."""
        rows = self._connection.execute(
            """
            select id, service, day, text
            from annotation
            where municipality_id = :municipality
            order by day desc, id desc
            """,
            {"municipality": self._municipality},
        )
        return [Annotation(number, service, day_date(day), text) for number, service, day, text in rows]

    def between(self, start: date, end: date, service: str = "") -> list[Annotation]:
        """The notes on a service and on the whole municipality from `start` to `end`, the earliest first."""
        found = [note for note in self.all() if start <= note.day <= end and note.service in ("", service)]
        return found[::-1]

    def add(self, day: date, text: str, service: str = "") -> None:
        """Keep a note; raises ConfigError with the rule that a value breaks."""
        line = one_line(text)
        if not 1 <= len(line) <= LONGEST:
            raise ConfigError(f"A note has 1 to {LONGEST} characters.")
        if not EARLIEST <= day <= LATEST:
            raise ConfigError(f"A note is dated between {EARLIEST.year} and {LATEST.year}.")
        self._connection.execute(
            """
            insert into annotation (municipality_id, service, day, text, created)
            values (:municipality, :service, :day, :text, :now)
            """,
            {
                "municipality": self._municipality,
                "service": service,
                "day": day_number(day),
                "text": line,
                "now": int(time.time()),
            },
        )

    def remove(self, number: int) -> bool:
        """Remove a note; whether there was one."""
        where = {"municipality": self._municipality, "number": number}
        return bool(
            self._connection.execute(
                "delete from annotation where municipality_id = :municipality and id = :number", where
            ).rowcount
        )


def one_line(text: str) -> str:
    """A text as it is kept: one line without control characters."""
    return " ".join("".join(" " if category(sign) in _CONTROLS else sign for sign in text).split())
