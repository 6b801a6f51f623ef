"""Paths of services: how they are written, which pages they match, whether two can match the same."""

from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.services.matcher import Matcher
from tracker.services.overlap import overlap, overlaps
from tracker.services.paths import path_rule, written

NAMES = st.sampled_from(["a", "ab", "b", "*", "a*", "*b", "**"])
PATTERNS = st.lists(NAMES, max_size=4).map(lambda names: "/" + "/".join(names))
ROUTED = PATTERNS | st.builds("{}#{}".format, PATTERNS, PATTERNS).filter(lambda text: "**#" not in text)
PAGES = st.lists(st.sampled_from(["a", "ab", "b", "aab", "c"]), max_size=5).map(lambda names: "/" + "/".join(names))
ROUTES = PAGES | st.builds("{}#{}".format, PAGES, PAGES)
FEW_PAGES = ["/" + "/".join(page) for length in range(5) for page in product(("a", "ab", "b", "aab"), repeat=length)]


def slow_match(pattern: str, page: str) -> bool:
    """What docs/services.md says, as plainly as possible."""
    if "#" not in pattern:
        page = page.split("#", maxsplit=1)[0]
    return names_match(pattern.rstrip("/").split("/"), page.rstrip("/").split("/"))


def names_match(pattern: list[str], names: list[str]) -> bool:
    if not pattern:
        return not names
    if pattern[0] == "**":
        return any(names_match(pattern[1:], names[used:]) for used in range(len(names) + 1))
    return bool(names) and name_matches(pattern[0], names[0]) and names_match(pattern[1:], names[1:])


def name_matches(pattern: str, name: str) -> bool:
    if not pattern:
        return not name
    if pattern[0] == "*":
        return any(name_matches(pattern[1:], name[used:]) for used in range(len(name) + 1))
    return name[:1] == pattern[0] and name_matches(pattern[1:], name[1:])


@given(st.lists(ROUTED, max_size=4), ROUTES)
def test_it_matches_what_the_slow_one_matches(patterns: list[str], page: str) -> None:
    matcher = Matcher((str(number), pattern) for number, pattern in enumerate(patterns))
    slow = tuple(str(number) for number, pattern in enumerate(patterns) if slow_match(pattern, page))
    assert matcher.services(page) == slow
    assert matcher.services(page) == slow  # remembered


@given(PATTERNS, PATTERNS)
def test_patterns_overlap_when_some_page_matches_both(one: str, other: str) -> None:
    common = any(slow_match(one, page) and slow_match(other, page) for page in FEW_PAGES)
    assert overlap("www.x.de" + one, "www.x.de" + other) == common
    assert overlap("www.x.de" + one, "www.y.de" + other) is False


@given(st.lists(ROUTED, max_size=6))
def test_it_finds_all_pairs_that_overlap(patterns: list[str]) -> None:
    paths = ["www.x.de" + pattern for pattern in patterns]
    pairs = [(one, other) for one, other in combinations(range(len(paths)), 2) if overlap(paths[one], paths[other])]
    assert sorted(tuple(sorted(pair)) for pair in overlaps(paths)) == pairs


def test_routes_are_compared_where_both_have_one() -> None:
    assert not overlap("www.x.de/app#/a/**", "www.x.de/app#/b")
    assert overlap("www.x.de/app#/a/**", "www.x.de/app")
    assert overlap("www.x.de/app#/a/**", "www.x.de/app#/a")


def test_pages_on_another_host_begin_with_it() -> None:
    matcher = Matcher([("a", "/**"), ("b", "service.x.de/**"), ("c", "service.x.de/c")])
    assert matcher.services("/c") == ("a",)
    assert matcher.services("service.x.de/") == ("b",)
    assert matcher.services("service.x.de/c") == ("b", "c")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("www.marburg.de/leistungen/**", "www.marburg.de/leistungen/**"),
        (" https://WWW.Marburg.de:443/b%C3%BCrger//amt/ ", "www.marburg.de/bürger/amt"),
        ("www.marburg.de", "www.marburg.de/"),
        ("www.marburg.de/app#/antrag/", "www.marburg.de/app#/antrag"),
        ("www.marburg.de/amt;jsessionid=1/x", "www.marburg.de/amt/x"),
    ],
)
def test_it_keeps_a_path_as_pages_are_stored(typed: str, kept: str) -> None:
    assert written(typed) == kept
    assert path_rule(kept) == ""


@pytest.mark.parametrize(
    ("typed", "rule"),
    [
        ("/leistungen", "path_host"),
        ("leistungen hier/x", "path_host"),
        ("", "path_host"),
        ("www.marburg.de/x?id=5", "path_query"),
        ("www.marburg.de/a**", "path_stars"),
        ("www.marburg.de/***", "path_stars"),
        ("www.marburg.de/*/*/*/*/*/*", "path_wildcards"),
        ("www.marburg.de/vorgang/93847239", "path_masked"),
        ("www.marburg.de/" + "a/" * 300, "path_long"),
    ],
)
def test_it_names_the_rule_that_a_path_breaks(typed: str, rule: str) -> None:
    assert path_rule(written(typed)) == rule
