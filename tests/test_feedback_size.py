"""The built widget is small in every language, and every language has every text."""

import json
from pathlib import Path

import brotli
import pytest

STATIC = Path(__file__).parent.parent / "static"
TEXTS = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted((STATIC / "feedback").glob("*.json"))}
PLACEHOLDERS = {"left": "{n}", "page_title": "{name}", "page_rating_value": "{n}"}
LIMIT = 4096  # bytes after brotli at quality 11, one language included


@pytest.mark.parametrize("language", TEXTS)
def test_the_widget_is_small_in_every_language(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    built = (STATIC / "build" / f"feedback.{language}.min.js").read_bytes()
    size = len(brotli.compress(built, quality=11))
    with capsys.disabled():
        print(f"\nfeedback.{language}: {size} B brotli, {len(built)} B plain (limit {LIMIT} B)")
    assert size <= LIMIT


def test_the_languages_asked_for_are_there() -> None:
    assert {"de", "de-leicht", "en", "tr", "uk", "ar"} <= set(TEXTS)


@pytest.mark.parametrize("language", TEXTS)
def test_a_language_has_every_text_and_no_other(language: str) -> None:
    assert list(TEXTS[language]) == list(TEXTS["de"])
    assert all(text.strip() for text in TEXTS[language].values())
    assert TEXTS[language]["dir"] in {"ltr", "rtl"}
    for key, placeholder in PLACEHOLDERS.items():
        assert placeholder in TEXTS[language][key], key


@pytest.mark.parametrize("language", TEXTS)
def test_texts_of_the_page_alone_are_not_in_the_widget(language: str) -> None:
    built = (STATIC / "build" / f"feedback.{language}.min.js").read_text("utf-8")
    assert TEXTS[language]["notice"].split("\n")[0] in built
    assert TEXTS[language]["page_lead"].split("\n")[0] not in built
