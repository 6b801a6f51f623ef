"""The true rows of the published tables, out of the counts. Every domain is closed; what is rare is put together."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from admin.opendata.protection.values import Cell
from tracker.attempts import ABANDONED
from tracker.codes import CODES
from tracker.services.service import Service
from tracker.source import CHANNELS
from tracker.store.catalogue import Site
from tracker.store.cells import CellRow, Cells, RatingRow

EU = frozenset(
    "AT BE BG CY CZ DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905 - readable
)  # without Germany; ISO 3166-1
LANGUAGES = ("de", "en", "tr", "uk", "ar", "ru", "pl", "ro", "bg", "fr", "it", "es", "nl", "fa", "zh")
OTHER, UNKNOWN = "other", "unknown"
DEVICES = ("desktop", "mobile", "tablet", OTHER)
COUNTRY_GROUPS = ("DE", "EU", OTHER, UNKNOWN)
_RKEYS = 2**32
_NOT_MEASURED = Cell(None)


class Row(NamedTuple):
    """One true row: its dimensions after the period, what follows from them, and a cell per measure.

    `total` names the sum that it is a part of and that other tables tell too; `carries`: as in the protection's Row.
    """

    dimensions: tuple[str, ...]
    attributes: tuple[str, ...]
    cells: tuple[Cell, ...]
    total: str = ""
    carries: bool = False


Rows = list[Row]
Measured = Callable[[Site, int], bool]
_Sums = dict[tuple[object, ...], list[int]]


@dataclass(frozen=True, slots=True)
class Place:
    """Whose tables are read. `measured` tells whether a site was measured in a day or month.

    `open_since`: service → the first month (202601) whose ratings wait to be published with later ones.
    `known_from`: service → the first day (20260131) of which everything was counted for it; those left out always were.
    """

    cells: Cells
    municipality: int
    sites: Sequence[Site]
    services: Sequence[Service]
    measured: Measured
    pages: Collection[tuple[str, str]] = ()
    open_since: Mapping[str, int] = field(default_factory=dict)
    known_from: Mapping[str, int] = field(default_factory=dict)

    def of_service(self, service: Service) -> list[Site]:
        """The sites of its paths; all where none of them is counted here, as with a form elsewhere."""
        hosts = {path.partition("/")[0] for path in service.paths}
        return [site for site in self.sites if any(site.owns(host) for host in hosts)] or list(self.sites)

    def knows_attempts(self, service: Service) -> bool:
        """Whether attempts of a service are known, not only single messages about its forms."""
        return any(site.level == "visits" for site in self.of_service(service))

    def is_measured(self, service: Service, period: int) -> bool:
        """Whether every site of a service was measured, and the service known, on one day at least."""
        last = period if period > 1_000_000 else period * 100 + 31
        known = last >= self.known_from.get(service.slug, 0)
        return known and all(self.measured(site, period) for site in self.of_service(service))

    def total(self, site: Site | None, period: int) -> str:
        """The name of a sum over a month: of one site, or of all, which is the same where there is one."""
        of = site or (self.sites[0] if len(self.sites) == 1 else None)
        return f"{of.host if of else 'all'} {month_of(period)}"

    def read(self, dim: str, periods: Sequence[int], scopes: Collection[str] = ("",)) -> Iterable[CellRow]:
        """The cells of a dimension in periods that are all days or all months, in their order."""
        return self.cells.read([site.id for site in self.sites], scopes, dim, periods[0], periods[-1])

    def any_measured(self, period: int) -> bool:
        """Whether any site was measured."""
        return any(self.measured(site, period) for site in self.sites)


def month_of(period: int) -> str:
    """The month (2026-01) of a day or month (20260131 or 202601)."""
    month = period if period < 1_000_000 else period // 100
    return f"{month // 100}-{month % 100:02d}"


def sites(place: Place, periods: list[int]) -> dict[int, Rows]:
    """Visitors, visits and views by site."""
    found = {(row.period, row.site): row for row in place.read("total", periods)}

    def row_of(site: Site, period: int) -> Row:
        if not place.measured(site, period):
            return Row((site.host,), (), (_NOT_MEASURED,) * 3)
        row = found.get((period, site.id))
        visits = site.level == "visits"
        return Row(
            (site.host,),
            (),
            (
                _cell(row, "visitors") if visits else _NOT_MEASURED,
                _cell(row, "visits") if visits else _NOT_MEASURED,
                _cell(row, "views"),
            ),
            place.total(site, period),
        )

    return {period: [row_of(site, period) for site in place.sites] for period in periods}


def services(place: Place, periods: list[int]) -> dict[int, Rows]:
    """Views, and attempts by how they went, by service."""
    views, attempts = _Adder(), _Adder()
    for row in place.read("total", periods, [service.slug for service in place.services]):
        views.add((row.period, row.scope), row.views, row.rkey)
    forms = _forms(place)
    for row in place.read("form", periods):
        attempts.add((row.period, forms.get(row.key), "started"), row.visits, row.rkey)
    for row in place.read("outcome", periods):
        form, _, outcome = row.key.rpartition("/")
        kind = outcome if outcome in ("submitted", ABANDONED) else "other_ends"
        attempts.add((row.period, forms.get(form), kind), row.events, row.rkey)

    def row_of(service: Service, period: int) -> Row:
        kinds = ("started", "submitted", ABANDONED, "other_ends")
        told = kinds if place.knows_attempts(service) else ("submitted", "other_ends")
        cells = [attempts.cell((period, service.slug, kind)) if kind in told else _NOT_MEASURED for kind in kinds]
        return Row(
            (service.slug,),
            _names(service),
            (views.cell((period, service.slug)), *cells),
            f"service:{service.slug} {month_of(period)}",
        )

    return {
        period: [_if(place.is_measured(service, period), row_of(service, period)) for service in place.services]
        for period in periods
    }


def steps(place: Place, periods: list[int]) -> dict[int, Rows]:
    """Attempts that reached a step and those that were abandoned there, by service, form and step."""
    sums = _Adder()
    for dim in ("step", "abandoned"):
        for row in place.read(dim, periods):
            sums.add((row.period, dim, row.key), row.visits, row.rkey)

    def rows_of(period: int) -> Rows:
        return [
            _if(
                known,
                Row(
                    (service.slug, form.slug, step.slug),
                    (*_names(service), step.name),
                    tuple(sums.cell((period, dim, f"{form.slug}/{step.slug}")) for dim in ("step", "abandoned")),
                    f"service:{service.slug} {month_of(period)}",
                    step == form.steps[0],
                ),
            )
            for service in place.services
            for known in (place.is_measured(service, period) and place.knows_attempts(service),)
            for form in service.forms
            for step in form.steps
        ]

    return {period: rows_of(period) for period in periods}


def codes(place: Place, periods: list[int], dim: str) -> dict[int, Rows]:
    """Attempts by service and code of a list."""
    sums, forms = _Adder(), _forms(place)
    for row in place.read(dim, periods):
        form, _, code = row.key.rpartition("/")
        sums.add((row.period, forms.get(form), code), row.events, row.rkey)

    def rows_of(period: int) -> Rows:
        return [
            _if(
                measured,
                Row(
                    (service.slug, code),
                    _names(service),
                    (sums.cell((period, service.slug, code)),),
                    f"service:{service.slug} {month_of(period)}",
                ),
            )
            for service in place.services
            if service.forms
            for measured in (place.is_measured(service, period),)
            for code in CODES[dim]
        ]

    return {period: rows_of(period) for period in periods}


_GROUPS: Mapping[str, tuple[Sequence[str], Callable[[str], str]]] = {
    "device": (DEVICES, lambda key: key if key in DEVICES else OTHER),
    "country": (
        COUNTRY_GROUPS,
        lambda key: "DE" if key == "DE" else "EU" if key in EU else OTHER if key else UNKNOWN,
    ),
    "language": ((*LANGUAGES, OTHER, UNKNOWN), lambda key: key if key in LANGUAGES else OTHER if key else UNKNOWN),
    "channel": ((*CHANNELS, OTHER), lambda key: key if key in CHANNELS else OTHER),
}


def visits_by(place: Place, periods: list[int], dim: str) -> dict[int, Rows]:
    """Visits of all sites by a property, whose rare values are put together.

    Views stand beside them only of sites that count no visits: both of one site would tell more about each visit.
    """
    groups, group_of = _GROUPS[dim]
    with_visits = {site.id for site in place.sites if site.level == "visits"}
    visits, views = _Adder(), _Adder()
    for row in place.read(dim, periods):
        key = (row.period, group_of(row.key))
        if row.site in with_visits:
            visits.add(key, row.visits, row.rkey)
        else:
            views.add(key, row.views, row.rkey)

    def row_of(group: str, period: int) -> Row:
        key = (period, group)
        cells = (
            visits.cell(key) if with_visits else _NOT_MEASURED,
            views.cell(key) if len(with_visits) < len(place.sites) else _NOT_MEASURED,
        )
        return Row((group,), (), cells, place.total(None, period))

    return {period: [_if(place.any_measured(period), row_of(group, period)) for group in groups] for period in periods}


def pages(place: Place, periods: list[int]) -> dict[int, Rows]:
    """Views of the pages that may be published one by one."""
    hosts = {site.id: site.host for site in place.sites}
    sites = {site.host: site for site in place.sites}
    wanted = sorted(page for page in place.pages if page[0] in sites)
    if not wanted:
        return {period: [] for period in periods}
    sums = _Adder()
    for row in place.read("page", periods):
        sums.add((row.period, hosts[row.site], row.key), row.views, row.rkey)
    return {
        period: [
            _if(place.measured(sites[page[0]], period), Row(page, (), (sums.cell((period, *page)),))) for page in wanted
        ]
        for period in periods
    }


def feedback(place: Place, periods: list[int]) -> dict[int, Rows]:
    """How often each rating was given, by service, since the first month that waits to be published."""
    first = min([periods[0], *place.open_since.values()])
    ratings: dict[str, list[RatingRow]] = defaultdict(list)
    for row in place.cells.ratings(place.municipality, first, periods[-1]):
        ratings[row.service].append(row)

    def row_of(service: Service, period: int) -> Row:
        since = min(place.open_since.get(service.slug, period), period)
        sums = _Adder()
        for row in ratings[service.slug]:
            if since <= row.month <= period:
                sums.add((row.rating,), row.number, row.rkey)
        return Row((month_of(since), service.slug), _names(service), tuple(sums.cell((n,)) for n in range(1, 6)))

    return {period: [row_of(service, period) for service in place.services] for period in periods}


class _Adder:
    """Adds up counts and record keys."""

    def __init__(self) -> None:
        self._sums: _Sums = defaultdict(lambda: [0, 0])

    def add(self, key: tuple[object, ...], value: int, rkey: int) -> None:
        found = self._sums[key]
        found[0] += value
        found[1] += rkey

    def cell(self, key: tuple[object, ...]) -> Cell:
        """The sum; an abandonment that was given back on a later day leaves no negative number."""
        value, rkey = self._sums.get(key, (0, 0))
        return Cell(max(value, 0), rkey % _RKEYS)


def _cell(row: CellRow | None, measure: str) -> Cell:
    return Cell(getattr(row, measure), row.rkey) if row is not None else Cell(0, 0)


def _names(service: Service) -> tuple[str, str]:
    return service.name, service.leika


def _forms(place: Place) -> dict[str, str]:
    """Form → service."""
    return {form.slug: service.slug for service in place.services for form in service.forms}


def _if(measured: bool, row: Row) -> Row:
    """The row, without its numbers unless they were measured."""
    return row if measured else row._replace(cells=(_NOT_MEASURED,) * len(row.cells))
