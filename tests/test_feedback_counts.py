"""Sums of answers: exact after whatever happens to the answers, against a slow recount."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.calendar import day_number
from tracker.feedback.feedback import CATEGORIES, DETAILS, FOUND, MOMENTS, STATUSES, Feedback
from tracker.store import open_database
from tracker.store.catalogue import Catalogue
from tracker.store.feedback import Feedbacks
from tracker.store.feedback_counts import DIMENSIONS, FeedbackCounts, Scope

SERVICES = ("", "hund", "parken")
FIRST = date(2025, 12, 20)
FEEDBACK = st.builds(
    Feedback,
    site=st.just(1),
    day=st.integers(0, 400).map(lambda days: day_number(FIRST + timedelta(days))),
    category=st.sampled_from(CATEGORIES),
    service=st.sampled_from(SERVICES),
    rating=st.sampled_from((None, 1, 2, 3, 4, 5)),
    found=st.sampled_from(("", *FOUND)),
    text=st.sampled_from(("", "Hallo")),
    moment=st.sampled_from(("", *MOMENTS)),
    device=st.sampled_from(("", "mobile", "desktop")),
    language=st.sampled_from(("de", "tr")),
    details=st.dictionaries(st.sampled_from(DETAILS), st.integers(1, 5), max_size=2),
)
EVENTS = st.lists(
    st.one_of(
        FEEDBACK,
        st.tuples(st.just("status"), st.integers(1, 12), st.sampled_from(STATUSES)),
        st.tuples(st.sampled_from(("service", "category")), st.integers(1, 12), st.sampled_from(CATEGORIES)),
        st.tuples(st.sampled_from(("delete", "detail", "empty")), st.integers(1, 12)),
    ),
    max_size=25,
)
SCOPES = [
    Scope(*days, service, category)
    for days in ((20260101, 20261231), (20260115, 20260402), (20251220, 20270123))
    for service in (None, *SERVICES)
    for category in ("", CATEGORIES[0])
]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path: Path = tmp_path_factory.mktemp("counts") / "zaehlwerk.db"
    connection = open_database(path)
    catalogue = Catalogue(connection)
    catalogue.add_municipality("Marburg", "065340014014")
    catalogue.add_site("www.marburg.de", "065340014014")
    yield connection
    connection.close()


def happen(connection: sqlite3.Connection, place: int, event: Any) -> None:
    if isinstance(event, Feedback):
        Feedbacks(connection).add(event, place.to_bytes(4))
        return
    what, number, *value = event
    first = connection.execute("select min(id) from feedback").fetchone()[0] or 0
    wanted = (first + number,)
    if what == "delete":
        connection.execute("delete from feedback where id = ?", wanted)
    elif what == "detail":
        connection.execute("delete from feedback_detail where feedback_id = ?", wanted)
    elif what == "empty":
        connection.execute("update feedback set text = '' where id = ?", wanted)
    else:
        connection.execute(f"update feedback set {what} = ? where id = ?", (*value, *wanted))


def recounted(connection: sqlite3.Connection, scope: Scope, dim: str) -> dict[Any, Counter[Any]]:
    """Key → how often each rating and each "found" occurs, in the slowest way there is."""
    rows: dict[Any, Counter[Any]] = {}
    connection.row_factory = sqlite3.Row
    found = connection.execute("select * from feedback where status <> 'spam'").fetchall()
    connection.row_factory = None
    for row in found:
        if not scope.first <= row["day"] <= scope.last or scope.service not in (None, row["service"]):
            continue
        if scope.category in ("", row["category"]):
            own = rows.setdefault(row[dim], Counter())
            own["answers"] += 1
            own.update([row["rating"]] if row["rating"] else [])
            own.update([row["found"]] if row["found"] and dim == "day" else [])
    return rows


def shown(tallies: dict[Any, Any], dim: str) -> dict[Any, Counter[Any]]:
    return {
        key: Counter({"answers": tally.answers, **tally.ratings, **(tally.found if dim == "day" else {})})
        for key, tally in tallies.items()
    }


@settings(max_examples=60)
@given(events=EVENTS)
def test_sums_are_those_of_a_recount(database: sqlite3.Connection, events: list[Any]) -> None:
    database.execute("delete from feedback")
    for place, event in enumerate(events):
        happen(database, place, event)
    counts = FeedbackCounts(database, 1)
    for scope in SCOPES:
        days = recounted(database, scope, "day")
        assert shown(counts.by_day(scope), "day") == days
        assert counts.total(scope).answers == sum(each["answers"] for each in days.values())
        for dim in DIMENSIONS:
            assert shown(counts.by(dim, scope), dim) == recounted(database, scope, dim), (scope, dim)
        slow = database.execute(
            """
            select question, value, count(*) from feedback join feedback_detail on id = feedback_id
            where status <> 'spam' and day between ? and ? and ? in (service, '*') and ? in ('', category)
            group by 1, 2
            """,
            (scope.first, scope.last, "*" if scope.service is None else scope.service, scope.category),
        ).fetchall()
        details = counts.details(scope)
        assert sorted((key, value, each.ratings[value]) for key, each in details.items() for value in each.ratings) == (
            sorted(slow)
        )
        assert counts.comments(scope) <= counts.total(scope).answers


def test_a_site_and_a_municipality_go_with_all_their_answers(tmp_path: Path) -> None:
    connection = open_database(tmp_path / "zaehlwerk.db")
    catalogue = Catalogue(connection)
    catalogue.add_municipality("Marburg", "065340014014")
    catalogue.add_site("www.marburg.de", "065340014014")
    for place in range(2):
        feedback = Feedback(1, 20260101, CATEGORIES[0], rating=5, details={DETAILS[0]: 3})
        Feedbacks(connection).add(feedback, place.to_bytes())
    assert FeedbackCounts(connection, 1).total(Scope(20260101, 20260101)).answers == 2
    connection.execute("delete from site")
    assert FeedbackCounts(connection, 1).total(Scope(20260101, 20260101)).answers == 0
    connection.execute("delete from municipality")
    assert connection.execute("select count(*) from feedback_count").fetchone() == (0,)
    connection.close()


def test_it_refuses_an_undeclared_dimension(database: sqlite3.Connection) -> None:
    with pytest.raises(ValueError, match="no dimension"):
        FeedbackCounts(database, 1).by("text", SCOPES[0])
