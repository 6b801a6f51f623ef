"""Batches that came with an Idempotency-Key: a repetition gets the answer of the first time."""

import hashlib
from dataclasses import dataclass
from sqlite3 import Connection

KEPT = 48 * 3600 * 1000  # ms that an answer is kept


@dataclass(frozen=True, slots=True)
class Delivery:
    """A batch: `received` first in ms, its `answer` once it is in the journal, `series` which no other batch has."""

    received: int
    answer: bytes | None
    is_same: bool  # as the batch that first came with the key
    series: str


class Deliveries:
    """The batches of one token. Keys and bodies are kept as hashes."""

    def __init__(self, connection: Connection, token_id: int) -> None:
        self._connection = connection
        self._token = token_id

    def begin(self, key: str, body: bytes, now: int) -> Delivery:
        """Note a batch before it is counted, or find the one that came with the same key; `now` in ms.

        What was begun and has no answer (its process was killed) is to be counted again, as of its first time.
        """
        key_hash, body_hash = _digest(key.encode()), _digest(body)
        row = {"token": self._token, "key": key_hash, "body": body_hash, "now": now}
        execute = self._connection.execute
        execute("delete from delivery where received <= :due", {"due": now - KEPT})
        found = execute(
            """
            insert into delivery (token_id, key, body, received)
            values (:token, :key, :body, :now)
            on conflict (token_id, key) do update set received = received
            returning received, answer, body
            """,
            row,
        )
        received, answer, known = found.fetchall()[0]
        series = f"{self._token} {key_hash.hex()} {body_hash.hex()}"
        return Delivery(received, answer, known == body_hash, series)

    def finish(self, key: str, answer: bytes) -> None:
        """Keep the answer of a batch that is in the journal."""
        self._connection.execute(
            "update delivery set answer = :answer where token_id = :token and key = :key",
            {"token": self._token, "key": _digest(key.encode()), "answer": answer},
        )


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).digest()
