"""What a take-out of a municipality consists of: a declared table of the tables of the database, read by one loop.

In a take-out there are no numbers of this installation but those by which its own rows refer to each other: texts,
host names, e-mail addresses and the names of dimensions stand for themselves.
"""

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from sqlite3 import Connection
from typing import Any, NamedTuple

from tracker.rollups import BY_NAME, DIMENSIONS


class Kind(NamedTuple):
    """How a column is written out. `sql` reads it; `out` and `back` change the value where SQL cannot."""

    sql: str = "{table}.{column}"
    out: Callable[[Any], Any] | None = None
    back: Callable[[Any], Any] | None = None


class Refers(NamedTuple):
    """A column with the number of a row of another table, or of its own (`table` is then its own name)."""

    table: str


def _hex(value: bytes | None) -> str | None:
    return None if value is None else value.hex()


def _unhex(value: str | None) -> bytes | None:
    return None if value is None else bytes.fromhex(value)


def _inflated(value: bytes | None) -> str | None:
    return None if value is None else zlib.decompress(value).decode()


def _deflated(value: str | None) -> bytes | None:
    return None if value is None else zlib.compress(value.encode(), 9)


PLAIN = Kind()
BYTES = Kind(out=_hex, back=_unhex)  # of the type blob
DEFLATED = Kind(out=_inflated, back=_deflated)  # a text that the database keeps deflated
TEXT = Kind("(select value from text where id = {table}.{column})")  # the number of a text
SITE = Kind("(select host from site where id = {table}.{column})")
ACCOUNT = Kind("(select email from account where id = {table}.{column})")
DIM = Kind(out={row.number: row.name for row in DIMENSIONS}.__getitem__, back=lambda name: BY_NAME[name].number)
TOWN = Kind("town")  # the municipality itself: left out, and filled in
LEFT_OUT = Kind("")  # a number that nothing refers to, or a secret

_OF_TOWN = "municipality_id = :town"
_SITES = "(select id from site where municipality_id = :town)"
_OF_SITE = f"site in {_SITES}"


def _of(column: str, table: str) -> str:
    """Rows that belong to rows of another table of the municipality."""
    return f"{column} in (select id from {table} where municipality_id = :town)"  # noqa: S608 - our own tables


@dataclass(frozen=True)
class Moved:
    """One table of a take-out: which of its rows, in what order, and its columns that are not plain."""

    name: str
    where: str
    columns: Mapping[str, Kind | Refers] = field(default_factory=dict)
    order: str = ""
    facts: bool = False  # single visits: only on request


_NUMBER = {"id": LEFT_OUT, "municipality_id": TOWN}

TEXTS_OF_VISITS = (
    *("entry", "exit", "channel", "source", "referrer", "campaign"),
    *("device", "browser", "os", "country", "language"),
)

# Every table in the order in which it is written: what is referred to comes first.
TABLES = (
    Moved("municipality", "id = :town", {"id": LEFT_OUT}),
    Moved("account", _OF_TOWN, {**_NUMBER, "password": LEFT_OUT}, "email"),
    Moved("site", _OF_TOWN, _NUMBER, "host"),
    Moved("service", _OF_TOWN, {"id": Refers("service"), "municipality_id": TOWN}),
    Moved("service_path", _of("service_id", "service"), {"service_id": Refers("service")}),
    Moved("service_channel", _of("service_id", "service"), {"service_id": Refers("service")}),
    Moved(
        "service_form",
        _OF_TOWN,
        {"id": Refers("service_form"), "service_id": Refers("service"), "municipality_id": TOWN},
    ),
    Moved("service_step", _of("form_id", "service_form"), {"form_id": Refers("service_form")}),
    Moved("rollup", _OF_SITE, {"site": SITE, "scope": TEXT, "dim": DIM, "key": TEXT}),
    Moved("import_run", _OF_SITE, {"id": LEFT_OUT, "site": SITE}),
    Moved("import_seen", _OF_SITE, {"site": SITE}),
    Moved("delivery_seen", _OF_SITE, {"site": SITE}),
    Moved(
        "visit",
        _OF_SITE,
        {"id": Refers("visit"), "site": SITE, **dict.fromkeys(TEXTS_OF_VISITS, TEXT)},
        facts=True,
    ),
    Moved(
        "hit",
        f"visit in (select id from visit where {_OF_SITE})",  # noqa: S608 - our own tables
        {"visit": Refers("visit"), "dim": DIM, "key": TEXT},
        facts=True,
    ),
    Moved("annotation", _OF_TOWN, _NUMBER, "id"),
    Moved("usage_connector", _OF_TOWN, {"id": Refers("usage_connector"), "municipality_id": TOWN}),
    Moved(
        "usage_import",
        _of("connector_id", "usage_connector"),
        {"id": Refers("usage_import"), "connector_id": Refers("usage_connector")},
        "id",
    ),
    Moved(
        "usage",
        f"import_id in (select id from usage_import where {_of('connector_id', 'usage_connector')})",  # noqa: S608
        {"import_id": Refers("usage_import")},
    ),
    Moved("zsk_setting", _OF_TOWN, _NUMBER),
    Moved(
        "feedback",
        _OF_TOWN,
        {"id": Refers("feedback"), "municipality_id": TOWN, "site": SITE, "receipt": BYTES, "assigned_to": ACCOUNT},
        "id",
    ),
    Moved("feedback_detail", _of("feedback_id", "feedback"), {"feedback_id": Refers("feedback")}),
    Moved("feedback_tag", _of("feedback_id", "feedback"), {"feedback_id": Refers("feedback")}),
    Moved("feedback_setting", _OF_TOWN, _NUMBER),
    Moved(
        "public_answer",
        _OF_TOWN,
        {**_NUMBER, "about_id": Refers("feedback"), "released_id": Refers("feedback")},
        "id",
    ),
    Moved("topic", _OF_TOWN, {"id": Refers("topic"), "municipality_id": TOWN}),
    Moved(
        "topic_comment",
        _of("topic_id", "topic"),
        {"topic_id": Refers("topic"), "feedback_id": Refers("feedback")},
    ),
    Moved("topic_count", _of("topic_id", "topic"), {"topic_id": Refers("topic")}),
    Moved("topic_choice", _OF_TOWN, {**_NUMBER, "account_id": ACCOUNT}),
    Moved("sdg_transfer", _OF_TOWN, {"id": Refers("sdg_transfer"), "municipality_id": TOWN}, "id"),
    Moved("sdg_part", _of("transfer_id", "sdg_transfer"), {"transfer_id": Refers("sdg_transfer")}),
    Moved(
        "sdg_file",
        _of("transfer_id", "sdg_transfer"),
        {"id": LEFT_OUT, "transfer_id": Refers("sdg_transfer"), "content": DEFLATED},
        "id",
    ),
    Moved("sdg_setting", _OF_TOWN, _NUMBER),
    Moved("opendata_setting", _OF_TOWN, _NUMBER),
    Moved("outage", _OF_SITE, {"id": LEFT_OUT, "site": SITE}, "id"),
    Moved("uptime", "true"),
    Moved("audit_log", _OF_TOWN, _NUMBER, "id"),
)
BY_TABLE = {table.name: table for table in TABLES}

# Tables that are in no take-out, and why.
EXCEPTIONS: Mapping[str, str] = {
    "text": "the texts stand where they are used",
    "feedback_count": "counted anew from the feedback by its triggers",
    "feedback_search": "made anew from the texts of the feedback",
    "open_day": "days that are still being counted belong to one machine and its day key",
    "open_visitor": "pseudonyms of the present day never leave the installation",
    "open_attempt": "pseudonyms of the present day never leave the installation",
    "journal_position": "about files of this installation",
    "session": "whoever is signed in signs in anew",
    "token": "secrets of other programs; they get new ones",
    "delivery": "answers to batches of a token, kept for some days",
    "migration": "about the database itself; the number of the newest is in takeout.json",
}


def columns_of(connection: Connection, table: Moved) -> dict[str, Kind | Refers]:
    """The columns of a table that a take-out has, and how they are written."""
    names = [row[1] for row in connection.execute(f"pragma table_info({table.name})")]
    found = {name: table.columns.get(name, PLAIN) for name in names}
    return {name: kind for name, kind in found.items() if kind not in (TOWN, LEFT_OUT)}


def number_of_rows(connection: Connection, table: Moved, town: int) -> int:
    """How many rows of a municipality a table has."""
    query = f"select count(*) from {table.name} where {table.where}"  # noqa: S608 - our own tables
    return int(connection.execute(query, {"town": town}).fetchone()[0])


def read_rows(connection: Connection, table: Moved, town: int) -> Iterator[dict[str, Any]]:
    """The rows of a municipality, each as it stands in a take-out."""
    columns = columns_of(connection, table)
    kinds = [PLAIN if isinstance(kind, Refers) else kind for kind in columns.values()]
    sources = [kind.sql.format(table=table.name, column=name) for name, kind in zip(columns, kinds, strict=True)]
    order = f"order by {table.order}" if table.order else ""
    rows = connection.execute(
        f"select {', '.join(sources)} from {table.name} where {table.where} {order}",  # noqa: S608 - our own names
        {"town": town},
    )
    outs = [(place, kind.out) for place, kind in enumerate(kinds) if kind.out]
    names = tuple(columns)
    for row in rows:
        values = list(row)
        for place, out in outs:
            values[place] = out(values[place])
        yield dict(zip(names, values, strict=True))


def begin_reading(connection: Connection) -> None:
    """Begin to see one state of the database, whatever is written meanwhile; end it with `end_reading`."""
    connection.execute("begin")
    connection.execute("select 1 from migration").fetchone()


def end_reading(connection: Connection) -> None:
    """See the present again."""
    connection.execute("rollback")
