"""What people said, as it is kept."""

import secrets
from sqlite3 import Connection

from tracker.feedback.feedback import Feedback
from tracker.store.schema import transaction


class Feedbacks:
    """The feedback of one data directory."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, feedback: Feedback, receipt: bytes, rkey: int | None = None) -> int:
        """Keep one piece; its number. `receipt`: the hash of its code; sqlite3.IntegrityError if it is known."""
        with transaction(self._connection):
            return self._insert(feedback, receipt, secrets.randbits(32) if rkey is None else rkey)

    def _insert(self, feedback: Feedback, receipt: bytes, rkey: int) -> int:
        values = {name: getattr(feedback, name) for name in _COLUMNS}
        number = self._connection.execute(
            f"""
            insert into feedback (municipality_id, receipt, rkey, {", ".join(_COLUMNS)})
            select municipality_id, :receipt, :rkey, {", ".join(f":{name}" for name in _COLUMNS)}
            from site
            where id = :site
            """,  # noqa: S608 - declared columns
            {**values, "receipt": receipt, "rkey": rkey},
        ).lastrowid
        assert number is not None
        details = [(number, question, value) for question, value in feedback.details.items()]
        self._connection.executemany("insert into feedback_detail values (?, ?, ?)", details)
        return number


_COLUMNS = (
    *("site", "day", "category", "service", "rating", "found"),
    *("text", "masked", "page", "moment", "device", "language"),
)
