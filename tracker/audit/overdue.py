"""Is deleted what should be: pseudonyms of closed days, the day key, and everything that a setting gives a date to.

A day is granted for everything that is deleted by the hour or at night, so that nothing is overdue that is only due.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tracker.audit.files import Stored
from tracker.audit.report import FAILURE, OK, WARNING, Finding
from tracker.calendar import calendar_of, day_date, day_number
from tracker.config import Config
from tracker.counters import heartbeat_is_fresh, read_json
from tracker.doctor import SWAPS
from tracker.feedback.erased import FILE as ERASED
from tracker.retention import (
    DELIVERIES_KEPT,
    UPLOADS_KEPT,
    first_day_of_counts,
    instant_before,
    months_before,
    same_day_before,
)
from tracker.store import Store
from tracker.store.accounts import SESSION_IDLE, SESSION_LIFE
from tracker.store.catalogue import Catalogue, Municipality, Site
from tracker.store.contents import Contents
from tracker.store.deliveries import KEPT as DELIVERY_KEPT
from tracker.takein import UNFINISHED
from tracker.unfinished import leftovers
from tracker.worker import loader_status

DAY = 86_400.0  # s
LONGEST_JOURNAL = 48 * 3600.0  # s: the day of its last line, and the night after it
CLOSED_WITHIN = 2 * 3600.0  # s after the end of a day in which it should be closed


def check_pseudonyms(contents: Contents, now: float) -> Finding:
    """No pseudonym of a day that is over, and none at all where a site counts without."""
    stale = contents.days_open_since(int((now - CLOSED_WITHIN) * 1000))
    if stale:
        oldest = min(day.day for day in stale)
        return Finding("pseudonyms", FAILURE, "stale", {"number": len(stale), "day": day_date(oldest).isoformat()})
    lost = contents.pseudonyms_of_no_day()
    if lost:
        return Finding("pseudonyms", FAILURE, "lost", {"number": lost})
    return Finding("pseudonyms", OK, "fresh")


def check_counts_level(contents: Contents) -> Finding:
    """Sites of level `counts` keep no single visits."""
    number = contents.visits_of_counts_sites()
    if number:
        return Finding("counts_level", FAILURE, "visits", {"number": number})
    return Finding("counts_level", OK, "none")


def check_day_key(towns: Sequence[Municipality], memory: Path | None, data: Path, now: float) -> Finding:
    """The day key is of today, in memory that is not swapped."""
    if memory is None:
        return Finding("day_key", WARNING, "no_memory")
    present = {row.timezone.replace("/", "-"): calendar_of(row.timezone).moment(int(now * 1000)).day for row in towns}
    days = {path.stem: int.from_bytes(path.read_bytes()[:8], "big") for path in sorted(memory.glob("*.key"))}
    old = [day for zone, day in days.items() if day < present.get(zone, day)]
    if old:
        served = heartbeat_is_fresh(read_json(loader_status(memory, data)))
        grade, reason = (FAILURE, "old") if served else (WARNING, "left")
        return Finding("day_key", grade, reason, {"place": str(memory), "number": len(old)})
    if SWAPS.exists() and len(SWAPS.read_text().splitlines()) > 1:  # the first line is the heading
        return Finding("day_key", WARNING, "swap")
    return Finding("day_key", OK, "fresh", {"number": len(days)})


def check_overdue(store: Store, config: Config, now: float) -> Iterator[Finding]:
    """What the database should have deleted by the settings, a day ago at the latest."""
    contents, found = Contents(store.connection), []
    for name, number in _overdue(store, contents, config, now - DAY):
        if number:
            found.append(Finding("overdue", FAILURE, name, {"number": number}))
    yield from found
    if not found:
        yield Finding("overdue", OK, "none")


def _overdue(store: Store, contents: Contents, config: Config, then: float) -> Iterator[tuple[str, int]]:
    """(what, how much) of what was due at an instant."""
    sites = Catalogue(store.connection).sites()
    rows = [_of_site(store, contents, config, site, then) for site in sites]
    for name in ("visits", "counts", "feedback", "feedback_texts", "deliveries"):
        yield name, sum(row[name] for row in rows)
    yield (
        "sessions",
        max(
            contents.older("session", "seen", then - SESSION_IDLE),
            contents.older("session", "created", then - SESSION_LIFE),
        ),
    )
    yield "batches", contents.older("delivery", "received", then * 1000 - DELIVERY_KEPT)
    today = datetime.fromtimestamp(then, UTC).date()
    yield "transfers", contents.transfers_before(day_number(months_before(today, config.rollup_months)) // 100)
    yield "audit_log", contents.older("audit_log", "time", instant_before(then, config.audit_months))
    yield "erased", _erased_before(config.data / ERASED, day_number(months_before(today, config.rollup_months)))


def _of_site(store: Store, contents: Contents, config: Config, site: Site, then: float) -> dict[str, int]:
    today = day_date(site.calendar.moment(int(then * 1000)).day)
    facts = day_number(today - timedelta(days=config.facts_days - 1))
    texts = day_number(same_day_before(today, config.feedback_text_months))
    return {
        "visits": contents.before("visit", site.id, facts),
        "counts": contents.counts_before(site.id, first_day_of_counts(store, site, today, config)),
        "feedback": contents.before("feedback", site.id, day_number(months_before(today, config.rollup_months))),
        "feedback_texts": contents.texts_before(site.id, texts),
        "deliveries": contents.before("delivery_seen", site.id, day_number(today - timedelta(days=DELIVERIES_KEPT))),
    }


def _erased_before(path: Path, day: int) -> int:
    """How many deletions are remembered from before a day (20260131)."""
    if not path.exists():
        return 0
    begins = [line[:8] for line in path.read_bytes().splitlines()]
    return sum(begin.isdigit() and int(begin) < day for begin in begins)


def check_old_files(config: Config, files: Sequence[Stored], now: float) -> Iterator[Finding]:
    """Journal, uploads and backups are not kept for longer than they should; no import was broken off."""
    limits = {
        "journal": LONGEST_JOURNAL + CLOSED_WITHIN,
        "uploads": UPLOADS_KEPT + DAY,
        "backup": (config.backup_days + 1) * DAY,
    }
    found = []
    for name, most in limits.items():
        old = [file for file in files if file.kind and file.kind.name == name and _age(file, now) > most]
        if old:
            found.append(Finding("old_files", FAILURE, name, {"number": len(old), "place": old[0].name}))
    broken = [path.name for path in leftovers(config.data / UNFINISHED)]
    if broken:
        number = sum(file.name.split("/")[0] in broken for file in files)
        found.append(Finding("old_files", WARNING, "takein", {"number": number, "place": ", ".join(broken)}))
    yield from found
    if not found:
        yield Finding("old_files", OK, "none")


def _age(file: Stored, now: float) -> float:
    """Seconds; a backup is as old as the file or folder that was given its name."""
    parts = file.name.split("/")
    named = file.path.parents[len(parts) - 3] if parts[0] == "backup" and len(parts) > 2 else file.path
    try:
        return now - named.stat().st_mtime
    except FileNotFoundError:
        return 0
