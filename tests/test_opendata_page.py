"""The page where a municipality publishes: what is due, a preview with the true counts, a button, corrections."""

import re
import time
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from roles import COLLEAGUE, PASSWORD, STRANGER, WRITER, send, signed_in

from admin import create_app
from admin.opendata.runner import status_of, write_status
from tests.installation import HOST, MARBURG, Installation
from tests.published import choose, counting, document, next_day, people, publisher, rows
from tracker.store.accounts import EDITOR, VIEWER, Accounts
from tracker.store.opendata import Opendata

PAGE = f"/admin/opendata?municipality={MARBURG}&lang=de"


@pytest.fixture
def city(tmp_path: Path) -> Installation:
    """Eighteen visitors yesterday, and accounts."""
    city = counting(tmp_path)
    people(city, 18)
    next_day(city)
    accounts, town = Accounts(city.store.connection), city.catalogue.municipality(MARBURG)
    accounts.add(WRITER, PASSWORD, EDITOR, town.id)
    accounts.add(COLLEAGUE, PASSWORD, VIEWER, town.id)
    giessen = city.catalogue.add_municipality("Gießen", "065310005005")
    accounts.add(STRANGER, PASSWORD, VIEWER, giessen.id)
    return city


@pytest.fixture
def office(city: Installation) -> Flask:
    return create_app(city.config, background=False, clock=city.clock)


@pytest.fixture
def editor(office: Flask) -> FlaskClient:
    return signed_in(office, WRITER)


def wait(city: Installation) -> None:
    """Wait for the process that the button started."""
    end = time.monotonic() + 60
    while (status := status_of(city.config, MARBURG)) is None or status.running:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert status.error == ""


def test_the_button_publishes_what_is_due(editor: FlaskClient, city: Installation) -> None:
    assert "Ein Zeitraum ist abgeschlossen und noch nicht veröffentlicht: 2026-05-18" in editor.get(PAGE).text
    assert send(editor, f"/admin/opendata/{MARBURG}/publish").status_code == 303
    wait(city)
    page = editor.get(PAGE).text
    assert f'href="/opendata/{MARBURG}/2026-' in page  # the process goes by the real clock, and the page has the last
    assert "Alles, was abgeschlossen ist, ist veröffentlicht." in page
    assert rows(city, "2026-05-18", "site-day")


def test_while_it_publishes_the_page_shows_how_far_it_is(
    office: Flask, editor: FlaskClient, city: Installation
) -> None:
    write_status(city.config, MARBURG, True, 7, 40)
    page = editor.get(PAGE).text
    assert "7 von 40" in page and 'http-equiv="refresh"' in page
    assert "Jetzt veröffentlichen" not in page


def test_a_publication_that_failed_says_why(editor: FlaskClient, city: Installation) -> None:
    write_status(city.config, MARBURG, False, error="Kein Platz <b>mehr</b>.")
    page = editor.get(PAGE).text
    assert "Kein Platz &lt;b&gt;mehr&lt;/b&gt;." in page


def test_the_preview_shows_the_true_count_beside_the_public_one(editor: FlaskClient, city: Installation) -> None:
    page = editor.get(f"/admin/opendata/{MARBURG}/preview/2026-05-18?lang=de").text
    cells = re.findall(r'zw-counted">([^<]+)</td>\s*<td[^>]*><span[^>]*>([^<]+)</span>', page)
    assert cells[0][0] == "18"
    publisher(city).publish()
    row = rows(city, "2026-05-18", "site-day")[0]
    assert [public for _, public in cells[:3]] == [row["visitors"], row["visits"], row["views"]]
    assert not (city.config.opendata / MARBURG / "2026-05-18" / "2").exists()


@pytest.mark.parametrize("period", ["x", "2026-13", "2026-05-99", "..", "2026"])
def test_a_preview_of_no_period_is_not_found(editor: FlaskClient, period: str) -> None:
    assert editor.get(f"/admin/opendata/{MARBURG}/preview/{period}").status_code == 404


def test_a_correction_is_published_with_its_reason(editor: FlaskClient, city: Installation) -> None:
    publisher(city).publish()
    path = f"/admin/opendata/{MARBURG}/correct"
    assert send(editor, path, period="2026-05-18", reason="").status_code == 400
    assert send(editor, path, period="2026-05-17", reason="x").status_code == 400
    assert send(editor, path, period="2026-05-18", reason="Zähler <i>falsch</i>").status_code == 303
    assert document(city, "2026-05-18/2/release.json")["reason"] == "Zähler <i>falsch</i>"
    assert "Zähler &lt;i&gt;falsch&lt;/i&gt;" in editor.get(PAGE).text


def test_before_a_correction_one_sees_what_it_would_change(editor: FlaskClient, city: Installation) -> None:
    publisher(city).publish()
    look = f"/admin/opendata/{MARBURG}/correct?period="
    answer = editor.get(look + "2026-05-18")
    assert answer.location == f"/admin/opendata/{MARBURG}/preview/2026-05-18"
    assert "Es hat sich nichts geändert" in editor.get(answer.location).text
    assert editor.get(look + "2026-05-17").status_code == 400
    Opendata(city.store.connection).add_outage(city.catalogue.site(HOST).id, 20260518, 20260518, "Umbau")
    page = editor.get(answer.location).text
    assert re.search(r"ändern sich \d+ Werte", page)
    assert "Schutzverfahren: " in page
    assert not (city.config.opendata / MARBURG / "2026-05-18" / "2").exists()


@pytest.mark.parametrize("period", ["1999-01-01", "2026-05-17", "2026-05-19", "2027-01-01", "2026-05", "1999-01"])
def test_no_preview_shows_what_is_not_over_or_lies_before_the_first_day(editor: FlaskClient, period: str) -> None:
    answer = editor.get(f"/admin/opendata/{MARBURG}/preview/{period}")
    assert answer.status_code == 400
    assert "noch nicht zu Ende gezählt" in answer.text


def test_an_outage_has_been_and_has_a_reason(editor: FlaskClient, city: Installation) -> None:
    path = f"/admin/opendata/{MARBURG}/outages"
    ahead = send(editor, path, site=HOST, first="2026-05-18", last="2026-05-20", outage_reason="Umbau")
    assert (ahead.status_code, "noch nicht gewesen" in ahead.text) == (400, True)
    without = send(editor, path, site=HOST, first="2026-05-18", outage_reason="")
    assert (without.status_code, "Geben Sie an, was gestört war." in without.text) == (400, True)
    assert Opendata(city.store.connection).outages([city.catalogue.site(HOST).id]) == []


SETTING = {
    "method": "threshold",
    "licence": "dl-by-de/2.0",
    "attribution": "Stadt Marburg",
    "email": "daten@marburg.de",
    "start": "2026-05-18",
    "pages": f"{HOST}/impressum",
    "automatic": "on",
}


def test_the_settings_are_kept_and_used(editor: FlaskClient, city: Installation) -> None:
    assert send(editor, f"/admin/opendata/{MARBURG}/settings", **SETTING).status_code == 303
    found = Opendata(city.store.connection).setting(city.catalogue.municipality(MARBURG).id)
    assert (found.method, found.automatic, found.start, found.pages) == (
        "threshold",
        True,
        20260518,
        f"{HOST}/impressum",
    )
    publisher(city).publish()
    release = document(city, "2026-05-18/1/release.json")
    assert release["method"]["name"] == "threshold"
    assert release["licence"].endswith("/dl-by-de/2.0")
    assert release["attribution"] == "Stadt Marburg"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("method", "none"),
        ("licence", "beer"),
        ("attribution", " "),
        ("email", "daten"),
        ("website", "javascript:alert(1)"),
        ("contributor", "hessen"),
        ("start", "2026-02-30"),
        ("pages", "www.fremd.de/x"),
        ("pages", HOST),
    ],
)
def test_a_setting_that_cannot_be_is_refused_and_nothing_is_kept(
    editor: FlaskClient, city: Installation, field: str, value: str
) -> None:
    response = send(editor, f"/admin/opendata/{MARBURG}/settings", **{**SETTING, field: value})
    assert response.status_code == 400
    assert f'id="{field}-error"' in response.text
    assert Opendata(city.store.connection).setting(city.catalogue.municipality(MARBURG).id).method == "cell-key"


def test_an_outage_is_noted_and_removed(editor: FlaskClient, city: Installation) -> None:
    path = f"/admin/opendata/{MARBURG}/outages"
    form = {"site": HOST, "first": "2026-05-18", "last": "", "outage_reason": "Umbau"}
    assert send(editor, path, **{**form, "site": "www.fremd.de"}).status_code == 400
    assert send(editor, path, **{**form, "last": "2026-05-17"}).status_code == 400
    assert send(editor, path, **{**form, "outage_reason": ""}).status_code == 400
    assert send(editor, path, **form).status_code == 303
    assert "18.05.2026" in editor.get(PAGE).text
    publisher(city).publish()
    assert rows(city, "2026-05-18", "site-day")[0]["views_status"] == "missing"
    (outage,) = Opendata(city.store.connection).outages([city.catalogue.site(HOST).id])
    assert send(editor, f"{path}/{outage.id}/remove").status_code == 303
    assert send(editor, f"{path}/{outage.id}/remove").status_code == 404


def test_a_viewer_looks_and_changes_nothing(office: Flask, city: Installation) -> None:
    viewer = signed_in(office, COLLEAGUE)
    page = viewer.get(PAGE)
    assert page.status_code == 200 and "<form" not in page.text.split("</h1>")[1]
    for path in ("publish", "correct", "settings", "outages"):
        assert send(viewer, f"/admin/opendata/{MARBURG}/{path}").status_code == 403


def test_a_stranger_sees_nothing_of_it(office: Flask) -> None:
    stranger = signed_in(office, STRANGER)
    assert stranger.get(PAGE).status_code == 404
    assert stranger.get(f"/admin/opendata/{MARBURG}/preview/2026-05-18").status_code == 404


def test_differential_privacy_shows_what_it_spends(editor: FlaskClient, city: Installation) -> None:
    choose(city, method="differential-privacy")
    publisher(city).publish()
    assert document(city, "budget.json")["spent"]
    assert editor.get(f"/admin/opendata/{MARBURG}/preview/2026-05-18").status_code == 200
