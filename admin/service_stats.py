"""The key figures of a service out of counts of its forms, as docs/reports.md defines them. Counts in, values out."""

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from admin.ranges import DAY, Range, month_end
from tracker.attempts import ABANDONED, LEGITIMATE
from tracker.services.service import CHANNELS
from tracker.store import Counts
from tracker.store.usage import ONLINE, Figures

SUBMITTED = "submitted"
OFFLINE = (*(channel for channel in CHANNELS if channel not in ONLINE), "other")
SUMMARY_DIMS = ("form", "resumed", "outcome")
STEP_DIMS = ("step", "step_done", "step_back", "step_error", "abandoned")
DETAIL_DIMS = ("step_field", "step_time", "step_device", "abandoned_device")
CODE_DIMS = ("auth", "assurance", "payment", "payment_status")
ALL_DIMS = (*SUMMARY_DIMS, *STEP_DIMS, *DETAIL_DIMS, *CODE_DIMS)

Found = Mapping[str, Sequence[Counts]]  # dimension → counts by key


class Summary(NamedTuple):
    """How the attempts at some forms went. At level `counts` there are no attempts, and `outcomes` are occurrences.

    `cost`: euro cents that the service cost in the same time, None where nobody knows it.
    """

    started: int | None
    resumed: int
    outcomes: Mapping[str, int]
    cost: Fraction | None = None

    @property
    def submitted(self) -> int:
        """Attempts that ended with what they were begun for."""
        return self.outcomes.get(SUBMITTED, 0)

    @property
    def abandoned(self) -> int | None:
        """Attempts given up; below 0 where more were given back by being resumed."""
        return None if self.started is None else self.outcomes.get(ABANDONED, 0)

    @property
    def ended(self) -> int:
        """Attempts with a legitimate end."""
        return sum(self.outcomes.get(name, 0) for name in LEGITIMATE)

    @property
    def completion_rate(self) -> float | None:
        """Attempts with a legitimate end, by attempts started (GOV.UK Service Manual, completion rate)."""
        return self.ended / self.started if self.started else None

    @property
    def unfinished(self) -> int:
        """Attempts that have no end yet."""
        return max(0, (self.started or 0) + self.resumed - sum(self.outcomes.values())) if self.started else 0

    @property
    def empty(self) -> bool:
        """Whether nothing at all was counted."""
        return not (self.started or self.resumed or any(self.outcomes.values()))


class Imported(NamedTuple):
    """Totals that other systems gave, on the channels that are online; None where none of them told the number.

    `with_start` are the legitimate ends of those sources that also told how many were started. `elsewhere` are the
    submitted ones on other channels.
    """

    started: int | None
    submitted: int | None
    abandoned: int | None
    with_start: int
    elsewhere: int | None


def share(part: float | None, whole: float | None) -> float | None:
    """The quotient; None where there is no whole, and for an abandonment that was given back on a later day."""
    return part / whole if part is not None and whole and part >= 0 else None


def imported(sources: Mapping[str, Figures]) -> Imported | None:
    """What the sources of a service give together; None where there is no source with figures."""
    told = [figures for figures in sources.values() if figures.numbers]
    if not told:
        return None

    def together(measure: str) -> int | None:
        numbers = [figures.number(measure, ONLINE) for figures in told if _on(figures, measure, ONLINE)]
        return sum(numbers) if numbers else None

    offline = [figures.number(SUBMITTED, OFFLINE) for figures in told if _on(figures, SUBMITTED, OFFLINE)]
    return Imported(
        together("started"),
        together(SUBMITTED),
        together(ABANDONED),
        sum(figures.number(end, ONLINE) for figures in told if _on(figures, "started", ONLINE) for end in LEGITIMATE),
        sum(offline) if offline else None,
    )


def _on(figures: Figures, measure: str, channels: Collection[str]) -> bool:
    """Whether a source tells a measure on any of these channels."""
    return any(place[0] == measure and place[1] in channels for place in figures.numbers)


def added(*numbers: int | None) -> int | None:
    """The sum of what is known; None where nothing is."""
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


def summarise(found: Found, with_attempts: bool, cost: Fraction | None = None) -> Summary:
    """The key figures of all forms in `found`; `with_attempts`: counted at a level that has them."""
    outcomes: dict[str, int] = {}
    for row in found.get("outcome", ()):
        name = row.key.rpartition("/")[2]
        outcomes[name] = outcomes.get(name, 0) + number_of(row, with_attempts)
    if not with_attempts:
        return Summary(None, 0, outcomes, cost)
    started, resumed = (sum(row.visits for row in found.get(name, ())) for name in ("form", "resumed"))
    return Summary(started, resumed, outcomes, cost)


def of_form(found: Found, form: str) -> dict[str, list[Counts]]:
    """Those counts that belong to one form."""
    begin = f"{form}/"
    return {dim: [row for row in rows if row.key == form or row.key.startswith(begin)] for dim, rows in found.items()}


def number_of(row: Counts, with_attempts: bool) -> int:
    """Attempts, or at level `counts` occurrences."""
    return row.visits if with_attempts else row.events


def by_code(found: Sequence[Counts]) -> list[Counts]:
    """Counts of form/code as counts of codes, over all forms; the most frequent first."""
    codes: dict[str, tuple[int, int]] = {}
    for row in found:
        name = row.key.rpartition("/")[2]
        visits, events = codes.get(name, (0, 0))
        codes[name] = (visits + row.visits, events + row.events)
    rows = [Counts(name, 0, visits, 0, 0, 0, events) for name, (visits, events) in codes.items() if visits or events]
    return sorted(rows, key=lambda row: (-row.visits, -row.events, row.key))


def added_up(rows: Collection[Counts], measure: str) -> list[Counts]:
    """Rows with the same key as one; the largest by `measure` first."""
    found: dict[str, list[Counts]] = {}
    for row in rows:
        found.setdefault(row.key, []).append(row)
    sums = [Counts(key, *(sum(column) for column in list(zip(*same, strict=True))[1:])) for key, same in found.items()]
    return sorted(sums, key=lambda row: (-getattr(row, measure), row.key))


def cost_of(cents_per_month: int | None, span: Range) -> Fraction | None:
    """The cost of the days of a range that have begun: of each month its part by days."""
    if cents_per_month is None:
        return None
    total, day = Fraction(0), span.start
    while day <= span.elapsed:
        last = month_end(day)
        days = (min(last, span.elapsed) - day).days + 1
        total += Fraction(cents_per_month * days, last.day)
        day = last + DAY
    return total
