"""Structured logs: one JSON object a line on standard error. No address and no user-agent ever gets into one."""

import json
import logging
import re
from datetime import UTC, datetime
from pathlib import Path
from traceback import extract_tb

_LOGGER = logging.getLogger("zaehlwerk")
_ADDRESS = re.compile(
    r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?!\w)"
    r"|(?<![\w:])(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}(?!\w)"
    r"|(?<![\w:])[0-9a-f:]*::[0-9a-f:.]*",
    re.IGNORECASE,
)
_SERVERS = ("gunicorn.error", "_granian")


def log(event: str, level: str = "info", **facts: object) -> None:
    """Write one event with its facts."""
    _LOGGER.log(getattr(logging, level.upper()), event, extra={"facts": facts})


def log_fault(event: str, error: Exception) -> None:
    """Write one event about a fault of ours, with its kind and place; its text may hold what a sender sent."""
    frame = extract_tb(error.__traceback__)[-1]
    log(event, level="error", error=type(error).__name__, place=f"{Path(frame.filename).name}:{frame.lineno}")


def without_addresses(text: str) -> str:
    """The text with every IP address masked; servers put them into their own messages."""
    return _ADDRESS.sub("[address]", text)


class AddressFilter(logging.Filter):
    """Masks addresses in a server's own messages, such as those about requests that it could not read."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the message; every record passes."""
        record.msg, record.args = without_addresses(record.getMessage()), ()
        return True


def mask_server_logs() -> None:
    """Keep addresses out of the server's log, however it was started."""
    for name in _SERVERS:
        logging.getLogger(name).addFilter(AddressFilter())


class JsonFormatter(logging.Formatter):
    """Renders a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; addresses in messages of other libraries are masked."""
        row: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": without_addresses(record.getMessage()),
            **{name: _harmless(value) for name, value in getattr(record, "facts", {}).items()},
        }
        if record.exc_info and record.exc_info[0] is not None:
            row["error"] = record.exc_info[0].__name__
            row["trace"] = without_addresses(self.formatException(record.exc_info))
        return json.dumps(row, ensure_ascii=False, default=str)


def _harmless(value: object) -> object:
    return without_addresses(value) if isinstance(value, str) else value


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "tracker.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}},
    "root": {"level": "WARNING", "handlers": ["stderr"]},
    "loggers": {
        "zaehlwerk": {"level": "INFO", "handlers": ["stderr"], "propagate": False},
        "gunicorn.error": {"level": "INFO", "handlers": ["stderr"], "propagate": False},
        "gunicorn.access": {"level": "CRITICAL", "handlers": [], "propagate": False},
        "_granian": {"level": "WARNING", "handlers": ["stderr"], "propagate": False},
        "granian.access": {"level": "CRITICAL", "handlers": [], "propagate": False},
    },
}
