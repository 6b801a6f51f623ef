"""Personal data is masked before anything is stored; what is harmless stays."""

from datetime import date
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import iban
from stdnum.iso7064 import mod_11_10

from bench.labelled import Comment, comments, score
from bench.masking import LOOSELY, LOST, STRUCTURED
from tracker.feedback.masking import PLACEHOLDERS, screen

LABELLED = comments()
DOCUMENTATION = Path(__file__).parent.parent / "docs" / "masking.md"
PARTS = {
    "all": LABELLED,
    "held out": [comment for comment in LABELLED if comment.held_out],
}
part = pytest.mark.parametrize("chosen", PARTS.values(), ids=PARTS)


def test_the_set_is_large_and_half_of_it_is_hostile() -> None:
    assert len(LABELLED) >= 300
    assert sum(comment.hostile for comment in LABELLED) * 2 >= len(LABELLED)
    assert {comment.language for comment in LABELLED} == {"de", "en"}


@part
def test_identifiers_with_a_structure_are_masked(chosen: list[Comment]) -> None:
    found, count = score(chosen).structured
    assert found / count >= STRUCTURED


@part
def test_names_and_addresses_are_masked(chosen: list[Comment]) -> None:
    found, count = score(chosen).loose
    assert found / count >= LOOSELY


@part
def test_harmless_text_stays(chosen: list[Comment]) -> None:
    lost, count = score(chosen).harmless
    assert 100 * lost / count <= LOST


@part
def test_the_documentation_states_the_figures(chosen: list[Comment]) -> None:
    documentation = DOCUMENTATION.read_text(encoding="utf-8")
    found = score(chosen)
    for hits, count in (found.structured, found.loose):
        assert f"{hits} of {count} ({hits / count:.3f})" in documentation
    assert f"{100 * found.harmless[0] / found.harmless[1]:.2f} %" in documentation


def test_masking_a_masked_text_changes_nothing() -> None:
    masked = [screen(comment.text, comment.language).text for comment in LABELLED]
    assert [screen(text, comment.language).text for text, comment in zip(masked, LABELLED, strict=True)] == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Schreiben Sie an max@beispielpost.de!", "Schreiben Sie an [E-Mail]!"),
        ("Rufen Sie an: 030 23125-123.", "Rufen Sie an: [Telefon]."),
        ("IBAN DE89 3704 0044 0532 0130 00, danke", "IBAN [IBAN], danke"),
        ("Konto 532013000 bitte", "Konto [Konto] bitte"),
        ("Steuernummer 013/815/08150", "Steuernummer [Steuernummer]"),
        ("Rentennummer 65 170839 J 003", "Rentennummer [Versicherungsnummer]"),
        ("Der Wagen MR-AB 123 parkt", "Der Wagen [Kennzeichen] parkt"),
        ("Ausweis L01X00T47 weg", "Ausweis [Ausweisnummer] weg"),
        ("Az. 32.1-2024/1234 ruht", "Az. [Aktenzeichen] ruht"),
        ("Bahnhofstraße 12, 35037 Marburg", "[Adresse]"),
        ("geb. 3.4.1975", "geb. [Geburtsdatum]"),
        ("siehe https://example.org/x?y=1 dort", "siehe [Link] dort"),
        ("Frau Müller-Lüdenscheidt half", "Frau [Name] half"),
        ("Danke!\n\nMit freundlichen Grüßen\nPetra Schmidt", "Danke!\n\nMit freundlichen Grüßen\n[Name]"),
    ],
)
def test_a_placeholder_says_what_stood_there(text: str, masked: str) -> None:
    assert screen(text) == (masked, 1)


@pytest.mark.parametrize(
    "text",
    [
        "Geöffnet 8-12 Uhr, am 24.12.2026 von 08:00-10:00.",
        "120,50 € nach § 3 Abs. 2, Formular 12a, Hundesteuer 2026, Bus 7, 115, 16,7 %",
        "Die Baustelle in der Bahnhofstraße nervt.",
        "Frau Bürgermeisterin, der Herr im Haus und die Frau am Schalter",
        "Ich heiße das nicht gut. Mein Name ist falsch geschrieben.",
        "Viele Grüße aus dem Waldtal",
        "",
        " \n ",
    ],
)
def test_harmless_words_and_numbers_stay(text: str) -> None:
    assert screen(text) == (text, 0)


@pytest.mark.parametrize(
    "text",
    [
        "ｍａｘ＠ｂｅｉｓｐｉｅｌｐｏｓｔ．ｄｅ",
        "max\u200b@\u2060beispiel\u00adpost.de",
        "max (at) beispielpost [dot] de",
        "max ät beispielpost punkt de",
        "m\u0430x@b\u0435ispielpost.de",
        "DE８９ 3704\u00a00044\u20090532 0130 00",
        "D\u200dE89370400440532013000",
        "٠١٧٦٠٤٠٦٩٠١٢",
        "0176\u20110406\u20119012",
        "max&#64;beispielpost&#x2e;de",
        "max&commat;beispielpost&period;de",
        "%6Dax%40beispielpost%2Ede",
        "max\\u0040beispielpost.de",
        "DE89&nbsp;3704&nbsp;0044&nbsp;0532&nbsp;0130&nbsp;00",
        "0️⃣1️⃣7️⃣6️⃣0️⃣4️⃣0️⃣6️⃣9️⃣0️⃣1️⃣2️⃣",
        "⓿❶❼❻⓿❹⓿❻❾⓿❶❷",
        "0⑴⑺⑹0⑷0⑹⑼0⑴⑵",
        "0176\u280004069012",
        "max<!-- -->@<a href='#'>beispielpost</a>.de",
        "max@\U0001f1fc\U0001f1ea\U0001f1e7.de",
        "+49 (0) 176 / 0406 - 9012",
    ],
)
def test_tricks_of_unicode_and_spelling_do_not_help(text: str) -> None:
    masked = screen(text).text
    assert masked in PLACEHOLDERS


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("<b max@beispielpost.de>", "<b [E-Mail]>"),
        ("<font 017604069012> hallo", "<font [Telefon]> hallo"),
        ('<span title="DE89370400440532013000">x</span>', '<span title="[IBAN]">x</span>'),
        ("&lt;b 017604069012&gt;", "&lt;b [Telefon]&gt;"),
        ("\uff1cb 017604069012\uff1e", "\uff1cb [Telefon]\uff1e"),
        ("<!-- Frau Müller --> hallo", "<!-- Frau [Name] --> hallo"),
        ("Frau M&uuml;ller half", "Frau [Name] half"),
    ],
)
def test_nothing_hides_in_tags_and_references(text: str, masked: str) -> None:
    assert screen(text).text == masked


def test_a_text_stays_as_it_was_written_around_what_is_masked() -> None:
    text = "Zoë\u00a0½ 👩\u200d👧 m² „so“ \u2013 Müller?\r\nmax@beispielpost.de\ttschüß"
    assert screen(text).text == text.replace("max@beispielpost.de", "[E-Mail]")


def test_names_of_the_language_of_the_page_are_known() -> None:
    assert screen("Святослав допоміг мені", "uk").text == "[Name] допоміг мені"


@given(st.text(max_size=1200), st.sampled_from(["de", "en", "tr", "uk", "ar", "", "zz"]))
@settings(max_examples=150, deadline=None)
def test_it_never_raises_and_is_done_at_once(text: str, language: str) -> None:
    once = screen(text, language)
    assert screen(once.text, language) == (once.text, 0)


HINTS = """
    < > <b </b> <!-- --> &#64; &uuml; %40 _ a_
    max @ . - / 0 1 17 DE89 (at) [dot] punkt MR-AB geb. am Str. straße LG Frau Herr Müller Gruß
    [Name] [E-M ail] Az 35037 Marburg Ⅷ ﬁ ² www. : https:// mein Name ist
"""
PIECES = st.sampled_from([*HINTS.split(), "\n", "\t", "\u200b", "\x00", "\ue000"])


@given(st.lists(PIECES, max_size=80), st.sampled_from(["", " "]))
@settings(max_examples=150, deadline=None)
def test_it_is_done_at_once_with_pieces_of_what_it_looks_for(pieces: list[str], between: str) -> None:
    once = screen(between.join(pieces))
    assert screen(once.text) == (once.text, 0)


@pytest.mark.parametrize("piece", ["_", "a_", "01_", "Aa_", "a__", "a.", "a-a_", "<b ", "&#64;", "<!--", "%40", "%c3"])
def test_no_line_to_fill_in_keeps_the_machine_busy(piece: str) -> None:
    begun = process_time()
    screen((piece * 1200)[:1200])
    assert process_time() - begun < 2


def _numbers(*widths: int) -> st.SearchStrategy[list[str]]:
    return st.tuples(*(st.integers(0, 10**width - 1).map(lambda n, w=width: f"{n:0{w}}") for width in widths)).map(list)


LETTERS = "CFGHJKLMNPRTVWXYZ"
WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=12)
SPACES = st.sampled_from(["", " ", "\u00a0", "-"])


@st.composite
def ibans(draw: st.DrawFn) -> str:
    number = "DE00" + "".join(draw(_numbers(18)))
    number = number.replace("DE00", "DE" + iban.calc_check_digits(number), 1)
    return draw(st.sampled_from([number, iban.format(number), iban.format(number, "-"), number.lower()]))


@st.composite
def tax_ids(draw: st.DrawFn) -> str:
    """Ten digits of which one occurs twice, and a check digit."""
    order = draw(st.permutations("123456789"))
    ten = "".join(order) + order[draw(st.integers(0, 7))]
    number = ten + mod_11_10.calc_check_digit(ten)
    return draw(st.sampled_from([number, f"{number[:2]} {number[2:5]} {number[5:8]} {number[8:]}"]))


@st.composite
def cards(draw: st.DrawFn) -> str:
    signs = draw(st.text(LETTERS, min_size=2, max_size=2)), *draw(_numbers(3, 3))
    return f"{draw(st.sampled_from('CFGHJKLNPRTVWXYZ'))}{signs[1]}{signs[0]}{signs[2]}"


IDENTIFIERS = {
    "[E-Mail]": st.builds("{}.{}@{}.{}".format, WORDS, WORDS, WORDS, st.sampled_from(["de", "com", "net", "org"])),
    "[IBAN]": ibans(),
    "[Steuernummer]": tax_ids(),
    "[Telefon]": st.builds("0176{}{}".format, SPACES, _numbers(7).map("".join)),
    "[Kennzeichen]": st.builds(
        "{}-{} {}".format,
        st.sampled_from(["MR", "B", "GI", "LDK", "WÜ", "F"]),
        st.text("ABCDEFGHJKLMN", min_size=1, max_size=2),
        st.integers(1, 9999),
    ),
    "[Versicherungsnummer]": st.builds(
        "{1}{0}{2}{0}{3}{0}{4}".format,
        st.sampled_from(["", " "]),
        st.integers(2, 89).map("{:02}".format),
        st.dates().map("{:%d%m%y}".format),
        st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        st.integers(0, 999).map("{:03}".format),
    ),
    "[Ausweisnummer]": cards(),
    "[Geburtsdatum]": st.dates(date(1900, 1, 1), date(2026, 12, 31)).map("geboren am {:%d.%m.%Y}".format),
    "[Aktenzeichen]": st.builds(
        "Az. {}-{}/{}".format, st.integers(10, 99), st.integers(2015, 2027), st.integers(100, 99999)
    ),
    "[Link]": st.builds("https://{}.{}/{}".format, WORDS, st.sampled_from(["de", "org"]), WORDS),
    "[Adresse]": st.builds("{}straße {}".format, WORDS.map(str.capitalize), st.integers(1, 199)),
}
SENTENCES = st.sampled_from(
    [
        "{}",
        "Bitte prüfen: {}!",
        "Im System steht {} und das ist seit Wochen falsch.",
        "Warum?\n{}\nDanke.",
        "({}) fehlt, sonst super",
        "Guten Tag, zu {}, wie besprochen, keine Antwort. Schade!",
        "Please check {} again.",
    ]
)


@pytest.mark.parametrize("placeholder", IDENTIFIERS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_an_identifier_is_masked_wherever_it_stands(placeholder: str, data: st.DataObject) -> None:
    identifier = data.draw(IDENTIFIERS[placeholder])
    masked = screen(data.draw(SENTENCES).format(identifier)).text
    assert identifier.split()[-1] not in masked
    assert any(known in masked for known in PLACEHOLDERS)
