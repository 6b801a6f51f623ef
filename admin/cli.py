"""The command `zaehlwerk`, with what only the read side can do."""

from admin.opendata.command import publish
from tracker.cli import main

COMMANDS = (publish,)

for command in COMMANDS:
    main.add_command(command)

__all__ = ["main"]
