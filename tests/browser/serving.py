"""The application on loopback for a browser, and a browser that is signed in and complains."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page
from werkzeug.serving import make_server

from admin.access import COOKIE


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Where the application listens."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def sign_in(page: Page, client: FlaskClient) -> None:
    """Give a browser the session of a client."""
    cookie = client.get_cookie(COOKIE, path="/admin")
    assert cookie is not None
    page.context.add_cookies([{"name": COOKIE, "value": cookie.value, "domain": "127.0.0.1", "path": "/admin"}])


@contextmanager
def watched(page: Page, allowed: str = "nothing") -> Iterator[Page]:
    """A browser that fails the test when a script or style that is not ours was kept from running, or one did run.

    `allowed` is part of a complaint that is no fault.
    """
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    yield page
    assert [text for text in complaints if allowed not in text] == []
    page.goto("about:blank")


def is_too_wide(page: Page) -> bool:
    """Whether the page has to be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
