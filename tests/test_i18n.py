"""Texts, numbers and dates in German and English."""

import re
from datetime import date
from pathlib import Path
from string import Formatter

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient

import admin
from admin import i18n
from admin.i18n import LANGUAGES, texts

FOLDER = Path(admin.__file__).parent
SOURCES = [*FOLDER.glob("templates/*.html"), *FOLDER.glob("*.py")]
USED = re.compile(r"""\bt\(\s*["']([a-z_]+\.[a-z_0-9]+)["']\s*[,)]""")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_texts() -> None:
    assert texts("de").keys() == texts("en").keys()


def test_a_text_has_the_same_placeholders_in_both_languages() -> None:
    for key, german in texts("de").items():
        english = texts("en")[key]
        assert german.strip() and english.strip(), key
        assert placeholders(german) == placeholders(english), key


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_every_text_that_is_used_exists(source: Path) -> None:
    assert set(USED.findall(source.read_text("utf-8"))) <= texts("de").keys()


def test_an_unknown_text_is_an_error(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(KeyError):
        i18n.t("base.nothing")


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ("", None, "de"),
        ("", "en-US,en;q=0.9", "en"),
        ("", "fr, en;q=0.5", "en"),
        ("", "fr", "de"),
        ("?lang=de", "en", "de"),
        ("?lang=en", "de", "en"),
        ("?lang=xx", "en", "en"),
        ("?lang=", None, "de"),
    ],
)
def test_it_finds_the_language_before_sign_in(
    anyone: FlaskClient, query: str, accepted: str | None, language: str
) -> None:
    headers = {"Accept-Language": accepted} if accepted else {}
    page = anyone.get(f"/admin/sign-in{query}", headers=headers).text
    assert f'<html lang="{language}">' in page


def test_the_account_decides_after_sign_in(owner: FlaskClient) -> None:
    assert '<html lang="de">' in owner.get("/admin/", headers={"Accept-Language": "en"}).text
    assert '<html lang="en">' in owner.get("/admin/?lang=en").text


def test_the_other_language_keeps_the_rest_of_the_address(anyone: FlaskClient) -> None:
    page = anyone.get("/admin/sign-in?next=/admin/account&done=signed_out").text
    assert 'href="/admin/sign-in?next=%2Fadmin%2Faccount&amp;lang=en" lang="en"' in page


FORMATS = [
    ("number", 1234567, "1.234.567", "1,234,567"),
    ("number", 2.5, "2,5", "2.5"),
    ("number", 0, "0", "0"),
    ("percent", 0.123, "12,3\u00a0%", "12.3%"),
    ("percent", 0, "0,0\u00a0%", "0.0%"),
    ("percent", 1, "100,0\u00a0%", "100.0%"),
    ("duration", 0, "0:00\u00a0min", "0:00\u00a0min"),
    ("duration", 125, "2:05\u00a0min", "2:05\u00a0min"),
    ("duration", 59.6, "1:00\u00a0min", "1:00\u00a0min"),
    ("duration", 3725, "1:02\u00a0h", "1:02\u00a0h"),
    ("day", date(2026, 1, 31), "31.01.2026", "31 Jan 2026"),
    ("change", 0.12, "+12\u00a0%", "+12%"),
    ("change", -0.05, "−5\u00a0%", "−5%"),
    ("change", 12.345, "+1.234\u00a0%", "+1,234%"),
    ("change", 0.001, "±0\u00a0%", "±0%"),
    ("change", -0.001, "±0\u00a0%", "±0%"),
    ("change", None, "–", "–"),
]


@pytest.mark.parametrize(("name", "value", "german", "english"), FORMATS)
def test_it_writes_numbers_as_people_do(app: Flask, name: str, value: object, german: str, english: str) -> None:
    for language, expected in zip(LANGUAGES, (german, english), strict=True):
        with app.test_request_context(f"/?lang={language}"):
            assert app.jinja_env.filters[name](value) == expected


def test_what_is_put_into_a_text_is_escaped(app: Flask) -> None:
    with app.test_request_context():
        page = render_template_string("{{ t('sites.error_host_exists', host='<b>') }}")
    assert "&lt;b&gt;" in page
