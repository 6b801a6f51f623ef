"""Every kind of data that is stored, declared: each table with its groups of columns, each kind of file, and memory.

The texts of a kind, in both languages, are in tracker/data/audit. A guard test compares the tables with the schema, and
the files with those of a full installation.
"""

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import NamedTuple

from tracker.config import Config
from tracker.opendata_names import is_ours
from tracker.retention import DELIVERIES_KEPT

# Why a kind is personal data, or is not; the texts say it at length.
NONE, MACHINE, SINGLE, PSEUDONYM, VOICE, STAFF, OFFICE, TRANSIENT = (
    *("none", "machine", "single", "pseudonym"),
    *("voice", "staff", "office", "transient"),
)
IMPERSONAL = (NONE, MACHINE, OFFICE)
PERSONAL = (NONE, MACHINE, SINGLE, PSEUDONYM, VOICE, STAFF, OFFICE, TRANSIENT)

DAYS, SECONDS, MILLISECONDS, HOURS = "days", "seconds", "milliseconds", "hours"  # what a column of times holds
CONTACT = frozenset({"email", "phone", "link"})


class TableKind(NamedTuple):
    """A group of columns of a table; without `columns`: all those that no other row of the table names.

    `keep`: how long, a name of KEEP. `since`: the column that tells the age, and what it holds. `hand`: written by
    people, so what looks like personal data is a warning. `allowed`: what belongs there.
    """

    name: str
    table: str
    personal: str
    keep: str
    columns: tuple[str, ...] = ()
    since: tuple[str, str] | None = None
    hand: bool = False
    allowed: frozenset[str] = frozenset()


class FileKind(NamedTuple):
    """Files whose paths from the data directory (or the folder in memory) match one of `patterns`, and `fits`."""

    name: str
    patterns: tuple[str, ...]
    personal: str
    keep: str
    public: bool = False
    hand: bool = False
    allowed: frozenset[str] = frozenset()
    fits: Callable[[str], bool] = lambda _: True


TABLES: tuple[TableKind, ...] = (
    TableKind("rollup", "rollup", NONE, "counts"),
    TableKind("text", "text", NONE, "texts_used"),
    TableKind("visit", "visit", SINGLE, "facts", since=("day", DAYS)),
    TableKind("hit", "hit", SINGLE, "facts"),
    TableKind("open_day", "open_day", NONE, "closed", since=("day", DAYS)),
    TableKind("open_visitor", "open_visitor", PSEUDONYM, "closed", since=("day", DAYS)),
    TableKind("open_attempt", "open_attempt", PSEUDONYM, "closed", since=("day", DAYS)),
    TableKind("journal_position", "journal_position", MACHINE, "closed"),
    TableKind("import_run", "import_run", MACHINE, "removed", since=("started", SECONDS)),
    TableKind("import_seen", "import_seen", SINGLE, "counts", since=("day", DAYS)),
    TableKind("delivery", "delivery", MACHINE, "deliveries", since=("received", MILLISECONDS)),
    TableKind("delivery_seen", "delivery_seen", MACHINE, "delivery_items", since=("day", DAYS)),
    TableKind("feedback_text", "feedback", VOICE, "feedback_texts", ("text", "note"), since=("day", DAYS), hand=True),
    TableKind("feedback_answer", "feedback", VOICE, "counts", ("answer",), hand=True, allowed=CONTACT),
    TableKind("feedback", "feedback", VOICE, "counts", since=("day", DAYS)),
    TableKind("feedback_detail", "feedback_detail", VOICE, "counts"),
    TableKind("feedback_tag", "feedback_tag", OFFICE, "counts", hand=True),
    TableKind("feedback_search", "feedback_search", VOICE, "feedback_texts"),
    TableKind("feedback_count", "feedback_count", NONE, "counts"),
    TableKind("feedback_setting", "feedback_setting", OFFICE, "removed"),
    TableKind("topic", "topic", VOICE, "nightly", hand=True),
    TableKind("topic_comment", "topic_comment", VOICE, "nightly"),
    TableKind("topic_count", "topic_count", NONE, "nightly"),
    TableKind("topic_choice", "topic_choice", OFFICE, "removed", since=("changed", SECONDS), hand=True),
    TableKind(
        "public_answer", "public_answer", VOICE, "answers", since=("published", DAYS), hand=True, allowed=CONTACT
    ),
    TableKind("municipality", "municipality", OFFICE, "removed", since=("created", SECONDS), hand=True),
    TableKind("site", "site", OFFICE, "removed", since=("created", SECONDS), hand=True),
    TableKind("service_contact", "service", STAFF, "removed", ("contact",), hand=True, allowed=CONTACT),
    TableKind("service", "service", OFFICE, "removed", since=("created", SECONDS), hand=True, allowed=CONTACT),
    TableKind("service_path", "service_path", OFFICE, "removed", hand=True),
    TableKind("service_channel", "service_channel", OFFICE, "removed"),
    TableKind("service_form", "service_form", OFFICE, "removed", hand=True),
    TableKind("service_step", "service_step", OFFICE, "removed", hand=True),
    TableKind("annotation", "annotation", OFFICE, "removed", since=("created", SECONDS), hand=True),
    TableKind("usage_connector", "usage_connector", OFFICE, "removed", since=("created", SECONDS), hand=True),
    TableKind("usage_import", "usage_import", OFFICE, "removed", since=("imported", SECONDS), hand=True),
    TableKind("usage", "usage", NONE, "removed"),
    TableKind("zsk_setting", "zsk_setting", OFFICE, "removed", hand=True),
    TableKind("sdg_transfer", "sdg_transfer", MACHINE, "removed", since=("created", SECONDS)),
    TableKind("sdg_part", "sdg_part", MACHINE, "removed"),
    TableKind("sdg_content", "sdg_file", NONE, "counts", ("content",), allowed=frozenset({"link"})),
    TableKind("sdg_file", "sdg_file", MACHINE, "removed", since=("made", SECONDS)),
    TableKind("sdg_setting", "sdg_setting", OFFICE, "removed", hand=True),
    TableKind(
        "opendata_contact",
        "opendata_setting",
        STAFF,
        "removed",
        ("contact", "email", "website", "contributor", "attribution"),
        hand=True,
        allowed=CONTACT,
    ),
    TableKind("opendata_setting", "opendata_setting", OFFICE, "removed", hand=True),
    TableKind("outage", "outage", OFFICE, "removed", since=("first", DAYS), hand=True),
    TableKind("uptime", "uptime", MACHINE, "always", since=("hour", HOURS)),
    TableKind("account_email", "account", STAFF, "removed", ("email",), allowed=frozenset({"email"})),
    TableKind("account", "account", STAFF, "removed", since=("created", SECONDS)),
    TableKind("session", "session", STAFF, "session", since=("created", SECONDS)),
    TableKind("token", "token", STAFF, "removed", since=("created", SECONDS), hand=True),
    TableKind("audit_log", "audit_log", STAFF, "audit", since=("time", SECONDS), allowed=frozenset({"email"})),
    TableKind("migration", "migration", MACHINE, "always"),
    TableKind("sqlite_sequence", "sqlite_sequence", MACHINE, "always"),
)

_SETTINGS = frozenset({"address", "email", "link"})
_PUBLISHED = frozenset({"link"})
FILES: tuple[FileKind, ...] = (
    # Nearly all files are of the first kind; each is compared with the kinds in this order.
    FileKind("opendata", ("opendata/*",), NONE, "good", public=True, allowed=_PUBLISHED, fits=is_ours),
    FileKind("database", ("zaehlwerk.db", "zaehlwerk.db-wal", "zaehlwerk.db-shm"), VOICE, "tables"),
    FileKind(
        "journal", ("journal/*.jsonl", "journal/*.new", "journal/*.part", "journal/.probe-*"), PSEUDONYM, "closed"
    ),
    FileKind("uploads", ("uploads/*",), OFFICE, "upload", hand=True),
    FileKind("backup", ("backup/zaehlwerk-*", "backup/.zaehlwerk-*"), VOICE, "backup", allowed=_SETTINGS | CONTACT),
    FileKind("takein", (".import-*",), VOICE, "taken_in", allowed=_PUBLISHED | CONTACT),
    FileKind("settings", ("zaehlwerk.toml",), MACHINE, "removed", allowed=_SETTINGS),
    FileKind("erased", ("erased-receipts",), MACHINE, "counts"),
    FileKind("locks", ("*.lock", "*/.lock"), MACHINE, "always"),
    FileKind("nightly", ("nightly.json", "audit.json", ".nightly.json.*", ".audit.json.*"), MACHINE, "always"),
    FileKind("loader_here", ("loader.json", ".loader.json.*"), MACHINE, "always"),
    FileKind("simulation", ("simulated_until", "form-server.token"), MACHINE, "removed", allowed=frozenset({"secret"})),
)

MEMORY: tuple[FileKind, ...] = (
    FileKind("day_key", ("*.key",), PSEUDONYM, "midnight"),
    FileKind("senders", ("*.recent",), PSEUDONYM, "minute"),
    FileKind("counters", ("worker-*.json", ".worker-*.json.*"), MACHINE, "restart"),
    FileKind("loader_status", ("loader.json", ".loader.json.*"), MACHINE, "restart"),
    FileKind("request", (), TRANSIENT, "request"),
    FileKind("limiter", (), PSEUDONYM, "process"),
    FileKind("attempts", (), PSEUDONYM, "attempts"),
    FileKind("clients", (), TRANSIENT, "process"),
)

KEEP = (
    *("counts", "texts_used", "facts", "closed", "removed", "deliveries", "delivery_items", "feedback_texts"),
    *("nightly", "answers", "always", "session", "audit", "tables", "upload", "taken_in", "backup", "good", "midnight"),
    *("minute", "restart", "request", "process", "attempts"),
)


def keep_values(config: Config) -> Mapping[str, int]:
    """The numbers that the texts of KEEP name, out of the running configuration."""
    return {
        "facts": config.facts_days,
        "months": config.rollup_months,
        "texts": config.feedback_text_months,
        "backup": config.backup_days,
        "audit": config.audit_months,
        "items": DELIVERIES_KEPT,
    }


def file_kind(path: str, kinds: tuple[FileKind, ...] = FILES) -> FileKind | None:
    """The kind of a file by its path from the directory; None for one that is not declared."""
    for kind in kinds:
        if any(fnmatchcase(path, pattern) for pattern in kind.patterns) and kind.fits(path):
            return kind
    return None


def column_kind(table: str, column: str) -> TableKind | None:
    """The kind that a column belongs to; None for one that is not declared."""
    rows = [row for row in TABLES if row.table == table]
    named = [row for row in rows if column in row.columns]
    return next(iter(named or [row for row in rows if not row.columns]), None)
