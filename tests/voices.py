"""Feedback for the tests of the inbox and of public answers: kept in a prepared data directory, without its intake."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import Connection
from typing import Any

from tracker.config import Config
from tracker.feedback.feedback import Feedback
from tracker.store import open_database
from tracker.store.catalogue import Catalogue
from tracker.store.feedback import Feedbacks

MARBURG, GIESSEN = "065340014014", "065310005005"

# Markup, formulas, marks of direction, addresses that run, separators, quotes, and what is very long.
HOSTILE = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>'",
    "{{ 7 * 7 }}{% raw %}",
    '=HYPERLINK("http://evil.example";"hier")',
    "+49 6421 201",
    "-1+1|cmd",
    "@SUM(A1)",
    "\t=1+1",
    "\uff1d1+1",
    "\uff20SUM(A1)",
    "javascript:alert(1)//",
    "links\u202etxt.exe\u2066rechts\u2069",
    "a,b;c\nd|e",
    "sehr" * 250,
    "%s %(x)s \\ \x7f ' or 1=1 --",
    "https://evil.example/?q=<b>",
)


@contextmanager
def database(config: Config) -> Iterator[Connection]:
    """The database of a data directory, for as long as the `with` lasts."""
    connection = open_database(config.database)
    try:
        yield connection
    finally:
        connection.close()


def say(config: Config, text: str = "", site: int = 1, day: int = 20261101, **given: Any) -> int:
    """Keep one piece of feedback; its number."""
    with database(config) as connection:
        said = Feedback(site, day, given.pop("category", "procedure"), text=text, **given)
        return Feedbacks(connection).add(said, secrets.token_bytes(16))


def say_in_giessen(config: Config, text: str = "Aus Gießen") -> int:
    """Keep one piece of feedback of the other municipality; its number."""
    with database(config) as connection:
        catalogue = Catalogue(connection)
        if not any(site.host == "www.giessen.de" for site in catalogue.sites()):
            catalogue.add_site("www.giessen.de", GIESSEN)
        site = catalogue.site("www.giessen.de").id
    return say(config, text, site)


def row(config: Config, number: int) -> dict[str, Any]:
    """What is kept of a piece, with its tags."""
    with database(config) as connection:
        found = connection.execute("select * from feedback where id = ?", (number,))
        names = [column[0] for column in found.description]
        values = dict(zip(names, found.fetchone(), strict=True))
        tags = connection.execute("select tag from feedback_tag where feedback_id = ? order by tag", (number,))
        return {**values, "tags": [tag for (tag,) in tags]}
