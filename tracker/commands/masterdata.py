"""`zaehlwerk municipality`, `site` and `user`: who is counted and who may look."""

import click

from tracker.commands.common import data_option, opened, table
from tracker.config import Config
from tracker.store.accounts import ROLES, VIEWER, Accounts, new_password
from tracker.store.catalogue import LEVELS, Catalogue

confirmed = click.option("--yes", is_flag=True, help="Do not ask.")


@click.group()
def municipality() -> None:
    """Municipalities: the tenants."""


@municipality.command("add")
@click.argument("name")
@click.option("--ars", required=True, help="Regional key (Amtlicher Regionalschlüssel), 12 digits.")
@click.option("--timezone", default="Europe/Berlin", show_default=True, help="Time zone that decides what a day is.")
@data_option
def municipality_add(config: Config, name: str, ars: str, timezone: str) -> None:
    """Add the municipality NAME."""
    made = Catalogue(opened(config).connection).add_municipality(name, ars, timezone)
    click.echo(f"Added {made.name} (ARS {made.ars}, AGS {made.ags}).")


@municipality.command("list")
@data_option
def municipality_list(config: Config) -> None:
    """List the municipalities."""
    rows = Catalogue(opened(config).connection).municipalities()
    table(("name", "ars", "ags", "time zone"), [(row.name, row.ars, row.ags, row.timezone) for row in rows])


@click.group()
def site() -> None:
    """Sites: the host names being counted."""


@site.command("add")
@click.argument("host")
@click.option("--municipality", "ars", required=True, help="ARS of the municipality.")
@click.option("--level", type=click.Choice(LEVELS), default="visits", show_default=True, help="Privacy level.")
@click.option("--subdomains", is_flag=True, help="Pages on subdomains belong to the site.")
@click.option("--search-param", default="", help="Query parameter of the site's own search, to count search terms.")
@data_option
def site_add(config: Config, host: str, ars: str, level: str, subdomains: bool, search_param: str) -> None:
    """Add the site HOST and print its script tag."""
    made = Catalogue(opened(config).connection).add_site(host, ars, level, subdomains, search_param)
    click.echo(f"Added {made.host}. Put this into the head of every page:\n")
    click.echo(script_tag(config, made.host))


def script_tag(config: Config, host: str) -> str:
    """The tag that a web editor pastes into a page."""
    return f'<script defer src="{config.base_url}/snippet.js" data-site="{host}"></script>'


@site.command("list")
@data_option
def site_list(config: Config) -> None:
    """List the sites."""
    catalogue = Catalogue(opened(config).connection)
    names = {row.id: row.name for row in catalogue.municipalities()}
    rows = [
        (row.host, names[row.municipality_id], row.level, "yes" if row.subdomains else "no", row.search_param or "–")
        for row in catalogue.sites()
    ]
    table(("host", "municipality", "level", "subdomains", "search"), rows)


@site.command("remove")
@click.argument("host")
@confirmed
@data_option
def site_remove(config: Config, host: str, yes: bool) -> None:
    """Remove the site HOST with everything counted of it."""
    catalogue = Catalogue(opened(config).connection)
    found = catalogue.site(host)
    if not yes:
        click.confirm(f"Remove {found.host} and all its figures for good?", abort=True)
    catalogue.remove_site(found.host)
    click.echo("Removed.")


@click.group()
def user() -> None:
    """Accounts of the admin area."""


@user.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), default=VIEWER, show_default=True, help="What the account may do.")
@click.option("--municipality", "ars", help="ARS of the municipality of a viewer or editor.")
@data_option
def user_add(config: Config, email: str, role: str, ars: str | None) -> None:
    """Add the account EMAIL and print its password."""
    store = opened(config)
    number = Catalogue(store.connection).municipality(ars).id if ars else None
    password = new_password()
    Accounts(store.connection).add(email, password, role, number)
    click.echo(f"Added {email} ({role}).\nPassword: {password}  (shown only now)")


@user.command("list")
@data_option
def user_list(config: Config) -> None:
    """List the accounts."""
    store = opened(config)
    names = {row.id: row.name for row in Catalogue(store.connection).municipalities()}
    rows = [
        (row.email, row.role, names.get(row.municipality_id or 0, "all")) for row in Accounts(store.connection).all()
    ]
    table(("email", "role", "municipality"), rows)


@user.command("password")
@click.argument("email")
@data_option
def user_password(config: Config, email: str) -> None:
    """Give the account EMAIL a new password and end its sessions."""
    accounts, password = Accounts(opened(config).connection), new_password()
    accounts.set_password(accounts.find(email), password)
    click.echo(f"Password: {password}  (shown only now)")


@user.command("remove")
@click.argument("email")
@data_option
def user_remove(config: Config, email: str) -> None:
    """Remove the account EMAIL."""
    Accounts(opened(config).connection).remove(email)
    click.echo("Removed.")
