"""The declared table of dimensions, and the additive counts that are kept under them."""

from typing import NamedTuple

MEASURES = ("visitors", "visits", "views", "bounces", "seconds", "events", "rkey")
VISITORS, VISITS, VIEWS, BOUNCES, SECONDS, EVENTS, RKEY = range(7)


class Dimension(NamedTuple):
    """One dimension. `number` is what the database stores and never changes; `blank`: "" is a key of its own."""

    number: int
    name: str
    of: str  # "visit": a visit has one value; "beacon": a visit may have many; "attempt": `visits` counts attempts
    blank: bool = False


DIMENSIONS = (
    Dimension(0, "total", "visit", blank=True),
    Dimension(1, "entry", "visit"),
    Dimension(2, "exit", "visit"),
    Dimension(3, "channel", "visit", blank=True),
    Dimension(4, "source", "visit", blank=True),
    Dimension(5, "referrer", "visit"),
    Dimension(6, "campaign", "visit"),
    Dimension(7, "device", "visit", blank=True),
    Dimension(8, "browser", "visit", blank=True),
    Dimension(9, "os", "visit", blank=True),
    Dimension(10, "country", "visit", blank=True),
    Dimension(11, "language", "visit", blank=True),
    Dimension(20, "hour", "beacon"),
    Dimension(21, "page", "beacon"),
    Dimension(22, "event", "beacon"),
    Dimension(23, "download", "beacon"),
    Dimension(24, "outbound", "beacon"),
    Dimension(25, "search", "beacon"),
    Dimension(26, "not_found", "beacon"),
    Dimension(27, "property", "beacon"),
    Dimension(28, "form", "attempt"),
    Dimension(29, "step", "attempt"),
    Dimension(30, "step_done", "attempt"),
    Dimension(31, "step_back", "attempt"),
    Dimension(32, "step_error", "attempt"),
    Dimension(33, "step_field", "attempt"),
    Dimension(34, "step_time", "attempt"),
    Dimension(35, "step_device", "attempt"),
    Dimension(36, "abandoned", "attempt"),
    Dimension(37, "abandoned_device", "attempt"),
    Dimension(38, "outcome", "attempt"),
    Dimension(39, "resumed", "attempt"),
    Dimension(40, "bot", "beacon"),
    Dimension(41, "auth", "attempt"),
    Dimension(42, "assurance", "attempt"),
    Dimension(43, "payment", "attempt"),
    Dimension(44, "payment_status", "attempt"),
    Dimension(45, "sdg", "beacon"),  # device/country/page of pages of the Single Digital Gateway; views only
)
BY_NAME = {row.name: row for row in DIMENSIONS}
VISIT_DIMENSIONS = tuple(row for row in DIMENSIONS if row.of == "visit")
TOTAL, ENTRY, EXIT = (BY_NAME[name].number for name in ("total", "entry", "exit"))
HOUR, PAGE, BOT, SDG = (BY_NAME[name].number for name in ("hour", "page", "bot", "sdg"))

Measures = tuple[int, int, int, int, int, int, int]  # in the order of MEASURES
Cell = list[int]  # the same, being added up
Delta = dict[int, dict[str, Cell]]  # dimension number → key → change of the measures


def add(delta: Delta, dim: int, key: str, measures: Measures) -> None:
    """Add `measures` to one cell of `delta`."""
    keys = delta.get(dim)
    if keys is None:
        keys = delta[dim] = {}
    cell = keys.get(key)
    if cell is None:
        keys[key] = list(measures)
        return
    visitors, visits, views, bounces, seconds, events, rkey = measures
    cell[0] += visitors
    cell[1] += visits
    cell[2] += views
    cell[3] += bounces
    cell[4] += seconds
    cell[5] += events
    cell[6] += rkey
