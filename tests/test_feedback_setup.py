"""Where feedback is set up: what is asked, the tag, the link, QR codes and posters."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from qr_reading import read_qr
from roles import send

from tests.installation import GIESSEN, MARBURG
from tracker.config import Config
from tracker.services.service import Service
from tracker.store import open_database
from tracker.store.catalogue import Catalogue
from tracker.store.feedback import Feedbacks, Setting
from tracker.store.services import Services

LIST = f"/admin/feedback/setup?municipality={MARBURG}"
SITE, SERVICE = "/admin/feedback/setup/www.marburg.de", "/admin/feedback/setup/www.marburg.de/hundesteuer"
QR = "/admin/feedback/qr/www.marburg.de"
POSTER = "/admin/feedback/poster/www.marburg.de/hundesteuer"
PUBLIC = "https://stats.example.de/feedback/www.marburg.de"


@pytest.fixture(autouse=True)
def dog(config: Config) -> None:
    """Marburg has two sites and two services, one with a name that tries something."""
    connection = open_database(config.database)
    Catalogue(connection).add_site("formulare.marburg.de", MARBURG)
    hostile = "<script>alert(1)</script>\"'"
    Services(connection).add(1, Service("hundesteuer", hostile, paths=("www.marburg.de/hund/**",)))
    Services(connection).add(1, Service("wohngeld", "Wohngeld", paths=("formulare.marburg.de/wohngeld",)))
    connection.close()


def setting(config: Config, service: str = "hundesteuer") -> Setting:
    connection = open_database(config.database)
    found = Feedbacks(connection).setting(1, service)
    connection.close()
    return found


def test_it_lists_every_service_and_every_site(colleague: FlaskClient) -> None:
    page = colleague.get(LIST).text
    assert re.findall(r'href="(/admin/feedback/setup/[^"]+)"', page) == [
        "/admin/feedback/setup/formulare.marburg.de",
        "/admin/feedback/setup/www.marburg.de",
        "/admin/feedback/setup/www.marburg.de/hundesteuer",
        "/admin/feedback/setup/formulare.marburg.de/wohngeld",
    ]
    assert "<script>alert" not in page


def test_a_municipality_without_a_site_is_told_to_add_one(owner: FlaskClient) -> None:
    assert "Noch keine Website" in owner.get(f"/admin/feedback/setup?municipality={GIESSEN}").text


@pytest.mark.parametrize("path", [LIST, SITE, SERVICE, f"{QR}.svg", f"{QR}/hundesteuer.png", POSTER])
def test_who_is_not_signed_in_is_asked_to(anyone: FlaskClient, path: str) -> None:
    assert anyone.get(path).status_code == 303


@pytest.mark.parametrize("path", [LIST, SITE, SERVICE, f"{QR}.svg", f"{QR}/hundesteuer.png", POSTER])
def test_a_foreign_municipality_is_not_there(stranger: FlaskClient, path: str) -> None:
    assert stranger.get(path).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/admin/feedback/setup?municipality=000000000000",
        "/admin/feedback/setup/www.nirgends.de",
        "/admin/feedback/setup/www.marburg.de/nirgends",
        "/admin/feedback/qr/www.nirgends.de.svg",
        "/admin/feedback/qr/www.marburg.de/nirgends.svg",
        "/admin/feedback/qr/www.marburg.de.gif",
        "/admin/feedback/qr/www.marburg.de/hundesteuer.exe",
        "/admin/feedback/poster/www.marburg.de/nirgends",
        "/admin/feedback/poster/www.marburg.de/%3Cscript%3E",
    ],
)
def test_what_is_missing_is_not_found(owner: FlaskClient, path: str) -> None:
    assert owner.get(path).status_code == 404


@pytest.mark.parametrize("path", [LIST.partition("?")[0], f"{QR}.svg", POSTER])
def test_it_refuses_other_methods(owner: FlaskClient, path: str) -> None:
    assert send(owner, path).status_code == 405


@pytest.mark.parametrize(
    ("path", "attributes"),
    [
        (SITE, ' data-category="information"'),
        (SERVICE, ' data-service="hundesteuer" data-category="procedure"'),
    ],
)
def test_it_shows_the_tag_as_the_service_is_set(owner: FlaskClient, path: str, attributes: str) -> None:
    tag = '<script defer src="https://stats.example.de/feedback.js" data-site="www.marburg.de"{}></script>'
    assert tag.format(attributes) in unescape(owner.get(path).text)
    send(owner, path, category="assistance", details="on")
    changed = attributes.rpartition(" ")[0] + ' data-category="assistance" data-details'
    assert tag.format(changed) in unescape(owner.get(path).text)


def test_an_editor_changes_what_is_asked(writer: FlaskClient, config: Config) -> None:
    response = send(writer, SERVICE, category="information", details="on")
    assert response.location == f"{SERVICE}?done=feedback_setting_saved"
    assert setting(config) == Setting("information", True)
    assert "Ab sofort wird so gefragt" in writer.get(response.location).text
    send(writer, SERVICE, category="procedure")
    assert setting(config) == Setting("procedure", False)
    assert setting(config, "") == Setting("information", False)


@pytest.mark.parametrize("category", ["", "none", "<b>"])
def test_an_unknown_category_is_refused(owner: FlaskClient, config: Config, category: str) -> None:
    assert send(owner, SERVICE, category=category).status_code == 400
    assert setting(config) == Setting("procedure", False)


def test_a_viewer_sees_it_and_changes_nothing(colleague: FlaskClient, config: Config) -> None:
    assert "Rolle Redaktion" in colleague.get(SERVICE).text
    assert "<fieldset" not in colleague.get(SERVICE).text
    assert send(colleague, SERVICE, category="information").status_code == 403
    assert setting(config) == Setting("procedure", False)


def test_a_stranger_changes_nothing(stranger: FlaskClient, writer: FlaskClient, config: Config) -> None:
    assert send(stranger, SERVICE, category="information").status_code == 403
    assert writer.post(SERVICE, data={"category": "information"}).status_code == 403
    assert setting(config) == Setting("procedure", False)


def test_a_hostile_name_stays_text(owner: FlaskClient) -> None:
    for path in (LIST, SERVICE, POSTER):
        assert "<script>alert" not in owner.get(path).text


@pytest.mark.parametrize(("path", "link"), [(QR, PUBLIC), (f"{QR}/hundesteuer", f"{PUBLIC}/hundesteuer")])
def test_a_phone_reads_the_public_address_off_the_code(colleague: FlaskClient, path: str, link: str) -> None:
    response = colleague.get(f"{path}.png")
    assert response.mimetype == "image/png"
    assert read_qr(response.data) == link
    name = "qr-www.marburg.de" + ("-hundesteuer" if "hunde" in path else "")
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}.png"'


def test_the_code_never_follows_the_host_that_was_asked(colleague: FlaskClient) -> None:
    response = colleague.get(f"{QR}.png", headers={"Host": "localhost:1234"})
    assert read_qr(response.data) == PUBLIC


def test_the_drawing_is_black_on_white_and_nothing_else(colleague: FlaskClient) -> None:
    response = colleague.get(f"{QR}/hundesteuer.svg")
    assert response.mimetype == "image/svg+xml"
    assert set(re.findall(r'(?:stroke|fill)="([^"]+)"', response.text)) == {"#000", "#fff"}
    assert "<script" not in response.text


@pytest.mark.parametrize(("size", "shown"), [("a4", "a4"), ("a6", "a6"), ("", "a4"), ("<b>", "a4")])
def test_the_poster_has_the_size_of_its_paper(colleague: FlaskClient, size: str, shown: str) -> None:
    page = colleague.get(POSTER, query_string={"size": size}).text
    assert f'class="poster poster--{shown}"' in page
    assert "Wie war es?" in page
    assert "stats.example.de/feedback/www.marburg.de/hundesteuer" in page
    assert "<script" not in page
