"""The simulated city: deterministic, in order, plausible, and counted the way real beacons are."""

import time
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest
from recount import differences, recount, stored_cells

from tracker.address import clean_link, clean_path, clean_text
from tracker.calendar import calendar_of
from tracker.config import Config
from tracker.language import LANGUAGES
from tracker.loader import Loader
from tracker.record import BOT, EVENT, INTERNAL, LEAVE, STEP, VIEW, Record
from tracker.simulation.history import write_history
from tracker.simulation.rhythm import easter, expected_visits, is_holiday, letter_echo
from tracker.simulation.simulate import day_begins, simulate
from tracker.source import CHANNELS
from tracker.store import open_store
from tracker.store.catalogue import Catalogue
from tracker.useragent import BROWSERS, SYSTEMS

BERLIN = calendar_of("Europe/Berlin")
DAY = 86_400_000  # ms


def at(day: date) -> int:
    return day_begins(BERLIN, day)


def between(first: date, last: date, seed: str = "Marburg") -> list[Record]:
    return list(simulate(1, BERLIN, at(first), at(last), seed))


@pytest.fixture(scope="module")
def spring() -> list[Record]:
    """Two months with the letter about resident parking, the change to summer time and Easter."""
    return between(date(2026, 2, 1), date(2026, 4, 1))


def share(records: list[Record], **wanted: str) -> float:
    """The share of visits' first views with these values."""
    entries = [row for row in records if row.kind == VIEW and row.channel != INTERNAL]
    return sum(all(getattr(row, name) == value for name, value in wanted.items()) for row in entries) / len(entries)


def test_it_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    day, after = date(2026, 5, 4), date(2026, 5, 6)
    assert between(day, after) == between(day, after)
    assert between(day, after) != between(day, after, "Gießen")


def test_it_is_the_same_in_one_piece_or_in_several() -> None:
    begins, ends = at(date(2026, 3, 28)), at(date(2026, 3, 31))
    cuts = [begins, begins + 7 * 3_600_123, begins + DAY + 12_345, ends]
    pieces = [row for a, b in pairwise(cuts) for row in simulate(1, BERLIN, a, b)]
    assert pieces == list(simulate(1, BERLIN, begins, ends))


def test_it_is_in_the_order_of_time_and_within_its_bounds(spring: list[Record]) -> None:
    times = [row.time for row in spring]
    assert times == sorted(times)
    assert at(date(2026, 2, 1)) <= times[0]
    assert times[-1] < at(date(2026, 4, 1))


def test_nobody_is_the_same_on_two_days(spring: list[Record]) -> None:
    days = {(BERLIN.moment(row.time).day, row.visitor) for row in spring if row.visitor}
    assert len(days) == len({row.visitor for row in spring if row.visitor})


def test_it_makes_only_what_the_collector_makes(spring: list[Record]) -> None:
    assert {row.kind for row in spring} == {VIEW, EVENT, LEAVE, BOT, STEP}
    for row in spring:
        assert not row.page or clean_path(row.page) == row.page
        assert row.channel in {*CHANNELS, ""}
        assert row.device in {"mobile", "tablet", "desktop", "other", ""}
        assert row.browser in {*BROWSERS.values(), ""}
        assert row.os in {*SYSTEMS.values(), ""}
        assert row.language in {*LANGUAGES, ""}
        assert 0 < row.visitor < 2**63 or row.kind == BOT
        assert 0 <= row.rkey < 2**32
        assert bool(row.seconds) == (row.kind == LEAVE)
        assert (row.message is not None) == (row.kind == STEP)
        for name, key in row.keys:
            assert key == {"download": clean_path, "outbound": clean_link}.get(name, clean_text)(key)


def test_its_shares_are_those_of_a_german_city(spring: list[Record]) -> None:
    assert 0.4 < share(spring, channel="search") < 0.55
    assert 0.2 < share(spring, channel="direct") < 0.4
    assert 0.02 < share(spring, channel="administration") < 0.12
    assert 0.005 < share(spring, channel="ai") < 0.06
    assert 0.4 < share(spring, device="mobile") < 0.65
    assert share(spring, country="DE") > 0.9
    assert 0.8 < share(spring, language="de") < 0.92
    assert 0.05 < sum(row.kind == BOT for row in spring) / len(spring) < 0.2


def test_every_service_is_sought_and_the_appointment_most(spring: list[Record]) -> None:
    pages = Counter(row.page for row in spring if row.kind == VIEW and row.page.count("/") == 2)
    services = [page for page, _ in pages.most_common() if page.startswith("/leistungen/")]
    assert len(services) >= 20
    assert {"/leistungen/termin-im-stadtbuero", "/leistungen/anwohnerparken"} == set(services[:2])


def test_the_letter_about_parking_is_a_campaign_of_february() -> None:
    before, after = between(date(2026, 1, 19), date(2026, 2, 2)), between(date(2026, 2, 4), date(2026, 2, 18))
    assert share(before, campaign="anwohnerparken-2026") == 0
    assert share(after, campaign="anwohnerparken-2026") > 0.05
    assert letter_echo(date(2026, 2, 4)) == 1
    assert letter_echo(date(2026, 3, 10)) == 0


def test_mornings_are_busier_than_nights_and_mondays_than_sundays(spring: list[Record]) -> None:
    views = [row for row in spring if row.kind == VIEW]
    hours = Counter(BERLIN.moment(row.time).hour for row in views)
    assert hours["10"] > 8 * hours["03"]
    assert expected_visits(date(2026, 6, 1), 100) > 2 * expected_visits(date(2026, 6, 7), 100)


@pytest.mark.parametrize(
    ("day", "yes"),
    [
        (date(2026, 4, 3), True),  # Good Friday
        (date(2026, 4, 6), True),
        (date(2026, 5, 14), True),
        (date(2026, 5, 25), True),
        (date(2026, 6, 4), True),  # Corpus Christi
        (date(2026, 10, 3), True),
        (date(2026, 4, 7), False),
        (date(2026, 11, 1), False),  # All Saints' is none in Hesse
    ],
)
def test_it_knows_the_holidays_of_hesse(day: date, yes: bool) -> None:
    assert is_holiday(day) == yes


@pytest.mark.parametrize(("year", "day"), [(2024, (3, 31)), (2025, (4, 20)), (2026, (4, 5)), (2038, (4, 25))])
def test_it_knows_easter(year: int, day: tuple[int, int]) -> None:
    assert easter(year) == date(year, *day)


def test_its_rollups_equal_the_slow_recount(config: Config) -> None:
    store = open_store(config.database)
    site = Catalogue(store.connection).site("www.marburg.de")
    until = int(time.time() * 1000)
    since = day_begins(site.calendar, date.fromtimestamp(until / 1000) - timedelta(days=40))
    done: list[int] = []
    write_history(store, config, site, since, until, done.append)
    Loader(store, config, lambda: until / 1000 + 1900).drain()  # what was not ended by then is abandoned
    records = list(simulate(site.id, site.calendar, since, until))
    assert differences(recount(records, {site.id: site.timezone}), stored_cells(store.connection)) == []
    assert sum(done) == until - since
    store.close()


def test_it_leaves_only_the_last_days_open_and_their_facts(config: Config) -> None:
    store = open_store(config.database)
    site = Catalogue(store.connection).site("www.marburg.de")
    until = int(time.time() * 1000)
    write_history(store, config, site, until - 40 * DAY, until)
    days = {row[0] for row in store.connection.execute("select distinct day from visit")}
    assert config.facts_days - 1 <= len(days) <= config.facts_days
    assert len(store.open_days()) <= 2 or time.localtime().tm_hour == 0
    store.close()
