"""Cells for publication: counts with the sums of their record keys, for many periods and scopes at once."""

import json
from collections.abc import Collection, Iterator
from sqlite3 import Connection
from typing import NamedTuple

from tracker.rollups import BY_NAME


class CellRow(NamedTuple):
    """The counts of one key of a dimension in one period (20260131 or 202601). `rkey` is a sum modulo 2³²."""

    period: int
    site: int
    scope: str
    key: str
    visitors: int
    visits: int
    views: int
    events: int
    rkey: int


class RatingRow(NamedTuple):
    """How often a rating (1 to 5) was given to a service in a month (202601)."""

    month: int
    service: str
    rating: int
    number: int
    rkey: int


class Cells:
    """What publication reads of one data directory."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def read(
        self, sites: Collection[int], scopes: Collection[str], dim: str, first: int, last: int
    ) -> Iterator[CellRow]:
        """The cells of a dimension in the days, or in the months, from `first` to `last`."""
        rows = self._connection.execute(
            """
            select period, rollup.site, scope.value, text.value, visitors, visits, views, events, rollup.rkey
            from json_each(:sites) as wanted
            cross join json_each(:scopes) as name
            cross join text as scope on scope.value = name.value
            cross join rollup
              on rollup.site = wanted.value and rollup.scope = scope.id and dim = :dim
              and period between :first and :last
            cross join text on text.id = rollup.key
            """,
            {
                "sites": json.dumps(list(sites)),
                "scopes": json.dumps(list(scopes)),
                "dim": BY_NAME[dim].number,
                "first": first,
                "last": last,
            },
        )
        return map(CellRow._make, rows)

    def ratings(self, municipality_id: int, first: int, last: int) -> list[RatingRow]:
        """The ratings given in the months from `first` to `last`, without spam."""
        rows = self._connection.execute(
            """
            select day / 100, service, rating, count(*), sum(rkey) & 4294967295
            from feedback
            where municipality_id = :municipality and day between :first * 100 and :last * 100 + 99
              and rating is not null and status <> 'spam' and service <> ''
            group by day / 100, service, rating
            """,
            {"municipality": municipality_id, "first": first, "last": last},
        )
        return [RatingRow(*row) for row in rows]

    def first_day(self, sites: Collection[int]) -> int | None:
        """The first day (20260131) of which anything was counted."""
        found = self._connection.execute(
            """
            select min(period)
            from rollup
            where site in (select value from json_each(:sites)) and scope = 0 and dim = 0 and period > 10000000
            """,
            {"sites": json.dumps(list(sites))},
        ).fetchone()
        return found[0] if found else None
