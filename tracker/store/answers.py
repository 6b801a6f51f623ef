"""Answers that the public reads ("Sie sagten – wir haben"). What a citizen wrote is in them only if it was released."""

import json
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import blake2b
from sqlite3 import Connection
from typing import Any

from tracker.calendar import day_date, day_number
from tracker.errors import ConfigError
from tracker.feedback.feedback import SPAM
from tracker.feedback.quoting import borrowed, clean
from tracker.store.annotations import one_line
from tracker.store.schema import transaction

TITLE_LIMIT, TEXT_LIMIT = 200, 4000  # characters


class AnswerError(ConfigError):
    """An answer cannot be published. `rule` names why: title, said, did, comment, no_text or borrowed.

    `field` is where; for borrowed words `words` are their first.
    """

    def __init__(self, rule: str, field: str = "", words: str = "") -> None:
        super().__init__(f"The answer breaks the rule “{rule}”. {words}".strip())
        self.rule = rule
        self.field = field or rule
        self.words = words


@dataclass(frozen=True, slots=True)
class Draft:
    """What an editor writes. `said`: a summary in the editor's own words, or with `released` the comment's text.

    `comment` is the number of the feedback that is answered, None for an answer to many.
    """

    title: str
    said: str
    did: str
    service: str = ""
    comment: int | None = None
    released: bool = False


@dataclass(frozen=True, slots=True)
class PublicAnswer:
    """One answer. `released`: `said` is what a citizen wrote, `edited`: shortened or changed by the editor."""

    id: int
    service: str
    title: str
    said: str
    did: str
    comment: int | None
    released: bool
    edited: bool
    published: date
    updated: date | None = None
    withdrawn: date | None = None

    @property
    def version(self) -> str:
        """A short text that changes with every change, a withdrawal among them."""
        return blake2b(json.dumps(asdict(self), default=str).encode(), digest_size=8).hexdigest()


class Answers:
    """The public answers of one data directory."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def published(self, municipality_id: int) -> list[PublicAnswer]:
        """What everyone may read, the newest first; nothing that was withdrawn, no text that is spam by now."""
        return self._all(
            """
            withdrawn is null
            and not exists (select 1 from feedback where feedback.id = released_id and status = :spam)
            """,
            municipality_id,
        )

    def all(self, municipality_id: int) -> list[PublicAnswer]:
        """All answers, the withdrawn ones among them, the newest first."""
        return self._all("true", municipality_id)

    def about(self, municipality_id: int, comment: int) -> list[PublicAnswer]:
        """The answers to one comment."""
        return self._all(":comment in (about_id, released_id)", municipality_id, comment=comment)

    def get(self, municipality_id: int, number: int) -> PublicAnswer | None:
        """One answer; None where this municipality has none of this number."""
        return next(iter(self._all("id = :number", municipality_id, number=number)), None)

    def _all(self, condition: str, municipality_id: int, **values: Any) -> list[PublicAnswer]:
        rows = self._connection.execute(
            f"""
            select id, service, title, said, did, coalesce(about_id, released_id), released_id is not null, edited,
              published, updated, withdrawn
            from public_answer
            where municipality_id = :municipality
            and {condition}
            order by published desc, id desc
            """,  # noqa: S608 - the conditions above
            {"municipality": municipality_id, "spam": SPAM, **values},
        )
        return [_answer(*row) for row in rows]

    def shown(self, municipality_id: int, draft: Draft, day: date) -> PublicAnswer:
        """A draft as everyone would read it, without keeping it. Raises AnswerError."""
        row = self._checked(municipality_id, draft)
        facts = {name: row[name] for name in ("service", "title", "said", "did")}
        edited = bool(row["edited"])
        return PublicAnswer(0, **facts, comment=None, released=draft.released, edited=edited, published=day)

    def _checked(self, municipality_id: int, draft: Draft) -> dict[str, Any]:
        """The row of a draft; raises AnswerError with the rule that it breaks."""
        title, said, did = one_line(clean(draft.title)), clean(draft.said), clean(draft.did)
        for rule, text, limit in (("title", title, TITLE_LIMIT), ("said", said, TEXT_LIMIT), ("did", did, TEXT_LIMIT)):
            if len(text) > limit or (not text and (rule != "said" or draft.released)):
                raise AnswerError(rule)
        comment = "" if draft.comment is None and not draft.released else self._comment(municipality_id, draft)
        for field, text in (("title", title), ("said", said), ("did", did)):
            words = borrowed(text, comment, said if draft.released else "")
            if words:
                raise AnswerError("borrowed", field, words)
        return {
            "municipality": municipality_id,
            "service": draft.service,
            "title": title,
            "said": said,
            "did": did,
            "about": None if draft.released else draft.comment,
            "released": draft.comment if draft.released else None,
            "edited": int(draft.released and said.split() != clean(comment).split()),
        }

    def _comment(self, municipality_id: int, draft: Draft) -> str:
        """The text of the comment that a draft is about."""
        query = "select text, status from feedback where municipality_id = :municipality and id = :number"
        row = self._connection.execute(query, {"municipality": municipality_id, "number": draft.comment}).fetchone()
        if row is None:
            raise AnswerError("comment")
        if draft.released and (not row[0] or row[1] == SPAM):
            raise AnswerError("no_text")
        return str(row[0])

    def add(self, municipality_id: int, draft: Draft, day: date) -> int:
        """Publish an answer; its number. Raises AnswerError.

        One that says exactly this stays as it is, public or withdrawn: the same was sent twice.
        """
        with transaction(self._connection):
            row = {**self._checked(municipality_id, draft), "day": day_number(day)}
            if twins := self._connection.execute(_TWINS, row).fetchall():
                return int(twins[0][0])
            number = self._connection.execute(_ADD, row).lastrowid
            self._mark(draft.comment)
        assert number is not None
        return number

    def change(self, municipality_id: int, number: int, draft: Draft, day: date, seen: str) -> bool:
        """Publish another version of an answer, a withdrawn one again; whether exactly this is public now.

        False where it was changed, withdrawn or deleted after the version `seen`. Raises AnswerError.
        """
        with transaction(self._connection):
            before = self.get(municipality_id, number)
            row = {**self._checked(municipality_id, draft), "number": number, "day": day_number(day)}
            if before is None or before.version != seen:
                return number in self._public_twins(row)
            self._connection.execute(_CHANGE, row)
            for comment in {draft.comment, before.comment}:
                self._mark(comment)
        return True

    def _public_twins(self, row: dict[str, Any]) -> list[int]:
        """The answers that say exactly this and are public."""
        return [number for number, withdrawn in self._connection.execute(_TWINS, row) if withdrawn is None]

    def withdraw(self, municipality_id: int, number: int, day: date) -> bool:
        """Take an answer back from the public; whether there was one."""
        found = self.get(municipality_id, number)
        if found is None:
            return False
        with transaction(self._connection):
            query = "update public_answer set withdrawn = coalesce(withdrawn, :day) where id = :number"
            self._connection.execute(query, {"number": number, "day": day_number(day)})
            self._mark(found.comment)
        return True

    def remove(self, municipality_id: int, number: int) -> bool:
        """Delete an answer for good; whether there was one."""
        found = self.get(municipality_id, number)
        if found is None:
            return False
        with transaction(self._connection):
            self._connection.execute("delete from public_answer where id = :number", {"number": number})
            self._mark(found.comment)
        return True

    def _mark(self, comment: int | None) -> None:
        """Note with the comment whether its text is public."""
        self._connection.execute(
            """
            update feedback
            set released = exists (select 1 from public_answer where released_id = feedback.id and withdrawn is null)
            where id = :comment
            """,
            {"comment": comment},
        )


def _answer(*row: Any) -> PublicAnswer:
    number, service, title, said, did, comment, released, edited, published, updated, withdrawn = row
    return PublicAnswer(
        id=number,
        service=service,
        title=title,
        said=said,
        did=did,
        comment=comment,
        released=bool(released),
        edited=bool(edited),
        published=day_date(published),
        updated=day_date(updated) if updated else None,
        withdrawn=day_date(withdrawn) if withdrawn else None,
    )


_ADD = """
insert into public_answer (municipality_id, service, title, said, did, about_id, released_id, edited, published)
values (:municipality, :service, :title, :said, :did, :about, :released, :edited, :day)
"""
_TWINS = """
select id, withdrawn
from public_answer
where municipality_id = :municipality
and (service, title, said, did) = (:service, :title, :said, :did)
and about_id is :about
and released_id is :released
order by withdrawn is not null, id
"""
_CHANGE = """
update public_answer
set service = :service, title = :title, said = :said, did = :did, about_id = :about, released_id = :released,
  edited = :edited, updated = :day, withdrawn = null
where municipality_id = :municipality
and id = :number
"""
