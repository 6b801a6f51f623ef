import json
import subprocess
import sys

import pytest
from click.testing import CliRunner

from admin.cli import main
from tests.installation import HOST, MARBURG, install
from tests.published import counting, people
from tracker.cli import COMMANDS
from tracker.config import Config
from tracker.doctor import day_key
from tracker.retention import purge
from tracker.store import open_store
from tracker.store.accounts import Accounts
from tracker.store.catalogue import Catalogue


def run(data, *arguments, code=0, entered=""):
    """Run a command on a data directory; its output."""
    done = CliRunner().invoke(main, [*arguments, "--data", str(data)], input=entered)
    assert done.exit_code == code, done.output
    return done.output


@pytest.fixture
def data(tmp_path):
    run(tmp_path / "data", "init")
    return tmp_path / "data"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name):
    done = CliRunner().invoke(main, [name, "--help"])
    assert done.exit_code == 0
    assert COMMANDS[name].help in " ".join(done.output.split())
    assert COMMANDS[name].help in " ".join(CliRunner().invoke(main, ["--help"]).output.split())


@pytest.mark.parametrize("arguments", [["--help"], ["stats", "--help"]])
def test_a_command_loads_no_library_that_only_others_need(arguments):
    script = (
        "import sys\nfrom admin.cli import main\ntry:\n    main(sys.argv[1:])\n"
        "finally:\n    print(sorted({'flask', 'pyarrow', 'openpyxl', 'ua_parser', 'simplemma'} & sys.modules.keys()))"
    )
    command = [sys.executable, "-c", script, *arguments]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1] == "[]"


def test_an_unknown_command_is_refused():
    done = CliRunner().invoke(main, ["nothing"])
    assert (done.exit_code, "No such command" in done.output) == (2, True)


def test_init_prints_the_first_account_once(tmp_path):
    output = run(tmp_path / "data", "init", "--email", "chefin@marburg.de")
    password = output.split("Password:")[1].split()[0]
    accounts = Accounts(open_store(tmp_path / "data" / "zaehlwerk.db").connection)
    assert accounts.check_password("chefin@marburg.de", password).role == "operator"
    assert "Password:" not in run(tmp_path / "data", "init")
    assert len(accounts.all()) == 1


def test_a_city_is_set_up_on_the_command_line(data):
    assert "AGS 06534014" in run(data, "municipality", "add", "Marburg", "--ars", MARBURG)
    tag = run(data, "site", "add", HOST, "--municipality", MARBURG, "--level", "counts", "--search-param", "q")
    assert f'<script defer src="http://127.0.0.1:8000/snippet.js" data-site="{HOST}"></script>' in tag
    assert HOST in run(data, "site", "list")
    assert MARBURG in run(data, "municipality", "list")
    assert "Password:" in run(data, "user", "add", "kollege@marburg.de", "--municipality", MARBURG)
    assert "kollege@marburg.de  viewer" in run(data, "user", "list")
    assert "Password:" in run(data, "user", "password", "kollege@marburg.de")
    run(data, "user", "remove", "kollege@marburg.de")
    run(data, "site", "remove", HOST, "--yes")
    run(data, "municipality", "remove", MARBURG, entered="Marburg\n")
    assert Catalogue(open_store(data / "zaehlwerk.db").connection).municipalities() == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("municipality", "add", "Marburg", "--ars", "123"), "12 digits"),
        (("site", "add", "https://x.de", "--municipality", MARBURG), "host name"),
        (("site", "add", "x.de", "--municipality", MARBURG), "Known: none yet"),
        (("stats", "unbekannt.de"), "site add"),
        (("user", "remove", "nobody@x.de"), "no account"),
        (("user", "add", "nobody"), "no e-mail address"),
    ],
)
def test_errors_are_one_sentence_that_says_what_to_do(data, arguments, sentence):
    output = run(data, *arguments, code=1)
    assert sentence in output
    assert "Traceback" not in output


def test_a_directory_without_database_is_refused_with_what_to_do(tmp_path):
    for arguments in (("site", "list"), ("stats", HOST), ("purge",), ("backup",)):
        assert "zaehlwerk init" in run(tmp_path / "none", *arguments, code=1)


def test_a_bad_setting_stops_the_start(data):
    (data / "zaehlwerk.toml").write_text('durability = "never"')
    assert "durability" in run(data, "site", "list", code=1)


def test_stats_of_a_service_are_those_of_its_pages(tmp_path):
    city = counting(tmp_path)
    people(city, 3)
    people(city, 2, "/anderes")
    city.count()

    def views(*arguments):
        given = ("stats", HOST, "--from", "2026-05-18", "--to", "2026-05-18", "--json", *arguments)
        return json.loads(run(city.config.data, *given))

    assert views()["totals"]["views"] == 5
    assert views("--service", "hundesteuer")["totals"]["views"] == 3
    rows = views("--service", "hundesteuer", "--by", "page")["rows"]
    assert [row["key"] for row in rows] == ["/hund/start"]
    assert "no service kita" in run(city.config.data, "stats", HOST, "--service", "kita", code=1)


def test_stats_prints_the_format_that_others_rely_on(tmp_path):
    city = install(tmp_path)
    city.send(u="/a")
    city.send(u="/b", d=3)
    city.send(u="/b")
    city.count()
    output = run(
        city.config.data, "stats", HOST, "--from", "2026-05-01", "--to", "2026-05-31", "--by", "page", "--json"
    )
    measures = {"visitors": 1, "visits": 1, "views": 3, "bounces": 0, "seconds": 3, "events": 0}
    assert json.loads(output) == {
        "site": HOST,
        "from": "2026-05-01",
        "to": "2026-05-31",
        "totals": measures,
        "by": "page",
        "rows": [
            {"key": "/b", "visitors": 1, "visits": 1, "views": 2, "bounces": 0, "seconds": 3, "events": 0},
            {"key": "/a", "visitors": 1, "visits": 1, "views": 1, "bounces": 0, "seconds": 0, "events": 0},
        ],
    }
    table = run(city.config.data, "stats", HOST, "--from", "2026-05-01", "--to", "2026-05-31", "--by", "page")
    assert table.index("/b") < table.index("/a")
    run(city.config.data, "stats", HOST, "--from", "2026-06-01", "--to", "2026-05-31", code=2)
    empty = json.loads(run(city.config.data, "stats", HOST, "--from", "2025-05-01", "--to", "2025-05-31", "--json"))
    assert (empty["totals"]["views"], empty["by"], empty["rows"]) == (0, None, [])


def test_purge_keeps_what_is_not_due(tmp_path):
    city = install(tmp_path, facts_days="10", rollup_months="2")
    for days in (100, 40, 5, 0):
        city.clock.now -= days * 86_400
        city.send(u=f"/vor-{'x' * days}")
        city.count()
        city.clock.now += days * 86_400
    gone = purge(city.store, city.config, city.clock())
    assert gone["visits"] > 0
    assert gone["counts"] > 0
    assert city.store.connection.execute("select count(*) from visit").fetchone() == (2,)
    assert city.store.connection.execute("select count(distinct visit) from hit").fetchone() == (2,)
    days = city.store.connection.execute("select distinct period from rollup where period > 9999999").fetchall()
    assert sorted(days) == [(20260408,), (20260513,), (20260518,)]
    assert run(city.config.data, "purge")


def test_the_doctor_finds_what_is_wrong(tmp_path):
    city = install(tmp_path)
    report = run(city.config.data, "doctor")
    assert "FAIL" not in report
    assert "warn  No loader is running" in report
    assert f"No beacon for a day: {HOST}" in report
    city.store.close()
    city.config.journal.rmdir()
    city.config.database.write_bytes(b"no database" * 1000)
    report = run(city.config.data, "doctor", code=1)
    assert report.count("FAIL") >= 2
    assert "not a database" in report
    city.config.data.chmod(0o755)
    assert "can be read by other users" in run(city.config.data, "doctor", code=1)


def test_the_doctor_warns_of_memory_that_is_written_to_disk(tmp_path):
    swaps = tmp_path / "swaps"
    swaps.write_text("Filename\tType\tSize\n")
    assert day_key(Config(), swaps).grade == "ok"
    swaps.write_text("Filename\tType\tSize\n/swapfile\tfile\t2097148\n")
    assert day_key(Config(), swaps).grade == "warn"


def test_the_doctor_names_a_directory_that_is_missing(tmp_path):
    assert "zaehlwerk init" in run(tmp_path / "none", "doctor", code=1)
