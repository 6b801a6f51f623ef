"""What is really published has the record keys that the attacker's theory takes it to have."""

from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import msgspec
import pytest

from admin.access import config
from admin.opendata import published
from admin.opendata.protection.cell_key import CellKey
from admin.opendata.protection.values import Cell
from admin.opendata.reading import Place
from admin.opendata.tables import BY_NAME
from tests.attacker.town import SITE, Town, visits_of
from tests.counted import MARBURG, count_records, view
from tracker.store import open_store
from tracker.store.cells import Cells

COUNTRIES = {"EU": "AT", "other": "US"}
NAMED = {"referral": "website"}


def records_of(town, chance):
    """Each visit's views, 40 minutes after the last visit of the day, with record keys that are known here."""
    clock, found = {}, []
    for visit in town.visits:
        start = clock.get(
            visit.day, datetime.fromisoformat(visit.day).replace(hour=0, tzinfo=ZoneInfo("Europe/Berlin"))
        )
        device, country, language, channel = visit.values
        texts = {
            "device": device,
            "country": COUNTRIES.get(country, country),
            "language": "zz" if language == "other" else language,
        }
        keys = [chance.getrandbits(32) for _ in range(visit.views)]
        for n, key in enumerate(keys):
            made = view("/", visit.visitor + 1, channel=NAMED.get(channel, channel), **texts)
            time = int((start + timedelta(seconds=n)).timestamp() * 1000)
            found.append(msgspec.structs.replace(made, time=time, rkey=key))
        clock[visit.day] = start + timedelta(minutes=40)
    return found


@pytest.fixture
def place(app, owner):
    """The counts of the town, as publication reads them, and the keys of its visits."""
    town = Town(tuple(visits_of(60, Random(13))))
    records = records_of(town, Random(17))
    site = count_records(app, sorted(records, key=lambda record: record.time))
    with app.app_context():
        store = open_store(config().database)
    left = iter(records)
    keys = [sum(next(left).rkey for _ in range(visit.views)) for visit in town.visits]
    yield town, keys, Place(Cells(store.connection), site.municipality_id, [site], [], lambda *_: True)
    store.close()


def test_every_cell_has_the_sum_of_its_visits_record_keys_and_the_noise_that_follows(place):
    town, keys, counts = place
    compared = 0
    for true in town.tables(present=True, keys=keys):
        table = BY_NAME.get(true.name)
        if table is None or true.name == "service-day":
            continue
        number = int(true.period.replace("-", ""))
        rows = {row.dimensions[0]: row for row in table.read(counts, [number])[number]}
        wanted = CellKey().protect(true)
        shown = published.protect(table, true.period, list(rows.values()), CellKey())
        public = dict(zip(rows, shown.rows, strict=True))
        for row, safe in zip(true.rows, wanted, strict=True):
            key = {SITE: MARBURG, "referral": NAMED["referral"]}.get(row.key[0], row.key[0])
            assert rows[key].cells[: len(row.cells)] == tuple(Cell(*cell) for cell in row.cells)
            assert all(cell.value is None for cell in rows[key].cells[len(row.cells) :])
            told = [value for value in public[key] if isinstance(value, int)]
            assert told == [cell.value for cell in safe.cells]
            compared += len(row.cells)
    assert compared == 8 * 3 + 12
