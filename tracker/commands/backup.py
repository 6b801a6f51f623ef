"""`zaehlwerk backup` and `restore`."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from tracker.backup import default_target, make_backup, restore_backup
from tracker.commands.common import data_option, opened
from tracker.config import Config


@click.command()
@click.argument("target", required=False, type=click.Path(path_type=Path))
@data_option
def backup(config: Config, target: Path | None) -> None:
    """Copy database, published files and settings to the new directory TARGET while counting goes on, and check it.

    Pseudonyms of the present day and sessions are left out: a copy must not keep what the original forgets. Without
    TARGET the copy goes to the folder backup of the data directory, and is deleted there after `backup_days`.
    """
    target = target or default_target(config, time.time())
    with shown("Copying") as progress:
        make_backup(config, opened(config).connection, target, progress)
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    click.echo(f"{target} ({size / 1e6:.1f} MB), checked. `zaehlwerk restore` makes an installation of it.")


@click.command()
@click.argument("source", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--erased",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The newest file erased-receipts: what citizens deleted after the backup is deleted again.",
)
@data_option
def restore(config: Config, source: Path, erased: Path | None) -> None:
    """Make an installation of the backup SOURCE in an empty data directory, and bring it up to date."""
    with shown("Restoring") as progress:
        restore_backup(source, config, progress, erased)
    click.echo(f"{config.data} is ready. `zaehlwerk serve --data {config.data}` serves it; everyone signs in anew.")


@contextmanager
def shown(label: str) -> Iterator[Callable[[float], None]]:
    """A bar on the terminal that is told the share done."""
    with click.progressbar(length=1000, label=label) as bar:
        yield lambda done: bar.update(int(1000 * done) - bar.pos)
