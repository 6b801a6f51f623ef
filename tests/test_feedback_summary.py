"""Satisfaction in sum: shares with their uncertainty, merged periods, changes, and the pages that show them."""

import csv
import io
import secrets
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from admin.feedback_sheets import SHEETS
from tracker.calendar import day_number
from tracker.config import Config
from tracker.feedback.feedback import DETAILS, Feedback
from tracker.feedback.summary import (
    FALLS,
    LEAST,
    RISES,
    UNCLEAR,
    Span,
    Tally,
    added,
    change,
    difference,
    merged,
    wilson,
)
from tracker.services.service import Service
from tracker.store import open_database
from tracker.store.catalogue import Catalogue
from tracker.store.feedback import Feedbacks
from tracker.store.services import Services

ARS = "065340014014"
HOSTILE = "=cmd|' /C calc'!A0<img src=x onerror=alert(1)>\"{{7*7}}"
TODAY = datetime.now(ZoneInfo("Europe/Berlin")).date()
TALLIES = st.dictionaries(st.integers(1, 5), st.integers(0, 12), max_size=5).map(
    lambda ratings: Tally(sum(ratings.values()), ratings)
)


def ratings(*numbers: int) -> Tally:
    """A tally with so many ratings of 1, 2, 3, 4 and 5."""
    return Tally(sum(numbers), dict(enumerate(numbers, 1)))


# Numbers of the literature: Newcombe 1998, tables II and I(b) of the two papers.
@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_of_a_share_is_wilsons(part: int, whole: int, low: float, high: float) -> None:
    assert wilson(part, whole) == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize(
    ("numbers", "low", "high"),
    [((56, 70, 48, 80), 0.0524, 0.3339), ((9, 10, 3, 10), 0.1705, 0.8090), ((10, 10, 0, 20), 0.6791, 1.0)],
)
def test_the_interval_of_a_change_is_newcombes(numbers: tuple[int, int, int, int], low: float, high: float) -> None:
    assert difference(*numbers).interval == pytest.approx((low, high), abs=1e-4)


@given(st.integers(0, 400), st.integers(1, 400))
def test_a_share_lies_in_its_interval(part: int, more: int) -> None:
    low, high = wilson(part, part + more)
    assert 0 <= low <= part / (part + more) <= high <= 1


@pytest.mark.parametrize(("part", "whole"), [(1, 0), (0, 0), (3, 2), (-1, 2)])
def test_it_refuses_what_is_no_share(part: int, whole: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        wilson(part, whole)


@pytest.mark.parametrize(
    ("now", "before", "way"),
    [
        (ratings(0, 0, 0, 0, 100), ratings(50, 0, 0, 50, 0), RISES),
        (ratings(50, 0, 0, 50, 0), ratings(0, 0, 0, 0, 100), FALLS),
        (ratings(4, 0, 0, 0, 8), ratings(5, 0, 0, 0, 7), UNCLEAR),
    ],
)
def test_a_change_is_told_only_where_chance_would_not_do(now: Tally, before: Tally, way: str) -> None:
    found = change(now, before)
    assert found is not None
    assert found.way == way


def test_few_answers_have_no_figures() -> None:
    few, enough = ratings(0, 0, 0, 0, LEAST - 1), ratings(0, 0, 0, 0, LEAST)
    assert (few.share, few.mean, few.found_share()) == (None, None, None)
    assert (enough.share, enough.mean) == (1.0, 5.0)
    assert change(few, enough) is None and change(enough, few) is None


@given(st.lists(TALLIES, max_size=40))
def test_merged_periods_have_answers_enough_and_lose_none(tallies: list[Tally]) -> None:
    first = date(2026, 1, 1)
    spans = [Span(first + timedelta(place), first + timedelta(place), tally) for place, tally in enumerate(tallies)]
    found = merged(spans)
    total = sum(tally.rated for tally in tallies)
    assert all(span.tally.rated >= LEAST for span in found)
    assert (not found) == (total < LEAST)
    if found:
        assert added(span.tally for span in found) == added(tallies)
        assert (found[0].start, found[-1].end) == (spans[0].start, spans[-1].end)
        assert all(one.end + timedelta(1) == other.start for one, other in pairwise(found))
        assert sum(span.parts for span in found) == len(spans)


def test_periods_with_answers_enough_stay_as_they_are() -> None:
    spans = [Span(date(2026, month, 1), date(2026, month, 28), ratings(0, 0, 0, 0, LEAST)) for month in range(1, 7)]
    assert merged(spans) == spans


@pytest.fixture
def feedbacks(config: Config) -> Iterator[Feedbacks]:
    """What was said to Marburg, with a service whose name is hostile."""
    connection = open_database(config.database)
    town = Catalogue(connection).municipality(ARS)
    services = [Service("hund", "Hundesteuer"), Service("boese", HOSTILE[:80])]
    Services(connection).apply(town.id, services)
    yield Feedbacks(connection)
    connection.close()


def say(feedbacks: Feedbacks, number: int, day: date = TODAY, **fields: object) -> None:
    """So many answers of one kind."""
    for _ in range(number):
        values: dict[str, object] = {"category": "procedure", "service": "hund", "rating": 5, **fields}
        feedbacks.add(Feedback(1, day_number(day), **values), secrets.token_bytes(16))  # type: ignore[arg-type]


def page(client: FlaskClient, **query: str) -> str:
    answer = client.get("/admin/feedback/summary", query_string={"lang": "de", **query})
    assert answer.status_code == 200
    return answer.text


def sheet(client: FlaskClient, name: str, **query: str) -> list[dict[str, str]]:
    answer = client.get(f"/admin/feedback/summary/{name}.csv", query_string={"lang": "de", **query})
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_nine_answers_are_a_number_and_a_hint(feedbacks: Feedbacks, colleague: FlaskClient) -> None:
    say(feedbacks, LEAST - 1, text="Alles gut erklärt")
    text = page(colleague)
    assert "gibt es 9 Rückmeldungen" in text and "längeren Zeitraum" in text
    assert "figure-share" not in text and "Alles gut erklärt" not in text
    assert colleague.get("/admin/feedback/summary/distribution.csv").status_code == 400
    assert sheet(colleague, "figures")[0]["share"] == ""


def test_the_tenth_makes_the_figures(feedbacks: Feedbacks, colleague: FlaskClient) -> None:
    say(feedbacks, 6, rating=5, found="yes")
    say(feedbacks, 4, rating=2, found="partly")
    text = page(colleague)
    assert "60,0\N{NO-BREAK SPACE}%" in text and "31,3\N{NO-BREAK SPACE}% bis 83,2\N{NO-BREAK SPACE}%" in text
    row = sheet(colleague, "figures")[0]
    assert (row["answers"], row["satisfied"], row["rated"], row["mean"]) == ("10", "6", "10", "3.8000")
    assert (row["found_yes"], row["found_partly"], row["found_no"]) == ("6", "4", "0")
    assert [row["number"] for row in sheet(colleague, "distribution")] == ["6", "0", "0", "4", "0"]


def test_spam_is_in_no_figure(feedbacks: Feedbacks, colleague: FlaskClient, config: Config) -> None:
    say(feedbacks, 10)
    say(feedbacks, 5, rating=1, text="Billige Uhren")
    connection = open_database(config.database)
    connection.execute("update feedback set status = 'spam' where rating = 1")
    connection.close()
    row = sheet(colleague, "figures")[0]
    assert (row["answers"], row["share"]) == ("10", "1.0000")


def test_a_service_and_a_category_narrow_it(feedbacks: Feedbacks, colleague: FlaskClient) -> None:
    say(feedbacks, 10)
    say(feedbacks, 11, service="", rating=1)
    say(feedbacks, 12, category="information", rating=3)
    assert [
        sheet(colleague, "figures", **query)[0]["answers"]
        for query in ({}, {"service": "hund"}, {"service": "-"}, {"category": "information"}, {"service": "nirgends"})
    ] == ["33", "22", "11", "12", "33"]
    assert {row["code"]: row["answers"] for row in sheet(colleague, "service")} == {"hund": "22", "": "11"}


def test_small_groups_have_a_dash(feedbacks: Feedbacks, colleague: FlaskClient) -> None:
    say(feedbacks, 10, device="mobile", moment="submitted", language="de")
    say(feedbacks, 2, device="tablet", moment="abandoned", language="uk", rating=1)
    assert [(row["code"], row["answers"], row["share"]) for row in sheet(colleague, "device")] == [
        ("mobile", "10", "1.0000"),
        ("tablet", "2", ""),
    ]
    assert [row["satisfied"] for row in sheet(colleague, "moment")] == ["10", ""]
    text = page(colleague)
    assert "Ukrainisch" in text and "weniger als 10 Bewertungen" in text


def test_quiet_days_are_merged_and_the_page_says_so(feedbacks: Feedbacks, colleague: FlaskClient) -> None:
    for back in range(29, -1, -1):
        say(feedbacks, 1 + 12 * (back == 3), TODAY - timedelta(back))
    text = page(colleague, interval="day")
    assert 'id="merged"' in text and "zusammengelegt" in text
    rows = sheet(colleague, "trend", interval="day")
    assert min(int(row["rated"]) for row in rows) >= LEAST
    assert sum(int(row["rated"]) for row in rows) == 42
    assert (rows[0]["from"], rows[-1]["to"]) == ((TODAY - timedelta(29)).isoformat(), TODAY.isoformat())


def test_a_clear_change_is_told_and_an_unclear_one_called_so(feedbacks: Feedbacks, colleague: FlaskClient) -> None:
    say(feedbacks, 12)
    say(feedbacks, 12, TODAY - timedelta(40), rating=4)
    assert "Keine klare Veränderung" in page(colleague)
    say(feedbacks, 12, TODAY - timedelta(40), rating=1)
    assert "Die Zufriedenheit ist gestiegen" in page(colleague)


def test_further_questions_have_their_means(feedbacks: Feedbacks, colleague: FlaskClient) -> None:
    say(feedbacks, 10, details={DETAILS[0]: 4, DETAILS[1]: 1})
    say(feedbacks, 1, details={DETAILS[2]: 1})
    found = {row["code"]: (row["number"], row["mean"]) for row in sheet(colleague, "details")}
    assert found == {"easy": ("10", "4.0000"), "clear": ("10", "1.0000"), "current": ("1", "")}


def test_a_foreign_municipality_is_missing(feedbacks: Feedbacks, stranger: FlaskClient) -> None:
    say(feedbacks, 10)
    for path in ("summary", "summary/figures.csv", "summary/figures.xlsx", "summary/topics"):
        assert stranger.get(f"/admin/feedback/{path}?municipality={ARS}").status_code == 404


@pytest.mark.parametrize("path", ["nothing.csv", "nothing.xlsx"])
def test_an_unknown_table_is_missing(colleague: FlaskClient, path: str) -> None:
    assert colleague.get(f"/admin/feedback/summary/{path}").status_code == 404


@pytest.mark.parametrize(
    "query", ["period=custom&from=x", "period=nie", "interval=hour", "category=%00", "service=%27--", "lang=xx"]
)
def test_a_malformed_address_is_answered(feedbacks: Feedbacks, colleague: FlaskClient, query: str) -> None:
    say(feedbacks, 10)
    assert colleague.get(f"/admin/feedback/summary?{query}").status_code == 200


def test_a_bad_range_makes_no_file(feedbacks: Feedbacks, colleague: FlaskClient) -> None:
    assert colleague.get("/admin/feedback/summary/figures.csv?period=nie").status_code == 400


@pytest.mark.parametrize("name", list(SHEETS))
def test_hostile_texts_are_texts_everywhere(feedbacks: Feedbacks, colleague: FlaskClient, name: str) -> None:
    for _ in range(10):
        say(feedbacks, 1, service="boese", rating=1, text=f"{HOSTILE} =Schadcode", device=HOSTILE, language=HOSTILE)
    assert "<img src=x" not in page(colleague)
    lines = list(csv.reader(io.StringIO(colleague.get(f"/admin/feedback/summary/{name}.csv").get_data(as_text=True))))
    assert not [cell for line in lines[1:] for cell in line if cell.startswith(("=", "+", "@"))]
    book = load_workbook(io.BytesIO(colleague.get(f"/admin/feedback/summary/{name}.xlsx").data))
    assert not [cell for row in book.active.iter_rows() for cell in row if cell.data_type == "f"]


def test_the_report_of_a_service_tells_satisfaction(feedbacks: Feedbacks, colleague: FlaskClient) -> None:
    address = f"/admin/services/{ARS}/hund/report?lang=de"
    assert 'id="satisfaction"' not in colleague.get(address).text
    say(feedbacks, 9)
    text = colleague.get(address).text
    assert "Weniger als 10 Bewertungen" in text and "figure-satisfaction" not in text
    say(feedbacks, 3, rating=1)
    text = colleague.get(address).text
    assert "75,0\N{NO-BREAK SPACE}% von 12 Bewertungen" in text and 'id="figure-satisfaction"' in text
    csv_text = colleague.get(f"/admin/services/{ARS}/hund/report/ratings.csv").text
    assert csv_text.splitlines() == [
        "rating,number,part",
        "5,9,0.7500",
        "4,0,0.0000",
        "3,0,0.0000",
        "2,0,0.0000",
        "1,3,0.2500",
    ]


def test_the_overview_tells_numerator_and_denominator(feedbacks: Feedbacks, colleague: FlaskClient) -> None:
    say(feedbacks, 9)
    say(feedbacks, 3, rating=1)
    rows = list(csv.DictReader(io.StringIO(colleague.get("/admin/services/overview.csv").text)))
    row = next(row for row in rows if row["slug"] == "hund")
    assert (row["satisfaction"], row["satisfied"], row["rated"]) == ("0.7500", "9", "12")
    assert next(row for row in rows if row["slug"] == "boese")["satisfied"] == ""


def test_the_page_and_its_files_agree(feedbacks: Feedbacks, colleague: FlaskClient) -> None:
    chance = Random(1)
    for back in range(120):
        say(feedbacks, 1, TODAY - timedelta(back % 30), rating=chance.randint(1, 5), device=chance.choice("ab"))
    figures, trend, device = (sheet(colleague, name) for name in ("figures", "trend", "device"))
    for table in (trend, device):
        assert sum(int(row["answers"]) for row in table) == int(figures[0]["answers"]) == 120
        assert sum(int(row["satisfied"]) for row in table) == int(figures[0]["satisfied"])
