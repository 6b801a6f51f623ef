"""The report of a service, all services at a glance and notes, as pages and as files."""

import csv
import io
import random
import re
from datetime import date, datetime, timedelta
from html import unescape
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from attempted import Run, Visit, count_runs, random_run
from counted import MARBURG, Tables
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from roles import send

from admin.access import config
from admin.i18n import LANGUAGES, texts
from admin.service_report import NAMES
from tracker.calendar import day_number
from tracker.codes import CODES
from tracker.feedback.feedback import Feedback
from tracker.record import Message
from tracker.services.service import Form, Service, Step
from tracker.store import open_database, open_store
from tracker.store.annotations import LONGEST, Annotations
from tracker.store.catalogue import Catalogue
from tracker.store.feedback import Feedbacks
from tracker.store.services import Services
from tracker.store.usage import ImportedFrom, Usage
from tracker.usage.figures import Figure
from tracker.usage.layout import Connector, Layout

ARS, FOREIGN = "065340014014", "065310005005"
SERVICE = f"/admin/services/{ARS}/hundesteuer"
REPORT = f"{SERVICE}/report"
OVERVIEW = "/admin/services/overview"
NOTES = f"/admin/annotations/{ARS}"
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    "{{ 7 * 7 }}",
    "{0} {name} %s",
    "=HYPERLINK(1)",
    "@SUM(1)",
    "a\u202eb",
    "ä" * 60,
)
DOGS = Service(
    "hundesteuer",
    "Hundesteuer anmelden",
    "Dog tax",
    department="Fachdienst Steuern",
    paths=(f"{MARBURG}/hund/**",),
    forms=(
        Form(
            "hund",
            "Anmeldung",
            "Registration",
            True,
            (Step("1", "Halter", "Owner"), Step("2", "Hund", "Dog"), Step("3")),
        ),
    ),
    cost_per_month_cents=90_000,
)
PARKING = Service("parken", "Anwohnerparken", forms=(Form("parken", steps=(Step("1"), Step("2"))),))
LOST = Service("fundbuero", "Fundbüro", paths=(f"{MARBURG}/fund/**",))


def today() -> date:
    """The local date of Marburg."""
    return datetime.now(ZoneInfo("Europe/Berlin")).date()


@pytest.fixture
def city(app: Flask) -> Flask:
    """Marburg with three services; of the first, ten attempts today of which six reach the end."""
    with app.app_context():
        store = open_store(config().database)
    catalogue = Catalogue(store.connection)
    Services(store.connection).apply(catalogue.municipality(ARS).id, [DOGS, PARKING, LOST])
    site = catalogue.site(MARBURG)
    runs = [_run(["1", "2", "3"], "submitted") for _ in range(5)]
    runs += [_run(["1", "2"], "ended_not_eligible"), *(_run(["1", "2"]) for _ in range(3)), _run(["1"])]
    count_runs(store, site, runs, [Visit("hundesteuer", today(), 9, "mobile", "Google")] * 4)
    store.close()
    return app


def _run(steps: list[str], outcome: str = "", form: str = "hund", day: date | None = None, **known: str) -> Run:
    messages = [(10 + 40 * place, Message(form, step)) for place, step in enumerate(steps)]
    if outcome:
        messages.append((10 + 40 * len(steps), Message(form, outcome=outcome, **known)))
    return Run(form, day or today(), "mobile" if len(steps) < 3 else "desktop", messages)


def count(app: Flask, runs: list[Run], host: str = MARBURG) -> None:
    with app.app_context():
        store = open_store(config().database)
    count_runs(store, Catalogue(store.connection).site(host), runs)
    store.close()


def notes_of(app: Flask, ars: str = ARS) -> Annotations:
    with app.app_context():
        connection = open_database(config().database)
    return Annotations(connection, Catalogue(connection).municipality(ars).id)


def rows_of(answer: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer, newline="")))


def bring(app: Flask, figures: dict[Figure, int]) -> None:
    """Import totals of another system."""
    with app.app_context():
        connection = open_database(config().database)
    town = Catalogue(connection).municipality(ARS).id
    Usage(connection).save(
        town, Connector("kasse", "Bürgerbüro", Layout({"Anzahl": "submitted", "Tag": "period", "Dienst": "service"}))
    )
    Usage(connection).replace(town, "kasse", figures, ImportedFrom("a.csv", "admin", None, len(figures)))
    connection.close()


def rate(app: Flask, number: int) -> None:
    """So many ratings of the service today."""
    with app.app_context():
        connection = open_database(config().database)
    for place in range(number):
        feedback = Feedback(1, day_number(today()), "procedure", "hundesteuer", rating=5)
        Feedbacks(connection).add(feedback, place.to_bytes())
    connection.close()


def figure(page: str, name: str) -> str:
    found = re.search(rf'id="figure-{name}">([^<]*)<', page)
    assert found is not None
    return found[1].replace("\N{NO-BREAK SPACE}", " ")


# The report


def test_it_shows_the_figures_of_a_service(city: Flask, owner: FlaskClient) -> None:
    page = owner.get(f"{REPORT}?period=7d").text
    found = {name: figure(page, name) for name in ("visits", "started", "submitted", "completion_rate", "abandoned")}
    assert found == {"visits": "4", "started": "10", "submitted": "5", "completion_rate": "60,0 %", "abandoned": "4"}
    assert figure(page, "cost").endswith("€")
    assert "vorher –" in page and "Vorjahr –" in page


def test_it_shows_the_funnel_with_its_losses(city: Flask, owner: FlaskClient) -> None:
    tables = Tables(owner.get(f"{REPORT}?period=7d").text).tables
    rows = [[cell.replace("\N{NO-BREAK SPACE}", " ") for cell in row] for row in tables["funnel-rows-1"]]
    assert [row[1] for row in rows[1:]] == ["10", "9", "5"]
    assert [row[7:9] for row in rows[1:]] == [["1", "10,0 %"], ["3", "33,3 %"], ["0", "0,0 %"]]
    assert rows[1][0].replace("\n", "").split() == ["1", "Halter"]
    assert rows[3][0].split() == ["3", "Schritt", "3"]


def test_it_says_where_most_is_lost(city: Flask, owner: FlaskClient) -> None:
    assert "3 von 9 brachen bei Schritt 2, Hund, ab" in owner.get(f"{REPORT}?period=7d").text
    assert "3 of 9 gave up at step 2, Dog" in owner.get(f"{REPORT}?period=7d&lang=en").text


def test_it_marks_steps_that_are_not_declared(city: Flask, owner: FlaskClient) -> None:
    assert "nicht angelegt" not in owner.get(REPORT).text
    count(city, [_run(["1", "vorschau"])])
    page = owner.get(REPORT).text
    assert "nicht angelegt" in page
    assert rows_of(owner.get(f"{REPORT}/funnel.csv").text)[-1][:4] == ["hund", "vorschau", "vorschau", "no"]


def test_it_shows_where_people_stop_by_device(city: Flask, owner: FlaskClient) -> None:
    table = Tables(owner.get(REPORT).text).tables["matrix-1"]
    assert table[0][1:] == ["Smartphone", "Computer"]
    assert table[2][1].replace("\N{NO-BREAK SPACE}", " ").startswith("75,0 %")
    assert rows_of(owner.get(f"{REPORT}/step_device.csv").text)[2][3:] == ["4", "3", "0.7500", "5", "0", "0.0000"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("query", ["period=today", "period=30d", "period=year&compare=year", "period=30d&compare=0"])
def test_every_range_can_be_shown(city: Flask, owner: FlaskClient, query: str, language: str) -> None:
    response = owner.get(f"{REPORT}?{query}&lang={language}")
    assert response.status_code == 200
    assert " style=" not in response.text
    assert "<script>" not in response.text


@pytest.mark.parametrize("measure", ["started", "submitted", "abandoned", "visits", "completion_rate"])
def test_the_trend_is_that_of_the_figure(city: Flask, owner: FlaskClient, measure: str) -> None:
    page = owner.get(f"{REPORT}?period=7d&measure={measure}").text
    last = Tables(page).tables["trend"][-1]
    assert last[1].replace("\N{NO-BREAK SPACE}", " ") == figure(page, measure)
    rows = rows_of(owner.get(f"{REPORT}/trend.csv?period=7d&measure={measure}").text)
    assert rows[0] == ["time", measure, "time_before", "before"]
    assert [row[0] for row in rows[1:]] == [str(today() - timedelta(days=back)) for back in range(6, -1, -1)]


def test_the_trend_is_compared_with_the_year_before(city: Flask, owner: FlaskClient) -> None:
    day = today().replace(year=today().year - 1, day=1)
    count(city, [_run(["1"], day=day)] * 3)
    rows = rows_of(owner.get(f"{REPORT}/trend.csv?period=month&compare=year&interval=day").text)
    assert [row[3] for row in rows if row[2] == day.isoformat()] == ["3"]
    assert "Begonnen im Vorjahr" in owner.get(f"{REPORT}?period=month&compare=year").text


def test_a_service_without_forms_shows_its_visits(city: Flask, owner: FlaskClient) -> None:
    page = owner.get(f"/admin/services/{ARS}/fundbuero/report").text
    assert "kein Formular angelegt" in page
    assert 'id="figure-started"' not in page
    assert figure(page, "visits") == "0"


def test_without_attempts_it_says_so(city: Flask, owner: FlaskClient) -> None:
    with city.app_context():
        connection = open_database(config().database)
    Catalogue(connection).change_site(MARBURG, "counts", False, "")
    Catalogue(connection).add_site("streng.marburg.de", ARS, "counts")
    connection.close()
    count(city, [_run(["1", "2"], "submitted", form="parken")] * 3, "streng.marburg.de")
    page = owner.get(f"/admin/services/{ARS}/parken/report").text
    assert texts("de")["service_report.level_counts"] in unescape(page)
    assert texts("de")["service_report.funnel_counts"] in page
    assert 'id="figure-started"' not in page
    assert [row[1] for row in Tables(page).tables["funnel-rows-1"][1:]] == ["3", "3"]
    assert rows_of(owner.get(f"/admin/services/{ARS}/parken/report/funnel.csv").text)[1][4:] == [
        "3",
        "1.0000",
        "0",
        "0",
    ]


def test_it_speaks_english(city: Flask, owner: FlaskClient) -> None:
    page = owner.get(f"{REPORT}?lang=en").text
    assert "Completion rate" in page and "Dog tax" in page and "Properly ended" in page
    assert "Abschlussquote" not in page


def test_a_viewer_sees_the_own_municipality(city: Flask, colleague: FlaskClient) -> None:
    assert colleague.get(REPORT).status_code == 200
    assert "Anmerkung hinzufügen" not in colleague.get(REPORT).text


@pytest.mark.parametrize(
    "path", [REPORT, f"{REPORT}/funnel.csv", OVERVIEW, f"{OVERVIEW}.csv", f"{OVERVIEW}.xlsx", NOTES]
)
def test_it_is_for_those_who_are_signed_in(city: Flask, anyone: FlaskClient, path: str) -> None:
    response = anyone.get(path)
    assert (response.status_code, response.location.split("?")[0]) == (303, "/admin/sign-in")


@pytest.mark.parametrize("path", [REPORT, f"{REPORT}/funnel.csv", f"{OVERVIEW}?municipality={ARS}", NOTES])
def test_it_is_not_for_strangers(city: Flask, stranger: FlaskClient, path: str) -> None:
    assert stranger.get(path).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        f"/admin/services/{ARS}/nirgends/report",
        "/admin/services/000000000000/hundesteuer/report",
        f"/admin/services/{FOREIGN}/hundesteuer/report",
        f"{REPORT}/nichts.csv",
        f"{REPORT}/funnel.xlsx",
        f"{OVERVIEW}?municipality=000000000000",
        "/admin/annotations/000000000000",
    ],
)
def test_what_is_missing_is_not_found(city: Flask, owner: FlaskClient, path: str) -> None:
    assert owner.get(path).status_code == 404


@pytest.mark.parametrize("path", [REPORT, f"{REPORT}/funnel.csv", OVERVIEW, f"{OVERVIEW}.csv"])
def test_reading_is_all_that_can_be_done(city: Flask, owner: FlaskClient, path: str) -> None:
    assert send(owner, path).status_code == 405


@pytest.mark.parametrize(
    "query", ["period=ewig", "from=2026-13-01&to=2026-01-01", "period=custom", "from=3000-01-01&to=3000-01-02"]
)
def test_a_range_that_cannot_be_shown_is_told_and_refused_in_files(city: Flask, owner: FlaskClient, query: str) -> None:
    for page, file in ((REPORT, f"{REPORT}/funnel.csv"), (OVERVIEW, f"{OVERVIEW}.csv"), (OVERVIEW, f"{OVERVIEW}.xlsx")):
        assert 'role="alert"' in owner.get(f"{page}?{query}").text
        assert owner.get(f"{file}?{query}").status_code == 400


@pytest.mark.parametrize(
    "query", ["measure=x", "measure=cost", "interval=hour", "compare=x", "lang=xx", "measure=started%00"]
)
def test_choices_that_make_no_sense_are_left_out(city: Flask, owner: FlaskClient, query: str) -> None:
    assert "Begonnen im Verlauf" in owner.get(f"{REPORT}?{query}").text


# What other systems told


def _told(**numbers: int) -> dict[Figure, int]:
    """Totals of today by measure and channel, as submitted_in_person."""
    found = {}
    for name, value in numbers.items():
        measure, _, channel = name.partition("_")
        found[Figure("hundesteuer", day_number(today()), channel, measure, "")] = value
    return found


def test_imported_totals_are_part_of_the_figures_with_their_source(city: Flask, owner: FlaskClient) -> None:
    bring(city, _told(started_web=10, submitted_web=8, submitted_in_person=7, abandoned_web=2))
    page = owner.get(f"{REPORT}?period=today").text
    found = {name: figure(page, name) for name in ("started", "submitted", "completion_rate", "abandoned", "take_up")}
    assert found == {
        "started": "20",
        "submitted": "13",
        "completion_rate": "70,0 %",
        "abandoned": "6",
        "take_up": "65,0 %",
    }
    assert [row[:5] for row in Tables(page).tables["rows-figure_sources"][1:]] == [
        ["Gezählt", "Web", "10", "5", "4"],
        ["Bürgerbüro", "Persönlich", "–", "7", "–"],
        ["Bürgerbüro", "Web", "10", "8", "2"],
    ]
    assert figure(page, "started") in owner.get(f"{OVERVIEW}?municipality={ARS}&period=today&q=hund").text
    assert "mit Importen" in owner.get(f"{OVERVIEW}?municipality={ARS}&period=today&q=hund").text


def test_a_source_that_tells_no_starts_does_not_raise_the_completion_rate(city: Flask, owner: FlaskClient) -> None:
    bring(city, _told(submitted_web=8))
    page = owner.get(f"{REPORT}?period=today").text
    assert (figure(page, "submitted"), figure(page, "completion_rate")) == ("13", "60,0 %")
    assert 'id="figure-take_up"' not in page


def test_without_imports_nothing_is_said_of_them(city: Flask, owner: FlaskClient) -> None:
    page = owner.get(f"{REPORT}?period=today").text
    assert 'id="figure-take_up"' not in page
    assert "Woher die Zahlen kommen" not in page


def test_a_month_of_which_only_days_are_asked_for_is_named(city: Flask, owner: FlaskClient) -> None:
    month = day_number(today()) // 100
    bring(city, {Figure("hundesteuer", month, "web", "submitted", ""): 100})
    page = owner.get(f"{REPORT}?period=today").text
    assert figure(page, "submitted") == "5"
    assert "nicht enthalten" in page.lower() or "Nicht enthalten" in page
    assert figure(owner.get(f"{REPORT}?period=month").text, "submitted") == "105"


def test_a_service_may_have_imported_figures_only(city: Flask, owner: FlaskClient) -> None:
    bring(city, {Figure("fundbuero", day_number(today()), "", "submitted", ""): 9})
    page = owner.get(f"/admin/services/{ARS}/fundbuero/report?period=today").text
    assert figure(page, "submitted") == "9"
    assert "kein Formular angelegt" not in page
    row = rows_of(owner.get(f"{OVERVIEW}.csv?municipality={ARS}&period=today&q=fund").text)
    assert dict(zip(*row, strict=True))["submitted"] == "9"


def test_imported_codes_stand_beside_counted_ones(city: Flask, owner: FlaskClient) -> None:
    count(city, [_run(["1"], "submitted", auth="muk")])
    bring(city, {Figure("hundesteuer", day_number(today()), "web", "auth", "muk"): 3})
    rows = rows_of(owner.get(f"{REPORT}/auth.csv?period=today").text)
    assert rows == [
        ["auth", "code", "attempts", "imported", "share"],
        ["Mein Unternehmenskonto", "muk", "1", "3", "1.0000"],
    ]


# Its tables as files


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_is_a_file(city: Flask, owner: FlaskClient, name: str, language: str) -> None:
    source = random.Random(3)
    count(city, [random_run(source, "hund", ("1", "2"), today()) for _ in range(60)])
    bring(city, {Figure("hundesteuer", day_number(today()), "", "submitted", ""): 3})
    rate(city, 10)
    page = owner.get(REPORT).text
    response = owner.get(f"{REPORT}/{name}.csv?period=30d&lang={language}")
    assert response.status_code == 200
    assert response.mimetype == "text/csv"
    assert f"hundesteuer-{name}-" in response.headers["Content-Disposition"]
    rows = rows_of(response.text)
    assert {len(row) for row in rows} == {len(rows[0])}
    assert f"/report/{name}.csv" in page


@pytest.mark.parametrize(
    "name", ["errors", "fields", "outcome", "auth", "assurance", "payment", "payment_status", "source"]
)
def test_a_file_holds_what_the_page_shows(city: Flask, owner: FlaskClient, name: str) -> None:
    source = random.Random(3)
    count(city, [random_run(source, "hund", ("1", "2"), today()) for _ in range(60)])
    shown = Tables(owner.get(f"{REPORT}?period=today").text).tables[f"rows-{name}"]
    rows = rows_of(owner.get(f"{REPORT}/{name}.csv?period=today").text)
    codes = {"code", "form", "step"}
    kept = [[cell for cell, head in zip(row, rows[0], strict=True) if head not in codes] for row in rows]
    assert len(shown) > 1
    for page_row, file_row in zip(shown[1:], kept[1:], strict=False):
        for cell, value in zip(page_row, file_row, strict=True):
            text = cell.replace("\N{NO-BREAK SPACE}", " ")
            assert text == value or text == f"{100 * float(value):.1f} %".replace(".", ",")


def test_figures_stand_in_their_file(city: Flask, owner: FlaskClient) -> None:
    rows = rows_of(owner.get(f"{REPORT}/figures.csv?period=7d").text)
    found = {row[1]: row[2:] for row in rows[1:]}
    assert found["started"] == ["10", "", ""]
    assert found["completion_rate"] == ["0.6000", "", ""]


def test_hours_stand_by_weekday(city: Flask, owner: FlaskClient) -> None:
    rows = rows_of(owner.get(f"{REPORT}/weekdays.csv?period=7d").text)
    assert rows[0][:3] == ["weekday", "days", "hour_00"]
    assert [row[11] for row in rows[1:]][today().weekday()] == "4"
    assert [row[1] for row in rows[1:]] == ["1"] * 7


@pytest.mark.parametrize("name", ["auth", "assurance", "payment", "payment_status", "outcome"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_a_name(name: str, language: str) -> None:
    for code in CODES[name]:
        assert f"service_report.{name}_{code}" in texts(language)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_are_only_text(city: Flask, owner: FlaskClient, text: str) -> None:
    step = text.replace("/", "-")
    with city.app_context():
        connection = open_database(config().database)
    form = Form("boese", text, text, steps=(Step("1", text, text),))
    service = Service("boese", text, text, department=text, forms=(form,))
    Services(connection).apply(Catalogue(connection).municipality(ARS).id, [service])
    connection.close()
    errors = [(99, Message("boese", step, error=step, field=step))]
    run = _run(["1", step], form="boese")
    count(city, [run._replace(messages=run.messages + errors), _run(["1"], form="boese")])
    Annotations.add(notes_of(city), today(), text, "boese")
    address = f"/admin/services/{ARS}/boese/report"
    for path in (address, f"{OVERVIEW}?q={'alert'}", OVERVIEW, NOTES):
        page = owner.get(path).text
        assert "<script>alert" not in page and "<img src=x" not in page and "49" not in re.findall(r">(\d+)<", page)
    assert unescape(owner.get(address).text).count(text) > 4
    for name in NAMES:
        assert not re.search(r"(^|,)\"?[=@]", owner.get(f"{address}/{name}.csv").text, re.M)
    assert not re.search(r"(^|,)\"?[=@]", owner.get(f"{OVERVIEW}.csv").text, re.M)


# All services at a glance


def names_shown(page: str) -> list[str]:
    return [unescape(name) for name in re.findall(r'/report[^"]*"><bdi>([^<]*)</bdi>', page)]


def test_the_overview_shows_every_service(city: Flask, colleague: FlaskClient) -> None:
    page = colleague.get(f"{OVERVIEW}?period=7d").text
    assert names_shown(page) == ["Anwohnerparken", "Fundbüro", "Hundesteuer anmelden"]
    assert "3 von 9 brachen bei Schritt 2, Hund, ab" in page
    assert "<polyline points=" in page
    row = Tables(page).tables[""][-1]
    assert [cell.replace("\N{NO-BREAK SPACE}", " ") for cell in row[1:5]] == ["4", "10", "5", "60,0 %"]
    assert "kein Formular angelegt" in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sort=started", ["Hundesteuer anmelden", "Anwohnerparken", "Fundbüro"]),
        ("sort=started&order=asc", ["Anwohnerparken", "Hundesteuer anmelden", "Fundbüro"]),
        ("sort=lost", ["Hundesteuer anmelden", "Anwohnerparken", "Fundbüro"]),
        ("sort=completion_rate&order=asc", ["Hundesteuer anmelden", "Anwohnerparken", "Fundbüro"]),
        ("sort=service&order=desc", ["Hundesteuer anmelden", "Fundbüro", "Anwohnerparken"]),
        ("sort=nothing&order=sideways", ["Anwohnerparken", "Fundbüro", "Hundesteuer anmelden"]),
        ("q=steuer", ["Hundesteuer anmelden"]),
        ("q=DOG tax", ["Hundesteuer anmelden"]),
        ("q=fachdienst", ["Hundesteuer anmelden"]),
        ("q=nirgends", []),
    ],
)
def test_it_can_be_searched_and_put_in_order(city: Flask, owner: FlaskClient, query: str, expected: list[str]) -> None:
    page = owner.get(f"{OVERVIEW}?municipality={ARS}&{query}").text
    assert names_shown(page) == expected
    rows = rows_of(owner.get(f"{OVERVIEW}.csv?municipality={ARS}&{query}").text)
    assert [row[1] for row in rows[1:]] == expected


def test_a_heading_chosen_again_turns_the_order_round(city: Flask, owner: FlaskClient) -> None:
    page = owner.get(f"{OVERVIEW}?municipality={ARS}&sort=started").text
    link = re.search(r'aria-sort="descending"><a href="([^"]+)"', page)
    assert link is not None
    turned = owner.get(unescape(link[1])).text
    assert names_shown(turned)[:2] == names_shown(page)[:2][::-1]
    assert 'aria-sort="ascending"' in turned


def test_every_heading_leads_somewhere(city: Flask, owner: FlaskClient) -> None:
    page = owner.get(f"{OVERVIEW}?municipality={ARS}&q=a&period=year").text
    for address in re.findall(r'<a href="([^"]*overview[^"]*)"', page):
        response = owner.get(unescape(address))
        assert response.status_code == 200, address


def test_the_change_is_against_the_range_before(city: Flask, owner: FlaskClient) -> None:
    count(city, [_run(["1"], day=today() - timedelta(days=8))] * 8)
    rows = rows_of(owner.get(f"{OVERVIEW}.csv?municipality={ARS}&period=7d&q=hund").text)
    assert dict(zip(*rows, strict=True))["change"] == "0.2500"
    assert "+25" in owner.get(f"{OVERVIEW}?municipality={ARS}&period=7d&q=hund").text


def test_the_workbook_holds_the_same_as_the_csv(city: Flask, owner: FlaskClient) -> None:
    answer = owner.get(f"{OVERVIEW}.xlsx?municipality={ARS}&period=7d&sort=started")
    assert answer.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    sheet = load_workbook(io.BytesIO(answer.data)).active
    rows = rows_of(owner.get(f"{OVERVIEW}.csv?municipality={ARS}&period=7d&sort=started").text)
    assert sheet.max_row == len(rows)
    for shown, row in zip(sheet.iter_rows(min_row=2, values_only=True), rows[1:], strict=True):
        for cell, text in zip(shown, row, strict=True):
            assert cell == (None if text == "" else text if isinstance(cell, str) else pytest.approx(float(text)))


def test_no_cell_of_a_workbook_is_a_formula(city: Flask, owner: FlaskClient) -> None:
    with city.app_context():
        connection = open_database(config().database)
    service = Service("boese", "=HYPERLINK(1)", forms=(Form("boese", steps=(Step("1", "https://evil.example"),)),))
    Services(connection).apply(Catalogue(connection).municipality(ARS).id, [service])
    connection.close()
    sheet = load_workbook(io.BytesIO(owner.get(f"{OVERVIEW}.xlsx?municipality={ARS}").data)).active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert not any(cell.hyperlink for row in sheet.iter_rows() for cell in row)
    assert "=HYPERLINK(1)" in [row[1] for row in sheet.iter_rows(values_only=True)]


def test_a_municipality_without_services_says_so(app: Flask, stranger: FlaskClient) -> None:
    assert "noch keine Leistung" in stranger.get(OVERVIEW).text
    assert len(rows_of(stranger.get(f"{OVERVIEW}.csv").text)) == 1


# Notes


def test_a_note_is_added_shown_and_removed(city: Flask, owner: FlaskClient) -> None:
    day = today()
    response = send(owner, NOTES, service="hundesteuer", day=day.isoformat(), text="  Neues\nFormular ")
    assert (response.status_code, response.location.split("?")[0]) == (303, REPORT)
    page = owner.get(REPORT).text
    assert page.count("Neues Formular") == 3  # in the legend, in the table, in the list
    assert 'data-note="1"' in page
    note = notes_of(city).all()[0]
    assert (note.service, note.day, note.text) == ("hundesteuer", day, "Neues Formular")
    assert send(owner, f"{NOTES}/{note.id}/remove").status_code == 303
    assert notes_of(city).all() == []
    assert "data-note" not in owner.get(REPORT).text


def test_a_note_on_the_municipality_stands_with_every_service(city: Flask, owner: FlaskClient) -> None:
    notes = notes_of(city)
    notes.add(today(), "Streik")
    notes.add(today(), "Nur Parken", "parken")
    notes.add(today() - timedelta(days=40), "Lange her")
    page = owner.get(REPORT).text
    assert "Streik" in page and "Nur Parken" not in page and "Lange her" not in page


def test_the_note_of_a_month_stands_at_its_place(city: Flask, owner: FlaskClient) -> None:
    notes_of(city).add(today(), "Heute")
    rows = re.findall(r"<tr data-state=.*?</tr>", owner.get(f"{REPORT}?period=year").text, re.S)
    assert ["data-note" in row for row in rows].index(True) == today().month - 1


@pytest.mark.parametrize(
    ("form", "wrong"),
    [
        ({"day": "", "text": "a"}, "day"),
        ({"day": "2026-02-30", "text": "a"}, "day"),
        ({"day": "1999-12-31", "text": "a"}, "day"),
        ({"day": "9999-12-31", "text": "a"}, "day"),
        ({"day": "2026-01-01", "text": "   "}, "text"),
        ({"day": "2026-01-01", "text": "a" * (LONGEST + 1)}, "text"),
        ({"day": "2026-01-01", "text": "\x00"}, "text"),
        ({"day": "2026-01-01", "text": "a", "service": "nirgends"}, "service"),
    ],
)
def test_a_malformed_note_is_refused_with_what_is_wrong(
    city: Flask, owner: FlaskClient, form: dict[str, str], wrong: str
) -> None:
    response = send(owner, NOTES, **form)
    assert response.status_code == 400
    assert f'id="{wrong}-error"' in response.text
    assert notes_of(city).all() == []


def test_only_the_operator_changes_notes(city: Flask, colleague: FlaskClient) -> None:
    notes_of(city).add(today(), "bleibt")
    assert send(colleague, NOTES, day="2026-01-01", text="a").status_code == 403
    assert send(colleague, f"{NOTES}/1/remove").status_code == 403
    page = colleague.get(NOTES).text
    assert "bleibt" in page and 'method="post" action="/admin/annotations' not in page
    assert len(notes_of(city).all()) == 1


def test_a_note_needs_the_token_of_the_session(city: Flask, owner: FlaskClient) -> None:
    notes_of(city).add(today(), "bleibt")
    assert owner.post(NOTES, data={"day": "2026-01-01", "text": "a"}).status_code == 403
    assert owner.post(f"{NOTES}/1/remove").status_code == 403
    assert len(notes_of(city).all()) == 1


def test_a_note_of_another_municipality_stays(city: Flask, owner: FlaskClient) -> None:
    notes_of(city, FOREIGN).add(today(), "bleibt")
    assert send(owner, f"{NOTES}/1/remove").status_code == 404
    assert send(owner, f"{NOTES}/77/remove").status_code == 404
    assert len(notes_of(city, FOREIGN).all()) == 1


def test_notes_come_in_the_order_of_their_days(city: Flask) -> None:
    notes = notes_of(city)
    for day in (3, 1, 2):
        notes.add(date(2026, 1, day), str(day))
    assert all(one.day > other.day for one, other in pairwise(notes.all()))
    assert [note.text for note in notes.between(date(2026, 1, 2), date(2026, 1, 3))] == ["2", "3"]
