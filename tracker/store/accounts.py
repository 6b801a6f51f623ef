"""Accounts of the admin area and their sessions. A session lives here; the browser holds only its random token."""

import hashlib
import re
import secrets
import time
from dataclasses import dataclass
from functools import cache
from sqlite3 import Connection

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlite_utils import Database

from tracker.errors import ConfigError

OPERATOR, EDITOR, VIEWER = "operator", "editor", "viewer"
ROLES = (OPERATOR, EDITOR, VIEWER)
SESSION_IDLE = 8 * 3600  # s
SESSION_LIFE = 7 * 24 * 3600  # s
PASSWORD_LENGTH = 12

_hasher = PasswordHasher()


@dataclass(frozen=True, slots=True)
class Account:
    """Someone who may sign in: a viewer looks at one municipality, an editor answers and publishes for it.

    An operator may do everything everywhere.
    """

    id: int
    email: str
    role: str
    municipality_id: int | None
    language: str


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in account. `csrf` must come with every request that changes something."""

    account: Account
    csrf: str


class Accounts:
    """The accounts of one data directory."""

    def __init__(self, connection: Connection) -> None:
        self._db = Database(connection)

    def all(self) -> list[Account]:
        """All accounts by e-mail address."""
        columns = "id, email, role, municipality_id, language"
        return [Account(**row) for row in self._db.table("account").rows_where(select=columns, order_by="email")]

    def find(self, email: str) -> Account:
        """The account with an e-mail address; raises ConfigError when there is none."""
        for account in self.all():
            if account.email.lower() == email.strip().lower():
                return account
        raise ConfigError(f"There is no account {email}.")

    def add(self, email: str, password: str, role: str, municipality_id: int | None = None) -> Account:
        """A new account; raises ConfigError with the rule that a value breaks."""
        email = email.strip()
        if not re.fullmatch(r"[^@\s]{1,64}@[^@\s]{1,190}", email):
            raise ConfigError(f"“{email}” is no e-mail address.")
        if any(account.email.lower() == email.lower() for account in self.all()):
            raise ConfigError(f"There is already an account {email}.")
        if role not in ROLES:
            raise ConfigError(f"“{role}” is no role; expected {', '.join(ROLES)}.")
        if (role == OPERATOR) != (municipality_id is None):
            raise ConfigError("A viewer or editor belongs to one municipality, an operator to none.")
        row = {"email": email, "password": hash_password(password), "role": role, "municipality_id": municipality_id}
        self._db.table("account").insert({**row, "created": int(time.time())})
        return self.find(email)

    def remove(self, email: str) -> None:
        """Remove an account and end its sessions."""
        self._db.table("account").delete(self.find(email).id)

    def set_password(self, account: Account, password: str, keep: str = "") -> None:
        """Set a password and end all sessions of the account but the one with the token `keep`."""
        changed = {"password": hash_password(password)}
        with self._db.atomic():
            self._db.table("session").delete_where("account_id = ? and token <> ?", [account.id, _digest(keep)])
            self._db.table("account").update(account.id, changed)

    def set_language(self, account: Account, language: str) -> None:
        """Remember the language of an account."""
        self._db.table("account").update(account.id, {"language": language})

    def check_password(self, email: str, password: str) -> Account | None:
        """The account, if the password is its own. Takes the same time for unknown accounts."""
        row = next(self._db.table("account").rows_where("email = ?", [email.strip()]), None)
        nobody = _nobody()  # whoever asks: the first time it takes as long as a check
        try:
            _hasher.verify(row["password"] if row else nobody, password)
        except (VerificationError, InvalidHashError):
            return None
        return self.find(row["email"]) if row else None

    def begin_session(self, account: Account) -> str:
        """The token of a new session."""
        token, now = secrets.token_urlsafe(32), int(time.time())
        row = {"token": _digest(token), "account_id": account.id, "csrf": secrets.token_urlsafe(32)}
        self._db.table("session").insert({**row, "created": now, "seen": now})
        return token

    def session(self, token: str) -> Session | None:
        """The session with a token, unless it was idle or lived for too long."""
        now = int(time.time())
        rows = self._db.table("session").rows_where("token = ?", [_digest(token)])
        row = next(rows, None)
        if row is None or now - row["seen"] > SESSION_IDLE or now - row["created"] > SESSION_LIFE:
            return None
        if now - row["seen"] > 60:
            self._db.table("session").update(row["token"], {"seen": now})
        found = [account for account in self.all() if account.id == row["account_id"]]
        return Session(found[0], row["csrf"]) if found else None

    def end_session(self, token: str) -> None:
        """End a session."""
        self._db.table("session").delete_where("token = ?", [_digest(token)])

    def purge_sessions(self) -> int:
        """Delete sessions that are over; how many there were."""
        now = int(time.time())
        where = "seen < ? or created < ?"
        number = self._db.table("session").count_where(where, [now - SESSION_IDLE, now - SESSION_LIFE])
        self._db.table("session").delete_where(where, [now - SESSION_IDLE, now - SESSION_LIFE])
        return number


@cache
def _nobody() -> str:
    """The hash of a password that nobody has, so that unknown accounts cost the same time as known ones."""
    return _hasher.hash(secrets.token_hex())


def new_password() -> str:
    """A random password that can be typed."""
    return "-".join(secrets.token_hex(2) for _ in range(5))


def hash_password(password: str) -> str:
    if not PASSWORD_LENGTH <= len(password) <= 200:
        raise ConfigError(f"A password has at least {PASSWORD_LENGTH} characters and at most 200.")
    return _hasher.hash(password)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
