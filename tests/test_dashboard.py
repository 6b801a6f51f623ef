"""The page of one site and its expanded tables."""

import re
from datetime import date, timedelta
from html import escape
from pathlib import Path

import pytest
from counted import MARBURG, Tables, bot, count_records, event, view
from flask import Flask
from flask.testing import FlaskClient

from admin import ranges, stats
from admin.access import config
from admin.i18n import LANGUAGES, texts
from tracker.rollups import DIMENSIONS
from tracker.source import CHANNELS
from tracker.store import open_database
from tracker.store.catalogue import Catalogue
from tracker.useragent import parse

PAGE = f"/admin/sites/{MARBURG}"
CARD = f"{PAGE}/cards/page"
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "{{ 7 * 7 }}",
    "{0} {name} %s",
    "</table></body>",
    "=HYPERLINK(1)",
    "a\u202eb",
    "ä" * 500,
)


@pytest.fixture
def busy(app: Flask) -> Flask:
    """Marburg with three visitors: four views, two events, a bounce, a missing page, and a bot."""
    count_records(
        app,
        [
            view("/", 11, channel="search", source="Google", country="DE", device="mobile", language="de"),
            view("/hundesteuer", 11),
            event(11, ("event", "Termin"), ("property", "Termin · Ort · Marburg")),
            event(11, ("download", f"https://{MARBURG}/antrag.pdf")),
            view("/hundesteuer", 12, country="AT", campaign="plakat"),
            view("/fehlt", 13, (("not_found", "/fehlt"), ("search", "parken"))),
            bot("Googlebot"),
        ],
    )
    return app


# Works


def test_it_shows_the_figures_of_a_site(busy: Flask, owner: FlaskClient) -> None:
    page = owner.get(f"{PAGE}?period=today").text
    found = dict(re.findall(r'id="figure-(\w+)">([^<]+)<', page))
    assert (found["visitors"], found["visits"], found["views"]) == ("3", "3", "4")
    assert (found["views_per_visit"], found["bounce_rate"]) == ("1,3", "66,7\N{NO-BREAK SPACE}%")


def test_a_viewer_sees_the_sites_of_the_own_municipality(busy: Flask, colleague: FlaskClient) -> None:
    assert colleague.get(PAGE).status_code == 200


def test_each_card_shows_its_rows(busy: Flask, owner: FlaskClient) -> None:
    tables = Tables(owner.get(f"{PAGE}?period=today").text).tables
    assert tables["rows-page"][1][:3] == ["/hundesteuer", "2", "2"]
    assert tables["rows-not_found"][1:] == [["/fehlt", "1", "1"]]
    assert tables["rows-country"][1][0] in ("Deutschland", "Österreich", "unbekannt")
    assert tables["rows-channel"][1][:2] == ["Direkt", "2"]
    assert tables["rows-event"][1:] == [["Termin", "1", "1"]]
    assert tables["rows-property"][1:] == [["Termin · Ort · Marburg", "1", "1"]]
    assert tables["rows-bot"][1:] == [["Googlebot", "1", "100,0\N{NO-BREAK SPACE}%"]]
    assert tables["rows-campaign"][1][0] == "plakat"
    assert tables["rows-search"][1][0] == "parken"


def test_the_share_of_bots_is_told(busy: Flask, owner: FlaskClient) -> None:
    assert "20,0\N{NO-BREAK SPACE}% aller Anfragen kamen von Bots" in owner.get(f"{PAGE}?period=today").text


def test_only_the_first_ten_rows_are_shown_until_the_card_is_expanded(app: Flask, owner: FlaskClient) -> None:
    count_records(app, [view(f"/seite-{n}", n + 1) for n in range(13)])
    page = owner.get(f"{PAGE}?period=today").text
    assert len(Tables(page).tables["rows-page"]) == 1 + 10
    assert "Alle 13 anzeigen" in page
    assert len(Tables(owner.get(f"{CARD}?period=today").text).tables[""]) == 1 + 13


@pytest.mark.parametrize("query", ["period=today", "period=7d", "period=year", "period=7d&measure=views&compare=0"])
def test_the_graph_adds_up_to_the_figure(busy: Flask, owner: FlaskClient, query: str) -> None:
    page = owner.get(f"{PAGE}?{query}&measure=views").text
    rows = Tables(page).tables["dash-graph"][1:]
    assert sum(int(row[1]) for row in rows if row[1] != "–") == 4
    assert 'data-state="running"' in page
    assert ("Zeit davor" in page) is ("compare=0" not in query)


def test_hours_offer_only_what_an_hour_can_tell(busy: Flask, owner: FlaskClient) -> None:
    page = owner.get(f"{PAGE}?period=today&measure=bounce_rate").text
    assert "Besucher im Verlauf" in page
    assert "measure=duration" not in page
    assert "measure=views" in page


def test_it_speaks_english(busy: Flask, owner: FlaskClient) -> None:
    page = owner.get(f"{PAGE}?period=today&lang=en").text
    assert "Bounce rate" in page
    assert "Germany" in page
    assert "lang=en" in page


@pytest.mark.parametrize("card", stats.CARDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_card_expands(busy: Flask, owner: FlaskClient, card: str, language: str) -> None:
    assert owner.get(f"{PAGE}/cards/{card}?period=today&lang={language}").status_code == 200


def test_a_site_at_level_counts_shows_views_and_says_why(app: Flask, owner: FlaskClient) -> None:
    with app.app_context():
        connection = open_database(config().database)
    Catalogue(connection).add_site("streng.marburg.de", "065340014014", level="counts")
    connection.close()
    count_records(app, [view("/", channel="search"), view("/a", channel="internal")], "streng.marburg.de")
    page = owner.get("/admin/sites/streng.marburg.de?period=today").text
    assert dict(re.findall(r'id="figure-(\w+)">([^<]+)<', page)) == {"views": "2", "events": "0"}
    assert "strengsten Stufe" in page
    assert Tables(page).tables["rows-entry"] == [["Seite", "Aufrufe"], ["/", "1"]]


def test_a_site_without_counts_is_shown_with_the_way_to_set_it_up(owner: FlaskClient) -> None:
    page = owner.get(PAGE)
    assert page.status_code == 200
    assert f'href="/admin/sites/{MARBURG}/setup"' in page.text


def test_over_several_days_it_says_that_visitors_are_summed(busy: Flask, owner: FlaskClient) -> None:
    assert "Wer an zwei Tagen kommt, zählt zweimal" in owner.get(f"{PAGE}?period=7d").text
    assert "Wer an zwei Tagen kommt, zählt zweimal" not in owner.get(f"{PAGE}?period=today").text


# Fragment


def test_the_fragment_is_unchanged_until_something_is_counted(busy: Flask, owner: FlaskClient) -> None:
    known = re.findall(r'data-signature="(\w+)"', owner.get(f"{PAGE}?period=today").text)[0]
    address = f"{PAGE}?period=today&fragment=1"
    unchanged = owner.get(address, headers={"If-None-Match": f'"{known}"'})
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    count_records(busy, [view("/neu", 14)])
    changed = owner.get(address, headers={"If-None-Match": f'"{known}"'})
    assert changed.status_code == 200
    assert changed.text.startswith('<div class="zw-dash"')
    assert 'id="figure-visitors">4<' in changed.text
    assert changed.headers["Cache-Control"] == "no-store"


# Expanded table


@pytest.fixture
def many(app: Flask) -> Flask:
    """Sixty pages, of which /seite-59 has the most views."""
    count_records(app, [view(f"/seite-{n:02d}", 1000 * n + m + 1) for n in range(60) for m in range(1 + n // 20)])
    return app


def _column(answer: str, column: int) -> list[str]:
    return [row[column] for row in Tables(answer).tables[""][1:]]


def test_an_expanded_table_is_ordered_as_asked(many: Flask, owner: FlaskClient) -> None:
    views = [int(text) for text in _column(owner.get(f"{CARD}?period=today").text, 1)]
    assert views == sorted(views, reverse=True)
    assert _column(owner.get(f"{CARD}?period=today&sort=key&order=asc").text, 0)[0] == "/seite-00"
    ascending = owner.get(f"{CARD}?period=today&sort=visitors&order=asc").text
    assert _column(ascending, 2)[0] == "1"
    assert 'aria-sort="ascending"' in ascending


def test_an_expanded_table_comes_page_by_page(many: Flask, owner: FlaskClient) -> None:
    first, second = (owner.get(f"{CARD}?period=today&page={n}").text for n in (1, 2))
    assert len(set(_column(first, 0)) | set(_column(second, 0))) == 60
    assert len(_column(second, 0)) == 10
    assert "Seite 2 von 2" in second


def test_an_expanded_table_is_searched(many: Flask, owner: FlaskClient) -> None:
    assert _column(owner.get(f"{CARD}?period=today&q=SEITE-07").text, 0) == ["/seite-07"]
    assert "Keine Zeile enthält „gibt es nicht“" in owner.get(f"{CARD}?period=today&q=gibt+es+nicht").text


def test_names_of_countries_are_searched_as_they_are_read(busy: Flask, owner: FlaskClient) -> None:
    assert _column(owner.get(f"{PAGE}/cards/country?period=today&q=österr").text, 0) == ["Österreich"]


@pytest.mark.parametrize(
    "query", ["page=0", "page=-1", "page=zwei", "page=999999999999", "sort=rkey", "order=up", "q="]
)
def test_nonsense_about_the_order_is_left_at_the_default(many: Flask, owner: FlaskClient, query: str) -> None:
    answer = owner.get(f"{CARD}?period=today&{query}")
    assert answer.status_code == 200
    assert len(_column(answer.text, 0)) >= 10


# Refused


@pytest.mark.parametrize("path", [PAGE, CARD])
def test_nobody_sees_it_without_signing_in(anyone: FlaskClient, path: str) -> None:
    answer = anyone.get(path)
    assert answer.status_code == 303
    assert "/admin/sign-in" in answer.headers["Location"]


@pytest.mark.parametrize("path", [PAGE, CARD, f"{PAGE}?fragment=1"])
def test_the_site_of_another_municipality_does_not_exist(busy: Flask, stranger: FlaskClient, path: str) -> None:
    assert stranger.get(path).status_code == 404


@pytest.mark.parametrize(
    "path", ["/admin/sites/gibt-es-nicht.de", f"{PAGE}/cards/gibt-es-nicht", f"{PAGE}/cards/total"]
)
def test_what_does_not_exist_is_not_found(owner: FlaskClient, path: str) -> None:
    assert owner.get(path).status_code == 404


@pytest.mark.parametrize("path", [PAGE, CARD])
@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_it_is_only_read(owner: FlaskClient, path: str, method: str) -> None:
    assert getattr(owner, method)(path).status_code == 405


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("period=jahrhundert", "Den Zeitraum „jahrhundert“ gibt es nicht"),
        ("from=gestern&to=heute", "„gestern“ ist kein Datum"),
        ("period=custom", "braucht beide Daten"),
        ("from=2026-03-02&to=2026-03-01", "Das Ende liegt vor dem Anfang"),
        ("from=0001-01-01&to=2026-01-01", "Vor dem Jahr 2000"),
        ("from=9990-01-01&to=9991-01-01", "in der Zukunft"),
        ("from=2001-01-01&to=9999-12-31", "höchstens 10 Jahre"),
    ],
)
@pytest.mark.parametrize("path", [PAGE, CARD])
def test_a_range_that_cannot_be_shown_is_named_and_the_default_is_shown(
    owner: FlaskClient, path: str, query: str, message: str
) -> None:
    answer = owner.get(f"{path}?{query}")
    assert answer.status_code == 200
    assert message in answer.text


@pytest.mark.parametrize("query", ["measure=rkey", "interval=second", "interval=hour", "compare=maybe", "lang=xx"])
def test_nonsense_about_the_graph_is_left_at_the_default(owner: FlaskClient, query: str) -> None:
    assert owner.get(f"{PAGE}?period=7d&{query}").status_code == 200


# Hostile


@pytest.fixture
def attacked(app: Flask) -> Flask:
    """Every hostile text in every dimension."""
    keys = ("event", "property", "download", "outbound", "search", "not_found")
    names = ("source", "referrer", "campaign", "device", "browser", "os", "country", "language")
    views = [
        view(text, n + 1, tuple((key, text) for key in keys), channel=text, **dict.fromkeys(names, text))
        for n, text in enumerate(HOSTILE)
    ]
    count_records(app, [*views, *(bot(text) for text in HOSTILE)])
    return app


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_texts_stay_texts(attacked: Flask, owner: FlaskClient, language: str) -> None:
    paths = [f"{PAGE}?period=today&lang={language}"]
    paths += [f"{PAGE}/cards/{card}?period=today&lang={language}" for card in stats.CARDS]
    for path in paths:
        page = owner.get(path).text
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "onmouseover='" not in page
        assert str(escape(HOSTILE[0])) in page or "cards" not in path
        links = re.findall(r'href="([^"]*)"', page)
        assert all(link.startswith(("/", "https://", "http://", "#")) for link in links)


def test_hostile_texts_are_shown_as_they_were_counted(attacked: Flask, owner: FlaskClient) -> None:
    for dim in ("event", "source", "country", "device", "bot", "page"):
        shown = _column(owner.get(f"{PAGE}/cards/{dim}?period=today").text, 0)
        assert sorted(shown) == sorted(HOSTILE)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_search_stays_a_text(busy: Flask, owner: FlaskClient, text: str) -> None:
    answer = owner.get(CARD, query_string={"period": "today", "q": text})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "<img" not in answer.text


def test_only_web_addresses_become_links(app: Flask, owner: FlaskClient) -> None:
    targets = [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "https://gut.example/a b?c",
        "http://gut.example",
    ]
    records = [event(n + 1, ("outbound", target)) for n, target in enumerate(targets)]
    count_records(app, [view("/", n + 1) for n in range(len(targets))] + records)
    page = owner.get(f"{PAGE}/cards/outbound?period=today").text
    links = set(re.findall(r'<a class="zw-name__text" href="([^"]*)" rel="noopener noreferrer nofollow"', page))
    assert links == {"https://gut.example/a%20b%3Fc", "http://gut.example"}


def test_pages_lead_to_the_site_itself(app: Flask, owner: FlaskClient) -> None:
    count_records(app, [view("/bürger/heiraten#/schritt"), view("//evil.example/x"), view("evil.example/x")])
    page = owner.get(f"{CARD}?period=today").text
    links = set(re.findall(r'<a class="zw-name__text" href="([^"]*)"', page))
    assert links == {f"https://{MARBURG}/b%C3%BCrger/heiraten#/schritt", f"https://{MARBURG}//evil.example/x"}


def test_referrers_are_no_links(app: Flask, owner: FlaskClient) -> None:
    count_records(app, [view("/", channel="website", source="spam.example", referrer="spam.example")])
    assert 'href="https://spam.example' not in owner.get(f"{PAGE}?period=today").text


# Guards


@pytest.mark.parametrize("path", [f"{PAGE}?period=today", f"{CARD}?period=today"])
def test_there_is_no_inline_script_style_or_handler(busy: Flask, owner: FlaskClient, path: str) -> None:
    answer = owner.get(path)
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert not re.search(r"\sstyle=|<style|\son\w+=|<script(?![^>]*\ssrc=)", answer.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_dimension_and_measure_has_a_label(language: str) -> None:
    known = texts(language)
    wanted = [f"dimension.{row.name}" for row in DIMENSIONS]
    wanted += [f"dimension.one_{name}" for name in stats.CARDS]
    wanted += [f"dashboard.measure_{name}" for name in stats.MEASURES]
    wanted += [f"dashboard.explain_{name}" for name in (*stats.FIGURES, *stats.FIGURES_OF_COUNTS)]
    wanted += [f"dashboard.group_{name}" for name in stats.GROUPS]
    wanted += [f"dashboard.period_{name}" for name in ranges.PERIODS]
    wanted += [f"dashboard.{kind}_{name}" for name in ranges.INTERVALS for kind in ("interval", "one_interval")]
    wanted += [f"dimension.channel_{name}" for name in CHANNELS if name != "internal"]
    wanted += [f"dimension.device_{name}" for name in ("mobile", "tablet", "desktop", "other")]
    assert [key for key in wanted if not known.get(key)] == []


def test_the_device_classes_are_those_with_a_label() -> None:
    phone = (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Mobile Safari/604.1"
    )
    assert f"dimension.device_{parse(phone).device}" in texts("de")


def test_both_languages_have_the_same_texts_with_the_same_gaps() -> None:
    german, english = texts("de"), texts("en")
    mine = [key for key in german if key.startswith(("dashboard.", "dimension."))]
    assert mine == [key for key in english if key.startswith(("dashboard.", "dimension."))]
    for key in mine:
        assert set(re.findall(r"{\w+}", german[key])) == set(re.findall(r"{\w+}", english[key])), key


def test_every_text_is_used() -> None:
    folder = Path(stats.__file__).parent
    sources = "".join(path.read_text("utf-8") for path in [*folder.glob("*.py"), *folder.glob("templates/*.html")])
    built = (
        "measure_",
        "explain_",
        "group_",
        "period_",
        "interval_",
        "one_interval_",
        "range_",
        "running_legend_",
        "empty_",
    )
    for key in texts("de"):
        name = key.removeprefix("dashboard.")
        if name != key and not name.startswith(built):
            assert key in sources or name in ("back", "forward"), key


# Ranges as addresses


def test_the_addresses_of_the_page_lead_to_the_neighbouring_ranges(owner: FlaskClient) -> None:
    page = owner.get(f"{PAGE}?from=2026-02-01&to=2026-02-28").text
    assert "from=2026-01-01&amp;to=2026-01-31" in page
    assert "Februar 2026" in page


def test_a_custom_range_is_kept_in_the_links_of_its_cards(owner: FlaskClient) -> None:
    count_day = date.today() - timedelta(days=3)
    page = owner.get(f"{PAGE}?from={count_day}&to={count_day}&measure=views").text
    assert f"from={count_day}&amp;to={count_day}&amp;measure=views" in page
