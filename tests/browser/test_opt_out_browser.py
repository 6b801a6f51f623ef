"""A real browser sends the refusal along where the page counted and the collector share a domain."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.installation import CHROME, HOST, MARBURG, install
from tests.server import Server as Product
from tests.server import free_port

PAGE = "www.stadt.localhost"


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    """The product on zaehlwerk.stadt.localhost, counting www.stadt.localhost."""
    city = install(tmp_path)
    city.catalogue.add_site(PAGE, MARBURG)
    port = free_port()
    product = Product(city.config.data, base_url=f"http://zaehlwerk.stadt.localhost:{port}", honour_dnt="yes")
    product.port, product._command = port, [part.replace(str(product.port), str(port)) for part in product._command]
    with product:
        yield product


@pytest.fixture
def person(browser: Browser) -> Iterator[Page]:
    """A page in a browser that does not call itself headless, so that it is no bot."""
    with browser.new_context(user_agent=CHROME) as context:
        yield context.new_page()


@pytest.fixture
def counted_page(product: Product) -> Iterator[str]:
    """The address of a page on www.stadt.localhost that carries the tag."""
    script = f"http://zaehlwerk.stadt.localhost:{product.port}/snippet.js"
    content = f'<!doctype html><title>Stadt</title><script defer src="{script}" data-site="{PAGE}"></script>'

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(content.encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://{PAGE}:{server.server_port}/"
        server.shutdown()
        thread.join()


def outcome_of_a_view(page: Page, address: str) -> str | None:
    """Why the view that the real snippet sent was dropped; None if it was counted."""
    with page.expect_response("**/beacon") as sent:
        page.goto(address)
    return sent.value.headers.get("x-zaehlwerk-dropped")


def test_it_is_honoured_and_can_be_taken_back(person: Page, product: Product, counted_page: str) -> None:
    choice = f"http://zaehlwerk.stadt.localhost:{product.port}/opt-out?site={PAGE}&lang=de"
    assert outcome_of_a_view(person, counted_page) is None
    person.goto(choice)
    expect(person.get_by_text(PAGE)).to_be_visible()
    person.get_by_role("button", name="Nicht zählen").click()
    expect(person.get_by_role("heading", name="Sie haben abgelehnt")).to_be_visible()
    assert outcome_of_a_view(person, counted_page) == "opted_out"
    person.goto(choice)
    person.get_by_role("button", name="Cookie entfernen").click()
    expect(person.get_by_role("heading", name="Sie haben nicht abgelehnt")).to_be_visible()
    assert outcome_of_a_view(person, counted_page) is None
    assert HOST not in person.content()
