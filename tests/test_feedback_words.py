"""What the full-text search finds, and that no query breaks it."""

import re
import sqlite3
import time

import pytest
from comments import COMMENTS
from hypothesis import given
from hypothesis import strategies as st

from tracker.feedback.words import MOST_WORDS, query, words, words_of_each


@pytest.fixture(scope="module")
def index():
    connection = sqlite3.connect(":memory:")
    connection.execute('create virtual table found using fts5 (words, tokenize = "unicode61 remove_diacritics 2")')
    return connection


def finds(index, text, typed):
    index.execute("delete from found")
    index.execute("insert into found values (?)", (words(text),))
    return bool(index.execute("select 1 from found where words match ?", (query(typed),)).fetchone())


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("Die Anträge waren unverständlich.", "antrag"),
        ("Mein Antrag", "Anträge"),
        ("Parkausweise für Bewohner", "parkausweis bewohner"),
        ("Parkausweis", "Park"),
        ("Straße gesperrt", "strasse"),
        ("Strasse gesperrt", "Straße"),
        ("MÜLL", "müll"),
        ("Müll", "mull"),
        ("Çok güzel", "güzel"),
        ("Дуже добре", "добре"),
        ("خدمة جيدة", "خدمة"),
        ("e\u0301tat", "état"),
        ("E-Mail kam nie an", "e-mail"),
        ("Die Anmeldung", "Anmeldun"),
        ("Sehr verständlich", "verständl"),
        ("Die Bestätigung", "Bestätigun"),
        ("Die Bestaetigungen", "Bestaetigunge"),
        ("Möglichkeiten", "Möglichkei"),
    ],
)
def test_it_finds(index, text, typed):
    assert finds(index, text, typed)


@pytest.mark.parametrize(
    ("text", "typed"), [("Antrag", "Auftrag"), ("Antrag gut", "antrag schlecht"), ("Park", "Parken im Hof")]
)
def test_it_does_not_find(index, text, typed):
    assert not finds(index, text, typed)


@pytest.mark.parametrize("typed", ["", " ", "_", '"', "* - +", "()", "\x00", "\ud800"])
def test_without_a_word_there_is_no_query(typed):
    assert query(typed) == ""


@pytest.mark.parametrize("typed", ['a" OR "b', "NEAR(a b)", "words:a", "a AND", "^a", "a*b", "col:{", "-a", "NOT"])
def test_operators_are_words(index, typed):
    index.execute("select 1 from found where words match ?", (query(typed),)).fetchall()


@given(st.text(max_size=300))
def test_every_text_is_found_by_its_own_words(text):
    connection = sqlite3.connect(":memory:")
    connection.execute('create virtual table found using fts5 (words, tokenize = "unicode61 remove_diacritics 2")')
    if expression := query(text):
        connection.execute("insert into found values (?)", (words(text),))
        assert connection.execute("select 1 from found where words match ?", (expression,)).fetchall()
    connection.close()


GERMAN = st.one_of(
    st.sampled_from(sorted({word for said in COMMENTS for word in re.findall(r"[^\W\d_]{3,}", said.text)})),
    st.builds(
        "".join,
        st.tuples(
            st.sampled_from(["", "ver", "be", "an", "Straßen", "Gebühren", "Kranken", "Bürger", "Ausweis"]),
            st.sampled_from(["meld", "ständ", "stätig", "arbeit", "frei", "sicher", "maß", "kauf", "schön", "muend"]),
            st.sampled_from(
                ["", "ung", "lich", "ig", "isch", "heit", "keit", "igkeit", "lichkeit", "igung", "er", "end"]
            ),
            st.sampled_from(["", "e", "en", "er", "ern", "es", "s", "est", "sten", "eren", "erin", "innen"]),
        ),
    ),
)


@given(GERMAN, st.data())
def test_no_beginning_of_a_word_finds_less_than_the_word(word, data):
    beginning = word[: data.draw(st.integers(3, len(word)))]
    whole, begun = (query(typed).strip('"*') for typed in (word, beginning))
    assert whole.startswith(begun), beginning
    assert words(word).startswith(begun)


def test_a_beginning_finds_no_other_words():
    others = ("Anmerkung", "Anmut", "Annahme", "an", "Ankunft")
    assert [text for text in others if words(text).startswith(query("Anmeldun").strip('"*'))] == []


def test_a_query_is_made_at_once_however_much_is_typed():
    start = time.process_time()
    query("ererererererer " * MOST_WORDS)
    assert time.process_time() - start < 2  # s; a tenth of it on a machine that is not busy


def test_a_query_is_short_however_much_is_typed():
    assert query("wort " * 1000).count("*") == MOST_WORDS


@given(st.lists(st.text(max_size=60), max_size=5))
def test_many_texts_at_once_have_the_same_words_as_one_by_one(texts):
    assert words_of_each(texts) == [words(text) for text in texts]
