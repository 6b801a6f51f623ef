"""Settings of gunicorn: `gunicorn -c python:tracker.gunicorn_settings wsgi:app`."""

from tracker.logs import LOGGING

worker_class = "gthread"
threads = 16
keepalive = 30
timeout = 60
graceful_timeout = 10
accesslog = None
logconfig_dict = LOGGING
http_parser = "auto"  # the fast parser where it is installed
limit_request_line = 8190
