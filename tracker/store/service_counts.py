"""What the reports of services read, over several sites at once: counts of forms, and of scopes."""

import json
from collections.abc import Collection, Sequence
from sqlite3 import Connection
from typing import Any, NamedTuple

from tracker.rollups import BY_NAME, HOUR, TOTAL
from tracker.store.sqlite import Counts

# Dimension → how many slashes its keys have: form, form/step or form/code, form/step/….
_SLASHES = {
    **dict.fromkeys(("form", "resumed"), 0),
    **dict.fromkeys(("step", "step_done", "step_back", "abandoned", "outcome"), 1),
    **dict.fromkeys(("auth", "assurance", "payment", "payment_status"), 1),
    **dict.fromkeys(("step_error", "step_field", "step_time", "step_device", "abandoned_device"), 2),
}
_NAMES = {BY_NAME[name].number: name for name in _SLASHES}

_SUMS = """
  sum(visitors) as visitors,
  sum(visits) as visits,
  sum(views) as views,
  sum(bounces) as bounces,
  sum(seconds) as seconds,
  sum(events) as events
"""

# The keys of forms: the form itself, or what begins with it and a slash ("0" is the character after "/").
_KEYS = """
  select text.id, text.value
  from json_each(:forms) as form
  cross join text on {condition}
"""
_IS_FORM = "text.value = form.value"
_OF_FORM = """text.value >= form.value || '/' and text.value < form.value || '0'
    and length(text.value) - length(replace(text.value, '/', '')) = :slashes"""


class HourCount(NamedTuple):
    """Visits and views in one hour ("00" to "23") of one day (20260131)."""

    day: int
    hour: str
    visits: int
    views: int


class ServiceCounts:
    """The counts of one data directory, as the reports of services ask for them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_forms(
        self, sites: Collection[int], dims: Collection[str], periods: Sequence[int], forms: Collection[str]
    ) -> dict[str, list[Counts]]:
        """Dimension → counts by key, summed over sites and periods; of these forms only."""
        found: dict[str, list[Counts]] = {name: [] for name in dims}
        for slashes in sorted({_SLASHES[name] for name in dims}):
            rows = self._of_forms(sites, [name for name in dims if _SLASHES[name] == slashes], periods, forms)
            for dim, _period, *values in rows:
                found[_NAMES[dim]].append(Counts(*values))
        return found

    def of_forms_by_period(
        self, sites: Collection[int], dims: Collection[str], periods: Sequence[int], forms: Collection[str]
    ) -> dict[int, dict[str, list[Counts]]]:
        """The same for each of the periods that has any."""
        found: dict[int, dict[str, list[Counts]]] = {}
        for slashes in sorted({_SLASHES[name] for name in dims}):
            names = [name for name in dims if _SLASHES[name] == slashes]
            for dim, period, *values in self._of_forms(sites, names, periods, forms, "period"):
                found.setdefault(period, {name: [] for name in dims})[_NAMES[dim]].append(Counts(*values))
        return found

    def _of_forms(
        self,
        sites: Collection[int],
        dims: Collection[str],
        periods: Sequence[int],
        forms: Collection[str],
        period: str = "0",
    ) -> list[tuple[Any, ...]]:
        """Looks up each key of the forms in each period: rows of dimension, `period`, key and measures."""
        slashes = _SLASHES[next(iter(dims))]
        keys = _KEYS.format(condition=_OF_FORM if slashes else _IS_FORM)
        return self._connection.execute(
            f"""
            with wanted as materialized ({keys})
            select dim, {period} as part, wanted.value, {_SUMS}
            from wanted
            cross join json_each(:sites) as site
            cross join json_each(:dims) as dimension
            cross join json_each(:periods) as time
            cross join rollup
              on rollup.site = site.value and scope = 0 and dim = dimension.value
              and period = time.value and rollup.key = wanted.id
            group by dim, part, wanted.id
            having sum(visits) or sum(events) or sum(seconds)
            order by dim, part, wanted.value
            """,  # noqa: S608 - declared texts
            {
                "forms": json.dumps(list(forms)),
                "slashes": slashes,
                "sites": json.dumps(list(sites)),
                "dims": json.dumps([BY_NAME[name].number for name in dims]),
                "periods": json.dumps(list(periods)),
            },
        ).fetchall()

    def totals(self, sites: Collection[int], periods: Sequence[int], slugs: Collection[str]) -> dict[str, Counts]:
        """Service → its totals, summed over sites and periods; services without any are missing."""
        rows = self._connection.execute(
            f"""
            select text.value, {_SUMS}
            from json_each(:slugs) as slug
            cross join text on text.value = slug.value
            cross join json_each(:sites) as site
            cross join json_each(:periods) as time
            cross join rollup
              on rollup.site = site.value and scope = text.id and dim = {TOTAL} and period = time.value
              and rollup.key = 0
            group by text.id
            """,  # noqa: S608 - a declared number
            {
                "slugs": json.dumps(list(slugs)),
                "sites": json.dumps(list(sites)),
                "periods": json.dumps(list(periods)),
            },
        )
        return {row[0]: Counts(*row) for row in rows}

    def hours(self, sites: Collection[int], first: int, last: int, slug: str) -> list[HourCount]:
        """Visits and views by hour of the days from `first` to `last` (20260131) within a service."""
        rows = self._connection.execute(
            f"""
            select period, hour.value, sum(visits), sum(views)
            from text as scope
            cross join json_each(:sites) as site
            cross join rollup
              on rollup.site = site.value and rollup.scope = scope.id and dim = {HOUR}
              and period between :first and :last
            join text as hour on hour.id = rollup.key
            where scope.value = :slug
            group by period, hour.value
            """,  # noqa: S608 - a declared number
            {"sites": json.dumps(list(sites)), "first": first, "last": last, "slug": slug},
        )
        return [HourCount(*row) for row in rows]
