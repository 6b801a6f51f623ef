import re
import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.address import (
    _clean_path_once,
    _is_ordinary,
    clean_link,
    clean_path,
    clean_text,
    host_of,
    query_params,
    split,
)

EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE)

KEPT = """
/
/anwohnerparken-beantragen
/personalausweis
/bebauungsplan-26-4
/formular-4-2026
/buergerservice/dienstleistungen/hundesteuer-anmelden
/rathaus/stadtverwaltung/fachdienste
/aktuelles/2026/05/17/neue-sporthalle
/aktuelles/2026-05-17-neue-sporthalle
/termine/17.05.2026
/termine/2026-05-17
/termine/20260517
/haushalt-2026-2027
/satzungen/hauptsatzung-2024.pdf
/downloads/merkblatt_wohngeld_2026.pdf
/media/custom/2841_1234_1.PDF
/portal/seiten/index.html
/index.php
/de/rathaus/index.php
/kita-1-bis-3-2026
/stadtteile/cappel/35
/covid19
/covid19-regelungen
/covid19regelungenhessen
/100-jahre-stadtfest
/schritt-3-von-7
/antrag/schritt/3
/antrag/3/pruefen
/service/A38
/formulare/A4
/strassen/b3a-umfahrung
/wahl/2026
/kommunalwahl-2026
/bundestagswahl-2025/wahlbezirk-101
/bauleitplanung/bplan-nr-12-3-aenderung-2026
/grundstuecksverkehrsgenehmigungszustaendigkeitsuebertragungsverordnung
/leistungen/kfz-zulassung-i-kfz-stufe-4
/i-kfz
/e-rezept
/kennzeichen-reservieren
/magazin/platz-der-weissen-rose
/Buergerservice/Anwohnerparken
/BuergerService/FormularCenter.aspx
/Rathaus/Formular2026Neu.aspx
/DE/Home/home_node.html
/leistungsverzeichnis/99036008012000-buergergeld
/sprache/en
/@stadtmarburg
/tag/klima+umwelt
/oeffnungszeiten/mo-fr-8-12
/plan/1.2.3
/v1.2/doku
/din-276
/paragraph-34-baugb
/rundgang-360
/telefon/115
/notruf/112
/straße-umbenennen
/bürgerbüro/öffnungszeiten
/q&a
/wlan-hotspots-2
/aktuelles/seite-12
/leistung/99036008012000
""".strip().splitlines()

REPLACED = """
/akte/32-2-AZ-2026-004711 /akte/:file
/akte/AZ%2012/345/26 /akte/:file
/akte/az-12-345-26/status /akte/:file/status
/vorgang/Aktenzeichen-4711-2026 /vorgang/:file
/bauakte/63-1234-2026 /bauakte/:file
/antrag/BA-2026-0815 /antrag/:file
/antrag/2026-WG-04711 /antrag/:file
/antrag/2026-004711 /antrag/2026-:id
/kasse/kassenzeichen-123.456.789 /kasse/:file
/urteil/3%20K%201234/26 /urteil/:file
/antrag/4711815 /antrag/:id
/antrag/12345/bearbeiten /antrag/:id/bearbeiten
/buergerbuero-35037 /buergerbuero-:id
/portal/seiten/anwohnerparken-900000123-26030.html /portal/seiten/anwohnerparken-:id-:id.html
/konto/19870412 /konto/:id
/feedback/max.mustermann@stadt.example /feedback/:email
/feedback/max.mustermann%40stadt.example /feedback/:email
/feedback/max.mustermann%2540stadt.example /feedback/:email
/feedback/max(at)stadt.example /feedback/:email
/mailto:max@stadt.example /:email
/abmelden/m%C3%BCller@stra%C3%9Fe.example/ok /abmelden/:email/ok
/max＠stadt.example /:email
/tel/06421-201-0 /tel/:phone
/tel/06421%20201-1234 /tel/:phone
/tel:+4964212011234 /tel::phone
/tel/+49-6421-2010 /tel/:phone
/tel/0049%206421%202010 /tel/:phone
/tel/0172-1234567 /tel/:phone
/tel/01721234567 /tel/:phone
/tel/(06421)%20201234 /tel/:phone
/konto/DE89370400440532013000 /konto/:iban
/konto/de89370400440532013000 /konto/:iban
/konto/DE89%203704%200044%200532%200130%2000 /konto/:iban
/konto/DE89-3704-0044-0532-0130-00/x /konto/:iban/x
/konto/GB29%20NWBK%206016%201331%209268%2019 /konto/:iban
/konto/NL91ABNA0417164300 /konto/:iban
/karte/4111%201111%201111%201111 /karte/:id
/x/550e8400-e29b-41d4-a716-446655440000 /x/:token
/x/550E8400E29B41D4A716446655440000 /x/:token
/x/{550e8400-e29b-41d4-a716-446655440000} /x/{:token}
/antrag-550e8400-e29b-41d4-a716-446655440000-status /antrag-:token-status
/s/5f2b8c9d1e3a4b6c /s/:token
/s/dQw4w9WgXcQ-abc_D3fGh1 /s/:token
/s/k3j9x2m4p8q7w5z1 /s/:token
/s/AbCdEfGhIjKlMnOpQr /s/:token
/t/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0 /t/:token.:token
/rathaus/ /rathaus
/rathaus// /rathaus
//rathaus///amt /rathaus/amt
/antrag;jsessionid=0A1B2C3D4E5F /antrag
/antrag;jsessionid=0A1B2C3D4E5F/schritt/2 /antrag/schritt/2
/antrag%3Bjsessionid=0A1B /antrag
/stra%C3%9Fe-umbenennen /straße-umbenennen
/T%C3%BCr%FF /Tür%FF
/100%25 /100%
/was%3F /was%3F
/c%23 /c%23
/a%00b%0D%0Ac /abc
/ab%E2%80%AEcd /abcd
/ab\u200bcd /abcd
""".strip().splitlines()


@pytest.mark.parametrize("path", KEPT)
def test_it_keeps_readable_paths(path: str) -> None:
    assert clean_path(path) == path


@pytest.mark.parametrize("row", [row for row in REPLACED if " " in row])
def test_it_replaces_what_is_personal(row: str) -> None:
    path, _, expected = row.partition(" ")
    assert clean_path(path.replace("\\u200b", "\u200b")) == expected


def test_the_table_is_large() -> None:
    assert len(KEPT) + len(REPLACED) >= 110


PIECES = st.sampled_from(
    ["/", "//", "%", "%25", "%2", "40", "%C3", "%a4", ";", "?", "#", "@", "(at)", "az", "AZ-", "1", "12", "0172",
     "2026", "-", ".", "_", " ", "+", "de89", "3704", "0044", "a", "straße", "\u202e", "\u200b", "\x00", "Ａ", "١٢٣٤٥",
     "\udcff", "\ud800", "½", "a1B2", "ffff", ":id", ":email"]
)  # fmt: skip
ANY_TEXT = st.text(max_size=200) | st.lists(PIECES, max_size=60).map("".join)


@given(ANY_TEXT)
def test_cleaning_a_path_is_idempotent_and_never_raises(path: str) -> None:
    cleaned = clean_path(path)
    assert clean_path(cleaned) == cleaned
    assert cleaned.startswith("/")
    assert len(cleaned) <= 500
    assert not re.search("[?#;\x00-\x1f\u202a-\u202e]|//", cleaned)
    cleaned.encode("utf-8")


WORDS = st.sampled_from(["rathaus", "plan", "ba", "de", "1", "12", "345", "01", "0", "2026", "1999", "4711", "a", "b3"])


@given(st.lists(st.tuples(st.sampled_from("/-_."), WORDS), min_size=1, max_size=8))
def test_the_short_cut_for_ordinary_paths_agrees_with_the_masks(parts: list[tuple[str, str]]) -> None:
    path = "/x" + "".join(separator + word for separator, word in parts)
    if _is_ordinary(path):
        assert _clean_path_once(path) == path


@given(ANY_TEXT, st.sampled_from([10, 120]))
def test_cleaning_a_text_is_idempotent_and_never_raises(text: str, limit: int) -> None:
    cleaned = clean_text(text, limit)
    assert clean_text(cleaned, limit) == cleaned
    assert len(cleaned) <= limit
    assert cleaned == cleaned.strip()
    cleaned.encode("utf-8")


@given(ANY_TEXT)
def test_the_other_functions_take_anything(text: str) -> None:
    assert clean_link(clean_link(text)) == clean_link(text)
    assert set(query_params(text, "q")) <= {"q", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"}
    assert re.fullmatch(r"[a-z0-9_.-]*", host_of(text))
    try:
        host, path, _ = split(text, "stadt.example")
    except ValueError as error:
        assert "must be" in str(error)
    else:
        assert host
        assert path.startswith("/")


AROUND = st.sampled_from(["", "/", "-", ".", "_", "x", "antrag-", "-status", "1", " ", "ä", "=", ":", "%20"])


@given(st.emails(domains=st.sampled_from(["stadt.example", "a-b.de"])), AROUND, AROUND, st.booleans())
def test_no_email_address_passes(email: str, before: str, after: str, encoded: bool) -> None:
    shown = quote(email, safe="") if encoded else email
    assert not EMAIL.search(clean_path(f"/{before}{shown}{after}"))
    assert not EMAIL.search(clean_text(f"{before} {email} {after}"))


@given(st.uuids(), AROUND, AROUND, st.booleans(), st.booleans())
def test_no_uuid_passes(uuid: object, before: str, after: str, upper: bool, dashes: bool) -> None:
    shown = str(uuid) if dashes else str(uuid).replace("-", "")
    shown = shown.upper() if upper else shown
    assert not UUID.search(clean_path(f"/{before}{shown}{after}"))
    assert not UUID.search(clean_text(f"{before}{shown}{after}"))


@given(st.from_regex(r"DE\d{2}[0-9]{18}", fullmatch=True), AROUND, AROUND, st.sampled_from(["", " ", "-", "%20", "."]))
def test_no_iban_passes(iban: str, before: str, after: str, gap: str) -> None:
    shown = gap.join(re.findall(".{1,4}", iban))
    left = re.sub("[^0-9]", "", clean_path(f"/{before}{shown}{after}"))
    assert iban[4:10] not in left
    assert iban[12:20] not in left


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.marburg.de/a/b?x=1#y", ("www.marburg.de", "/a/b", "x=1")),
        ("HTTP://WWW.Marburg.DE", ("www.marburg.de", "/", "")),
        ("https://www.marburg.de?x=1", ("www.marburg.de", "/", "x=1")),
        ("https://www.marburg.de#top", ("www.marburg.de", "/", "")),
        ("https://www.marburg.de:8443/a", ("www.marburg.de", "/a", "")),
        ("https://max:geheim@www.marburg.de/a", ("www.marburg.de", "/a", "")),
        ("https://www.marburg.de./a", ("www.marburg.de", "/a", "")),
        ("https://xn--mnchen-3ya.example/a", ("xn--mnchen-3ya.example", "/a", "")),
        ("/a/b?x=1#y", ("stadt.example", "/a/b", "x=1")),
        ("/", ("stadt.example", "/", "")),
    ],
)
def test_it_splits_addresses(url: str, expected: tuple[str, str, str]) -> None:
    assert split(url, "stadt.example") == expected


@pytest.mark.parametrize(
    "url",
    ["", "junk", "?x=1", "#top", "javascript:alert(1)", "ftp://stadt.example/", "https://", "https:///a",
     "https://[::1]/", "https://a b/", "https://stadt.example\\@evil.example/", "mailto:max@stadt.example"],
)  # fmt: skip
def test_it_refuses_what_is_no_address(url: str) -> None:
    with pytest.raises(ValueError, match="must be an http or https URL"):
        split(url, "stadt.example")
    assert host_of(url) == ""
    assert clean_link(url) == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Antrag abgeschickt", "Antrag abgeschickt"),
        ("Schritt 3 von 7", "Schritt 3 von 7"),
        ("  zwei\n  Zeilen\t", "zwei Zeilen"),
        ("a\x00b\u202ec", "abc"),
        ("Mail an max.mustermann@stadt.example bitte", "Mail an :email bitte"),
        ("Tel. 06421/2011234", "Tel. :phone"),
        ("Tel. +49 (0)6421 201-0", "Tel. :phone"),
        ("IBAN DE89 3704 0044 0532 0130 00.", "IBAN :iban."),
        ("Az. 32.1 - 12/345/26", ":file"),
        ("AZ 12/345/26", ":file"),
        ("17.05.2026", "17.05.2026"),
        ("Betrag 12,50 EUR", "Betrag 12,50 EUR"),
        ("", ""),
    ],
)
def test_it_cleans_texts(text: str, expected: str) -> None:
    assert clean_text(text) == expected


def test_a_text_is_cut_at_its_limit() -> None:
    assert clean_text("ab " * 100, 8) == "ab ab ab"
    assert clean_path("/" + "ab-" * 400).startswith("/ab-ab")


@pytest.mark.parametrize(
    ("query", "search", "expected"),
    [
        ("", None, {}),
        ("id=4711&sid=abc", None, {}),
        ("q=hundesteuer", None, {}),
        ("q=hunde+steuer&x=1", "q", {"q": "hunde steuer"}),
        ("tx_search%5Bq%5D=parken", "tx_search[q]", {"tx_search[q]": "parken"}),
        ("q=max%40stadt.example", "q", {"q": ":email"}),
        ("utm_source=flyer&utm_campaign=Sommer%202026&gclid=abc", None,
         {"utm_source": "flyer", "utm_campaign": "Sommer 2026"}),
        ("utm_source=a&utm_source=b", None, {"utm_source": "a"}),
        ("utm_source=&utm_medium=%00", None, {}),
        ("utm_content=550e8400-e29b-41d4-a716-446655440000", None, {"utm_content": ":token"}),
        ("utm_evil=1", None, {}),
    ],
)  # fmt: skip
def test_it_keeps_only_listed_parameters(query: str, search: str | None, expected: dict[str, str]) -> None:
    assert query_params(query, search) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.bund.de/a/b.pdf?token=1#x", "https://www.bund.de/a/b.pdf"),
        ("HTTP://User:pw@WWW.Bund.de:80/", "http://www.bund.de/"),
        ("https://www.bund.de", "https://www.bund.de/"),
        ("https://www.bund.de/akte/4711815", "https://www.bund.de/akte/:id"),
        ("tel:+4964212010", ""),
        ("javascript:alert(1)", ""),
    ],
)
def test_a_link_keeps_scheme_host_and_cleaned_path(url: str, expected: str) -> None:
    assert clean_link(url) == expected


@pytest.mark.parametrize("piece", ["%25", "1-", "a1-", "?", "ﷺ", "@", "0 ", "%25%32%35", "az1/", "\u202e1"])
def test_hostile_paths_cost_little(piece: str) -> None:
    """The slowest takes 2 ms; the limit only notices a regular expression that explodes."""
    start = time.process_time()
    clean_path("/" + (piece * 2000)[:2000])
    assert time.process_time() - start < 0.2
