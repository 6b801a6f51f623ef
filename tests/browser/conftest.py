"""A real Chromium and a real server on loopback for the tests of what runs in the page."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sink import Server, Sink

CHROMIUM = os.environ.get("ZAEHLWERK_CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--host-resolver-rules=MAP www.marburg.de 127.0.0.1",  # a town of the tests, see town.py
]
PATIENCE = 30_000  # ms; how fast something is, bench/ tells, not a test on a busy machine
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, or a skipped test; a failed one where ZAEHLWERK_REQUIRE_BROWSER=1."""
    if not Path(CHROMIUM).exists():
        give_up = pytest.fail if os.environ.get("ZAEHLWERK_REQUIRE_BROWSER") == "1" else pytest.skip
        give_up(f"no Chromium at {CHROMIUM}; set ZAEHLWERK_CHROMIUM")
    with sync_playwright() as playwright:
        # Playwright switches the back/forward cache off unless told otherwise.
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=ARGUMENTS, ignore_default_args=["--disable-back-forward-cache"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a fresh context; an error that reaches the page fails the test."""
    context = browser.new_context()
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def sink(server: Server) -> Sink:
    return server.new_sink()
