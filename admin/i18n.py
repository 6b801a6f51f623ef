"""Texts, numbers and dates in the language of the reader: German by default, English beside it."""

import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from urllib.parse import urlencode

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from flask import Flask, g, has_request_context, request

DEFAULT = "de"
LANGUAGES: Mapping[str, str] = {"de": "Deutsch", "en": "English"}
_LOCALES = {"de": Locale("de"), "en": Locale("en", "GB")}
_PERCENT = {"de": "#,##0.0\u00a0%", "en": "#,##0.0%"}
_CHANGE = {"de": "+#,##0\u00a0%;−#,##0\u00a0%", "en": "+#,##0%;−#,##0%"}
_NO_CHANGE = {"de": "±0\u00a0%", "en": "±0%"}
_UNKNOWN = "–"


@cache
def texts(language: str) -> Mapping[str, str]:
    """Every text of a language by "file.key", read from admin/i18n/<language>/<file>.toml."""
    folder = files("admin").joinpath("i18n", language)
    found: dict[str, str] = {}
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        found |= _texts_of(path)
    return found


def _texts_of(path: Traversable) -> dict[str, str]:
    name = path.name.removesuffix(".toml")
    return {f"{name}.{key}": text for key, text in tomllib.loads(path.read_text("utf-8")).items()}


def t(key: str, **values: object) -> str:
    """The text of a key in the current language, with `{name}` replaced by a value; KeyError for an unknown key."""
    text = texts(current_language())[key]
    return text.format_map(values) if values else text


def has_text(key: str) -> bool:
    """Whether there is a text of this key."""
    return key in texts(DEFAULT)


def current_language() -> str:
    """The language of the request: `?lang=`, then the account's own, then what the browser asks for, then German."""
    if not has_request_context():
        return DEFAULT
    session = g.get("session")
    for wish in (request.args.get("lang", ""), session.account.language if session else ""):
        if wish in LANGUAGES:
            return str(wish)
    return request.accept_languages.best_match(list(LANGUAGES)) or DEFAULT


def here(**changed: str | None) -> str:
    """The address of the page itself with some of its query changed, without the notice of what was done."""
    query = {**request.args.to_dict(), "done": None, **changed}
    text = urlencode({name: value for name, value in query.items() if value is not None})
    return f"{request.path}?{text}" if text else request.path


def number(value: float) -> str:
    """1234 → "1.234"."""
    return format_decimal(value, locale=_LOCALES[current_language()])


def tenths(value: float) -> str:
    """4 → "4,0"."""
    return format_decimal(value, "#,##0.0", locale=_LOCALES[current_language()])


def percent(share: float) -> str:
    """0.123 → "12,3 %"."""
    language = current_language()
    return format_percent(share, _PERCENT[language], _LOCALES[language])


def duration(seconds: float) -> str:
    """125 → "2:05 min", 3725 → "1:02 h"."""
    whole = round(seconds)
    if whole >= 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02d}\u00a0h"
    return f"{whole // 60}:{whole % 60:02d}\u00a0min"


def day(value: date) -> str:
    """The date as "31.01.2026"."""
    return format_date(value, "medium", _LOCALES[current_language()])


def change(ratio: float | None) -> str:
    """0.12 → "+12 %"; "–" for None, where there is nothing to compare with."""
    if ratio is None:
        return _UNKNOWN
    language = current_language()
    if round(ratio, 2) == 0:
        return _NO_CHANGE[language]
    return format_percent(ratio, _CHANGE[language], _LOCALES[language])


FILTERS: tuple[Callable[..., str], ...] = (number, percent, duration, day, change)


def install(app: Flask) -> None:
    """Give the templates `t`, the languages and the filters."""
    for language in LANGUAGES:
        texts(language)
    names = {"t": t, "has_text": has_text, "here": here, "current_language": current_language, "LANGUAGES": LANGUAGES}
    app.jinja_env.globals.update(names)
    app.jinja_env.filters.update({function.__name__: function for function in FILTERS})
