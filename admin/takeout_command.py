"""`zaehlwerk municipality import` and `remove`: take a municipality in, and delete one."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.commands.backup import shown
from tracker.commands.common import data_option, opened
from tracker.config import Config
from tracker.errors import TakeoutError
from tracker.removal import Extent, Removed, remove
from tracker.store import Store
from tracker.store.catalogue import Catalogue, Municipality
from tracker.takein import Taken, take_in

if TYPE_CHECKING:
    from admin.opendata.publisher import Publisher


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@data_option
def import_municipality(config: Config, file: Path) -> None:
    """Take in the municipality of the take-out FILE, into an empty installation or beside others.

    Figures, published files and receipts of citizens are as they were. Accounts get new passwords, programs new tokens.
    """
    store = opened(config)
    with shown("Taking in") as progress:
        taken = take_in(config, file, progress, _look)
    if taken.releases:
        _publisher(config, store, Catalogue(store.connection).municipality(taken.ars)).refresh_indexes()
    click.echo(_told(taken))


def _look(folder: Path, ars: str) -> None:
    """Refuse releases that are none, or of another municipality, or that lie where another should."""
    from admin.opendata import manifest as manifests  # noqa: PLC0415 - takes a while to load

    try:
        releases = manifests.all_of(folder)
    except manifests.ReleaseError as error:
        raise TakeoutError("A folder of the take-out's published files is no release. Have a new one made.") from error
    for release in releases:
        if release.publisher.ars != ars or not (folder / release.path).is_dir():
            raise TakeoutError(f"The take-out has a release that is not of {ars}, or not of its period.")


def _told(taken: Taken) -> str:
    lines = [f"{taken.name} (ARS {taken.ars}) is here, with {taken.releases} releases. Programs need new tokens."]
    if taken.accounts:
        lines.append("These accounts need a new password, by `zaehlwerk user password EMAIL`:")
        lines += [f"  {email}" for email in taken.accounts]
    if taken.left_out:
        lines.append(f"These accounts were here before and stay as they are: {', '.join(taken.left_out)}.")
    return "\n".join(lines)


@click.command("remove")
@click.argument("ars")
@click.option("--with-released", is_flag=True, help="Delete the published files, too. What others copied stays there.")
@click.option("--keep-backups", is_flag=True, help="Leave backups in the data directory alone: they hold it still.")
@data_option
def remove_municipality(config: Config, ars: str, with_released: bool, keep_backups: bool) -> None:
    """Delete the municipality ARS with everything of it, after its name was typed. The server may go on.

    Published files stay: open data is for good. Backups in the data directory are replaced by a new one without it.
    Write a take-out first if anybody may need the data: `zaehlwerk municipality export`.
    """
    store = opened(config)
    town = Catalogue(store.connection).municipality(ars)
    _confirm(store, town)
    gone = remove(config, store, town, time.time(), Extent(with_released, keep_backups))
    if with_released:
        _refresh_root(config, store)
    click.echo(_told_of(gone, config, keep_backups))


def _confirm(store: Store, town: Municipality) -> None:
    sites = ", ".join(site.host for site in Catalogue(store.connection).sites(town.id)) or "no sites"
    click.echo(f"This deletes {town.name} ({sites}) for good, with accounts, figures and feedback.")
    if click.prompt("Type its name to go on", default="", show_default=False).strip() != town.name:
        raise click.ClickException("That is not its name. Nothing was deleted.")


def _told_of(gone: Removed, config: Config, keep_backups: bool) -> str:
    lines = [f"Deleted. {gone.lines} lines of the journal were overwritten, {gone.uploads} waiting uploads deleted."]
    if gone.backups:
        lines.append(f"{gone.backups} backups in {config.data / 'backup'} gave way to a new one without it.")
    if keep_backups:
        lines.append(f"Backups in {config.data / 'backup'} hold it until they are {config.backup_days} days old.")
    if gone.released:
        lines.append("Published files stay: open data is for good.")
    return "\n".join(
        [*lines, "Backups and take-outs elsewhere are yours to delete; zaehlwerk.toml is yours to look at."]
    )


def _refresh_root(config: Config, store: Store) -> None:
    """Bring the list of all publishing municipalities up to date."""
    for town in Catalogue(store.connection).municipalities():
        if (config.opendata / town.ars).exists():
            _publisher(config, store, town).refresh_indexes()
            return
    (config.opendata / "index.html").unlink(missing_ok=True)


def _publisher(config: Config, store: Store, town: Municipality) -> "Publisher":
    from admin.opendata.publisher import Publisher  # noqa: PLC0415 - takes a while to load

    return Publisher(store, config, town, time.time())
