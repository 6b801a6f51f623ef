"""Whoever knows nothing but an address reads what is published: with standard tools, and with none of our code."""

import csv
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from html.parser import HTMLParser
from urllib.parse import urljoin

import openpyxl
import pyarrow.parquet as pq
import pytest

from tests.hostile import NAMES, REASON, hostile
from tests.installation import HOST, MARBURG
from tests.portal import fetch
from tests.server import Server

PERIODS = ("2026-05-30/1", "2026-05-30/2", "2026-06-01/1", "2026-05/2")
READ_CSV = """
import csv, io, json, sys, urllib.request
with urllib.request.urlopen(sys.argv[1]) as answer:
    rows = list(csv.DictReader(io.StringIO(answer.read().decode("utf-8"), newline="")))
print(json.dumps({row["day"] + " " + row["site"]: [row["views"], row["views_status"]] for row in rows}))
"""
READ_JSON = """
import json, sys, urllib.request
with urllib.request.urlopen(sys.argv[1]) as answer:
    rows = json.load(answer)["rows"]
print(json.dumps({row["day"] + " " + row["site"]: [row["views"], row["views_status"]] for row in rows}))
"""
FRICTIONLESS = """
import json, sys, frictionless
for url in sys.argv[1:]:
    report = frictionless.validate(url)
    wrong = [[task.name, error.message] for task in report.tasks for error in task.errors]
    wrong += [["package", error.message] for error in report.errors]
    print(json.dumps([report.valid, wrong, report.warnings, [[task.type, task.stats] for task in report.tasks]]))
"""
CSVW = """
import json, sys, csvw
for url in sys.argv[1:]:
    found = csvw.CSVW(url, validate=True)
    table = found.tables[0]
    rows = [[str(value) for value in row.values()] for row in table.iterdicts()]
    names = [column.name for column in table.tableSchema.columns]
    print(json.dumps([found.is_valid, [str(warning.message) for warning in found.warnings], names, rows]))
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """The address of all open data of a city with hostile names."""
    path = tmp_path_factory.mktemp("journalist")
    server = Server(path / "data")
    hostile(path, server.url)
    with server:
        yield f"{server.url}/opendata/"


@pytest.fixture(scope="module")
def place(root):
    return f"{root}{MARBURG}/"


def outside(script, *arguments):
    """The lines that a program prints which can import nothing of ours."""
    process = subprocess.run(
        [sys.executable, "-I", "-c", script, *arguments], capture_output=True, text=True, check=False, cwd="/"
    )
    assert process.returncode == 0, process.stderr
    return [json.loads(line) for line in process.stdout.splitlines()]


def rows(place, name):
    return list(csv.DictReader(io.StringIO(fetch(f"{place}{name}")[1].decode(), newline="")))


class Links(HTMLParser):
    """The links, the texts and the tags of a page."""

    def __init__(self, content):
        super().__init__()
        self.links, self.texts, self.tags = [], [], set()
        self.feed(content.decode())

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.links += [value for name, value in attrs if tag == "a" and name == "href"]

    def handle_data(self, data):
        self.texts.append(data)


def test_from_the_first_page_links_lead_to_every_file(root, place):
    waiting, seen = [root], set()
    while waiting:
        url = waiting.pop()
        seen.add(url)
        headers, content = fetch(url)
        if headers["content-type"].startswith("text/html"):
            links = {urljoin(url, link).partition("#")[0] for link in Links(content).links}
            waiting += [link for link in links if link.startswith(root) and link not in seen and link not in waiting]
    for period in PERIODS:
        package = json.loads(fetch(f"{place}{period}/datapackage.json")[1])
        assert {f"{place}{period}/{resource['path']}" for resource in package["resources"]} <= seen


def test_a_journalists_three_lines_of_python_read_csv_and_json_alike(place):
    (told,) = outside(READ_CSV, f"{place}2026-05-30/1/site-day.csv")
    (same,) = outside(READ_JSON, f"{place}2026-05-30/1/site-day.json")
    assert list(told) == list(same) == [f"2026-05-30 {HOST}"]
    (views, status), (number, same_status) = told[f"2026-05-30 {HOST}"], same[f"2026-05-30 {HOST}"]
    assert abs(int(views) - 43) <= 3 and int(views) == number
    assert status == same_status == "perturbed"


def test_the_index_tells_the_newest_revision_of_each_period(place):
    releases = json.loads(fetch(f"{place}index.json")[1])["releases"]
    newest = {row["period"]: row["path"] for row in releases if row["newest"]}
    assert newest["2026-05-30"] == "2026-05-30/2/" and newest["2026-05"] == "2026-05/2/"
    assert {row["reason"] for row in releases if row["revision"] == 2} == {REASON}
    assert rows(place, f"{newest['2026-05-30']}site-day.csv")[0]["views_status"] == "missing"


@pytest.mark.parametrize("period", PERIODS)
def test_checksums_are_those_of_what_is_served(place, period):
    lines = fetch(f"{place}{period}/SHA256SUMS")[1].decode().splitlines()
    for line in lines:
        expected, _, name = line.partition("  ")
        assert hashlib.sha256(fetch(f"{place}{period}/{name}")[1]).hexdigest() == expected
    package = json.loads(fetch(f"{place}{period}/datapackage.json")[1])
    summed = {line.partition("  ")[2]: line.partition("  ")[0] for line in lines}
    assert {row["path"]: row["hash"] for row in package["resources"]} == {
        row["path"]: f"sha256:{summed[row['path']]}" for row in package["resources"]
    }


def test_frictionless_finds_every_package_valid(place):
    for valid, wrong, warnings, tasks in outside(
        FRICTIONLESS, *(f"{place}{period}/datapackage.json" for period in PERIODS)
    ):
        assert (valid, wrong, warnings) == (True, [], [])
        assert {kind for kind, _ in tasks} == {"table", "json", "file"}
        assert all(stats["sha256"] and stats["bytes"] for _, stats in tasks)


def test_frictionless_finds_what_was_tampered_with(place, tmp_path):
    for name in ("datapackage.json", *[row["path"] for row in package(place, "2026-06-01/1")["resources"]]):
        (tmp_path / name).write_bytes(fetch(f"{place}2026-06-01/1/{name}")[1])
    path = tmp_path / "site-day.csv"
    path.write_bytes(path.read_bytes().replace(b"missing", b"guessed"))
    ((valid, wrong, _, _),) = outside(FRICTIONLESS, str(tmp_path / "datapackage.json"))
    assert not valid
    assert {name for name, _ in wrong} == {"site-day-csv"}


def package(place, period):
    return json.loads(fetch(f"{place}{period}/datapackage.json")[1])


def test_csv_on_the_web_finds_the_metadata_and_reads_every_table(place):
    names = [
        f"{period}/{row['path']}"
        for period in PERIODS
        for row in package(place, period)["resources"]
        if row["format"] == "csv"
    ]
    read = outside(CSVW, *(f"{place}{name}" for name in names))
    for name, (valid, warnings, columns, values) in zip(names, read, strict=True):
        assert (valid, warnings) == (True, []), name
        assert ",".join(columns) == fetch(f"{place}{name}")[1].decode().partition("\r\n")[0]
        assert len(values) == len(rows(place, name))


def test_every_csv_is_rfc_4180_in_utf_8_with_a_header(place):
    for row in package(place, "2026-05/2")["resources"]:
        if row["format"] != "csv":
            continue
        headers, content = fetch(f"{place}2026-05/2/{row['path']}")
        assert headers["content-type"] == "text/csv; charset=utf-8; header=present"
        lines = list(csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))
        assert {len(line) for line in lines} == {len(row["schema"]["fields"])}
        assert content.count(b"\r\n") == content.count(b"\n") == len(lines)
        assert not [cell for line in lines for cell in line if re.match(r"[=+\-@\t\r]", cell)]


def test_names_survive_in_every_format(place):
    names = {row["service_name"] for row in rows(place, "2026-06-01/1/service-day.csv")}
    assert {re.sub(r"^'(?=[=+@-])", "", name) for name in names} >= set(NAMES)
    told = json.loads(fetch(f"{place}2026-06-01/1/service-day.json")[1])
    assert {row["service_name"] for row in told["rows"]} >= set(NAMES)
    typed = pq.read_table(io.BytesIO(fetch(f"{place}2026-06-01/1/service-day.parquet")[1])).to_pylist()
    assert {row["service_name"] for row in typed} >= set(NAMES)
    sheet = openpyxl.load_workbook(io.BytesIO(fetch(f"{place}2026-06-01/1/service-day.xlsx")[1])).worksheets[0]
    assert {row[2] for row in sheet.values} >= set(NAMES)
    assert set(NAMES) <= set(Links(fetch(f"{place}2026-06-01/1/index.html")[1]).texts)


def test_no_workbook_holds_a_formula_a_link_or_a_macro(place):
    for period in PERIODS:
        for row in package(place, period)["resources"]:
            if row["format"] == "xlsx":
                content = fetch(f"{place}{period}/{row['path']}")[1]
                book = openpyxl.load_workbook(io.BytesIO(content))
                cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line]
                assert {cell.data_type for cell in cells} <= {"s", "n"}
                assert not [cell for cell in cells if cell.hyperlink]
                parts = zipfile.ZipFile(io.BytesIO(content)).namelist()
                assert not [part for part in parts if "externalLink" in part or "vba" in part.lower()]


def test_pages_hold_no_script_and_show_names_as_text(root, place):
    for url in (root, place, *(f"{place}{period}/index.html" for period in PERIODS)):
        page = Links(fetch(url)[1])
        assert not page.tags & {"script", "iframe", "object", "embed", "style", "b", "i"}


def test_metadata_names_method_licence_and_source(place):
    for period in PERIODS:
        content = package(place, period)
        assert content["zaehlwerk:method"]["name"] == "cell-key"
        assert content["licenses"][0]["path"] == "http://dcat-ap.de/def/licenses/dl-by-de/2.0"
        told = json.loads(fetch(f"{place}{period}/site-day.json")[1])
        assert told["method"] == content["zaehlwerk:method"]
        assert all(row["method"].startswith("cell-key/1 ") for row in told["rows"])


def curl(*arguments, cwd="/"):
    """What curl prints; it fails on an HTTP error."""
    command = ["curl", "--fail", "--silent", "--show-error", *arguments]
    return subprocess.run(command, capture_output=True, check=True, cwd=cwd).stdout


needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")


@needs_curl
def test_curl_gets_the_same_packed_and_unpacked(place):
    url = f"{place}2026-05/2/service-day.csv"
    plain, packed = curl(url), curl("--compressed", url)
    assert plain == packed
    sizes = [
        int(curl("--output", "/dev/null", "--write-out", "%{size_download}", *more, url))
        for more in ([], ["--compressed"])
    ]
    assert sizes[1] < sizes[0] / 3


@needs_curl
def test_curl_goes_on_where_it_was_cut_off(place, tmp_path):
    url = f"{place}2026-05/2/service-day.parquet"
    whole = curl(url)
    (tmp_path / "part").write_bytes(curl("--range", "0-99", url))
    curl("--continue-at", "-", "--output", "part", url, cwd=tmp_path)
    assert (tmp_path / "part").read_bytes() == whole


@needs_curl
def test_curl_fetches_nothing_again_that_did_not_change(place, tmp_path):
    for url in (f"{place}catalog.ttl", f"{place}2026-05/2/service-day.csv"):
        for tag, code in (("--etag-save", b"200"), ("--etag-compare", b"304")):
            assert curl(tag, "tag", "--output", "content", "--write-out", "%{http_code}", url, cwd=tmp_path) == code


@needs_curl
def test_curl_and_sha256sum_check_a_whole_release(place, tmp_path):
    names = [line.partition("  ")[2] for line in curl(f"{place}2026-05/2/SHA256SUMS").decode().splitlines()]
    for name in ["SHA256SUMS", *names]:
        (tmp_path / name).write_bytes(curl(f"{place}2026-05/2/{name}"))
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=tmp_path, check=True)
