"""The command `zaehlwerk`."""

import click

from tracker.commands.audit import audit
from tracker.commands.audit import audit
from tracker.commands.backup import backup, restore
from tracker.commands.demo import demo
from tracker.commands.export import export
from tracker.commands.feedback import feedback
from tracker.commands.importing import import_group
from tracker.commands.masterdata import municipality, site, user
from tracker.commands.sdg import sdg
from tracker.commands.serve import serve
from tracker.commands.service import service
from tracker.commands.setup import init
from tracker.commands.stats import stats
from tracker.commands.takeout import export_municipality
from tracker.commands.token import token
from tracker.commands.upkeep import doctor, purge
from tracker.commands.usage import connector

COMMANDS = (
    init, serve, demo, municipality, site, service, user, token, stats, import_group, connector, feedback, export, sdg,
    purge, backup, restore, doctor, audit, audit,
)  # fmt: skip


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="zaehlwerk")
def main() -> None:
    """Zählwerk counts the use of municipal web pages and services. It counts, it does not follow."""


municipality.add_command(export_municipality)
for command in COMMANDS:
    main.add_command(command)
