"""`zaehlwerk import log`: the whole command on real and made-up files, against a second, independent reading."""

import gzip
import os
import random
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from recount import Cells, Place, differences, recount, stored_cells

from tracker.anonymise import Draft, Drop, anonymise
from tracker.beacon import Beacon
from tracker.cli import main
from tracker.commands.setup import prepare_directory
from tracker.config import Config
from tracker.country import open_country
from tracker.importing.spool import Spool, only_import
from tracker.journal import IMPORT, journal_files
from tracker.loader import Loader, loader_lock
from tracker.record import VIEW, Record
from tracker.store import Store, open_store
from tracker.store.catalogue import Catalogue, Site
from tracker.useragent import parse

SAMPLE = Path(__file__).parent / "data" / "apache_combined.log.gz"
HOST = "www.semicomplete.com"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
)
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return prepared(tmp_path / "data")


def prepared(directory: Path, level: str = "visits") -> Path:
    """A data directory with the sample's site."""
    config = Config(data=directory)
    prepare_directory(config)
    store = open_store(config.database)
    catalogue = Catalogue(store.connection)
    catalogue.add_site(HOST, catalogue.add_municipality("Marburg", "065340014014").ars, level)
    store.close()
    return directory


def run(data: Path, *files: Path) -> Result:
    arguments = ["import", "log", *map(str, files), "--site", HOST, "--data", str(data)]
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def imported(data: Path, *files: Path) -> str:
    result = run(data, *files)
    assert result.exit_code == 0, result.output
    return result.stdout


def cells(data: Path) -> Cells:
    store = open_store(Config(data=data).database, readonly=True)
    found = stored_cells(store.connection)
    store.close()
    return found


def without_record_keys(cells: Cells) -> Cells:
    """Record keys are drawn at random, so two imports of the same differ in them."""
    return {place: cell._replace(rkey=0) for place, cell in cells.items()}


def total(data: Path) -> tuple[int, int, int]:
    """(visitors, visits, views) of everything."""
    years = [cell for place, cell in cells(data).items() if place.dim == "total" and place.period < 10_000]
    return (sum(c.visitors for c in years), sum(c.visits for c in years), sum(c.views for c in years))


def line(
    clock: str = "10:00:00",
    path: str = "/",
    address: str = "192.0.2.1",
    agent: str = FIREFOX,
    size: int = 1,
    day: int = 1,
) -> str:
    return f'{address} - - [{day:02}/Nov/2026:{clock} +0100] "GET {path} HTTP/1.1" 200 {size} "-" "{agent}"\n'


def log_file(path: Path, *texts: str) -> Path:
    path.write_text("".join(texts))
    return path


# The sample, against a second reading


PLAIN = re.compile(
    rb'(\S+) \S+ \S+ \[(\d\d)/May/2015:(\d\d):(\d\d):(\d\d) \+0000\] "([A-Z]+) (\S+) [^"]*" (\d+) \S+ "(.*?)" "(.*)"'
)
NO_PAGES = {
    "png", "css", "ico", "jpg", "js", "gif", "jar", "ttf", "svg", "xsl", "exe", "gz", "jpeg", "deb", "woff", "swf",
    "ttf)%20format(%22truetype%22",
}  # fmt: skip
DOCUMENTS = {"pdf", "txt", "doc", "xml"}
FEEDS = ("/index.xml", "/feed", "/rss", "/atom")


def second_reading(site: Site) -> list[Record]:
    """The sample's records, sorted by time: read with another pattern, selected by what this very file holds."""
    records = []
    names: dict[tuple[bytes, bytes, int], int] = {}
    country = open_country(None).country
    for text in gzip.decompress(SAMPLE.read_bytes()).splitlines():
        found = PLAIN.match(text)
        if found is None:
            assert text.startswith(b"46.118.127.106 - - [20/May/2015:12:05:17 +0000]")
            continue
        address, day, hour, minute, second, method, target, status, referrer, agent = found.groups()
        moment = datetime.fromisoformat(f"2015-05-{day.decode()}T{hour.decode()}:{minute.decode()}:{second.decode()}Z")
        path, _, query = target.decode().partition("?")
        ending = path.rpartition("/")[2].rpartition(".")[2].lower() if "." in path.rpartition("/")[2] else ""
        is_feed = path.rstrip("/").endswith(FEEDS) or "flav=" in query or "feed=" in query
        is_for_machines = path in ("/robots.txt", "/favicon.ico", "/sitemap.xml") or path.startswith("/.well-known")
        if method != b"GET" or status not in (b"200", b"304") or ending in NO_PAGES or is_feed or is_for_machines:
            continue
        local_day = moment.astimezone(site.calendar.zone).day
        number = names.setdefault((address, agent, local_day), len(names) + 1)
        kind = {"k": "event", "n": "download", "p": {"url": f"https://{HOST}{path}"}} if ending in DOCUMENTS else {}
        beacon = Beacon(s=HOST, u=target.decode(), r="" if referrer == b"-" else referrer.decode(), **kind)  # type: ignore[arg-type]
        record = anonymise(
            Draft(
                beacon=beacon,
                site=site,
                key=Numbered(number),
                now=int(moment.timestamp()) * 1000,
                address=address.decode(),
                environ={"HTTP_USER_AGENT": "" if agent == b"-" else agent.decode("latin-1")},
                country_of=country,
                client_of=parse,
            )
        )
        assert not isinstance(record, Drop)
        records.append(record)
    return sorted(records, key=lambda record: record.time)


class Numbered:
    """Gives the one pseudonym it was made with."""

    def __init__(self, number: int) -> None:
        self._number = number

    def pseudonym(self, day: int, text: bytes) -> int:
        return self._number


@pytest.mark.parametrize("level", ["visits", "counts"])
def test_every_dimension_of_the_sample_equals_a_slow_recount(tmp_path: Path, level: str) -> None:
    data = prepared(tmp_path / "data", level)
    random.seed(1)  # the record keys come from here, one per record in the order of the lines
    output = imported(data, SAMPLE)
    random.seed(1)
    expected = recount(second_reading(site_of(data)), {1: "Europe/Berlin"})
    assert differences(expected, cells(data)) == []
    assert len({place.dim for place in expected}) >= 14
    assert f"{SAMPLE}:8899: this is no line of an access log" in output


def site_of(data: Path) -> Site:
    store = open_store(Config(data=data).database, readonly=True)
    site = Catalogue(store.connection).site(HOST)
    store.close()
    return site


def test_the_summary_accounts_for_every_line(data: Path) -> None:
    output = imported(data, SAMPLE)
    numbers = [int(number.replace(",", "")) for number in re.findall(r"^ +([\d,]+)  ", output, re.MULTILINE)]
    assert sum(numbers) + 1 == 10_000  # one line is broken
    assert re.search(r"^ +1,282  by bots$", output, re.MULTILINE)


def test_importing_again_counts_nothing_twice(data: Path) -> None:
    imported(data, SAMPLE)
    before = cells(data)
    output = imported(data, SAMPLE)
    assert "Already counted: 3,052" in output
    assert "nothing new" in output
    assert cells(data) == before


def test_files_that_overlap_count_like_one(data: Path, tmp_path: Path) -> None:
    imported(data, SAMPLE)
    texts = gzip.decompress(SAMPLE.read_bytes()).splitlines(keepends=True)
    parts = [tmp_path / name for name in ("access.log.1", "access.log", "again.log")]
    for path, (start, end) in zip(parts, ((0, 6000), (4000, 10_000), (5000, 5500)), strict=True):
        path.write_bytes(b"".join(texts[start:end]))
    other = prepared(tmp_path / "other")
    output = imported(other, parts[1], parts[2], parts[0])
    assert "In more than one of the files:" in output
    assert without_record_keys(cells(other)) == without_record_keys(cells(data))


def test_files_that_overlap_count_each_line_once_in_two_runs(data: Path, tmp_path: Path) -> None:
    texts = [line(f"10:{minute:02}:00", f"/{minute}") for minute in range(40)]
    imported(data, log_file(tmp_path / "access.log.1", *texts[:30]))
    assert "Already counted: 20" in imported(data, log_file(tmp_path / "access.log", *texts[10:]))
    assert total(data)[2] == 40


# Lines


def test_equal_lines_of_one_file_are_two_requests(data: Path, tmp_path: Path) -> None:
    twice = log_file(tmp_path / "a.log", line(), line())
    imported(data, twice)
    assert total(data) == (1, 1, 2)
    assert "Already counted: 2" in imported(data, twice, twice)
    assert total(data) == (1, 1, 2)


def test_the_same_line_in_two_files_is_one_request(data: Path, tmp_path: Path) -> None:
    first = log_file(tmp_path / "a.log", line(), line())
    second = log_file(tmp_path / "b.log", line(), line("10:00:01"))
    assert "In more than one of the files: 1" in imported(data, first, second)
    assert total(data) == (1, 1, 3)


def test_lines_in_any_order_make_the_same_visits(data: Path, tmp_path: Path) -> None:
    texts = [
        line(f"{hour:02}:{minute:02}:00", f"/{minute}", address)
        for hour in (0, 9, 10, 23)
        for minute in range(0, 60, 20)
        for address in ("192.0.2.1", "2001:db8::1")
    ]
    imported(data, log_file(tmp_path / "a.log", *texts))
    other = prepared(tmp_path / "other")
    random.Random(5).shuffle(texts)
    imported(other, log_file(tmp_path / "b.log", *texts))
    assert without_record_keys(cells(other)) == without_record_keys(cells(data))
    assert total(data) == (2, 6, 24)


def test_more_records_than_fit_into_memory_are_merged_from_disk(tmp_path: Path) -> None:
    shuffled = [record(time) for time in random.Random(3).sample(range(1000), 1000)]
    with Spool(tmp_path, chunk=64) as spool:
        for number, one in enumerate(shuffled):
            spool.add(number % 3, one)
        assert [one.time for _, one in spool.merged()] == list(range(1000))
        assert list(tmp_path.iterdir()) == []


def record(time: int) -> Record:
    return Record(time, 1, 1, VIEW, "/", "direct", "", "", "", "desktop", "Firefox", "Linux", "", "", 0, 1)


def test_days_are_those_of_the_municipality(data: Path, tmp_path: Path) -> None:
    texts = [line(f"{clock}:00").replace("+0100", "+0000") for clock in ("22:30", "23:30")]
    imported(data, log_file(tmp_path / "a.log", *texts))
    days = {place.period: cell.views for place, cell in cells(data).items() if place.dim == "total"}
    assert (days[20261101], days[20261102]) == (1, 1)


def test_people_bots_downloads_and_the_rest_are_told_apart(data: Path, tmp_path: Path) -> None:
    texts = [
        line(path="/hund"),
        line(path="/hund.pdf"),
        line(path="/hund.css"),
        line(path="/fort").replace(" 200 ", " 404 "),
        line(path="/kaputt").replace(" 200 ", " 500 "),
        line(path="/alt").replace(" 200 ", " 302 "),
        line(path="/senden").replace("GET", "POST"),
        line(path="/hund", agent=BOT),
        "kein Protokoll\n",
    ]
    output = imported(data, log_file(tmp_path / "a.log", *texts))
    for expected in ("1  views", "1  downloads", "1  by bots", "Not counted: 5", "Broken lines, skipped: 1"):
        assert expected in output
    for reason in ("images", "404", "redirects", "errors", "methods"):
        assert len(re.findall(rf"^  1  .*{reason}", output, re.MULTILINE)) == 1
    found = cells(data)
    assert found[Place(1, 20261101, "download", "/hund.pdf")].events == 1
    assert found[Place(1, 20261101, "bot", "Googlebot")].events == 1
    assert total(data) == (1, 1, 1)


def test_excluded_networks_are_not_counted(data: Path, tmp_path: Path) -> None:
    (data / "zaehlwerk.toml").write_text('excluded_networks = ["192.0.2.0/24"]\n')
    texts = [line(address="192.0.2.9"), line(address="198.51.100.9"), line(address="::ffff:192.0.2.9")]
    assert "2  networks that are not counted" in imported(data, log_file(tmp_path / "a.log", *texts))
    assert total(data)[2] == 1


def test_behind_a_trusted_proxy_the_forwarded_address_counts(data: Path, tmp_path: Path) -> None:
    (data / "zaehlwerk.toml").write_text('trusted_proxies = ["10.0.0.1"]\n')
    texts = [line(address="10.0.0.1").rstrip() + f' "198.51.100.{n}"\n' for n in range(5)]
    imported(data, log_file(tmp_path / "a.log", *texts))
    assert total(data) == (5, 5, 5)


def test_only_the_lines_of_the_site_count(data: Path, tmp_path: Path) -> None:
    texts = [f"{host}:443 {line()}" for host in (HOST, "intranet.semicomplete.com", HOST.upper())]
    output = imported(data, log_file(tmp_path / "a.log", *texts))
    assert "vhost-combined" in output
    assert "1  requests of another host" in output


def test_a_log_without_user_agents_counts_and_knows_no_bots(data: Path, tmp_path: Path) -> None:
    texts = [line(f"10:00:0{n}").rpartition(' "-" "')[0] + "\n" for n in range(3)]
    assert ": common" in imported(data, log_file(tmp_path / "a.log", *texts))
    assert total(data) == (1, 1, 3)


def test_each_file_may_have_its_own_format(data: Path, tmp_path: Path) -> None:
    row = (
        '{"time_iso8601": "2026-11-01T10:00:00+01:00", "remote_addr": "192.0.2.1", "request": "GET / HTTP/1.1",'
        f' "status": "200", "body_bytes_sent": "1", "http_user_agent": "{FIREFOX}", "http_referer": "",'
        ' "http_accept_language": "de-DE,de;q=0.9"}\n'
    )
    packed = tmp_path / "b.log"
    packed.write_bytes(gzip.compress(row.encode()) + gzip.compress(row.replace("10:00:00", "10:10:00").encode()))
    output = imported(data, log_file(tmp_path / "a.log", line()), packed)
    assert ": combined" in output
    assert ": json" in output
    assert "In more than one of the files: 1" in output
    assert total(data) == (1, 1, 2)


def test_the_first_broken_lines_are_named_and_all_are_counted(data: Path, tmp_path: Path) -> None:
    path = log_file(tmp_path / "a.log", *["no\n"] * 60, line(), *["198.51.100.77 kaputt\n"] * 3)
    output = imported(data, path)
    assert "Broken lines, skipped: 63" in output
    assert f"{path}:1: this is no line of an access log" in output
    assert "… and 43 more" in output
    assert "198.51.100.77" not in output
    assert total(data)[2] == 1


def test_a_huge_line_is_broken_and_the_next_one_counts(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(gzip.compress(b"x" * 20_000_000 + b"\n" + line().encode() + b"y" * 70_000))
    output = imported(data, path)
    assert f"{path}:1: it is longer than 64 KB" in output
    assert f"{path}:3: it is longer than 64 KB" in output
    assert total(data)[2] == 1


def test_a_damaged_archive_counts_up_to_the_damage(data: Path, tmp_path: Path) -> None:
    texts = "".join(line("10:00:00", f"/{random.Random(n).getrandbits(60):x}", size=n) for n in range(5000))
    path = tmp_path / "a.log.gz"
    path.write_bytes(gzip.compress(texts.encode())[:-2000])
    output = imported(data, path)
    assert "the archive is damaged from here on" in output
    assert 1000 < total(data)[2] < 5000


def test_lines_of_the_future_are_broken(data: Path, tmp_path: Path) -> None:
    path = log_file(tmp_path / "a.log", line().replace("2026", "2126"))
    assert "its time lies in the future" in run(data, path).output
    assert cells(data) == {}


# What goes wrong


@pytest.mark.parametrize("content", [b"", b"nothing\nof use\n", b"\xfd7zXZ\x00" + bytes(range(256)) * 50])
def test_a_file_without_a_readable_line_ends_with_advice(data: Path, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(content)
    result = run(data, path)
    assert result.exit_code == 1
    assert "No line could be read. Give access logs in the format common, combined or JSON" in result.stderr


def test_an_unknown_site_is_refused(data: Path, tmp_path: Path) -> None:
    path = log_file(tmp_path / "a.log", line())
    result = CliRunner().invoke(main, ["import", "log", str(path), "--site", "x.example", "--data", str(data)])
    assert result.exit_code == 1
    assert HOST in result.stderr


def test_a_second_import_at_the_same_time_is_refused(data: Path, tmp_path: Path) -> None:
    path = log_file(tmp_path / "a.log", line())
    config = Config(data=data)
    with only_import(config.data, config.journal):
        result = run(data, path)
    assert result.exit_code == 1
    assert "Another import is running" in result.stderr
    imported(data, path)


def test_figures_that_will_be_deleted_soon_are_announced(data: Path, tmp_path: Path) -> None:
    assert "are kept for 25 months from today" in imported(data, SAMPLE)
    now = datetime.now().strftime("%d/%b/%Y:%H:%M:%S +0000")
    recent = log_file(tmp_path / "a.log", re.sub(r"\[.*?\]", f"[{now}]", line()))
    assert "are kept for" not in imported(data, recent)


def test_lines_of_this_very_second_are_counted_before_it_ends(data: Path, tmp_path: Path) -> None:
    stamp = datetime.now().astimezone().strftime("%d/%b/%Y:%H:%M:%S %z")
    imported(data, log_file(tmp_path / "a.log", re.sub(r"\[.*?\]", f"[{stamp}]", line())))
    assert total(data)[2] == 1


# Privacy


def test_nothing_on_disk_and_nothing_printed_names_a_visitor(data: Path, tmp_path: Path) -> None:
    addresses = [f"203.0.113.{n}" for n in range(200)] + [f"2001:db8::{n:x}:77" for n in range(200)]
    agents = [FIREFOX.replace("140.0", f"140.{n}") for n in range(9)]
    texts = [line("10:00:00", f"/{n}", address, agents[n % 9]) for n, address in enumerate(addresses)]
    result = run(data, log_file(tmp_path / "a.log", *texts))
    stored = b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file()) + result.output.encode()
    assert b"Firefox" in stored
    for secret in (*addresses, *agents):
        assert secret.encode() not in stored


def test_days_that_are_over_keep_no_pseudonym_and_no_journal(data: Path) -> None:
    imported(data, SAMPLE)
    config = Config(data=data)
    store = open_store(config.database, readonly=True)
    assert store.open_days() == []
    assert store.connection.execute("select count(*) from open_visitor").fetchone() == (0,)
    assert journal_files(config.journal) == []
    store.close()


# Interrupted


COMMAND = [sys.executable, "-c", "from tracker.cli import main; main()", "import", "log"]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, in three months: enough for several batches of the loader."""
    texts = gzip.decompress(SAMPLE.read_bytes())
    path = tmp_path_factory.mktemp("large") / "access.log"
    path.write_bytes(b"".join(texts.replace(b"/May/", month) for month in (b"/May/", b"/Jun/", b"/Jul/")))
    return path


@pytest.fixture(scope="module")
def undisturbed(large: Path, tmp_path_factory: pytest.TempPathFactory) -> Cells:
    data = prepared(tmp_path_factory.mktemp("undisturbed") / "data")
    imported(data, large)
    return without_record_keys(cells(data))


def is_reading(config: Config, started: float) -> bool:
    return (config.data / "import.lock").exists() and time.monotonic() - started > 0.9


def is_writing(config: Config, started: float) -> bool:
    return any(config.journal.glob(f"{IMPORT}*.part"))


def is_published(config: Config, started: float) -> bool:
    return any(config.journal.glob(f"{IMPORT}*.jsonl"))


def is_counting(config: Config, started: float) -> bool:
    store = open_store(config.database, readonly=True)
    try:
        return any(position for position, _ in store.positions().values())
    finally:
        store.close()


def is_at_any_moment(config: Config, started: float) -> bool:
    return time.monotonic() - started > random.uniform(0.3, 4)


MOMENTS = (is_reading, is_writing, is_published, is_counting, is_at_any_moment, is_at_any_moment)


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_import_that_is_repeated_counts_everything_once(
    data: Path, large: Path, undisturbed: Cells, moment: Callable[[Config, float], bool]
) -> None:
    config = Config(data=data)
    killed_when(moment, config, large)
    killed_when(moment, config, large)
    imported(data, large)
    assert differences(undisturbed, without_record_keys(cells(data))) == []
    assert [path.name for path in config.journal.iterdir()] == []


def killed_when(moment: Callable[[Config, float], bool], config: Config, path: Path) -> None:
    command = [*COMMAND, str(path), "--site", HOST, "--data", str(config.data)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    started = time.monotonic()
    while process.poll() is None and not moment(config, started):
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()


def no_file_over_a_megabyte() -> None:
    """Enough for the empty database, not for the import's journal."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))


@pytest.mark.slow
def test_a_full_disk_counts_nothing_and_the_next_try_everything(data: Path, large: Path, undisturbed: Cells) -> None:
    command = [*COMMAND, str(large), "--site", HOST, "--data", str(data)]
    result = subprocess.run(command, check=False, preexec_fn=no_file_over_a_megabyte, capture_output=True, text=True)
    assert result.returncode == 1
    assert "The import cannot be written: File too large. Nothing of it was counted." in result.stderr
    assert list(Config(data=data).journal.iterdir()) == []
    assert cells(data) == {}
    imported(data, large)
    assert differences(undisturbed, without_record_keys(cells(data))) == []


@pytest.fixture
def other_loader(data: Path) -> Iterator[Store]:
    """A store whose loader's lock is held, as a running server holds it."""
    lock = loader_lock(data)
    assert lock is not None
    store = open_store(Config(data=data).database)
    yield store
    store.close()
    os.close(lock)


@pytest.mark.slow
def test_it_waits_for_a_loader_that_runs(data: Path, tmp_path: Path, other_loader: Store) -> None:
    config = Config(data=data)
    path = log_file(tmp_path / "a.log", line())
    command = [*COMMAND, str(path), "--site", HOST, "--data", str(data)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    deadline = time.monotonic() + 60
    while not is_published(config, 0) and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.3)
    assert process.poll() is None
    Loader(other_loader, config).drain()
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "1  views" in output
    assert total(data) == (1, 1, 1)
