"""What spreadsheets read: lines of CSV (RFC 4180), and texts that they do not take for formulas."""

import csv
import io
from collections.abc import Iterable, Sequence

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # the wide ones for East Asian Excel


def csv_line(fields: Sequence[str]) -> str:
    """One line of a CSV file."""
    return csv_text([fields])


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Lines of a CSV file."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue()


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
