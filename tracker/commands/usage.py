"""`zaehlwerk import usage`, `import list`, `import undo` and `connector`: totals from any system."""

from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import click

from tracker.calendar import calendar_of
from tracker.commands.common import data_option, opened, table
from tracker.commands.importing import import_group
from tracker.commands.masterdata import confirmed
from tracker.config import Config
from tracker.errors import ConfigError
from tracker.store import Store
from tracker.store.catalogue import Catalogue, Municipality
from tracker.store.usage import Import, Usage
from tracker.usage.figures import Reading
from tracker.usage.guessing import guess_layout
from tracker.usage.importer import Source, check_file, import_file
from tracker.usage.layout import Connector, from_json, to_json
from tracker.usage.opening import open_grid
from tracker.usage.periods import in_short, parse_period

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
of_municipality = click.option(
    "--municipality", "ars", metavar="ARS", help="The municipality; may be left out where there is only one."
)


def chosen(config: Config, ars: str | None) -> tuple[Store, Municipality]:
    """The store and the municipality that a command is about; raises ConfigError when that is not clear."""
    store = opened(config)
    catalogue = Catalogue(store.connection)
    towns = catalogue.municipalities()
    if ars is not None:
        return store, catalogue.municipality(ars)
    if not towns:
        raise ConfigError("There is no municipality yet; `zaehlwerk municipality add` makes one.")
    if len(towns) > 1:
        raise ConfigError("Name the municipality with --municipality ARS; `zaehlwerk municipality list` shows them.")
    return store, towns[0]


@import_group.command("usage")
@click.argument("file", type=FILE)
@click.option("--connector", "name", required=True, help="How the file is laid out; `zaehlwerk connector list`.")
@of_municipality
@click.option("--period", help="The month or day that the whole file is about, as 2026-01 or 2026-01-31.")
@click.option("--check", "only_check", is_flag=True, help="Say what the file holds and import nothing.")
@data_option
def import_usage(config: Config, file: Path, name: str, ars: str | None, period: str | None, only_check: bool) -> None:
    """Import the totals in FILE: CSV, XLSX or JSON. They replace what the connector told of the same days and months.

    Either all of a file is imported or nothing.
    """
    store, town = chosen(config, ars)
    usage, span = Usage(store.connection), parse_period(period) if period else None
    connector = usage.connector(town.id, name)
    with file.open("rb") as content:
        source = Source(content, file.name, "command", span)
        if only_check:
            reading, replaced = check_file(store.connection, town, connector.layout, source), None
        else:
            reading, replaced = import_file(store.connection, town, connector, source)
    tell(reading)
    if reading.findings.errors:
        raise click.ClickException("Nothing was imported.")
    if only_check:
        gone = usage.would_replace(town.id, name, {span} if span else reading.periods)
        click.echo(f"Nothing was imported. An import would replace figures of {in_short(gone) or 'no period'}.")
    if replaced:
        click.echo(f"Import {replaced.id}. Replaced: {in_short(replaced.periods) or 'nothing'}.")


def tell(reading: Reading) -> None:
    """Print what was found, and the sums of what was counted."""
    for finding in reading.findings.listed:
        click.echo(f"{'error' if finding.blocks else 'note'}  {finding}", err=True)
    if reading.findings.unlisted:
        click.echo(f"… and {reading.findings.unlisted:,} more", err=True)
    if reading.findings.errors:
        return
    click.echo(f"{reading.lines:,} lines, {in_short(reading.periods)}; {reading.left_out:,} left out.")
    rows = [(f"{measure} {code}".strip(), number) for (measure, code), number in reading.sums().items()]
    table(("", "number"), rows)


@import_group.command("list")
@of_municipality
@data_option
def import_list(config: Config, ars: str | None) -> None:
    """List the imports of totals."""
    store, town = chosen(config, ars)
    rows = [
        (one.id, _when(one.imported, town), one.connector, one.file, in_short(one.periods) or "–", _state(one))
        for one in Usage(store.connection).imports(town.id)
    ]
    table(("import", "imported", "connector", "file", "figures of", "state"), rows)


def _when(seconds: int, town: Municipality) -> str:
    return f"{datetime.fromtimestamp(seconds, calendar_of(town.timezone).zone):%Y-%m-%d %H:%M}"


def _state(one: Import) -> str:
    if one.undone is not None:
        return "undone"
    return "" if one.figures else "replaced"


@import_group.command("undo")
@click.argument("number", type=int)
@of_municipality
@confirmed
@data_option
def import_undo(config: Config, number: int, ars: str | None, yes: bool) -> None:
    """Remove the figures of the import NUMBER. What it had replaced does not come back: import that again."""
    store, town = chosen(config, ars)
    if not yes:
        click.confirm(f"Remove the figures of import {number}? What it had replaced does not come back.", abort=True)
    gone = Usage(store.connection).undo(town.id, number)
    click.echo(f"Removed {gone:,} figures. What import {number} had replaced does not come back; import that again.")


@click.group()
def connector() -> None:
    """Connectors: how files of totals are laid out, each mapped once."""


@connector.command("list")
@of_municipality
@data_option
def connector_list(config: Config, ars: str | None) -> None:
    """List the connectors."""
    store, town = chosen(config, ars)
    rows = [(one.name, one.title, ", ".join(one.layout.columns)) for one in Usage(store.connection).connectors(town.id)]
    table(("name", "title", "columns"), rows)


@connector.command("show")
@click.argument("name")
@of_municipality
@data_option
def connector_show(config: Config, name: str, ars: str | None) -> None:
    """Print the mapping of the connector NAME as JSON, as `connector add` takes it."""
    store, town = chosen(config, ars)
    click.echo(to_json(Usage(store.connection).connector(town.id, name).layout))


@connector.command("guess")
@click.argument("file", type=FILE)
@click.option("--sheet", default="", help="Sheet of a workbook. [default: the first]")
def connector_guess(file: Path, sheet: str) -> None:
    """Print the likeliest mapping of FILE as JSON, to be looked at, corrected, and given to `connector add`."""
    try:
        with file.open("rb") as content:
            click.echo(to_json(guess_layout(open_grid(content, sheet), sheet)))
    except ConfigError as error:
        raise click.ClickException(str(error)) from error


@connector.command("add")
@click.argument("name")
@click.option("--title", help="What people read in reports. [default: NAME]")
@click.option("--mapping", type=click.File("rb"), required=True, help="JSON file; docs/connectors.md tells the keys.")
@of_municipality
@data_option
def connector_add(config: Config, name: str, title: str | None, mapping: BinaryIO, ars: str | None) -> None:
    """Add the connector NAME, or change it."""
    store, town = chosen(config, ars)
    layout = from_json(mapping.read().decode("utf-8-sig", "replace"))
    Usage(store.connection).save(town.id, Connector(name, title or name, layout))
    click.echo(f"Saved {name}.")


@connector.command("remove")
@click.argument("name")
@of_municipality
@confirmed
@data_option
def connector_remove(config: Config, name: str, ars: str | None, yes: bool) -> None:
    """Remove the connector NAME with all figures that it imported."""
    store, town = chosen(config, ars)
    usage = Usage(store.connection)
    found = usage.connector(town.id, name)
    figures = sum(one.figures for one in usage.imports(town.id) if one.connector == name)
    if not yes:
        click.confirm(f"Remove {found.title} and its {figures:,} figures for good?", abort=True)
    usage.remove(town.id, name)
    click.echo("Removed.")
