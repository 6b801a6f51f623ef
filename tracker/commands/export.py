"""`zaehlwerk export`: figures for others."""

from pathlib import Path

import click

from tracker.commands.common import data_option
from tracker.commands.usage import chosen, of_municipality
from tracker.config import Config
from tracker.store.usage import Usage
from tracker.usage.importer import today_in
from tracker.usage.zsk import FIELDS, Setting, check_setting, parse_columns, parse_month, setting_of, to_csv
from tracker.usage.zskreport import zsk_report


@click.group()
def export() -> None:
    """Give figures to others."""


@export.command("zsk")
@click.option("--month", required=True, help="The month, as 2026-10.")
@of_municipality
@click.option("--columns", help=f"Fields in their order, each “field” or “field=heading”: {', '.join(FIELDS)}.")
@click.option("--channel", "channels", multiple=True, help="Channel of imports that counts; may be repeated.")
@click.option("--without", multiple=True, metavar="CONNECTOR", help="Leave a connector out; may be repeated.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write. [default: print it]")
@data_option
def export_zsk(
    config: Config,
    month: str,
    ars: str | None,
    columns: str | None,
    output: Path | None,
    **lists: tuple[str, ...],
) -> None:
    """Print the monthly transactions of each service for the federal statistics (ZSK) as CSV.

    What is not in the file is said on standard error: services without LeiKa key, for instance. Options go before what
    is set for the municipality in the admin area.
    """
    store, town = chosen(config, ars)
    kept = setting_of(Usage(store.connection).zsk_setting(town.id))
    setting = Setting(
        parse_columns(columns) if columns else kept.columns,
        lists["channels"] or kept.channels,
        lists["without"] or kept.without,
    )
    check_setting(setting)
    report = zsk_report(store, town, parse_month(month), setting, today_in(town))
    for finding in report.findings:
        click.echo(f"note  {finding.sentence}", err=True)
    text = to_csv(report, setting)
    if output is None:
        click.echo(text, nl=False)
        return
    output.write_text(text, "utf-8", newline="")
    click.echo(f"Wrote {len(report.rows)} services to {output}.")
