import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.language import LANGUAGES, RENAMED, primary


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("de-DE,de;q=0.9", "de"),
        ("de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7", "de"),
        ("de", "de"),
        ("DE-de", "de"),
        ("en-US", "en"),
        ("zh-Hans-CN,zh;q=0.9", "zh"),
        ("hsb,de;q=0.5", "hsb"),
        ("iw-IL", "he"),
        ("nb-NO,nb;q=0.9", "no"),
        ("en;q=0.5,uk;q=0.9,de;q=0.7", "uk"),
        ("en;q=0.8, tr", "tr"),
        ("en;q=0, de;q=0.1", "de"),
        ("de ; q=0.5 , fr ; Q=0.6", "fr"),
        ("pl;q=1.0,en;q=1.0", "pl"),
        ("*,ar;q=0.5", "ar"),
        ("xx-XX,ru;q=0.5", "ru"),
        ("*", ""),
        ("", ""),
        ("*;q=0.1", ""),
        ("de;q=0", ""),
        ("de;q=junk", ""),
        ("de;q=nan", ""),
        ("de;q=inf", ""),
        ("de;level=1", ""),
        ("c", ""),
        ("english", ""),
        ("d€", ""),
        (";;;,,,", ""),
        ("<script>", ""),
        ("max@example.org", ""),
    ],
)
def test_it_takes_the_most_wanted_known_language(header: str, language: str) -> None:
    assert primary(header) == language


@given(st.text(max_size=100) | st.from_regex(r"[a-z*]{1,3}(-[A-Z]{2})?(;q=[0-9.]{0,4})?(,[a-z]{2};q=0\.[0-9])*"))
def test_it_answers_a_known_code_or_nothing_whatever_comes(header: str) -> None:
    assert primary(header) in LANGUAGES | {""}


def test_a_renamed_code_leads_to_a_known_one() -> None:
    assert set(RENAMED.values()) <= LANGUAGES
