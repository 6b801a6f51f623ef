"""Topics of comments as they are stored, what editors decided about them, and how often they are mentioned."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from sqlite3 import Connection

from tracker.errors import ConfigError
from tracker.feedback.topics.build import Comment, Progress, Topic, build, untold
from tracker.feedback.topics.phrases import LEAST
from tracker.store.annotations import one_line
from tracker.store.feedback_counts import Scope
from tracker.store.schema import transaction

LONGEST_NAME = 80  # characters that an editor may give a topic
LOW, MIDDLE, HIGH = SIDES = ("low", "middle", "high")
_ALIKE = 10  # comments that are read for each that is shown, as some are the same word for word
_SIDE = "case when found = 'no' or rating <= 2 then 'low' when rating >= 4 then 'high' else 'middle' end"


class NameTakenError(ConfigError):
    """Two topics would have the same name, and nobody could tell them apart."""


@dataclass(frozen=True, slots=True)
class Mentions:
    """How many comments of each side talk about a topic, and which stored topics it is made of.

    `written` is its name as people write it, whatever an editor calls it.
    """

    key: str
    name: str
    written: str
    parts: tuple[str, ...]
    silenced: bool = False
    renamed: bool = False
    sides: dict[str, int] = field(default_factory=dict)

    @property
    def number(self) -> int:
        """Comments in all."""
        return sum(self.sides.values())


@dataclass(frozen=True, slots=True)
class _Choice:
    """What an editor decided about a topic."""

    name: str = ""
    merged_into: str = ""
    silenced: bool = False


class Topics:
    """The topics of one municipality."""

    def __init__(self, connection: Connection, municipality_id: int) -> None:
        self._connection = connection
        self._municipality = municipality_id

    # Reading

    def mentions(self, scope: Scope) -> list[Mentions]:
        """The topics that LEAST comments of a scope talk about, silenced ones among them; the most frequent first.

        A comment with two topics that were merged counts once.
        """
        counted = self._counted(scope)
        found = []
        for topic in self._topics():
            several = len(topic.parts) > 1
            sides = self._once(topic.parts, scope) if several else counted.get(topic.parts[0], {})
            if sum(sides.values()) >= LEAST:
                found.append(replace(topic, sides=sides))
        return sorted(found, key=lambda topic: (-topic.number, topic.name, topic.key))

    def typical(self, topic: Mentions, side: str, scope: Scope, limit: int) -> list[tuple[int, str]]:
        """(number, text) of the comments of one side that are the most typical of a topic, none twice."""
        where, values = self._where(scope)
        keys, named = _named(topic.parts)
        rows = self._connection.execute(
            f"""
            select feedback_id, text
            from topic
            join topic_comment on topic_id = topic.id
            join feedback on feedback.id = feedback_id
            where topic.municipality_id = :municipality and key in ({keys}) and side = :side and {where}
            order by typical desc, feedback_id
            limit :limit
            """,  # noqa: S608 - declared columns and names of values
            {**values, **named, "side": side, "limit": _ALIKE * limit},
        )
        different: dict[str, int] = {}
        for number, text in rows:
            different.setdefault(text, number)
        return [(number, text) for text, number in list(different.items())[:limit]]

    def names(self) -> dict[str, str]:
        """Key → name of all topics as they are shown, without those that are part of another."""
        return {topic.key: topic.name for topic in self._topics()}

    def _topics(self) -> list[Mentions]:
        """The topics as editors want them, without counts."""
        rows = self._connection.execute(
            "select key, name from topic where municipality_id = :municipality order by key", self._own()
        )
        names, choices = dict(rows.fetchall()), self._choices()
        parts: defaultdict[str, list[str]] = defaultdict(list)
        for key in names:
            parts[_root(key, choices)].append(key)
        found = []
        for key, keys in parts.items():
            choice = choices.get(key, _Choice())
            written = names.get(key) or names[keys[0]]
            found.append(
                Mentions(key, choice.name or written, written, tuple(keys), choice.silenced, bool(choice.name))
            )
        return found

    def _choices(self) -> dict[str, _Choice]:
        rows = self._connection.execute(
            "select key, name, merged_into, silenced from topic_choice where municipality_id = :municipality",
            self._own(),
        )
        return {key: _Choice(name, into, bool(silenced)) for key, name, into, silenced in rows}

    def _counted(self, scope: Scope) -> dict[str, dict[str, int]]:
        """Key → side → comments."""
        found: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for key, side, number in self._rows(scope):
            found[key][side] = number
        return found

    def _rows(self, scope: Scope) -> Iterable[tuple[str, str, int]]:
        """Rows of (key, side, comments): out of the sums where all services are asked for."""
        if scope.service is not None:
            where, values = self._where(scope)
            return self._connection.execute(
                f"""
                select key, side, count(*)
                from topic
                cross join topic_comment on topic_id = topic.id
                where topic.municipality_id = :municipality and {where}
                group by topic.id, side
                """,  # noqa: S608 - declared columns
                values,
            )
        periods = {f"period{place}": period for place, period in enumerate(scope.periods)}
        return self._connection.execute(
            f"""
            select key, side, sum(number)
            from topic
            cross join topic_count on topic_id = topic.id
            where municipality_id = :municipality and period in ({", ".join(f":{name}" for name in periods)})
              and :category in ('', category)
            group by topic.id, side
            having sum(number) > 0
            """,  # noqa: S608 - names of values
            {**self._own(), **periods, "category": scope.category},
        )

    def _once(self, parts: Sequence[str], scope: Scope) -> dict[str, int]:
        """Side → comments with any of some topics."""
        where, values = self._where(scope)
        keys, named = _named(parts)
        rows = self._connection.execute(
            f"""
            select side, count(distinct feedback_id)
            from topic
            join topic_comment on topic_id = topic.id
            where topic.municipality_id = :municipality and key in ({keys}) and {where}
            group by side
            """,  # noqa: S608 - declared columns and names of values
            {**values, **named},
        )
        return dict(rows.fetchall())

    def _where(self, scope: Scope) -> tuple[str, dict[str, object]]:
        parts = ["topic_comment.day between :first and :last"]
        if scope.service is not None:
            parts.append("topic_comment.service = :service")
        if scope.category:
            parts.append("topic_comment.category = :category")
        values = {"first": scope.first, "last": scope.last, "service": scope.service, "category": scope.category}
        return " and ".join(parts), {**self._own(), **values}

    def _own(self) -> dict[str, object]:
        return {"municipality": self._municipality}

    # Deciding

    def rename(self, key: str, name: str, account: int) -> None:
        """Call a topic by another name, "" by its own again.

        Raises ConfigError for a long one or no such topic, NameTakenError where another topic is called so.
        """
        line = one_line(name)
        if len(line) > LONGEST_NAME:
            raise ConfigError(f"The name of a topic has at most {LONGEST_NAME} characters.")
        with transaction(self._connection), self._told_apart():
            self._decide(key, account, name=line)

    def merge(self, key: str, into: str, account: int) -> None:
        """Count a topic as part of another; raises ConfigError where there is none, or where that leads in a circle."""
        if into not in self.names() or _root(into, self._choices()) == key:
            raise ConfigError("A topic can be part of another one only.")
        self._decide(key, account, merged_into=into)

    def separate(self, key: str, account: int) -> None:
        """Count what was put together under a topic by itself again; raises NameTakenError where two had one name."""
        with transaction(self._connection), self._told_apart():
            choices = self._choices()
            for part in [part for part, choice in choices.items() if choice.merged_into == key]:
                self._decide(part, account, merged_into="")

    def silence(self, key: str, silenced: bool, account: int) -> None:
        """Leave a topic out of summaries, or take it in again."""
        self._decide(key, account, silenced=silenced)

    @contextmanager
    def _told_apart(self) -> Iterator[None]:
        """Raise NameTakenError if more topics share a name afterwards than before, however they are capitalised."""
        before = self._bearers()
        yield
        if any(number > max(1, before[name]) for name, number in self._bearers().items()):
            raise NameTakenError("Another topic has this name.")

    def _bearers(self) -> Counter[str]:
        """How many topics have a name."""
        return Counter(name.casefold() for name in self.names().values())

    def _decide(self, key: str, account: int, **changed: str | bool) -> None:
        choices = self._choices()
        known = self._connection.execute(
            "select 1 from topic where municipality_id = :municipality and key = :key", {**self._own(), "key": key}
        ).fetchone()
        if known is None and key not in choices:
            raise ConfigError("There is no such topic.")
        old = choices.get(key, _Choice())
        row = {"name": old.name, "merged_into": old.merged_into, "silenced": old.silenced, **changed}
        self._connection.execute(
            """
            insert or replace into topic_choice
            values (:municipality, :key, :name, :merged_into, :silenced, :account, :now)
            """,
            {**self._own(), **row, "key": key, "account": account, "now": int(time.time())},
        )


def build_topics(connection: Connection, municipality_id: int, progress: Progress = untold) -> int:
    """Build the topics of a municipality anew out of the comments that are kept; how many there are.

    Reading takes no lock; what was stored before is replaced in one transaction. What editors decided stays.
    """
    own = {"municipality": municipality_id}
    rows = connection.execute(
        """
        select id, text, service, language
        from feedback indexed by feedback_commented
        where municipality_id = :municipality and status <> 'spam' and text <> ''
        """,
        own,
    )
    topics = build([Comment(*row) for row in rows], progress)
    with transaction(connection):
        _forget(connection, own)
        for topic in topics:
            _insert(connection, municipality_id, topic)
        for period in ("day", "day / 100", "day / 10000"):
            connection.execute(
                f"""
                insert into topic_count
                select topic_id, {period}, topic_comment.category, side, count(*)
                from topic
                join topic_comment on topic_id = topic.id
                where municipality_id = :municipality
                group by 1, 2, 3, 4
                """,  # noqa: S608 - three declared periods
                own,
            )
    return len(topics)


def _forget(connection: Connection, own: dict[str, int]) -> None:
    """Delete what was stored; the sums first, so that nothing is taken off them one by one."""
    topics = "topic_id in (select id from topic where municipality_id = :municipality)"
    connection.execute(f"delete from topic_count where {topics}", own)  # noqa: S608 - no value is put in
    connection.execute("delete from topic where municipality_id = :municipality", own)


def _insert(connection: Connection, municipality_id: int, topic: Topic) -> None:
    number = connection.execute(
        "insert into topic (municipality_id, key, name) values (?, ?, ?)", (municipality_id, topic.key, topic.name)
    ).lastrowid
    connection.executemany(
        f"""
        insert into topic_comment (topic_id, side, typical, feedback_id, day, service, category)
        select ?, {_SIDE}, ?, id, day, service, category
        from feedback
        where id = ? and status <> 'spam' and text <> ''
        """,  # noqa: S608 - no value is put in
        ((number, typical, comment) for comment, typical in topic.mentions.items()),
    )


def _root(key: str, choices: dict[str, _Choice]) -> str:
    """The topic that one is counted as, however often it was merged."""
    seen = {key}
    while (into := choices.get(key, _Choice()).merged_into) and into not in seen:
        key = into
        seen.add(key)
    return key


def _named(values: Iterable[str]) -> tuple[str, dict[str, str]]:
    """Names of values for an `in (…)`, and the values by their names."""
    named = {f"key{place}": value for place, value in enumerate(values)}
    return ", ".join(f":{name}" for name in named), named
