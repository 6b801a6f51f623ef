from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.ranges import AHEAD, DONE, INTERVALS, RUNNING, Range, RangeError, buckets, parse_range, previous, shifted
from tracker.calendar import calendar_of

TODAY = date(2026, 11, 23)  # a Monday
NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
BERLIN = calendar_of("Europe/Berlin")


def _range(start: str, end: str) -> Range:
    return Range("custom", date.fromisoformat(start), date.fromisoformat(end), TODAY)


@pytest.mark.parametrize(
    ("args", "start", "end"),
    [
        ({}, "2026-10-25", "2026-11-23"),
        ({"period": "today"}, "2026-11-23", "2026-11-23"),
        ({"period": "yesterday"}, "2026-11-22", "2026-11-22"),
        ({"period": "7d"}, "2026-11-17", "2026-11-23"),
        ({"period": "30d"}, "2026-10-25", "2026-11-23"),
        ({"period": "month"}, "2026-11-01", "2026-11-30"),
        ({"period": "year"}, "2026-01-01", "2026-12-31"),
        ({"period": "custom", "from": "2026-02-03", "to": "2026-02-05"}, "2026-02-03", "2026-02-05"),
        ({"from": "2026-02-03", "to": "2026-02-03"}, "2026-02-03", "2026-02-03"),
    ],
)
def test_it_reads_a_range(args: dict[str, str], start: str, end: str) -> None:
    found = parse_range(args, TODAY)
    assert (found.start.isoformat(), found.end.isoformat()) == (start, end)


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ({"period": "century"}, "unknown"),
        ({"period": "custom"}, "no_date"),
        ({"from": "2026-02-30", "to": "2026-03-01"}, "date"),
        ({"from": "2026-02-01"}, "no_date"),
        ({"from": "<script>", "to": "2026-03-01"}, "date"),
        ({"from": "2026-03-02", "to": "2026-03-01"}, "reversed"),
        ({"from": "1999-12-31", "to": "2000-03-01"}, "early"),
        ({"from": "0001-01-01", "to": "9999-12-31"}, "early"),
        ({"from": "2026-11-24", "to": "2026-11-30"}, "ahead"),
        ({"from": "2010-01-01", "to": "2026-01-01"}, "long"),
        ({"from": "2026-01-01", "to": "9999-12-31"}, "long"),
    ],
)
def test_it_says_why_a_range_cannot_be_shown(args: dict[str, str], reason: str) -> None:
    with pytest.raises(RangeError) as caught:
        parse_range(args, TODAY)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("start", "end", "before_start", "before_end"),
    [
        ("2026-11-23", "2026-11-23", "2026-11-22", "2026-11-22"),
        ("2026-11-17", "2026-11-23", "2026-11-10", "2026-11-16"),
        ("2026-02-01", "2026-02-28", "2026-01-01", "2026-01-31"),
        ("2026-11-01", "2026-11-30", "2026-10-01", "2026-10-23"),
        ("2026-01-01", "2026-12-31", "2025-01-01", "2025-11-23"),
        ("2025-01-01", "2025-12-31", "2024-01-01", "2024-12-31"),
        ("2026-11-20", "2026-12-05", "2026-11-04", "2026-11-07"),
    ],
)
def test_it_compares_with_the_same_part_of_the_range_before(
    start: str, end: str, before_start: str, before_end: str
) -> None:
    before = previous(_range(start, end))
    assert before is not None
    assert (before.start.isoformat(), before.end.isoformat()) == (before_start, before_end)


def test_a_running_month_is_compared_with_no_more_than_the_month_before() -> None:
    before = previous(Range("month", date(2026, 3, 1), date(2026, 3, 31), date(2026, 3, 31)))
    assert before is not None
    assert before.end == date(2026, 2, 28)


def test_nothing_lies_before_the_earliest_day_or_after_today() -> None:
    assert previous(_range("2000-01-01", "2000-01-07")) is None
    assert shifted(_range("2026-11-17", "2026-11-23"), 1) is None
    assert shifted(_range("2026-11-01", "2026-11-30"), 1) is None


@given(st.integers(0, 3000), st.integers(1, 400), st.integers(-5, 5))
def test_a_shift_and_its_reverse_lead_back(back: int, length: int, steps: int) -> None:
    end = TODAY - timedelta(days=back)
    span = Range("custom", end - timedelta(days=length - 1), end, TODAY)
    there = shifted(span, steps)
    if there is not None and there.unit == span.unit:
        home = shifted(there, -steps)
        assert home is not None
        assert (home.start, home.end) == (span.start, span.end)


@given(st.integers(0, 3000), st.integers(1, 1200), st.sampled_from(INTERVALS[1:]))
def test_buckets_cover_each_day_of_the_range_once(back: int, length: int, interval: str) -> None:
    end = TODAY + timedelta(days=30 - back)
    span = Range("custom", end - timedelta(days=length - 1), end, TODAY)
    days = [
        place.start + timedelta(days=n)
        for place in buckets(span, interval, BERLIN, NOW)
        for n in range((place.end - place.start).days + 1)
    ]
    assert days == [span.start + timedelta(days=n) for n in range(span.days)]


@given(st.integers(1, 3660))
def test_every_range_can_be_cut_up_by_its_own_interval(length: int) -> None:
    span = Range("custom", TODAY - timedelta(days=length - 1), TODAY, TODAY)
    assert span.interval in span.intervals


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 24), ("2026-11-20", 24)])
def test_a_day_has_the_hours_that_its_clock_shows(day: str, hours: int) -> None:
    keys = [place.key for place in buckets(_range(day, day), "hour", BERLIN, NOW)]
    assert len(keys) == len(set(keys)) == hours
    assert "2026-03-29T02" not in keys


def test_the_unfinished_hour_day_week_and_month_are_marked() -> None:
    hours = buckets(_range("2026-11-23", "2026-11-23"), "hour", BERLIN, NOW)
    assert [(place.key[-2:], place.state) for place in hours[12:15]] == [("12", DONE), ("13", RUNNING), ("14", AHEAD)]
    month = _range("2026-11-01", "2026-11-30")
    assert [place.state for place in buckets(month, "day", BERLIN, NOW)][21:24] == [DONE, RUNNING, AHEAD]
    assert [place.state for place in buckets(month, "week", BERLIN, NOW)][-3:] == [DONE, RUNNING, AHEAD]
    year = _range("2026-01-01", "2026-12-31")
    assert [place.state for place in buckets(year, "month", BERLIN, NOW)][-3:] == [DONE, RUNNING, AHEAD]


def test_weeks_are_those_of_the_calendar_and_are_cut_at_the_ends() -> None:
    weeks = buckets(_range("2025-12-31", "2026-01-06"), "week", BERLIN, NOW)
    assert [(week.key, week.start.day, week.end.day) for week in weeks] == [("2026-W01", 31, 4), ("2026-W02", 5, 6)]
