"""What the full-text search finds, and that no query breaks it."""

import sqlite3

import pytest
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


def test_a_query_is_short_however_much_is_typed():
    assert query("wort " * 1000).count("*") == MOST_WORDS


@given(st.lists(st.text(max_size=60), max_size=5))
def test_many_texts_at_once_have_the_same_words_as_one_by_one(texts):
    assert words_of_each(texts) == [words(text) for text in texts]
