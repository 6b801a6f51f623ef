"""Messages of a transfer: entries split into parts of at most 10 MB, each written as one JSON object."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tracker.errors import ConfigError
from tracker.sdg.draft import FEEDBACK, STATISTICS, Entry
from tracker.sdg.setting import CONTENT, ISO, Setting
from tracker.usage.periods import first_day, last_day

LIMIT = 10_000_000  # bytes of a message: the stricter reading of 10 MB
LISTS = {STATISTICS: "sources", FEEDBACK: "feedbacks"}  # what the entries of a kind stand under
_DIGITS = 12  # room for the number of entries


class Head(NamedTuple):
    """What stands before the entries. `made`: seconds since 1970, or None to leave the time of the transfer blank."""

    kind: str
    month: int
    unique_id: str
    made: int | None


def message(entries: Sequence[Entry], head: Head, setting: Setting) -> bytes:
    """One message. The reference period is the calendar month as the regulation's examples write it."""
    transfer = {
        "uniqueId": head.unique_id,
        "referencePeriod": {
            "startDate": _moment(datetime.combine(first_day(head.month), datetime.min.time()), setting),
            "endDate": _moment(
                datetime.combine(last_day(head.month), datetime.min.time().replace(23, 59, 59)), setting
            ),
        },
        "transferDate": "" if head.made is None else _moment(datetime.fromtimestamp(head.made, UTC), setting),
        "transferType": setting.transfer_type,
        "nbEntries": len(entries),
        LISTS[head.kind]: list(entries),
    }
    return _json({"isSDG": True, setting.envelope: [transfer] if setting.envelope == CONTENT else transfer})


def _moment(moment: datetime, setting: Setting) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ" if setting.dates == ISO else "%Y-%m-%d %H:%M:%S")


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def split(entries: Iterable[Entry], head: Head, setting: Setting, limit: int = LIMIT) -> list[list[Entry]]:
    """The entries in as few parts as their order allows, so that no message is over `limit` bytes; at least one part.

    Raises ConfigError when a single entry is too large.
    """
    room = limit - len(message([], head, setting)) - _DIGITS
    parts: list[list[Entry]] = [[]]
    used = 0
    for entry in entries:
        size = len(_json(entry)) + 1
        if size > room:
            raise ConfigError(f"A single entry of {size:,} bytes does not fit into a message of {limit:,} bytes.")
        if used + size > room:
            parts.append([])
            used = 0
        parts[-1].append(entry)
        used += size
    return parts
