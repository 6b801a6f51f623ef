"""`zaehlwerk feedback`: what people say, on the command line."""

from sqlite3 import Connection

import click

from tracker.commands.common import data_option, opened
from tracker.config import Config
from tracker.store.catalogue import Catalogue, Municipality
from tracker.store.topics import build_topics


@click.group()
def feedback() -> None:
    """Feedback: what people say about services."""


@feedback.command("topics")
@click.option("--municipality", "ars", metavar="ARS", help="Only of this municipality; without it, of all.")
@data_option
def topics(config: Config, ars: str | None) -> None:
    """Build the topics of comments anew, as every night. What editors renamed, merged or silenced stays so."""
    connection = opened(config).connection
    catalogue = Catalogue(connection)
    for town in catalogue.municipalities() if ars is None else [catalogue.municipality(ars)]:
        number = _built(connection, town)
        click.echo(f"{town.name}: {number} topics.")


def _built(connection: Connection, town: Municipality) -> int:
    with click.progressbar(length=1000, label=town.name) as bar:
        number = build_topics(connection, town.id, lambda done, of: bar.update(1000 * done // of - bar.pos))
        bar.update(1000 - bar.pos)
    return number
