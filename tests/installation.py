"""A real data directory with sites, and a way to send beacons to its collector without a server."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from werkzeug.test import Client, TestResponse

from tracker.collector import Collector
from tracker.commands.setup import prepare_directory
from tracker.config import Config, load_config
from tracker.loader import Loader
from tracker.store import Store, open_store
from tracker.store.catalogue import Catalogue
from tracker.worker import Worker

MARBURG, GIESSEN = "065340014014", "065310005005"
HOST = "www.marburg.de"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"
)
NOON = 1_779_098_400.0  # 2026-05-18 12:00 in Berlin


@dataclass
class Clock:
    """A clock that the test sets."""

    now: float = NOON

    def __call__(self) -> float:
        return self.now


@dataclass
class Installation:
    """One data directory; `clock` is what collector and loader go by."""

    config: Config
    store: Store
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.worker = Worker(self.config, self.clock)
        self.client = Client(Collector(_not_found, self.worker))
        self.loader = Loader(self.store, self.config, self.clock)

    @property
    def catalogue(self) -> Catalogue:
        return Catalogue(self.store.connection)

    def send(
        self, headers: dict[str, str] | None = None, address: str = "93.184.216.34", **beacon: Any
    ) -> TestResponse:
        """POST a beacon; keys of the format as keyword arguments."""
        return self.post(json.dumps({"s": HOST, "u": f"https://{HOST}/", **beacon}), headers, address)

    def post(
        self, body: str | bytes, headers: dict[str, str] | None = None, address: str = "93.184.216.34"
    ) -> TestResponse:
        given = {"User-Agent": CHROME, "Accept-Language": "de-DE,de;q=0.9", **(headers or {})}
        return self.client.post("/beacon", data=body, headers=given, environ_base={"REMOTE_ADDR": address})

    def picture(self, query: str, headers: dict[str, str] | None = None) -> TestResponse:
        given = {"User-Agent": CHROME, **(headers or {})}
        return self.client.get(f"/beacon.gif?{query}", headers=given, environ_base={"REMOTE_ADDR": "93.184.216.34"})

    def count(self) -> None:
        """Let the loader count everything that is in the journal."""
        self.clock.now += 1
        self.loader.drain()

    def keys(self, dim: str, measure: str = "views") -> dict[str, int]:
        """Key → measure of a dimension over the year."""
        rows = self.store.rows(self.catalogue.site(HOST).id, dim, [2026])
        return {row.key: getattr(row, measure) for row in rows}

    def total(self, measure: str) -> int:
        return self.keys("total", measure).get("", 0)


def install(
    path: Path, level: str = "visits", subdomains: bool = False, search_param: str = "", **settings: str
) -> Installation:
    """A data directory with Marburg and its site; further settings as in the environment, in lower case."""
    environ = {f"ZAEHLWERK_{name.upper()}": value for name, value in settings.items()}
    config = load_config(path / "data", environ)
    prepare_directory(config)
    store = open_store(config.database)
    catalogue = Catalogue(store.connection)
    catalogue.add_municipality("Marburg", MARBURG)
    catalogue.add_site(HOST, MARBURG, level, subdomains, search_param)
    return Installation(config, store)


def _not_found(_environ: Any, start_response: Any) -> list[bytes]:
    start_response("404 Not Found", [])
    return [b""]
