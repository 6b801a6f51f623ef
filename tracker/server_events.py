"""What a form server sends → records. Pure: sites, key and time are arguments. docs/api.md explains the format.

An item that cannot be counted becomes a Refusal with its reason, and does not spoil the others of its batch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from random import getrandbits
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from tracker.address import clean_text
from tracker.anonymise import KINDS, Draft, describe, locate
from tracker.beacon import ADDRESS_LIMIT, Beacon, Name, Value, checked
from tracker.errors import BeaconError, ItemError
from tracker.record import INTERNAL, Message, Record
from tracker.store.catalogue import Site
from tracker.useragent import Client

if TYPE_CHECKING:
    from tracker.worker import Counted

MOST_ITEMS = 1000
OLDEST = 48 * 3600 * 1000  # ms that an item may lie back
AHEAD = 5 * 60 * 1000  # ms that the clock of a form server may be fast
DETAIL_LENGTH = 300
Properties = Annotated[dict[Name, Value], Meta(max_length=30)]
GivenName = Annotated[str, Meta(min_length=1, max_length=120)]
_NO_CLIENT = Client("", "", "", "")


class _Item(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="k"):
    """What all items have: site, properties, and when it happened (RFC 3339 or ms since 1970; None: just now)."""

    s: Annotated[str, Meta(min_length=1, max_length=253)]
    p: Properties = msgspec.field(default_factory=dict)
    time: Annotated[datetime, Meta(tz=True)] | int | None = None


class View(_Item, tag="view", frozen=True, kw_only=True):
    """A page was delivered."""

    u: Annotated[str, Meta(min_length=1, max_length=ADDRESS_LIMIT)]


class Event(_Item, tag="event", frozen=True, kw_only=True):
    """Something happened."""

    n: GivenName
    u: Annotated[str, Meta(max_length=ADDRESS_LIMIT)] = ""


class Step(_Item, tag="step", frozen=True, kw_only=True):
    """A step of a form; `attempt` is a random id of the sender's that joins the messages of one attempt."""

    u: Annotated[str, Meta(max_length=ADDRESS_LIMIT)] = ""
    n: Name = ""
    p: Properties
    attempt: Annotated[str, Meta(min_length=8, max_length=200)] | None = None
    resumed: bool = False


class Outcome(Step, tag="outcome", frozen=True, kw_only=True):
    """How an attempt ended."""

    n: GivenName


Item = View | Event | Step | Outcome


class Items(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a batch. Each item is decoded by itself."""

    items: Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=MOST_ITEMS)]


class Refusal(msgspec.Struct, frozen=True):
    """Why the item at `index` is not counted: a code of docs/api.md, and a sentence."""

    index: int
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Batch:
    """What the items of one request share. `series` names a batch that may be repeated; "" one that may not."""

    municipality_id: int
    sites: "Mapping[str, Counted]"
    now: int  # when it came first, in ms
    series: str = ""


_batch = msgspec.json.Decoder(Items)
_item = msgspec.json.Decoder(Item)


def parse_items(body: bytes) -> list[msgspec.Raw]:
    """The items of a body, each as its own JSON text; raises BeaconError when the body is no batch."""
    try:
        body.decode()
        return _batch.decode(body).items
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BeaconError(f"no valid batch: {error}") from error


def records_of(items: Sequence[msgspec.Raw], batch: Batch) -> tuple[list[Record], list[Refusal]]:
    """The records of what can be counted, in the order of their times, and why the other items cannot."""
    records, refusals = [], []
    for index, raw in enumerate(items):
        try:
            records.append(record_of(_parsed(raw), batch, index))
        except ItemError as error:
            detail = clean_text(str(error), DETAIL_LENGTH)  # the answer is kept for a while, and may quote the sender
            refusals.append(Refusal(index, error.reason, detail))
    return sorted(records, key=lambda record: record.time), refusals


def _parsed(raw: msgspec.Raw) -> Item:
    try:
        item: Item = _item.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        unknown = "unknown field" in str(error)
        raise ItemError("unknown_field" if unknown else "malformed", str(error)) from error
    return item


def record_of(item: Item, batch: Batch, index: int = 0) -> Record:
    """The record of one item; raises ItemError."""
    counted = batch.sites.get(item.s.lower())
    if counted is None or counted.site.municipality_id != batch.municipality_id:
        raise ItemError("site_unknown", "The token's municipality has no such site.")
    site = counted.site
    attempt = item.attempt if isinstance(item, Step) else None
    if isinstance(item, Step) and item.resumed and attempt is None:
        raise ItemError("malformed", "What was resumed needs the id of its attempt.")
    time, draft = _time(item, batch.now), _described(item, counted, batch.now)
    visitor = 0
    if attempt is not None and site.level == "visits":
        who = f"attempt\n{batch.municipality_id}\n{site.id}\n{attempt}".encode(errors="surrogatepass")
        visitor = counted.key.pseudonym(site.calendar.moment(batch.now).day, who)
    message = draft.message
    if message is not None and isinstance(item, Step):
        message = replace(message, alone=True, resumed=item.resumed)
    return _record(draft, site, time, visitor, message, _once(batch.series, index))


def _time(item: Item, now: int) -> int:
    """When it happened, in ms; what a fast clock says is taken as now."""
    given = item.time
    if given is None:
        return now
    time = given if isinstance(given, int) else int(given.timestamp() * 1000)
    if now - time > OLDEST:
        raise ItemError("too_old", "The time lies more than 48 hours back.")
    if time - now > AHEAD:
        raise ItemError("in_future", "The time lies more than five minutes ahead.")
    return min(time, now)


def _described(item: Item, counted: "Counted", now: int) -> Draft:
    """Page, keys and message, cleaned as those of a beacon."""
    kind = type(item).__struct_config__.tag
    name = "" if isinstance(item, View) else item.n
    given = {"s": item.s, "u": item.u or "/", "k": kind, "n": name, "p": item.p}
    beacon = msgspec.convert(given, Beacon)
    draft = Draft(beacon, counted.site, counted.key, now, "", {}, lambda _: "", lambda _: _NO_CLIENT)
    try:
        checked(beacon)
        if item.u:
            locate(draft)
        describe(draft)
    except BeaconError as error:
        raise ItemError("malformed", error.reason) from error
    message = draft.message
    names = [key for _, key in draft.keys] if message is None else [message.form, message.step or message.outcome]
    if not all(names):
        raise ItemError("malformed", "Nothing is left of a name when it is cleaned.")
    return draft


def _record(draft: Draft, site: Site, time: int, visitor: int, message: Message | None, once: int) -> Record:
    """Where a form server's user came from and with what device is not known: no entry, no source, no client."""
    return Record(
        time=time,
        site=site.id,
        visitor=visitor,
        kind=KINDS[draft.beacon.k],
        page=draft.page,
        channel=INTERNAL,
        rkey=getrandbits(32),
        keys=tuple(draft.keys),
        once=once,
        message=message,
    )


def _once(series: str, index: int) -> int:
    """By what the loader knows a repeated item; 0 for a batch that is not to be repeated."""
    if not series:
        return 0
    digest = blake2b(f"{series}\n{index}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True) or 1
