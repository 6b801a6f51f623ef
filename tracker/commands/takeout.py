"""`zaehlwerk municipality export`: everything of a municipality in one archive."""

import time
from pathlib import Path

import click

from tracker.commands.backup import shown
from tracker.commands.common import data_option, opened
from tracker.config import Config
from tracker.takeout import make_takeout


@click.command("export")
@click.argument("ars")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--facts", is_flag=True, help="With the single visits (without pseudonym) of the last days.")
@data_option
def export_municipality(config: Config, ars: str, file: Path, facts: bool) -> None:
    """Write everything of the municipality ARS to the new archive FILE (ZIP) while counting goes on.

    It holds feedback and notes: keep it as safe as the installation. docs/takeout.md explains the format.
    """
    opened(config).close()
    with shown("Writing") as progress:
        make_takeout(config, ars, file, time.time(), facts, progress)
    click.echo(f"{file} ({file.stat().st_size / 1e6:.1f} MB). `zaehlwerk municipality import` takes it in elsewhere.")
