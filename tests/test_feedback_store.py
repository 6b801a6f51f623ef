"""How feedback is kept: settings, retention, and what goes with what."""

import sqlite3
from datetime import date

import pytest

from tests.installation import GIESSEN, NOON
from tests.saying import Town
from tests.test_privacy import bytes_on_disk
from tracker.errors import StoreError
from tracker.feedback.feedback import OPEN, Feedback
from tracker.feedback.words import query
from tracker.retention import purge, same_day_before
from tracker.store.feedback import Arrival, Setting


@pytest.fixture
def town(tmp_path):
    return Town(tmp_path)


def keep(town, day, number=1, **said):
    """A piece of a day."""
    given = {"category": "procedure", "rating": 2, "text": f"Dauert zu lange am {day}", **said}
    return town.feedbacks.add(Feedback(1, day, **given), bytes([number]) * 32)


def test_the_default_setting_is_a_procedure_for_services_and_information_elsewhere(town):
    assert town.feedbacks.setting(town.marburg.id, "hundesteuer") == Setting("procedure")
    assert town.feedbacks.setting(town.marburg.id, "") == Setting("information")


def test_a_setting_belongs_to_one_service_of_one_municipality(town):
    giessen = town.city.catalogue.add_municipality("Gießen", GIESSEN)
    town.feedbacks.save_setting(town.marburg.id, "hundesteuer", Setting("assistance"))
    town.feedbacks.save_setting(town.marburg.id, "hundesteuer", Setting("information", details=True))
    assert town.feedbacks.setting(town.marburg.id, "hundesteuer") == Setting("information", details=True)
    assert town.feedbacks.setting(giessen.id, "hundesteuer") == Setting("procedure")
    assert town.feedbacks.setting(town.marburg.id, "anderes") == Setting("procedure")
    with pytest.raises(sqlite3.IntegrityError):
        town.feedbacks.save_setting(town.marburg.id, "", Setting("Unfug"))


def test_a_receipt_is_given_once(town):
    keep(town, 20260518)
    with pytest.raises(sqlite3.IntegrityError):
        keep(town, 20260518)
    assert town.connection.execute("select count(*) from feedback_search").fetchone() == (1,)


def test_what_cannot_be_kept_leaves_nothing_behind(town):
    with pytest.raises(sqlite3.IntegrityError):
        keep(town, 20260518, details={"easy": 9})
    assert town.kept() == []
    assert town.found(query("dauert")) == []


def test_many_pieces_are_kept_at_once_and_what_is_known_is_left_as_it_is(town):
    first = keep(town, 20260518)
    rows = [
        Arrival(Feedback(1, 20260519, "procedure", text=f"Antrag {n}"), bytes([n]) * 32, n, OPEN) for n in (1, 2, 3)
    ]
    assert town.feedbacks.add_all(rows) == [None, first + 1, first + 2]
    assert [(kept.status, kept.feedback.day) for n in (1, 2) if (kept := town.feedbacks.get(first + n))] == [
        ("open", 20260519)
    ] * 2
    assert town.found(query("Anträge")) == [first + 1, first + 2]


def test_many_pieces_are_kept_all_or_none(town):
    rows = [Arrival(Feedback(site, 20260519, "procedure", rating=3), bytes([site]) * 32, 0) for site in (1, 99)]
    with pytest.raises(StoreError):
        town.feedbacks.add_all(rows)
    assert town.kept() == []


def test_a_site_that_was_just_removed_gets_no_feedback(town):
    town.city.catalogue.remove_site("www.marburg.de")
    assert town.say(r=3).status_code == 503, "a moment later it is a site that is not registered"
    assert town.kept() == []
    town.city.worker.refresh()
    assert town.say(r=3).status_code == 404


def test_there_is_nothing_to_get_or_erase_where_nothing_is(town):
    assert town.feedbacks.get(1) is None
    assert town.feedbacks.by_receipt(b"x") is None
    assert not town.feedbacks.erase(1)


def test_record_keys_are_random_and_have_32_bits(town):
    for number in range(50):
        keep(town, 20260518, number)
    keys = [row[0] for row in town.connection.execute("select rkey from feedback")]
    assert len(set(keys)) == 50
    assert all(0 <= key < 2**32 for key in keys)
    assert max(keys) > 2**28


def test_texts_go_after_a_year_and_ratings_stay(town, tmp_path):
    old, young = keep(town, 20250517, 1), keep(town, 20250518, 2)
    town.connection.execute("update feedback set note = 'Vermerk vom 17.5.', answer = 'Danke', status = 'answered'")
    gone = purge(town.city.store, town.city.config, NOON)
    assert (gone["feedback"], gone["feedback_texts"]) == (0, 1)
    emptied, whole = town.feedbacks.get(old), town.feedbacks.get(young)
    assert (emptied.feedback.text, emptied.note, emptied.text_deleted) == ("", "", True)
    assert (emptied.feedback.rating, emptied.answer, emptied.status) == (2, "Danke", "answered")
    assert whole.feedback.text == "Dauert zu lange am 20250518"
    assert town.found(query("dauert")) == [young]
    assert purge(town.city.store, town.city.config, NOON)["feedback_texts"] == 0
    stored = b"".join(content for _, content in bytes_on_disk(tmp_path))
    assert b"20250518" in stored
    assert b"20250517" not in stored


def test_how_long_texts_stay_is_a_setting(tmp_path):
    town = Town(tmp_path, feedback_text_months="3")
    keep(town, 20260217, 1)
    keep(town, 20260218, 2)
    assert purge(town.city.store, town.city.config, NOON)["feedback_texts"] == 1


def test_feedback_goes_with_the_counts(town):
    keep(town, 20240331, 1)
    young = keep(town, 20240401, 2)
    assert purge(town.city.store, town.city.config, NOON)["feedback"] == 1
    assert [kept.number for kept in town.kept()] == [young]


def test_words_of_a_removed_site_go_at_night(town, tmp_path):
    keep(town, 20260518, text="unverwechselbar")
    town.city.catalogue.remove_site("www.marburg.de")
    purge(town.city.store, town.city.config, NOON, texts=True)
    town.city.store.checkpoint()
    assert b"verwechselbar" not in b"".join(content for _, content in bytes_on_disk(tmp_path))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [("2026-05-18", 12, "2025-05-18"), ("2024-02-29", 12, "2023-02-28"), ("2026-03-31", 1, "2026-02-28")],
)
def test_months_are_calendar_months(day, months, expected):
    assert same_day_before(date.fromisoformat(day), months).isoformat() == expected
