"""CSV files for federal statistics whose field lists are not public: which columns they have is a setting."""

import csv
import io
from collections.abc import Collection, Iterable, Mapping
from typing import TypeVar

import msgspec

from tracker.errors import ConfigError
from tracker.formula import harmless

Columns = tuple[tuple[str, str], ...]  # (field, heading) in their order
S = TypeVar("S")
LONGEST_HEADING = 100


def stored_setting(text: str, kind: type[S], of: str) -> S:
    """A setting from JSON as it is kept, "" is the default; raises ConfigError. `of`: whose setting it is."""
    try:
        return msgspec.json.decode(text, type=kind) if text else kind()
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise ConfigError(f"This is no setting of {of}: {error}.") from error


def as_they_are(fields: Iterable[str]) -> Columns:
    """Columns that are called as their fields are."""
    return tuple((name, name) for name in fields)


def columns_in(text: str) -> Columns:
    """Columns in lines or separated by commas, each “field” or “field = heading”."""
    parts = [part.partition("=") for part in text.replace(",", "\n").split("\n") if part.strip()]
    return tuple((name.strip(), heading.strip() or name.strip()) for name, _, heading in parts)


def check_columns(columns: Columns, fields: Collection[str], needed: str) -> None:
    """Raise ConfigError with the rule that columns break: known fields only, the `needed` one among them."""
    unknown = [name for name, _ in columns if name not in fields]
    if unknown:
        raise ConfigError(f"“{unknown[0]}” is no field of the federal statistics; expected {', '.join(fields)}.")
    if needed not in (name for name, _ in columns):
        raise ConfigError(f"The field {needed} must be among the columns.")
    if any(len(heading) > LONGEST_HEADING for _, heading in columns):
        raise ConfigError(f"The heading of a column has at most {LONGEST_HEADING} characters.")


def columns_csv(columns: Columns, rows: Iterable[Mapping[str, str]]) -> str:
    """Rows (field → text) as CSV with semicolons (RFC 4180 otherwise); no cell begins as a formula does."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";")
    writer.writerow([harmless(heading) for _, heading in columns])
    for row in rows:
        writer.writerow([harmless(row[name]) for name, _ in columns])
    return buffer.getvalue()
