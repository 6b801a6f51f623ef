"""The simulated city's forms: a catalogue by the rules with faults on purpose, and attempts that are plausible."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from itertools import groupby, pairwise

import pytest
from recount_attempts import LEGITIMATE, attempts_of

from tests.test_simulation import between
from tracker.address import clean_text
from tracker.anonymise import NAME_LIMIT
from tracker.codes import CODES
from tracker.record import INTERNAL, STEP, Message, Record
from tracker.services.quality import Seen, flags
from tracker.services.rules import conflicts, problems
from tracker.services.service import Form
from tracker.simulation.city import SERVICES
from tracker.simulation.forms import DOG_TAX, FORMS, RENEWAL
from tracker.simulation.journey import REMOTE
from tracker.simulation.masterdata import FAULTS, ROWS, catalogue
from tracker.store.catalogue import Site

HOST = "marburg.localhost"
Attempts = dict[str, list[list[Message]]]  # form → its attempts


@pytest.fixture(scope="module")
def months() -> list[Record]:
    """Three months of messages about forms."""
    return [row for row in between(date(2026, 8, 1), date(2026, 11, 1)) if row.kind == STEP]


@pytest.fixture(scope="module")
def attempts(months: list[Record]) -> Attempts:
    return _attempts(months, lambda _: True)


def _attempts(records: list[Record], wanted: Callable[[Record], bool]) -> Attempts:
    """The attempts of the visitors; nobody comes on two days, and a second visit of a day is rarely the same form."""
    found: Attempts = {}
    ordered = sorted((row for row in records if wanted(row)), key=lambda row: (row.visitor, row.time))
    for _, run in groupby(ordered, key=lambda row: row.visitor):
        for form, attempt, *_ in attempts_of(list(run)):
            found.setdefault(form, []).append([row.message for _, row in attempt])
    return found


def _lost(attempts: list[list[Message]], step: str) -> float:
    """The share of those who reached a step that gave up there."""
    reached = [attempt for attempt in attempts if any(message.step == step for message in attempt)]
    left = [attempt for attempt in reached if attempt[-1].step == step and not attempt[-1].outcome]
    return len(left) / len(reached)


def test_every_service_is_in_the_catalogue_and_breaks_no_rule() -> None:
    services = catalogue(HOST)
    assert {service.slug for service in services} == {row.slug for row in SERVICES} == set(ROWS)
    assert [rule for service in services for rule in problems(service)] == []
    assert conflicts(services) == []
    assert len({service.leika for service in services}) == len(services)


def test_made_up_keys_cannot_be_taken_for_real_ones() -> None:
    assert {service.leika[:2] for service in catalogue(HOST) if service.leika} == {"00"}


def test_every_service_that_can_be_applied_for_online_has_a_form() -> None:
    assert {row.slug for row in SERVICES if row.online} == set(FORMS)


def test_the_faults_in_the_catalogue_are_found_and_no_others(months: list[Record]) -> None:
    services = catalogue(HOST)
    flagged = flags(services, [Site(1, 1, HOST, "visits", False, "q", None, "Europe/Berlin")], _seen(months))
    kinds = {slug: {flag.kind for flag in found} for slug, found in flagged.items() if found}
    assert kinds == {
        "marktstand": {"leika_missing"},
        "meldebescheinigung": {"paths_shared"},
        "wohnsitz-ummelden": {"paths_shared"},
        "elternbeitrag": {"no_end_page"},
        "kita-platz": {"steps_undeclared"},
    }
    assert set(FAULTS) <= set(kinds)


def _seen(records: list[Record]) -> Seen:
    steps: dict[str, set[str]] = {}
    for record in records:
        message = record.message
        assert message is not None
        steps.setdefault(message.form, set()).update({message.step} - {""})
    ended = {row.message.form for row in records if row.message and row.message.outcome}
    return Seen({row.slug for row in SERVICES}, set(steps), steps, ended)


def test_messages_are_such_as_the_collector_makes(months: list[Record]) -> None:
    for record in months:
        message = record.message
        assert message is not None
        for name in ("outcome", "auth", "assurance", "payment", "payment_status"):
            assert getattr(message, name) in {"", *CODES[name]} - {"other"}
        for text in (message.form, message.step, message.error, message.field):
            assert clean_text(text, NAME_LIMIT) == text
            assert "/" not in text
        assert bool(message.step) != bool(message.outcome)


def test_most_forms_end_in_every_way(attempts: Attempts) -> None:
    ends = Counter(attempt[-1].outcome for runs in attempts.values() for attempt in runs)
    assert ends["submitted"] > ends[""] > ends["ended_not_eligible"] > 0 < ends["error_system"]
    for form, runs in attempts.items():
        rate = sum(attempt[-1].outcome in LEGITIMATE for attempt in runs) / len(runs)
        assert rate == 0 if form == "elternbeitrag" else 0.2 < rate < 0.9


def test_the_costly_loss_is_the_payment_of_the_parking_permit(attempts: Attempts) -> None:
    losses = {slug: _lost(attempts["anwohnerparken"], slug) for slug in ("person", "fahrzeug", "nachweise", "zahlung")}
    assert losses["zahlung"] > 0.3 > 2 * max(loss for slug, loss in losses.items() if slug != "zahlung") - 0.1


def test_an_upload_is_harder_on_a_phone(months: list[Record]) -> None:
    phones, others = (
        _attempts(months, lambda row, want=want: (row.device == "mobile") == want)["wohngeld"] for want in (True, False)
    )
    assert _lost(phones, "nachweise") > _lost(others, "nachweise") + 0.1


def test_people_go_back_make_mistakes_and_have_payments_refused(attempts: Attempts) -> None:
    order = [station.slug for station in DOG_TAX.stations]
    steps = [[order.index(message.step) for message in run if message.step] for run in attempts["hundesteuer"]]
    assert any(later < earlier for run in steps for earlier, later in pairwise(run))
    messages = [message for runs in attempts.values() for run in runs for message in run]
    assert {"chip", "plz", "iban", "nachweis"} <= {message.field for message in messages if message.error}
    assert {"started", "succeeded", "failed"} <= {message.payment_status for message in messages}
    assert {"none", "account_password", "bundid_eid", "bundid_elster", "muk"} <= {row.auth for row in messages}


def test_the_form_server_sends_attempts_of_their_own_and_resumes_some(months: list[Record]) -> None:
    alone = [row for row in months if row.message and row.message.alone]
    assert {row.message.form for row in alone if row.message} == {RENEWAL.slug} == {FORMS[REMOTE].slug}
    assert {(row.page, row.device, row.channel) for row in alone} == {("", "", INTERNAL)}
    assert all(row.message.form != RENEWAL.slug for row in months if row.message and not row.message.alone)
    resumed = [row for row in alone if row.message and row.message.resumed]
    assert 0 < len(resumed) < len({row.visitor for row in alone}) / 10


def test_the_catalogue_declares_the_steps_in_their_order() -> None:
    forms: dict[str, Form] = {form.slug: form for service in catalogue(HOST) for form in service.forms}
    assert [step.slug for step in forms["hundesteuer"].steps] == ["anmeldung", "halter", "hund", "zahlung", "pruefen"]
    assert [step.slug for step in forms["gewerbe"].steps if step.optional] == ["vertretung"]
    assert "rueckfragen" not in [step.slug for step in forms["kita"].steps]
