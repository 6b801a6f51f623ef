"""What is changed between two publications: settings, the catalogue, counts. Nothing protected comes to light by it."""

from decimal import Decimal

import pytest

from admin.opendata.counts import Counts
from admin.opendata.protection import METHODS
from admin.opendata.protection.privacy import LIMIT, BudgetError
from admin.opendata.told import Told
from tests.installation import HOST, MARBURG
from tests.published import checksums, choose, counting, document, next_day, noon, people, publisher, rows
from tracker.services.service import Form, Service
from tracker.store.opendata import Opendata
from tracker.store.services import Services

SECOND = "dienste.marburg.de"


@pytest.fixture
def city(tmp_path):
    """Eighteen visitors on 2026-05-18, and now it is noon of the day after."""
    city = counting(tmp_path)
    people(city, 18)
    next_day(city)
    return city


def hidden(city):
    """The views of a service that the days of May hide."""
    town = city.catalogue.municipality(MARBURG)
    told = Told(publisher(city).root, publisher(city).releases)
    counts = Counts(city.store, city.config, town, "", city.clock())
    return told.hidden("2026-05", counts.of_days_anyway)["service:hundesteuer 2026-05"]["views"]


def add(city, service):
    Services(city.store.connection).add(city.catalogue.municipality(MARBURG).id, service)


def test_what_days_hide_is_found_again_though_services_came_since(city):
    choose(city, method="threshold")
    people(city, 4)
    next_day(city)
    publisher(city).publish()
    before = hidden(city)
    add(city, Service("abfall", "Abfall", paths=(f"{HOST}/abfall/**",)))
    assert hidden(city) == before == (4,)


def test_what_days_hide_stays_hidden_though_an_outage_was_noted_since(city):
    choose(city, method="threshold")
    people(city, 4)
    next_day(city)
    publisher(city).publish()
    Opendata(city.store.connection).add_outage(city.catalogue.site(HOST).id, 20260519, 20260519, "Umbau")
    assert hidden(city) == (4,)


def test_what_days_hide_stays_hidden_though_the_service_was_made_anew(city):
    choose(city, method="threshold")
    people(city, 4)
    next_day(city)
    publisher(city).publish()
    made(city, "hundesteuer", city.clock())
    assert hidden(city) == (4,)


def made(city, slug, at):
    """Let a service have been made at an instant in seconds."""
    city.store.connection.execute("update service set created = ? where slug = ?", (at, slug))


def views_of(city, slug):
    """The status of a service's views, by published day."""
    published = [row for day in publisher(city).releases for row in rows(city, day.period, "service-day")]
    return {row["day"]: row["views_status"] for row in published if row["service"] == slug}


def test_a_service_is_missing_and_not_zero_until_the_day_after_it_was_made(city):
    people(city, 18)
    next_day(city)
    add(city, Service("abfall", "Abfall", paths=(f"{HOST}/abfall/**",)))
    made(city, "abfall", city.clock())
    people(city, 18, "/abfall/start")
    next_day(city)
    people(city, 18, "/abfall/start")
    next_day(city)
    publisher(city).publish()
    missing = dict.fromkeys(["2026-05-18", "2026-05-19", "2026-05-20"], "missing")
    assert views_of(city, "abfall") == {**missing, "2026-05-21": "perturbed"}
    assert set(views_of(city, "hundesteuer").values()) == {"perturbed"}


def test_the_forms_of_a_service_are_missing_in_months_before_it_was_made(city):
    noon(city, "2026-06-15")
    made(city, "hundesteuer", city.clock())
    next_day(city)
    people(city, 18)
    noon(city, "2026-07-02")
    publisher(city).publish()
    before, after = (
        {row["reached_status"] for row in rows(city, month, "service-step-month")} for month in ("2026-05", "2026-06")
    )
    assert before == {"missing"}
    assert after and "missing" not in after


def test_views_that_days_of_a_site_without_visits_hide_stay_hidden_by_the_month(tmp_path):
    city = counting(tmp_path)
    city.store.connection.execute("update site set level = 'counts'")
    city.worker.refresh()
    choose(city, method="threshold")
    people(city, 30)
    next_day(city)
    people(city, 4)
    noon(city, "2026-06-01")
    publisher(city).publish()
    assert rows(city, "2026-05-19", "site-day")[0]["views_status"] == "suppressed"
    statuses = [row["views_without_visits_status"] for row in rows(city, "2026-05", "device-month")]
    assert set(statuses) == {"suppressed"}


def test_the_wide_method_is_wide_for_all_views(city):
    wide = next(row for row in METHODS if row.name == "cell-key-wide").build(None)
    assert set(wide.parameters["exceptions"]) == {"views", "views_without_visits"}


def test_a_month_keeps_the_method_of_its_first_release(city):
    choose(city, method="threshold")
    publisher(city).publish()
    choose(city, method="cell-key")
    noon(city, "2026-06-02")
    publisher(city).publish()
    publisher(city).correct("2026-05-18", "Nochmals.")
    names = {row.path: row.method["name"] for row in publisher(city).releases}
    assert {name for path, name in names.items() if path.startswith("2026-05")} == {"threshold"}
    assert names["2026-06-01/1"] == "cell-key"


def test_no_month_tells_of_days_before_the_first_that_was_chosen(city):
    choose(city, start=20260520)
    noon(city, "2026-07-01")
    due = publisher(city).due()
    assert due[0] == "2026-05-20"
    assert "2026-05" not in due
    assert "2026-06" in due
    choose(city, start=20260501)
    assert "2026-05" in publisher(city).due()


def test_a_budget_pays_for_a_correction_of_everything_and_for_no_second_one(city):
    choose(city, method="differential-privacy", pages=f"{HOST}/hund/start")
    noon(city, "2026-06-01")
    publisher(city).publish()
    publisher(city).correct("2026-05-18", "Nachtrag.")
    assert Decimal(document(city, "budget.json")["largest_sum_of_a_day"]) <= LIMIT
    before = checksums(city)
    with pytest.raises(BudgetError):
        publisher(city).correct("2026-05-18", "Noch ein Nachtrag.")
    assert checksums(city) == before


def test_corrections_of_a_day_leave_enough_for_its_month(city):
    choose(city, method="differential-privacy")
    publisher(city).publish()
    done = 0
    with pytest.raises(BudgetError):
        while done < 30:
            publisher(city).correct("2026-05-18", "Nachtrag.")
            done += 1
    noon(city, "2026-06-01")
    assert publisher(city).publish()[-1].period == "2026-05"
    assert done > 0


def test_a_site_is_missing_and_not_zero_before_its_first_beacon(city):
    opendata = Opendata(city.store.connection)
    for minute in range(0, 5 * 86_400, 60):
        opendata.note_minute(city.clock() - 2 * 86_400 + minute)
    people(city, 5)
    next_day(city)
    city.catalogue.add_site(SECOND, MARBURG, "visits")
    city.worker.refresh()
    city.send(s=SECOND, u=f"https://{SECOND}/")
    next_day(city)
    publisher(city).publish()
    told = {
        day: {row["site"]: row["views_status"] for row in rows(city, day, "site-day")}
        for day in ("2026-05-19", "2026-05-20")
    }
    assert told["2026-05-19"] == {SECOND: "missing", HOST: "perturbed"}
    assert told["2026-05-20"][SECOND] == "perturbed"


def test_a_preview_spends_nothing_and_writes_nothing(city):
    choose(city, method="differential-privacy")
    publisher(city).publish()
    before = document(city, "budget.json"), checksums(city)
    for _ in range(30):
        publisher(city).preview("2026-05-18")
    assert publisher(city).draws_anew("2026-05-18")
    assert (document(city, "budget.json"), checksums(city)) == before


def two_sites(path, level):
    """Two sites, the second with a service of its own; eighteen visitors at each on 2026-05-18, and its form's end."""
    city = counting(path)
    city.catalogue.add_site(SECOND, MARBURG, level)
    add(city, Service("kita", "Kita", paths=(f"{SECOND}/kita/**",), forms=(Form("platz"),)))
    city.worker.refresh()
    people(city, 18)
    for person in range(18):
        there = {"s": SECOND, "u": f"https://{SECOND}/kita/start", "address": f"10.1.0.{person + 1}"}
        city.send(**there)
        city.send(k="outcome", n="submitted", p={"form": "platz"}, **there)
    return city


def test_ends_at_a_site_without_visits_are_counted_beside_one_with_them(tmp_path):
    city = two_sites(tmp_path, "counts")
    next_day(city)
    publisher(city).publish()
    told = {row["service"]: row for row in rows(city, "2026-05-18", "service-day")}
    assert 15 <= int(told["kita"]["submitted"]) <= 21
    assert (told["kita"]["started_status"], told["kita"]["abandoned_status"]) == ("missing", "missing")
    assert told["hundesteuer"]["started_status"] == "perturbed"


def test_a_service_whose_site_was_out_is_missing_though_another_site_was_measured(tmp_path):
    city = two_sites(tmp_path, "visits")
    next_day(city)
    Opendata(city.store.connection).add_outage(city.catalogue.site(SECOND).id, 20260518, 20260518, "Umbau")
    publisher(city).publish()
    told = {row["service"]: row["views_status"] for row in rows(city, "2026-05-18", "service-day")}
    assert told == {"kita": "missing", "hundesteuer": "perturbed"}
