"""What machines ask for: the snippet, the feedback widget, /health and /metrics."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from flask import Blueprint, Response, abort, jsonify

from tracker.counters import heartbeat_is_fresh, read_json
from tracker.errors import JournalError
from tracker.journal import journal_size, probe
from tracker.worker import Worker, loader_status

SCRIPT_SECONDS = 3600  # that a browser may keep a script; the same for everyone
FEEDBACK_LANGUAGE = "de"  # of /feedback.js
_METRICS = (  # key of the loader's heartbeat, name, type, help
    ("lag", "zaehlwerk_journal_lag_seconds", "gauge", "Age of the oldest beacon that is not counted yet."),
    ("batch_seconds", "zaehlwerk_loader_batch_seconds", "gauge", "Time the loader took for its last batch."),
    ("counted", "zaehlwerk_loader_beacons_total", "counter", "Beacons counted by this loader."),
    ("damaged", "zaehlwerk_loader_damaged_total", "counter", "Journal lines that could not be read."),
    ("without_visit", "zaehlwerk_loader_without_visit_total", "counter", "Last signs of visits that were over."),
    ("unknown_site", "zaehlwerk_loader_unknown_site_total", "counter", "Beacons of sites that were removed."),
)


def operation(worker: Worker) -> Blueprint:
    """The routes, for one worker."""
    blueprint = Blueprint("operation", __name__)
    built = files("zaehlwerk_static").joinpath("build")
    snippet = built.joinpath("snippet.min.js").read_bytes()
    feedback = _feedback(built)

    @blueprint.get("/snippet.js")
    def snippet_js() -> Response:
        return _script(snippet)

    @blueprint.get("/feedback.js")
    @blueprint.get("/feedback.<language>.js")
    def feedback_js(language: str = FEEDBACK_LANGUAGE) -> Response:
        return _script(feedback[language]) if language in feedback else abort(404)

    @blueprint.get("/health")
    def health() -> tuple[Response, int]:
        faults = _faults(worker)
        answer = {"status": "failing" if faults else "ok", "faults": faults}
        return jsonify(answer), 503 if faults else 200

    @blueprint.get("/metrics")
    def metrics() -> Response:
        return Response(_metrics(worker), content_type="text/plain; version=0.0.4; charset=utf-8")

    return blueprint


def _feedback(built: Traversable) -> dict[str, bytes]:
    """Language → the widget in it."""
    found = {}
    for path in built.iterdir():
        if path.name.startswith("feedback."):
            found[path.name.split(".")[1]] = path.read_bytes()
    return found


def _script(content: bytes) -> Response:
    """A script for foreign pages: cached for all alike, without anything by which a browser could be known again."""
    response = Response(content, mimetype="text/javascript")
    response.cache_control.public = True
    response.cache_control.max_age = SCRIPT_SECONDS
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _faults(worker: Worker) -> list[str]:
    faults = []
    try:
        probe(worker.config.journal)
    except JournalError as error:
        faults.append(str(error))
    if not heartbeat_is_fresh(_heartbeat(worker)):
        faults.append("The loader gives no sign of life.")
    return faults


def _heartbeat(worker: Worker) -> dict[str, Any] | None:
    return read_json(loader_status(worker.runtime, worker.config.data))


def _metrics(worker: Worker) -> str:
    lines = [
        "# HELP zaehlwerk_beacons_total Answers to beacons and feedback, by reason.",
        "# TYPE zaehlwerk_beacons_total counter",
    ]
    for (answer, reason), number in sorted(worker.counters.total().items()):
        lines.append(f'zaehlwerk_beacons_total{{answer="{answer}",reason="{reason}"}} {number}')
    heartbeat = _heartbeat(worker) or {}
    for key, name, kind, meaning in _METRICS:
        if key in heartbeat:
            lines += [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}", f"{name} {heartbeat[key]}"]
    size = journal_size(worker.config.journal)
    alive = int(heartbeat_is_fresh(heartbeat or None))
    lines += [
        "# HELP zaehlwerk_loader_up Whether the loader is alive.",
        "# TYPE zaehlwerk_loader_up gauge",
        f"zaehlwerk_loader_up {alive}",
        "# HELP zaehlwerk_journal_bytes Size of the journal's files.",
        "# TYPE zaehlwerk_journal_bytes gauge",
        f"zaehlwerk_journal_bytes {size}",
    ]
    return "\n".join(lines) + "\n"
