"""One message from a page, parsed and checked. No I/O. The format is DESIGN.md's; docs/beacon.md explains it."""

from typing import Annotated, Literal
from urllib.parse import parse_qsl

import msgspec
from msgspec import Meta

from tracker.errors import BeaconError

BODY_LIMIT = 8 * 1024  # bytes
ADDRESS_LIMIT = 2000  # bytes
FIELDS_LIMIT = 50  # of a query: 30 properties, the keys of the format, and some that others append

Name = Annotated[str, Meta(max_length=120)]
Value = Annotated[str, Meta(max_length=2000)] | bool | int | float


class Beacon(msgspec.Struct, frozen=True, gc=False):
    """A beacon as it came: site, kind, address, referrer, name, properties, seconds of attention."""

    s: Annotated[str, Meta(min_length=1, max_length=253)]
    u: Annotated[str, Meta(min_length=1, max_length=ADDRESS_LIMIT)]
    k: Literal["view", "event", "leave", "step", "outcome"] = "view"
    r: str = ""
    n: Name = ""
    p: Annotated[dict[Name, Value], Meta(max_length=30)] = msgspec.field(default_factory=dict)
    d: Annotated[float, Meta(ge=0, le=86_400)] = 0


_decoder = msgspec.json.Decoder(Beacon)


def parse_body(body: bytes) -> Beacon:
    """The beacon in a JSON body; raises BeaconError with a reason a web editor understands."""
    if len(body) > BODY_LIMIT:
        raise BeaconError("the message is over 8 KiB", "413 Content Too Large")
    try:
        beacon = _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BeaconError(f"no valid beacon: {error}") from error
    return checked(beacon)


def parse_query(query: str, referer: str) -> Beacon:
    """The beacon in the query of a picture's address; `u` may be left out and is then the page that shows it."""
    if len(query) > BODY_LIMIT:
        raise BeaconError("the address is over 8 KiB", "413 Content Too Large")
    try:
        fields: dict[str, object] = dict(parse_qsl(query, max_num_fields=FIELDS_LIMIT))
        fields.setdefault("u", referer)
        properties = {name[2:]: fields.pop(name) for name in list(fields) if name.startswith("p.")}
        beacon = msgspec.convert({**fields, "p": properties}, Beacon, strict=False)
    except (msgspec.ValidationError, ValueError) as error:
        raise BeaconError(f"no valid beacon: {error}") from error
    return checked(beacon)


def checked(beacon: Beacon) -> Beacon:
    """The beacon, if what its kind needs is there; raises BeaconError with what is missing."""
    if len(beacon.u.encode()) > ADDRESS_LIMIT:
        raise BeaconError("the address u is over 2,000 bytes")
    if beacon.k == "event" and not beacon.n.strip():
        raise BeaconError("an event needs a name n")
    if beacon.k == "step" and not (_given(beacon, "form") or beacon.n.strip()):
        raise BeaconError("a step needs the name of its form, as n or as the property form")
    if beacon.k == "step" and not _given(beacon, "step"):
        raise BeaconError("a step needs the property step")
    if beacon.k == "outcome" and not (beacon.n.strip() and _given(beacon, "form")):
        raise BeaconError("an outcome needs its name n and the property form")
    return beacon


def _given(beacon: Beacon, name: str) -> bool:
    return bool(str(beacon.p.get(name, "")).strip())
