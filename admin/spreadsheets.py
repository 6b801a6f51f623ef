"""What spreadsheets read: lines of CSV (RFC 4180), and texts that they do not take for formulas."""

import csv
import io
from collections.abc import Iterable, Sequence

from tracker.formula import harmless

__all__ = ["XLSX", "csv_line", "csv_text", "harmless"]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv_line(fields: Sequence[str]) -> str:
    """One line of a CSV file."""
    return csv_text([fields])


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Lines of a CSV file."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue()
