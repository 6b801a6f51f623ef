"""Messages for the Single Digital Gateway: from beacons to files, by country and device, split, with lasting ids."""

import json
import re
import uuid
from collections import Counter
from datetime import UTC, date, datetime
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

import pytest

from tests.installation import HOST, NOON, Installation, install
from tracker.errors import ConfigError
from tracker.feedback.feedback import Feedback
from tracker.retention import purge
from tracker.sdg.check import FaultyError, faults
from tracker.sdg.draft import FEEDBACK, STATISTICS, Draft, url_of
from tracker.sdg.duty import due_day, state
from tracker.sdg.message import LIMIT, Head, message, split
from tracker.sdg.nfk import to_csv
from tracker.sdg.setting import MANUAL, PLAIN, Setting, setting_json, setting_of
from tracker.sdg.statistics import Row, statistics, totals
from tracker.sdg.transfer import (
    check_possible,
    draft,
    make,
    nfk_report,
    obstacle,
    preview,
)
from tracker.services.service import Service
from tracker.store import open_store
from tracker.store.catalogue import Municipality
from tracker.store.feedback import Feedbacks
from tracker.store.sdg import Transfers
from tracker.store.services import Services

MONTH = 202605
NOW = 1_780_358_400  # 2026-06-02 00:00 UTC
DOG = Service(
    "hundesteuer", "Hundesteuer", leika="99102013060000", paths=(f"{HOST}/hund/**", f"{HOST}/hunde"), sdg=True
)
PARKING = Service("parken", "Parken", leika="99012001001000", paths=(f"{HOST}/parken",))
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.0 Mobile/15E148 Safari/604.1"
)
TABLET = (
    "Mozilla/5.0 (iPad; CPU OS 12_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/12.1 Mobile/15E148 Safari/604.1"
)
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
ADDRESSES = {"DE": "217.0.116.1", "GR": "147.102.222.210", "": "192.168.1.1"}


def town_of(city: Installation) -> Municipality:
    return city.catalogue.municipalities()[0]


def prepare(city: Installation, *services: Service) -> Municipality:
    """The city with its services in the catalogue."""
    town = town_of(city)
    Services(city.store.connection).apply(town.id, services or (DOG, PARKING))
    return town


def figures(found: Draft) -> dict[str, Counter[tuple[str, str]]]:
    """Address → (device, country) → views."""
    return {
        entry["source"]["sourceUrl"]: Counter(
            {(row["deviceType"], row["originatingCountry"]): row["nbVisits"] for row in entry["source"]["statistics"]}
        )
        for entry in found.entries
    }


def content(city: Installation, kind: str, part: int = 1, month: int = MONTH) -> bytes:
    found = Transfers(city.store.connection).content(town_of(city).id, kind, month, part)
    assert found is not None
    return found


# From beacons to the file


@pytest.mark.parametrize("level", ["visits", "counts"])
def test_the_file_says_exactly_what_was_counted(tmp_path, level):
    city = install(tmp_path, level)
    town = prepare(city)
    for agent, address, number in ((PHONE, "DE", 3), (TABLET, "DE", 1), (PHONE, "GR", 2)):
        for _ in range(number):
            city.send({"User-Agent": agent}, ADDRESSES[address], u=f"https://{HOST}/hund/anmelden?x=1")
    city.send({"User-Agent": PHONE}, ADDRESSES["DE"], u=f"https://{HOST}/hunde")
    city.send(address=ADDRESSES["DE"], u=f"https://{HOST}/hund")
    city.send(address=ADDRESSES["DE"], u=f"https://{HOST}/parken")
    city.send(address=ADDRESSES["DE"], u=f"https://{HOST}/hund", k="event", n="Klick")
    city.send({"User-Agent": BOT}, ADDRESSES["DE"], u=f"https://{HOST}/hund")
    city.count()
    found = draft(city.store, town, STATISTICS, MONTH, Setting())
    assert make(city.store.connection, town, found, Setting(), NOW)
    (transfer,) = Transfers(city.store.connection).all(town.id)
    assert json.loads(content(city, STATISTICS)) == {
        "isSDG": True,
        "content": [
            {
                "uniqueId": transfer.files[0].unique_id,
                "referencePeriod": {"startDate": "2026-05-01T00:00:00Z", "endDate": "2026-05-31T23:59:59Z"},
                "transferDate": "2026-06-02T00:00:00Z",
                "transferType": "Manual",
                "nbEntries": 3,
                "sources": [
                    source("/hund", ("PC", 1, "DE")),
                    source("/hund/anmelden", ("Mobile", 3, "DE"), ("Tablet", 1, "DE"), ("Mobile", 2, "EL")),
                    source("/hunde", ("Mobile", 1, "DE")),
                ],
            }
        ],
    }


def source(path: str, *rows: tuple[str, int, str]) -> dict[str, object]:
    numbers = [
        {"deviceType": device, "nbVisits": number, "originatingCountry": country} for device, number, country in rows
    ]
    return {"source": {"sourceUrl": f"https://{HOST}{path}", "statistics": numbers}}


def test_pages_of_other_services_are_not_counted_and_the_mark_does_not_work_backwards(tmp_path):
    city = install(tmp_path)
    town = prepare(city, PARKING)
    city.send(u=f"https://{HOST}/parken", address=ADDRESSES["DE"])
    city.count()
    assert city.keys("sdg") == {}
    found = draft(city.store, town, STATISTICS, MONTH, Setting())
    assert [note.rule for note in found.notes] == ["none"]
    other = open_store(city.config.database)
    Services(other.connection).change(town.id, Service("parken", "Parken", paths=PARKING.paths, sdg=True))
    other.close()
    city.send(u=f"https://{HOST}/parken", address=ADDRESSES["DE"])
    city.count()
    assert city.keys("sdg") == {"desktop/DE//parken": 1}


def test_a_page_that_two_services_claim_counts_once(tmp_path):
    city = install(tmp_path)
    prepare(city, DOG, Service("hund-2", "Hund 2", paths=(f"{HOST}/hund",), sdg=True))
    city.send(u=f"https://{HOST}/hund", address=ADDRESSES["DE"])
    city.count()
    assert city.keys("sdg") == {"desktop/DE//hund": 1}


def test_views_of_an_unknown_country_are_left_out_and_said_or_get_the_code_of_the_setting(tmp_path):
    city = install(tmp_path)
    town = prepare(city)
    city.send(address=ADDRESSES[""], u=f"https://{HOST}/hund")
    city.count()
    found = draft(city.store, town, STATISTICS, MONTH, Setting())
    assert found.entries == []
    assert [(note.rule, note.values) for note in found.notes] == [("unknown", {"number": 1})]
    named = draft(city.store, town, STATISTICS, MONTH, Setting(unknown_country="ZZ"))
    assert figures(named) == {f"https://{HOST}/hund": Counter({("PC", "ZZ"): 1})}
    assert [note.rule for note in named.notes] == ["unknown_as"]


@pytest.mark.parametrize(
    ("zone", "moment"),
    [
        ("Europe/Berlin", datetime(2026, 3, 31, 23, 59, tzinfo=ZoneInfo("Europe/Berlin"))),
        ("Europe/Berlin", datetime(2026, 3, 1, 0, 0, tzinfo=ZoneInfo("Europe/Berlin"))),
        ("Europe/Berlin", datetime(2026, 3, 29, 3, 30, tzinfo=ZoneInfo("Europe/Berlin"))),  # the hour is put forward
        ("Pacific/Auckland", datetime(2026, 3, 1, 0, 30, tzinfo=ZoneInfo("Pacific/Auckland"))),  # UTC: February
        ("Atlantic/Azores", datetime(2026, 3, 31, 23, 30, tzinfo=ZoneInfo("Atlantic/Azores"))),  # UTC: 23:30
        ("America/Cayenne", datetime(2026, 3, 31, 23, 30, tzinfo=ZoneInfo("America/Cayenne"))),  # UTC: April
    ],
)
def test_a_month_is_the_calendar_month_of_the_municipality(tmp_path, zone, moment):
    city = install(tmp_path)
    city.store.connection.execute("update municipality set timezone = ?", (zone,))
    town = prepare(city)
    city.clock.now = moment.timestamp()
    city.send(u=f"https://{HOST}/hund", address=ADDRESSES["DE"])
    city.count()
    found = draft(city.store, town, STATISTICS, 202603, Setting())
    assert totals(found).views == 1
    transfer = json.loads(preview(found, Setting(), 0)[0])["content"][0]
    assert transfer["referencePeriod"] == {"startDate": "2026-03-01T00:00:00Z", "endDate": "2026-03-31T23:59:59Z"}
    for other in (202602, 202604):
        assert draft(city.store, town, STATISTICS, other, Setting()).entries == []


HOSTILE = [
    "/hund/<script>alert(1)</script>",
    '/hund/"},{"a":"b',
    "/hund/%00",
    "/hund/100% sicher",
    "/hund/Müller & Söhne",
    "/hund/\u202egnp.exe",
    "/hund/\U0001f415",
    "/hund//evil.example/",
    "/hund/=1+1",
    "/hund/a#/antrag",
    "/hund/" + "ä" * 480,
]


@pytest.mark.parametrize("page", HOSTILE)
def test_whatever_a_page_is_called_the_message_is_valid_and_names_it(page):
    found = statistics(MONTH, [Row(HOST, f"mobile/DE/{page}", 2)], Setting())
    (text,) = preview(found, Setting(), 0)
    assert faults(STATISTICS, text) == []
    (url,) = figures(found)
    assert re.fullmatch(r"[!-~]+", url)
    assert urlsplit(url).netloc == HOST
    assert unquote(url) == f"https://{HOST}{page}"


def test_a_page_on_another_host_of_the_site_keeps_that_host():
    assert url_of(HOST, "formular.marburg.de/hund") == "https://formular.marburg.de/hund"


def test_a_page_with_placeholders_is_said():
    found = statistics(MONTH, [Row(HOST, "pc/DE//antrag/:id", 1), Row(HOST, "pc/DE//antrag/12:30", 1)], Setting())
    assert [(note.rule, note.values["number"]) for note in found.notes] == [("masked", 1)]


def test_devices_are_those_of_the_regulation_and_other_ones_are_pcs():
    keys = ("mobile", "tablet", "desktop", "other", "")
    found = statistics(MONTH, [Row(HOST, f"{key}/FR//hund", 1) for key in keys], Setting())
    assert figures(found) == {
        f"https://{HOST}/hund": Counter({("Mobile", "FR"): 1, ("Tablet", "FR"): 1, ("PC", "FR"): 3})
    }
    assert totals(found).devices == {"Mobile": 1, "Tablet": 1, "PC": 3}
    assert totals(found).countries == [("FR", 5, (1, 1, 3))]


def test_the_same_address_of_two_sites_stands_once():
    rows = [Row(HOST, "mobile/DE/a.marburg.de/x", 2), Row("a.marburg.de", "mobile/DE//x", 3)]
    assert figures(statistics(MONTH, rows, Setting())) == {"https://a.marburg.de/x": Counter({("Mobile", "DE"): 5})}


# Envelope and dates


def test_envelope_dates_and_kind_of_transfer_are_settings():
    setting = Setting(envelope="statistics", dates=PLAIN, transfer_type="API")
    found = statistics(MONTH, [Row(HOST, "mobile/DE//hund", 1)], setting)
    (text,) = preview(found, setting, 0)
    transfer = json.loads(text)["statistics"]
    assert transfer["referencePeriod"] == {"startDate": "2026-05-01 00:00:00", "endDate": "2026-05-31 23:59:59"}
    assert (transfer["transferDate"], transfer["transferType"]) == ("1970-01-01 00:00:00", "API")
    assert faults(STATISTICS, text) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"envelope": ""},
        {"envelope": "isSDG"},
        {"envelope": 'a"b'},
        {"dates": "us"},
        {"transfer_type": "Fax"},
        {"unknown_country": "GR"},
        {"unknown_country": "xx"},
        {"columns": [["text", "text"]]},
        {"columns": [["period", "period"]]},
    ],
)
def test_an_impossible_setting_is_refused(wrong):
    with pytest.raises(ConfigError):
        setting_of(json.dumps(wrong))


def test_a_setting_comes_back_as_it_went():
    setting = Setting("statistics", PLAIN, "API", "ZZ", (("number", "Anzahl"),))
    assert setting_of(setting_json(setting)) == setting
    assert setting_of("") == Setting() and Setting().transfer_type == MANUAL


# Splitting


def many(number: int) -> Draft:
    keys = (f"mobile/{country}//hund/seite-{place}" for place in range(number) for country in ("DE", "FR", "GR"))
    return statistics(MONTH, [Row(HOST, key, 1) for key in keys], Setting())


def test_no_message_is_over_ten_megabytes_and_nothing_is_lost():
    found = many(100_000)
    messages = preview(found, Setting(), 0)
    assert len(messages) == -(-sum(map(len, messages)) // LIMIT) == 3
    assert all(len(text) <= LIMIT for text in messages)
    assert len(messages[0]) > LIMIT - 500
    entries = []
    for text in messages:
        transfer = json.loads(text)["content"][0]
        assert transfer["nbEntries"] == len(transfer["sources"])
        entries += transfer["sources"]
    assert entries == found.entries


@pytest.mark.parametrize("spare", range(-3, 4))
def test_parts_fit_to_the_byte(spare):
    found, head = many(20), Head(STATISTICS, MONTH, "0" * 36, 0)
    limit = len(message(found.entries[:7], head, Setting())) + spare
    parts = split(found.entries, head, Setting(), limit)
    assert all(len(message(part, head, Setting())) <= limit for part in parts)
    assert [entry for part in parts for entry in part] == found.entries


def test_an_entry_that_fits_nowhere_is_an_error():
    with pytest.raises(ConfigError, match="single entry"):
        split(many(1).entries, Head(STATISTICS, MONTH, "0" * 36, 0), Setting(), 300)


# Transfers and corrections


def test_a_correction_keeps_every_id_and_the_list_tells_it(tmp_path):
    city = install(tmp_path)
    town, transfers = prepare(city), Transfers(city.store.connection)
    assert make(city.store.connection, town, many(30), Setting(), NOW, 3_000)
    (first,) = transfers.all(town.id)
    assert len(first.files) > 2 and first.corrected is None and first.revision == 1
    assert len({file.unique_id for file in first.files}) == len(first.files)
    assert all(str(uuid.UUID(file.unique_id)) == file.unique_id for file in first.files)
    assert make(city.store.connection, town, many(60), Setting(), NOW + 5, 3_000)
    (second,) = transfers.all(town.id)
    ids = [file.unique_id for file in second.files]
    assert ids[: len(first.files)] == [file.unique_id for file in first.files]
    assert len(ids) > len(first.files) and len(set(ids)) == len(ids)
    assert (second.id, second.created, second.corrected, second.revision) == (first.id, NOW, NOW + 5, 2)
    told = [json.loads(content(city, STATISTICS, file.part))["content"][0]["uniqueId"] for file in second.files]
    assert told == ids
    assert len(transfers.history(second.id)) == len(first.files) + len(second.files)


def test_parts_that_a_correction_no_longer_needs_are_sent_empty(tmp_path):
    city = install(tmp_path)
    town = prepare(city)
    make(city.store.connection, town, many(30), Setting(), NOW, 3_000)
    before = Transfers(city.store.connection).all(town.id)[0].files
    make(city.store.connection, town, many(2), Setting(), NOW + 5, 3_000)
    after = Transfers(city.store.connection).all(town.id)[0].files
    assert [file.unique_id for file in after] == [file.unique_id for file in before]
    assert [file.entries for file in after] == [2, *[0] * (len(before) - 1)]
    last = json.loads(content(city, STATISTICS, len(before)))["content"][0]
    assert (last["nbEntries"], last["sources"]) == (0, [])


def test_nothing_is_made_anew_when_only_the_time_changed(tmp_path):
    city = install(tmp_path)
    town = prepare(city)
    assert make(city.store.connection, town, many(3), Setting(), NOW)
    before = content(city, STATISTICS)
    assert not make(city.store.connection, town, many(3), Setting(), NOW + 86_400)
    assert content(city, STATISTICS) == before
    assert make(city.store.connection, town, many(3), Setting(dates=PLAIN), NOW + 86_400)


def test_months_kinds_and_municipalities_have_ids_of_their_own(tmp_path):
    city = install(tmp_path)
    connection = city.store.connection
    towns = [prepare(city), city.catalogue.add_municipality("Gießen", "065310005005")]
    for town in towns:
        for kind in (STATISTICS, FEEDBACK):
            for month in (MONTH, 202606):
                make(connection, town, Draft(kind, month, [], []), Setting(), NOW)
    made = [transfer for town in towns for transfer in Transfers(connection).all(town.id)]
    assert len({file.unique_id for transfer in made for file in transfer.files}) == len(made) == 8


def test_an_empty_month_is_a_message_without_entries(tmp_path):
    city = install(tmp_path)
    town = prepare(city)
    for kind, name in ((STATISTICS, "sources"), (FEEDBACK, "feedbacks")):
        make(city.store.connection, town, draft(city.store, town, kind, MONTH, Setting()), Setting(), NOW)
        transfer = json.loads(content(city, kind))["content"][0]
        assert (transfer["nbEntries"], transfer[name]) == (0, [])


def test_a_faulty_message_is_not_kept(tmp_path):
    city = install(tmp_path)
    town = prepare(city)
    wrong = Draft(STATISTICS, MONTH, [{"source": {"sourceUrl": "ftp://x", "statistics": []}}], [])
    with pytest.raises(FaultyError) as caught:
        make(city.store.connection, town, wrong, Setting(), NOW)
    assert {fault.rule for fault in caught.value.faults} == {"url", "empty"}
    assert Transfers(city.store.connection).all(town.id) == []


def test_contents_are_deleted_after_their_time_and_checksums_stay(tmp_path):
    city = install(tmp_path)
    town, transfers = prepare(city), Transfers(city.store.connection)
    make(city.store.connection, town, many(1), Setting(), NOW)
    kept, over = (datetime(2028, month, 15, tzinfo=UTC).timestamp() for month in (6, 7))
    assert purge(city.store, city.config, kept)["transfers"] == 0
    assert purge(city.store, city.config, over)["transfers"] == 1
    assert transfers.content(town.id, STATISTICS, MONTH, 1) is None
    assert len(transfers.all(town.id)[0].files[0].sha256) == 64


@pytest.mark.parametrize(
    ("month", "rule"), [(202606, "running"), (202607, "running"), (202605, ""), (202405, ""), (202404, "gone")]
)
def test_no_file_is_made_of_a_month_that_runs_or_whose_figures_are_deleted(month, rule):
    found = obstacle(month, date(2026, 6, 30), 25)
    assert (found.rule if found else "") == rule
    if rule:
        with pytest.raises(ConfigError):
            check_possible(month, date(2026, 6, 30), 25)


# Feedback


def said(city: Installation, **changed: object) -> None:
    fields = {
        "site": city.catalogue.site(HOST).id,
        "day": 20260518,
        "category": "procedure",
        "service": "hundesteuer",
        "rating": 4,
        "page": "/hund/anmelden",
        "text": "GEHEIM und persönlich",
        **changed,
    }
    Feedbacks(city.store.connection).add(Feedback(**fields), uuid.uuid4().bytes)


def test_feedback_is_ratings_and_never_a_text(tmp_path):
    city = install(tmp_path)
    town = prepare(city)
    said(city)
    said(city, category="information", rating=2, found="partly", page="/hund")
    said(city, category="assistance", rating=5, found="yes", page="/hund")
    said(city, service="parken")
    said(city, service="", page="/hund")
    said(city, rating=None)
    said(city, page="", day=20260501)
    said(city, day=20260430)
    said(city, day=20260601)
    said(city)
    city.store.connection.execute("update feedback set status = 'spam', note = 'GEHEIM' where id = 10")
    city.store.connection.execute("update feedback set answer = 'GEHEIM', note = 'GEHEIM'")
    found = draft(city.store, town, FEEDBACK, MONTH, Setting())
    make(city.store.connection, town, found, Setting(), NOW)
    text = content(city, FEEDBACK)
    assert "GEHEIM" not in text.decode()
    address = f"https://{HOST}/hund"
    assert json.loads(text)["content"][0]["feedbacks"] == [
        {"feedback": {"category": "Assistance", "rating": 5, "source": address}},
        {"feedback": {"category": "Information", "rating": 2, "source": address, "foundInformation": "Partly"}},
        {"feedback": {"category": "Procedure", "rating": 4, "source": address}},
        {"feedback": {"category": "Procedure", "rating": 4, "source": f"{address}/anmelden"}},
    ]
    assert [(note.rule, note.values["number"]) for note in found.notes] == [("no_rating", 1)]
    assert "GEHEIM" not in to_csv(nfk_report(city.store, town, MONTH), Setting().columns)


def test_a_service_without_an_address_of_its_own_leaves_feedback_without_page_out(tmp_path):
    city = install(tmp_path)
    town = prepare(city, Service("wild", "Wild", paths=(f"{HOST}/*/wild",), sdg=True))
    said(city, service="wild", page="")
    found = draft(city.store, town, FEEDBACK, MONTH, Setting())
    assert (found.entries, [note.rule for note in found.notes]) == ([], ["no_page"])


def test_the_national_file_counts_answers_and_holds_no_text(tmp_path):
    city = install(tmp_path)
    town = prepare(city, DOG, PARKING, Service("ohne", "Ohne Schlüssel"))
    for _ in range(3):
        said(city)
    said(city, service="parken", category="information", rating=1, found="no")
    said(city, service="parken", rating=None)
    said(city, service="ohne")
    said(city, service="weg")
    said(city, service="")
    report = nfk_report(city.store, town, MONTH)
    assert to_csv(report, Setting().columns).splitlines() == [
        "period;leika_key;ars;service_id;category;rating;found;number",
        "2026-05;99102013060000;065340014014;hundesteuer;procedure;4;;3",
        "2026-05;99012001001000;065340014014;parken;information;1;no;1",
        "2026-05;99012001001000;065340014014;parken;procedure;;;1",
    ]
    assert {note.rule for note in report.notes} == {"no_service", "no_leika", "unknown_service"}
    columns = (("number", "=Anzahl"), ("service_name", "Leistung"))
    assert to_csv(report, columns).splitlines()[:2] == ["'=Anzahl;Leistung", "3;Hundesteuer"]


# Duties


@pytest.mark.parametrize(
    ("month", "day"),
    [
        (202601, date(2026, 2, 6)),  # the 31st is a Saturday
        (202605, date(2026, 6, 5)),  # the 31st is a Sunday
        (202606, date(2026, 7, 7)),
        (202512, date(2026, 1, 7)),
    ],
)
def test_feedback_is_due_on_the_fifth_weekday_after_the_month(month, day):
    assert due_day(FEEDBACK, month) == day
    assert state(FEEDBACK, month, day, False) == "due"
    assert state(FEEDBACK, month, date(day.year, day.month, day.day + 1), False) == "late"
    assert state(FEEDBACK, month, date(day.year, day.month, day.day + 1), True) == "made"


def test_statistics_are_due_within_the_next_month():
    assert due_day(STATISTICS, 202512) == date(2026, 1, 31)
    assert state(STATISTICS, 202512, date(2026, 1, 31), False) == "due"
    assert state(STATISTICS, 202512, date(2026, 2, 1), False) == "late"


def test_a_month_that_is_not_over_is_not_due():
    assert state(FEEDBACK, 202606, date(2026, 6, 30), False) == "running"
    assert NOON < NOW
