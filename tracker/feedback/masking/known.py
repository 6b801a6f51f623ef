"""First names and surnames that are known, from the lists of Faker (MIT licence)."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module

from tracker.feedback.masking.words import AMBIGUOUS

GERMAN = ("de_DE", "de_AT", "de_CH")
BESIDES = {"en": ("en_GB", "en_US"), "tr": ("tr_TR",), "uk": ("uk_UA",), "ru": ("ru_RU",), "ar": ("ar_SA",)}
EVERYWHERE = ("de", "en", "tr", "uk", "ar", "es", "fr", "hr", "it", "nl", "pl", "ro")
ELSEWHERE = {code: (f"{code}_{code.upper()}",) for code in EVERYWHERE[5:]}
FIRST = ("first_names", "first_names_female", "first_names_male")
LAST = ("last_names",)


@cache
def first_names(language: str) -> frozenset[str]:
    """German first names and those of the language, in small letters, without those that are words of every day."""
    return _pool((*GERMAN, *BESIDES.get(language, ())), FIRST)


@cache
def all_first_names() -> frozenset[str]:
    """First names of a dozen languages, for where the words around leave little doubt."""
    locales = (locale for code in EVERYWHERE for locale in BESIDES.get(code, ELSEWHERE.get(code, GERMAN)))
    return _pool(tuple(locales), FIRST)


@cache
def surnames() -> frozenset[str]:
    """German and Turkish surnames, in small letters, without those that are words of every day."""
    return _pool((*GERMAN, "tr_TR"), LAST)


def _pool(locales: tuple[str, ...], kinds: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name for locale in locales for kind in kinds for name in _listed(locale, kind)) - AMBIGUOUS


def _listed(locale: str, kind: str) -> Iterator[str]:
    """Names of one word and three letters at least."""
    for name in getattr(import_module(f"faker.providers.person.{locale}").Provider, kind, ()):
        if name.isalpha() and len(name) > 2:
            yield name.casefold()
