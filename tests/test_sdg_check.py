"""The check of messages for the gateway: it takes what is right, refuses what is wrong, and says where and why."""

import copy
import json

import pytest

from admin.i18n import texts
from tracker.sdg.check import MOST, RULES, faults
from tracker.sdg.draft import RULES as NOTES
from tracker.services.service import Service

ADDRESS = "https://www.marburg.de/leistungen/hundesteuer"
TRANSFER = {
    "uniqueId": "9f0d2f2e-3d0a-4a53-9d8b-0d3d2f0f5a11",
    "referencePeriod": {"startDate": "2026-01-01T00:00:00Z", "endDate": "2026-01-31T23:59:59Z"},
    "transferDate": "2026-02-02T03:00:00Z",
    "transferType": "API",
    "nbEntries": 1,
}
STATISTICS = {
    **TRANSFER,
    "sources": [
        {
            "source": {
                "sourceUrl": ADDRESS,
                "statistics": [{"deviceType": "Mobile", "nbVisits": 123, "originatingCountry": "DE"}],
            }
        }
    ],
}
FEEDBACK = {
    **TRANSFER,
    "feedbacks": [
        {"feedback": {"category": "Information", "rating": 5, "source": ADDRESS, "foundInformation": "Partly"}}
    ],
}


def checked(kind, transfer, **around):
    message = {"isSDG": True, "content": [transfer], **around}
    return faults(kind, json.dumps({name: value for name, value in message.items() if value is not None}).encode())


def changed(transfer, path, value):
    """A copy with one value set, or taken away by None."""
    found = copy.deepcopy(transfer)
    *parents, last = path
    place = found
    for part in parents:
        place = place[part]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return found


def test_it_takes_the_example_of_the_regulation():
    assert checked("statistics", STATISTICS) == []
    assert checked("feedback", FEEDBACK) == []


@pytest.mark.parametrize("kind", ["statistics", "feedback"])
def test_it_takes_a_named_object_and_the_other_way_to_write_dates(kind):
    transfer = {"statistics": STATISTICS, "feedback": FEEDBACK}[kind]
    plain = changed(transfer, ("transferDate",), "2026-02-02 03:00:00")
    assert faults(kind, json.dumps({"isSDG": True, "anything": plain}).encode()) == []


ROW = ("sources", 0, "source", "statistics", 0)
ITEM = ("feedbacks", 0, "feedback")


@pytest.mark.parametrize(
    ("kind", "path", "value", "rule"),
    [
        ("statistics", ("uniqueId",), None, "missing"),
        ("statistics", ("uniqueId",), "a b", "id"),
        ("statistics", ("uniqueId",), 7, "type"),
        ("statistics", ("referencePeriod", "endDate"), "2026-13-01T00:00:00Z", "date"),
        ("statistics", ("referencePeriod", "endDate"), "31.01.2026", "date"),
        ("statistics", ("referencePeriod", "endDate"), None, "missing"),
        ("statistics", ("transferDate",), "2026-02-02T03:00:00+01:00", "date"),
        ("statistics", ("transferType",), "Fax", "enum"),
        ("statistics", ("nbEntries",), 2, "count"),
        ("statistics", ("nbEntries",), -1, "number"),
        ("statistics", ("nbEntries",), "1", "type"),
        ("statistics", ("comment",), "x", "unknown"),
        ("statistics", ("sources",), None, "missing"),
        ("statistics", ("sources", 0, "source", "sourceUrl"), "javascript:alert(1)", "url"),
        ("statistics", ("sources", 0, "source", "sourceUrl"), "https://www.marburg.de/ä", "url"),
        ("statistics", ("sources", 0, "source", "sourceUrl"), "https://www.marburg.de/a b", "url"),
        ("statistics", ("sources", 0, "source", "sourceUrl"), "/leistungen", "url"),
        ("statistics", ("sources", 0, "source", "statistics"), [], "empty"),
        ("statistics", (*ROW, "deviceType"), "mobile", "enum"),
        ("statistics", (*ROW, "deviceType"), None, "missing"),
        ("statistics", (*ROW, "nbVisits"), 0, "number"),
        ("statistics", (*ROW, "nbVisits"), 1.5, "type"),
        ("statistics", (*ROW, "nbVisits"), True, "type"),
        ("statistics", (*ROW, "originatingCountry"), "GR", "country"),
        ("statistics", (*ROW, "originatingCountry"), "de", "country"),
        ("statistics", (*ROW, "originatingCountry"), "DEU", "country"),
        ("statistics", (*ROW, "originatingCountry"), "", "country"),
        ("statistics", (*ROW, "visitor"), "4711", "unknown"),
        ("feedback", (*ITEM, "helpUsImprove"), "Alles gut", "unknown"),
        ("feedback", (*ITEM, "text"), "", "unknown"),
        ("feedback", (*ITEM, "rating"), 6, "number"),
        ("feedback", (*ITEM, "rating"), 0, "number"),
        ("feedback", (*ITEM, "rating"), None, "missing"),
        ("feedback", (*ITEM, "category"), "information", "enum"),
        ("feedback", (*ITEM, "category"), "Procedure", "const"),
        ("feedback", (*ITEM, "foundInformation"), "partly", "enum"),
        ("feedback", (*ITEM, "source"), "www.marburg.de", "url"),
        ("feedback", ("feedbacks",), {}, "type"),
    ],
)
def test_it_refuses_what_is_wrong(kind, path, value, rule):
    transfer = {"statistics": STATISTICS, "feedback": FEEDBACK}[kind]
    found = checked(kind, changed(transfer, path, value))
    assert rule in [fault.rule for fault in found]
    assert all(not RULES[fault.rule].count("{") or fault.value for fault in found)
    where = "content[0]" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    assert found[0].place in where
    assert "{value}" not in found[0].sentence


def test_it_says_where_and_why():
    wrong = changed(STATISTICS, (*ROW, "originatingCountry"), "GR")
    (fault,) = checked("statistics", wrong)
    assert fault.place == "content[0].sources[0].source.statistics[0].originatingCountry"
    assert fault.sentence == "GR is no country: two capital letters (ISO 3166-1), EL for Greece."


@pytest.mark.parametrize(
    ("around", "rule"),
    [
        ({"isSDG": False}, "const"),
        ({"isSDG": None}, "missing"),
        ({"more": {}}, "other"),
        ({"content": []}, "empty"),
        ({"content": "x"}, "type"),
    ],
)
def test_it_refuses_a_wrong_envelope(around, rule):
    assert rule in [fault.rule for fault in checked("statistics", STATISTICS, **around)]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"\xff", b'{"isSDG": NaN}', b"[" * 100_000, b'"\\ud800"']
)
def test_it_refuses_what_is_no_message(content):
    assert faults("statistics", content)


def test_it_refuses_a_message_over_the_limit_and_tells_not_too_much():
    message = json.dumps({"isSDG": True, "content": [STATISTICS]}).encode()
    assert [fault.rule for fault in faults("statistics", message, len(message) - 1)] == ["size"]
    assert faults("statistics", message, len(message)) == []
    transfer = {**STATISTICS, "sources": [{"source": {"sourceUrl": "x" * 500, "statistics": []}}] * 200}
    found = checked("statistics", transfer)
    assert len(found) <= MOST + 5
    assert all(len(fault.sentence) < 300 for fault in found)


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_fault_and_note_is_said_in_each_language(language):
    known = texts(language)
    wanted = [f"sdg.fault_{rule}" for rule in RULES] + [f"sdg.note_{rule}" for rule in NOTES]
    assert [key for key in wanted if key not in known] == []
    if language == "en":
        assert {rule: known[f"sdg.fault_{rule}"] for rule in RULES} == dict(RULES)
        assert {rule: known[f"sdg.note_{rule}"] for rule in NOTES} == dict(NOTES)


def test_a_service_is_not_marked_by_default():
    assert Service("a", "A").sdg is False
