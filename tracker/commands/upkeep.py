"""`zaehlwerk purge`, `backup` and `doctor`: keeping an installation in order."""

import os
import time
from datetime import datetime
from pathlib import Path

import click

from tracker.commands.common import data_option, opened
from tracker.config import Config
from tracker.doctor import CHECKS, FAIL
from tracker.loader import loader_lock
from tracker.retention import purge as purge_due
from tracker.store.backup import copy_database


@click.command()
@data_option
def purge(config: Config) -> None:
    """Delete what is due: facts, old counts, sessions, and texts that nothing is filed under any more.

    The loader does this by itself every hour, for the texts every night; while it runs, the texts are left to it.
    """
    store, lock = opened(config), loader_lock(config.data)
    try:
        gone = purge_due(store, config, time.time(), texts=lock is not None)
    finally:
        if lock is not None:
            os.close(lock)
    click.echo(", ".join(f"{number} {name}" for name, number in gone.items()) + " deleted.")


@click.command()
@click.argument("target", required=False, type=click.Path(dir_okay=False, path_type=Path))
@data_option
def backup(config: Config, target: Path | None) -> None:
    """Copy the database to the file TARGET while counting goes on, and check the copy.

    Pseudonyms of the present day and sessions are left out: a copy must not keep what the original forgets.
    """
    source = opened(config).connection
    target = target or config.data / "backup" / f"zaehlwerk-{datetime.now():%Y%m%d-%H%M%S}.db"
    if target.exists():
        raise click.ClickException(f"{target} exists already; name another file.")
    with click.progressbar(length=1000, label="Copying") as bar:
        copy_database(source, target, lambda done: bar.update(int(1000 * done) - bar.pos))
    click.echo(f"{target} ({target.stat().st_size / 1e6:.1f} MB), checked.")


@click.command()
@data_option
def doctor(config: Config) -> None:
    """Check configuration, permissions, database, loader and whether beacons arrive. Exit code 1 if anything fails."""
    failed = False
    for check in CHECKS:
        finding = check(config)
        failed = failed or finding.grade == FAIL
        click.echo(f"{finding.grade:4}  {finding.text}")
    raise SystemExit(int(failed))
