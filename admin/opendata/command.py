"""`zaehlwerk publish`: open-data releases."""

import time
from typing import TYPE_CHECKING

import click

from admin.opendata.manifest import Manifest, ReleaseError
from tracker.commands.common import data_option, opened
from tracker.config import Config
from tracker.store.catalogue import Catalogue, Municipality

if TYPE_CHECKING:
    from admin.opendata.publisher import Publisher


@click.command()
@click.option("--municipality", "ars", help="ARS of the municipality; needed where there are several.")
@click.option("--day", help="Publish this day (2026-01-31) or month (2026-01) again, as a correction.")
@click.option("--reason", default="", help="Why it is corrected; this is published.")
@click.option("--dry-run", is_flag=True, help="Only say what would be published, or what a correction would change.")
@data_option
def publish(config: Config, ars: str | None, day: str | None, reason: str, dry_run: bool) -> None:
    """Publish the open data of all days and months that are over and have not been published.

    What is published never changes. With --day and --reason a correction becomes a new revision beside it.
    """
    from admin.opendata.publisher import Publisher  # noqa: PLC0415 - other commands need not wait for its libraries

    if reason and day is None:
        raise click.UsageError("--reason belongs to a correction: name the day or month with --day.")
    store = opened(config)
    town = _town(Catalogue(store.connection), ars)
    publisher = Publisher(store, config, town, time.time())
    if dry_run:
        click.echo(_would(publisher, day))
        return
    if publisher.first_day() is None:
        click.echo("Nothing was counted yet, so there is nothing to publish.")
        return
    if day is not None:
        done = publisher.correct(day, reason)
    else:
        with click.progressbar(length=len(publisher.due()), label="Publishing") as bar:
            done = publisher.publish(lambda number, _: bar.update(number - bar.pos))
    click.echo(_told(done, config, town))


def _would(publisher: "Publisher", day: str | None) -> str:
    """What would be published, or how a correction of `day` would differ from what is."""
    if day is None:
        return "\n".join(publisher.due()) or "Everything is published."
    differences = publisher.differences(publisher.preview(day))
    if differences is None:
        raise ReleaseError(f"{day} was never published, so there is nothing to correct.")
    if publisher.draws_anew(day):
        return f"{day}: a correction draws all numbers anew, and is paid for by the budget."
    return f"{day}: {differences} values would differ from those that are published."


def _town(catalogue: Catalogue, ars: str | None) -> Municipality:
    towns = catalogue.municipalities()
    if ars:
        return catalogue.municipality(ars)
    if len(towns) != 1:
        raise ReleaseError("Name the municipality with --municipality ARS; `zaehlwerk municipality list` shows them.")
    return towns[0]


def _told(done: list[Manifest], config: Config, town: Municipality) -> str:
    if not done:
        return "Everything is published already."
    files = sum(len(table.files) for release in done for table in release.tables)
    place = f"{config.base_url}/opendata/{town.ars}/"
    releases = "1 release" if len(done) == 1 else f"{len(done)} releases"
    return f"{releases} with {files} data files, from {done[0].period} on, at {place}"
