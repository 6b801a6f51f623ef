"""Answers counted for summaries: by day, by what they were given on, and by question. Spam is in no figure."""

from collections import defaultdict
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

from tracker.feedback.summary import Tally

DIMENSIONS = ("service", "category", "moment", "language", "device")


@dataclass(frozen=True, slots=True)
class Scope:
    """Which answers: days from `first` to `last` (20260131), of one service ("": of none; None: of all), a category."""

    first: int
    last: int
    service: str | None = None
    category: str = ""


class FeedbackCounts:
    """The answers to one municipality."""

    def __init__(self, connection: Connection, municipality_id: int) -> None:
        self._connection = connection
        self._municipality = municipality_id

    def total(self, scope: Scope) -> Tally:
        """All answers."""
        return self._grouped("''", scope).get("", Tally())

    def by_day(self, scope: Scope) -> dict[int, Tally]:
        """Day (20260131) → answers; days without are missing."""
        return self._grouped("day", scope)

    def by(self, dim: str, scope: Scope) -> dict[str, Tally]:
        """The answers by one of DIMENSIONS; raises ValueError for another."""
        if dim not in DIMENSIONS:
            raise ValueError(f"“{dim}” is no dimension")
        return self._grouped(dim, scope)

    def _grouped(self, column: str, scope: Scope) -> dict[Any, Tally]:
        where, values = self._where(scope)
        rows = self._connection.execute(
            f"""
            select {column}, rating, found, count(*)
            from feedback indexed by feedback_counted
            where {where}
            group by 1, rating, found
            """,  # noqa: S608 - declared columns
            values,
        )
        answers: defaultdict[Any, int] = defaultdict(int)
        ratings: defaultdict[Any, dict[int, int]] = defaultdict(dict)
        found: defaultdict[Any, dict[str, int]] = defaultdict(dict)
        for key, rating, answer, number in rows:
            answers[key] += number
            if rating is not None:
                ratings[key][rating] = ratings[key].get(rating, 0) + number
            if answer:
                found[key][answer] = found[key].get(answer, 0) + number
        return {key: Tally(number, ratings[key], found[key]) for key, number in answers.items()}

    def details(self, scope: Scope) -> dict[str, Tally]:
        """Further question → its answers of 1 to 5."""
        where, values = self._where(scope)
        rows = self._connection.execute(
            f"""
            select question, value, count(*)
            from feedback_detail
            cross join feedback on feedback.id = feedback_id
            where {where}
            group by question, value
            """,  # noqa: S608 - declared columns
            values,
        )
        ratings: defaultdict[str, dict[int, int]] = defaultdict(dict)
        for question, value, number in rows:
            ratings[question][value] = number
        return {question: Tally(sum(own.values()), own) for question, own in ratings.items()}

    def comments(self, scope: Scope) -> int:
        """How many answers have a text that is kept."""
        where, values = self._where(scope)
        found = self._connection.execute(
            f"select count(*) from feedback indexed by feedback_commented where {where} and text <> ''",  # noqa: S608
            values,
        )
        return int(found.fetchone()[0])

    def _where(self, scope: Scope) -> tuple[str, dict[str, object]]:
        """The condition of a scope and its values."""
        parts = ["municipality_id = :municipality", "day between :first and :last", "status <> 'spam'"]
        if scope.service is not None:
            parts.append("service = :service")
        if scope.category:
            parts.append("category = :category")
        values = {"municipality": self._municipality, "first": scope.first, "last": scope.last}
        return " and ".join(parts), {**values, "service": scope.service, "category": scope.category}
