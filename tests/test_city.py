"""The website of the simulated city, and where it is served."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from admin import create_app
from tracker.config import Config
from tracker.simulation.city import GONE, SERVICES
from tracker.simulation.feedback import ASKED_IN_DETAIL
from tracker.simulation.forms import FORMS
from tracker.simulation.journey import APPOINTMENT, REMOTE, STEPS

CITY = "http://www.marburg.de:8000"
PAGES = ("/", "/leistungen", "/aktuelles", "/rathaus/oeffnungszeiten", "/suche?q=hund")
ONLINE = [row.path for row in SERVICES if row.online and row.slug not in (APPOINTMENT, REMOTE)]


@pytest.fixture
def visitor(config: Config) -> FlaskClient:
    """Somebody who looks at a simulated installation, whose oldest site is www.marburg.de."""
    return create_app(replace(config, simulated=True), background=False).test_client()


def text_of(visitor: FlaskClient, path: str, base_url: str = CITY) -> str:
    response = visitor.get(path, base_url=base_url)
    assert response.status_code == 200
    return response.text


def pages_of(path: str) -> tuple[str, ...]:
    """The pages of a form that can be opened without answers."""
    return (path + "/antrag", path + "/danke", path + "/nicht-zustaendig")


@pytest.mark.parametrize("path", [*PAGES, *(service.path for service in SERVICES)])
def test_every_page_is_marked_as_simulated_and_carries_the_snippet(visitor: FlaskClient, path: str) -> None:
    text = text_of(visitor, path)
    assert "Simulierte Daten" in text
    assert '<script defer src="/snippet.js" data-site="www.marburg.de"></script>' in text
    assert '<noscript><img src="/beacon.gif?s=www.marburg.de" alt=""></noscript>' in text


@pytest.mark.parametrize("path", [*PAGES, *(service.path for service in SERVICES), "/nirgends"])
def test_every_page_asks_for_feedback_with_and_without_scripts(visitor: FlaskClient, path: str) -> None:
    text = visitor.get(path, base_url=CITY).text
    slug = path.rpartition("/")[2] if path.startswith("/leistungen/") else ""
    known = f' data-service="{slug}"' if slug else ""
    assert f'<script defer src="/feedback.js" data-site="www.marburg.de"{known} data-category=' in text
    assert f'<a href="/feedback/www.marburg.de{f"/{slug}" if slug else ""}">Rückmeldung geben</a>' in text


@pytest.mark.parametrize(
    ("page", "moment"),
    [
        ("sperrmuell/danke", "submitted"),
        ("wohngeld/nicht-zustaendig", "ended_not_eligible"),
        (f"{APPOINTMENT}/bestaetigung", "submitted"),
    ],
)
def test_every_end_of_a_form_asks_in_a_block(visitor: FlaskClient, page: str, moment: str) -> None:
    text = text_of(visitor, f"/leistungen/{page}")
    slug = page.partition("/")[0]
    assert f'data-zw-feedback data-category="procedure" data-moment="{moment}"' in text
    assert f'href="/feedback/www.marburg.de/{slug}?moment={moment}"' in text


def test_whoever_gives_up_is_asked_why(visitor: FlaskClient) -> None:
    text = text_of(visitor, "/leistungen/wohngeld/antrag")
    assert 'href="/feedback/www.marburg.de/wohngeld?moment=abandoned" data-zw-feedback-open' in text


def test_the_further_questions_are_asked_where_the_simulation_asks_them(visitor: FlaskClient) -> None:
    asked = {slug for slug in FORMS if "data-details" in visitor.get(f"/leistungen/{slug}/danke", base_url=CITY).text}
    assert asked == set(ASKED_IN_DETAIL)


def test_the_pages_that_the_simulated_people_visit_are_there(visitor: FlaskClient) -> None:
    for path in ONLINE:
        for page in pages_of(path):
            text_of(visitor, page)
    text_of(visitor, f"/leistungen/{REMOTE}/formularserver")
    for step in STEPS:
        text_of(visitor, f"/leistungen/{APPOINTMENT}/{step}")
    for service in SERVICES:
        if service.form:
            form = visitor.get(f"/downloads/{service.form}.pdf", base_url=CITY)
            assert form.data.startswith(b"%PDF-")


@pytest.mark.parametrize(
    "path", [*(path for path, _ in GONE), "/leistungen/nirgends", "/leistungen/nirgends/antrag", "/downloads/x.pdf"]
)
def test_what_is_gone_says_so_to_the_snippet(visitor: FlaskClient, path: str) -> None:
    response = visitor.get(path, base_url=CITY)
    assert response.status_code == 404
    assert '<meta name="zaehlwerk" content="not-found">' in response.text
    assert "p.not_found=1" in response.text


def test_a_service_that_needs_a_visit_has_no_application(visitor: FlaskClient) -> None:
    assert visitor.get("/leistungen/reisepass/antrag", base_url=CITY).status_code == 404


def test_the_search_finds_by_the_words_people_use(visitor: FlaskClient) -> None:
    assert "/leistungen/anwohnerparken" in text_of(visitor, "/suche?q=Parkausweis")
    assert "nichts gefunden" in text_of(visitor, "/suche?q=%3Cb%3E")
    assert "<b>" not in text_of(visitor, "/suche?q=%3Cb%3E")


def test_its_pages_obey_the_strict_content_security_policy(visitor: FlaskClient) -> None:
    response = visitor.get("/", base_url=CITY)
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    assert " style=" not in response.text
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("path", ["/", "/demo"])
def test_under_another_host_the_demo_leads_to_its_guide(visitor: FlaskClient, path: str) -> None:
    response = visitor.get(path, base_url="http://127.0.0.1:8000")
    assert response.location in ("/demo/", "http://127.0.0.1:8000/demo/")
    guide = text_of(visitor, "/demo/", "http://127.0.0.1:8000")
    assert "https://stats.example.de/admin/sites/www.marburg.de" in guide
    assert "Simulierte Daten" in guide
    assert "snippet.js" not in guide


def test_the_admin_area_stays_where_it_is(visitor: FlaskClient) -> None:
    assert visitor.get("/admin/sign-in", base_url="http://127.0.0.1:8000").status_code == 200
    assert visitor.get("/leistungen", base_url="http://127.0.0.1:8000").status_code == 404
    assert visitor.get("/snippet.js", base_url=CITY).status_code == 200
    assert visitor.get("/health", base_url=CITY).is_json


def test_a_real_installation_has_no_city(anyone: FlaskClient) -> None:
    for path in ("/", "/demo/", "/leistungen"):
        assert anyone.get(path, base_url=CITY).status_code == 404
