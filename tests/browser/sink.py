"""A small real server on loopback: it serves the test pages and the built snippet, and keeps the beacons it is sent."""

import json
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PAGES = Path(__file__).parent / "pages"
STATIC = Path(__file__).parents[2] / "static"
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2"}
STRICT_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'"
)


@dataclass
class Sink:
    """One test's part of the server, under a path of its own, so that late beacons of another test stay apart."""

    port: int
    name: str
    beacons: list[dict[str, Any]] = field(default_factory=list)
    headers: list[Message] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)

    @property
    def site(self) -> str:
        """Where the pages are: another origin than that of the snippet, as in life."""
        return f"http://127.0.0.1:{self.port}/{self.name}"

    @property
    def stats(self) -> str:
        """Where the snippet is, and where beacons go."""
        return f"http://localhost:{self.port}/{self.name}"

    def keep(self, body: bytes, headers: Message) -> None:
        with self.arrived:
            self.beacons.append(json.loads(body))
            self.headers.append(headers)
            self.arrived.notify_all()

    def wait(self, count: int, grace: float = 0.1) -> list[dict[str, Any]]:
        """All beacons, once `count` of them have come and `grace` seconds have passed for one too many to show."""
        with self.arrived:
            came = self.arrived.wait_for(lambda: len(self.beacons) >= count, timeout=30)
        assert came, f"{len(self.beacons)} of {count} beacons came: {self.beacons}"
        time.sleep(grace)
        return list(self.beacons)


class Server(ThreadingHTTPServer):
    """Knows the sinks by name."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.sinks: dict[str, Sink] = {}

    def new_sink(self) -> Sink:
        sink = Sink(self.server_port, f"t{len(self.sinks)}")
        self.sinks[sink.name] = sink
        return sink


class Handler(BaseHTTPRequestHandler):
    """Paths are /<sink>/<what>: a page, snippet.js, static/…, or beacon."""

    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        sink, what = self._target()
        content = self._content(sink, what)
        if content is None:  # links lead here, and the page stays where it is
            self._answer(HTTPStatus.NO_CONTENT, b"", {})
            return
        headers = {"Content-Type": TYPES[Path(what).suffix], "Cache-Control": "max-age=60"}
        if what.startswith("strict"):
            headers["Content-Security-Policy"] = STRICT_CSP
        self._answer(HTTPStatus.OK, content, headers)

    def do_POST(self) -> None:
        sink, what = self._target()
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if sink is not None and what == "beacon":
            sink.keep(body, self.headers)
        self._answer(HTTPStatus.ACCEPTED, b"", {"Access-Control-Allow-Origin": "*"})

    def _target(self) -> tuple[Sink | None, str]:
        name, _, what = self.path.split("?")[0].removeprefix("/").partition("/")
        return self.server.sinks.get(name), what

    def _content(self, sink: Sink | None, what: str) -> bytes | None:
        if sink is None:  # a favicon
            return None
        if what == "snippet.js":
            return (STATIC / "build" / "snippet.min.js").read_bytes()
        path = STATIC / what.removeprefix("static/") if what.startswith("static/") else PAGES / what
        if not path.is_file():
            return None
        content = path.read_bytes()
        return content.replace(b"https://stats.example", sink.stats.encode()) if path.suffix == ".html" else content

    def _answer(self, status: HTTPStatus, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status is not HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(BrokenPipeError, ConnectionResetError):  # a page that left does not wait for its answer
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""
