"""The examples of docs/attempts.md, through collector and loader."""

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.installation import HOST, install
from tracker.attempts import advance, begin, contribution
from tracker.codes import CODES
from tracker.reader import WATERMARK
from tracker.record import Message
from tracker.rollups import BY_NAME


@pytest.fixture
def city(tmp_path):
    return install(tmp_path)


def step(city, name, form="hund", **properties):
    answer = city.send(k="step", n=form, p={"step": name, **properties})
    assert answer.status_code == 202
    city.clock.now += 10


def outcome(city, name, form="hund", **properties):
    assert city.send(k="outcome", n=name, p={"form": form, **properties}).status_code == 202
    city.clock.now += 10


def attempts(city, dim):
    """Key without the form → number of attempts, where it is not 0."""
    return {key.removeprefix("hund/"): number for key, number in city.keys(dim, "visits").items() if number}


def silence(city, minutes=31):
    city.count()
    city.clock.now += minutes * 60
    city.count()


def test_the_first_example(city):
    city.send(u="/antrag")
    step(city, "1", of=3)
    step(city, "2")
    step(city, "2", error="invalid", field="rasse")
    step(city, "2")
    step(city, "1")
    step(city, "2")
    step(city, "3")
    outcome(city, "submitted")
    city.count()
    assert attempts(city, "form") == {"hund": 1}
    assert attempts(city, "step") == {"1": 1, "2": 1, "3": 1}
    assert city.keys("step", "events") == {"hund/1": 2, "hund/2": 3, "hund/3": 1}
    assert city.keys("step_back", "events") == {"hund/2": 1}
    assert city.keys("step_error", "events") == {"hund/2/invalid": 1}
    assert city.keys("step_field", "events") == {"hund/2/rasse": 1}
    assert attempts(city, "step_done") == {"1": 1, "2": 1, "3": 1}
    assert attempts(city, "outcome") == {"submitted": 1}
    assert city.keys("step", "seconds")["hund/1"] == 20
    silence(city)
    assert attempts(city, "outcome") == {"submitted": 1}


def test_the_second_example(city):
    city.send(u="/antrag")
    step(city, "1")
    step(city, "2")
    city.count()
    assert attempts(city, "outcome") == {}
    silence(city)
    assert attempts(city, "outcome") == {"abandoned": 1}
    assert attempts(city, "abandoned") == {"2": 1}
    assert attempts(city, "abandoned_device") == {"2/desktop": 1}
    assert attempts(city, "step_done") == {"1": 1}


def test_an_abandonment_is_given_back_when_the_visit_goes_on(city):
    city.send(u="/antrag")
    step(city, "1")
    silence(city, 40)
    assert attempts(city, "outcome") == {"abandoned": 1}
    city.send(u="/antrag", k="leave", d=40 * 60 + 30)
    step(city, "2")
    city.count()
    assert attempts(city, "outcome") == {}
    assert attempts(city, "abandoned") == {}
    outcome(city, "submitted")
    silence(city)
    assert attempts(city, "outcome") == {"submitted": 1}
    assert city.total("visits") == 1


def test_a_later_visit_is_another_attempt(city):
    step(city, "1")
    city.clock.now += 3600
    step(city, "1")
    outcome(city, "submitted")
    city.count()
    assert attempts(city, "form") == {"hund": 2}
    assert attempts(city, "outcome") == {"abandoned": 1, "submitted": 1}


def test_after_a_final_outcome_another_attempt_begins_and_after_a_fault_the_same_goes_on(city):
    step(city, "1")
    outcome(city, "error_system")
    city.count()
    assert attempts(city, "outcome") == {"error_system": 1}
    step(city, "1")
    outcome(city, "submitted")
    step(city, "1")
    city.count()
    assert attempts(city, "form") == {"hund": 2}
    assert attempts(city, "outcome") == {"submitted": 1}


def test_a_day_that_is_closed_leaves_no_open_attempt(city):
    step(city, "1")
    city.count()
    city.clock.now += 2 * 86_400
    city.count()
    city.clock.now += 2
    city.count()
    assert attempts(city, "outcome") == {"abandoned": 1}
    for table in ("open_attempt", "open_visitor", "open_day"):
        assert city.store.connection.execute(f"select count(*) from {table}").fetchone() == (0,)


def test_using_a_form_is_no_bounce_and_seeing_one_is(city):
    city.send(u="/antrag")
    step(city, "1")
    city.count()
    assert city.total("bounces") == 1
    step(city, "1", done=True)
    city.count()
    assert city.total("bounces") == 0
    assert city.total("events") == 0


def test_codes_are_known_or_other_and_cost_no_beacon(city):
    step(city, "1", auth="BundID_eID", assurance="high", payment="kryptogeld", payment_status="failed")
    outcome(city, "geplatzt")
    city.count()
    assert attempts(city, "auth") == {"bundid_eid": 1}
    assert attempts(city, "assurance") == {"high": 1}
    assert attempts(city, "payment") == {"other": 1}
    assert attempts(city, "payment_status") == {"failed": 1}
    assert attempts(city, "outcome") == {"other": 1}


def test_the_picture_counts_steps_without_javascript(city):
    assert city.picture(f"s={HOST}&u=/antrag&k=step&n=hund&p.step=2&p.of=5").status_code == 202
    assert city.picture(f"s={HOST}&u=/danke&k=outcome&n=submitted&p.form=hund").status_code == 202
    city.count()
    assert attempts(city, "step") == {"2": 1}
    assert attempts(city, "outcome") == {"submitted": 1}


def test_level_counts_counts_messages_one_by_one(tmp_path):
    city = install(tmp_path, level="counts")
    step(city, "1")
    step(city, "2")
    step(city, "2")
    outcome(city, "submitted")
    silence(city)
    assert city.keys("step", "events") == {"hund/1": 1, "hund/2": 2}
    assert city.keys("outcome", "events") == {"hund/submitted": 1}
    assert city.keys("form", "visits") == {}
    assert city.store.connection.execute("select count(*) from open_attempt").fetchone() == (0,)


@pytest.mark.parametrize(
    ("beacon", "word"),
    [
        ({"k": "step", "p": {"step": "1"}}, "form"),
        ({"k": "step", "n": "hund"}, "property step"),
        ({"k": "outcome", "n": "submitted"}, "property form"),
        ({"k": "outcome", "p": {"form": "hund"}}, "name n"),
    ],
)
def test_a_message_that_names_no_form_is_refused(city, beacon, word):
    answer = city.post(json.dumps({"s": HOST, "u": "/", **beacon}))
    assert answer.status_code == 400
    assert word in answer.json["error"]


def test_personal_data_in_names_is_masked_and_slashes_do_not_shift_keys(city):
    step(city, "a/b", form="erika@example.org", error="x/y", field="name/vorname")
    city.count()
    assert city.keys("step_error", "events") == {":email/a-b/x-y": 1}
    assert city.keys("step_field", "events") == {":email/a-b/name-vorname": 1}


def test_a_restart_forgets_no_open_attempt(tmp_path):
    city = install(tmp_path)
    step(city, "1")
    city.count()
    again = type(city)(city.config, city.store, city.clock)
    step(again, "2")
    again.clock.now += WATERMARK / 1000
    silence(again)
    assert attempts(again, "form") == {"hund": 1}
    assert attempts(again, "abandoned") == {"2": 1}


def test_every_code_list_knows_other():
    assert all("other" in codes for codes in CODES.values())


STEPS = [("1", False), ("2", True), ("3", False), ("4", True), ("5", False)]  # name, optional


@st.composite
def walks(draw):
    """What an attempt does on a form whose optional steps may be skipped: forward, now and then back, then an end."""
    shown, place = [], 0
    while place < len(STEPS):
        name, optional = STEPS[place]
        if not optional or draw(st.booleans()):
            shown.append(name)
        if shown and draw(st.integers(0, 5)) == 0:
            break
        back = place and draw(st.integers(0, 4)) == 0
        place = max(0, place - 1) if back else place + 1
    end = draw(st.sampled_from(["", "", "submitted", "ended_redirected", "error_system"]))
    return shown, end


@given(st.lists(walks(), min_size=1, max_size=20))
def test_starts_are_the_sum_of_outcomes_and_no_step_is_reached_past_a_required_one(found):
    sums = Counter()
    for shown, end in found:
        attempt = begin(Message("hund", shown[0]), "desktop", 1, 0)
        for number, name in enumerate(shown):
            advance(attempt, Message("hund", name), number * 1000)
        if end:
            advance(attempt, Message("hund", outcome=end), len(shown) * 1000)
        attempt.over = True
        for (dim, key), (attempts_there, _, _) in contribution("hund", attempt).items():
            sums[dim, key.removeprefix("hund/")] += attempts_there
    number = {name: row.number for name, row in BY_NAME.items()}
    outcomes = sum(count for (dim, _), count in sums.items() if dim == number["outcome"])
    assert sums[number["form"], "hund"] == outcomes == len(found)
    reached = {name: sums[number["step"], name] for name, _ in STEPS}
    required = [name for name, optional in STEPS if not optional]
    for place, (name, _) in enumerate(STEPS):
        before = [earlier for earlier, _ in STEPS[:place] if earlier in required]
        assert all(reached[name] <= reached[earlier] for earlier in before)
    abandoned = sum(count for (dim, _), count in sums.items() if dim == number["abandoned"])
    assert abandoned == sums[number["outcome"], "abandoned"]
