"""A form server's side: the application with one token on a clock that the test sets."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from admin import create_app
from tests.installation import GIESSEN, HOST, MARBURG, Installation, install
from tests.recount import Cells, stored_cells
from tracker.store.tokens import Tokens

FOREIGN = "www.giessen.de"


def item(kind: str = "step", attempt: str | None = "versuch-1", **fields: Any) -> dict[str, Any]:
    """An item about the form `hund`; `step`, `error` … as keyword arguments go into its properties."""
    own = {name: fields.pop(name) for name in ("s", "u", "n", "time", "resumed") if name in fields}
    if kind in ("step", "outcome"):
        own = {**own, "p": {"form": "hund", **fields.pop("p", {}), **fields}}
        if attempt is not None:
            own["attempt"] = attempt
    return {"s": HOST, "k": kind, **own, **({"p": fields} if fields and "p" not in own else {})}


@dataclass
class FormServer:
    """One municipality's form server, and the installation that it reports to."""

    city: Installation
    token: str
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.app = create_app(self.city.config, background=False, clock=self.city.clock)
        self.client = self.app.test_client()

    @property
    def now(self) -> int:
        return int(self.city.clock.now * 1000)

    def send(self, *items: Any, key: str | None = None, token: str | None = None, **headers: str) -> TestResponse:
        return self.post(json.dumps({"items": items}), key, token, **headers)

    def post(self, body: str | bytes, key: str | None = None, token: str | None = None, **headers: str) -> TestResponse:
        given = {"Authorization": f"Bearer {self.token if token is None else token}", **headers}
        if key is not None:
            given["Idempotency-Key"] = key
        return self.client.post("/api/v1/events", data=body, headers={"Content-Type": "application/json", **given})

    def counted(self) -> Cells:
        """Every cell, without the record keys, which are random."""
        self.city.count()
        cells = stored_cells(self.city.store.connection)
        return {place: cell._replace(rkey=0) for place, cell in cells.items() if any(cell[:6])}

    def keys(self, dim: str, measure: str = "visits") -> dict[str, int]:
        return self.city.keys(dim, measure)


def form_server(path: Path, level: str = "visits", **settings: str) -> FormServer:
    """Marburg's form server; Gießen has a site too."""
    city = install(path, level, **{"rate_limit": "1000", "rate_burst": "100000", **settings})
    city.catalogue.add_municipality("Gießen", GIESSEN)
    city.catalogue.add_site(FOREIGN, GIESSEN)
    token = Tokens(city.store.connection).add(city.catalogue.municipality(MARBURG).id, "Formularserver")
    return FormServer(city, token)
