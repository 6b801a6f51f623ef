"""What every answer says to the browser."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

import admin
from admin import create_app
from tracker.config import Config

TEMPLATES = sorted((Path(admin.__file__).parent / "templates").glob("*.html"))
PAGES = ["/admin/", "/admin/sites/new", "/admin/sites/www.marburg.de/setup", "/admin/accounts", "/admin/account"]
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


@pytest.mark.parametrize("path", [*PAGES, "/admin/nothing", "/nothing"])
def test_every_page_has_the_strict_policy(owner: FlaskClient, path: str) -> None:
    headers = owner.get(path).headers
    found = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert found == POLICY


@pytest.mark.parametrize("path", [*PAGES, "/admin/nothing", "/static/admin/admin.css", "/snippet.js", "/health"])
def test_every_answer_has_the_other_headers(owner: FlaskClient, path: str) -> None:
    response = owner.get(path)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in response.headers["Permissions-Policy"]
    assert "Server" not in response.headers
    assert "X-Powered-By" not in response.headers
    response.close()


@pytest.mark.parametrize("path", [*PAGES, "/admin/sign-in", "/admin/nothing"])
def test_the_admin_area_is_never_stored(owner: FlaskClient, path: str) -> None:
    assert owner.get(path).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", PAGES)
def test_only_the_sign_in_and_out_set_cookies(owner: FlaskClient, path: str) -> None:
    assert "Set-Cookie" not in owner.get(path).headers


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_have_no_inline_script_or_style(template: Path) -> None:
    text = template.read_text("utf-8")
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|\|\s*safe", text)
    for tag in re.findall(r"^\s*<script[^>]*>", text, re.MULTILINE):
        if 'type="application/ld+json"' in tag:  # data, never run
            continue
        assert " defer " in tag or 'type="module"' in tag
        assert " src=" in tag


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_load_nothing_from_other_hosts(template: Path) -> None:
    assert not re.search(r"""(src|href)=["'](https?:)?//""", template.read_text("utf-8"))


@pytest.mark.parametrize("path", PAGES)
def test_what_a_page_loads_is_there(owner: FlaskClient, path: str) -> None:
    for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', owner.get(path).text):
        response = owner.get(address)
        assert response.status_code == 200, address
        response.close()


@pytest.mark.parametrize(("simulated", "shown"), [(True, True), (False, False)])
def test_simulated_data_are_marked_on_every_page(config: Config, simulated: bool, shown: bool) -> None:
    client = create_app(Config(data=config.data, simulated=simulated), background=False).test_client()
    for path in ("/admin/sign-in", "/admin/nothing"):
        assert ("Simulierte Daten" in client.get(path).text) is shown


def test_errors_are_not_shown_to_the_visitor(app: Flask, owner: FlaskClient) -> None:
    app.testing = False
    assert app.debug is False

    def broken() -> str:
        raise RuntimeError("a secret detail")

    app.view_functions["sites.index"] = broken
    response = owner.get("/admin/")
    assert response.status_code == 500
    assert "secret" not in response.text
    assert "Ein Fehler ist aufgetreten" in response.text
