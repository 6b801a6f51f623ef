"""Uploaded files that wait to be mapped: under a random name, readable by this program only, for an hour."""

import re
import secrets
import time
from pathlib import Path

from werkzeug.datastructures import FileStorage

from tracker.config import Config
from tracker.retention import UPLOADS, forget_uploads

_NAME = re.compile(r"[0-9a-f]{32}")


def keep(config: Config, file: FileStorage) -> str:
    """Keep an uploaded file for a while; the name to ask for it. Those that waited too long are deleted."""
    folder = _folder(config)
    folder.mkdir(mode=0o700, exist_ok=True)
    forget_uploads(config, time.time())
    name = secrets.token_hex(16)
    path = folder / name
    path.touch(mode=0o600)
    file.stream.seek(0)
    file.save(path)
    return name


def find(config: Config, name: str) -> Path | None:
    """The file of a name; None when there is none any more."""
    path = _folder(config) / name
    return path if _NAME.fullmatch(name) and path.exists() else None


def forget(config: Config, name: str) -> None:
    """Delete a file that was imported, or is not wanted."""
    path = find(config, name)
    if path is not None:
        path.unlink(missing_ok=True)


def _folder(config: Config) -> Path:
    return config.data / UPLOADS
