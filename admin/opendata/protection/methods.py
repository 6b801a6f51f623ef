"""The declared table of methods.

`cell-key-wide` hides also visits of many pages, by noise of up to 10 for views; see docs/disclosure-control.md.
"""

from collections.abc import Callable
from typing import NamedTuple

from admin.opendata.protection.cell_key import WIDE, CellKey
from admin.opendata.protection.privacy import Ledger, Private
from admin.opendata.protection.threshold import Threshold
from admin.opendata.protection.values import Method


class Row(NamedTuple):
    """A method that a municipality can choose. `build` takes the ledger, which only differential privacy uses."""

    name: str
    build: Callable[[Ledger], Method]


METHODS = (
    Row("cell-key", lambda _: CellKey()),
    Row("cell-key-wide", lambda _: CellKey("cell-key-wide", dict.fromkeys(("views", "views_without_visits"), WIDE))),
    Row("threshold", lambda _: Threshold()),
    Row("differential-privacy", Private),
)
DEFAULT = METHODS[0].name


def build(name: str, ledger: Ledger | None = None) -> Method:
    """The method of that name; a KeyError for any other. Differential privacy spends from `ledger`."""
    return {row.name: row.build for row in METHODS}[name](ledger or Ledger())
