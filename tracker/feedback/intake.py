"""Taking in one piece of feedback: checked, cheapest first, masked, and stored at once, under a receipt.

It is written to the database and not to the journal, in one transaction that is over before the answer: a second copy
would outlive a deletion by receipt. Address and user-agent end with the request; nothing links it to a visit.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any, NamedTuple

from tracker.anonymise import place_of
from tracker.beacon import ADDRESS_LIMIT
from tracker.errors import BeaconError, StoreError
from tracker.feedback.erased import erased_receipts
from tracker.feedback.feedback import CATEGORIES, MOMENTS, Feedback
from tracker.feedback.masking import screen
from tracker.feedback.receipt import code_of, hash_of
from tracker.feedback.submission import (
    Refused,
    Submission,
    check_answers,
    check_origin,
    check_sender,
    secret_of,
    text_of,
)
from tracker.language import primary
from tracker.logs import log, log_fault
from tracker.peer import client_address
from tracker.services.rules import SLUG
from tracker.store.catalogue import Site
from tracker.store.feedback import Feedbacks, open_for_intake
from tracker.store.services import Services
from tracker.worker import Worker

__all__ = ["Refused", "Submission", "Taken", "take"]

KEPT_LIMIT = 4000  # characters of a text as it is kept: placeholders make it longer

Environ = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Taken:
    """What was kept: the code of its receipt, which is stored nowhere, and the text as it is kept."""

    receipt: str
    text: str
    masked: int  # placeholders in the text


def take(submission: Submission, environ: Environ, worker: Worker) -> Taken:
    """Keep a piece of feedback; it is in the database when this returns. Raises Refused.

    Every outcome is counted among the answers of the worker, by its reason.
    """
    counts = worker.counters.beacons
    try:
        taken = _take(submission, environ, worker)
    except Refused as refusal:
        counts[refusal.status[:3], f"feedback_{refusal.reason}"] += 1
        raise
    except Exception as error:  # noqa: BLE001 - a server would log it, and its text may hold what was sent
        counts["500", "feedback_fault"] += 1
        log_fault("feedback_failed", error)
        raise Refused("fault") from None
    counts["201", "feedback_kept"] += 1
    return taken


class _Checked(NamedTuple):
    """A submission, and what is known of it before the database is asked."""

    submission: Submission
    environ: Environ
    site: Site
    address: str
    page: str  # cleaned
    text: str  # not masked yet


def _take(submission: Submission, environ: Environ, worker: Worker) -> Taken:
    """1. Check. 2. A repetition gets the first answer. 3. One a minute. 4. Mask and store."""
    config, checked = worker.config, _check(submission, environ, worker)
    code = code_of(secret_of(submission))
    receipt = hash_of(code)
    assert receipt is not None
    try:
        with closing(open_for_intake(config.database, config.durability == "fsync")) as connection:
            known = _known(connection, worker, receipt)
            feedback = known or _keep(connection, checked, receipt, worker)
    except (sqlite3.OperationalError, StoreError, OSError) as error:
        log("feedback_not_stored", level="error", error=type(error).__name__)
        raise Refused("busy") from error
    return Taken(code, feedback.text, feedback.masked)


def _check(submission: Submission, environ: Environ, worker: Worker) -> _Checked:
    address = client_address(environ, worker.config.trusted_proxies)
    if not worker.limiter.allows(address, worker.clock()):
        raise Refused("rate")
    check_sender(submission)
    counted = worker.sites.get(submission.site.lower())
    if counted is None:
        raise Refused("unknown_site")
    site = counted.site
    check_origin(environ.get("HTTP_ORIGIN"), site, worker.config.base_url, environ.get("HTTP_HOST", ""))
    check_answers(submission)
    return _Checked(submission, environ, site, address, _page(submission.page, site), text_of(submission))


def _page(url: str, site: Site) -> str:
    """The page's path as that of a view is stored; "" if none was sent."""
    if not url:
        return ""
    if len(url.encode(errors="surrogatepass")) > ADDRESS_LIMIT:
        raise Refused("invalid", f"the address of the page is over {ADDRESS_LIMIT} bytes")
    try:
        return place_of(url, site).page
    except BeaconError as error:
        reason = "foreign_origin" if error.reason.startswith("the page's host") else "invalid"
        raise Refused(reason, error.reason) from error


def _known(connection: sqlite3.Connection, worker: Worker, receipt: bytes) -> Feedback | None:
    """What was kept when this sending came first; empty when it was deleted since."""
    kept = Feedbacks(connection).by_receipt(receipt)
    if kept is not None:
        return kept.feedback
    return Feedback(0, 0, "") if receipt in erased_receipts(worker.config.data) else None


def _keep(connection: sqlite3.Connection, checked: _Checked, receipt: bytes, worker: Worker) -> Feedback:
    """Store it, unless the address did so within a minute."""
    now, most = worker.clock(), worker.config.feedback_per_minute
    if not worker.senders.allows(checked.address, now, most):
        raise Refused("rate")
    try:
        feedback = _feedback(connection, checked, worker)
        Feedbacks(connection).add(feedback, receipt)
    except sqlite3.IntegrityError:  # the same sending, at the same time
        kept = Feedbacks(connection).by_receipt(receipt)
        if kept is None:
            raise
        return kept.feedback
    except BaseException:
        worker.senders.give_back(checked.address, now)
        raise
    return feedback


def _feedback(connection: sqlite3.Connection, checked: _Checked, worker: Worker) -> Feedback:
    """What is kept of a submission."""
    submission, environ, site = checked.submission, checked.environ, checked.site
    service = _service(connection, checked)
    setting = Feedbacks(connection).setting(site.municipality_id, service)
    language = primary(submission.language) or primary(environ.get("HTTP_ACCEPT_LANGUAGE", ""))
    screened = screen(checked.text, language) if checked.text else None
    return Feedback(
        site=site.id,
        day=site.calendar.moment(int(worker.clock() * 1000)).day,
        category=submission.category if submission.category in CATEGORIES else setting.category,
        service=service,
        rating=submission.rating,
        found=submission.found,
        text=screened.text[:KEPT_LIMIT] if screened else "",
        masked=screened.masked if screened else 0,
        page=checked.page,
        moment=submission.moment if submission.moment in MOMENTS else "",
        device=worker.client(environ.get("HTTP_USER_AGENT", "")).device,
        language=language,
        details=dict(submission.details),
    )


def _service(connection: sqlite3.Connection, checked: _Checked) -> str:
    """The service that was named, if the municipality has it; else that of the page; else ""."""
    services, slug = Services(connection), checked.submission.service
    if SLUG.fullmatch(slug) and services.exists(checked.site.municipality_id, slug):
        return slug
    found = services.matcher(checked.site).services(checked.page) if checked.page else ()
    return found[0] if found else ""
