"""`zaehlwerk stats`: the same numbers as the dashboard, on the command line."""

import json
import time
from datetime import date, datetime, timedelta

import click

from tracker.calendar import day_date, whole_periods
from tracker.commands.common import EMPTY, data_option, table
from tracker.config import Config
from tracker.rollups import DIMENSIONS
from tracker.store import Counts, open_store
from tracker.store.catalogue import Catalogue
from tracker.store.services import Services
from tracker.store.sqlite import NOTHING

MEASURES = ("visitors", "visits", "views", "bounces", "seconds", "events")
DAY = click.DateTime(formats=["%Y-%m-%d"])
SHOWN = 25  # rows of the table without --json


@click.command()
@click.argument("site")
@click.option("--from", "start", type=DAY, help="First day, as 2026-01-31. [default: 30 days before the last]")
@click.option("--to", "end", type=DAY, help="Last day. [default: today]")
@click.option("--by", "dim", type=click.Choice([row.name for row in DIMENSIONS[1:]]), help="Break down by a dimension.")
@click.option("--service", default="", help="Only the pages and forms of this service, by its slug.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object with all rows.")
@data_option
def stats(  # noqa: PLR0913, PLR0917 - one for each option
    config: Config,
    site: str,
    start: datetime | None,
    end: datetime | None,
    dim: str | None,
    service: str,
    as_json: bool,
) -> None:
    """Print the figures of SITE. Visitors of several days are daily visitors, summed."""
    if not config.database.exists():
        raise click.ClickException(EMPTY.format(config.data))
    store = open_store(config.database, readonly=True)
    found = Catalogue(store.connection).site(site)
    today = day_date(found.calendar.moment(int(time.time() * 1000)).day)
    last = end.date() if end else today
    first = start.date() if start else last - timedelta(days=29)
    if first > last:
        raise click.UsageError(f"--from {first} lies after --to {last}.")
    periods = list(whole_periods(first, last))
    totals = store.totals(found.id, periods, service)
    rows = store.rows(found.id, dim, periods, service) if dim else []
    if totals == NOTHING and service:
        Services(store.connection).get(found.municipality_id, service)  # ConfigError unless it is there, or was
    if as_json:
        click.echo(_json(found.host, first, last, totals, dim, rows))
        return
    click.echo(f"{found.host}{f', {service}' if service else ''}, {first} to {last}")
    table(("", *MEASURES), [("total", *totals[1:]), *((row.key or "(none)", *row[1:]) for row in rows[:SHOWN])])
    if len(rows) > SHOWN:
        click.echo(f"… and {len(rows) - SHOWN:,} more; --json prints all.")


def _json(site: str, first: date, last: date, totals: Counts, dim: str | None, rows: list[Counts]) -> str:
    measures = {name: getattr(totals, name) for name in MEASURES}
    answer = {"site": site, "from": first.isoformat(), "to": last.isoformat(), "totals": measures, "by": dim}
    return json.dumps({**answer, "rows": [row._asdict() for row in rows]}, ensure_ascii=False)
