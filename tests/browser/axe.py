"""axe-core in a page under test: what it finds against WCAG 2.2 AA and good practice."""

from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

RUN = "async context => (await axe.run(context ?? document, { resultTypes: ['violations'] })).violations"


@cache
def _source() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


def findings(page: Page, within: str | None = None) -> list[str]:
    """Each violation of the page (or of what the selector `within` matches) as a line; open shadow trees included."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_source())  # not a script element: a strict Content-Security-Policy stays in force
    return [_line(found, node) for found in page.evaluate(RUN, within) for node in found["nodes"]]


def _line(found: dict[str, Any], node: dict[str, Any]) -> str:
    return f"{found['id']} ({found['impact']}): {found['help']}: {node['target']} {node['html'][:160]}"
