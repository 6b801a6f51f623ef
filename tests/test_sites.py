"""The list of sites, a new site, its set-up page and its settings."""

from pathlib import Path
from time import time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from roles import OWNER, send, signed_in

from admin import create_app
from admin.sites import host_name
from tracker.config import Config
from tracker.rollups import Delta, add
from tracker.store import open_database, open_store
from tracker.store.accounts import OPERATOR, Accounts
from tracker.store.batch import Batch
from tracker.store.catalogue import Catalogue, Site

SETUP = "/admin/sites/www.marburg.de/setup"
SETTINGS = "/admin/sites/www.marburg.de/settings"


def count(
    config: Config, host: str = "www.marburg.de", visitors: int = 1234, views: int = 5678, arrived: bool = True
) -> None:
    """Count a day of a site as the loader does."""
    store = open_store(config.database)
    site, delta = site_in(config, host), Delta()
    add(delta, 0, "", (visitors, visitors, views, 1, 1, 0, 1))
    store.begin()
    now = int(time() * 1000)
    store.apply(
        Batch({(site.id, site.calendar.moment(now).day): {"": delta}}, {}, [], [], {}, {}, {}, now),
        arrived={site.id} if arrived else (),
    )
    store.commit()
    store.close()


def site_in(config: Config, host: str = "www.marburg.de") -> Site:
    connection = open_database(config.database)
    found = Catalogue(connection).site(host)
    connection.close()
    return found


def test_it_lists_sites_with_today_and_the_week(owner: FlaskClient, config: Config) -> None:
    count(config)
    page = owner.get("/admin/").text
    assert 'href="/admin/sites/www.marburg.de"' in page
    assert page.count("1.234") == page.count("5.678") == 2


def test_a_new_site_leads_to_its_set_up(owner: FlaskClient) -> None:
    page = owner.get("/admin/").text
    assert f'href="{SETUP}"' in page
    assert "Wartet auf die erste Meldung" in page


def test_what_was_only_imported_can_be_looked_at(owner: FlaskClient, config: Config) -> None:
    count(config, arrived=False)
    assert 'href="/admin/sites/www.marburg.de"' in owner.get("/admin/").text


def test_where_no_visitors_are_counted_none_are_shown(owner: FlaskClient, config: Config) -> None:
    send(owner, SETTINGS, level="counts")
    count(config, visitors=0)
    assert "wird nicht gezählt" in owner.get("/admin/").text


def test_a_viewer_sees_the_own_municipality_alone(colleague: FlaskClient, stranger: FlaskClient) -> None:
    assert "www.marburg.de" in colleague.get("/admin/").text
    page = stranger.get("/admin/").text
    assert "www.marburg.de" not in page
    assert "Für Ihre Kommune wird noch keine Website gezählt" in page
    assert "/admin/sites/new" not in page


def test_a_new_site_shows_its_tag(owner: FlaskClient) -> None:
    form = {"host": "service.marburg.de", "municipality": "065340014014", "level": "counts"}
    response = send(owner, "/admin/sites/new", **form)
    assert (response.status_code, response.location) == (303, "/admin/sites/service.marburg.de/setup")
    page = owner.get(response.location).text
    tag = '<script defer src="https://stats.example.de/snippet.js" data-site="service.marburg.de"></script>'
    assert tag.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&#34;") in page
    assert "https://stats.example.de/beacon.gif?s=service.marburg.de" in page


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("www.marburg.de", "www.marburg.de"),
        (" WWW.Marburg.DE. ", "www.marburg.de"),
        ("https://www.marburg.de/leben/?a=b#c", "www.marburg.de"),
        ("www.marburg.de/leben", "www.marburg.de"),
        ("localhost:8080", "localhost"),
        ("bürger.marburg.de", "xn--brger-kva.marburg.de"),
        ("", ""),
        ("   ", ""),
        ("kein host", ""),
        ("https://", ""),
        ("http://[", ""),
        ("-a.de", ""),
        ("ä" * 80 + ".de", ""),
        ("<script>", ""),
        ("a..de", ""),
    ],
)
def test_it_finds_the_host_in_what_is_pasted(typed: str, host: str) -> None:
    assert host_name(typed.strip()) == host


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({}, "Das ist kein Hostname"),
        ({"host": "kein host"}, "Das ist kein Hostname"),
        ({"host": "https://WWW.marburg.de/"}, "www.marburg.de wird schon gezählt"),
        ({"host": "a.de", "municipality": "999999999999"}, "Wählen Sie die Kommune"),
        ({"host": "a.de", "municipality": "065340014014", "level": "alles"}, "Wählen Sie, was gezählt"),
    ],
)
def test_it_says_what_is_wrong_and_keeps_the_entry(owner: FlaskClient, form: dict[str, str], message: str) -> None:
    response = send(owner, "/admin/sites/new", **form)
    assert response.status_code == 400
    assert message in response.text
    assert f'value="{form.get("host", "")}"' in response.text


def test_the_first_site_begins_with_a_municipality(tmp_path: Path) -> None:
    config = Config(data=tmp_path)
    connection = open_database(config.database)
    Accounts(connection).add(OWNER, "ein langes Passwort", OPERATOR)
    connection.close()
    owner = signed_in(create_app(config, background=False), OWNER)
    assert "Noch keine Website" in owner.get("/admin/").text
    assert owner.get("/admin/sites/new").location == "/admin/municipalities/new"
    response = send(owner, "/admin/municipalities/new", name="Marburg", ars="06 534 0014 014")
    assert response.location.startswith("/admin/sites/new?municipality=065340014014")
    assert "Fügen Sie jetzt ihre erste Website hinzu" in owner.get(response.location).text


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"ars": "065340014014"}, "Geben Sie einen Namen"),
        ({"name": "x" * 201, "ars": "065340014015"}, "Geben Sie einen Namen"),
        ({"name": "Marburg"}, "Das ist kein Regionalschlüssel"),
        ({"name": "Marburg", "ars": "06534014"}, "Das ist kein Regionalschlüssel"),
        ({"name": "Marburg", "ars": "065340014014"}, "065340014014 gibt es schon"),
    ],
)
def test_a_municipality_needs_name_and_key(owner: FlaskClient, form: dict[str, str], message: str) -> None:
    response = send(owner, "/admin/municipalities/new", **form)
    assert response.status_code == 400
    assert message in response.text


def test_the_set_up_page_notices_the_first_beacon(colleague: FlaskClient, config: Config) -> None:
    path = "/admin/sites/www.marburg.de/arrived"
    assert f'data-arrived="{path}"' in colleague.get(SETUP).text
    assert colleague.get(path).get_json() == {"arrived": False}
    count(config)
    assert colleague.get(path).get_json() == {"arrived": True}
    assert "data-arrived" not in colleague.get(SETUP).text


def test_a_viewer_reads_the_settings_but_cannot_change_them(colleague: FlaskClient) -> None:
    page = colleague.get(SETUP).text
    assert "Besuche und Aufrufe" in page
    assert SETTINGS not in page


def test_settings_are_kept(owner: FlaskClient, config: Config) -> None:
    response = send(owner, SETTINGS, level="counts", subdomains="on", search_param="q")
    assert response.status_code == 303
    assert "Die Einstellungen sind gespeichert" in owner.get(response.location).text
    site = site_in(config)
    assert (site.level, site.subdomains, site.search_param) == ("counts", True, "q")
    send(owner, SETTINGS, level="visits")
    site = site_in(config)
    assert (site.level, site.subdomains, site.search_param) == ("visits", False, "")


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({}, "Wählen Sie, was gezählt"),
        ({"level": "alles"}, "Wählen Sie, was gezählt"),
        ({"level": "visits", "search_param": "a b&c"}, "genau eines Parameters"),
    ],
)
def test_wrong_settings_change_nothing(owner: FlaskClient, config: Config, form: dict[str, str], message: str) -> None:
    before = site_in(config)
    response = send(owner, SETTINGS, **form)
    assert response.status_code == 400
    assert message in response.text
    assert site_in(config) == before


def test_what_was_typed_is_shown_as_text(app: Flask, owner: FlaskClient) -> None:
    response = send(owner, SETTINGS, level="visits", search_param='"><script>alert(1)</script>')
    assert "<script>alert" not in response.text
    assert "&lt;script&gt;alert(1)" in response.text
