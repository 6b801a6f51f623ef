"""Transfers to the Single Digital Gateway: the ids of their parts, every file that was made, and the settings."""

import hashlib
import zlib
from collections.abc import Callable, Sequence
from sqlite3 import Connection
from typing import NamedTuple

from tracker.sdg.feedback import Said
from tracker.store.schema import transaction


class Written(NamedTuple):
    """A part that was written. `figures`: a text that is another one whenever anything but the time is."""

    unique_id: str
    entries: int
    figures: str
    content: bytes


class File(NamedTuple):
    """A file that was made; `made` in seconds since 1970."""

    part: int
    unique_id: str
    revision: int
    made: int
    entries: int
    bytes: int
    sha256: str


class Transfer(NamedTuple):
    """A transfer of one month (202601). `corrected`: when it was made anew; `files`: the newest of each part."""

    id: int
    kind: str
    month: int
    created: int
    corrected: int | None
    files: tuple[File, ...]

    @property
    def revision(self) -> int:
        """1, and one more with each correction."""
        return self.files[0].revision


Write = Callable[[Sequence[str]], list[Written]]  # ids of the parts that are known → all parts, those first


class Transfers:
    """The transfers of one data directory."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self, municipality_id: int) -> list[Transfer]:
        """The transfers of a municipality, the newest month first."""
        rows = self._connection.execute(
            """
            select id, kind, month, created, corrected
            from sdg_transfer
            where municipality_id = ?
            order by month desc, kind
            """,
            (municipality_id,),
        ).fetchall()
        return [Transfer._make((*row, self._newest(row[0]))) for row in rows]

    def find(self, municipality_id: int, kind: str, month: int) -> Transfer | None:
        """The transfer of a month, if it was made."""
        for transfer in self.all(municipality_id):
            if (transfer.kind, transfer.month) == (kind, month):
                return transfer
        return None

    def history(self, transfer_id: int) -> list[File]:
        """Every file of a transfer that was ever made, the newest first."""
        rows = self._connection.execute(
            """
            select part, unique_id, revision, made, entries, bytes, sha256
            from sdg_file
            join sdg_part using (transfer_id, part)
            where transfer_id = ?
            order by revision desc, part
            """,
            (transfer_id,),
        )
        return [File(*row) for row in rows]

    def _newest(self, transfer_id: int) -> tuple[File, ...]:
        files = self.history(transfer_id)
        return tuple(file for file in files if file.revision == files[0].revision)

    def figures(self, transfer_id: int) -> list[str]:
        """The figures of the newest file of each part."""
        rows = self._connection.execute(
            """
            select figures
            from sdg_file
            where transfer_id = :id
              and revision = (select max(revision) from sdg_file where transfer_id = :id)
            order by part
            """,
            {"id": transfer_id},
        )
        return [text for (text,) in rows]

    def content(self, municipality_id: int, kind: str, month: int, part: int) -> bytes | None:
        """The newest file of a part; None when there is none, or its content was deleted after its time."""
        row = self._connection.execute(
            """
            select content
            from sdg_transfer
            join sdg_file on transfer_id = sdg_transfer.id
            where municipality_id = ? and kind = ? and month = ? and part = ?
            order by revision desc
            limit 1
            """,
            (municipality_id, kind, month, part),
        ).fetchone()
        return zlib.decompress(row[0]) if row and row[0] is not None else None

    def keep(self, municipality_id: int, kind: str, month: int, now: int, write: Write) -> bool:
        """Make the files of a month, or make them anew under the same ids; False if nothing but the time changed.

        Raises whatever `write` raises, and then keeps nothing.
        """
        with transaction(self._connection):
            before = self.find(municipality_id, kind, month)
            written = write([file.unique_id for file in before.files] if before else [])
            if before and self.figures(before.id) == [part.figures for part in written]:
                return False
            number = before.id if before else self._insert(municipality_id, kind, month, now)
            if before:
                self._connection.execute("update sdg_transfer set corrected = ? where id = ?", (now, number))
            self._connection.execute("update sdg_file set content = null where transfer_id = ?", (number,))
            revision = before.revision + 1 if before else 1
            for part, one in enumerate(written, 1):
                self._write(number, part, revision, now, one)
        return True

    def _insert(self, municipality_id: int, kind: str, month: int, now: int) -> int:
        number = self._connection.execute(
            "insert into sdg_transfer (municipality_id, kind, month, created) values (?, ?, ?, ?)",
            (municipality_id, kind, month, now),
        ).lastrowid
        assert number is not None
        return number

    def _write(self, number: int, part: int, revision: int, now: int, one: Written) -> None:
        self._connection.execute("insert or ignore into sdg_part values (?, ?, ?)", (number, part, one.unique_id))
        digest, content = hashlib.sha256(one.content).hexdigest(), zlib.compress(one.content, 9)
        self._connection.execute(
            """
            insert into sdg_file (transfer_id, part, revision, made, entries, bytes, sha256, figures, content)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            (number, part, revision, now, one.entries, len(one.content), digest, one.figures, content),
        )

    def forget_contents(self, before: int) -> int:
        """Delete the contents of files of months before one (202601); their checksums stay. How many went."""
        return self._connection.execute(
            """
            update sdg_file set content = null
            where content is not null and transfer_id in (select id from sdg_transfer where month < ?)
            """,
            (before,),
        ).rowcount

    # What is sent

    def said(self, municipality_id: int, month: int) -> list[Said]:
        """What people said in a month, without their texts; spam is left out."""
        rows = self._connection.execute(
            """
            select host, service, category, rating, found, page
            from feedback
            join site on site.id = feedback.site
            where feedback.municipality_id = :town and day between :month * 100 and :month * 100 + 99
              and status <> 'spam'
            """,
            {"town": municipality_id, "month": month},
        )
        return [Said(*row) for row in rows]

    # Settings

    def setting(self, municipality_id: int) -> str:
        """How a municipality's messages are written, as JSON; "" for the defaults."""
        row = self._connection.execute(
            "select setting from sdg_setting where municipality_id = ?", (municipality_id,)
        ).fetchone()
        return row[0] if row else ""

    def save_setting(self, municipality_id: int, setting: str) -> None:
        """Keep how a municipality's messages are written."""
        self._connection.execute(
            "insert or replace into sdg_setting (municipality_id, setting) values (?, ?)", (municipality_id, setting)
        )
