"""What people said, as it is kept."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection
from typing import Any, NamedTuple

from tracker.errors import StoreError
from tracker.feedback.feedback import INFORMATION, NEW, PROCEDURE, Feedback
from tracker.feedback.words import words, words_of_each
from tracker.store.schema import open_database, transaction

PATIENCE = 3000  # ms that a request waits for whoever else writes, and an erasure for whoever reads


@dataclass(frozen=True, slots=True)
class Kept:
    """A piece of feedback with what was done with it since. `answered` is a day (20260131)."""

    number: int
    municipality_id: int
    host: str
    feedback: Feedback
    status: str
    assigned_to: int | None
    note: str
    answer: str
    answered: int | None
    released: bool
    text_deleted: bool
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """How feedback is asked for: under which category, and whether with the further questions."""

    category: str
    details: bool = False


class Arrival(NamedTuple):
    """A piece on its way in. `receipt`: the hash of its code, `rkey`: its record key."""

    feedback: Feedback
    receipt: bytes
    rkey: int
    status: str = NEW


class Feedbacks:
    """The feedback of one data directory."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, feedback: Feedback, receipt: bytes, rkey: int | None = None) -> int:
        """Keep one piece; its number. `receipt`: the hash of its code; sqlite3.IntegrityError if it is known.

        Raises StoreError when there is no such site any more.
        """
        stems = words(feedback.text)  # takes longer than the rest, so before the transaction
        with transaction(self._connection):
            return self._insert(Arrival(feedback, receipt, secrets.randbits(32) if rkey is None else rkey), stems)

    def add_all(self, arrivals: Sequence[Arrival]) -> list[int | None]:
        """Keep many pieces, all of them or none; their numbers, None where the receipt is known. Raises StoreError."""
        stems = words_of_each([arrival.feedback.text for arrival in arrivals])
        with transaction(self._connection):
            return [
                None if self._is_known(arrival.receipt) else self._insert(arrival, own)
                for arrival, own in zip(arrivals, stems, strict=True)
            ]

    def _is_known(self, receipt: bytes) -> bool:
        query = "select 1 from feedback where receipt = ?"
        return self._connection.execute(query, (receipt,)).fetchone() is not None

    def _insert(self, arrival: Arrival, stems: str) -> int:
        feedback = arrival.feedback
        values = {name: getattr(feedback, name) for name in _COLUMNS}
        row = self._connection.execute(
            f"""
            insert into feedback (municipality_id, receipt, rkey, status, {", ".join(_COLUMNS)})
            select municipality_id, :receipt, :rkey, :status, {", ".join(f":{name}" for name in _COLUMNS)}
            from site
            where id = :site
            returning id
            """,  # noqa: S608 - declared columns
            {**values, "receipt": arrival.receipt, "rkey": arrival.rkey, "status": arrival.status},
        ).fetchall()
        if not row:
            raise StoreError("The site is not registered any more.")
        number = int(row[0][0])
        details = [(number, question, value) for question, value in feedback.details.items()]
        self._connection.executemany("insert into feedback_detail values (?, ?, ?)", details)
        if feedback.text:
            self._connection.execute("insert into feedback_search (rowid, words) values (?, ?)", (number, stems))
        return number

    # Reading

    def get(self, number: int) -> Kept | None:
        """The piece with a number."""
        return self._one("feedback.id = :value", number)

    def by_receipt(self, receipt: bytes) -> Kept | None:
        """The piece whose code has this hash."""
        return self._one("feedback.receipt = :value", receipt)

    def _one(self, condition: str, value: int | bytes) -> Kept | None:
        row = self._connection.execute(
            f"""
            select feedback.id, feedback.municipality_id, host, {", ".join(f"feedback.{name}" for name in _COLUMNS)},
              status, assigned_to, note, answer, answered, released, text_deleted
            from feedback
            join site on site.id = feedback.site
            where {condition}
            """,  # noqa: S608 - declared columns, and the conditions above
            {"value": value},
        ).fetchone()
        return None if row is None else self._kept(row)

    def _kept(self, row: tuple[Any, ...]) -> Kept:
        number, municipality_id, host, *rest = row
        given, (status, assigned_to, note, answer, answered, released, text_deleted) = rest[:-7], rest[-7:]
        where = {"number": number}
        details = self._connection.execute(
            "select question, value from feedback_detail where feedback_id = :number", where
        ).fetchall()
        tags = self._connection.execute(
            "select tag from feedback_tag where feedback_id = :number order by tag", where
        ).fetchall()
        return Kept(
            number,
            municipality_id,
            host,
            Feedback(**dict(zip(_COLUMNS, given, strict=True)), details=dict(details)),
            status,
            assigned_to,
            note,
            answer,
            answered,
            bool(released),
            bool(text_deleted),
            tuple(tag for (tag,) in tags),
        )

    # How it is asked for

    def setting(self, municipality_id: int, service: str) -> Setting:
        """How feedback on a service ("" = pages of no service) is asked for; the default where nothing was saved."""
        row = self._connection.execute(
            "select category, details from feedback_setting where municipality_id = ? and service = ?",
            (municipality_id, service),
        ).fetchone()
        return Setting(PROCEDURE if service else INFORMATION) if row is None else Setting(row[0], bool(row[1]))

    def save_setting(self, municipality_id: int, service: str, setting: Setting) -> None:
        """Keep how feedback on a service is asked for; sqlite3.IntegrityError for an unknown category."""
        self._connection.execute(
            """
            insert into feedback_setting (municipality_id, service, category, details)
            values (?, ?, ?, ?)
            on conflict (municipality_id, service) do update
            set category = excluded.category, details = excluded.details
            """,
            (municipality_id, service, setting.category, setting.details),
        )

    # Deleting

    def erase(self, number: int) -> bool:
        """Delete one piece with its details, tags and words, so that no byte of it stays in the file; False if none.

        A reader that does not end within some seconds leaves its bytes in the write-ahead log until the next
        checkpoint.
        """
        return self._delete("id = ?", (number,)) > 0

    def purge_texts(self, site: int, before: int) -> int:
        """Empty the texts and notes of days before `before` (20260131) and drop their words; how many texts."""
        where = {"site": site, "before": before}
        with transaction(self._connection):
            due = self._connection.execute(
                "select id from feedback where site = :site and day < :before and (text <> '' or note <> '')", where
            ).fetchall()
            self._connection.executemany("delete from feedback_search where rowid = ?", due)
            self._connection.executemany("update feedback set text = '', note = '' where id = ?", due)
            if due:
                self.tidy_index()
        return len(due)

    def purge(self, site: int, before: int) -> int:
        """Delete the feedback of days before `before`; how many pieces. Call `Store.checkpoint` after it."""
        return self._delete("site = ? and day < ?", (site, before), checkpoint=False)

    def _delete(self, condition: str, values: tuple[object, ...], checkpoint: bool = True) -> int:
        with transaction(self._connection):
            gone = self._connection.execute(f"delete from feedback where {condition}", values).rowcount  # noqa: S608
            if gone:
                self.tidy_index()
        if gone and checkpoint:
            self._connection.execute("pragma wal_checkpoint(truncate)").fetchall()
        return gone

    def tidy_index(self) -> None:
        """Merge the search index into one, which drops deleted words: until then FTS5 only marks them as deleted."""
        self._connection.execute("insert into feedback_search (feedback_search) values ('optimize')")


def open_for_intake(path: Path, lasting: bool) -> Connection:
    """A connection for one request of a citizen; `lasting`: what it commits survives a loss of power.

    Raises StoreError, also when there is no database: none is made, because it was only moved away for a moment.
    """
    if not path.exists():
        raise StoreError("There is no database.")
    connection = open_database(path)
    connection.execute(f"pragma busy_timeout = {PATIENCE}")
    connection.execute(f"pragma synchronous = {'full' if lasting else 'normal'}")
    return connection


def purge_erased(connection: Connection, receipts: Collection[bytes]) -> int:
    """Delete what was erased under these hashes of receipts but is there again, as in a restored older backup.

    How many pieces there were. `tracker.feedback.erased.hashes` gives the hashes.
    """
    feedbacks = Feedbacks(connection)
    found = [kept.number for receipt in receipts if (kept := feedbacks.by_receipt(receipt)) is not None]
    return sum(feedbacks.erase(number) for number in found)


_COLUMNS = (
    *("site", "day", "category", "service", "rating", "found"),
    *("text", "masked", "page", "moment", "device", "language"),
)
