"""Settings of gunicorn: `gunicorn -c python:tracker.gunicorn_settings wsgi:app`. Measured in docs/performance.md."""

import socket
import time
from contextlib import suppress
from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from gunicorn.workers.gthread import _DEFER, ThreadWorker  # type: ignore[import-untyped]

from tracker.logs import LOGGING

FIRST_BYTE_WITHIN = 0.02  # s that a thread waits for the first byte of a new connection
ARRIVES_WITHIN = 10.0  # s that a request may take to arrive


class QuietLogger(Logger):  # type: ignore[misc] # gunicorn has no types
    """No access log. Gunicorn's own collects every header of a request, even when nobody writes it down: 36 µs."""

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        """Keep nothing of a request."""


class PunctualWorker(ThreadWorker):  # type: ignore[misc]
    """Lets no thread wait for what does not come. Gunicorn's waits 5 s for the first byte and for ever for the last.

    Browsers open connections in advance and send nothing; telephones vanish in the middle of a request.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._due: dict[Any, float] = {}  # connection → when its request must have arrived

    def handle(self, conn: Any) -> Any:
        """Handle one request of a connection, in a thread; without a first byte, leave it to the poller."""
        if not conn.initialized and not conn.wait_for_data(FIRST_BYTE_WITHIN):
            return _DEFER
        self._due[conn] = time.monotonic() + ARRIVES_WITHIN
        try:
            return super().handle(conn)
        finally:
            self._due.pop(conn, None)

    def murder_keepalived(self) -> None:
        """Called every second: what is late can be read no further, so that its thread gets on; answers still pass."""
        super().murder_keepalived()
        now = time.monotonic()
        for conn in [conn for conn, due in self._due.copy().items() if due < now]:
            with suppress(OSError):
                conn.sock.shutdown(socket.SHUT_RD)


worker_class = PunctualWorker
threads = 8  # 4 take a sixth less CPU than 16, but a slow request holds one for as long as it takes
keepalive = 30
timeout = 60
graceful_timeout = 10
accesslog = None
logger_class = QuietLogger
logconfig_dict = LOGGING
http_parser = "auto"  # the fast parser where it is installed
limit_request_line = 8190
control_socket_disable = True  # it would lie outside the data directory
