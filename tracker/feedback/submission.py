"""Feedback as it was sent, and what it must fulfil before anything is kept. No I/O."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from secrets import token_bytes
from urllib.parse import urlsplit

from tracker.address import host_of
from tracker.errors import ZaehlwerkError
from tracker.feedback.feedback import DETAILS, FOUND, TEXT_LIMIT
from tracker.feedback.receipt import BYTES
from tracker.masks import visible
from tracker.store.catalogue import Site

LEAST_WAIT = 2000  # ms between seeing the form and sending it; people take longer
TOKEN_LEAST, TOKEN_MOST = 16, 100  # characters of the random id of a sending
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

# Reason → status of the answer, and what the sender should know.
REFUSALS: Mapping[str, tuple[str, str]] = {
    "honeypot": ("202 Accepted", "taken for a machine: a field that people do not see was filled in"),
    "too_fast": ("202 Accepted", "taken for a machine: it was sent within two seconds"),
    "rate": ("429 Too Many Requests", "this address has just sent something; try again in a minute"),
    "unknown_site": ("404 Not Found", "the site is not registered here"),
    "unknown_receipt": ("404 Not Found", "nothing is kept under this code"),
    "foreign_origin": ("403 Forbidden", "the page that sends this does not belong to the site"),
    "empty": ("400 Bad Request", "nothing was said: give a rating, an answer or a text"),
    "too_long": ("413 Content Too Large", f"a text has at most {TEXT_LIMIT} characters, and a message 16 KiB"),
    "invalid": ("400 Bad Request", "the message cannot be read"),
    "busy": ("503 Service Unavailable", "it cannot be kept at the moment; try again soon"),
    "fault": ("500 Internal Server Error", "a fault of ours; nothing was kept"),
}

# Control characters but the end of a line, halves of characters, and marks that turn the direction of what follows.
_HARMFUL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\uffff\ud800-\udfff]")
_LINE_END = re.compile("\r\n?|[\u2028\u2029]")


class Refused(ZaehlwerkError):  # noqa: N818 - what happened to it, not what went wrong
    """Feedback that is not kept; `reason` is a key of REFUSALS, `status` the HTTP status line of the answer."""

    def __init__(self, reason: str, message: str = "") -> None:
        self.reason = reason
        self.status, usual = REFUSALS[reason]
        super().__init__(message or usual)


@dataclass(frozen=True, slots=True)
class Submission:
    """Feedback as it was sent. `page` is a URL or a path; `waited` the ms since the form was shown.

    `token` is a random id of this sending, of at least 16 characters: whoever sends the same again with the same token
    gets the same receipt, and it is kept once.
    """

    site: str
    service: str = ""
    category: str = ""
    page: str = ""
    rating: int | None = None
    found: str = ""
    text: str = ""
    moment: str = ""
    language: str = ""
    details: Mapping[str, int] = field(default_factory=dict)
    waited: int = 0
    honeypot: str = ""
    token: str = ""


def check_sender(submission: Submission) -> None:
    """Refuse machines: what fills in a field that nobody sees, or sends sooner than anybody reads."""
    if submission.honeypot:
        raise Refused("honeypot")
    if submission.waited < LEAST_WAIT:
        raise Refused("too_fast")


def check_origin(origin: str | None, site: Site, base_url: str, host: str) -> None:
    """A browser's Origin must be the site's or our own (`base_url`, or `host` on this very machine); others have none.

    `host` is the request's Host header.
    """
    if origin is None or site.owns(host_of(origin)):
        return
    netloc = origin.partition("://")[2]
    own_here = host.rpartition(":")[0] or host
    if netloc and (netloc == urlsplit(base_url).netloc or (netloc == host and own_here in LOOPBACK)):
        return
    raise Refused("foreign_origin")


def check_answers(submission: Submission) -> None:
    """Every answer must be one of those that were asked for, and there must be one."""
    if submission.rating is not None and submission.rating not in range(1, 6):
        raise Refused("invalid", "a rating is a whole number from 1 to 5")
    if submission.found and submission.found not in FOUND:
        raise Refused("invalid", f"found is one of {', '.join(FOUND)}")
    for question, value in submission.details.items():
        if question not in DETAILS or value not in range(1, 6):
            raise Refused("invalid", f"the details are {', '.join(DETAILS)}, each from 1 to 5")
    if submission.token and not TOKEN_LEAST <= len(submission.token) <= TOKEN_MOST:
        raise Refused("invalid", f"the id of a sending has {TOKEN_LEAST} to {TOKEN_MOST} random characters")


def text_of(submission: Submission) -> str:
    """The text with plain line ends and without what does not show; Refused when it is too long or all is empty."""
    text = _HARMFUL.sub("", _LINE_END.sub("\n", submission.text.replace("\t", " "))).strip()
    if len(text) > TEXT_LIMIT:
        raise Refused("too_long", f"the text has {len(text)} characters, at most {TEXT_LIMIT} are possible")
    text = unicodedata.normalize("NFC", text) if visible(text).strip() else ""
    if submission.rating is None and not (submission.found or text or submission.details):
        raise Refused("empty")
    return text


def secret_of(submission: Submission) -> bytes:
    """The secret of the receipt: random, or, so that a repetition has the same, out of token and content."""
    if not submission.token:
        return token_bytes(BYTES)
    said = (submission.site.lower(), submission.service, submission.category, submission.page, submission.rating)
    more = (submission.found, submission.text, submission.moment, submission.language)
    content = repr((submission.token, said, more, sorted(submission.details.items())))
    return blake2b(content.encode(errors="surrogatepass"), digest_size=BYTES, person=b"sending").digest()
