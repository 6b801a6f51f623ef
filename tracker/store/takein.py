"""A take-out back into a database: everything in one transaction, with numbers of this installation."""

import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from sqlite3 import Connection
from typing import Any

from tracker.errors import ConfigError, TakeoutError
from tracker.feedback.words import words
from tracker.store.accounts import hash_password
from tracker.store.batch import Texts
from tracker.store.plausible import check
from tracker.store.takeout import ACCOUNT, PLAIN, SITE, TEXT, TOWN, Kind, Moved, Refers, columns_of

BATCH = 1000  # rows that are written at a time
LARGEST_ID = 2**40  # of rows in a take-out; far more than one installation ever makes
LARGEST = 2**63 - 1  # of numbers that the database keeps
_TYPES = {"integer": int, "text": str, "blob": str}

Row = dict[str, Any]
Converter = Callable[[Any], Any]


class TakeIn:
    """One municipality on its way in; use it within one transaction. `erased`: hashes of receipts that stay deleted."""

    def __init__(self, connection: Connection, erased: Collection[bytes]) -> None:
        self._connection = connection
        self._texts = Texts(connection)
        self._erased = {receipt.hex() for receipt in erased}
        self._gone: set[int] = set()  # feedback of the take-out that stays deleted
        self._town = 0
        self._sites: dict[str, int] = {}
        self._accounts: dict[str, int] = {}
        self._shift: dict[str, int] = {}
        self.accounts: list[str] = []  # those that are new here
        self.left_out: list[str] = []  # accounts whose e-mail address is known here already
        self.is_alone = not connection.execute("select 1 from site limit 1").fetchone()

    def add(self, table: Moved, rows: Iterable[Row], columns: Sequence[str]) -> None:
        """Write the rows of one table; raises TakeoutError for what cannot be, sqlite3.Error for what contradicts."""
        known = columns_of(self._connection, table)
        if not columns or not set(columns) <= known.keys():
            raise TakeoutError(f"The table {table.name} has columns that this Zählwerk does not know.")
        if table.name == "uptime" and not self.is_alone:
            return  # the hours in which another installation was at work say nothing about the sites that are here
        checked = self._checked(table, rows, {name: known[name] for name in columns})
        for batch in iter(lambda: list(islice(checked, BATCH)), []):
            self._write(table, batch)
            self._note(table, batch)

    def finish(self) -> None:
        """Look for what foreign keys do not: hits without their visit."""
        first = self._shift.get("visit")
        if first is None:
            return
        found = self._connection.execute(
            "select 1 from hit where visit > :first and visit not in (select id from visit) limit 1", {"first": first}
        )
        if found.fetchone():
            raise TakeoutError("The table hit names visits that are not there.")

    # Checking

    def _checked(self, table: Moved, rows: Iterable[Row], kinds: Mapping[str, Kind | Refers]) -> Iterator[Row]:
        types = {row[1]: _TYPES[row[2].lower()] for row in self._info(table)}
        types |= {name: str for name, kind in kinds.items() if isinstance(kind, Kind) and kind != PLAIN}
        converters = {name: self._converter(kind) for name, kind in kinds.items()}
        expected = list(kinds)
        for row in rows:
            if list(row) != expected and set(row) != set(expected):
                raise TakeoutError(f"A row of the table {table.name} has other columns than declared.")
            for name, value in row.items():
                if value is not None and not _fits(value, types[name]):
                    raise TakeoutError(f"A row of the table {table.name} has a {name} of the wrong type.")
            if self._is_gone(table, row, kinds):
                continue
            try:
                check(table.name, row)
                yield {name: converters[name](value) for name, value in row.items()}
            except (ValueError, KeyError, OverflowError, ConfigError) as error:
                raise TakeoutError(f"A row of the table {table.name} has a value that cannot be: {error}.") from error

    def _info(self, table: Moved) -> list[tuple[Any, ...]]:
        return self._connection.execute(f"pragma table_info({table.name})").fetchall()

    def _is_gone(self, table: Moved, row: Row, kinds: Mapping[str, Kind | Refers]) -> bool:
        """Whether a row is, or belongs to, feedback that was deleted by its receipt."""
        if table.name == "feedback" and row.get("receipt") in self._erased:
            self._gone.add(row["id"])
            return True
        return bool(self._gone) and any(
            kind == Refers("feedback") and row[name] in self._gone for name, kind in kinds.items()
        )

    def _converter(self, kind: Kind | Refers) -> Converter:
        if isinstance(kind, Refers):
            shift = self._shift_of(kind.table)
            return lambda number: None if number is None else _shifted(number, shift)
        if kind == TEXT:
            return self._texts.number
        if kind == SITE:
            return self._sites.__getitem__
        if kind == ACCOUNT:
            return self._accounts.get
        return kind.back or (lambda value: value)

    def _shift_of(self, table: str) -> int:
        """What is added to the numbers of a table, so that they are new here."""
        if table not in self._shift:
            highest = self._connection.execute(f"select coalesce(max(id), 0) from {table}").fetchone()[0]  # noqa: S608
            used = self._connection.execute("select seq from sqlite_sequence where name = ?", (table,)).fetchone()
            self._shift[table] = max(highest, used[0] if used else 0)
        return self._shift[table]

    # Writing

    def _write(self, table: Moved, batch: list[Row]) -> None:
        if table.name == "account":
            batch[:] = [row for row in batch if self._is_new_account(row["email"])]
        for row in batch:
            row.update(self._filled_in(table))
        if not batch:
            return
        names = list(batch[0])
        again = "on conflict (hour) do update set minutes = max(minutes, excluded.minutes)"
        self._connection.executemany(
            f"""
            insert into {table.name} ({", ".join(names)})
            values ({", ".join(f":{name}" for name in names)})
            {again if table.name == "uptime" else ""}
            """,  # noqa: S608 - our own tables and columns
            batch,
        )

    def _filled_in(self, table: Moved) -> Row:
        """What a take-out leaves out and a row needs: the municipality, and a password that nobody knows."""
        found: Row = {name: self._town for name, kind in table.columns.items() if kind == TOWN}
        if table.name == "account":
            found["password"] = hash_password(secrets.token_hex())
        return found

    def _is_new_account(self, email: str) -> bool:
        known = self._connection.execute("select 1 from account where email = ?", (email,)).fetchone()
        (self.left_out if known else self.accounts).append(email)
        return known is None

    def _note(self, table: Moved, batch: list[Row]) -> None:
        """Remember the numbers by which later tables are found, and fill the index of the search."""
        if table.name == "municipality":
            if self._town or len(batch) != 1:
                raise TakeoutError("A take-out is of one municipality.")
            row = self._connection.execute("select id from municipality where ars = :ars", batch[0]).fetchone()
            self._town = row[0]
        if table.name == "site":
            self._sites = dict(self._own("select host, id from site where municipality_id = ?"))
        if table.name == "account":
            query = "select email, id from account where municipality_id = ? or municipality_id is null"
            self._accounts = dict(self._own(query))
        if table.name == "feedback":
            found = [(row["id"], words(row["text"])) for row in batch if row.get("text")]
            self._connection.executemany("insert into feedback_search (rowid, words) values (?, ?)", found)

    def _own(self, query: str) -> list[tuple[str, int]]:
        return self._connection.execute(query, (self._town,)).fetchall()


def _fits(value: Any, kind: type) -> bool:
    return type(value) is kind and (not isinstance(value, int) or -LARGEST <= value <= LARGEST)


def _shifted(number: int, shift: int) -> int:
    if not 1 <= number <= LARGEST_ID:
        raise ValueError(f"the number {number}")
    return number + shift
