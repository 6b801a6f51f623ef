"""The collector's work as an ordinary Flask view, to compare with: the same checks and functions, the same journal."""

from flask import Flask, Response, abort, request

from tracker.anonymise import HEADER_STEPS, Draft, Drop, anonymise
from tracker.beacon import parse_body
from tracker.config import load_config
from tracker.peer import client_address
from tracker.record import encode
from tracker.worker import Worker

app = Flask(__name__)
worker = Worker(load_config())


@app.post("/beacon")
def beacon() -> Response:
    """Check, anonymise and write one beacon."""
    now, environ = worker.clock(), request.environ
    address = client_address(environ, worker.config.trusted_proxies)
    if not worker.limiter.allows(address, now):
        abort(429)
    if any(step(environ, address, worker.config) for step in HEADER_STEPS):
        abort(400)
    message = parse_body(request.get_data())
    counted = worker.sites[message.s.lower()]
    draft = Draft(message, counted.site, counted.key, int(now * 1000), address, environ, worker.country, worker.client)
    record = anonymise(draft)
    if isinstance(record, Drop):
        abort(400)
    worker.journal.append(encode(record))
    answer = Response(status=202)
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cache-Control"] = "no-store"
    return answer
