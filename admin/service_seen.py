"""What was counted of services in the last days, for the quality of their master data."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from admin.stats import today_of
from tracker.attempts import ABANDONED
from tracker.calendar import whole_periods
from tracker.services.quality import DAYS, Flag, Seen, flags
from tracker.services.service import Service
from tracker.store import Store
from tracker.store.catalogue import Site


def flags_of(services: Sequence[Service], sites: Sequence[Site], store: Store) -> dict[str, list[Flag]]:
    """By the slug of each service what is to be mended, with what was counted on the sites until now."""
    return flags(services, sites, seen(services, sites, store, datetime.now(UTC)))


def seen(services: Sequence[Service], sites: Sequence[Site], store: Store, now: datetime) -> Seen:
    """What was counted on the sites of a municipality in the last DAYS days, today included."""
    steps: dict[str, set[str]] = {}
    ended: set[str] = set()
    forms: set[str] = set()
    used: set[str] = set()
    for site in sites:
        periods = _periods(today_of(site, now))
        for form, step in _pairs(store, site, "step", periods):
            steps.setdefault(form, set()).add(step)
        ended |= {form for form, outcome in _pairs(store, site, "outcome", periods) if outcome != ABANDONED}
        forms |= {row.key for name in ("form", "resumed") for row in store.rows(site.id, name, periods)}
        used |= {
            service.slug
            for service in services
            if service.slug not in used and any(store.totals(site.id, periods, service.slug)[1:])
        }
    return Seen(used, forms | steps.keys() | ended, steps, ended)


def _periods(today: date) -> list[int]:
    return list(whole_periods(today - timedelta(days=DAYS - 1), today))


def _pairs(store: Store, site: Site, dim: str, periods: Sequence[int]) -> list[tuple[str, str]]:
    """Form and rest of the keys of a dimension; a form's name has no slash."""
    keys = (row.key.partition("/") for row in store.rows(site.id, dim, periods))
    return [(form, rest) for form, _, rest in keys]
