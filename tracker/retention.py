"""What is deleted when: facts after some days, counts after some months, sessions when they are over, uploads soon."""

from datetime import UTC, date, datetime, time, timedelta

from tracker.backup import forget_backups
from tracker.calendar import day_date, day_number
from tracker.config import Config
from tracker.store import Store
from tracker.store.accounts import Accounts
from tracker.store.catalogue import Catalogue, Site
from tracker.store.imports import Imports

UPLOADS = "uploads"  # folder of the files that wait to be mapped
UPLOADS_KEPT = 3600  # s
DELIVERIES_KEPT = 5  # days; an item may be 2 days old, and its batch may be repeated for 2 more


def purge(store: Store, config: Config, now: float, texts: bool = False) -> dict[str, int]:
    """Delete what is due at `now` (seconds since 1970); how much of each kind went.

    `texts`: also those that nothing is filed under any more, for which one must hold the loader's lock.
    """
    gone = {"visits": 0, "counts": 0, "texts": 0, "sessions": 0, "uploads": 0, "backups": 0}
    for site in Catalogue(store.connection).sites():
        today = day_date(site.calendar.moment(int(now * 1000)).day)
        first_day_of_facts = today - timedelta(days=config.facts_days - 1)
        gone["visits"] += store.purge_facts(site.id, day_number(first_day_of_facts))
        gone["counts"] += store.purge_rollups(site.id, _first_day_of_counts(store, site, today, config))
        Imports(store.connection).forget_deliveries(site.id, day_number(today - timedelta(days=DELIVERIES_KEPT)))
    if texts:
        gone["texts"] = store.purge_texts()
    gone["sessions"] = Accounts(store.connection).purge_sessions()
    gone["uploads"] = forget_uploads(config, now)
    gone["backups"] = forget_backups(config, now)
    if any(gone.values()):
        store.checkpoint()
    return gone


def forget_uploads(config: Config, now: float) -> int:
    """Delete uploaded files that nobody mapped within an hour; how many there were."""
    old = [path for path in (config.data / UPLOADS).glob("*") if now - path.stat().st_mtime > UPLOADS_KEPT]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _first_day_of_counts(store: Store, site: Site, today: date, config: Config) -> int:
    """The first day whose counts are kept. What was imported is kept for as long as what is counted, from then on."""
    first = months_before(today, config.rollup_months)
    imported = Imports(store.connection).first_day(site.id, datetime.combine(first, time(), UTC).timestamp())
    return day_number(first) if imported is None else min(day_number(first), imported)


def months_before(day: date, months: int) -> date:
    """The first day of the month that lies so many months before the one of `day`."""
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)
