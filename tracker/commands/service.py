"""`zaehlwerk service`: the catalogue of services of a municipality."""

from pathlib import Path

import click

from tracker.commands.common import data_option, opened, table
from tracker.config import Config
from tracker.errors import ConfigError
from tracker.services.changes import UNCHANGED, compare
from tracker.services.exchange import Parsed, read_file, to_csv, to_json
from tracker.services.fields import YES, from_fields, to_fields
from tracker.services.rules import ServiceError
from tracker.services.service import CHANNELS
from tracker.store.catalogue import Catalogue, Municipality
from tracker.store.services import Services

of_municipality = click.option(
    "--municipality", "ars", metavar="ARS", help="The municipality; may be left out where there is only one."
)


@click.group()
def service() -> None:
    """Services: what a municipality offers online, with their pages and forms."""


@service.command("add")
@click.argument("slug")
@of_municipality
@click.option("--name", required=True, help="Name in German.")
@click.option("--name-en", default="", help="Name in English.")
@click.option("--description", default="", help="Description in German.")
@click.option("--description-en", default="", help="Description in English.")
@click.option("--leika", default="", metavar="KEY", help="LeiKa key, 14 digits.")
@click.option("--ozg", default="", metavar="ID", help="OZG id.")
@click.option("--category", default="", help="Category, in your own words.")
@click.option("--department", default="", help="Responsible department.")
@click.option("--contact", default="", help="E-mail address or text.")
@click.option("--cost-per-month-cents", default="", metavar="CENTS", help="Cost per month in euro cents.")
@click.option("--channel", "channels", multiple=True, type=click.Choice(CHANNELS), help="Channel; may be repeated.")
@click.option("--sdg", is_flag=True, help="Its pages belong to the Single Digital Gateway.")
@click.option("--path", "paths", multiple=True, metavar="HOST/PATTERN", help="Its pages; may be repeated.")
@click.option("--form", "forms", multiple=True, metavar="LINE", help="“form | name | English name | end page”.")
@click.option("--step", "steps", multiple=True, metavar="LINE", help="“form/step | name | English name | optional”.")
@data_option
def add(config: Config, slug: str, ars: str | None, sdg: bool, **given: str | tuple[str, ...]) -> None:
    """Add the service SLUG."""
    services, town = _of(config, ars)
    texts = {name: value if isinstance(value, str) else "\n".join(value) for name, value in given.items()}
    made, broken = from_fields({"slug": slug, "sdg": YES if sdg else "", **texts})
    if broken:
        raise ServiceError(broken)
    services.add(town.id, made)
    click.echo(f"Added {made.name} ({made.slug}) to {town.name}.")


@service.command("list")
@of_municipality
@data_option
def list_services(config: Config, ars: str | None) -> None:
    """List the services of a municipality."""
    services, town = _of(config, ars)
    rows = [
        (row.slug, row.name, row.leika or "–", row.department or "–", len(row.paths), len(row.forms))
        for row in services.all(town.id)
    ]
    table(("slug", "name", "leika", "department", "paths", "forms"), rows)


@service.command("show")
@click.argument("slug")
@of_municipality
@click.option("--json", "as_json", is_flag=True, help="As in the JSON file.")
@data_option
def show(config: Config, slug: str, ars: str | None, as_json: bool) -> None:
    """Show everything about the service SLUG."""
    services, town = _of(config, ars)
    found = services.get(town.id, slug)
    if as_json:
        click.echo(to_json([found]), nl=False)
        return
    for name, text in to_fields(found).items():
        first, *others = text.split("\n")
        click.echo(f"{name:<22}{first or '–'}")
        for line in others:
            click.echo(" " * 22 + line)


@service.command("remove")
@click.argument("slug")
@of_municipality
@click.option("--yes", is_flag=True, help="Do not ask.")
@data_option
def remove(config: Config, slug: str, ars: str | None, yes: bool) -> None:
    """Remove the service SLUG. What was counted of it stays until its time is over."""
    services, town = _of(config, ars)
    found = services.get(town.id, slug)
    if not yes:
        click.confirm(f"Remove {found.name} ({found.slug}) from {town.name}?", abort=True)
    services.remove(town.id, found.slug)
    click.echo("Removed.")


@service.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@of_municipality
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@data_option
def import_file(config: Config, file: Path, ars: str | None, dry_run: bool) -> None:
    """Add and change services as FILE (CSV or JSON) says. With a single error, nothing is changed."""
    services, town = _of(config, ars)
    present = services.all(town.id)
    parsed = read_file(file.name, file.read_bytes(), present)
    _refuse(file, parsed)
    changes = compare(present, parsed.services)
    for change in changes:
        columns = ", ".join(difference.column for difference in change.differences)
        click.echo(f"{change.kind:<10} {change.service.slug}" + (f": {columns}" if columns else ""))
    if dry_run:
        click.echo("Nothing was changed (--dry-run).")
        return
    services.apply(town.id, [change.service for change in changes if change.kind != UNCHANGED])
    click.echo(f"Imported {len(changes)} services of {town.name}.")


def _refuse(file: Path, parsed: Parsed) -> None:
    for finding in parsed.findings:
        where = f"{parsed.unit} {finding.place}: " if finding.place else ""
        click.echo(f"{where}{finding.problem.sentence}", err=True)
    if parsed.findings:
        raise ConfigError(f"{file.name} has {len(parsed.findings)} errors; nothing was imported.")


@service.command("export")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path), required=False)
@of_municipality
@click.option("--format", "kind", type=click.Choice(("csv", "json")), help="By default as FILE ends, else CSV.")
@data_option
def export_file(config: Config, file: Path | None, ars: str | None, kind: str | None) -> None:
    """Write the services to FILE, or print them; `zaehlwerk service import` reads it again without loss."""
    services, town = _of(config, ars)
    is_json = kind == "json" or (kind is None and file is not None and file.suffix.lower() == ".json")
    found = services.all(town.id)
    text = to_json(found) if is_json else to_csv(found)
    if file is None:
        click.echo(text.encode(), nl=False)
        return
    file.write_bytes(text.encode())
    click.echo(f"Wrote the services of {town.name} to {file}.")


def _of(config: Config, ars: str | None) -> tuple[Services, Municipality]:
    """The services and the municipality that a command is about; raises ConfigError when that is not clear."""
    connection = opened(config).connection
    catalogue = Catalogue(connection)
    towns = catalogue.municipalities()
    if ars is not None:
        return Services(connection), catalogue.municipality(ars)
    if not towns:
        raise ConfigError("There is no municipality yet; `zaehlwerk municipality add` makes one.")
    if len(towns) > 1:
        raise ConfigError("Name the municipality with --municipality ARS; `zaehlwerk municipality list` shows them.")
    return Services(connection), towns[0]
