"""The read side: the admin area, its pages and files. Nothing is loaded by itself: commands are to start quickly."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from tracker.config import Config

if TYPE_CHECKING:
    from flask import Flask


def create_app(config: Config, background: bool = True, clock: Callable[[], float] = time.time) -> "Flask":
    """The web application of one data directory, put together in admin/application.py from its PAGES.

    `background`: with the duties of a worker, the loader among them. Raises StoreError when it is not prepared.
    """
    from admin import application  # noqa: PLC0415 - see above

    return application.create_app(config, background, clock)
