"""The object a WSGI server loads: `gunicorn wsgi:app`."""

from admin import create_app
from tracker.config import load_config

app = create_app(load_config())
