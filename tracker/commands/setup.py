"""`zaehlwerk init`: prepare a data directory and its first account."""

import click

from tracker.commands.common import data_option
from tracker.config import Config
from tracker.errors import ConfigError
from tracker.store import open_store
from tracker.store.accounts import OPERATOR, Accounts, new_password

FIRST_EMAIL = "betrieb@localhost"


def prepare_directory(config: Config) -> None:
    """Make the directories and the database, or bring them up to date."""
    try:
        config.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        config.journal.mkdir(mode=0o700, exist_ok=True)
        if not config.database.exists():
            config.database.touch(mode=0o600)
    except OSError as error:
        raise ConfigError(f"The data directory {config.data} cannot be made: {error.strerror}.") from error
    open_store(config.database).close()


def prepare(config: Config, email: str = FIRST_EMAIL) -> tuple[str, str] | None:
    """Prepare the directory; (e-mail, password) of the first account if one had to be made."""
    prepare_directory(config)
    store = open_store(config.database)
    try:
        accounts = Accounts(store.connection)
        if accounts.all():
            return None
        password = new_password()
        accounts.add(email, password, OPERATOR)
        return email, password
    finally:
        store.close()


def tell_sign_in(made: tuple[str, str] | None) -> None:
    """Print the first account's sign-in, once."""
    if made:
        click.echo(f"First account: {made[0]}\nPassword:      {made[1]}  (shown only now; change it after signing in)")


@click.command()
@click.option("--email", default=FIRST_EMAIL, show_default=True, help="E-mail address of the first account.")
@data_option
def init(config: Config, email: str) -> None:
    """Prepare a data directory and make the first account.

    On a directory that exists already, only the database's schema is brought up to date.
    """
    made = prepare(config, email)
    click.echo(f"Data directory: {config.data}")
    tell_sign_in(made)
    if made is None:
        click.echo("There are accounts already; none was made.")
