"""The feedback of one municipality for those who answer it: narrowed, in order, page by page, and changed in bulk."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from sqlite3 import Connection
from typing import Any, NamedTuple

from tracker.alphabet import alphabetical
from tracker.errors import ConfigError
from tracker.feedback.feedback import ANSWERED, NEW, OPEN, SPAM
from tracker.store.schema import transaction

TAG_LIMIT, TEXT_LIMIT = 40, 4000  # characters
TAGS_LIMIT = 20  # of one piece
_BATCH = 1000  # pieces that are read at a time

ORDERS: Mapping[str, str] = {
    "newest": "day desc, feedback.id desc",
    "oldest": "day, feedback.id",
    "lowest": "rating is null, rating, day desc, feedback.id desc",
    "highest": "rating is null, rating desc, day desc, feedback.id desc",
}

_CONDITIONS: Mapping[str, str] = {
    "since": "day >= :since",
    "until": "day <= :until",
    "service": "service = :service",
    "site": "site = :site",
    "category": "category = :category",
    "lowest": "coalesce(rating, 0) >= :lowest",
    "highest": "coalesce(rating, 0) <= :highest",
    "found": "found = :found",
    "language": "language = :language",
    "status": "status = :status",
    "hidden": "status <> :hidden",
    "assigned": "coalesce(assigned_to, 0) = :assigned",
    "tag": "feedback.id in (select feedback_id from feedback_tag where tag = :tag)",
    "with_text": "(text <> '') = :with_text",
    "search": "feedback.id in (select rowid from feedback_search where words match :search)",
    "numbers": "feedback.id in (select value from json_each(:numbers))",
    "newest": "feedback.id <= :newest",
}


BULK_CHANGES: Mapping[str, str] = {
    "status": """
        update feedback
        set status = :value
        where id in (select value from json_each(:numbers))
        and status <> :value
        """,
    "assign": """
        update feedback
        set assigned_to = nullif(:value, 0)
        where id in (select value from json_each(:numbers))
        """,
    "add_tag": """
        insert or ignore into feedback_tag (feedback_id, tag)
        select id, :value
        from feedback
        where id in (select value from json_each(:numbers))
        and id not in (
          select feedback_id
          from feedback_tag
          where tag in (select value from json_each(:spellings))
        )
        """,
    "remove_tag": """
        delete from feedback_tag
        where tag in (select value from json_each(:spellings))
        and feedback_id in (select value from json_each(:numbers))
        """,
}


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; None: not by this. Spam is hidden unless it is asked for."""

    since: int | None = None  # days as 20260131
    until: int | None = None
    service: str | None = None  # a slug; "" = no service
    site: int | None = None
    category: str | None = None
    lowest: int | None = None  # rating; 0 = not rated
    highest: int | None = None
    found: str | None = None
    language: str | None = None
    status: str | None = None
    hidden: str | None = SPAM
    assigned: int | None = None  # an account; 0 = nobody
    tag: str | None = None
    with_text: bool | None = None
    search: str | None = None  # a match expression of tracker.feedback.words
    numbers: tuple[int, ...] | None = None
    newest: int | None = None  # no number above


@dataclass(frozen=True, slots=True)
class Handling:
    """What an office makes of a piece of feedback. `note` stays in the office, `answer` is for who wrote it."""

    status: str
    tags: tuple[str, ...] = ()
    assigned_to: int | None = None
    note: str = ""
    answer: str = ""

    @property
    def version(self) -> str:
        """A short text that changes with every change."""
        return blake2b(json.dumps(asdict(self)).encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of feedback as the office sees it; the fields are those of `Feedback`."""

    number: int
    host: str
    service: str
    day: int
    category: str
    rating: int | None
    found: str
    text: str
    text_deleted: int  # 1: there was a text
    masked: int
    page: str
    moment: str
    device: str
    language: str
    answered: int | None  # day of the answer
    released: int  # 1: the text is public
    handling: Handling
    details: Mapping[str, int] = field(default_factory=dict)


class BulkChange(NamedTuple):
    """One change to many pieces: a new status, an account to assign them to (0: nobody), a tag to add or to remove."""

    kind: str  # of BULK_CHANGES
    value: str | int


class Inbox:
    """The feedback of one municipality; nothing of another one is seen or changed through it."""

    def __init__(self, connection: Connection, municipality_id: int) -> None:
        self._connection = connection
        self._municipality = municipality_id

    def count(self, wanted: Filter) -> int:
        """How many pieces match."""
        where, values = self._where(wanted)
        query = f"select count(*) from feedback where {where}"  # noqa: S608 - declared conditions
        return int(self._connection.execute(query, values).fetchone()[0])

    def page(self, wanted: Filter, order: str = "newest", limit: int = 50, offset: int = 0) -> list[Piece]:
        """Matching pieces in one of ORDERS, without their details."""
        return self._read(self._numbers(wanted, order, limit, offset))

    def each(self, wanted: Filter, order: str = "newest") -> Iterator[Piece]:
        """All matching pieces, a thousand at a time in memory."""
        numbers = self._numbers(wanted, order, -1, 0)
        for start in range(0, len(numbers), _BATCH):
            yield from self._read(numbers[start : start + _BATCH])

    def get(self, number: int) -> Piece | None:
        """One piece with its details; None where this municipality has none of this number."""
        wanted = Filter(hidden=None, numbers=(number,))
        found = self._read(self._numbers(wanted, "newest", 1, 0))
        return found[0] if found else None

    def newest(self) -> int:
        """The highest number so far, 0 where there is none."""
        where = {"municipality": self._municipality}
        query = "select id from feedback where +municipality_id = :municipality order by id desc limit 1"
        row = self._connection.execute(query, where).fetchone()
        return row[0] if row else 0

    def languages(self) -> list[str]:
        """The languages that were written in."""
        where = {"municipality": self._municipality}
        return [language for (language,) in self._connection.execute(_LANGUAGES, where)]

    def tags(self) -> list[str]:
        """The tags that are in use, by name."""
        rows = self._connection.execute(
            """
            select tag
            from (select distinct tag from feedback_tag) as known
            where exists (
              select 1
              from feedback_tag
              join feedback on feedback.id = feedback_tag.feedback_id
              where feedback_tag.tag = known.tag
              and municipality_id = :municipality
            )
            """,
            {"municipality": self._municipality},
        )
        return sorted((tag for (tag,) in rows), key=alphabetical)

    def _spellings(self, but: int = 0) -> dict[str, list[str]]:
        """How tags are written, the usual way first, by tag without capitals; those of the piece `but` left out."""
        found: dict[str, list[str]] = {}
        for (tag,) in self._connection.execute(_SPELLINGS, {"municipality": self._municipality, "but": but}):
            found.setdefault(tag.casefold(), []).append(tag)
        return found

    def save(self, number: int, handling: Handling, day: int, seen: str) -> bool:
        """Keep what was made of a piece on a day; False where another change came in after the version `seen`.

        A piece with a new answer counts as answered. Raises ConfigError for texts that are too long.
        """
        check_lengths(handling)
        with transaction(self._connection):
            before = self.get(number)
            if before is None or before.handling.version != seen:
                return False
            answered = before.answered if handling.answer == before.handling.answer else day
            values = {
                "number": number,
                "status": status_after(before.handling, handling),
                "assigned_to": handling.assigned_to,
                "note": handling.note,
                "answer": handling.answer,
                "answered": answered if handling.answer else None,
            }
            self._connection.execute(_SAVE, values)
            self._connection.execute("delete from feedback_tag where feedback_id = :number", {"number": number})
            known = self._spellings(number) if set(handling.tags) - set(before.handling.tags) else {}
            rows = [(number, known.get(tag.casefold(), [tag])[0]) for tag in handling.tags]
            self._connection.executemany("insert or ignore into feedback_tag (feedback_id, tag) values (?, ?)", rows)
        return True

    def change(self, wanted: Filter, change: BulkChange, expected: int) -> int:
        """Change all that match, unless they are not as many as expected; how many match.

        A thousand at a time, each in its own transaction, so that intake and loader need not wait for all of them.
        """
        numbers = self._numbers(wanted, "newest", -1, 0)
        given = {"value": change.value}
        if change.kind in ("add_tag", "remove_tag"):
            tag = str(change.value)
            spellings = self._spellings().get(tag.casefold(), [tag])
            given = {"value": spellings[0], "spellings": json.dumps(spellings)}
        if len(numbers) == expected:
            for start in range(0, expected, _BATCH):
                values = {"numbers": json.dumps(numbers[start : start + _BATCH]), **given}
                with transaction(self._connection):
                    self._connection.execute(BULK_CHANGES[change.kind], values)
        return len(numbers)

    def _where(self, wanted: Filter) -> tuple[str, dict[str, Any]]:
        given = {name: value for name, value in asdict(wanted).items() if value is not None}
        clauses = ["municipality_id = :municipality"]
        if wanted.numbers is not None:
            clauses = ["+municipality_id = :municipality"]  # no index of it: the numbers lead straight to their rows
            given["numbers"] = json.dumps(wanted.numbers)
        clauses += (_CONDITIONS[name] for name in given)
        return " and ".join(clauses), {"municipality": self._municipality, **given}

    def _numbers(self, wanted: Filter, order: str, limit: int, offset: int) -> list[int]:
        where, values = self._where(wanted)
        query = f"select id from feedback where {where} order by {ORDERS[order]} limit :limit offset :offset"  # noqa: S608 - declared
        return [number for (number,) in self._connection.execute(query, {**values, "limit": limit, "offset": offset})]

    def _read(self, numbers: Sequence[int]) -> list[Piece]:
        """The pieces with these numbers, in this order, but for those erased meanwhile."""
        where = {"numbers": json.dumps(numbers)}
        tags = _by_number(self._connection.execute(_TAGS, where))
        details = _by_number(self._connection.execute(_DETAILS, where))
        found = {}
        for number, status, assigned_to, note, answer, *rest in self._connection.execute(_PIECES, where):
            tags_of = tuple(sorted((tag for (tag,) in tags.get(number, ())), key=alphabetical))
            handling = Handling(status, tags_of, assigned_to, note, answer)
            facts: dict[str, Any] = dict(zip(_FACTS, rest, strict=True))
            found[number] = Piece(number=number, handling=handling, details=dict(details.get(number, ())), **facts)
        return [found[number] for number in numbers if number in found]


def status_after(before: Handling, now: Handling) -> str:
    """A new answer turns what was new or open into answered, unless another status was chosen with it."""
    is_new = bool(now.answer) and now.answer != before.answer
    return ANSWERED if is_new and now.status in (NEW, OPEN) else now.status


def check_lengths(handling: Handling) -> None:
    """Raise ConfigError for what is longer than it may be."""
    if max(len(handling.note), len(handling.answer)) > TEXT_LIMIT:
        raise ConfigError(f"A note and an answer have at most {TEXT_LIMIT} characters.")
    if len(handling.tags) > TAGS_LIMIT or any(not 1 <= len(tag) <= TAG_LIMIT for tag in handling.tags):
        raise ConfigError(f"There are at most {TAGS_LIMIT} tags of 1 to {TAG_LIMIT} characters.")


def _by_number(rows: Any) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = {}
    for number, *rest in rows:
        found.setdefault(number, []).append(tuple(rest))
    return found


_FACTS = (
    *("host", "service", "day", "category", "rating", "found", "text", "text_deleted", "masked"),
    *("page", "moment", "device", "language", "answered", "released"),
)
_PIECES = f"""
select feedback.id, status, assigned_to, note, answer, {", ".join(_FACTS)}
from feedback
join site on site.id = feedback.site
where feedback.id in (select value from json_each(:numbers))
"""  # noqa: S608 - declared columns
# One look into the index per language instead of one per piece.
_LANGUAGES = """
with recursive known (language) as (
  select min(language) from feedback where municipality_id = :municipality
  union all
  select (select min(language) from feedback where municipality_id = :municipality and language > known.language)
  from known
  where known.language is not null
)
select language
from known
where language is not null
"""
_TAGS = """
select feedback_id, tag
from feedback_tag
where feedback_id in (select value from json_each(:numbers))
"""
_SPELLINGS = """
select tag
from feedback_tag
join feedback on feedback.id = feedback_id
where municipality_id = :municipality
and feedback_id <> :but
group by tag
order by count(*) desc, tag
"""
_DETAILS = """
select feedback_id, question, value
from feedback_detail
where feedback_id in (select value from json_each(:numbers))
"""
_SAVE = """
update feedback
set status = :status, assigned_to = :assigned_to, note = :note, answer = :answer, answered = :answered
where id = :number
"""


def owner_of(connection: Connection, number: int) -> int | None:
    """The municipality that a piece of feedback belongs to; None where there is no such piece."""
    query = "select municipality_id from feedback where id = :number"
    row = connection.execute(query, {"number": min(number, 2**63 - 1)}).fetchone()
    return row[0] if row else None
