"""Published numbers and their sums, with how sure they are. Nothing here is a true count.

A sum of protected cells is less sure than one cell. Its `margin` is what about 95 of 100 such sums keep: twice the
standard deviation of the noise, which adds up as its variances do, and what cutting at 0 may have raised it by.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from math import ceil, sqrt
from typing import Any, NamedTuple

from admin.i18n import number, t, tenths
from admin.opendata.protection import MISSING, SUPPRESSED
from admin.opendata.tables import BY_NAME

EXACT, ABOUT, VAGUE, LEAST = "exact", "about", "vague", "least"
_LARGEST_ERROR = 0.15  # of a share, above which it is not told
_WIDEST_MEAN = 0.5  # the margin of a mean of ratings from which on it is not told


class Noise(NamedTuple):
    """What protection does to one cell: the variance of its error, and by how much at most it is raised on average."""

    variance: float = 0.0
    lift: float = 0.0


class Figure(NamedTuple):
    """A sum of published cells. `shown`, `hidden`, `missing`: how many had a value, were suppressed, not measured.

    `limit`: what the true sum cannot exceed for another reason than its noise; 0 where nothing is known.
    """

    value: int = 0
    variance: float = 0.0
    lift: float = 0.0
    shown: int = 0
    hidden: int = 0
    missing: int = 0
    limit: int = 0

    @property
    def margin(self) -> int:
        """By how much the true sum may differ, in about 95 of 100 cases."""
        return round(2 * sqrt(self.variance) + self.lift)

    @property
    def state(self) -> str:
        """`missing`, `suppressed`, `least` (a part is hidden), `vague` (only a bound), `about` or `exact`."""
        if not self.shown:
            return SUPPRESSED if self.hidden else MISSING
        if self.hidden:
            return LEAST
        if not self.margin:
            return EXACT
        vague = 0 < self.value <= self.margin and (self.shown > 1 or self.lift)
        return VAGUE if vague else ABOUT

    @property
    def most(self) -> int:
        """What the true sum exceeds in few cases only."""
        found = self.value + self.margin
        return min(found, self.limit) if self.limit else found

    def within(self, whole: "Figure") -> "Figure":
        """The same as a part of a whole, whose upper limit then is one of the part."""
        told = whole.known and not whole.hidden and whole.shown >= self.shown
        return self._replace(limit=whole.most) if told else self

    @property
    def known(self) -> bool:
        """Whether there is a number to compare or to draw."""
        return self.shown > 0

    @property
    def text(self) -> str:
        """As people read it: "≈ 1.234", "mindestens 20", "geschützt"."""
        state = self.state
        if state == VAGUE:
            return t("transparency.state_vague", number=number(self.most))
        if state in (ABOUT, LEAST, EXACT):
            return t(f"transparency.state_{state}", number=number(self.value))
        return t(f"transparency.state_{state}")

    @property
    def spread(self) -> str:
        """ "± 12", or "" where there is nothing to add."""
        told = self.state == ABOUT and self.shown > 1 and self.value
        return t("transparency.margin", number=number(self.margin)) if told else ""


NOTHING = Figure()


def noise_of(method: Mapping[str, Any], table: str, measure: str) -> Noise:
    """What a method, as a release describes it, does to the cells of a measure; no noise for one unknown."""
    parameters = method.get("parameters", {})
    if "variance" in parameters:
        found = parameters.get("exceptions", {}).get(measure, parameters)
        return Noise(float(found["variance"]))
    if "base" in parameters:
        return Noise((int(parameters["base"]) ** 2 - 1) / 12)  # rounding of whole numbers
    if "epsilon" in parameters:
        scale = _scale(parameters, table, measure)
        return Noise(2 * scale**2, scale / 2)
    return Noise()


def _scale(parameters: Mapping[str, Any], table: str, measure: str) -> float:
    """The scale of the Laplace noise; the epsilon of a table is shared by its measures."""
    counted = [row for row in BY_NAME[table].measures if row.unit] if table in BY_NAME else []
    bound = next((row.bound for row in counted if row.name == measure), 1)
    epsilon = float(parameters.get("epsilons", {}).get(table, parameters["epsilon"]))
    return bound * max(len(counted), 1) / epsilon


def cell(row: Mapping[str, Any], measure: str, noise: Noise) -> Figure:
    """One cell of a published row."""
    value = row.get(measure)
    if value is None:
        hidden = row.get(f"{measure}_status") == SUPPRESSED
        return _HIDDEN if hidden else _MISSING
    return Figure(int(value), noise.variance, noise.lift, 1)


def sum_of(figures: Sequence[Figure]) -> Figure:
    """The sum of figures, without any limit of them."""
    parts = zip(*(figure._replace(limit=0) for figure in figures), strict=True)
    return Figure(*map(sum, parts))


_HIDDEN, _MISSING = Figure(hidden=1), Figure(missing=1)


class Mean(NamedTuple):
    """A mean of ratings, and by how much the true one may differ in about 95 of 100 cases."""

    value: float
    margin: float = 0.0
    exact: bool = False

    @property
    def text(self) -> str:
        """ "≈ 4,2", or that it is too uncertain to be told."""
        if self.margin >= _WIDEST_MEAN:
            return t("transparency.mean_vague")
        return t(f"transparency.state_{EXACT if self.exact else ABOUT}", number=tenths(self.value))

    @property
    def spread(self) -> str:
        """ "± 0,3", or "" where there is nothing to add."""
        told = 0 < self.margin < _WIDEST_MEAN
        return t("transparency.margin", number=tenths(self.margin)) if told else ""


def mean_of(counts: Sequence[Figure]) -> Mean:
    """The mean of the ratings 1, 2, … out of how often each was given, at least one of them; the margin in tenths.

    One rating r more changes the mean m of n ratings by (r − m) / n; so much of each count's noise is in it.
    """
    whole = sum(count.value for count in counts)
    mean = sum(rating * count.value for rating, count in enumerate(counts, 1)) / whole
    pulls = [(rating - mean) / whole for rating, _ in enumerate(counts, 1)]
    pairs = list(zip(pulls, counts, strict=True))
    spread = 2 * sqrt(sum(pull**2 * count.variance for pull, count in pairs))
    lift = sum(abs(pull) * count.lift for pull, count in pairs)
    return Mean(mean, ceil(round((spread + lift) * 10, 6)) / 10, not any(count.margin for count in counts))


def share(part: Figure, whole: Figure) -> float | None:
    """A share, where protection leaves it sure to within 15 percentage points; else None."""
    if not part.known or part.hidden or whole.hidden or whole.value <= whole.margin:
        return None
    found = min(part.value / whole.value, 1.0)
    error = (part.margin + found * whole.margin) / whole.value
    return found if error <= _LARGEST_ERROR else None


def share_text(part: Figure, whole: Figure) -> str:
    """A share as people read it, "" where it cannot be told."""
    found = share(part, whole)
    if found is None:
        return ""
    key = "state_about" if part.margin or whole.margin else "state_exact"
    return t(f"transparency.{key}", number=t("transparency.percent", number=number(round(found * 100))))


class Change(NamedTuple):
    """How a figure differs from an earlier one; `ratio` None where there is no telling, 0 where noise explains it."""

    ratio: float | None = None


def change(now: Figure, before: Figure) -> Change:
    """The change, 0 where the noise of both could be all of it."""
    if not (now.known and before.known) or now.hidden or before.hidden or before.value <= before.margin:
        return Change()
    if abs(now.value - before.value) <= sqrt(now.margin**2 + before.margin**2):
        return Change(0.0)
    return Change(now.value / before.value - 1)


@cache
def measures_of(table: str) -> tuple[str, ...]:
    """The measures of a table that are counted."""
    return tuple(row.name for row in BY_NAME[table].measures if row.unit)
