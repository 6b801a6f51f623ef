from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.calendar import calendar_of, day_number, whole_periods

days = st.dates(date(2023, 1, 1), date(2028, 12, 31))


@pytest.mark.parametrize(("day", "hours"), [(20260329, 23), (20261025, 25), (20260518, 24)])
def test_days_have_23_24_or_25_hours(day, hours):
    berlin = calendar_of("Europe/Berlin")
    begin = int(
        datetime(day // 10_000, day // 100 % 100, day % 100, tzinfo=ZoneInfo("Europe/Berlin")).timestamp() * 1000
    )
    assert berlin.day_ends(day) - begin == hours * 3_600_000
    moments = [berlin.moment(begin + minute * 60_000) for minute in range(hours * 60)]
    assert {moment.day for moment in moments} == {day}
    assert berlin.moment(berlin.day_ends(day)).day != day


@given(st.integers(0, 4_000_000_000_000), st.sampled_from(["Europe/Berlin", "Asia/Kathmandu", "Pacific/Auckland"]))
def test_moments_are_those_of_the_time_zone(ms, zone):
    local = datetime.fromtimestamp(ms // 1000, ZoneInfo(zone))
    assert calendar_of(zone).moment(ms) == (day_number(local.date()), f"{local.hour:02d}")


@given(days, st.integers(0, 800))
def test_whole_periods_cover_each_day_once(start, length):
    end = start + timedelta(days=length)
    covered = []
    for period in whole_periods(start, end):
        text = str(period)
        covered += [
            day
            for day in (start + timedelta(days=index) for index in range((end - start).days + 1))
            if str(day_number(day)).startswith(text)
        ]
    expected = [start + timedelta(days=index) for index in range((end - start).days + 1)]
    assert sorted(covered) == expected


def test_a_year_is_one_period():
    assert list(whole_periods(date(2025, 1, 1), date(2025, 12, 31))) == [2025]
    assert list(whole_periods(date(2025, 1, 31), date(2025, 3, 1))) == [20250131, 202502, 20250301]
    assert list(whole_periods(date(2025, 1, 2), date(2025, 1, 1))) == []
