"""The audit log: who changed what and when, one line per change, never what was written."""

from collections.abc import Iterator
from sqlite3 import Connection
from typing import NamedTuple

LONGEST = 300  # characters of a subject
# What the number in an address may belong to: name of the argument → table.
_OWNERS = {"piece": "feedback", "answer": "public_answer", "token": "token", "account": "account"}

_SELECT = """
  from audit_log
  left join municipality on municipality.id = municipality_id
  where (:municipality is null or municipality_id = :municipality)
    and time >= :first and time < :last
"""


class Entry(NamedTuple):
    """One change. `time` in seconds since 1970, `account` "" for a command, `municipality` "" for the installation."""

    time: int
    account: str
    municipality: str
    action: str
    subject: str


class Span(NamedTuple):
    """Which changes: of one municipality or all (None), from one instant (in seconds) to before another."""

    municipality: int | None = None
    first: int = 0
    last: int = 2**62


class AuditLog:
    """The audit log of one data directory."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def write(self, now: float, account: str, municipality: int | None, action: str, subject: str = "") -> None:
        """Keep one change; a municipality that is gone meanwhile becomes none."""
        self._connection.execute(
            """
            insert into audit_log (time, account, municipality_id, action, subject)
            values (:now, :account, (select id from municipality where id = :municipality), :action, :subject)
            """,
            {
                "now": int(now),
                "account": account,
                "municipality": municipality,
                "action": action,
                "subject": subject[:LONGEST],
            },
        )

    def entries(self, span: Span, limit: int = -1) -> Iterator[Entry]:
        """The changes of a span, the latest first; -1: all of them."""
        rows = self._connection.execute(
            f"""
            select time, account, coalesce(municipality.name, ''), action, subject
            {_SELECT}
            order by time desc, audit_log.id desc
            limit :limit
            """,
            {**span._asdict(), "limit": limit},
        )
        return (Entry(*row) for row in rows)

    def count(self, span: Span) -> int:
        """How many changes a span has."""
        return int(self._connection.execute(f"select count(*) {_SELECT}", span._asdict()).fetchone()[0])

    def purge(self, before: int) -> int:
        """Delete the changes before an instant in seconds; how many."""
        return self._connection.execute("delete from audit_log where time < ?", (before,)).rowcount

    def owner_of(self, kind: str, number: int) -> int | None:
        """The municipality that a piece, an answer, a token or an account belongs to; None if it is not known."""
        if kind not in _OWNERS:
            return None
        row = self._connection.execute(
            f"select municipality_id from {_OWNERS[kind]} where id = ?",  # noqa: S608 - our own tables
            (min(number, 2**63 - 1),),
        ).fetchone()
        return None if row is None else row[0]
