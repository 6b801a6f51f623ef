"""Topics of comments: judged on comments as people write them, the same every time, and kept as editors want them."""

import csv
import io
import re
import secrets
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from html import unescape
from random import Random
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner
from comments import COMMENTS, ENGLISH, GERMAN
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from roles import send

from admin.nightly import JOBS
from tracker.calendar import day_number
from tracker.cli import main
from tracker.config import Config
from tracker.errors import ConfigError
from tracker.feedback.feedback import Feedback
from tracker.feedback.topics.build import Comment, Topic, build
from tracker.feedback.topics.phrases import LEAST
from tracker.feedback.topics.words import language_of, runs_of, telling
from tracker.feedback.words import query
from tracker.services.service import Service
from tracker.store import open_database
from tracker.store.catalogue import Catalogue
from tracker.store.feedback import Feedbacks
from tracker.store.feedback_counts import Scope
from tracker.store.inbox import Filter, Inbox
from tracker.store.services import Services
from tracker.store.topics import Mentions, NameTakenError, Topics, build_topics

ARS = "065340014014"
TODAY = datetime.now(ZoneInfo("Europe/Berlin")).date()
ALL = Scope(20000101, 20991231)
HOSTILE = "<img src=x onerror=alert(1)>\"'{{7*7}}"
GIVEN = [Comment(number, each.text, "", each.language) for number, each in enumerate(COMMENTS)]
SUBJECTS = {
    about: {n for n, each in enumerate(COMMENTS) if each.about == about} for about in {c.about for c in COMMENTS}
}
SUBJECTS.pop("")


@pytest.fixture(scope="module")
def topics() -> list[Topic]:
    return build(GIVEN)


def names(found: list[Topic]) -> dict[str, str]:
    return {topic.key: topic.name for topic in found}


def said(texts: list[str], language: str = "de") -> list[Topic]:
    return build([Comment(number, text, "", language) for number, text in enumerate(texts)])


# Quality, judged against a reader's labels


def closeness(one: set[int], other: set[int]) -> float:
    """The F1 of two sets."""
    return 2 * len(one & other) / (len(one) + len(other))


def test_there_are_comments_enough_to_judge_by() -> None:
    assert len(GERMAN) >= 60 and len(ENGLISH) >= 10


def test_it_finds_what_a_reader_finds(topics: list[Topic]) -> None:
    """Every subject has a topic with most of its comments; 0.82 was measured on average, and 0.79 for YAKE."""
    best = {
        about: max(closeness(numbers, set(topic.mentions)) for topic in topics) for about, numbers in SUBJECTS.items()
    }
    assert min(best.values()) >= 0.5, best
    assert sum(best.values()) / len(best) >= 0.8, best


def test_topics_are_about_one_thing(topics: list[Topic]) -> None:
    pure = [
        max(len(numbers & set(topic.mentions)) for numbers in SUBJECTS.values()) / len(topic.mentions)
        for topic in topics
    ]
    assert sum(pure) / len(pure) >= 0.95
    assert min(pure) >= 0.6


def test_topics_have_the_names_that_people_use(topics: list[Topic]) -> None:
    wanted = {
        "Hochladen",
        "Bearbeitungszeit",
        "Öffnungszeiten",
        "Termin im Bürgerbüro",
        "AusweisApp",
        "Behördendeutsch",
    }
    assert wanted <= set(names(topics).values())


# Words


@pytest.mark.parametrize(
    "forms",
    [
        "Anmeldung Anmeldungen anmelden angemeldet",
        "Formular Formulare Formulars Formularen",
        "hochladen hochgeladen hochzuladen Hochladen",
        "bezahlen Bezahlung bezahlt",
        "unverständlich unverständliche unverständlichen",
    ],
)
def test_inflections_and_word_families_share_a_stem(forms: str) -> None:
    assert len({word.stem for run in runs_of(forms, "de") for word in run}) == 1


def test_the_order_of_words_makes_no_other_topic() -> None:
    found = said(
        ["Quittung fürs Parken verloren", "Parken ohne Quittung", "fürs Parken keine Quittung", "Quittung Parken?"]
    )
    assert len(found) == 1 and len(found[0].mentions) == 4


@pytest.mark.parametrize("mask", ["[Name]", "[E-Mail-Adresse]", "[Telefonnummer]", "[name removed]"])
def test_placeholders_are_no_topic(mask: str) -> None:
    assert said([f"{mask} rief an", f"Ich, {mask}, schrieb", f"{mask}", f"an {mask}"]) == []


def test_stop_words_and_praise_are_no_topic() -> None:
    assert said(["Das war sehr gut, danke!"] * 5 + ["This was really great, thank you!"] * 5) == []


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        (
            "de",
            "gedacht denke dachte glaube glaubte geglaubt meine meinte gemeint finde fand gefunden hoffe hoffentlich",
        ),
        ("de", "sage sagen gesagt weiß gewusst vermute vermutet empfinde empfunden fühle gefühlt erwarte erwartet"),
        ("en", "think thought believe felt feel feels hope hoped say said guess know expected expect suppose found"),
    ],
)
def test_verbs_of_opinion_are_no_subject(language: str, forms: str) -> None:
    assert [word.text for run in runs_of(forms, language) for word in run if word.stem] == []


def test_a_memorial_is_a_subject() -> None:
    texts = ["Das Gedenken war würdig.", "Beim Gedenken fehlten Stühle.", "Wann ist das Gedenken?"]
    assert [topic.name for topic in said(texts)] == ["Gedenken"]


def test_a_name_is_the_form_that_people_use_most_often() -> None:
    found = said(["Die Karte wurde abgelehnt"] * 3 + ["Abgelehnt!", "Warum ablehnen?", "Ablehnen?"])
    assert "Abgelehnt" in names(found).values()


def test_fewer_than_three_comments_are_no_topic() -> None:
    assert said(["Die Hundemarke war verbogen."] * (LEAST - 1)) == []
    assert said(["Die Hundemarke war verbogen."] * LEAST) != []


def test_a_word_said_often_in_one_comment_is_no_topic() -> None:
    assert said(["Hundemarke " * 50]) == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Das ist nicht zu verstehen und die Seite ist leer", "de"),
        ("I could not find the form and it was not there", "en"),
        ("Bu form çok uzun ve ne yazık ki bir şey anlamadım", "tr"),
        ("", "de"),
    ],
)
def test_it_knows_the_language_by_its_small_words(text: str, language: str) -> None:
    assert language_of(text.split()) == language


def test_a_search_for_a_topic_has_no_stop_words() -> None:
    assert telling("Hochladen der Unterlagen") == "Hochladen Unterlagen"
    assert telling("Zahlt man überhaupt Steuern") == "Zahlt Steuern"
    assert telling("Was will") == "Was will"


# The same result


def test_the_same_comments_give_the_same_topics_in_any_order(topics: list[Topic]) -> None:
    for seed in range(3):
        shuffled = Random(seed).sample(GIVEN, len(GIVEN))
        assert build(shuffled) == topics


@settings(max_examples=40)
@given(st.lists(st.text(max_size=60) | st.sampled_from([each.text for each in GERMAN[:9]]), max_size=12))
def test_any_text_is_read(texts: list[str]) -> None:
    found = said(texts)
    assert found == said(texts)
    assert all(len(topic.mentions) >= LEAST and 1 <= len(topic.key) <= 200 and topic.name for topic in found)


def test_progress_goes_up_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    build([*GIVEN, *[Comment(1000 + place, "Hallo") for place in range(900)]], lambda *step: told.append(step))
    assert [of for _, of in told] == [3 * 995] * len(told)
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert told[-1] == (3 * 995, 3 * 995)


# Stored topics


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, prepared: bytes) -> bytes:
    """A database in which Marburg has the comments of the last weeks, and its topics."""
    path = tmp_path_factory.mktemp("topics") / "zaehlwerk.db"
    path.write_bytes(prepared)
    connection = open_database(path)
    Services(connection).apply(1, [Service("hund", "Hundesteuer")])
    for number, each in enumerate(COMMENTS):
        day, service = day_number(TODAY - timedelta(number % 25)), service_of(number)
        feedback = Feedback(1, day, "procedure", service, each.rating, text=each.text, language=each.language)
        Feedbacks(connection).add(feedback, secrets.token_bytes(16))
    build_topics(connection, Catalogue(connection).municipality(ARS).id)
    connection.close()
    return path.read_bytes()


def service_of(number: int) -> str:
    return "hund" if number % 2 else ""


@pytest.fixture
def connection(config: Config, filled: bytes) -> Iterator[sqlite3.Connection]:
    config.database.write_bytes(filled)
    connection = open_database(config.database)
    yield connection
    connection.close()


@pytest.fixture
def stored(connection: sqlite3.Connection) -> Topics:
    return Topics(connection, 1)


def by_name(stored: Topics, scope: Scope = ALL) -> dict[str, Mentions]:
    return {topic.name: topic for topic in stored.mentions(scope)}


def writers(connection: sqlite3.Connection) -> int:
    return int(connection.execute("select id from account where email like 'writer%'").fetchone()[0])


def test_stored_topics_are_those_of_the_comments(stored: Topics) -> None:
    built = build([each._replace(number=each.number + 1, service=service_of(each.number)) for each in GIVEN])
    assert {topic.key: (topic.name, topic.number) for topic in stored.mentions(ALL)} == {
        topic.key: (topic.name, len(topic.mentions)) for topic in built
    }


@pytest.mark.parametrize("service", ["", "hund"])
def test_a_service_has_its_own_counts(connection: sqlite3.Connection, stored: Topics, service: str) -> None:
    scope = Scope(20000101, 20991231, service)
    for topic in stored.mentions(scope):
        slow = connection.execute(
            """
            select count(distinct feedback_id)
            from topic_comment join topic on topic.id = topic_id join feedback on feedback.id = feedback_id
            where key = ? and feedback.service = ?
            """,
            (topic.key, service),
        ).fetchone()
        assert (topic.number,) == slow


@pytest.mark.parametrize("days", [1, 7, 30, 400])
def test_sums_of_topics_are_those_of_their_comments(connection: sqlite3.Connection, stored: Topics, days: int) -> None:
    scope = Scope(day_number(TODAY - timedelta(days - 1)), day_number(TODAY))
    connection.execute("delete from feedback where id % 7 = 0")
    connection.execute("update feedback set status = 'spam' where id % 5 = 0")
    slow = connection.execute(
        """
        select key, count(*)
        from topic_comment join topic on topic.id = topic_id join feedback on feedback.id = feedback_id
        where feedback.day between ? and ? and status <> 'spam'
        group by key having count(*) >= 3
        """,
        (scope.first, scope.last),
    ).fetchall()
    assert sorted((topic.key, topic.number) for topic in stored.mentions(scope)) == sorted(slow)


@pytest.mark.parametrize(
    "change", ["delete from feedback", "update feedback set status = 'spam'", "update feedback set text = ''"]
)
def test_what_is_gone_is_no_longer_part_of_a_topic(connection: sqlite3.Connection, stored: Topics, change: str) -> None:
    connection.execute(change)
    assert stored.mentions(ALL) == []
    assert connection.execute("select count(*) from topic_comment").fetchone() == (0,)


def test_typical_comments_are_of_the_topic_and_the_side(stored: Topics) -> None:
    topic = by_name(stored)["Bearbeitungszeit"]
    assert [text for _, text in stored.typical(topic, "high", ALL, 2)] == [
        "Bearbeitungszeit nur drei Tage, ich war positiv überrascht!"
    ]
    low = stored.typical(topic, "low", ALL, 2)
    assert len(low) == 2 and all("earbeitungszeit" in text for _, text in low)


def test_decisions_outlive_a_rebuild(connection: sqlite3.Connection, stored: Topics) -> None:
    found, account = by_name(stored), writers(connection)
    stored.rename(found["Hochladen"].key, "Dateien  hochladen", account)
    stored.merge(found["Upload"].key, found["Hochladen"].key, account)
    stored.silence(found["Schnell"].key, True, account)
    for _ in range(2):
        after = by_name(stored)
        assert "Upload" not in after and "Hochladen" not in after
        together = after["Dateien hochladen"]
        assert together.parts == tuple(sorted((found["Hochladen"].key, found["Upload"].key)))
        assert together.number == found["Hochladen"].number + found["Upload"].number
        assert after["Schnell"].silenced and not together.silenced
        build_topics(connection, 1)
    stored.separate(found["Hochladen"].key, account)
    stored.rename(found["Hochladen"].key, "", account)
    stored.silence(found["Schnell"].key, False, account)
    assert by_name(stored) == found
    changed = connection.execute("select count(*) from topic_choice where account_id = ?", (account,)).fetchone()
    assert changed == (3,)


def test_a_comment_with_both_topics_counts_once(connection: sqlite3.Connection, stored: Topics) -> None:
    found = by_name(stored)
    one, other = found["Hochladen"], found["Unterlagen hochgeladen"]
    stored.merge(other.key, one.key, writers(connection))
    together = by_name(stored)["Hochladen"]
    assert max(one.number, other.number) <= together.number < one.number + other.number


def test_topics_do_not_merge_in_a_circle(connection: sqlite3.Connection, stored: Topics) -> None:
    found, account = by_name(stored), writers(connection)
    one, other, third = (found[name].key for name in ("Hochladen", "Upload", "Termin"))
    stored.merge(one, other, account)
    stored.merge(other, third, account)
    for key, into in ((third, one), (third, third), (one, ""), ("nothing", one), (one, "nothing")):
        with pytest.raises(ConfigError):
            stored.merge(key, into, account)
    assert len(by_name(stored)["Termin"].parts) == 3


@pytest.mark.parametrize("name", ["x" * 81, "ä" * 500])
def test_a_name_has_a_limit(connection: sqlite3.Connection, stored: Topics, name: str) -> None:
    with pytest.raises(ConfigError):
        stored.rename(by_name(stored)["Upload"].key, name, writers(connection))


@pytest.mark.parametrize("name", ["Termin", "termin", " Termin  ", "Anderes", "anderes"])
def test_two_topics_have_no_common_name(connection: sqlite3.Connection, stored: Topics, name: str) -> None:
    found, account = by_name(stored), writers(connection)
    stored.rename(found["Handy"].key, "Anderes", account)
    before = stored.names()
    with pytest.raises(NameTakenError):
        stored.rename(found["Upload"].key, name, account)
    assert stored.names() == before
    stored.rename(found["Handy"].key, "anderes", account)


def test_a_topic_gets_its_own_name_back_only_if_no_other_has_it(connection: sqlite3.Connection, stored: Topics) -> None:
    found, account = by_name(stored), writers(connection)
    stored.rename(found["Upload"].key, "Dateien", account)
    stored.rename(found["Handy"].key, "Upload", account)
    with pytest.raises(NameTakenError):
        stored.rename(found["Upload"].key, "", account)
    stored.rename(found["Handy"].key, "", account)
    stored.rename(found["Upload"].key, "", account)
    assert by_name(stored) == found


def test_merged_topics_may_have_the_name_of_a_part_until_they_are_separated(
    connection: sqlite3.Connection, stored: Topics
) -> None:
    found, account = by_name(stored), writers(connection)
    stored.merge(found["Upload"].key, found["Hochladen"].key, account)
    stored.rename(found["Hochladen"].key, "Upload", account)
    with pytest.raises(NameTakenError):
        stored.separate(found["Hochladen"].key, account)
    assert len(by_name(stored)["Upload"].parts) == 2
    stored.rename(found["Hochladen"].key, "", account)
    stored.separate(found["Hochladen"].key, account)
    assert by_name(stored) == found


def test_a_municipality_has_its_own_topics(connection: sqlite3.Connection) -> None:
    assert Topics(connection, 2).mentions(ALL) == []
    assert build_topics(connection, 2) == 0


# Pages


def test_the_summary_tells_what_low_and_high_ratings_talk_about(
    connection: sqlite3.Connection, colleague: FlaskClient
) -> None:
    text = colleague.get("/admin/feedback/summary?lang=de").text
    low, high = text.partition('id="side-low"')[2].split('id="side-high"')
    assert "Bearbeitungszeit" in low and "Zumutung" in low
    assert "Schnell" in high and "Schnell" not in low


@pytest.mark.parametrize(
    "chosen", ["period=7d", "period=30d&service=hund", "period=7d&service=-", "category=procedure"]
)
@pytest.mark.parametrize("page", ["summary", "summary/topics"])
def test_a_link_to_the_inbox_keeps_range_service_and_category(
    connection: sqlite3.Connection, colleague: FlaskClient, page: str, chosen: str
) -> None:
    links = inbox_links(colleague.get(f"/admin/feedback/{page}?lang=de&{chosen}").text)
    wanted = dict(parse_qsl(chosen))
    days = {"7d": 6, "30d": 29}.get(wanted.pop("period", "30d"), 0)
    wanted |= {"from": str(TODAY - timedelta(days)), "to": str(TODAY), "municipality": ARS, "lang": "de"}
    assert links
    for link in links:
        asked = dict(parse_qsl(urlsplit(link).query))
        assert asked.pop("q")
        assert asked == wanted


def test_a_link_finds_the_comments_that_are_counted(connection: sqlite3.Connection) -> None:
    for text in ("Karte abgelehnt", "Einfach abgelehnt!", "Zweimal abgelehnt ohne Grund"):
        Feedbacks(connection).add(Feedback(1, day_number(TODAY), "procedure", text=text), secrets.token_bytes(16))
    build_topics(connection, 1)
    found, counted = 0, 0
    rows = connection.execute("select key, feedback_id from topic join topic_comment on topic_id = topic.id").fetchall()
    numbers: dict[str, set[int]] = {}
    for key, number in rows:
        numbers.setdefault(key, set()).add(number)
    for topic in Topics(connection, 1).mentions(ALL):
        wanted = Filter(search=query(telling(topic.written)))
        both = {piece.number for piece in Inbox(connection, 1).page(wanted, limit=500)} & numbers[topic.key]
        assert both, topic.name
        found, counted = found + len(both), counted + len(numbers[topic.key])
    assert found >= 0.8 * counted


def inbox_links(text: str) -> list[str]:
    return [unescape(link) for link in re.findall(r'href="(/admin/feedback\?[^"]*q=[^"]*)"', text)]


def decide(client: FlaskClient, **form: str) -> int:
    return send(client, f"/admin/feedback/summary/topics/{ARS}?period=30d", **form).status_code


def test_an_editor_decides_and_a_viewer_does_not(
    connection: sqlite3.Connection, stored: Topics, writer: FlaskClient, colleague: FlaskClient, stranger: FlaskClient
) -> None:
    key = by_name(stored)["Upload"].key
    form = {"key": key, "decision": "rename", "name": HOSTILE}
    assert [decide(client, **form) for client in (colleague, stranger, writer)] == [403, 403, 303]
    text = writer.get("/admin/feedback/summary/topics?lang=de").text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text and "<img src=x" not in text
    assert 'name="decision"' in text and 'name="decision"' not in colleague.get("/admin/feedback/summary/topics").text
    assert decide(writer, key=key, decision="silence") == 303
    assert key not in {row["code"] for row in csv.DictReader(io.StringIO(topics_csv(writer)))}
    assert decide(writer, key=key, decision="hear") == 303
    assert key in {row["code"] for row in csv.DictReader(io.StringIO(topics_csv(writer)))}


@pytest.mark.parametrize("query", ["endpoint=x", "_method=FOO", "_scheme=javascript&_external=1", "_anchor=x"])
def test_an_address_names_its_own_choices_only(
    connection: sqlite3.Connection, stored: Topics, writer: FlaskClient, query: str
) -> None:
    form = {"key": by_name(stored)["Upload"].key, "decision": "rename", "name": "Dateien"}
    response = send(writer, f"/admin/feedback/summary/topics/{ARS}?period=30d&{query}", **form)
    assert response.status_code == 303
    assert response.location == f"/admin/feedback/summary/topics?municipality={ARS}&period=30d&done=topic_changed"


def topics_csv(client: FlaskClient) -> str:
    return client.get("/admin/feedback/summary/topics.csv").text


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"decision": "rename"},
        {"decision": "merge", "key": "upload"},
        {"decision": "merge", "key": "upload", "into": "upload"},
        {"decision": "rename", "key": "upload", "name": "x" * 99},
        {"decision": "drop table", "key": "upload"},
    ],
)
def test_it_refuses_malformed_decisions(
    connection: sqlite3.Connection, writer: FlaskClient, form: dict[str, str]
) -> None:
    assert decide(writer, **form) == 400


def test_a_name_that_is_taken_is_refused_with_a_way_out(
    connection: sqlite3.Connection, stored: Topics, writer: FlaskClient
) -> None:
    form = {"key": by_name(stored)["Upload"].key, "decision": "rename", "name": "Termin"}
    response = send(writer, f"/admin/feedback/summary/topics/{ARS}?lang=de", **form)
    assert response.status_code == 400
    assert "So heißt schon ein Thema. Legen Sie beide zusammen" in response.text
    assert "Upload" in by_name(stored)


def test_hostile_comments_are_texts(connection: sqlite3.Connection, colleague: FlaskClient) -> None:
    for _ in range(4):
        text = f"{HOSTILE} =Alarmknopf ist =Alarmknopf"
        Feedbacks(connection).add(
            Feedback(1, day_number(TODAY), "procedure", rating=1, text=text), secrets.token_bytes(16)
        )
    build_topics(connection, 1)
    for path in ("summary", "summary/topics"):
        text = colleague.get(f"/admin/feedback/{path}").text
        assert "Alarmknopf" in text and "<img src=x" not in text
    assert not [line for line in topics_csv(colleague).splitlines() if line.startswith(("=", '"='))]


# The command and the night


def test_the_command_builds_the_topics_with_progress(connection: sqlite3.Connection, config: Config) -> None:
    connection.execute("delete from topic")
    result = CliRunner().invoke(main, ["feedback", "topics", "--data", str(config.data)])
    assert result.exit_code == 0, result.output
    assert "Marburg: " in result.output and "Gießen: 0 topics." in result.output
    assert Topics(connection, 1).mentions(ALL)


def test_the_command_refuses_an_unknown_municipality(config: Config) -> None:
    result = CliRunner().invoke(
        main, ["feedback", "topics", "--municipality", "000000000000", "--data", str(config.data)]
    )
    assert result.exit_code == 1 and "000000000000" in result.output


def test_the_night_builds_the_topics(connection: sqlite3.Connection, config: Config) -> None:
    connection.execute("delete from topic")
    next(job for job in JOBS if job.name == "topics").run(config, 0.0)
    assert Topics(connection, 1).mentions(ALL)
