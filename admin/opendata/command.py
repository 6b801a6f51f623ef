"""`zaehlwerk publish`: open-data releases."""

import time

import click

from admin.opendata.manifest import Manifest, ReleaseError
from tracker.commands.common import data_option, opened
from tracker.config import Config
from tracker.store.catalogue import Catalogue, Municipality


@click.command()
@click.option("--municipality", "ars", help="ARS of the municipality; needed where there are several.")
@click.option("--day", help="Publish this day (2026-01-31) or month (2026-01) again, as a correction.")
@click.option("--reason", default="", help="Why it is corrected; this is published.")
@click.option("--dry-run", is_flag=True, help="Only say what would be published.")
@data_option
def publish(config: Config, ars: str | None, day: str | None, reason: str, dry_run: bool) -> None:
    """Publish the open data of all days and months that are over and have not been published.

    What is published never changes. With --day and --reason a correction becomes a new revision beside it.
    """
    from admin.opendata.publisher import Publisher  # noqa: PLC0415 - other commands need not wait for its libraries

    store = opened(config)
    town = _town(Catalogue(store.connection), ars)
    publisher = Publisher(store, config, town, time.time())
    if dry_run:
        click.echo("\n".join(publisher.due()) or "Everything is published.")
        return
    if day:
        done = publisher.correct(day, reason)
    else:
        with click.progressbar(length=len(publisher.due()), label="Publishing") as bar:
            done = publisher.publish(lambda number, _: bar.update(number - bar.pos))
    click.echo(_told(done, config, town))


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
    return f"{len(done)} releases with {files} data files, from {done[0].period} on. They are at {place}"
