"""Settings of gunicorn: `gunicorn -c python:tracker.gunicorn_settings wsgi:app`. Measured in docs/performance.md."""

from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from tracker.logs import LOGGING


class QuietLogger(Logger):  # type: ignore[misc] # gunicorn has no types
    """No access log. Gunicorn's own collects every header of a request, even when nobody writes it down: 36 µs."""

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        """Keep nothing of a request."""


worker_class = "gthread"
threads = 8  # 4 are a tenth faster, but as many connections that send nothing would hold up everyone for 5 seconds
keepalive = 30
timeout = 60
graceful_timeout = 10
accesslog = None
logger_class = QuietLogger
logconfig_dict = LOGGING
http_parser = "auto"  # the fast parser where it is installed
limit_request_line = 8190
control_socket_disable = True  # it would lie outside the data directory
