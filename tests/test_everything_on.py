"""A municipality with everything switched on: nobody is found in any byte of what is kept, published or taken along."""

import io
import itertools
import json
import time
import zipfile
from dataclasses import replace

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from admin.cli import main
from admin.nightly import JOBS
from tests.installation import HOST, MARBURG, install
from tests.server import Server
from tests.test_privacy import PROXY, bytes_on_disk, made_up_visitors, occurring, spellings
from tracker.nightly import run_jobs
from tracker.services.service import Form, Service, Step
from tracker.store.opendata import Opendata
from tracker.store.services import Services

VISITORS = 120
DAY = 86_400
SERVICE = Service(
    "hundesteuer",
    "Hundesteuer",
    paths=(f"{HOST}/hund/**",),
    forms=(Form("hund", "Anmeldung", steps=(Step("halter", "Halter"), Step("absenden", "Absenden"))),),
    sdg=True,
)
SAID = {
    "mustermann-zwl@example.org": "Schreiben Sie mir an mustermann-zwl@example.org, danke.",
    "DE89 3704 0044 0532 0130 00": "Überweisung von DE89 3704 0044 0532 0130 00 ging nicht.",
    "06421 9988776": "Rufen Sie 06421 9988776 an!",
    "Zwirblinger": "Mein Name ist Erika Zwirblinger und ich warte seit Wochen.",
}


def run(data, *arguments):
    result = CliRunner().invoke(main, [*arguments, "--data", str(data)])
    assert result.exit_code == 0, result.output
    return result.output


def everything(root):
    """The bytes of every file, of what is packed in it too."""
    for path, content in bytes_on_disk(root):
        yield content
        if zipfile.is_zipfile(io.BytesIO(content)):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                yield from (archive.read(name) for name in archive.namelist())
        if path.suffix == ".parquet":
            yield json.dumps(pq.read_table(path).to_pylist(), default=str, ensure_ascii=False).encode()


def use(server, visitors):
    """Every visitor looks, fills in a form in part, and some say something."""
    said = itertools.cycle(SAID.values())
    for number, (address, user_agent, _) in enumerate(visitors):
        headers = {"X-Forwarded-For": address, "User-Agent": user_agent}
        page = f"https://{HOST}/hund/start?wer={address}#{address}"
        assert server.send(headers, s=HOST, u=page, r=f"https://www.google.de/?q={address}") == 202
        step = {"form": "hund", "step": "halter"}
        assert server.send(headers, s=HOST, u=page, k="step", p=step) == 202
        if number % 10 == 0:
            body = {"s": HOST, "u": page, "r": 1 + number % 5, "t": next(said), "l": "de", "w": 5000, "h": ""}
            assert server.post("/feedback", {**body, "i": f"sending-{number:012}"}, headers) == 201


@pytest.mark.slow
def test_nobody_is_found_in_anything_that_is_kept_published_or_taken_along(tmp_path):
    city = install(tmp_path)
    connection, town = city.store.connection, city.catalogue.municipality(MARBURG)
    Services(connection).add(town.id, SERVICE)
    opendata = Opendata(connection)
    opendata.save(town.id, replace(opendata.setting(town.id), automatic=True, pages=f"{HOST}/hund/start"))
    visitors = list(itertools.islice(made_up_visitors(), VISITORS))
    with Server(city.config.data, **PROXY, feedback_per_minute="100000") as server:
        use(server, visitors)
        time.sleep(2)
    city.clock.now = time.time() + 40 * DAY
    for _ in range(3):
        city.loader.drain()
        city.clock.now += 2
    assert run_jobs(city.config, city.clock(), JOBS) == {}
    month = time.strftime("%Y-%m")
    run(city.config.data, "backup", str(tmp_path / "sicherung"))
    run(city.config.data, "municipality", "export", MARBURG, str(tmp_path / "mitnahme.zip"))
    run(city.config.data, "audit", "--full")
    assert city.keys("page")["/hund/start"] == VISITORS
    assert (city.config.opendata / MARBURG / month / "1" / "site-day.csv").exists()
    haystack = b"\n".join(everything(tmp_path))
    assert b"/hund/start" in haystack, "the search itself works"
    assert b"[E-Mail]" in haystack and b"[IBAN]" in haystack
    assert occurring([needle for visitor in visitors for needle in spellings(*visitor)], haystack) == []
    assert [secret for secret in SAID if secret.encode() in haystack] == []
