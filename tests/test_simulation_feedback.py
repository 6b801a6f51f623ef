"""What people say about the simulated city: deterministic, varied, harmless, and kept as real feedback is."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from random import Random
from sqlite3 import Connection

import pytest
from test_feedback_counts import recounted, shown

from tests.test_simulation import BERLIN, at
from tracker.address import clean_path
from tracker.config import Config
from tracker.feedback.feedback import CATEGORIES, DETAILS, FOUND, MOMENTS, NEW, SPAM, STATUSES, TEXT_LIMIT
from tracker.feedback.masking import PLACEHOLDERS, screen
from tracker.feedback.words import query
from tracker.services.matcher import Matcher
from tracker.simulation.city import SERVICES
from tracker.simulation.feedback import Said, feedback
from tracker.simulation.masterdata import catalogue
from tracker.simulation.office import speaking, write_feedback
from tracker.simulation.voices import HIGH, LOW, MIDDLE, Problem, Profile, voices
from tracker.store import open_store
from tracker.store.answers import Answers
from tracker.store.catalogue import Catalogue, Site
from tracker.store.feedback_counts import DIMENSIONS, FeedbackCounts, Scope
from tracker.store.inbox import Filter, Inbox
from tracker.store.topics import Topics, build_topics

HOST = "marburg.localhost"
FIRST, LAST = date(2025, 10, 23), date(2026, 11, 23)
ALL = Scope(20251023, 20261122)
PERSONAL = re.compile(r"@|\d{5}|\d[ /.-]\d{3,}|Mustermann|Musterstraße|Herrn? Beispiel|https?:|www\.", re.IGNORECASE)


@pytest.fixture(scope="module")
def year() -> list[Said]:
    """Thirteen months of feedback."""
    return list(feedback(1, BERLIN, at(FIRST), at(LAST)))


@pytest.fixture(scope="module")
def comments(year: list[Said]) -> list[Said]:
    return [said for said in year if said.feedback.text]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """A city's database with the thirteen months in it."""
    store = open_store(tmp_path_factory.mktemp("said") / "zaehlwerk.db")
    towns = Catalogue(store.connection)
    towns.add_municipality("Marburg", "065340014014")
    site = towns.add_site(HOST, "065340014014")
    write_feedback(store, site, speaking(site, at(FIRST), at(LAST))(), at(FIRST), at(LAST))
    yield store.connection
    store.close()


def satisfied(year: list[Said], service: str, first: int, last: int) -> float:
    """The share of ratings of 4 and 5 of a service, in days from `first` to `last`."""
    ratings = [
        said.feedback.rating
        for said in year
        if said.feedback.service == service and first <= said.feedback.day <= last and said.feedback.rating
    ]
    return sum(rating >= 4 for rating in ratings) / len(ratings)


def profiles() -> list[Profile]:
    return [*voices().services.values(), *voices().pages.values()]


def test_it_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    begins, ends = at(date(2026, 5, 4)), at(date(2026, 5, 18))
    said = list(feedback(1, BERLIN, begins, ends))
    assert said == list(feedback(1, BERLIN, begins, ends))
    assert said != list(feedback(1, BERLIN, begins, ends, "Gießen"))


def test_it_is_the_same_in_one_piece_or_in_several() -> None:
    begins, ends = at(date(2026, 3, 24)), at(date(2026, 4, 2))
    cuts = [begins, begins + 29 * 3_600_123, begins + 5 * 86_400_000 + 12_345, ends]
    pieces = [said for a, b in pairwise(cuts) for said in feedback(1, BERLIN, a, b)]
    assert pieces == list(feedback(1, BERLIN, begins, ends))
    assert [said.instant for said in pieces] == sorted(said.instant for said in pieces)


def test_it_is_the_same_made_by_a_process_of_its_own(year: list[Said]) -> None:
    site = Site(1, 1, HOST, "visits", False, "", None, "Europe/Berlin")
    assert speaking(site, at(FIRST), at(LAST))() == year


def test_there_is_as_much_as_a_city_of_this_size_gets(year: list[Said], comments: list[Said]) -> None:
    assert 1500 <= len(year) <= 3000
    assert 0.35 < len(comments) / len(year) < 0.6
    assert {said.feedback.service for said in year} == {"", *(service.slug for service in SERVICES)}
    languages = Counter(said.feedback.language for said in year)
    assert languages.most_common(2)[0][0] == "de"
    assert {"en", "tr", "uk", "ar"} <= languages.keys()


def test_it_makes_only_what_the_intake_keeps(year: list[Said]) -> None:
    matcher = Matcher((service.slug, path.removeprefix(HOST)) for service in catalogue(HOST) for path in service.paths)
    for said in year:
        piece = said.feedback
        assert BERLIN.moment(said.instant).day == piece.day
        assert piece.category in CATEGORIES
        assert piece.found in ("", *FOUND)
        assert piece.moment in ("", *MOMENTS)
        assert piece.rating is None or 1 <= piece.rating <= 5
        assert piece.rating or piece.found or piece.text
        assert all(question in DETAILS and 1 <= value <= 5 for question, value in piece.details.items())
        assert len(piece.text) <= TEXT_LIMIT
        assert clean_path(piece.page) == piece.page
        assert not piece.service or piece.service in matcher.services(piece.page)
        assert len(said.receipt) == 32
        assert 0 <= said.rkey < 2**32
    assert len({said.receipt for said in year}) == len(year)


def test_every_comment_went_through_the_masking_and_is_stable_under_it(comments: list[Said]) -> None:
    for said in comments:
        assert screen(said.feedback.text, said.feedback.language).text == said.feedback.text
        assert bool(said.feedback.masked) == any(name in said.feedback.text for name in PLACEHOLDERS)
    assert sum(said.feedback.masked > 0 for said in comments) >= 30


def test_nothing_in_it_looks_like_a_person(comments: list[Said]) -> None:
    assert [said.feedback.text for said in comments if PERSONAL.search(said.feedback.text)] == []


def test_sentences_that_name_nobody_are_left_alone_by_the_masking() -> None:
    said, chance = voices(), Random(1)
    texts = [text for row in profiles() for sentences in row.texts.values() for text in sentences]
    texts += [text for row in profiles() for problem in row.problems for text in problem.texts]
    texts += [text for mood in (LOW, MIDDLE, HIGH) for text in (*said.any[mood], *said.before[mood], *said.after[mood])]
    german = [(said.say(text, chance), "de") for text in texts for _ in range(4)]
    foreign = [
        (said.say(text, chance), code) for code, row in said.languages.items() for mood in row for text in row[mood]
    ]
    assert [text for text, language in german + foreign if screen(text, language).masked] == []


def test_what_names_somebody_is_masked() -> None:
    said, chance = voices(), Random(1)
    texts = [said.say(text, chance) for row in said.personal.values() for text in row for _ in range(4)]
    assert [text for text in texts if not screen(text).masked] == []


def test_hardly_two_comments_look_copied(comments: list[Said]) -> None:
    long = [said.feedback.text for said in comments if len(said.feedback.text) > 40 and not said.spam]
    assert len(long) > 500
    assert len(set(long)) > 0.93 * len(long)
    assert max(len(text) for text in long) > 200


def test_no_sentence_shows_how_it_was_made(comments: list[Said]) -> None:
    said, chance = voices(), Random(2)
    texts = [row.feedback.text for row in comments]
    for row in (said.any, said.before, said.after, said.office, said.personal, *said.languages.values()):
        texts += [said.say(text, chance) for sentences in row.values() for text in sentences]
    assert [text for text in texts if re.search(r"[{}|]|  | [.,?!]|\.\.|,\.|\?\.|:\.", text)] == []


@pytest.mark.parametrize(
    ("service", "problem", "before", "after"),
    [
        ("termin-im-stadtbuero", (20260520, 20260915), (20251101, 20260519), (20260916, 20261122)),
        ("sperrmuell", (20260226, 20260520), (20251101, 20260225), (20260521, 20261122)),
    ],
)
def test_a_problem_is_felt_as_long_as_it_lasts(
    year: list[Said], service: str, problem: tuple[int, int], before: tuple[int, int], after: tuple[int, int]
) -> None:
    meanwhile = satisfied(year, service, *problem)
    assert meanwhile < satisfied(year, service, *before) - 0.1
    assert meanwhile < satisfied(year, service, *after) - 0.25


def test_a_problem_may_last_over_the_turn_of_the_year() -> None:
    winter = Problem("", 1, (1,), ("",), ("",), (12, 17), (1, 14))
    days = [date(2026, 12, 16), date(2026, 12, 17), date(2027, 1, 13), date(2027, 1, 14)]
    assert [winter.holds(day) for day in days] == [False, True, True, False]


def test_each_public_answer_is_about_a_problem_that_is_over() -> None:
    for answer in voices().answers:
        day = date(2026, *answer.day)
        [problem] = [row for row in voices().services[answer.service].problems if row.about == answer.about]
        assert problem.holds(day - timedelta(days=10))
        assert not problem.holds(day)


# In the database


def test_counts_are_those_of_a_recount(kept: Connection, year: list[Said]) -> None:
    counts = FeedbackCounts(kept, 1)
    assert counts.total(ALL).answers == sum(not said.spam for said in year)
    assert shown(counts.by_day(ALL), "day") == recounted(kept, ALL, "day")
    for dim in DIMENSIONS:
        assert shown(counts.by(dim, ALL), dim) == recounted(kept, ALL, dim)
    details = Counter(question for said in year if not said.spam for question in said.feedback.details)
    assert {key: tally.answers for key, tally in counts.details(ALL).items()} == details


def test_every_comment_is_found_by_its_words(kept: Connection, comments: list[Said]) -> None:
    inbox = Inbox(kept, 1)
    assert kept.execute("select count(*) from feedback_search").fetchone() == (len(comments),)
    for word in ("Kreditkarte", "Chipnummer", "backlinks"):
        expected = sum(word.lower() in said.feedback.text.lower() for said in comments)
        assert inbox.count(Filter(search=query(word), hidden=None)) == expected >= 3


def test_the_office_has_worked_on_it(kept: Connection, year: list[Said]) -> None:
    inbox = Inbox(kept, 1)
    assert {status for status in STATUSES if inbox.count(Filter(status=status, hidden=None))} == set(STATUSES)
    assert inbox.count(Filter(status=SPAM, hidden=None)) == sum(said.spam for said in year)
    assert inbox.count(Filter(status=NEW, until=20261001)) == 0
    assert {"zahlung", "hochladen", "termine"} <= set(inbox.tags())
    answered = [piece for piece in inbox.each(Filter()) if piece.handling.answer]
    assert len(answered) > 30
    assert all(piece.day <= (piece.answered or 0) <= 20261123 for piece in answered)


def test_some_answers_are_public_and_one_quotes_a_comment(kept: Connection) -> None:
    published = Answers(kept).published(1)
    assert len(published) >= 3
    [quoting] = [answer for answer in published if answer.released]
    assert quoting.comment is not None
    piece = Inbox(kept, 1).get(quoting.comment)
    assert piece is not None
    assert (piece.text, piece.released, piece.masked) == (quoting.said, 1, 0)


def test_its_topics_are_the_problems(kept: Connection) -> None:
    build_topics(kept, 1)
    found = {topic.name: topic for topic in Topics(kept, 1).mentions(ALL)}
    low = sorted(found.values(), key=lambda topic: -topic.sides.get("low", 0))
    assert {"Termin", "BundID", "Hochladen"} <= {topic.name for topic in low[:6]}


def test_what_is_there_already_is_not_kept_twice(config: Config) -> None:
    store = open_store(config.database)
    site = Catalogue(store.connection).site("www.marburg.de")
    count = "select (select count(*) from feedback), (select count(*) from public_answer)"
    earlier, begins, ends = at(date(2026, 4, 28)), at(date(2026, 5, 1)), at(date(2026, 6, 1))
    write_feedback(store, site, speaking(site, begins, ends)(), begins, ends)
    once = store.connection.execute(count).fetchone()
    write_feedback(store, site, speaking(site, earlier, ends)(), earlier, ends)
    more = speaking(site, earlier, begins)()
    assert store.connection.execute(count).fetchone() == (once[0] + len(more), once[1])
    assert once[1] == 1
    store.close()
