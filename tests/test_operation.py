import json

import pytest
from flask import Flask

from tests.installation import HOST, install
from tests.server import Server
from tests.test_kill import wait_for
from tracker.operation import operation


@pytest.fixture
def city(tmp_path):
    return install(tmp_path)


@pytest.fixture
def client(city):
    app = Flask("machines")
    app.register_blueprint(operation(city.worker))
    return app.test_client()


def test_the_snippet_is_the_same_for_everyone_and_cached_for_a_day_at_most(client):
    answer = client.get("/snippet.js", headers={"DNT": "1"})
    assert answer.data == client.get("/snippet.js").data
    assert b"sendBeacon" in answer.data
    assert 0 < answer.cache_control.max_age <= 86_400
    assert "ETag" not in answer.headers
    assert "Last-Modified" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert client.post("/snippet.js").status_code == 405


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/feedback.js", "Rückmeldung geben"),
        ("/feedback.de.js", "Rückmeldung geben"),
        ("/feedback.de-leicht.js", "Ihre Meinung sagen"),
        ("/feedback.ar.js", "أرسل رأيك"),
    ],
)
def test_the_widget_of_a_language_is_the_same_for_everyone(client, path, text):
    answer = client.get(path, headers={"Accept-Language": "tr"})
    assert text in answer.text
    assert answer.mimetype == "text/javascript"
    snippet = client.get("/snippet.js")
    for headers in (answer.headers, snippet.headers):
        del headers["Content-Length"]
    assert answer.headers == snippet.headers
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("language", ["xx", "", "..", "de.min", "DE", "de%2fx"])
def test_there_is_no_widget_of_another_language(client, language):
    assert client.get(f"/feedback.{language}.js").status_code == 404


def test_it_is_not_healthy_without_a_loader(client):
    answer = client.get("/health")
    assert answer.status_code == 503
    assert answer.json["faults"] == ["The loader gives no sign of life."]


def test_it_is_not_healthy_when_the_journal_cannot_be_written(city, client):
    city.worker.journal.close()
    for path in city.config.journal.iterdir():
        path.unlink()
    city.config.journal.rmdir()
    assert any("journal" in fault for fault in client.get("/health").json["faults"])


def test_metrics_count_answers_by_reason_and_name_nobody(city, client):
    city.send()
    city.send({"DNT": "1"})
    city.send(s='böse"}\n.example')
    city.post("{")
    text = client.get("/metrics").text
    assert 'zaehlwerk_beacons_total{answer="202",reason="kept"} 1' in text
    assert 'zaehlwerk_beacons_total{answer="202",reason="opted_out"} 1' in text
    assert 'zaehlwerk_beacons_total{answer="400",reason="bad_request"} 1' in text
    assert 'zaehlwerk_beacons_total{answer="404",reason="not_found"} 1' in text
    assert "böse" not in text
    assert "93.184" not in text
    for line in text.splitlines():
        assert line.startswith("# ") or len(line.rsplit(" ", 1)) == 2


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["gunicorn", "granian"])
def test_a_view_is_in_the_figures_soon(city, kind):
    """Within two seconds where nothing else runs; a busy machine is given more."""
    with Server(city.config.data, kind) as server:
        assert server.send(s=HOST, u="/schnell") == 202
        assert wait_for(lambda: city.keys("page").get("/schnell") == 1)
        assert json.loads(server.get("/health")[1]) == {"status": "ok", "faults": []}
        assert wait_for(lambda: b'reason="kept"} 1' in server.get("/metrics")[1]), "summed over the workers"
        assert b"zaehlwerk_loader_up 1" in server.get("/metrics")[1]


@pytest.mark.slow
def test_a_new_site_is_counted_without_a_restart(city):
    with Server(city.config.data) as server:
        assert server.send(s="neu.marburg.de", u="/") == 404
        city.catalogue.add_site("neu.marburg.de", "065340014014")
        assert wait_for(lambda: server.send(s="neu.marburg.de", u="/") == 202)


@pytest.mark.slow
def test_fsync_acknowledges_too(tmp_path):
    city = install(tmp_path, durability="fsync")
    with Server(city.config.data, durability="fsync") as server:
        assert [server.send(s=HOST, u="/sicher") for _ in range(20)] == [202] * 20
        assert wait_for(lambda: city.keys("page").get("/sicher") == 20)
