"""`zaehlwerk token`: what form servers and other programs sign their requests with."""

import click

from tracker.calendar import day_date
from tracker.commands.common import data_option, opened, table
from tracker.config import Config
from tracker.store.catalogue import Catalogue
from tracker.store.tokens import EVENTS, SCOPES, Token, Tokens


@click.group()
def token() -> None:
    """Tokens of form servers and other programs."""


@token.command("add")
@click.option("--municipality", "ars", required=True, help="ARS of the municipality that the token is for.")
@click.option("--name", required=True, help="Whose token it is, such as the name of the form server.")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(SCOPES),
    multiple=True,
    default=(EVENTS,),
    show_default=True,
    help="What it may be used for; may be given several times.",
)
@data_option
def token_add(config: Config, ars: str, name: str, scopes: tuple[str, ...]) -> None:
    """Make a token and print it, once."""
    store = opened(config)
    town = Catalogue(store.connection).municipality(ars)
    secret = Tokens(store.connection).add(town.id, name, scopes)
    click.echo(f"Token of {town.name} for {', '.join(scopes)}: {secret}  (shown only now)")


@token.command("list")
@data_option
def token_list(config: Config) -> None:
    """List the tokens, without their secrets."""
    store = opened(config)
    names = {row.id: row.name for row in Catalogue(store.connection).municipalities()}
    rows = [
        (row.id, row.name, names[row.municipality_id], ", ".join(row.scopes), _last_use(row))
        for row in Tokens(store.connection).all()
    ]
    table(("number", "name", "municipality", "for", "last used"), rows)


def _last_use(row: Token) -> str:
    return "never" if row.last_used is None else day_date(row.last_used).isoformat()


@token.command("remove")
@click.argument("number", type=int)
@data_option
def token_remove(config: Config, number: int) -> None:
    """Remove the token NUMBER, which ends its use at once."""
    Tokens(opened(config).connection).remove(number)
    click.echo("Removed.")
