"""The attacker reads real files: of two websites, three services, days and a month, and a correction of both."""

import csv
import json
from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest

from admin.opendata.protection.cell_key import STANDARD, transitions
from admin.opendata.protection.values import Cell
from admin.opendata.publisher import Publisher
from admin.opendata.tables import TABLES
from tests.attacker.bounds import together
from tests.attacker.report import Line
from tests.installation import HOST, MARBURG
from tests.published import choose, counting
from tracker.calendar import day_number
from tracker.journal import IMPORT, JournalWriter
from tracker.record import INTERNAL, STEP, VIEW, Message, Record, encode
from tracker.services.service import Form, Service, Step
from tracker.store.imports import Imports
from tracker.store.services import Services

SECOND = "dienste.marburg.de"
FIRST, LAST = date(2026, 5, 18), date(2026, 5, 31)
CORRECTED = "2026-05-20"
KITA = Service("kita", "Kita", paths=(f"{SECOND}/kita/**",), forms=(Form("platz", steps=(Step("1"), Step("2"))),))
MUELL = Service("abfall", "Abfall", paths=(f"{HOST}/abfall",), forms=(Form("tonne", steps=(Step("1"),)),))
FORMS = {"hund": ("halter", "hund"), "platz": ("1", "2"), "tonne": ("1",)}
PROPERTIES = ("device-month", "country-group-month", "language-month", "channel-month")
BERLIN = ZoneInfo("Europe/Berlin")

pytestmark = pytest.mark.slow


class Place(NamedTuple):
    """One published cell. `release` is period and revision."""

    release: str
    table: str
    row: tuple[str, ...]
    measure: str


class Known(NamedTuple):
    """One published cell, as a file tells it, and its truth."""

    value: int | None
    status: str
    true: Cell


Files = dict[Place, Known]


def records_of(site: int, day: date, visitors: int, chance: Random) -> list[Record]:
    """Visits of a day: each some views, a third of them an attempt at a form."""
    found = []
    start = int(datetime.combine(day, datetime.min.time(), BERLIN).timestamp() * 1000) + 3_600_000
    for visitor in range(visitors):
        values = {
            "channel": chance.choices(("direct", "search", "website"), (80, 15, 5))[0],
            "device": chance.choices(("desktop", "mobile", "tablet"), (75, 20, 5))[0],
            "country": chance.choices(("DE", "FR", "US"), (90, 6, 4))[0],
            "language": chance.choices(("de", "en", "tr"), (88, 8, 4))[0],
        }
        page = chance.choice(("/hund/start", "/abfall", "/") if site == 1 else ("/kita/start", "/"))
        form = chance.choices(("hund", "tonne"), (95, 5))[0] if site == 1 else "platz"
        messages = _attempt(form, chance) if chance.random() < 0.6 else []
        for n, message in enumerate([*[None] * chance.choice((1, 1, 2, 4)), *messages]):
            kind = STEP if message else VIEW
            told = values if n == 0 else {**values, "channel": INTERNAL}
            texts = (told["channel"], "", "", "", told["device"], "", "", told["country"], told["language"])
            time, who = start + visitor * 60_000 + n * 1000, 10_000 * site + visitor + 1
            found.append(Record(time, site, who, kind, page, *texts, 0, chance.getrandbits(32), message=message))
    return found


def _attempt(form: str, chance: Random) -> list[Message]:
    """What a form tells of one attempt, which ends anywhere; the kind of sign-in comes first."""
    steps = FORMS[form][: chance.randint(1, 2)]
    found = [Message(form=form, step=step, auth=chance.choice(("none", "bundid_eid"))) for step in steps]
    return [*found, *([Message(form=form, outcome="submitted")] if chance.random() < 0.6 else [])]


def count(city, records):
    writer = JournalWriter(city.config.journal, name="w", clock=city.clock)
    for record in records:
        city.clock.now = record.time / 1000
        writer.append(encode(record))
    writer.close()
    city.count()


def noon(city, day):
    city.clock.now = datetime.combine(day, datetime.min.time(), BERLIN).timestamp() + 43_200
    for leap in (0, 2):
        city.clock.now += leap
        city.loader.step()


def come_later(city, records):
    """Records of days that are closed, as an import of a log brings them."""
    path = city.config.journal / f"{IMPORT}x.jsonl"
    path.write_bytes(b"".join(encode(record) for record in records))
    Imports(city.store.connection).begin(1, path.name, day_number(FIRST), 0, int(city.clock.now))
    city.count()


class Office:
    """One publication of the same counts by a method, with the truth behind every file."""

    def __init__(self, city, method):
        self.city, self.method = city, method
        self.data = replace(city.config, data=city.config.data.parent / method)
        (self.data.data / "journal").mkdir(parents=True)
        self.files: Files = {}

    def publisher(self):
        choose(self.city, method=self.method)
        town = self.city.catalogue.municipality(MARBURG)
        return Publisher(self.city.store, self.data, town, self.city.clock() + 7200)

    def note(self, releases):
        """Read the files of releases, and the truth of now."""
        for release in releases:
            true = {
                (shown.published.table.name, row.dimensions): row.cells
                for shown in self.publisher().preview(release.period)
                for row in shown.rows
            }
            for table in TABLES:
                if table.period == release.kind and not table.threshold:
                    self._read(release, table, true)

    def _read(self, release, table, true):
        folder = self.data.opendata / MARBURG / release.path
        rows = json.loads((folder / f"{table.name}.json").read_bytes())["rows"]
        plain = list(csv.DictReader((folder / f"{table.name}.csv").read_text("utf-8").splitlines()))
        for row, text in zip(rows, plain, strict=True):
            place = tuple(row[column.name] for column in table.dimensions[1:])
            cells = true[table.name, place]
            for measure, cell in zip((row for row in table.measures if row.unit), cells, strict=True):
                value, status = row[measure.name], row[f"{measure.name}_status"]
                assert text[measure.name] == ("" if value is None else str(value))
                self.files[Place(release.path, table.name, place, measure.name)] = Known(value, status, cell)


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    """Fourteen days of two websites, the second a small one; then six more visits of one day, and a correction."""
    city, chance = counting(tmp_path_factory.mktemp("city")), Random(5)
    city.catalogue.add_site(SECOND, MARBURG, "visits")
    town = city.catalogue.municipality(MARBURG)
    for service in (KITA, MUELL):
        Services(city.store.connection).add(town.id, service)
    for day in (FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)):
        count(
            city,
            [
                *records_of(1, day, (5 if day.day == 19 else chance.choice((60, 70, 80))), chance),
                *records_of(2, day, 5, chance),
            ],
        )
        noon(city, day + timedelta(days=1))
    found = {method: Office(city, method) for method in ("threshold", "cell-key")}
    for office in found.values():
        office.note(office.publisher().publish())
    come_later(city, records_of(1, date.fromisoformat(CORRECTED), 6, chance))
    for office in found.values():
        office.note(office.publisher().correct(CORRECTED, "Nachgetragen."))
    yield found
    city.store.close()


def days_of(files, table, revision):
    """The releases of days that stand behind the month's release of a revision."""
    found = {place.release for place in files if place.table == table}
    return {name for name in found if name.endswith("/1") and not (revision == 2 and name.startswith(CORRECTED))} | (
        {f"{CORRECTED}/2"} if revision == 2 else set()
    )


def chosen(files, table, releases, measure, row=()):
    """The cells of a table; `row`: how its dimensions begin."""
    return [
        place
        for place in files
        if place.table == table
        and place.release in releases
        and place.measure == measure
        and place.row[: len(row)] == row
    ]


def sums_of(files):
    """Everything that adds up to the same, within a release and between days and month."""
    for revision in (1, 2):
        days, month = days_of(files, "site-day", revision), {f"2026-05/{revision}"}
        for table in PROPERTIES:
            yield chosen(files, "site-day", days, "visits"), chosen(files, table, month, "visits")
        for service in ("hundesteuer", "kita", "abfall"):
            started = chosen(files, "service-day", days, "started", (service,))
            abandoned = chosen(files, "service-day", days, "abandoned", (service,))
            yield started, chosen(files, "service-auth-month", month, "attempts", (service,))
            yield abandoned, chosen(files, "service-step-month", month, "abandoned", (service,))
            first = chosen(files, "service-step-month", month, "reached", (service,))[:1]
            yield started, first
    for release, row in {(place.release, place.row) for place in files if place.table == "service-day"}:
        ends = [Place(release, "service-day", row, name) for name in ("submitted", "abandoned", "other_ends")]
        yield [Place(release, "service-day", row, "started")], ends


def known_of(files, insider):
    """What the attacker knows of each cell; of a hidden one, whether it is below the threshold."""
    found = {}
    for place, (value, _, (true, _)) in files.items():
        if true is None:
            continue
        if value is None:
            found[place] = (0, 9) if true < 10 else (10, None)
        else:
            found[place] = (true, true) if insider else (max(0, value - 2), value + 2)
    return found


@pytest.mark.parametrize("insider", [False, True], ids=["public", "insider"])
def test_no_suppressed_count_in_files_is_known_better_than_its_interval(offices, insider, report):
    files = offices["threshold"].files
    known, sums = known_of(files, insider), list(sums_of(files))
    used = {place for pair in sums for cells in pair for place in cells}
    small = sorted(place for place in used if files[place].status == "suppressed" and files[place].true.value < 10)
    found = {place: together({one: known[one] for one in used}, sums, place) for place in small}
    closed = {place: bounds for place, bounds in found.items() if bounds[0] > 0 or bounds[1] < 9}
    who = "who knows the rest exactly" if insider else "who knows what is published"
    told = f"{len(closed)} narrowed"
    report.append(Line("threshold", "files, 2 revisions", f"linear program, {who}", len(found), told, "0 to 9"))
    assert len(found) > 100
    assert not closed


def test_noise_in_files_is_bounded_keeps_nothing_and_is_the_same_for_the_same_records(offices, report):
    files = offices["cell-key"].files
    noise = defaultdict(set)
    seen = defaultdict(int)
    for place, (value, status, (true, rkey)) in files.items():
        assert (value is None) == (status == "missing") == (true is None)
        if true is None:
            continue
        assert abs(value - true) <= transitions(STANDARD).deviation
        assert value not in (1, 2)
        assert (value == 0) if true == 0 else True
        noise[rkey, place.measure, true].add(value - true)
        seen[rkey, place.measure, true] += true > 0
    again = sum(times for times in seen.values() if times > 1)
    told = f"{again} cells of the same records, all with the same noise"
    report.append(
        Line("cell-key", "files, 2 revisions", "averaging, bounds, zeros", len(files), told, "no second noise")
    )
    assert again > 30
    assert all(len(values) == 1 for values in noise.values())


def test_a_month_tells_of_its_days_what_their_own_files_tell(offices):
    for office in offices.values():
        for revision in (1, 2):
            month = json.loads(
                (office.data.opendata / MARBURG / "2026-05" / str(revision) / "site-day.json").read_bytes()
            )["rows"]
            for row in month:
                release = f"{row['day']}/{2 if revision == 2 and row['day'] == CORRECTED else 1}"
                for name in ("visitors", "visits", "views"):
                    told = office.files[Place(release, "site-day", (row["site"],), name)]
                    assert (row[name], row[f"{name}_status"]) == told[:2]
