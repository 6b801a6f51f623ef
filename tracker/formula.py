"""Texts that a spreadsheet would take for formulas, wherever files for spreadsheets are written."""

SIGNS = "=+-@\t\r\n＝＋－＠"  # the wide ones are formulas to East Asian spreadsheets


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{text}" if text.lstrip(" ").startswith(tuple(SIGNS)) else text
