"""`zaehlwerk sdg`: the monthly files for the Single Digital Gateway and the national feedback component."""

import time
from datetime import date
from pathlib import Path

import click

from tracker.commands.common import data_option
from tracker.commands.usage import chosen, of_municipality
from tracker.config import Config
from tracker.errors import ConfigError
from tracker.sdg.check import faults
from tracker.sdg.draft import FEEDBACK, KINDS, STATISTICS, Draft
from tracker.sdg.nfk import to_csv
from tracker.sdg.setting import Setting
from tracker.sdg.transfer import (
    check_possible,
    draft,
    file_name,
    make,
    nfk_report,
    preview,
    stored_setting,
)
from tracker.store import Store
from tracker.store.catalogue import Municipality
from tracker.store.sdg import Transfers
from tracker.usage.importer import today_in
from tracker.usage.zsk import parse_month

of_month = click.option("--month", help="The month, as 2026-10. [default: the last one that is over]")
to_folder = click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Directory of the files. [default: make none]"
)


@click.group()
def sdg() -> None:
    """Monthly files for the Single Digital Gateway. docs/sdg.md tells what they hold."""


@sdg.command("statistics")
@of_month
@of_municipality
@to_folder
@data_option
def statistics(config: Config, month: str | None, ars: str | None, out: Path | None) -> None:
    """Views of the gateway's pages by country and device. With --out, make the files, or correct them."""
    _run(config, STATISTICS, month, ars, out)


@sdg.command("feedback")
@of_month
@of_municipality
@to_folder
@data_option
def feedback(config: Config, month: str | None, ars: str | None, out: Path | None) -> None:
    """Ratings of the gateway's pages, never a text. With --out, make the files, or correct them."""
    _run(config, FEEDBACK, month, ars, out)


def _run(config: Config, kind: str, month: str | None, ars: str | None, out: Path | None) -> None:
    store, town = chosen(config, ars)
    number, setting = _month(month, town), stored_setting(store.connection, town)
    found = draft(store, town, kind, number, setting)
    for note in found.notes:
        click.echo(f"note  {note.sentence}", err=True)
    if out is None:
        _tell(found, setting)
        return
    check_possible(number, today_in(town), config.rollup_months)
    changed = make(store.connection, town, found, setting, int(time.time()))
    click.echo("Made." if changed else "Nothing has changed since the files were made.")
    _write(store, town, kind, number, out)


def _month(text: str | None, town: Municipality) -> int:
    if text is not None:
        return parse_month(text)
    today = today_in(town)
    before = date(today.year - (today.month == 1), (today.month - 2) % 12 + 1, 1)
    return before.year * 100 + before.month


def _tell(found: Draft, setting: Setting) -> None:
    messages = preview(found, setting, int(time.time()))
    wrong = [fault for text in messages for fault in faults(found.kind, text)]
    for fault in wrong:
        click.echo(f"error {fault.place}: {fault.sentence}", err=True)
    if wrong:
        raise ConfigError("The messages do not fit the schema.")
    sizes = ", ".join(f"{len(text):,}" for text in messages)
    click.echo(f"{len(found.entries):,} entries in {len(messages)} message(s) of {sizes} bytes. Nothing was made.")


def _write(store: Store, town: Municipality, kind: str, month: int, out: Path) -> None:
    transfers = Transfers(store.connection)
    made = transfers.find(town.id, kind, month)
    assert made is not None
    out.mkdir(parents=True, exist_ok=True)
    for file in made.files:
        content = transfers.content(town.id, kind, month, file.part)
        if content is None:
            raise ConfigError("The contents of these files were deleted after their time.")
        target = out / file_name(town, kind, month, file.part)
        target.write_bytes(content)
        click.echo(f"{target}  {file.unique_id}  {file.bytes:,} bytes  sha256 {file.sha256}")


@sdg.command("nfk")
@of_month
@of_municipality
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write. [default: print it]")
@data_option
def nfk(config: Config, month: str | None, ars: str | None, output: Path | None) -> None:
    """Print the feedback of each service as counts for the national component (NFK), as CSV without any text."""
    store, town = chosen(config, ars)
    report = nfk_report(store, town, _month(month, town))
    for note in report.notes:
        click.echo(f"note  {note.sentence}", err=True)
    text = to_csv(report, stored_setting(store.connection, town).columns)
    if output is None:
        click.echo(text, nl=False)
        return
    output.write_text(text, "utf-8", newline="")
    click.echo(f"Wrote {len(report.rows)} rows to {output}.")


@sdg.command("check")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(kind: str, file: Path) -> None:
    """Check FILE, a message of KIND, against our schema of it."""
    found = faults(kind, file.read_bytes())
    for fault in found:
        click.echo(f"{fault.place}: {fault.sentence}" if fault.place else fault.sentence, err=True)
    if found:
        raise click.ClickException(f"{file.name} has {len(found)} {'fault' if len(found) == 1 else 'faults'}.")
    click.echo("Right.")
