"""`zaehlwerk import`: figures from the past."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click

from tracker.calendar import day_date
from tracker.commands.common import data_option, opened
from tracker.config import Config
from tracker.importing.logimport import Findings, LogImport
from tracker.importing.selection import MEANINGS
from tracker.record import BOT, EVENT, VIEW
from tracker.retention import months_before
from tracker.store.catalogue import Catalogue, Site

KINDS = ((VIEW, "views"), (EVENT, "downloads"), (BOT, "by bots"))
STEPS = 200  # of a progress bar


@click.group("import")
def import_group() -> None:
    """Import figures from the past."""


@import_group.command("log")
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--site", "host", required=True, help="The site whose requests the files hold.")
@data_option
def import_log(config: Config, files: tuple[Path, ...], host: str) -> None:
    """Import the access logs FILE...: common, combined, either with the host in front, or JSON; plain or gzip.

    Nothing is counted twice when a file, or one that overlaps it, is imported again.
    """
    store = opened(config)
    try:
        site = Catalogue(store.connection).site(host)
        findings = LogImport(config, store, site, progress_bar).run(files)
    finally:
        store.close()
    tell(findings, site, config)
    if not findings.read:
        raise click.ClickException(
            "No line could be read. Give access logs in the format common, combined or JSON, plain or packed with "
            "gzip; docs/import-log.md shows each."
        )


@contextmanager
def progress_bar(label: str, length: int) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error."""
    with click.progressbar(
        length=length, label=label, file=sys.stderr, update_min_steps=max(1, length // STEPS)
    ) as bar:
        yield bar.update


def tell(findings: Findings, site: Site, config: Config) -> None:
    """Print what was counted and what was not, and why."""
    for path, name in findings.formats.items():
        click.echo(f"{path}: {name}")
    click.echo(f"\nCounted for {site.host}: {_days(findings)}")
    _list([(findings.counted[kind], name) for kind, name in KINDS])
    click.echo(f"\nAlready counted: {findings.known:,}")
    if findings.doubled:
        click.echo(f"In more than one of the files: {findings.doubled:,}")
    if findings.dropped:
        click.echo(f"\nNot counted: {findings.dropped.total():,}")
        _list([(number, MEANINGS[reason]) for reason, number in findings.dropped.most_common()])
    if findings.broken:
        click.echo(f"\nBroken lines, skipped: {findings.broken:,}")
        for fault in findings.faults:
            click.echo(f"  {fault}")
        if findings.broken > len(findings.faults):
            click.echo(f"  … and {findings.broken - len(findings.faults)} more")
    _tell_retention(findings, site, config)


def _list(rows: Sequence[tuple[int, str]]) -> None:
    width = max(len(f"{number:,}") for number, _ in rows)
    for number, meaning in rows:
        click.echo(f"  {number:>{width},}  {meaning}")


def _days(findings: Findings) -> str:
    if not findings.days:
        return "nothing new"
    first, last = (day_date(day).isoformat() for day in (min(findings.days), max(findings.days)))
    return first if first == last else f"{first} to {last}"


def _tell_retention(findings: Findings, site: Site, config: Config) -> None:
    """Say how long what was imported is kept when it is older than what is counted."""
    today = datetime.now(site.calendar.zone).date()
    if findings.days and day_date(min(findings.days)) < months_before(today, config.rollup_months):
        click.echo(f"\nThese figures are kept for {config.rollup_months} months from today (setting rollup_months).")
