"""`zaehlwerk demo`: serve a simulated city, clearly marked as simulated."""

import os
import shutil
import time
from datetime import datetime, timedelta
from pathlib import Path

import click

from tracker.calendar import day_number
from tracker.commands.serve import start
from tracker.commands.setup import FIRST_EMAIL, prepare_directory
from tracker.config import FILE, Config, load_config
from tracker.errors import ConfigError, ZaehlwerkError
from tracker.feedback.feedback import PROCEDURE
from tracker.loader import loader_lock
from tracker.simulation.feedback import ASKED_IN_DETAIL
from tracker.simulation.formserver import FORM_SERVER, TOKEN_FILE
from tracker.simulation.history import write_history
from tracker.simulation.masterdata import catalogue as services_of
from tracker.simulation.office import speaking, write_feedback
from tracker.store import open_store
from tracker.store.accounts import OPERATOR, Accounts, new_password
from tracker.store.catalogue import Catalogue, Municipality, Site
from tracker.store.feedback import Feedbacks, Setting
from tracker.store.opendata import Opendata, OpendataSetting
from tracker.store.services import Services
from tracker.store.tokens import Tokens

NAME, ARS = "Marburg (simuliert)", "065340014014"  # the name is in every published file
SITE = "marburg.localhost"  # browsers take every name under localhost for this machine, without asking anyone
SEARCH_PARAM = "q"
MONTHS = 13
MARK = "# Made by `zaehlwerk demo`: all figures in this directory are simulated. Delete it when you are done.\n"
PUBLICATION = OpendataSetting(
    automatic=True,
    attribution="Simulierte Daten, Vorführung von Zählwerk",
    contributor="http://dcat-ap.de/def/contributors/hessen",
    contact="Vorführung von Zählwerk (simuliert)",
    email="opendata@example.org",
    website="https://example.org/",
)
OUTAGES = (  # days ago, how many days, reason
    (163, 2, "Wartung der Firewall: Die Zählung war zeitweise nicht erreichbar (simuliert)."),
    (47, 1, "Stromausfall im Rechenzentrum von 9 bis 14 Uhr (simuliert)."),
)
SETTINGS = "simulated = true\nfeedback_per_minute = 30  # so that one person can try it several times\n"
THIS_START = "  # of the last start"
UNTIL = "simulated_until"  # file: the instant in ms up to which is simulated; 0 while the history is being made


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Number of processes.")
@click.option(
    "--site", default=SITE, show_default=True, help="Host name of the city's pages. Safari needs --site 127.0.0.1."
)
@click.option("--months", default=MONTHS, show_default=True, type=click.IntRange(0, 24), help="Months of history.")
@click.option(
    "--data",
    default=Path("demo-data"),
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Directory of the simulated data; made if missing.",
)
def demo(host: str, port: int, workers: int, site: str, months: int, data: Path) -> None:
    """Serve a simulated city with months of traffic, and pages to click on. Nothing of it is real.

    A later start adds the days that passed since. The password is a new one at every start.
    """
    try:
        config = claim(data)
        prepare_city(config, site, months)
        password = renew_password(config)
        renew_token(config)
    except (ZaehlwerkError, OSError) as error:
        raise click.ClickException(str(error)) from error
    config = served_at(config, _address(host, port))
    _tell(config, site, port, password)
    start(config, host, port, workers, "gunicorn")


def claim(data: Path) -> Config:
    """The settings of a directory for simulated data; raises ConfigError when it holds anything else."""
    settings = data / FILE
    if not settings.exists():
        if data.exists() and any(data.iterdir()):
            raise ConfigError(f"{data} is not empty and not a demo's. Name another directory with --data.")
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings.write_text(MARK + SETTINGS, "utf-8")
    if not load_config(data, {}).simulated:
        raise ConfigError(f"{data} holds a real installation, not a demo. Name another directory with --data.")
    return load_config(data)


def served_at(config: Config, address: str) -> Config:
    """The settings with the address of this start, kept for server and other commands alike; not over one of yours."""
    path = config.data / FILE
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.endswith(THIS_START)]
    path.write_text("\n".join([*lines, ""]), "utf-8")
    if load_config(config.data).base_url == Config().base_url:
        path.write_text("\n".join([*lines, f'base_url = "{address}"{THIS_START}', ""]), "utf-8")
    return load_config(config.data)


def prepare_city(config: Config, host: str, months: int) -> None:
    """Make the city with its history, or add what has passed since; raises ConfigError while it is being served."""
    lock = loader_lock(config.data)
    if lock is None:
        raise ConfigError(f"{config.data} is being served already. Stop that, or name another directory with --data.")
    try:
        until = config.data / UNTIL
        if until.exists() and until.read_text() == "0":
            _clear(config)
        if not config.database.exists():
            _make_city(config, host, until)
        if not until.exists():
            raise ConfigError(f"{config.data} holds a database that no demo made. Name another directory with --data.")
        _add_history(config, host, until, months)
    finally:
        os.close(lock)


def renew_password(config: Config) -> str:
    """A new password for the demo's account, which is made if it is missing."""
    store = open_store(config.database)
    accounts, password = Accounts(store.connection), new_password()
    known = [account for account in accounts.all() if account.email == FIRST_EMAIL]
    if known:
        accounts.set_password(known[0], password)
    else:
        accounts.add(FIRST_EMAIL, password, OPERATOR)
    store.close()
    return password


def renew_token(config: Config) -> None:
    """A new token for the demo's form server, kept in a file beside the data: of a token itself only the hash is."""
    store = open_store(config.database)
    tokens = Tokens(store.connection)
    for old in tokens.all():
        if old.name == FORM_SERVER:
            tokens.remove(old.id)
    secret = tokens.add(Catalogue(store.connection).municipality(ARS).id, FORM_SERVER)
    store.close()
    path = config.data / TOKEN_FILE
    path.touch(mode=0o600)
    path.write_text(secret)


def _clear(config: Config) -> None:
    """Remove what an interrupted preparation left behind."""
    for path in config.data.glob(config.database.name + "*"):
        path.unlink()
    shutil.rmtree(config.journal, ignore_errors=True)


def _make_city(config: Config, host: str, until: Path) -> None:
    until.write_text("0")
    prepare_directory(config)
    store = open_store(config.database)
    catalogue = Catalogue(store.connection)
    town = catalogue.add_municipality(NAME, ARS)
    site = catalogue.add_site(host, ARS, search_param=SEARCH_PARAM)
    Services(store.connection).apply(town.id, services_of(host))
    for service in ASKED_IN_DETAIL:
        Feedbacks(store.connection).save_setting(town.id, service, Setting(PROCEDURE, details=True))
    _publish_by_itself(Opendata(store.connection), town, site)
    store.close()


def _publish_by_itself(opendata: Opendata, town: Municipality, site: Site) -> None:
    """Let the city publish every night, with days that were not measured in full."""
    opendata.save(town.id, PUBLICATION)
    today = datetime.now(site.calendar.zone).date()
    for days_ago, lasted, reason in OUTAGES:
        first = today - timedelta(days=days_ago)
        last = first + timedelta(days=lasted - 1)
        opendata.add_outage(site.id, day_number(first), day_number(last), reason)


def _add_history(config: Config, host: str, until: Path, months: int) -> None:
    """Simulate from where the last start ended, or from so many months ago, until now."""
    store = open_store(config.database)
    site = _site(Catalogue(store.connection), host, config.data)
    now = int(time.time() * 1000)
    known = int(until.read_text())
    since = max(known, _months_ago(site, now, months))
    if known:  # first, so that an interruption loses some simulated hours and counts none twice
        until.write_text(str(now))
    label = f"Simulating {(now - since) / 86_400_000:.0f} days of {NAME}"
    said = speaking(site, since, now)
    with click.progressbar(length=now - since, label=label, show_eta=False) as bar:
        write_history(store, config, site, since, now, bar.update)
    write_feedback(store, site, said(), since, now)
    until.write_text(str(now))
    store.close()


def _site(catalogue: Catalogue, host: str, data: Path) -> Site:
    known = [site.host for site in catalogue.sites()]
    if host not in known:
        raise ConfigError(f"{data} holds the site {', '.join(known)}, not {host}. Name another directory with --data.")
    return catalogue.site(host)


def _months_ago(site: Site, now: int, months: int) -> int:
    """The begin, in ms, of the local day so many months before the instant `now`; the 28th is the last day used."""
    today = datetime.fromtimestamp(now / 1000, site.calendar.zone)
    years, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    day = today.replace(year=years, month=month + 1, day=min(today.day, 28), hour=0, minute=0, second=0, microsecond=0)
    return int(day.timestamp() * 1000)


def _address(host: str, port: int) -> str:
    """The address at which a browser on this machine finds a server that listens on `host`."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - only compared
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def _tell(config: Config, site: str, port: int, password: str) -> None:
    click.echo(
        f"""
Zählwerk with a simulated city. All figures are made up.

  Dashboard   {config.base_url}/admin/sites/{site}
  E-mail      {FIRST_EMAIL}
  Password    {password}   (a new one at every start)

  City pages  http://{site}:{port}/   (click there, and watch the dashboard)
  Guide       {config.base_url}/demo/

The data is in {config.data}. Ctrl+C ends it.
"""
    )
