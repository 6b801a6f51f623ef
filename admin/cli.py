"""The command `zaehlwerk`, with what only the read side can do."""

from admin.opendata.command import publish
from admin.takeout_command import import_municipality, remove_municipality
from tracker.cli import main
from tracker.commands.masterdata import municipality

COMMANDS = (publish,)
OF_MUNICIPALITIES = (import_municipality, remove_municipality)

for command in COMMANDS:
    main.add_command(command)
for command in OF_MUNICIPALITIES:
    municipality.add_command(command)

__all__ = ["main"]
