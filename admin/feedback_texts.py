"""The texts for citizens, in the languages of static/feedback: a new language is a new file there."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from flask import request
from markupsafe import Markup, escape

DEFAULT = "de"
_CODE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of one language. What a file leaves out is said in German."""

    code: str
    texts: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> Markup:
        """The text of a key as HTML, each value set apart from the writing direction around it; KeyError if unknown."""
        parts = {name: Markup("<bdi>{}</bdi>").format(value) for name, value in values.items()}
        return escape(self.texts[key]).format_map(parts) if parts else escape(self.texts[key])

    def plain(self, key: str, **values: object) -> str:
        """The same for a title or an attribute, which take no elements."""
        text = self.texts[key]
        return text.format_map(values) if values else text

    def has(self, key: str) -> bool:
        """Whether there is a text of this key."""
        return key in self.texts

    def day(self, value: date) -> str:
        """A date in words: "23. November 2026"."""
        return format_date(value, "long", _locale(self.code))

    def language(self, code: str) -> str:
        """The name of a language, the code itself where it has none here; "" for ""."""
        return str(_locale(self.code).languages.get(code, code))

    @property
    def tag(self) -> str:
        """The language as HTML names it: Leichte Sprache is German."""
        return self.texts["lang"]

    @property
    def direction(self) -> str:
        """The writing direction: "ltr" or "rtl"."""
        return self.texts["dir"]

    @property
    def name(self) -> str:
        """What the language calls itself."""
        return self.texts["page_name"]


@cache
def languages() -> Mapping[str, Words]:
    """The languages by code, German first."""
    found = {}
    for path in files("zaehlwerk_static").joinpath("feedback").iterdir():
        code = path.name.removesuffix(".json")
        if path.name.endswith(".json") and _CODE.fullmatch(code):
            found[code] = json.loads(path.read_text("utf-8"))
    order = sorted(found, key=lambda code: (not code.startswith(DEFAULT), code))
    return {code: Words(code, _completed(code, found)) for code in order}


def _completed(code: str, found: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
    return {**found[DEFAULT], "lang": code, "dir": "ltr", "page_name": code, **found[code]}


def chosen() -> Words:
    """The language of the request: `?lang=`, then what the browser asks for, then German."""
    known = languages()
    wish = request.args.get("lang", "")
    if wish not in known:
        wish = request.accept_languages.best_match(list(known)) or DEFAULT
    return known[wish]


def _locale(code: str) -> Locale:
    try:
        return Locale.parse(code.partition("-")[0])
    except (UnknownLocaleError, ValueError):
        return Locale(DEFAULT)
