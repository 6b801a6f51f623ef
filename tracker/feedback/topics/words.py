"""Comments as runs of words, each with the stem that its inflections and its word family share."""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import simplemma
import snowballstemmer
from stopwordsiso import stopwords

_STEMMERS = {"de": "german", "en": "english", "tr": "turkish", "ar": "arabic", "uk": ""}  # Snowball has no Ukrainian
_LEMMAS = ("de", "en")  # languages whose dictionary of inflected forms is worth its memory
LANGUAGES = tuple(_STEMMERS)

_MASK = re.compile(r"\[[^\[\]\n]{1,60}\]")  # what stands where something personal stood
_RUN = re.compile(r"[^.!?;:,()\[\]{}<>\"„“”«»…|/\\=*\n\r\t–—]+")
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_SHORTEST, _LONGEST = 3, 40  # letters of a word that can be a subject

# Words that stand in every other comment and are no subject by themselves, verbs of opinion among them, beside the stop
# words of the library; "gedacht" is here because the dictionary takes it for a form of "gedenken".
_DULL = {
    "de": """
        aktuell anfangen angeben angeblich ans ansonsten antun aufgeben aufs begeistert bekommen bitte brauchen dank
        danke dauern dauernd denken dreimal durchs eigentlich einfach einzeln empfinden erledigen ermöglichen erwarten
        fehlen fertig finden freuen funktionieren fühlen fürs gebraucht gedacht gefallen genau genug gern geschweige
        gestern glauben halb hallo handeln heißen helfen herunter hinters hoffen hoffentlich insgesamt irgendwie
        jeweils kaum klappen knapp komplett kriegen lassen leider letzte liebe liegen loben manchmal mehrere mehrfach
        meinen melden minute monat morgens möglich müssen nachvollziehbar nehmen niemand nirgends nochmal nochmals
        nächste nötig online paar passieren per perfekt positiv prima problem probleme sache sagen schade schlicht
        schwer schön sehen seite seiten setzen sinn sitzen sobald sofort sogar sollen stehen stellen stimmen stunde
        ständig super tag toll total trotz ums umsonst unmöglich unters vermuten versuch versuchen versuchte via
        vorher vorne vors völlig wahnsinn warten wegen weiterhin wissen witz woche wollen wunderbar wünschen ziemlich
        zumutung zurecht zweimal überhaupt überrascht übers
    """,
    "en": """
        able absolutely already also always amazing bad could day despite excellent expect feel find get give good
        great guess half help helped hope hour impossible lot make many minute month much need never nice nightmare
        nothing online page perfect please possible problem quite really site still suppose thank thanks thing time
        totally try use very want website week well work would year
    """,
}  # fmt: skip


class Word(NamedTuple):
    """One word of a comment. `stem` is "" for words that are no subject; `lemma` as a dictionary writes it."""

    text: str
    lemma: str
    stem: str


def runs_of(text: str, language: str = "") -> Iterator[list[Word]]:
    """The words of a comment between its punctuation; placeholders of what was masked are none.

    `language` (a primary subtag) decides where the words themselves do not tell which one it is.
    """
    runs = [_WORD.findall(run) for run in _RUN.findall(_MASK.sub(" . ", text))]
    spoken = language_of([word for run in runs for word in run], language)
    for run in runs:
        if run:
            yield [word_of(text, spoken) for text in run]


def telling(text: str) -> str:
    """The words of a text that a search can be narrowed by: those that say something; all, where none does."""
    words = _WORD.findall(text)
    dull = _stop_words("de") | _stop_words("en") | _dull("de") | _dull("en")
    return " ".join([word for word in words if word.lower() not in dull] or words)


def language_of(words: list[str], likely: str = "") -> str:
    """The language that most of the words are stop words of; `likely`, else German, where that is not clear."""
    lower = [word.lower() for word in words]
    fallback = likely if likely in LANGUAGES else "de"
    found = {name: sum(word in _stop_words(name) for word in lower) for name in LANGUAGES}
    most = max(found.values())
    return fallback if found[fallback] == most else max(LANGUAGES, key=lambda name: found[name])


@cache
def word_of(text: str, language: str) -> Word:
    """A word with its lemma and stem: "Anmeldungen", "anmelden" and "angemeldet" share one."""
    lemma = simplemma.lemmatize(text, language) if language in _LEMMAS else text
    dull = {text.lower(), lemma.lower()} & (_stop_words(language) | _dull(language))
    fits = _SHORTEST <= len(text) <= _LONGEST
    return Word(text, lemma, "" if dull or not fits else _stem(lemma, language))


def _stem(lemma: str, language: str) -> str:
    name = _STEMMERS[language]
    return str(_stemmer(name).stemWord(lemma.lower())) if name else lemma.lower()


@cache
def _stemmer(name: str) -> "snowballstemmer.stemmer":
    return snowballstemmer.stemmer(name)


@cache
def _stop_words(language: str) -> frozenset[str]:
    return frozenset(stopwords(language))


@cache
def _dull(language: str) -> frozenset[str]:
    return frozenset(_DULL.get(language, "").split())
