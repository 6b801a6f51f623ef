"""The errors Zählwerk raises.

ZaehlwerkError             anything we raise on purpose; its text is meant for the user
├── ConfigError            a setting or a master-data value is wrong; names it and says what is expected
├── BeaconError            a message from a page is malformed; carries the HTTP status of the answer
├── ItemError              an item of a form server cannot be counted; carries the code of the reason
├── JournalError           the journal cannot be written (full disk, permissions)
├── TakeoutError           an archive is no take-out of a municipality, or contradicts what is here
└── StoreError             the database is damaged, too new, or locked by something else
"""


class ZaehlwerkError(Exception):
    """Anything we raise on purpose."""


class ConfigError(ZaehlwerkError):
    """A setting or a master-data value is wrong."""


class BeaconError(ZaehlwerkError):
    """A message from a page is malformed; `status` is the HTTP status line of the answer."""

    def __init__(self, reason: str, status: str = "400 Bad Request") -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


class ItemError(ZaehlwerkError):
    """An item of a form server cannot be counted; `reason` is a code of docs/api.md."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class JournalError(ZaehlwerkError):
    """The journal cannot be written."""


class StoreError(ZaehlwerkError):
    """The database is damaged, too new, or locked by something else."""


class TakeoutError(ZaehlwerkError):
    """An archive is no take-out of a municipality, or contradicts what is here."""
