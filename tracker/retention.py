"""What is deleted when: facts after some days, counts and feedback after some months, sessions and uploads soon."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta

from tracker.backup import forget_backups
from tracker.calendar import day_date, day_number
from tracker.config import Config
from tracker.feedback.erased import erased_receipts, forget_erased
from tracker.store import Store
from tracker.store.accounts import Accounts
from tracker.store.audit_log import AuditLog
from tracker.store.catalogue import Catalogue, Site
from tracker.store.feedback import Feedbacks, purge_erased
from tracker.store.imports import Imports
from tracker.store.sdg import Transfers
from tracker.takein import forget_unfinished

KINDS = (
    *("visits", "counts", "texts", "feedback", "feedback_texts", "sessions", "uploads", "backups", "transfers"),
    "audit_log",
)
UPLOADS = "uploads"  # folder of the files that wait to be mapped
UPLOADS_KEPT = 3600  # s
DELIVERIES_KEPT = 5  # days; an item may be 2 days old, and its batch may be repeated for 2 more


def purge(store: Store, config: Config, now: float, texts: bool = False) -> dict[str, int]:
    """Delete what is due at `now` (seconds since 1970); how much of each kind went.

    `texts`: also those that nothing is filed under any more, for which one must hold the loader's lock.
    """
    gone = dict.fromkeys(KINDS, 0)
    feedbacks = Feedbacks(store.connection)
    for site in Catalogue(store.connection).sites():
        today = day_date(site.calendar.moment(int(now * 1000)).day)
        first_day_of_facts = today - timedelta(days=config.facts_days - 1)
        gone["visits"] += store.purge_facts(site.id, day_number(first_day_of_facts))
        gone["counts"] += store.purge_rollups(site.id, first_day_of_counts(store, site, today, config))
        gone["feedback"] += feedbacks.purge(site.id, day_number(months_before(today, config.rollup_months)))
        first_day_of_texts = same_day_before(today, config.feedback_text_months)
        gone["feedback_texts"] += feedbacks.purge_texts(site.id, day_number(first_day_of_texts))
        Imports(store.connection).forget_deliveries(site.id, day_number(today - timedelta(days=DELIVERIES_KEPT)))
    if texts:
        gone["texts"] = store.purge_texts()
        feedbacks.tidy_index()  # of words whose site was removed
    gone["feedback"] += _purge_erased(store, config, now)
    gone["sessions"] = Accounts(store.connection).purge_sessions()
    gone["uploads"] = forget_uploads(config, now)
    gone["backups"] = forget_backups(config, now)
    forget_unfinished(config)
    first = months_before(datetime.fromtimestamp(now, UTC).date(), config.rollup_months)
    gone["transfers"] = Transfers(store.connection).forget_contents(day_number(first) // 100)
    gone["audit_log"] = AuditLog(store.connection).purge(instant_before(now, config.audit_months))
    if any(gone.values()):
        store.checkpoint()
    return gone


def forget_uploads(config: Config, now: float) -> int:
    """Delete uploaded files that nobody mapped within an hour; how many there were."""
    old = [path for path in (config.data / UPLOADS).glob("*") if now - path.stat().st_mtime > UPLOADS_KEPT]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def instant_before(now: float, months: int) -> int:
    """The instant in seconds so many months before another."""
    day = same_day_before(datetime.fromtimestamp(now, UTC).date(), months)
    return int(datetime.combine(day, time(), UTC).timestamp())


def _purge_erased(store: Store, config: Config, now: float) -> int:
    """Delete again what came back with an older backup; how much. What none can bring back any more is forgotten."""
    yesterday = datetime.fromtimestamp(now, UTC).date() - timedelta(days=1)  # behind the day of every site
    forget_erased(config.data, day_number(months_before(yesterday, config.rollup_months)))
    return purge_erased(store.connection, erased_receipts(config.data))


def first_day_of_counts(store: Store, site: Site, today: date, config: Config) -> int:
    """The first day whose counts are kept. What was imported is kept for as long as what is counted, from then on."""
    first = months_before(today, config.rollup_months)
    imported = Imports(store.connection).first_day(site.id, datetime.combine(first, time(), UTC).timestamp())
    return day_number(first) if imported is None else min(day_number(first), imported)


def months_before(day: date, months: int) -> date:
    """The first day of the month that lies so many months before the one of `day`."""
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


def same_day_before(day: date, months: int) -> date:
    """The same day so many months before, or the last of a month that has no such day."""
    first = months_before(day, months)
    return first.replace(day=min(day.day, monthrange(first.year, first.month)[1]))
