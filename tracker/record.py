"""The anonymised record of one beacon: what the journal holds and the loader counts. No address, no user-agent."""

import msgspec

VIEW = "v"
EVENT = "e"
LEAVE = "l"
BOT = "b"
STEP = "s"  # a message about a form: a step, or how the attempt ended

INTERNAL = "internal"  # the channel of a referrer that is the site itself


class Message(msgspec.Struct, array_like=True, frozen=True, gc=False, omit_defaults=True):
    """What a beacon says about a form. Texts are cleaned and codes known; "" means not given."""

    form: str
    step: str = ""
    done: bool = False  # the step was left forward
    error: str = ""
    field: str = ""
    outcome: str = ""
    auth: str = ""
    assurance: str = ""
    payment: str = ""
    payment_status: str = ""
    alone: bool = False  # a form server's: `visitor` names the attempt, and there is no visit
    resumed: bool = False  # the attempt began on an earlier day and was left at `step`


class Record(msgspec.Struct, array_like=True, frozen=True, gc=False, omit_defaults=True):
    """One beacon after anonymising. Texts are already cleaned; "" means unknown or not given."""

    time: int  # milliseconds since 1970, UTC
    site: int
    visitor: int  # pseudonym under the day key as signed 64-bit number; 0 in level `counts`
    kind: str
    page: str = ""
    channel: str = ""  # INTERNAL when the referrer is the site itself
    source: str = ""
    referrer: str = ""
    campaign: str = ""
    device: str = ""
    browser: str = ""
    os: str = ""
    country: str = ""
    language: str = ""
    seconds: int = 0  # of attention since the last beacon
    rkey: int = 0  # record key: random, 32 bits, for disclosure control
    keys: tuple[tuple[str, str], ...] = ()  # further (dimension, key) pairs in which it counts
    once: int = 0  # imports: fingerprint by which a repeated line is known; 0 otherwise
    message: Message | None = None  # of kind STEP


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Record)


def encode(record: Record) -> bytes:
    """One journal line, with its newline."""
    return _encoder.encode(record) + b"\n"


def decode(line: bytes) -> Record:
    """The record of one journal line; raises msgspec.DecodeError or ValidationError."""
    return _decoder.decode(line)
