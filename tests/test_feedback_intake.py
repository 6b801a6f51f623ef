"""POST /feedback: what is kept, what is refused, and why."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.installation import HOST, MARBURG
from tests.saying import ADDRESS, Town
from tracker.feedback.feedback import DETAILS, FOUND, MOMENTS
from tracker.feedback.own import erase
from tracker.feedback.receipt import hash_of
from tracker.feedback.submission import REFUSALS
from tracker.feedback.words import query
from tracker.services.service import Service
from tracker.store.feedback import Setting
from tracker.store.services import Services

TOKEN = "0123456789abcdefghij"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1"  # noqa: E501


@pytest.fixture
def town(tmp_path):
    return Town(tmp_path)


def test_it_keeps_what_was_said(town):
    details = {"easy": 5, "clear": 2}
    answer = town.say(r=4, f="partly", t="Gut zu finden.\r\nAber lange Wartezeit.", m="submitted", l="tr-TR", d=details)
    assert answer.status_code == 201
    kept = town.only()
    said = kept.feedback
    assert (said.day, said.rating, said.found, said.moment) == (20260518, 4, "partly", "submitted")
    assert said.text == "Gut zu finden.\nAber lange Wartezeit."
    assert (said.service, said.category, said.page) == ("hundesteuer", "procedure", "/leistungen/hundesteuer")
    assert (said.device, said.language, said.details) == ("desktop", "tr", details)
    assert (kept.host, kept.status, kept.tags, kept.released) == (HOST, "new", (), False)
    assert kept.municipality_id == town.marburg.id


def test_the_answer_holds_the_receipt_and_the_text_as_kept(town):
    answer = town.say(t="Rufen Sie mich an: 06421 201-0815, Danke")
    assert set(answer.json) == {"receipt", "masked", "text"}
    assert answer.json["masked"] == 1
    assert "0815" not in answer.json["text"]
    assert town.only().feedback.text == answer.json["text"]


def test_nobody_can_store_or_share_the_answer_and_every_page_can_read_it(town):
    for answer in (town.say(r=1), town.say(r=1), town.say(r=1, h="x"), town.post("{")):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
        assert "ETag" not in answer.headers


def test_the_whole_application_answers_too(anyone: FlaskClient):
    body = {"s": HOST, "r": 5, "w": 3000}
    answer = anyone.post("/feedback", data=json.dumps(body), headers={"Origin": f"https://{HOST}"})
    assert answer.status_code == 201
    assert "Set-Cookie" not in answer.headers
    assert anyone.get("/feedback").status_code == 405


def test_a_preflight_is_answered(town):
    answer = town.client.options("/feedback", headers={"Origin": f"https://{HOST}"})
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Methods"] == "POST"
    assert answer.headers["Access-Control-Allow-Headers"] == "content-type"


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"s": "www.nirgends.de"}, "unknown_site"),
        ({"u": "https://www.giessen.de/"}, "foreign_origin"),
        ({"u": "javascript:alert(1)"}, "invalid"),
        ({"u": "/" + "x" * 2001}, "invalid"),
        ({"r": None}, "empty"),
        ({"r": None, "t": " \r\n\t "}, "empty"),
        ({"r": None, "t": "\x00\u202e"}, "empty"),
        ({"r": None, "t": "\u200b \u2060\u3164\n\ufe0f\u034f"}, "empty"),
        ({"r": 0}, "invalid"),
        ({"r": 6}, "invalid"),
        ({"r": 10**30}, "invalid"),
        ({"r": "5"}, "invalid"),
        ({"f": "vielleicht"}, "invalid"),
        ({"d": {"easy": 0}}, "invalid"),
        ({"d": {"income": 3}}, "invalid"),
        ({"i": "short"}, "invalid"),
        ({"i": "x" * 101}, "invalid"),
        ({"t": "ä" * 1201}, "too_long"),
        ({"t": "x" * 20_000}, "too_long"),
        ({"s": ""}, "invalid"),
        ({"s": None}, "invalid"),
    ],
)
def test_it_says_why_it_refuses(town, changed, reason):
    answer = town.say(**{"r": 3, **changed})
    assert answer.json["error"] == reason
    assert answer.status == REFUSALS[reason][0]
    assert answer.json["message"]
    assert town.kept() == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 5000, b'{"s": 1}', b'{"w": NaN}'])
def test_what_cannot_be_read_is_refused(town, body):
    answer = town.post(body)
    assert (answer.status_code, answer.json["error"]) == (400, "invalid")


@pytest.mark.parametrize(
    ("changed", "reason"), [({"h": "https://spam.example"}, "honeypot"), ({"w": 1999}, "too_fast")]
)
def test_machines_hear_nothing_but_thanks(town, changed, reason):
    answer = town.say(r=3, **changed)
    assert (answer.status_code, answer.data) == (202, b"")
    assert answer.headers["X-Zaehlwerk-Dropped"] == reason
    assert town.kept() == []
    assert town.say(r=3).status_code == 201, "a machine takes nobody's turn"


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 201),
        (f"https://{HOST}", 201),
        (f"http://{HOST}:8080", 201),
        ("http://127.0.0.1:8000", 201),
        ("https://www.giessen.de", 403),
        (f"https://{HOST}.evil.example", 403),
        ("https://evil.example:8000", 403),
        ("null", 403),
        ("", 403),
    ],
)
def test_a_page_of_another_site_cannot_post(town, origin, status):
    headers = {} if origin is None else {"Origin": origin}
    assert town.say(headers, r=3).status_code == status


def test_one_a_minute_and_address(town):
    assert town.say(r=3).status_code == 201
    refused = town.say(r=3)
    assert (refused.status_code, refused.json["error"], refused.headers["Retry-After"]) == (429, "rate", "60")
    assert town.say(r=3, address="93.184.216.35").status_code == 201
    town.later(59)
    assert town.say(r=3).status_code == 429
    town.later(2)
    assert town.say(r=3).status_code == 201
    assert len(town.kept()) == 3


def test_a_network_of_ipv6_addresses_is_one_sender(town):
    assert town.say(r=3, address="2001:db8:1:2::1").status_code == 201
    assert town.say(r=3, address="2001:db8:1:2:ffff::9").status_code == 429
    assert town.say(r=3, address="2001:db8:1:3::1").status_code == 201


def test_nobody_gets_another_address_by_a_header(town):
    assert town.say(r=3).status_code == 201
    assert town.say({"X-Forwarded-For": "93.184.216.99"}, r=3).status_code == 429


def test_behind_a_trusted_proxy_its_visitors_are_told_apart(tmp_path):
    town = Town(tmp_path, trusted_proxies="10.0.0.0/8")
    statuses = [
        town.say({"X-Forwarded-For": visitor}, "10.0.0.1", r=3).status_code
        for visitor in ("93.184.216.1", "93.184.216.2", "93.184.216.1")
    ]
    assert statuses == [201, 201, 429]


def test_the_limit_is_a_setting(tmp_path):
    town = Town(tmp_path, feedback_per_minute="3")
    assert [town.say(r=3).status_code for _ in range(4)] == [201, 201, 201, 429]


def test_a_repeated_sending_is_kept_once_and_gets_the_same_answer(town):
    first = town.say(r=2, t="Zu langsam, mein Kennzeichen ist MR-AB 1234", i=TOKEN)
    again = town.say(r=2, t="Zu langsam, mein Kennzeichen ist MR-AB 1234", i=TOKEN, w=99_000)
    assert again.status_code == 201
    assert again.json == first.json
    assert len(town.kept()) == 1
    assert town.say(r=2, t="Zu langsam", i="another" + TOKEN).status_code == 429, "a repetition is no free turn"


def test_the_same_token_with_other_words_is_another_sending(town):
    first = town.say(r=2, i=TOKEN)
    town.later()
    other = town.say(r=3, i=TOKEN)
    assert other.json["receipt"] != first.json["receipt"]
    assert len(town.kept()) == 2


def test_the_same_sending_many_times_at_once_is_kept_once(tmp_path):
    town = Town(tmp_path, feedback_per_minute="100")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: town.say(r=2, t="Doppelt geklickt", i=TOKEN), range(24)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json["receipt"] for answer in answers}) == 1
    assert len(town.kept()) == 1
    assert town.found(query("doppelt")) == [1]


def test_without_a_token_each_sending_is_its_own(town):
    first = town.say(r=2)
    town.later()
    assert town.say(r=2).json["receipt"] != first.json["receipt"]
    assert len(town.kept()) == 2


def test_a_sending_that_was_deleted_does_not_come_back_when_repeated(town):
    receipt = town.say(r=2, t="Doch nicht", i=TOKEN).json["receipt"]
    erase(receipt, {"REMOTE_ADDR": ADDRESS}, town.city.worker)
    again = town.say(r=2, t="Doch nicht", i=TOKEN)
    assert again.json == {"receipt": receipt, "masked": 0, "text": ""}
    assert town.kept() == []


@pytest.mark.parametrize(
    ("sent", "service", "category"),
    [
        ({"v": "hundesteuer", "u": "/"}, "hundesteuer", "procedure"),
        ({"v": "gibt-es-nicht", "u": "/"}, "", "information"),
        ({"v": "gibt-es-nicht"}, "hundesteuer", "procedure"),
        ({"v": "'; drop table feedback; --", "u": ""}, "", "information"),
        ({}, "hundesteuer", "procedure"),
        ({"u": ""}, "", "information"),
        ({"c": "assistance"}, "hundesteuer", "assistance"),
        ({"c": "Unfug"}, "hundesteuer", "procedure"),
    ],
)
def test_service_and_category_come_from_the_catalogue(town, sent, service, category):
    assert town.say(r=3, **sent).status_code == 201
    said = town.only().feedback
    assert (said.service, said.category) == (service, category)


def test_the_category_is_that_of_the_services_setting(town):
    town.feedbacks.save_setting(town.marburg.id, "hundesteuer", Setting("assistance", details=True))
    town.say(r=3)
    assert town.only().feedback.category == "assistance"


def test_the_page_is_cleaned_as_that_of_a_view(town):
    town.say(r=3, u=f"https://{HOST}/antrag/erika@example.org/?token=4711#x")
    assert town.only().feedback.page == "/antrag/:email"


@pytest.mark.parametrize(
    ("sent", "header", "language"),
    [("de-x-leicht", "en", "de"), ("", "uk-UA,uk;q=0.9", "uk"), ("klingonisch", "en-GB", "en"), ("", "", "")],
)
def test_the_language_is_the_forms_or_the_browsers_first(town, sent, header, language):
    town.say({"Accept-Language": header}, r=3, l=sent)
    assert town.only().feedback.language == language


def test_of_the_user_agent_only_the_class_of_the_device_is_kept(town):
    town.say({"User-Agent": PHONE}, r=3)
    assert town.only().feedback.device == "mobile"


def test_do_not_track_does_not_silence_who_wants_to_speak(town):
    assert town.say({"DNT": "1", "Sec-GPC": "1"}, r=3).status_code == 201


def test_half_an_emoji_does_not_cost_the_text(town):
    assert town.post(f'{{"s": "{HOST}", "t": "Danke \\ud83d", "w": 9000}}').status_code == 201
    assert town.only().feedback.text.startswith("Danke")


def test_a_text_may_have_1200_characters_whatever_they_are(town):
    text = "🦮" * 1200
    assert town.say(t=text).status_code == 201
    assert town.only().feedback.text == text


def test_a_text_full_of_placeholders_still_fits(town):
    assert town.say(t="a@b.de " * 171).status_code == 201
    said = town.only().feedback
    assert len(said.text) <= 4000
    assert "@" not in said.text


def test_what_was_said_can_be_searched(town):
    town.say(t="Die Anträge für Führerscheine dauern")
    town.later()
    town.say(t="Alles bestens")
    assert town.found(query("antrag führerschein")) == [1]
    assert town.found(query("BESTENS")) == [2]


def test_a_busy_database_is_said_and_the_turn_is_not_lost(town, monkeypatch):
    monkeypatch.setattr("tracker.store.feedback.PATIENCE", 50)
    town.connection.execute("begin immediate")
    refused = town.say(r=3)
    town.connection.execute("rollback")
    assert (refused.status_code, refused.json["error"], refused.headers["Retry-After"]) == (503, "busy", "5")
    assert town.kept() == []
    assert town.say(r=3).status_code == 201


def test_without_a_database_it_is_busy_and_makes_none(town):
    path = town.city.config.database
    path.rename(path.with_name("away"))
    assert town.say(r=3).status_code == 503
    assert not path.exists()


def test_outcomes_are_counted_by_reason(town):
    town.say(r=3)
    town.say(r=3)
    town.say(r=9)
    town.say(h="x")
    counts = town.city.worker.counters.total()
    assert counts["201", "feedback_kept"] == 1
    assert counts["429", "feedback_rate"] == 1
    assert counts["400", "feedback_invalid"] == 1
    assert counts["202", "feedback_honeypot"] == 1


def test_nothing_links_it_to_a_visit(town):
    town.city.send(u=f"https://{HOST}/leistungen/hundesteuer")
    town.say(r=3)
    town.city.count()
    columns = {row[1] for row in town.connection.execute("pragma table_info(feedback)")}
    assert not {"visit", "visitor", "pseudonym", "time", "created", "country", "browser", "os"} & columns
    assert town.city.keys("page") == {"/leistungen/hundesteuer": 1}, "feedback is no view"


HOSTILE = st.one_of(
    st.text(st.characters(codec=None), max_size=60),
    st.sampled_from(
        ["'; drop table feedback; --", "<script>alert(1)</script>", "=cmd|' /C calc'!A0", "\x00", "\ud800", "﷽" * 50]
    ),
)
VALUES = st.one_of(
    HOSTILE, st.integers(), st.floats(), st.none(), st.booleans(), st.lists(HOSTILE, max_size=3),
    st.dictionaries(HOSTILE, st.integers(), max_size=3),
)  # fmt: skip
SOUND = st.fixed_dictionaries(
    {"s": st.just(HOST), "w": st.just(3000), "r": st.integers(1, 5)},
    optional={
        "v": HOSTILE | st.just("hundesteuer"),
        "c": HOSTILE,
        "u": st.builds(lambda rest: f"https://{HOST}/{rest}", HOSTILE),
        "f": st.sampled_from(FOUND),
        "t": HOSTILE,
        "m": HOSTILE | st.sampled_from(MOMENTS),
        "l": HOSTILE,
        "d": st.dictionaries(st.sampled_from(DETAILS), st.integers(1, 5)),
        "i": st.just(TOKEN),
    },
)
UNSOUND = st.dictionaries(st.sampled_from("svcurftmldwhi"), VALUES, max_size=2)
MESSAGES = st.builds(lambda sound, unsound: {**sound, **unsound}, SOUND, st.just({}) | UNSOUND)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(message=MESSAGES)
def test_whatever_is_sent_it_never_fails(town, message):
    town.later()
    body = json.dumps(message)
    answer = town.post(body)
    assert answer.status_code in (201, 202, 400, 403, 404, 413), answer.text
    if answer.status_code == 201:
        kept = town.feedbacks.by_receipt(hash_of(answer.json["receipt"]))
        assert kept.feedback.text == answer.json["text"]
        assert not any(ord(sign) < 32 and sign != "\n" for sign in kept.feedback.text)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=200), origin=st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=40)
)
def test_whatever_bytes_are_sent_it_never_fails(town, body, origin):
    assert town.post(body, {"Origin": origin}).status_code in (202, 400, 403, 404, 429)


def test_another_municipalitys_service_is_not_taken(town):
    giessen = town.city.catalogue.add_municipality("Gießen", "065310005005")
    assert giessen.ars != MARBURG
    Services(town.connection).add(giessen.id, Service("lahnfest", "Lahnfest"))
    town.say(r=3, v="lahnfest", u="/")
    assert town.only().feedback.service == ""
