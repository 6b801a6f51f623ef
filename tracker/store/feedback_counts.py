"""Answers counted for summaries: over time, by what they were given on, and by question. Spam is in no figure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

from tracker.calendar import day_date, whole_periods
from tracker.feedback.summary import Tally

DIMENSIONS = ("service", "moment", "language", "device")


@dataclass(frozen=True, slots=True)
class Scope:
    """Which answers: days from `first` to `last` (20260131), of one service ("": of none; None: of all), a category."""

    first: int
    last: int
    service: str | None = None
    category: str = ""

    @property
    def periods(self) -> list[int]:
        """The fewest years, months and days that make it up."""
        return list(whole_periods(day_date(self.first), day_date(self.last)))


class FeedbackCounts:
    """The answers to one municipality.

    Those to all services are read from sums that triggers keep (migration 0009), those to one service are counted.
    """

    def __init__(self, connection: Connection, municipality_id: int) -> None:
        self._connection = connection
        self._municipality = municipality_id

    def total(self, scope: Scope) -> Tally:
        """All answers."""
        if scope.service is None:
            return _tallies(self._summed("total", "''", scope)).get("", Tally())
        return _tallies(self._read("''", scope)).get("", Tally())

    def by_day(self, scope: Scope) -> dict[int, Tally]:
        """Day (20260131) → answers; days without are missing."""
        if scope.service is None:
            return _tallies(self._summed("total", "period", scope, days=True))
        return _tallies(self._read("day", scope))

    def by(self, dim: str, scope: Scope) -> dict[str, Tally]:
        """Key → answers, by one of DIMENSIONS; raises ValueError for another."""
        if dim not in DIMENSIONS:
            raise ValueError(f"“{dim}” is no dimension")
        if scope.service is None:
            return _tallies(self._summed(dim, "key", scope))
        return _tallies(self._read(dim, scope))

    def details(self, scope: Scope) -> dict[str, Tally]:
        """Further question → its answers of 1 to 5."""
        if scope.service is None:
            return _tallies(self._summed("detail", "key", scope))
        where, values = self._where(scope)
        rows = self._connection.execute(
            f"""
            select question, value, '', count(*)
            from feedback indexed by feedback_counted
            cross join feedback_detail on feedback_id = feedback.id
            where {where}
            group by question, value
            """,  # noqa: S608 - declared columns
            values,
        )
        return _tallies(rows)

    def comments(self, scope: Scope) -> int:
        """How many answers have a text that is kept."""
        where, values = self._where(scope)
        found = self._connection.execute(
            f"select count(*) from feedback indexed by feedback_commented where {where} and text <> ''",  # noqa: S608
            values,
        )
        return int(found.fetchone()[0])

    def _summed(self, dim: str, column: str, scope: Scope, days: bool = False) -> Iterable[tuple[Any, ...]]:
        """Rows of (key, rating, found, number) out of the kept sums; `days`: each day of the range by itself."""
        values: dict[str, object] = {"municipality": self._municipality, "dim": dim, "category": scope.category}
        periods = {f"period{place}": period for place, period in enumerate(scope.periods)}
        within = f"period in ({', '.join(f':{name}' for name in periods)})"
        if days:
            periods, within = {"first": scope.first, "last": scope.last}, "period between :first and :last"
        return self._connection.execute(
            f"""
            select {column}, nullif(rating, 0), found, sum(number)
            from feedback_count
            where municipality_id = :municipality and dim = :dim and {within} and :category in ('', category)
            group by 1, rating, found
            having sum(number) > 0
            """,  # noqa: S608 - declared columns and names of values
            {**values, **periods},
        )

    def _read(self, column: str, scope: Scope) -> Iterable[tuple[Any, ...]]:
        """Rows of (key, rating, found, number) out of the answers themselves."""
        where, values = self._where(scope)
        return self._connection.execute(
            f"""
            select {column}, rating, found, count(*)
            from feedback indexed by feedback_counted
            where {where}
            group by 1, rating, found
            """,  # noqa: S608 - declared columns
            values,
        )

    def _where(self, scope: Scope) -> tuple[str, dict[str, object]]:
        """The condition of a scope and its values."""
        parts = ["municipality_id = :municipality", "day between :first and :last", "status <> 'spam'"]
        if scope.service is not None:
            parts.append("service = :service")
        if scope.category:
            parts.append("category = :category")
        values = {"municipality": self._municipality, "first": scope.first, "last": scope.last}
        return " and ".join(parts), {**values, "service": scope.service, "category": scope.category}


def _tallies(rows: Iterable[tuple[Any, ...]]) -> dict[Any, Tally]:
    """Key → tally, out of rows of (key, rating, found, number)."""
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
