"""Commands that change something leave a line in the audit log: one table of them, one place that writes."""

import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

import click

from tracker.config import Config
from tracker.store import open_database
from tracker.store.accounts import Accounts
from tracker.store.audit_log import AuditLog
from tracker.store.catalogue import Catalogue

# Command → the parameter that says what it was about, "" where the municipality says it all. Never what is secret, and
# no e-mail address.
LOGGED: Mapping[str, str] = {
    "municipality add": "ars",
    "municipality remove": "ars",
    "municipality export": "ars",
    "municipality import": "",
    "site add": "host",
    "site remove": "host",
    "user add": "role",
    "user password": "",
    "user remove": "",
    "service add": "slug",
    "service remove": "slug",
    "service import": "",
    "token add": "",
    "token remove": "number",
    "import log": "host",
    "import usage": "name",
    "import undo": "number",
    "connector add": "name",
    "connector remove": "name",
    "publish": "day",
    "restore": "",
}
_ONLY_LOOKS = ("dry_run", "only_check")  # options with which nothing is changed


@contextmanager
def logged(config: Config, options: Mapping[str, Any]) -> Iterator[None]:
    """Write a line when what is done in it succeeds, if the present command is one of LOGGED."""
    name = _name(click.get_current_context())
    if name not in LOGGED or any(options.get(option) for option in _ONLY_LOOKS):
        yield
        return
    town = _town(config, options)
    yield
    if not config.database.exists():
        return
    with closing(open_database(config.database)) as connection:
        about = options.get(LOGGED[name])
        subject = "" if about is None else str(about)
        town = _town(config, options) if town is None else town
        AuditLog(connection).write(time.time(), "", town, f"command {name}", subject)


def _name(context: click.Context) -> str:
    """The words of the command without those of the program."""
    words = []
    while context.parent is not None:
        words.append(context.info_name or "")
        context = context.parent
    return " ".join(reversed(words))


def _town(config: Config, options: Mapping[str, Any]) -> int | None:
    """The municipality that a command is about, if it can be told."""
    if not config.database.exists():
        return None
    with closing(open_database(config.database)) as connection:
        catalogue = Catalogue(connection)
        towns = {town.ars: town.id for town in catalogue.municipalities()}
        if options.get("ars"):
            return towns.get(options["ars"])
        if "email" in options:
            wanted = options["email"].strip().lower()
            accounts = Accounts(connection).all()
            return next((row.municipality_id for row in accounts if row.email.lower() == wanted), None)
        if "host" in options:
            wanted = options["host"].lower()
            return next((site.municipality_id for site in catalogue.sites() if site.host == wanted), None)
        if "number" in options and "ars" not in options:
            return AuditLog(connection).owner_of("token", options["number"])
        return next(iter(towns.values())) if len(towns) == 1 and "ars" in options else None
