"""A month of the gateway from what is stored: looked at as a draft, and made into files that keep their ids."""

import hashlib
import uuid
from collections.abc import Sequence
from datetime import date
from sqlite3 import Connection

from tracker.errors import ConfigError
from tracker.sdg import nfk
from tracker.sdg.check import FaultyError, faults
from tracker.sdg.draft import STATISTICS, Draft, Entry, Note, note
from tracker.sdg.feedback import feedback
from tracker.sdg.message import LIMIT, Head, message, split
from tracker.sdg.setting import Setting, setting_of
from tracker.sdg.statistics import Row, statistics
from tracker.store import Store
from tracker.store.catalogue import Catalogue, Municipality
from tracker.store.sdg import Transfers, Written
from tracker.store.services import Services
from tracker.usage.periods import first_day, last_day, written

NO_ID = "0" * 36


def stored_setting(connection: Connection, town: Municipality) -> Setting:
    """The settings of a municipality."""
    return setting_of(Transfers(connection).setting(town.id))


def draft(store: Store, town: Municipality, kind: str, month: int, setting: Setting) -> Draft:
    """What the transfer of a month (202610) would hold."""
    services = Services(store.connection).all(town.id)
    if kind == STATISTICS:
        found = statistics(month, _views(store, town, month), setting)
    else:
        found = feedback(month, Transfers(store.connection).said(town.id, month), services)
    if not any(service.sdg for service in services):
        found.notes.insert(0, note("none"))
    return found


def _views(store: Store, town: Municipality, month: int) -> list[Row]:
    return [
        Row(site.host, cell.key, cell.views)
        for site in Catalogue(store.connection).sites(town.id)
        for cell in store.rows(site.id, "sdg", [month])
    ]


def obstacle(month: int, today: date, months: int) -> Note | None:
    """Why no file of a month can be made, if so: it is not over, or its figures are deleted after so many months."""
    if last_day(month) >= today:
        return note("running", period=written(month))
    age = (today.year - month // 100) * 12 + today.month - month % 100
    if age > months:
        return note("gone", period=written(month), months=months)
    return None


def preview(draft: Draft, setting: Setting, now: int, limit: int = LIMIT) -> list[bytes]:
    """The messages of a draft as they would be made now, without ids."""
    head = Head(draft.kind, draft.month, NO_ID, now)
    return [message(part, head, setting) for part in split(draft.entries, head, setting, limit)]


def make(
    connection: Connection, town: Municipality, draft: Draft, setting: Setting, now: int, limit: int = LIMIT
) -> bool:
    """Make the files of a draft, or make them anew under the same ids; False if nothing changed.

    When a correction needs fewer parts, those left over are sent empty, so that nothing old stays at the recipient.
    Raises FaultyError, and then keeps nothing.
    """

    def write(known: Sequence[str]) -> list[Written]:
        parts = split(draft.entries, Head(draft.kind, draft.month, NO_ID, now), setting, limit)
        parts += [[] for _ in known[len(parts) :]]
        ids = [*known, *(str(uuid.uuid4()) for _ in parts[len(known) :])]
        return [
            _written(part, Head(draft.kind, draft.month, number, now), setting, limit)
            for part, number in zip(parts, ids, strict=True)
        ]

    return Transfers(connection).keep(town.id, draft.kind, draft.month, now, write)


def _written(entries: Sequence[Entry], head: Head, setting: Setting, limit: int) -> Written:
    content = message(entries, head, setting)
    if found := faults(head.kind, content, limit):
        raise FaultyError(found)
    figures = hashlib.sha256(message(entries, head._replace(made=None), setting)).hexdigest()
    return Written(head.unique_id, len(entries), figures, content)


def changed_since(connection: Connection, town: Municipality, draft: Draft, setting: Setting) -> bool:
    """Whether a transfer that was made would be another one today."""
    transfers = Transfers(connection)
    before = transfers.find(town.id, draft.kind, draft.month)
    if before is None:
        return False
    parts = split(draft.entries, Head(draft.kind, draft.month, NO_ID, 0), setting)
    parts += [[] for _ in before.files[len(parts) :]]
    heads = [Head(draft.kind, draft.month, file.unique_id, None) for file in before.files]
    if len(parts) != len(heads):
        return True
    texts = (message(part, head, setting) for part, head in zip(parts, heads, strict=True))
    return transfers.figures(before.id) != [hashlib.sha256(text).hexdigest() for text in texts]


def nfk_report(store: Store, town: Municipality, month: int) -> nfk.Report:
    """The feedback of a month for the national component."""
    said = Transfers(store.connection).said(town.id, month)
    return nfk.report(town, month, said, Services(store.connection).all(town.id))


def check_possible(month: int, today: date, months: int) -> None:
    """Raise ConfigError when no file of a month can be made."""
    if found := obstacle(month, today, months):
        raise ConfigError(found.sentence)


def file_name(town: Municipality, kind: str, month: int, part: int) -> str:
    """The name of a file: sdg-statistics-065340014014-2026-10-1.json."""
    return f"sdg-{kind}-{town.ars}-{first_day(month):%Y-%m}-{part}.json"
