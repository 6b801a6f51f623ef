"""The transactions of a month from what is stored: attempts of forms, figures of connectors, and the catalogue."""

from collections import Counter
from datetime import date

from tracker.store import Store
from tracker.store.catalogue import Catalogue, Municipality
from tracker.store.services import Services
from tracker.store.usage import Figures, Usage
from tracker.usage.periods import last_day, written
from tracker.usage.zsk import Finding, Report, Setting, report

SUBMITTED = "submitted"


def zsk_report(store: Store, town: Municipality, month: int, setting: Setting, today: date) -> Report:
    """The transactions of a month (202610) of a municipality."""
    services = Services(store.connection).all(town.id)
    found = report(
        town, month, services, _measured(store, town, month), _imported(store, town, month, setting), setting
    )
    if last_day(month) >= today:
        found.findings.insert(0, Finding("running", {"period": written(month)}))
    return found


def _measured(store: Store, town: Municipality, month: int) -> dict[str, int]:
    """Form → attempts that were submitted, on all sites; in level `counts` reports of it."""
    found: Counter[str] = Counter()
    for site in Catalogue(store.connection).sites(town.id):
        for row in store.rows(site.id, "outcome", [month]):
            form, _, outcome = row.key.rpartition("/")
            if outcome == SUBMITTED:
                found[form] += row.events
    return dict(found)


def _imported(store: Store, town: Municipality, month: int, setting: Setting) -> dict[str, list[Figures]]:
    usage = Usage(store.connection)
    left_out = {one.title for one in usage.connectors(town.id) if one.name in setting.without}
    return {
        slug: [figures for title, figures in sources.items() if title not in left_out]
        for slug, sources in usage.by_service(town.id, [month]).items()
    }
