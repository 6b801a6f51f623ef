"""An installation that takes feedback, without a server."""

import json
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.installation import CHROME, HOST, MARBURG, Installation, install
from tracker.feedback.endpoint import feedback_intake
from tracker.services.service import Service
from tracker.store.feedback import Feedbacks, Kept
from tracker.store.services import Services

ADDRESS = "93.184.216.34"


class Town:
    """Marburg with one service; every `say` comes a minute after the one before unless told otherwise."""

    def __init__(self, path: Path, **settings: str) -> None:
        self.city: Installation = install(path, **settings)
        self.connection = self.city.store.connection
        self.marburg = self.city.catalogue.municipality(MARBURG)
        Services(self.connection).add(
            self.marburg.id, Service("hundesteuer", "Hundesteuer", paths=(f"{HOST}/leistungen/hundesteuer/**",))
        )
        app = Flask("machines")
        app.register_blueprint(feedback_intake(self.city.worker))
        self.client = app.test_client()
        self.feedbacks = Feedbacks(self.connection)

    def say(self, headers: dict[str, str] | None = None, address: str = ADDRESS, **message: Any) -> TestResponse:
        """POST a message; keys of the format as keyword arguments."""
        given = {"s": HOST, "u": f"https://{HOST}/leistungen/hundesteuer", "w": 9000, **message}
        return self.post(json.dumps(given), headers, address)

    def post(self, body: str | bytes, headers: dict[str, str] | None = None, address: str = ADDRESS) -> TestResponse:
        given = {"User-Agent": CHROME, "Accept-Language": "de-DE,de;q=0.9", **(headers or {})}
        return self.client.post("/feedback", data=body, headers=given, environ_base={"REMOTE_ADDR": address})

    def later(self, seconds: float = 61) -> None:
        """Let time pass."""
        self.city.clock.now += seconds

    def kept(self) -> list[Kept]:
        """Everything that is kept, in the order in which it came."""
        numbers = [row[0] for row in self.connection.execute("select id from feedback order by id")]
        return [kept for number in numbers if (kept := self.feedbacks.get(number)) is not None]

    def only(self) -> Kept:
        (kept,) = self.kept()
        return kept

    def found(self, expression: str) -> list[int]:
        """The numbers of what the full-text search finds."""
        rows = self.connection.execute(
            "select rowid from feedback_search where words match ? order by rowid", (expression,)
        )
        return [row[0] for row in rows]
