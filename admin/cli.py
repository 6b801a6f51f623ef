"""The command `zaehlwerk`, with what only the read side can do."""

from tracker.cli import COMMANDS, Place, main

COMMANDS["publish"] = Place(
    "admin.opendata.command:publish", "Publish the open data of all days and months that are over"
)
COMMANDS["municipality"] = COMMANDS["municipality"]._replace(
    added=(
        *COMMANDS["municipality"].added,
        "admin.takeout_command:import_municipality",
        "admin.takeout_command:remove_municipality",
    )
)

__all__ = ["main"]
