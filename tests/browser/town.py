"""A town's website on loopback, under a host name of its own: pages that a test writes, with the policy it wants."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOST = "www.marburg.de"  # Chromium finds it on this machine, see conftest.py


class Town(ThreadingHTTPServer):
    """Path → page and Content-Security-Policy; every other path is an empty page."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages: dict[str, tuple[str, str]] = {}

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_port}"

    def put(self, path: str, html: str, policy: str = "") -> str:
        """Publish a page, or a file whose path ends with .css; its address."""
        self.pages[path] = (html, policy)
        return self.url + path


class _Handler(BaseHTTPRequestHandler):
    server: Town

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        html, policy = self.server.pages.get(path, ("", ""))
        body = html.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/css" if path.endswith(".css") else "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if policy:
            self.send_header("Content-Security-Policy", policy)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


@contextmanager
def open_town() -> Iterator[Town]:
    """A town's website, for as long as the `with` lasts."""
    with Town() as town:
        thread = threading.Thread(target=town.serve_forever, daemon=True)
        thread.start()
        yield town
        town.shutdown()
        thread.join()
