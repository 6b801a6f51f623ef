"""Whether a row of a take-out can be: what the database itself does not check, and other code relies on."""

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from tracker.calendar import day_date
from tracker.store.accounts import EDITOR, VIEWER
from tracker.store.catalogue import LEVELS, check_ars, check_host

# Columns that hold JSON, and columns that hold a day (20260131), where there is a value.
_JSON = ("layout", "setting", "parameters")
_DAYS = ("day", "first", "last", "first_day", "published", "updated", "withdrawn", "answered", "start")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")

Row = Mapping[str, Any]


def check(table: str, row: Row) -> None:
    """Raises ValueError or ConfigError with what is wrong in a row, as it stands in the take-out."""
    for name in _JSON:
        if row.get(name) is not None:
            json.loads(row[name])
    for name in _DAYS:
        if row.get(name) is not None:
            _check_period(row[name], 8)
    if "period" in row:
        _check_period(row["period"], len(str(row["period"])))
    if table in _CHECKS:
        _CHECKS[table](row)


@lru_cache(maxsize=20_000)
def _check_period(number: int, digits: int) -> None:
    """A day has 8 digits, a month 6, a year 4; ValueError for any other."""
    if digits not in (4, 6, 8) or len(str(number)) != digits:
        raise ValueError(f"the period {number}")
    day_date(int(f"{number}0101"[:8] if digits == 4 else f"{number}01"[:8]))


def _municipality(row: Row) -> None:
    check_ars(row["ars"])
    if row["timezone"] not in available_timezones():
        raise ValueError(f"the time zone {row['timezone']}")


def _site(row: Row) -> None:
    if check_host(row["host"]) != row["host"] or row["level"] not in LEVELS:
        raise ValueError(f"the site {row['host']}")


def _account(row: Row) -> None:
    """No take-out makes an operator: that would be everybody's."""
    if row["role"] not in (EDITOR, VIEWER) or not _EMAIL.fullmatch(row["email"]):
        raise ValueError(f"the account {row['email']} with the role {row['role']}")


def _rollup(row: Row) -> None:
    if not 0 <= row["rkey"] < 2**32:
        raise ValueError(f"the record key {row['rkey']}")


_CHECKS: Mapping[str, Callable[[Row], None]] = {
    "municipality": _municipality,
    "site": _site,
    "account": _account,
    "rollup": _rollup,
}
