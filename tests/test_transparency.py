"""The public page of a municipality: it shows what was released, as exactly as it is, and nothing else."""

import json
import os
import re
import shutil
from dataclasses import replace
from datetime import date
from html import unescape
from xml.etree import ElementTree

import pytest
from voices import HOSTILE

from admin import create_app
from admin.opendata.licences import LICENCES
from tests.installation import GIESSEN, HOST, MARBURG
from tests.published import SERVICE, choose, counting, noon, people, publisher, rows
from tracker.feedback.feedback import Feedback
from tracker.services.service import Form, Step
from tracker.store.answers import Answers, Draft
from tracker.store.feedback import Feedbacks
from tracker.store.opendata import Opendata
from tracker.store.services import Services

BASE = "https://stats.example.de"
TOWN = f"/transparency/{MARBURG}"
PAGE = f"{TOWN}?lang=de"
SVG = "{http://www.w3.org/2000/svg}"
INNER = re.compile(r'(?:href|src)="(/[^"#]*)')


def filled(path, **changes):
    """May 2026: eighteen visitors of one service on the 18th, attempts and ratings; published on the 1st of June."""
    city = counting(path, base_url=BASE)
    choose(city, **changes)
    people(city, 18)
    for person in range(40):
        attempt(city, f"10.1.0.{person + 1}")
    for number in range(40):
        rate(city, 5 if number % 4 else 1)
    noon(city, "2026-06-01")
    publisher(city).publish()
    return city


def attempt(city, address):
    """One person begins, tells how it signs in and pays, and submits."""
    for step in ("halter", "hund"):
        city.send(u=f"https://{HOST}/hund/start", k="step", n="hund", p={"step": step, "auth": "muk"}, address=address)
    city.send(
        u=f"https://{HOST}/hund/start",
        k="outcome",
        n="submitted",
        p={"form": "hund", "payment": "paypal", "assurance": "high"},
        address=address,
    )


def rate(city, rating):
    site = city.catalogue.site(HOST).id
    Feedbacks(city.store.connection).add(Feedback(site, 20260518, "procedure", "hundesteuer", rating), os.urandom(32))


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """What `filled` makes, for tests that only read."""
    return filled(tmp_path_factory.mktemp("town"))


def visitor(city):
    return create_app(city.config, background=False).test_client()


def shown(city, path=PAGE):
    response = visitor(city).get(path)
    assert response.status_code == 200, path
    return response.text


def text_of(html):
    """The words of a page, without what is markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def published_sum(city, table, measure, period="2026-05"):
    return sum(int(row[measure]) for row in rows(city, period, table) if row[measure])


def revised(path, change):
    """Another table in place of a released one, as if it had been published so."""
    content = json.loads(path.read_bytes())
    for row in content["rows"]:
        change(row)
    path.write_text(json.dumps(content))


# What is public


def test_it_says_so_while_nothing_is_published(tmp_path):
    city = counting(tmp_path)
    page = text_of(shown(city))
    assert "Marburg hat noch keine Zahlen" in page
    assert "Noch hat keine Kommune" in text_of(shown(city, "/transparency/?lang=de"))


@pytest.mark.parametrize(
    "path", [f"/transparency/{GIESSEN}", f"{TOWN}/nix", f"{TOWN}/chart/nix.svg", f"{TOWN}/embed/x-y"]
)
def test_what_is_not_there_is_not_found(town, path):
    assert visitor(town).get(path).status_code == 404


def test_it_lists_the_municipalities_that_publish(tmp_path, town):
    assert f'href="{TOWN}"' in shown(town, "/transparency/")
    city = counting(tmp_path)
    assert MARBURG not in text_of(shown(city, "/transparency/"))


def test_the_numbers_are_the_sums_of_the_published_days(town):
    page = text_of(shown(town))
    for measure in ("views", "started", "submitted"):
        assert f"≈ {published_sum(town, 'service-day', measure)}" in page, measure
    assert f"≈ {published_sum(town, 'site-day', 'visits')}" in page


def test_it_reads_no_count(tmp_path):
    city = filled(tmp_path)
    before = [text_of(shown(city, path)) for path in (PAGE, f"{TOWN}/hundesteuer?lang=de")]
    city.store.connection.execute("delete from rollup")
    city.store.connection.execute("delete from feedback")
    city.store.connection.execute("delete from feedback_count")
    assert [text_of(shown(city, path)) for path in (PAGE, f"{TOWN}/hundesteuer?lang=de")] == before


def test_it_shows_what_the_files_say(tmp_path, town):
    shutil.copytree(town.config.data, tmp_path / "data")
    copy = replace(town.config, data=tmp_path / "data")

    def more(row):
        row["views"] = row["views"] and row["views"] + 7000

    revised(copy.opendata / MARBURG / "2026-05" / "1" / "service-day.json", more)
    page = create_app(copy, background=False).test_client().get(PAGE).text
    changed = published_sum(town, "service-day", "views") + 7000
    assert f"≈ {changed:,}".replace(",", ".") in text_of(page)


def test_a_correction_takes_the_place_of_what_it_corrects(tmp_path):
    city = filled(tmp_path)
    before = published_sum(city, "service-day", "views")
    assert f"≈ {before}" in text_of(shown(city))
    Opendata(city.store.connection).add_outage(city.catalogue.site(HOST).id, 20260518, 20260518, "Umbau")
    publisher(city).correct("2026-05-18", "Der Tag war gestört.")
    page = text_of(shown(city))
    assert f"≈ {before}" not in page
    assert "Ausfälle" in page and f"{HOST} : 18.05.2026" in page
    assert "/2026-05/2/" in shown(city)


def test_a_damaged_release_is_no_page_of_wrong_numbers(tmp_path):
    city = filled(tmp_path)
    (city.config.opendata / MARBURG / "2026-05" / "1" / "service-day.json").write_text('{"rows": [')
    response = visitor(city).get(PAGE)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "60"


def test_before_the_first_month_is_over_it_shows_days(tmp_path):
    city = counting(tmp_path)
    people(city, 18)
    noon(city, "2026-05-21")
    publisher(city).publish()
    page = text_of(shown(city))
    assert "veröffentlicht seit dem 18.05.2026 Tageszahlen" in page
    assert "Besuche der Websites je Tag" in page


# How sure a number is


def test_protected_numbers_are_marked(town):
    page = text_of(shown(town))
    assert "Cell-Key-Methode" in page and "höchstens um 3" in page
    assert "Zahlen mit ≈ können in dieser Tabelle um bis zu" in page


def test_suppressed_numbers_are_said_to_be_protected(tmp_path):
    city = filled(tmp_path, method="threshold")
    page = text_of(shown(city))
    assert "Zahlen unter 10 werden weggelassen" in page
    assert "mindestens" in page
    assert "Kleine Zahlen zeigen wir" in text_of(shown(city, f"{TOWN}/leicht?lang=de"))


def test_a_day_that_was_not_measured_is_no_zero(tmp_path):
    city = counting(tmp_path)
    people(city, 18)
    noon(city, "2026-06-01")
    publisher(city).publish()
    page = text_of(shown(city))
    assert f"{HOST} : 19.05.2026 – 31.05.2026" in page  # when nothing counted
    assert "nicht gemessen" in text_of(shown(city, f"{TOWN}/embed/days?lang=de"))
    assert "1 von 31 Tagen" in page


# Services and charts


def test_a_service_has_its_own_page(town):
    page = text_of(shown(town, f"{TOWN}/hundesteuer?lang=de"))
    assert "Hundesteuer: Nutzung je Monat" in page
    for words in ("Halter", "Mein Unternehmenskonto", "PayPal", "Hoch", "5 – sehr gut"):
        assert words in page, words
    (row,) = rows(town, "2026-05", "service-feedback-month")
    for shows in (page, text_of(shown(town))):
        mean = re.search(rf"≈ {row['ratings']} ± 6 ≈ (\d),(\d) ± 0,[234]\b", shows)
        assert mean and abs(int(mean[1]) + int(mean[2]) / 10 - float(row["mean"])) < 0.06


def test_a_mean_of_few_ratings_is_too_uncertain_to_be_told(tmp_path):
    city = counting(tmp_path)
    people(city, 18)
    for number in range(16):  # from 10 to 22 when they are published
        rate(city, 5 if number % 2 else 1)
    noon(city, "2026-06-01")
    publisher(city).publish()
    (row,) = rows(city, "2026-05", "service-feedback-month")
    for page in (PAGE, f"{TOWN}/hundesteuer?lang=de"):
        assert f"≈ {row['ratings']} ± 6 zu unsicher" in text_of(shown(city, page))
    assert "zu unsicher" in text_of(shown(city)).partition("So lesen Sie die Zahlen")[2]


def test_no_more_attempts_are_said_to_have_ended_than_were_begun(tmp_path, town):
    shutil.copytree(town.config.data, tmp_path / "data")
    copy = replace(town.config, data=tmp_path / "data")

    def few(row):
        begun = row["started"] or 0
        row.update(started=begun and 4, submitted=begun and 10, abandoned=0, other_ends=0, views=90)

    revised(copy.opendata / MARBURG / "2026-05" / "1" / "service-day.json", few)
    client = create_app(copy, background=False).test_client()
    for path in (PAGE, f"{TOWN}/hundesteuer?lang=de", f"{TOWN}/embed/service-hundesteuer?lang=de"):
        begun, submitted = re.findall(r"höchstens etwa (\d+)", text_of(client.get(path).text))[:2]
        assert begun == submitted, path


def test_services_are_put_in_order_by_links(tmp_path):
    city = counting(tmp_path)
    number = city.catalogue.municipality(MARBURG).id
    Services(city.store.connection).add(
        number, replace(SERVICE, slug="anwohner", name="Anwohnerparken", paths=(f"{HOST}/parken/**",), forms=())
    )
    people(city, 30, "/hund/start")
    people(city, 90, "/parken/start")
    noon(city, "2026-06-01")
    publisher(city).publish()

    def order(query):
        found = re.findall(r'<th scope="row"><a href="[^"]*/(hundesteuer|anwohner)', shown(city, f"{PAGE}&{query}"))
        return found[:2]

    assert order("sort=views&order=desc") == order("sort=name&order=asc") == ["anwohner", "hundesteuer"]
    assert order("sort=views&order=asc") == order("sort=name&order=desc") == ["hundesteuer", "anwohner"]
    assert 'aria-sort="descending"' in shown(city, f"{PAGE}&sort=views&order=desc")
    assert "kein Formular" in shown(city)


CHARTS = ("attempts", "visits", "days", "devices", "origins", "languages", "channels")
OF_SERVICE = ("service", "steps", "auth", "assurance", "payment", "feedback")


@pytest.mark.parametrize("chart", [*CHARTS, *(f"{name}-hundesteuer" for name in OF_SERVICE)])
def test_every_chart_can_be_embedded_with_its_source(town, chart):
    image = visitor(town).get(f"{TOWN}/chart/{chart}.svg?lang=de")
    words = "".join(ElementTree.fromstring(image.text).itertext())
    assert image.mimetype == "image/svg+xml"
    assert "Quelle: Marburg, Datenlizenz Deutschland" in words and BASE in words
    frame = visitor(town).get(f"{TOWN}/embed/{chart}?lang=de")
    assert "Quelle: Marburg" in text_of(frame.text) and "<table" in frame.text
    assert "frame-ancestors *" in frame.headers["Content-Security-Policy"]


def test_only_the_frame_may_be_framed(town):
    for path in (TOWN, f"{TOWN}/hundesteuer", f"{TOWN}/leicht", "/transparency/"):
        assert "frame-ancestors 'none'" in visitor(town).get(path).headers["Content-Security-Policy"]
    assert "default-src 'none'" in visitor(town).get(f"{TOWN}/chart/visits.svg").headers["Content-Security-Policy"]


def test_a_chart_shows_what_its_table_shows(town):
    drawn = ElementTree.fromstring(visitor(town).get(f"{TOWN}/chart/steps-hundesteuer.svg?lang=de").text)
    titles = {element.text for element in drawn.iter(f"{SVG}title")}
    table = text_of(shown(town, f"{TOWN}/embed/steps-hundesteuer?lang=de"))
    for row in rows(town, "2026-05", "service-step-month"):
        assert f"{row['step_name']}: ≈ {row['reached']}" in titles
        assert f"{row['step_name']} ≈ {row['reached']} ≈ {row['abandoned']}" in table


def test_the_licence_demands_its_attribution(tmp_path):
    city = filled(tmp_path, licence="dl-by-de/2.0", attribution="Stadt Marburg – Statistik", email="od@marburg.de")
    page = shown(city)
    assert "Quelle: Stadt Marburg – Statistik, Datenlizenz Deutschland – Namensnennung" in page
    assert f'href="{LICENCES["dl-by-de/2.0"].iri}"' in page
    assert 'href="mailto:od@marburg.de"' in page


# Answers


def test_an_answer_is_there_until_it_is_withdrawn(tmp_path):
    city = filled(tmp_path)
    answers, number = Answers(city.store.connection), city.catalogue.municipality(MARBURG).id
    answer = answers.add(
        number, Draft("Anhänge", "", "Bis 20 MB sind jetzt erlaubt.", "hundesteuer"), date(2026, 5, 30)
    )
    client = visitor(city)
    found = client.get(PAGE)
    assert "Bis 20 MB sind jetzt erlaubt." in found.text and f"{TOWN}/answers" in found.text
    assert found.headers["Cache-Control"] == "no-cache"
    assert f"{TOWN}/answers?service=hundesteuer" in unescape(client.get(f"{TOWN}/hundesteuer").text)
    answers.withdraw(number, answer, date(2026, 5, 31))
    assert "20 MB" not in client.get(PAGE).text


# Words


def test_it_speaks_english(town):
    page = shown(town, f"{TOWN}?lang=en")
    assert '<html lang="en">' in page
    assert "attempts were started in the online services of Marburg" in text_of(page)


def test_the_easy_page_is_german_whatever_the_browser_prefers(town):
    client = visitor(town)
    answer = client.get(f"{TOWN}/leicht", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.location) == (302, f"{TOWN}/leicht?lang=de")
    assert "Wir ändern jede Zahl ein kleines bisschen." in text_of(client.get(answer.location).text)
    assert client.get(f"{TOWN}/leicht?lang=en").location == f"{TOWN}?lang=en"


# What is counted


def what_of(config, path=PAGE):
    return text_of(create_app(config, background=False).test_client().get(path).text)


def test_it_tells_what_is_counted_and_what_of_it_is_published(town):
    for language, counted, published in (
        ("de", "Browser und Betriebssystem ohne Versionsnummern, Land", "allein nach Ländergruppe"),
        ("en", "browser and operating system without version numbers, country", "by group of countries only"),
    ):
        page = what_of(town.config, f"{TOWN}?lang={language}")
        assert page.index(counted) < page.index(published)
        assert "ganz grob" not in page and "very roughly" not in page
    assert "Downloads und Links" in what_of(town.config)
    assert "nie miteinander verknüpft" in what_of(town.config).replace("nur einzeln, nie", "nie")


def test_a_setting_changes_what_it_tells(town):
    usual, strict = town.config, replace(town.config, facts_days=9, rollup_months=13, honour_dnt=False)
    assert "Nach 35 Tagen werden sie gelöscht" in what_of(usual) and "Nach 9 Tagen" in what_of(strict)
    assert "25 Monate gespeichert" in what_of(usual) and "13 Monate gespeichert" in what_of(strict)
    assert "Do Not Track" in what_of(usual) and "Do Not Track" not in what_of(strict)
    assert "Das speichern wir 9 Tage" in what_of(strict, f"{TOWN}/leicht?lang=de")
    none = replace(town.config, facts_days=0)
    assert "auf die Minute" not in what_of(none) and "Besuche: welche Aufrufe" in what_of(none)
    assert "Wie lange speichern wir Besuche" not in what_of(none, f"{TOWN}/leicht?lang=de")


def test_the_level_of_a_website_and_its_search_change_what_it_tells(tmp_path):
    city = filled(tmp_path)
    client = visitor(city)

    def told(path=PAGE):
        return text_of(client.get(path).text)

    assert "gesucht wird" not in told() and "Welche Wörter" not in told(f"{TOWN}/leicht?lang=de")
    city.catalogue.change_site(HOST, "visits", False, "q")
    assert "wonach auf der Website gesucht wird" in told() and "Welche Wörter" in told(f"{TOWN}/leicht?lang=de")
    city.catalogue.add_site("zaehlt.marburg.de", MARBURG, "counts")
    assert f"(nur auf {HOST})" in told()
    city.catalogue.change_site(HOST, "counts", False, "")
    assert "auf die Minute" not in told() and "Kennwert" not in told()
    assert "keiner wird mit einem anderen verbunden" in told()


# Search engines, caches, hostile names


def test_every_link_of_our_own_leads_somewhere(town):
    client = visitor(town)
    for path in (PAGE, f"{TOWN}/hundesteuer?lang=de", f"{TOWN}/leicht?lang=de", f"{TOWN}/embed/visits"):
        for link in set(INNER.findall(client.get(path).text)):
            with client.get(unescape(link), follow_redirects=True) as answer:
                assert answer.status_code == 200, link


def test_a_search_engine_finds_the_data(town):
    page = shown(town)
    assert f'<link rel="canonical" href="{BASE}{TOWN}">' in page
    assert f'<link rel="canonical" href="{BASE}{TOWN}?lang=en">' in shown(town, f"{TOWN}?lang=en")
    assert '<meta name="description" content="Marburg veröffentlicht' in page
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)[1])
    assert (data["@type"], data["temporalCoverage"]) == ("Dataset", "2026-05-18/2026-05-31")
    assert data["license"].startswith("http")
    client = visitor(town)
    for file in data["distribution"]:
        with client.get(file["contentUrl"].removeprefix(BASE)) as answer:
            assert answer.status_code == 200, file


def test_it_is_sent_again_only_when_it_changed(town):
    client = visitor(town)
    for path in (
        PAGE,
        f"{TOWN}/hundesteuer",
        f"{TOWN}/chart/visits.svg",
        f"{TOWN}/embed/visits",
        f"{TOWN}/leicht?lang=de",
    ):
        first = client.get(path)
        assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304, path
        assert "Set-Cookie" not in first.headers
        assert "Accept-Language" in first.headers["Vary"]
    assert client.get(f"{TOWN}/chart/visits.svg").headers["Cache-Control"] == "public, max-age=300"


def test_a_page_is_remembered_for_its_own_query_alone(town):
    client = visitor(town)
    assert "sort=views&amp;order=asc&amp;lang=en" in client.get(f"{TOWN}?sort=views&order=asc&lang=de").text
    assert "sort=views&amp;order=asc&amp;lang=en" not in client.get(PAGE).text
    for number in range(60):
        client.get(f"{TOWN}/hundesteuer?n={number}")
    assert len(client.application.extensions["transparency"]) <= 48


@pytest.mark.parametrize("name", [name for name in HOSTILE if "\x7f" not in name], ids=range(len(HOSTILE) - 1))
def test_no_name_of_a_service_becomes_markup(tmp_path, town, name):
    shutil.copytree(town.config.opendata, tmp_path / "data" / "opendata")
    for file in ("zaehlwerk.db",):
        shutil.copy(town.config.data / file, tmp_path / "data" / file)
    config = replace(town.config, data=tmp_path / "data")
    for path in (config.opendata / MARBURG / "2026-05" / "1").glob("service-*-month.json"):
        revised(path, lambda row: row.update(service_name=name, **({"step_name": name} if "step_name" in row else {})))
    revised(config.opendata / MARBURG / "2026-05" / "1" / "service-day.json", lambda row: row.update(service_name=name))
    client = create_app(config, background=False).test_client()
    for path in (PAGE, f"{TOWN}/hundesteuer", f"{TOWN}/embed/steps-hundesteuer"):
        page = client.get(path).text
        assert "<script>alert" not in page and "<img src=x" not in page and "<b>" not in page
        assert '<a href="javascript' not in page
    drawing = ElementTree.fromstring(client.get(f"{TOWN}/chart/steps-hundesteuer.svg").text)
    assert {element.tag.removeprefix(SVG) for element in drawing.iter()} <= {
        "svg",
        "title",
        "rect",
        "text",
        "g",
        "line",
    }
    json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', client.get(PAGE).text, re.DOTALL)[1])


def test_two_forms_of_a_service_are_told_apart(tmp_path):
    city = counting(tmp_path)
    number = city.catalogue.municipality(MARBURG).id
    service = Services(city.store.connection).all(number)[0]
    other = Form("abmelden", "Abmeldung", steps=(Step("halter", "Halter"),))
    Services(city.store.connection).change(number, replace(service, forms=(*service.forms, other)))
    attempt(city, "10.1.0.1")
    for person in range(12):
        attempt(city, f"10.1.1.{person + 1}")
    noon(city, "2026-06-01")
    publisher(city).publish()
    assert "hund: Halter" in text_of(shown(city, f"{TOWN}/hundesteuer?lang=de"))
