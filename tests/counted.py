"""Records that are counted at once, and the tables that a page shows of them."""

import time
from collections.abc import Iterable
from html.parser import HTMLParser
from itertools import count

import msgspec
from flask import Flask

from admin.access import config
from tracker.fold import Fold
from tracker.record import BOT, EVENT, VIEW, Record
from tracker.store import open_store
from tracker.store.batch import Batch
from tracker.store.catalogue import Catalogue, Site

MARBURG = "www.marburg.de"
_visitors = count(1)


def now() -> int:
    """The present in ms."""
    return int(time.time() * 1000)


def view(page: str, visitor: int = 0, keys: tuple[tuple[str, str], ...] = (), **known: str) -> Record:
    """A view by a visitor of its own unless one is named; `known`: channel, source, country …"""
    texts = {name: known.get(name, "") for name in ("source", "referrer", "campaign")}
    client = {name: known.get(name, "") for name in ("device", "browser", "os", "country", "language")}
    who = visitor or next(_visitors)
    return Record(
        now(), 1, who, VIEW, page, known.get("channel", "direct"), **texts, **client, seconds=0, rkey=1, keys=keys
    )


def event(visitor: int, *keys: tuple[str, str]) -> Record:
    """An event of a visitor, filed under `keys`."""
    return Record(now(), 1, visitor, EVENT, "/", "internal", *[""] * 8, seconds=0, rkey=1, keys=keys)


def bot(name: str) -> Record:
    """A request of a bot."""
    return Record(now(), 1, 0, BOT, "", "", *[""] * 8, seconds=0, rkey=1, keys=(("bot", name),))


def count_records(app: Flask, records: Iterable[Record], host: str = MARBURG) -> Site:
    """Count records, all under one site."""
    with app.app_context():
        store = open_store(config().database)
    site = Catalogue(store.connection).site(host)
    fold = Fold({}, count(now()))
    own = [_of(record, site) for record in records]
    fold.add_all(own, {site.id: site.calendar})
    fold.close()
    store.begin()
    store.apply(Batch(fold.deltas, {}, [], [], {}, {}, {}, now()))
    store.commit()
    store.close()
    return site


def _of(record: Record, site: Site) -> Record:
    visitor = record.visitor if site.level == "visits" else 0
    return msgspec.structs.replace(record, site=site.id, visitor=visitor)


class Tables(HTMLParser):
    """The tables of a page: the text of their cells, by the id of the part that holds them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.part = ""
        self.cell: list[str] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if "data-part" in found:
            self.part = str(found["id"])
        if tag == "tr":
            self.tables.setdefault(self.part, []).append([])
        if tag in ("th", "td"):
            self.cell = []

    def handle_data(self, data: str) -> None:
        if self.cell is not None:
            self.cell.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("th", "td") and self.cell is not None:
            self.tables[self.part][-1].append("".join(self.cell).strip())
            self.cell = None
