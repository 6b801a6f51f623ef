"""`zaehlwerk purge` and `doctor`: keeping an installation in order."""

import os
import time

import click

from tracker.commands.common import data_option, opened
from tracker.config import Config
from tracker.doctor import CHECKS, FAIL
from tracker.loader import loader_lock
from tracker.retention import purge as purge_due


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
@data_option
def doctor(config: Config) -> None:
    """Check configuration, permissions, database, loader and whether beacons arrive. Exit code 1 if anything fails."""
    failed = False
    for check in CHECKS:
        finding = check(config)
        failed = failed or finding.grade == FAIL
        click.echo(f"{finding.grade:4}  {finding.text}")
    raise SystemExit(int(failed))
