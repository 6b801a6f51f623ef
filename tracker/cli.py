"""The command `zaehlwerk`. The libraries of a command are loaded when it is called, so that each starts quickly."""

from importlib import import_module
from typing import Any, NamedTuple

import click


class Place(NamedTuple):
    """Where a command is, as module:name, and the begin of its help; of a group, also commands that others add."""

    where: str
    help: str
    added: tuple[str, ...] = ()


COMMANDS = {
    "init": Place("tracker.commands.setup:init", "Prepare a data directory and make the first account."),
    "serve": Place("tracker.commands.serve:serve", "Serve everything: collector, loader, nightly jobs and admin area."),
    "demo": Place(
        "tracker.commands.demo:demo", "Serve a simulated city with months of traffic, and pages to click on."
    ),
    "municipality": Place(
        "tracker.commands.masterdata:municipality",
        "Municipalities: the tenants.",
        ("tracker.commands.takeout:export_municipality",),
    ),
    "site": Place("tracker.commands.masterdata:site", "Sites: the host names being counted."),
    "service": Place(
        "tracker.commands.service:service", "Services: what a municipality offers online, with their pages and forms."
    ),
    "user": Place("tracker.commands.masterdata:user", "Accounts of the admin area."),
    "token": Place("tracker.commands.token:token", "Tokens of form servers and other programs."),
    "stats": Place("tracker.commands.stats:stats", "Print the figures of SITE."),
    "import": Place("tracker.commands.usage:import_group", "Import figures from the past."),
    "connector": Place(
        "tracker.commands.usage:connector", "Connectors: how files of totals are laid out, each mapped once."
    ),
    "feedback": Place("tracker.commands.feedback:feedback", "Feedback: what people say about services."),
    "export": Place("tracker.commands.export:export", "Give figures to others."),
    "sdg": Place("tracker.commands.sdg:sdg", "Monthly files for the Single Digital Gateway."),
    "purge": Place("tracker.commands.upkeep:purge", "Delete what is due: facts, old counts, sessions, and texts"),
    "backup": Place("tracker.commands.backup:backup", "Copy database, published files and settings"),
    "restore": Place("tracker.commands.backup:restore", "Make an installation of the backup SOURCE"),
    "doctor": Place("tracker.commands.upkeep:doctor", "Check configuration, permissions, database, loader"),
    "audit": Place("tracker.commands.audit:audit", "Show what is stored where, for how long and since when"),
}


class Program(click.Group):
    """A group that loads a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        """The names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        """A command, or None where there is none of that name."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        command: click.Command = _load(place.where)
        for added in place.added:
            assert isinstance(command, click.Group)
            command.add_command(_load(added))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """List the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name].help) for name in sorted(COMMANDS)])


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="zaehlwerk")
def main() -> None:
    """Zählwerk counts the use of municipal web pages and services. It counts, it does not follow."""


def _load(where: str) -> Any:
    module, _, name = where.partition(":")
    return getattr(import_module(module), name)
