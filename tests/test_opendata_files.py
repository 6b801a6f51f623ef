"""The published files as the application serves them: like a good static server, and nothing that is hidden."""

import gzip

import pytest
from flask.testing import FlaskClient

from tests.installation import MARBURG

DAY = f"/opendata/{MARBURG}/2026-05-18/1"
CSV = b"day,site,views\r\n" + b"2026-05-18,www.marburg.de,43\r\n" * 100
FILES = {
    "index.html": b"<!doctype html><title>Alle</title>",
    "style.css": b"body { margin: 0 }",
    f"{MARBURG}/index.html": b"<!doctype html><title>Marburg</title>",
    f"{MARBURG}/index.json": b"{}",
    f"{MARBURG}/catalog.ttl": b"# " + b"x" * 2000,
    f"{MARBURG}/catalog.jsonld": b"{}",
    f"{MARBURG}/catalog.rdf": b"<x/>",
    f"{MARBURG}/.lock": b"",
    f"{MARBURG}/.status.json": b"{}",
    f"{MARBURG}/.catalog/keys.json": b"{}",
    f"{MARBURG}/.2026-05-19.1.abcd/site-day.csv": CSV,
    f"{MARBURG}/2026-05-18/1/index.html": b"<!doctype html><title>Tag</title>",
    f"{MARBURG}/2026-05-18/1/site-day.csv": CSV,
    f"{MARBURG}/2026-05-18/1/site-day.json": b"{}",
    f"{MARBURG}/2026-05-18/1/site-day.xlsx": b"PK" + b"\0" * 2000,
    f"{MARBURG}/2026-05-18/1/site-day.parquet": b"PAR1" + b"\0" * 2000,
    f"{MARBURG}/2026-05-18/1/SHA256SUMS": b"0  site-day.csv\n",
    f"{MARBURG}/2026-05-18/1/site-day.exe": b"MZ",
}


class Reader(FlaskClient):
    """A client that reads every answer to its end, as a browser does, so that no file stays open."""

    def open(self, *arguments, **named):
        return super().open(*arguments, **{"buffered": True, **named})


@pytest.fixture
def reader(app, config):
    """A client of the application, over a directory with published files."""
    for name, content in FILES.items():
        path = config.opendata / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (config.data / "secret.csv").write_bytes(b"confidential")
    app.test_client_class = Reader
    return app.test_client()


@pytest.mark.parametrize(
    ("url", "content_type"),
    [
        ("/opendata/", "text/html; charset=utf-8"),
        ("/opendata/style.css", "text/css; charset=utf-8"),
        (f"/opendata/{MARBURG}/", "text/html; charset=utf-8"),
        (f"/opendata/{MARBURG}/index.json", "application/json"),
        (f"/opendata/{MARBURG}/catalog.ttl", "text/turtle; charset=utf-8"),
        (f"/opendata/{MARBURG}/catalog.jsonld", "application/ld+json"),
        (f"/opendata/{MARBURG}/catalog.rdf", "application/rdf+xml"),
        (f"{DAY}/", "text/html; charset=utf-8"),
        (f"{DAY}/site-day.csv", "text/csv; charset=utf-8; header=present"),
        (f"{DAY}/site-day.json", "application/json"),
        (f"{DAY}/site-day.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (f"{DAY}/site-day.parquet", "application/vnd.apache.parquet"),
        (f"{DAY}/SHA256SUMS", "text/plain; charset=utf-8"),
    ],
)
def test_each_kind_of_file_is_served_with_its_type_to_anyone(reader, url, content_type):
    answer = reader.get(url)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, content_type)
    name = url.removeprefix("/opendata/")
    assert answer.data == FILES[f"{name}index.html" if name.endswith("/") or not name else name]
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["ETag"]


@pytest.mark.parametrize("url", [f"{DAY}/site-day.csv", f"{DAY}/site-day.parquet", f"/opendata/{MARBURG}/catalog.ttl"])
@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_head_tells_the_same_without_the_content(reader, url, encoding):
    headers = {"Accept-Encoding": encoding}
    whole, head = reader.get(url, headers=headers), reader.head(url, headers=headers)
    assert head.data == b""
    names = ("Content-Type", "Content-Length", "ETag", "Cache-Control", "Vary", "Content-Encoding")
    assert {name: head.headers.get(name) for name in names} == {name: whole.headers.get(name) for name in names}


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_changed(reader, method):
    assert getattr(reader, method)(f"{DAY}/site-day.csv").status_code == 405


@pytest.mark.parametrize(
    "url",
    [
        f"/opendata/{MARBURG}/.lock",
        f"/opendata/{MARBURG}/.status.json",
        f"/opendata/{MARBURG}/.catalog/keys.json",
        f"/opendata/{MARBURG}/.2026-05-19.1.abcd/site-day.csv",
        f"{DAY}/nothing.csv",
        f"{DAY}/site-day.exe",
        f"/opendata/{MARBURG}/2026-05-18/",
        "/opendata/../secret.csv",
        "/opendata/%2e%2e/secret.csv",
        f"/opendata/{MARBURG}/..%2f..%2f..%2fsecret.csv",
        f"/opendata/{MARBURG}/..%5c..%5c..%5csecret.csv",
        "/opendata//etc/passwd",
        "/opendata/%2fetc/passwd",
        f"{DAY}/site-day.csv%00",
        f"{DAY}/site-day.csv/",
        f"{DAY}/{'x' * 300}.csv",
    ],
)
def test_what_is_hidden_missing_or_elsewhere_is_not_found(reader, url):
    answer = reader.get(url)
    assert answer.status_code in (404, 308)
    if answer.status_code == 308:
        answer = reader.get(url, follow_redirects=True)
        assert answer.status_code == 404
    assert b"confidential" not in answer.data


def test_a_directory_leads_to_its_page(reader):
    answer = reader.get(f"/opendata/{MARBURG}")
    assert (answer.status_code, answer.headers["Location"]) == (308, f"/opendata/{MARBURG}/")


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_what_did_not_change_is_not_sent_again(reader, encoding):
    headers = {"Accept-Encoding": encoding}
    tag = reader.get(f"{DAY}/site-day.csv", headers=headers).headers["ETag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = reader.get(f"{DAY}/site-day.csv", headers={**headers, "If-None-Match": known})
        assert (answer.status_code, answer.data) == (304, b"")
        assert answer.headers["ETag"] == tag
    assert reader.get(f"{DAY}/site-day.csv", headers={**headers, "If-None-Match": '"other"'}).status_code == 200


def test_what_changed_is_sent_again_packed_too(reader, config):
    headers = {"Accept-Encoding": "gzip"}
    url, path = f"/opendata/{MARBURG}/catalog.ttl", config.opendata / MARBURG / "catalog.ttl"
    tag = reader.get(url, headers=headers).headers["ETag"]
    (path.parent / ".new").write_bytes(b"# " + b"y" * 3000)
    (path.parent / ".new").replace(path)
    answer = reader.get(url, headers={**headers, "If-None-Match": tag})
    assert answer.status_code == 200
    assert gzip.decompress(answer.data) == path.read_bytes()


def test_a_part_can_be_asked_for(reader):
    answer = reader.get(f"{DAY}/site-day.csv", headers={"Range": "bytes=5-14", "Accept-Encoding": "gzip"})
    assert (answer.status_code, answer.data) == (206, CSV[5:15])
    assert answer.headers["Content-Range"] == f"bytes 5-14/{len(CSV)}"
    assert "Content-Encoding" not in answer.headers
    assert reader.get(f"{DAY}/site-day.csv", headers={"Range": "bytes=-7"}).data == CSV[-7:]
    assert reader.get(f"{DAY}/site-day.csv", headers={"Range": f"bytes={len(CSV)}-"}).status_code == 416


def test_a_part_of_what_has_changed_is_sent_whole(reader):
    tag = reader.get(f"{DAY}/site-day.csv").headers["ETag"]
    for known, status in ((tag, 206), ('"other"', 200)):
        headers = {"Range": "bytes=0-3", "If-Range": known}
        assert reader.get(f"{DAY}/site-day.csv", headers=headers).status_code == status


def test_text_is_packed_for_those_who_can_unpack_it(reader):
    answer = reader.get(f"{DAY}/site-day.csv", headers={"Accept-Encoding": "br, gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.data) == CSV
    assert len(answer.data) < len(CSV) / 5
    plain = reader.get(f"{DAY}/site-day.csv", headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in plain.headers
    assert plain.headers["Vary"] == answer.headers["Vary"] == "Accept-Encoding"
    assert plain.headers["ETag"] != answer.headers["ETag"]


@pytest.mark.parametrize("name", ["site-day.xlsx", "site-day.parquet", "SHA256SUMS"])
def test_what_is_packed_or_tiny_is_left_alone(reader, name):
    answer = reader.get(f"{DAY}/{name}", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers


def test_a_release_is_kept_forever_and_an_index_briefly(reader):
    for name in ("index.html", "site-day.csv", "site-day.parquet", "SHA256SUMS"):
        told = reader.get(f"{DAY}/{name}").headers["Cache-Control"]
        assert {part.strip() for part in told.split(",")} == {"public", "max-age=31536000", "immutable"}
    for url in ("/opendata/", f"/opendata/{MARBURG}/index.json", f"/opendata/{MARBURG}/catalog.ttl"):
        told = reader.get(url).headers["Cache-Control"]
        assert {part.strip() for part in told.split(",")} == {"public", "max-age=300"}
