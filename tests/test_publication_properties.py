"""Whatever was counted: what is published is the protection of a slow recount, cell by cell, and depends on no chance.

The rules are those of docs/open-data.md; nothing here shares code with admin/opendata/reading.py.
"""

import json
import os
import random
from dataclasses import replace
from datetime import date, datetime, timedelta
from io import BytesIO
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from admin.opendata.protection import MISSING, OK, PERTURBED, ROUNDED, SUPPRESSED
from admin.opendata.protection.cell_key import mixed, transitions
from admin.opendata.publisher import Publisher
from admin.opendata.reading import COUNTRY_GROUPS, DEVICES, EU, LANGUAGES
from admin.opendata.tables import BY_NAME, TABLES
from tests.installation import HOST, MARBURG, install
from tests.published import checksums, choose, publisher, rows
from tests.recount import Cell, Place, recount, recount_of_service
from tracker.codes import CODES
from tracker.feedback.feedback import Feedback
from tracker.journal import IMPORT, JournalWriter
from tracker.record import EVENT, INTERNAL, STEP, VIEW, Message, Record, encode
from tracker.services.service import Form, Service, Step
from tracker.source import CHANNELS
from tracker.store.feedback import Feedbacks
from tracker.store.imports import Imports
from tracker.store.opendata import Opendata
from tracker.store.services import Services

BERLIN = ZoneInfo("Europe/Berlin")
SECOND = "dienste.marburg.de"
HOSTS = {1: HOST, 2: SECOND}
ZONES = dict.fromkeys(HOSTS, "Europe/Berlin")
FIRST, DAYS = date(2026, 5, 29), 5  # the end of May, and of June three days
MAY = 202605
SERVICES = {
    "hundesteuer": Service(
        "hundesteuer", "Hundesteuer", paths=(f"{HOST}/hund",), forms=(Form("hund", steps=(Step("1"), Step("2"))),)
    ),
    "kita": Service("kita", "Kita", paths=(f"{SECOND}/kita",), forms=(Form("platz", steps=(Step("1"),)),)),
}
PAGES = f"{HOST}/hund\n{SECOND}/kita"
CLOSED = {"submitted", "abandoned"}
STATUSES = {OK, PERTURBED, ROUNDED, SUPPRESSED, MISSING}

messages = st.builds(
    Message,
    form=st.sampled_from(["hund", "hund", "platz", "fremd"]),
    step=st.sampled_from(["1", "2", ""]),
    done=st.booleans(),
    outcome=st.sampled_from(["", "", "", "submitted", "error_system", "ended_redirected"]),
    auth=st.sampled_from(["", "none", "bundid_eid"]),
    assurance=st.sampled_from(["", "high"]),
    payment=st.sampled_from(["", "paypal"]),
)
beacons = st.fixed_dictionaries(
    {
        "day": st.integers(0, DAYS - 1),
        "second": st.integers(0, 86_000),
        "site": st.sampled_from([1, 1, 2]),
        "visitor": st.integers(1, 4),
        "kind": st.sampled_from([VIEW, VIEW, EVENT, STEP]),
        "page": st.sampled_from(["/", "/hund", "/kita"]),
        "channel": st.sampled_from(["direct", "search", INTERNAL]),
        "device": st.sampled_from(["mobile", "desktop", "console", ""]),
        "country": st.sampled_from(["DE", "FR", "US", ""]),
        "language": st.sampled_from(["de", "uk", "ja", ""]),
        "message": messages,
        "rkey": st.integers(0, 2**32 - 1),
        "times": st.sampled_from([1, 1, 1, 3, 9]),
    }
)
FIRST_BEACON = {
    "day": 0,
    "second": 0,
    "site": 1,
    "visitor": 1,
    "kind": VIEW,
    "page": "/",
    "channel": "direct",
    "device": "desktop",
    "country": "DE",
    "language": "de",
    "message": Message("hund"),
    "rkey": 7,
    "times": 1,
}
traffic = st.lists(beacons, max_size=25)
levels = st.sampled_from([("visits", "visits"), ("visits", "counts"), ("counts", "counts")])
outages = st.lists(st.tuples(st.sampled_from([1, 2]), st.integers(0, DAYS - 1)), max_size=2, unique=True)


def day_of(number):
    return FIRST + timedelta(number)


def number_of(day):
    return int(f"{day:%Y%m%d}")


def records_of(beacon, levels):
    """A beacon and those like it, of visitors of their own."""
    begin = datetime.combine(day_of(beacon["day"]), datetime.min.time(), BERLIN).timestamp()
    known = {name: beacon[name] for name in ("site", "kind", "page", "channel", "device", "country", "language")}
    for number in range(beacon["times"]):
        yield Record(
            time=int(begin + beacon["second"]) * 1000 + number,
            visitor=(beacon["visitor"] + 10 * number) if levels[beacon["site"] - 1] == "visits" else 0,
            source="Google" if beacon["channel"] == "search" else "",
            referrer="",
            campaign="",
            browser="Firefox",
            os="Linux",
            seconds=0,
            rkey=(beacon["rkey"] * (number + 1)) % 2**32,
            keys=(("event", "Klick"),) if beacon["kind"] == EVENT else (),
            message=beacon["message"] if beacon["kind"] == STEP else None,
            **known,
        )


def date_of(record):
    return datetime.fromtimestamp(record.time / 1000, BERLIN).date()


def all_records(beacons, levels):
    """Beacons as records in the order of time."""
    return sorted((record for beacon in beacons for record in records_of(beacon, levels)), key=lambda row: row.time)


class Town:
    """A municipality with two sites and two services, and every record that it counted."""

    def __init__(self, path, levels, outages=()):
        self.levels = dict(zip(HOSTS, levels, strict=True))
        self.city = install(path, levels[0])
        self.city.catalogue.add_site(SECOND, MARBURG, levels[1])
        self.town = self.city.catalogue.municipality(MARBURG)
        Services(self.city.store.connection).apply(self.town.id, list(SERVICES.values()))
        opendata = Opendata(self.city.store.connection)
        setting = replace(opendata.setting(self.town.id), pages=PAGES)
        opendata.save(self.town.id, setting)
        self.outages = {(site, number_of(day_of(day))) for site, day in outages}
        for site, day in self.outages:
            opendata.add_outage(site, day, day, "Umbau")
        self.order, self.generations = [], []

    def count(self, records, generation=0):
        """Count records at their own times, as if they came then."""
        writer = JournalWriter(self.city.config.journal, name="w", clock=self.city.clock)
        for record in records:
            self.city.clock.now = record.time / 1000
            writer.append(encode(record))
            self.order.append(record)
            self.generations.append(generation)
        writer.close()
        self.city.count()

    def bring_in(self, records):
        """Count records of days that are closed, as an import of a log does."""
        path = self.city.config.journal / f"{IMPORT}x.jsonl"
        path.write_bytes(b"".join(encode(record) for record in records))
        Imports(self.city.store.connection).begin(1, path.name, number_of(FIRST), 0, int(self.city.clock.now))
        self.city.count()
        self.order += records
        self.generations += [1] * len(records)

    def at_noon(self, day):
        """Let it be noon, with all days before closed."""
        self.city.clock.now = datetime.combine(day, datetime.min.time(), BERLIN).timestamp() + 43_200
        for leap in (0, 2):
            self.city.clock.now += leap
            self.city.loader.step()

    def recount(self):
        self.cells = recount(self.order, ZONES, self.generations)
        self.of_service = {
            slug: recount_of_service(self.order, ZONES, self.generations, self._belongs(service))
            for slug, service in SERVICES.items()
        }

    def _belongs(self, service):
        forms = {form.slug for form in service.forms}

        def belongs(record):
            own = f"{HOSTS[record.site]}{record.page}" in service.paths
            return record.message.form in forms if record.message is not None else own

        return belongs

    # What must be published: value (None for missing) and record keys, by the recount

    def measured(self, site, period):
        days = [period] if period > 10**7 else {place.period for place in self.cells if place.period // 100 == period}
        return any(Place(site, day, "total", "") in self.cells and (site, day) not in self.outages for day in days)

    def sums(self, period, dim, measure, keys, sites=tuple(HOSTS), cells=None):
        """Value and record keys of all cells of a dimension that have one of these keys."""
        found = [
            cell
            for place, cell in (self.cells if cells is None else cells).items()
            if place.period == period and place.dim == dim and place.site in sites and keys(place.key)
        ]
        return max(0, sum(getattr(cell, measure) for cell in found)), sum(cell.rkey for cell in found) % 2**32

    def site_of(self, slug):
        """The site of a service's pages."""
        return next(site for site, host in HOSTS.items() if SERVICES[slug].paths[0].startswith(host))

    def knows_attempts(self, slug):
        """Whether attempts of a service are counted, not only messages."""
        return self.levels[self.site_of(slug)] == "visits"

    def expected(self, table, period):
        """Row (its dimensions after the period) → (value, record keys) per measure."""
        found = EXPECTED[table](self, period)
        if table == "site-day":
            return found
        measured = {host: self.measured(site, period) for site, host in HOSTS.items()}
        measured |= {slug: self.measured(self.site_of(slug), period) for slug in SERVICES}
        whole = any(self.measured(site, period) for site in HOSTS)
        return {row: cells if measured.get(row[0], whole) else [(None, 0)] * len(cells) for row, cells in found.items()}


def site_day(town, period):
    found = {}
    for site, host in HOSTS.items():
        cell = town.cells.get(Place(site, period, "total", ""), Cell())
        visits = town.levels[site] == "visits"
        numbers = [cell.visitors if visits else None, cell.visits if visits else None, cell.views]
        measured = town.measured(site, period)
        found[host,] = [(number if measured else None, cell.rkey) for number in numbers]
    return found


def service_day(town, period):
    found = {}
    for slug, service in SERVICES.items():
        forms = {form.slug for form in service.forms}
        views = town.sums(period, "total", "views", lambda _: True, cells=town.of_service[slug])
        started = town.sums(period, "form", "visits", lambda key, forms=forms: key in forms)

        def ends(wanted, forms=forms):
            def fits(key):
                form, _, outcome = key.partition("/")
                return form in forms and (outcome if outcome in CLOSED else "other") == wanted

            return town.sums(period, "outcome", "events", fits)

        known = town.knows_attempts(slug)
        abandoned = ends("abandoned") if known else (None, 0)
        found[slug,] = [views, started if known else (None, 0), ends("submitted"), abandoned, ends("other")]
    return found


def steps(town, period):
    return {
        (slug, form.slug, step.slug): [
            town.sums(period, dim, "visits", lambda key, own=f"{form.slug}/{step.slug}": key == own)
            if town.knows_attempts(slug)
            else (None, 0)
            for dim in ("step", "abandoned")
        ]
        for slug, service in SERVICES.items()
        for form in service.forms
        for step in form.steps
    }


def codes(dim):
    def of(town, period):
        return {
            (slug, code): [
                town.sums(period, dim, "events", lambda key, own=f"{service.forms[0].slug}/{code}": key == own)
            ]
            for slug, service in SERVICES.items()
            for code in CODES[dim]
        }

    return of


def properties(dim, groups, group_of):
    def of(town, period):
        with_visits = [site for site, level in town.levels.items() if level == "visits"]
        others = [site for site in HOSTS if site not in with_visits]

        def cells(group):
            return [
                town.sums(period, dim, measure, lambda key: group_of(key) == group, sites) if sites else (None, 0)
                for measure, sites in (("visits", with_visits), ("views", others))
            ]

        return {(group,): cells(group) for group in groups}

    return of


def pages(town, period):
    found = {}
    for site, host in HOSTS.items():
        page = {HOST: "/hund", SECOND: "/kita"}[host]
        found[host, page] = [town.sums(period, "page", "views", lambda key, page=page: key == page, (site,))]
    return found


def group_of_country(key):
    return {"": "unknown", "DE": "DE"}.get(key, "EU" if key in EU else "other")


EXPECTED = {
    "site-day": site_day,
    "service-day": service_day,
    "service-step-month": steps,
    "service-auth-month": codes("auth"),
    "service-assurance-month": codes("assurance"),
    "service-payment-month": codes("payment"),
    "device-month": properties("device", DEVICES, lambda key: key if key in DEVICES else "other"),
    "country-group-month": properties("country", COUNTRY_GROUPS, group_of_country),
    "language-month": properties(
        "language",
        (*LANGUAGES, "other", "unknown"),
        lambda key: key if key in LANGUAGES else "other" if key else "unknown",
    ),
    "channel-month": properties("channel", (*CHANNELS, "other"), lambda key: key if key in CHANNELS else "other"),
    "page-month": pages,
}


def protected(value, rkey, measure):
    """The cell-key method, spelled out."""
    if value is None:
        return "", MISSING
    return str(transitions().published(value, mixed(rkey, measure)) if value else 0), PERTURBED


def check_release(town, period, revision=1):
    """Every cell of every table of a release is the protection of the recount."""
    number = int(period.replace("-", ""))
    for name in EXPECTED:
        table = BY_NAME[name]
        if (table.period == "day") != (number > 10**7):
            continue
        expected = town.expected(name, number)
        found = rows(town.city, period, name, revision)
        keys = [column.name for column in table.dimensions[1:]]
        assert sorted(tuple(row[key] for key in keys) for row in found) == sorted(expected), name
        for row in found:
            cells = expected[tuple(row[key] for key in keys)]
            for measure, (value, rkey) in zip(table.measures, cells, strict=True):
                told = row[measure.name], row[f"{measure.name}_status"]
                assert told == protected(value, rkey, measure.name), (name, row, measure.name, value)


def check_values(city):
    """Each status is one of five, there is a number where it says so, and none is negative."""
    for release in publisher(city).releases:
        for table in TABLES:
            path = city.config.opendata / MARBURG / release.path / f"{table.name}.json"
            for row in json.loads(path.read_bytes())["rows"] if path.exists() else []:
                for measure in table.measures:
                    value, status = row[measure.name], row[f"{measure.name}_status"]
                    assert status in STATUSES
                    assert (value is None) == (status in (MISSING, SUPPRESSED))
                    assert value is None or value >= 0


def content_of(folder):
    """What the files of a release say, without the instant of their release."""
    found = {}
    for path in sorted(folder.iterdir()):
        if path.suffix == ".csv":
            found[path.name] = path.read_bytes()
        if path.suffix == ".parquet":
            found[path.name] = pq.read_table(path).to_pylist()
        if path.suffix == ".xlsx":
            found[path.name] = ZipFile(BytesIO(path.read_bytes())).read("xl/worksheets/sheet1.xml")
        if path.suffix == ".json" and path.stem in BY_NAME:
            content = json.loads(path.read_bytes())
            assert content.pop("released")
            found[path.name] = content
    missing = json.loads((folder / "release.json").read_bytes())["missing"]
    return {**found, "missing": missing}


@pytest.mark.slow
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(beacons=traffic, late=traffic.map(lambda found: found[:5]), levels=levels, outages=outages)
def test_what_is_published_is_the_protection_of_the_recount(tmp_path_factory, beacons, late, levels, outages):
    path = tmp_path_factory.mktemp("town")
    town = Town(path, levels, outages)
    records = all_records([FIRST_BEACON, *beacons], levels)
    for number in range(DAYS):  # day by day, as time goes
        town.count([record for record in records if date_of(record) == day_of(number)])
        town.at_noon(day_of(number + 1))
        publisher(town.city).publish()
    town.recount()
    periods = [day_of(number).isoformat() for number in range(DAYS)] + ["2026-05"]
    assert sorted(release.period for release in publisher(town.city).releases) == sorted(periods)
    for period in periods:
        check_release(town, period)
    check_values(town.city)

    later = replace(town.city.config, data=path / "later")  # all at once
    (later.data / "journal").mkdir(parents=True)
    Publisher(town.city.store, later, town.town, town.city.clock() + 7200).publish()
    for period in periods:
        folders = [config.opendata / MARBURG / period / "1" for config in (town.city.config, later)]
        assert content_of(folders[0]) == content_of(folders[1]), period

    before = checksums(town.city)  # what comes late is in new revisions only
    town.bring_in(all_records([{**beacon, "day": 0, "visitor": 100} for beacon in late], levels))
    assert publisher(town.city).publish() == []
    publisher(town.city).correct(periods[0], "Nachgetragen.")
    after = checksums(town.city)
    assert {name: after[name] for name in before} == before
    assert {name.split("/")[1] for name in after.keys() - before.keys()} == {"2"}
    town.recount()
    check_release(town, periods[0], 2)
    check_release(town, "2026-05", 2)


MONTHS = [f"2025-{month:02d}" for month in range(1, 13)]


def published_ratings(city, month, slug):
    """What the release of a month says about the ratings of a service."""
    return next(row for row in rows(city, month, "service-feedback-month") if row["service"] == slug)


@pytest.mark.slow
@pytest.mark.parametrize(("method", "seed"), [("cell-key", 1), ("cell-key", 2), ("threshold", 3)])
def test_each_rating_is_in_exactly_one_published_row_or_still_waits(tmp_path, method, seed):
    town = Town(tmp_path, ("visits", "visits"))
    choose(town.city, method=method, start=20250101)
    chance = random.Random(seed)
    for month in MONTHS:
        for slug in SERVICES:
            for _ in range(chance.choice((0, 1, 3, 6, 9, 10, 25))):
                rating, day = chance.randint(1, 5), int(month.replace("-", "")) * 100 + chance.randint(1, 28)
                Feedbacks(town.city.store.connection).add(Feedback(1, day, "procedure", slug, rating), os.urandom(32))
    given = town.city.store.connection.execute("select service, day / 100, rating, rkey from feedback").fetchall()
    town.at_noon(date(2026, 1, 1))
    publisher(town.city).publish()
    for slug in SERVICES:
        waiting, counted = [], 0
        for month in MONTHS:
            waiting.append(month)
            row = published_ratings(town.city, month, slug)
            assert row["from_month"] == waiting[0]
            span = {int(one.replace("-", "")) for one in waiting}
            found = [(rating, rkey) for service, of, rating, rkey in given if service == slug and of in span]
            if row["ratings_status"] == SUPPRESSED:
                assert {row[f"rating_{n}"] for n in range(1, 6)} == {""}
                continue
            told = [int(row[f"rating_{n}"]) for n in range(1, 6)]
            assert sum(told) == int(row["ratings"]) >= 10
            if method == "cell-key":
                assert told == [int(rating_of(found, n)[0]) for n in range(1, 6)]
            counted, waiting = counted + len(found), []
        still = {int(one.replace("-", "")) for one in waiting}
        all_of_it = [of for service, of, _, _ in given if service == slug]
        assert counted + sum(of in still for of in all_of_it) == len(all_of_it)
        assert counted


def rating_of(found, n):
    """How often a rating was given, protected by the cell-key method."""
    keys = [rkey for rating, rkey in found if rating == n]
    return protected(len(keys), sum(keys) % 2**32, f"rating_{n}")


def test_the_ratings_of_a_month_wait_where_they_would_be_published_as_too_few(tmp_path):
    town = Town(tmp_path, ("visits", "visits"))
    choose(town.city, start=20250101)
    for day, number in ((20250110, 4), (20250210, 30)):
        for _ in range(number):
            Feedbacks(town.city.store.connection).add(Feedback(1, day, "procedure", "kita", 5), os.urandom(32))
    town.at_noon(date(2025, 3, 1))
    publisher(town.city).publish()
    january, february = (published_ratings(town.city, month, "kita") for month in ("2025-01", "2025-02"))
    assert (january["from_month"], january["ratings_status"]) == ("2025-01", SUPPRESSED)
    assert (february["from_month"], february["ratings_status"]) == ("2025-01", PERTURBED)
    assert abs(int(february["rating_5"]) - 34) <= 3
