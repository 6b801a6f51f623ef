"""Tokens of form servers and other programs. Only the hash of a token is kept."""

import hashlib
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

from sqlite_utils import Database

from tracker.errors import ConfigError

EVENTS, USAGE = "events", "usage"
SCOPES = (EVENTS, USAGE)  # what a token may be used for
PREFIX = "zw_"  # by which people and secret scanners know a token
NAME_LENGTH = 100

_SELECT = """
select token.id, municipality_id, token.name, scopes, token.created, last_used, timezone
from token
join municipality on municipality.id = municipality_id
"""


@dataclass(frozen=True, slots=True)
class Token:
    """What a program may do, for one municipality. `created` in seconds, `last_used` a local day (20260131)."""

    id: int
    municipality_id: int
    name: str
    scopes: tuple[str, ...]
    created: int
    last_used: int | None
    timezone: str  # of the municipality


class Tokens:
    """The tokens of one data directory."""

    def __init__(self, connection: Connection) -> None:
        self._db = Database(connection)

    def all(self) -> list[Token]:
        """All tokens, the oldest first."""
        return [_token(row) for row in self._db.query(f"{_SELECT} order by token.id")]

    def find(self, secret: str) -> Token | None:
        """The token that a program showed, if there is one. Compares hashes only, so its time tells nothing."""
        rows = self._db.query(f"{_SELECT} where token.hash = :hash", {"hash": _digest(secret)})
        return next(map(_token, rows), None)

    def add(self, municipality_id: int, name: str, scopes: Sequence[str] = (EVENTS,)) -> str:
        """A new token, which is not kept; raises ConfigError with the rule that a value breaks."""
        name = " ".join(name.split())
        if not 1 <= len(name) <= NAME_LENGTH:
            raise ConfigError(f"The name of a token has 1 to {NAME_LENGTH} characters.")
        if not scopes or not set(scopes) <= set(SCOPES):
            raise ConfigError(f"A token is for one or more of: {', '.join(SCOPES)}.")
        secret = PREFIX + secrets.token_urlsafe(32)
        row = {"hash": _digest(secret), "municipality_id": municipality_id, "name": name}
        words = " ".join(scope for scope in SCOPES if scope in scopes)
        self._db.table("token").insert({**row, "scopes": words, "created": int(time.time())})
        return secret

    def remove(self, number: int) -> None:
        """Remove a token, which ends its use at once; raises ConfigError when there is none."""
        if all(token.id != number for token in self.all()):
            raise ConfigError(f"There is no token {number}. `zaehlwerk token list` shows them.")
        self._db.table("token").delete(number)

    def note_use(self, token: Token, day: int) -> None:
        """Remember the local day (20260131) on which a token was used last."""
        self._db.table("token").update(token.id, {"last_used": day})


def _token(row: dict[str, Any]) -> Token:
    return Token(**{**row, "scopes": tuple(row["scopes"].split())})


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
