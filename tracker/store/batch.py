"""What the loader writes in one transaction."""

import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from tracker.fold import Hit
from tracker.rollups import Cell
from tracker.visits import Deltas, Visit, Visitor, VisitorKey

_TEXTS_IN_MEMORY = 200_000

_UPSERT_ROLLUP = """
insert into rollup (site, scope, dim, period, key, visitors, visits, views, bounces, seconds, events, rkey)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
on conflict (site, scope, dim, period, key) do update set
  visitors = visitors + excluded.visitors,
  visits = visits + excluded.visits,
  views = views + excluded.views,
  bounces = bounces + excluded.bounces,
  seconds = seconds + excluded.seconds,
  events = events + excluded.events,
  rkey = (rkey + excluded.rkey) & 4294967295
"""

_DELETE_EMPTY = """
delete from rollup
where site = ? and scope = ? and dim = ? and period = ? and key = ?
  and not (visitors or visits or views or bounces or seconds or events or rkey)
"""

_REPLACE_VISIT = f"insert or replace into visit values ({', '.join('?' * 19)})"  # noqa: S608 - only question marks


@dataclass(slots=True)
class Batch:
    """What the loader writes in one transaction."""

    deltas: Mapping[tuple[int, int], Deltas]  # by site and day, then scope
    visitors: Mapping[VisitorKey, Visitor]  # those that changed
    visits: Sequence[tuple[VisitorKey, Visit]]  # facts
    hits: Sequence[Hit]
    waiting: Mapping[VisitorKey, int]  # visitors with attempts → instant in ms of the last message; 0: none is open
    positions: Mapping[str, tuple[int, int]]  # journal file → position, instant in ms when its last day closes
    open_days: Mapping[tuple[int, int], int]  # site, day → instant in ms when the day ends
    now: int  # ms


class Texts:
    """The dictionary of texts: each has a number, which the counts are filed under."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._numbers: dict[str, int] = {"": 0}

    def forget(self) -> None:
        """Forget what was remembered, because a transaction was undone."""
        self._numbers = {"": 0}

    def number(self, text: str) -> int:
        """The number of a text, which it gets if it has none."""
        number = self._numbers.get(text)
        if number is not None:
            return number
        row = self._connection.execute("select id from text where value = ?", (text,)).fetchone()
        if row is None:
            row = (self._connection.execute("insert into text (value) values (?)", (text,)).lastrowid,)
        if len(self._numbers) >= _TEXTS_IN_MEMORY:
            self.forget()
        self._numbers[text] = row[0]
        return int(row[0])


def write_batch(connection: sqlite3.Connection, texts: Texts, batch: Batch, arrived: Collection[int]) -> None:
    """Write a batch, within a transaction. `arrived`: the sites that had a beacon, not only an import."""
    execute = connection.executemany
    rows = list(_rollup_rows(texts, batch.deltas))
    execute(_UPSERT_ROLLUP, rows)
    execute(_DELETE_EMPTY, [row[:5] for row in rows if min(row[5:]) < 0])
    execute(
        "insert or replace into open_visitor (site, day, pseudonym, state) values (?, ?, ?, ?)",
        [(*key, msgspec.msgpack.encode(visitor)) for key, visitor in batch.visitors.items()],
    )
    execute("delete from open_attempt where site = ? and day = ? and pseudonym = ?", list(batch.waiting))
    execute(
        "insert into open_attempt (site, day, pseudonym, last) values (?, ?, ?, ?)",
        [(*key, last) for key, last in batch.waiting.items() if last],
    )
    execute(_REPLACE_VISIT, [_visit_row(texts, key, visit) for key, visit in batch.visits])
    execute(
        "insert into hit (visit, sequence, minute, dim, key) values (?, ?, ?, ?, ?)",
        [(*hit[:4], texts.number(hit.key)) for hit in batch.hits],
    )
    execute(
        "insert or replace into journal_position (file, position, closes) values (?, ?, ?)",
        [(name, *position) for name, position in batch.positions.items()],
    )
    execute(
        "insert or replace into open_day (site, day, ends, touched) values (?, ?, ?, ?)",
        [(*day, ends, batch.now) for day, ends in batch.open_days.items()],
    )
    execute(
        "update site set first_beacon = ? where id = ? and first_beacon is null",
        [(batch.now // 1000, site) for site in arrived],
    )


def _rollup_rows(texts: Texts, deltas: Mapping[tuple[int, int], Deltas]) -> Iterable[tuple[int, ...]]:
    """One row per cell and period, with the cells of a day added up into its month and its year."""
    cells: dict[tuple[int, int, int, int, int], Cell] = {}
    for (site, day), scopes in deltas.items():
        for scope, delta in scopes.items():
            for dim, keys in delta.items():
                _add_up(cells, (site, texts.number(scope), dim), day, {texts.number(key): keys[key] for key in keys})
    return ((*place, *cell[:6], cell[6] & 0xFFFFFFFF) for place, cell in sorted(cells.items()))


def _add_up(
    cells: dict[tuple[int, int, int, int, int], Cell], where: tuple[int, int, int], day: int, keys: dict[int, Cell]
) -> None:
    """Add the cells of one dimension to its day, month and year."""
    for key, cell in keys.items():
        if not any(cell):
            continue
        for period in (day, day // 100, day // 10_000):
            place = (*where, period, key)
            found = cells.get(place)
            cells[place] = cell if found is None else [a + b for a, b in zip(found, cell, strict=True)]


def _visit_row(texts: Texts, key: VisitorKey, visit: Visit) -> tuple[int, ...]:
    values = [texts.number(value) for value in visit.values[1:]]
    counts = (visit.whole.views, visit.bounces, visit.whole.seconds, visit.whole.events)
    return (visit.number, key.site, key.day, visit.start // 60_000, *values, *counts)
