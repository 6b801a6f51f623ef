"""The opt-out page: a cookie only at an explicit wish, honoured by the collector."""

import json
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from admin import create_app
from admin.opt_out import same_site
from tracker.anonymise import OPT_OUT_COOKIE
from tracker.config import Config
from tracker.store import open_database
from tracker.store.catalogue import Catalogue


@pytest.fixture
def reached(config: Config) -> None:
    """A site that shares its registrable domain with the collector, stats.example.de."""
    connection = open_database(config.database)
    Catalogue(connection).add_site("www.example.de", "065340014014")
    connection.close()


def send_beacon(client: FlaskClient, **headers: str) -> Any:
    """What the collector of the whole application answers to a view of a browser with these cookies."""
    body = json.dumps({"s": "www.marburg.de", "u": "https://www.marburg.de/"})
    return client.post(
        "/beacon", data=body, headers={"User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/130.0", **headers}
    )


@pytest.mark.usefixtures("reached")
def test_looking_at_the_page_sets_no_cookie(anyone: FlaskClient) -> None:
    response = anyone.get("/opt-out")
    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers
    assert "Sie haben nicht abgelehnt" in response.text


@pytest.mark.usefixtures("reached")
def test_whoever_refuses_is_not_counted_until_it_is_taken_back(anyone: FlaskClient) -> None:
    assert "X-Zaehlwerk-Dropped" not in send_beacon(anyone).headers
    response = anyone.post("/opt-out", data={"wish": "refuse"})
    assert response.status_code == 303
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith(f"{OPT_OUT_COOKIE}=1;")
    assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=Lax", "Path=/"))
    kept = f"{OPT_OUT_COOKIE}=1"
    assert "Sie haben abgelehnt" in anyone.get("/opt-out", headers={"Cookie": kept}).text
    answer = send_beacon(anyone, Cookie=f"other=2; {kept}")
    assert (answer.status_code, answer.headers["X-Zaehlwerk-Dropped"]) == (202, "opted_out")
    removed = anyone.post("/opt-out", data={"wish": "allow"}, headers={"Cookie": kept}).headers["Set-Cookie"]
    assert "Max-Age=0" in removed
    assert "X-Zaehlwerk-Dropped" not in send_beacon(anyone).headers


@pytest.mark.parametrize("cookie", ["", f"{OPT_OUT_COOKIE}=0", f"x{OPT_OUT_COOKIE}=1", f"a={OPT_OUT_COOKIE}=1", ";;="])
def test_no_other_cookie_counts_as_a_refusal(app: Flask, cookie: str) -> None:
    anyone = app.test_client(use_cookies=False)  # one that keeps cookies drops the header
    assert "X-Zaehlwerk-Dropped" not in send_beacon(anyone, Cookie=cookie).headers


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_another_site_cannot_choose_for_a_visitor(anyone: FlaskClient, headers: dict[str, str]) -> None:
    response = anyone.post("/opt-out", data={"wish": "refuse"}, headers=headers)
    assert (response.status_code, response.headers.get("Set-Cookie")) == (403, None)


@pytest.mark.parametrize("wish", ["", "x", "refuse\r\nSet-Cookie: a=b"])
def test_a_wish_that_is_none_changes_nothing(anyone: FlaskClient, wish: str) -> None:
    assert "Set-Cookie" not in anyone.post("/opt-out", data={"wish": wish}).headers


@pytest.mark.parametrize(
    ("page", "collector", "same"),
    [
        ("www.marburg.de", "zaehlwerk.marburg.de", True),
        ("marburg.de", "zaehlwerk.marburg.de", True),
        ("www.marburg.de", "www.marburg.de", True),
        ("www.marburg.de", "stats.example.de", False),
        ("a.kommune.co.uk", "b.kommune.co.uk", True),
        ("eins.co.uk", "zwei.co.uk", False),
        ("eins.github.io", "zwei.github.io", False),
        ("www.stadt.localhost", "zaehlwerk.stadt.localhost", True),
        ("localhost", "127.0.0.1", False),
    ],
)
def test_it_knows_where_browsers_send_the_cookie(page: str, collector: str, same: bool) -> None:
    assert same_site(page, collector) is same


@pytest.mark.usefixtures("reached")
def test_the_page_says_where_it_works_and_where_not(anyone: FlaskClient) -> None:
    page = anyone.get("/opt-out?lang=en").text
    works, fails = page.index("www.example.de"), page.index("www.marburg.de")
    assert page.index("sends the cookie along:") < works < page.index("it does not work") < fails
    alone = anyone.get("/opt-out?lang=en&site=www.example.de").text
    assert "www.marburg.de" not in alone


@pytest.mark.parametrize("header", ["DNT", "Sec-GPC"])
def test_it_tells_whom_the_browser_speaks_for_already(anyone: FlaskClient, header: str) -> None:
    assert "ohnehin nicht gezählt" in anyone.get("/opt-out", headers={header: "1"}).text
    assert "ohnehin nicht gezählt" not in anyone.get("/opt-out").text


def test_in_the_demo_it_works_on_the_city_s_own_host(config: Config) -> None:
    demo = create_app(replace(config, simulated=True), background=False).test_client()
    page = demo.get("/opt-out?lang=en", headers={"Host": "www.marburg.de:8000"}).text
    assert "sends the cookie along" in page and "does not work" not in page


@pytest.mark.parametrize("query", ["", "&site=www.marburg.de"])
def test_where_it_works_nowhere_there_is_no_button_that_seems_to_help(anyone: FlaskClient, query: str) -> None:
    page = anyone.get(f"/opt-out?lang=de{query}").text
    assert "Mit einem Cookie lässt sich das hier nicht ablehnen" in page
    assert "<form" not in page and "können Sie es hier ablehnen" not in page


@pytest.mark.usefixtures("reached")
def test_a_cookie_that_does_not_reach_the_website_is_no_refusal_but_can_be_removed(anyone: FlaskClient) -> None:
    anyone.set_cookie(OPT_OUT_COOKIE, "1")
    page = anyone.get("/opt-out?lang=de&site=www.marburg.de").text
    assert "Sie haben abgelehnt" not in page and "Mit einem Cookie lässt sich das hier nicht ablehnen" in page
    assert "Cookie entfernen" in page
    assert "Sie haben abgelehnt" in anyone.get("/opt-out?lang=de&site=www.example.de").text


def test_what_it_says_about_signals_is_what_the_collector_does(config: Config) -> None:
    said = ((True, "nicht gezählt.", "nicht beachtet"), (False, "nicht beachtet", "wirkt die"))
    for honoured, there, missing in said:
        client = create_app(replace(config, honour_dnt=honoured), background=False).test_client()
        page = client.get("/opt-out?lang=de").text
        assert there in page and missing not in page and "sofern" not in page
        assert ("X-Zaehlwerk-Dropped" in send_beacon(client, DNT="1").headers) is honoured
