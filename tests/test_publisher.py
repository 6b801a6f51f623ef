"""What is published: each day and month that is over once, protected, and never changed."""

import os
import subprocess
import sys
from dataclasses import replace

import openpyxl
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from admin.cli import main
from admin.opendata.manifest import ReleaseError
from admin.opendata.tables import TABLES
from tests.installation import HOST, MARBURG
from tests.published import checksums, choose, counting, document, next_day, noon, people, publisher, rows
from tracker.feedback.feedback import Feedback
from tracker.loader import loader_lock
from tracker.store.feedback import Feedbacks
from tracker.store.opendata import Opendata


@pytest.fixture
def city(tmp_path):
    """Eighteen visitors on 2026-05-18, and now it is noon of the day after."""
    city = counting(tmp_path)
    people(city, 18)
    next_day(city)
    return city


def periods(releases):
    return [(release.period, release.revision) for release in releases]


def test_a_day_is_published_once_it_is_over(city):
    people(city, 3)
    city.count()
    assert publisher(city).due() == ["2026-05-18"]
    assert periods(publisher(city).publish()) == [("2026-05-18", 1)]
    assert publisher(city).due() == []
    assert publisher(city).publish() == []
    assert rows(city, "2026-05-18", "site-day")[0]["site"] == HOST


def test_a_day_waits_until_the_last_beacon_is_counted(city):
    publisher(city).publish()
    people(city, 2)
    city.clock.now += 86_400
    assert publisher(city).due() == []
    city.count()
    city.clock.now += 3600
    city.loader.step()
    assert publisher(city).due() == ["2026-05-19"]


def test_a_month_follows_the_last_of_its_days(city):
    publisher(city).publish()
    noon(city, "2026-05-31")
    assert publisher(city).due()[-1] == "2026-05-30"
    noon(city, "2026-06-01")
    done = publisher(city).publish()
    assert done[-1].period == "2026-05"
    assert [row["day"] for row in rows(city, "2026-05", "site-day")] == [f"2026-05-{day}" for day in range(18, 32)]
    assert {table.name for table in done[-1].tables} == {table.name for table in TABLES}


def test_a_day_says_the_same_in_its_own_release_and_in_that_of_its_month(city):
    noon(city, "2026-06-01")
    publisher(city).publish()
    for table in ("site-day", "service-day"):
        alone = rows(city, "2026-05-18", table)
        assert [row for row in rows(city, "2026-05", table) if row["day"] == "2026-05-18"] == alone


def test_small_numbers_are_protected(city):
    for number in (1, 2, 1, 2, 1, 2):
        people(city, number)
        next_day(city)
    publisher(city).publish()
    found = [row for period in publisher(city).releases for row in rows(city, period.period, "site-day")]
    assert len(found) == 7
    assert {row["views_status"] for row in found} == {"perturbed"}
    assert not {row["views"] for row in found} & {"1", "2"}
    assert found[0]["method"].startswith("cell-key/")


def test_the_rows_do_not_depend_on_what_was_counted(city):
    publisher(city).publish()
    next_day(city)
    publisher(city).publish()
    for table in ("site-day", "service-day"):
        busy, quiet = (rows(city, day, table) for day in ("2026-05-18", "2026-05-19"))
        assert [list(row)[1:3] for row in busy] == [list(row)[1:3] for row in quiet]


def test_nothing_published_ever_changes(city):
    publisher(city).publish()
    before = checksums(city)
    people(city, 30)
    next_day(city)
    publisher(city).publish()
    publisher(city).correct("2026-05-18", "Ein Zähler war falsch eingestellt.")
    after = checksums(city)
    assert {name: after[name] for name in before} == before
    for release in publisher(city).releases:
        folder = city.config.opendata / MARBURG / release.path
        assert (
            subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=folder, check=False).returncode == 0
        )


def test_a_correction_is_a_new_revision_with_its_reason(city):
    noon(city, "2026-06-01")
    publisher(city).publish()
    Opendata(city.store.connection).add_outage(city.catalogue.site(HOST).id, 20260518, 20260518, "Umbau")
    done = publisher(city).correct("2026-05-18", "Der Tag war  gestört.")
    assert [(row.period, row.revision, row.reason) for row in done] == [
        ("2026-05-18", 2, "Der Tag war gestört."),
        ("2026-05", 2, "Der Tag war gestört."),
    ]
    assert rows(city, "2026-05-18", "site-day", 1)[0]["views_status"] == "perturbed"
    assert rows(city, "2026-05-18", "site-day", 2)[0]["views_status"] == "missing"
    assert rows(city, "2026-05", "site-day", 2)[0]["views_status"] == "missing"
    index = document(city, "index.json")["releases"]
    assert {(row["period"], row["revision"]): row["newest"] for row in index if row["period"] == "2026-05-18"} == {
        ("2026-05-18", 1): False,
        ("2026-05-18", 2): True,
    }
    assert publisher(city).due() == []


@pytest.mark.parametrize(("period", "reason"), [("2026-05-18", " "), ("2026-05-17", "nie"), ("x", "y"), ("../..", "y")])
def test_what_was_never_published_and_what_has_no_reason_is_not_corrected(city, period, reason):
    publisher(city).publish()
    before = checksums(city)
    with pytest.raises(ReleaseError):
        publisher(city).correct(period, reason)
    assert checksums(city) == before


def test_the_same_counts_are_published_alike_again(city):
    publisher(city).publish()
    publisher(city).correct("2026-05-18", "Nochmals.")
    first, second = (rows(city, "2026-05-18", "service-day", revision) for revision in (1, 2))
    assert first == second


def test_a_day_without_a_loader_is_missing_and_not_zero(city):
    opendata = Opendata(city.store.connection)
    begin = int(city.clock()) // 86_400 * 86_400
    for minute in range(0, 2 * 86_400, 60):
        if not 86_400 * 1.2 < minute < 86_400 * 1.8:
            opendata.note_minute(begin + minute)
    next_day(city, 3)
    publisher(city).publish()
    statuses = {
        row["day"]: row["views_status"] for day in (18, 19, 20) for row in rows(city, f"2026-05-{day}", "site-day")
    }
    assert statuses["2026-05-18"] == "perturbed"
    assert statuses["2026-05-20"] == "missing"
    assert document(city, "2026-05-20/1/release.json")["missing"] == {HOST: ["2026-05-20"]}


def test_at_level_counts_visits_are_missing(tmp_path):
    city = counting(tmp_path)
    city.store.connection.execute("update site set level = 'counts'")
    city.worker.refresh()
    people(city, 12)
    next_day(city)
    publisher(city).publish()
    row = rows(city, "2026-05-18", "site-day")[0]
    assert (row["visitors"], row["visitors_status"], row["visits_status"]) == ("", "missing", "missing")
    assert row["views_status"] == "perturbed"


def test_every_file_of_a_table_has_the_same_rows(city):
    noon(city, "2026-06-01")
    done = publisher(city).publish()[-1]
    folder = city.config.opendata / MARBURG / done.path
    for table in done.tables:
        text = rows(city, "2026-05", table.name)
        told = document(city, f"2026-05/1/{table.name}.json")["rows"]
        typed = pq.read_table(folder / f"{table.name}.parquet").to_pylist()
        sheet = list(openpyxl.load_workbook(folder / f"{table.name}.xlsx").worksheets[0].values)
        assert len(text) == table.rows

        def plain(values):
            return [
                "" if value is None else f"{value:g}" if isinstance(value, float) else str(value) for value in values
            ]

        assert [plain(row.values()) for row in told] == [plain(row.values()) for row in text]
        assert [plain(row.values()) for row in typed] == [plain(row.values()) for row in text]
        assert [plain(row) for row in sheet[1:]] == [plain(row.values()) for row in text]


def answer(city, day, rating, number):
    for _ in range(number):
        feedback = Feedback(city.catalogue.site(HOST).id, day, "procedure", "hundesteuer", rating)
        Feedbacks(city.store.connection).add(feedback, os.urandom(32))


def test_few_ratings_wait_for_those_of_the_following_months(city):
    choose(city, method="threshold")
    answer(city, 20260520, 5, 4)
    answer(city, 20260610, 1, 11)
    noon(city, "2026-07-01")
    publisher(city).publish()
    (may,), (june,) = (rows(city, month, "service-feedback-month") for month in ("2026-05", "2026-06"))
    assert (may["from_month"], may["ratings"], may["ratings_status"]) == ("2026-05", "", "suppressed")
    assert june["from_month"] == "2026-05"


def test_ratings_are_published_with_number_mean_and_distribution(city):
    answer(city, 20260520, 5, 30)
    answer(city, 20260521, 1, 10)
    noon(city, "2026-07-01")
    publisher(city).publish()
    may, june = (rows(city, month, "service-feedback-month")[0] for month in ("2026-05", "2026-06"))
    ratings = [int(may[f"rating_{value}"]) for value in range(1, 6)]
    assert ratings[1:4] == [0, 0, 0]
    assert abs(ratings[0] - 10) <= 3 and abs(ratings[4] - 30) <= 3
    assert int(may["ratings"]) == sum(ratings)
    assert float(may["mean"]) == pytest.approx((ratings[0] + 5 * ratings[4]) / sum(ratings), abs=0.01)
    assert (june["from_month"], june["ratings_status"]) == ("2026-06", "suppressed")


def test_only_pages_on_the_list_are_published(city):
    people(city, 15, "/geheim")
    people(city, 15, "/impressum")
    choose(city, pages=f"{HOST}/impressum\n\n www.fremd.de/x ")
    noon(city, "2026-06-01")
    city.count()
    publisher(city).publish()
    assert [(row["site"], row["page"]) for row in rows(city, "2026-05", "page-month")] == [(HOST, "/impressum")]
    root = city.config.opendata
    assert not [path for path in root.rglob("*") if path.is_file() and b"geheim" in path.read_bytes()]


def test_two_publications_at_once_are_refused(city):
    root = city.config.opendata / MARBURG
    root.mkdir(parents=True)
    lock = loader_lock(root, ".lock")
    assert lock is not None
    with pytest.raises(ReleaseError, match="already"):
        publisher(city).publish()
    os.close(lock)
    assert publisher(city).publish()


def test_a_full_disk_leaves_the_last_complete_release(city):
    publisher(city).publish()
    before = checksums(city)
    next_day(city)
    script = (
        "import sys\nfrom pathlib import Path\nfrom admin.opendata.publisher import Publisher\n"
        "from tracker.config import load_config\nfrom tracker.store import open_store\n"
        "from tracker.store.catalogue import Catalogue\n"
        "config = load_config(Path(sys.argv[1]), {})\nstore = open_store(config.database, readonly=True)\n"
        "town = Catalogue(store.connection).municipality(sys.argv[2])\n"
        "Publisher(store, config, town, float(sys.argv[3])).publish()\n"
    )
    command = [
        "bash",
        "-c",
        'ulimit -f 1; exec "$@"',
        "-",
        sys.executable,
        "-c",
        script,
        str(city.config.data),
        MARBURG,
    ]
    process = subprocess.run([*command, str(city.clock())], capture_output=True, text=True, check=False)
    assert "Nothing was published of 2026-05-19" in process.stderr
    assert checksums(city) == before
    assert [row["period"] for row in document(city, "index.json")["releases"]] == ["2026-05-18"]
    assert [release.period for release in publisher(city).publish()] == ["2026-05-19"]


def test_the_command_publishes_and_corrects(city):
    def run(*arguments, code=0):
        result = CliRunner().invoke(main, ["publish", *arguments, "--data", str(city.config.data)])
        assert result.exit_code == code, result.output
        return result.output

    assert "2026-05-18" in run("--dry-run")
    assert "2026-05-18" in run()
    assert (city.config.opendata / MARBURG / "2026-05-18" / "1" / "site-day.csv").exists()
    assert "needs a reason" in run("--day", "2026-05-18", code=1)
    assert "2026-05-18: 0 values would differ" in run("--day", "2026-05-18", "--dry-run")
    assert "never published" in run("--day", "2026-05-17", "--dry-run", code=1)
    assert "name the day" in run("--reason", "Nachgezählt.", code=2)
    assert "never published" in run("--day", "", "--reason", "Nachgezählt.", code=1)
    assert "2 releases" in run("--day", "2026-05-18", "--reason", "Nachgezählt.")
    assert "already" in run()


def test_where_nothing_was_counted_the_command_says_so(tmp_path):
    result = CliRunner().invoke(main, ["publish", "--data", str(counting(tmp_path).config.data)])
    assert result.output == "Nothing was counted yet, so there is nothing to publish.\n"


def test_catalogues_name_the_address_of_now_also_when_nothing_is_due(city):
    publisher(city).publish()
    root = city.config.opendata / MARBURG
    assert "https://neu.example/" not in (root / "catalog.ttl").read_text()
    city.config = replace(city.config, base_url="https://neu.example")
    assert publisher(city).publish() == []
    catalogue = (root / "catalog.ttl").read_text()
    assert f"https://neu.example/opendata/{MARBURG}/2026-05-18/1/" in catalogue
    assert "127.0.0.1" not in catalogue
    before = (root / "catalog.ttl").stat().st_mtime_ns
    publisher(city).publish()
    assert (root / "catalog.ttl").stat().st_mtime_ns == before


def test_the_pages_for_people_name_what_is_there(city):
    publisher(city).publish()
    root = city.config.opendata
    assert f'href="{MARBURG}/index.html"' in (root / "index.html").read_text()
    assert 'href="2026-05-18/1/index.html"' in (root / MARBURG / "index.html").read_text()
    page = (root / MARBURG / "2026-05-18" / "1" / "index.html").read_text()
    assert all(f'href="site-day.{ending}"' in page for ending in ("csv", "json", "xlsx", "parquet"))


def test_a_budget_is_spent_for_tables_with_rows_and_never_twice_for_an_answer(city):
    choose(city, method="differential-privacy")
    answer(city, 20260520, 5, 4)
    noon(city, "2026-08-01")
    publisher(city).publish()
    spent = document(city, "budget.json")["spent"]
    assert {row["table"] for row in spent} == {table.name for table in TABLES} - {"page-month"}
    assert len({(row["period"], row["table"], row["revision"]) for row in spent}) == len(spent)
    months = [rows(city, month, "service-feedback-month")[0] for month in ("2026-05", "2026-06", "2026-07")]
    assert [row["from_month"] for row in months] == [row["month"] for row in months]


def test_properties_tell_visits_alone_where_visits_are_counted(city):
    noon(city, "2026-06-01")
    publisher(city).publish()
    for table in ("device-month", "country-group-month", "language-month", "channel-month"):
        statuses = {(row["visits_status"], row["views_without_visits_status"]) for row in rows(city, "2026-05", table)}
        assert statuses == {("perturbed", "missing")}


@pytest.mark.parametrize("name", ["2026-02-30/1", "2026-05-17/alt", "2026-05-17/01", "alt/1", "2026-5-1/1"])
def test_a_folder_of_another_name_stops_no_publication(tmp_path, name):
    city = counting(tmp_path)
    people(city, 3)
    next_day(city)
    stray = city.config.opendata / MARBURG / name / "x.csv"
    stray.parent.mkdir(parents=True)
    stray.touch()
    assert [release.path for release in publisher(city).publish()] == ["2026-05-18/1"]
    assert stray.exists()


def test_a_folder_in_the_place_of_a_release_is_to_be_moved_away(tmp_path):
    city = counting(tmp_path)
    stray = city.config.opendata / MARBURG / "2026-02-28" / "1"
    stray.mkdir(parents=True)
    with pytest.raises(ReleaseError, match=r"2026-02-28/1 is no release: it has no release\.json\. Move it out of"):
        publisher(city)
    (stray / "release.json").write_text("{}")
    with pytest.raises(ReleaseError, match=r"its release\.json is damaged \(.*\)\. Bring it back from a backup"):
        publisher(city)
