import json

import pytest

from tests.installation import CHROME, HOST, Installation, install


@pytest.fixture
def city(tmp_path):
    return install(tmp_path)


def test_it_keeps_a_view(city):
    answer = city.send(u=f"https://{HOST}/anwohnerparken", r="https://www.google.de/")
    assert answer.status_code == 202
    assert "X-Zaehlwerk-Dropped" not in answer.headers
    city.count()
    assert city.keys("page") == {"/anwohnerparken": 1}
    assert city.keys("source") == {"Google": 1}
    assert city.keys("device") == {"desktop": 1}
    assert city.keys("language") == {"de": 1}


def test_it_answers_every_origin_and_sets_nothing_on_the_device(city):
    for answer in (city.send(), city.picture(f"s={HOST}&u=/"), city.send(s="unknown.example"), city.post("{")):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Cache-Control"] == "no-store"
        assert not {"Set-Cookie", "ETag", "Last-Modified", "Accept-CH", "Expires"} & set(answer.headers.keys())


def test_the_picture_counts_without_javascript(city):
    answer = city.picture(f"s={HOST}", {"Referer": f"https://{HOST}/ohne-skript"})
    assert (answer.status_code, answer.mimetype, answer.data[:6]) == (202, "image/gif", b"GIF89a")
    city.picture(f"s={HOST}&u=/ereignis&k=event&n=Klick&p.art=rot")
    city.count()
    assert city.keys("page") == {"/ohne-skript": 1}
    assert city.keys("event", "events") == {"Klick": 1}
    assert city.keys("property", "events") == {"Klick · art = rot": 1}


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ("", 400, "beacon"),
        ("{", 400, "beacon"),
        ("[]", 400, "object"),
        (json.dumps({"s": HOST}), 400, "`u`"),
        (json.dumps({"u": "/"}), 400, "`s`"),
        (json.dumps({"s": HOST, "u": "nowhere"}), 400, "address"),
        (json.dumps({"s": HOST, "u": "javascript:alert(1)"}), 400, "address"),
        (json.dumps({"s": HOST, "u": "https://evil.example/"}), 400, "belong"),
        (json.dumps({"s": HOST, "u": "/", "k": "steal"}), 400, "$.k"),
        (json.dumps({"s": HOST, "u": "/", "k": "event"}), 400, "name"),
        (json.dumps({"s": HOST, "u": "/", "k": "event", "n": "x" * 121}), 400, "$.n"),
        (json.dumps({"s": HOST, "u": "/", "p": {str(i): 1 for i in range(31)}}), 400, "$.p"),
        (json.dumps({"s": HOST, "u": "/", "p": {"a": {"deep": 1}}}), 400, "$.p"),
        (json.dumps({"s": HOST, "u": "/", "k": "event", "n": "outbound", "p": {"url": "javascript:1"}}), 400, "url"),
        (json.dumps({"s": HOST, "u": "/", "d": -1}), 400, "$.d"),
        (json.dumps({"s": HOST, "u": "/", "d": 86_401}), 400, "$.d"),
        (json.dumps({"s": HOST, "u": "/" + "ä" * 1500}, ensure_ascii=False), 400, "2,000"),
        (json.dumps({"s": "www.giessen.de", "u": "/"}), 404, "registered"),
        (json.dumps({"s": HOST, "u": "/", "r": "x" * 9000}), 413, "8 KiB"),
    ],
)
def test_it_refuses_what_is_malformed_and_says_why(city, body, status, word):
    answer = city.post(body)
    assert answer.status_code == status
    assert word in answer.json["error"]
    city.count()
    assert city.total("views") == 0


@pytest.mark.parametrize("body", [b"\xff\xfe{}", b'{"s": "\xed\xa0\x80"}', b"null", b"9" * 5000, b"[" * 8000])
def test_it_never_fails_on_bytes(city, body):
    assert city.post(body).status_code == 400


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"DNT": "1"}, "opted_out"),
        ({"Sec-GPC": "1"}, "opted_out"),
        ({"Sec-Purpose": "prefetch;prerender"}, "prefetch"),
        ({"Purpose": "prefetch"}, "prefetch"),
        ({"X-Moz": "prefetch"}, "prefetch"),
        ({"X-Purpose": "preview"}, "prefetch"),
        ({"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}, "bot"),
        ({"User-Agent": ""}, "bot"),
    ],
)
def test_it_drops_and_says_why(city, headers, reason):
    answer = city.send(headers)
    assert (answer.status_code, answer.headers["X-Zaehlwerk-Dropped"]) == (202, reason)
    city.count()
    assert city.total("views") == 0


def test_bots_are_counted_apart_by_name(city):
    city.send({"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"})
    city.send()
    city.count()
    assert city.keys("bot", "events") == {"Googlebot": 1}
    assert city.total("views") == 1
    assert city.total("events") == 0


def test_an_opt_out_is_counted_if_the_operator_says_so(tmp_path):
    city = install(tmp_path, honour_dnt="no")
    assert "X-Zaehlwerk-Dropped" not in city.send({"DNT": "1"}).headers


def test_the_own_network_is_left_out(tmp_path):
    city = install(tmp_path, excluded_networks="10.0.0.0/8, 2001:db8::/32")
    for address, kept in (("10.1.2.3", False), ("::ffff:10.1.2.3", False), ("2001:db8::1", False), ("11.1.2.3", True)):
        assert ("X-Zaehlwerk-Dropped" not in city.send(address=address).headers) is kept


@pytest.mark.parametrize(
    ("origin", "status"),
    [(f"https://{HOST}", 202), (f"http://{HOST}:8080", 202), ("https://evil.example", 400), ("null", 400)],
)
def test_a_browsers_origin_must_be_the_sites(city, origin, status):
    assert city.send({"Origin": origin}).status_code == status


def test_subdomains_belong_to_the_site_only_if_it_says_so(tmp_path):
    strict, wide = install(tmp_path / "strict"), install(tmp_path / "wide", subdomains=True)
    page = f"https://termine.{HOST}/buchen"
    assert strict.send(u=page).status_code == 400
    assert wide.send({"Origin": f"https://termine.{HOST}"}, u=page).status_code == 202
    assert wide.send(u=f"https://evil{HOST}/").status_code == 400
    wide.count()
    assert wide.keys("page") == {f"termine.{HOST}/buchen": 1}


def test_it_limits_what_one_address_may_send(tmp_path):
    city = install(tmp_path, rate_limit="1", rate_burst="3")
    answers = [city.send().status_code for _ in range(6)]
    assert answers == [202, 202, 202, 202, 429, 429]
    assert city.send(address="93.184.216.35").status_code == 202
    city.clock.now += 2
    assert city.send().status_code == 202


def test_forwarded_addresses_are_believed_of_trusted_proxies_only(tmp_path):
    plain = install(tmp_path / "plain", rate_limit="1", rate_burst="1")
    forged = [plain.send({"X-Forwarded-For": f"9.9.9.{i}"}).status_code for i in range(4)]
    assert 429 in forged
    proxied = install(tmp_path / "proxied", rate_limit="1", rate_burst="1", trusted_proxies="93.184.216.34")
    passed = [proxied.send({"X-Forwarded-For": f"9.9.9.{i}"}).status_code for i in range(4)]
    assert passed == [202] * 4
    chained = [proxied.send({"X-Forwarded-For": f"1.1.1.{i}, 9.9.9.99"}).status_code for i in range(4)]
    assert 429 in chained


def test_other_methods_are_refused_and_preflights_answered(city):
    assert city.client.get("/beacon").status_code == 405
    assert city.client.put("/beacon").status_code == 405
    assert city.client.post("/beacon.gif").status_code == 405
    preflight = city.client.options("/beacon")
    assert preflight.status_code == 204
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]


def test_everything_else_goes_to_the_application(city):
    assert city.client.get("/beacons").status_code == 404


def test_an_unwritable_journal_is_said_and_nothing_is_counted(city):
    city.send(u="/vorher")
    city.worker.journal.close()
    for path in city.config.journal.iterdir():
        path.rename(city.config.data / path.name)
    city.config.journal.rmdir()
    answer = city.send(u="/nicht")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    city.config.journal.mkdir()
    for path in city.config.data.glob("*.jsonl"):
        path.rename(city.config.journal / path.name)
    assert city.send(u="/nachher").status_code == 202
    city.count()
    assert city.keys("page") == {"/vorher": 1, "/nachher": 1}


def test_events_links_downloads_searches_and_missing_pages_have_their_dimensions(tmp_path):
    city = install(tmp_path, search_param="q")
    city.send(u=f"https://{HOST}/suche?q=Hundesteuer&utm_source=brief&utm_campaign=Parken", p={"not_found": True})
    city.send(k="event", n="Formular", p={"seite": 2, "ok": True})
    city.send(k="event", n="download", p={"url": f"https://{HOST}/antrag.pdf?token=1"})
    city.send(k="event", n="download", p={"url": f"http://{HOST}:8000/antrag.pdf"})
    city.send(k="event", n="outbound", p={"url": "https://id.bund.de/login?state=geheim"})
    city.count()
    assert city.keys("search") == {"hundesteuer": 1}
    assert city.keys("campaign") == {"Parken": 1}
    assert city.keys("not_found") == {"/suche": 1}
    assert city.keys("event", "events") == {"Formular": 1}
    assert city.keys("property", "events") == {"Formular · ok = true": 1, "Formular · seite = 2": 1}
    assert city.keys("download", "events") == {"/antrag.pdf": 2}
    assert city.keys("outbound", "events") == {"https://id.bund.de/login": 1}


def test_hash_routes_are_pages_and_other_fragments_are_not(city):
    city.send(u=f"https://{HOST}/app#/antrag/2")
    city.send(u=f"https://{HOST}/app#abschnitt")
    city.count()
    assert city.keys("page") == {"/app#/antrag/2": 1, "/app": 1}


def test_level_counts_stores_no_pseudonym(tmp_path):
    city: Installation = install(tmp_path, level="counts")
    city.send(r="https://www.google.de/")
    city.send(u="/zweite", r=f"https://{HOST}/")
    city.count()
    assert (city.total("views"), city.total("visits"), city.total("visitors")) == (2, 0, 0)
    assert city.keys("entry") == {"/": 1}
    assert city.keys("source") == {"Google": 1}
    assert city.store.connection.execute("select count(*) from open_visitor").fetchone() == (0,)
    assert city.store.connection.execute("select count(*) from visit").fetchone() == (0,)


def test_the_same_visitor_is_known_for_one_day_only(city):
    city.send()
    city.clock.now += 3600
    city.send()
    city.clock.now += 86_400
    city.send()
    city.send({"User-Agent": CHROME.replace("120", "121")})
    city.count()
    assert (city.total("visitors"), city.total("visits")) == (3, 4)
