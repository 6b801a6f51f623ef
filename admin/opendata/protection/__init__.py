"""Disclosure control: how true counts become figures that may be published. Pure; docs/disclosure-control.md."""

from admin.opendata.protection.methods import DEFAULT, METHODS, build
from admin.opendata.protection.privacy import BudgetError, Entry, Ledger
from admin.opendata.protection.values import (
    MISSING,
    OK,
    PERTURBED,
    ROUNDED,
    SUPPRESSED,
    Cell,
    Measure,
    Method,
    Protected,
    ProtectedRow,
    Row,
    Table,
    substitute_key,
)

__all__ = [
    "DEFAULT",
    "METHODS",
    "MISSING",
    "OK",
    "PERTURBED",
    "ROUNDED",
    "SUPPRESSED",
    "BudgetError",
    "Cell",
    "Entry",
    "Ledger",
    "Measure",
    "Method",
    "Protected",
    "ProtectedRow",
    "Row",
    "Table",
    "build",
    "substitute_key",
]
