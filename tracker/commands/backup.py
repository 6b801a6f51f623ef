"""`zaehlwerk backup` and `restore`."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from tracker.backup import default_target, make_backup, restore_backup
from tracker.commands.common import data_option, opened
from tracker.config import Config
from tracker.store.backup import has_feedback

FORGOTTEN = (
    "This backup holds feedback, some of which may have been deleted by receipt since. Give --erased FILE, the file "
    "erased-receipts of the newest data directory, or --without-erased if there is none any more."
)


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
@click.option("--without-erased", is_flag=True, help="There is no such file any more: restore feedback as it was.")
@data_option
def restore(config: Config, source: Path, erased: Path | None, without_erased: bool) -> None:
    """Make an installation of the backup SOURCE in an empty data directory, and bring it up to date.

    A backup that holds feedback is restored only with --erased, so that what citizens deleted does not come back.
    """
    if erased is None and not without_erased and has_feedback(source / config.database.name):
        raise click.ClickException(FORGOTTEN)
    with shown("Restoring") as progress:
        restore_backup(source, config, progress, erased)
    click.echo(f"{config.data} is ready. `zaehlwerk serve --data {config.data}` serves it; everyone signs in anew.")


@contextmanager
def shown(label: str) -> Iterator[Callable[[float], None]]:
    """A bar on the terminal that is told the share done."""
    with click.progressbar(length=1000, label=label) as bar:
        yield lambda done: bar.update(int(1000 * done) - bar.pos)
