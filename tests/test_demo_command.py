"""`zaehlwerk demo`: an own directory, thirteen months, and nothing counted twice."""

import os
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from simulated import Demo

from admin.opendata.publisher import Publisher
from tracker.calendar import calendar_of
from tracker.commands.demo import ARS, OUTAGES, SITE, UNTIL, claim, demo, prepare_city, renew_password, served_at
from tracker.commands.setup import FIRST_EMAIL, prepare
from tracker.config import FILE, Config, load_config
from tracker.errors import ConfigError
from tracker.loader import loader_lock
from tracker.record import VIEW
from tracker.simulation.feedback import feedback
from tracker.simulation.simulate import day_begins, simulate
from tracker.store import open_store
from tracker.store.accounts import Accounts
from tracker.store.catalogue import Catalogue
from tracker.store.feedback_counts import FeedbackCounts, Scope
from tracker.store.opendata import Opendata

BERLIN = calendar_of("Europe/Berlin")
DAY = 86_400_000  # ms


def made(data: Path, months: int = 0) -> Config:
    config = claim(data)
    prepare_city(config, SITE, months)
    return config


def test_other_commands_know_the_address_of_the_last_start(tmp_path: Path) -> None:
    config = claim(tmp_path / "stadt")
    assert served_at(config, "http://127.0.0.1:8001").base_url == "http://127.0.0.1:8001"
    assert served_at(config, "http://127.0.0.1:8002").base_url == "http://127.0.0.1:8002"
    assert load_config(config.data, {}).base_url == "http://127.0.0.1:8002"
    chosen = (config.data / FILE).read_text("utf-8").replace("  # of the last start", "")
    (config.data / FILE).write_text(chosen, "utf-8")
    assert served_at(config, "http://127.0.0.1:8003").base_url == "http://127.0.0.1:8002"


def views_of(config: Config) -> int:
    """All views that are counted."""
    store = open_store(config.database)
    site = Catalogue(store.connection).site(SITE)
    views = store.totals(site.id, range(2020, 2100)).views
    store.close()
    return views


def receipts(config: Config) -> set[bytes]:
    """The receipts of all feedback; fails if one piece is not in the counts or counted twice."""
    store = open_store(config.database)
    rows = store.connection.execute("select receipt, status from feedback").fetchall()
    counted = FeedbackCounts(store.connection, 1).total(Scope(20200101, 20991231)).answers
    store.close()
    assert counted == sum(status != "spam" for _, status in rows)
    return {receipt for receipt, _ in rows}


def simulated_views(config: Config, since: int) -> int:
    """The views that the simulation makes from `since` to the instant up to which the directory is simulated."""
    until = int((config.data / UNTIL).read_text())
    return sum(record.kind == VIEW for record in simulate(1, BERLIN, since, until))


def test_a_new_directory_is_marked_as_simulated(tmp_path: Path) -> None:
    config = claim(tmp_path / "demo")
    assert config.simulated
    assert claim(tmp_path / "demo") == config


def test_it_leaves_a_real_installation_alone(tmp_path: Path) -> None:
    real = Config(data=tmp_path / "real")
    prepare(real)
    before = real.database.read_bytes()
    result = CliRunner().invoke(demo, ["--data", str(real.data)])
    assert result.exit_code == 1
    assert "not empty and not a demo's" in result.output
    (real.data / FILE).write_text("rate_limit = 30\n")
    with pytest.raises(ConfigError, match="holds a real installation"):
        claim(real.data)
    (real.data / FILE).write_text("simulated = true\n")
    with pytest.raises(ConfigError, match="no demo made"):
        prepare_city(claim(real.data), SITE, 0)
    assert real.database.read_bytes() == before


def test_the_environment_does_not_make_a_real_installation_a_demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZAEHLWERK_SIMULATED", "yes")
    (tmp_path / FILE).write_text("")
    with pytest.raises(ConfigError, match="holds a real installation"):
        claim(tmp_path)


def test_a_second_start_adds_what_passed_since_and_nothing_twice(tmp_path: Path) -> None:
    config = made(tmp_path / "demo", months=1)
    today = datetime.now(BERLIN.zone).date()
    last_month = today.replace(day=1) - timedelta(days=1)
    since = day_begins(BERLIN, last_month.replace(day=min(today.day, 28)))
    assert views_of(config) == simulated_views(config, since)
    made(config.data, months=1)
    assert views_of(config) == simulated_views(config, since)


def test_a_later_start_fills_the_days_between(tmp_path: Path) -> None:
    config = made(tmp_path / "demo")
    before = views_of(config)
    until = int((config.data / UNTIL).read_text()) - 3 * DAY
    (config.data / UNTIL).write_text(str(until))  # as if the last start had been three days ago
    made(config.data, months=13)
    assert views_of(config) == before + simulated_views(config, until)


def test_what_people_say_is_added_with_the_days_and_never_twice(tmp_path: Path) -> None:
    config = made(tmp_path / "demo", months=1)
    since = int((config.data / UNTIL).read_text())
    begun = min(
        said.instant for said in feedback(1, BERLIN, since - 45 * DAY, since) if said.receipt in receipts(config)
    )
    (config.data / UNTIL).write_text(str(since - 3 * DAY))  # as if the clock had been set back
    made(config.data, months=1)
    until = int((config.data / UNTIL).read_text())
    assert receipts(config) == {said.receipt for said in feedback(1, BERLIN, begun, until)}


def test_it_publishes_by_itself_and_says_everywhere_that_it_is_simulated(tmp_path: Path) -> None:
    config = made(tmp_path / "demo", months=1)
    store = open_store(config.database)
    town = Catalogue(store.connection).municipality(ARS)
    opendata = Opendata(store.connection)
    setting = opendata.setting(town.id)
    assert (setting.automatic, setting.method, setting.licence) == (True, "cell-key", "dl-zero-de/2.0")
    assert setting.email.endswith("@example.org")
    assert len(opendata.outages([1])) == len(OUTAGES)
    releases = Publisher(store, config, town, time.time()).publish()
    assert releases[0].simulated
    folder = config.opendata / ARS / releases[0].path
    for path in (*folder.glob("*.json"), *folder.glob("*.html"), *folder.glob("*.parquet")):
        content = path.read_bytes()
        assert b"(simuliert)" in content, path
    sheet = load_workbook(folder / "site-day.xlsx")["Angaben"]
    assert "simulated" in [row[0].value for row in sheet.iter_rows()]
    store.close()


def test_an_interrupted_preparation_begins_anew(tmp_path: Path) -> None:
    config = made(tmp_path / "demo")
    (config.data / UNTIL).write_text("0")
    (config.journal / "simulated-1-1-x.jsonl").write_bytes(b"[1,2")
    made(config.data)
    today = day_begins(BERLIN, datetime.now(BERLIN.zone).date())
    assert views_of(config) == simulated_views(config, today)
    until = int((config.data / UNTIL).read_text())
    assert receipts(config) == {said.receipt for said in feedback(1, BERLIN, today, until)}


def test_it_says_so_when_the_directory_is_being_served(tmp_path: Path) -> None:
    config = claim(tmp_path / "demo")
    lock = loader_lock(config.data)
    assert lock is not None
    with pytest.raises(ConfigError, match="being served already"):
        prepare_city(config, SITE, 0)
    os.close(lock)


def test_a_directory_belongs_to_one_host_name(tmp_path: Path) -> None:
    config = made(tmp_path / "demo")
    with pytest.raises(ConfigError, match=r"holds the site marburg\.localhost, not 127\.0\.0\.1"):
        prepare_city(config, "127.0.0.1", 0)


def test_every_start_has_a_new_password(tmp_path: Path) -> None:
    config = made(tmp_path / "demo")
    store = open_store(config.database)
    accounts = Accounts(store.connection)
    old, new = renew_password(config), renew_password(config)
    assert accounts.check_password(FIRST_EMAIL, old) is None
    assert accounts.check_password(FIRST_EMAIL, new) is not None
    accounts.remove(FIRST_EMAIL)
    assert accounts.check_password(FIRST_EMAIL, renew_password(config)) is not None
    store.close()


@pytest.mark.slow
def test_it_serves_and_tells_where_to_look(tmp_path: Path) -> None:
    with Demo(tmp_path / "demo", months=1) as served:
        assert served.told("Dashboard") == f"{served.base}/admin/sites/{SITE}"
        assert served.told("City pages") == f"http://{SITE}:{served.port}/"
        assert served.told("Guide") == f"{served.base}/demo/"
        assert "Simulierte Daten" in served.get("/demo/")[1]
        assert "Simulierte Daten" in served.get("/admin/sign-in")[1]
        today = served.stats("--by", "page")
        assert today["totals"]["views"] == sum(row["views"] for row in today["rows"])
