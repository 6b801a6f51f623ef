"""Tables as they are shown and as files: numbers in words, search, order and pages, and CSV (RFC 4180)."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from babel.numbers import format_decimal

from admin.i18n import current_language, duration, number, percent, t
from admin.labels import CODED, label, link
from admin.spreadsheets import csv_line, harmless
from admin.stats import DECIMAL, DURATION, PERCENT, Measure, Row, Table
from tracker.store.catalogue import Site

PER_PAGE = 50
NOTHING = "–"


class Cells(NamedTuple):
    """One row as it is shown. `bar` is the length of its bar in percent."""

    label: str
    link: str
    values: tuple[str, ...]
    bar: float


class Order(NamedTuple):
    """What an expanded table is narrowed to, and how it is ordered. `sort` is "key" or the name of a column."""

    search: str = ""
    sort: str = ""
    descending: bool = True
    page: int = 1


class Page(NamedTuple):
    """One page of an expanded table; `number` rows match in all, on `pages` pages."""

    rows: list[Row]
    number: int
    page: int
    pages: int


def text_of(kind: str, value: float | None) -> str:
    """A value in words: "1.234", "2,4", "45,2 %", "1:05 min"; a dash where it is not defined."""
    if value is None:
        return NOTHING
    if kind == DECIMAL:
        return format_decimal(value, "#,##0.0", locale="de" if current_language() == "de" else "en_GB")
    return {PERCENT: percent, DURATION: duration}.get(kind, number)(value)


def change_of(kind: str, value: float | None) -> str:
    """The change of a figure in words: "+12 %", and for shares "+1,2 Punkte"; "" where there is none to tell."""
    if value is None:
        return ""
    language = "de" if current_language() == "de" else "en_GB"
    if kind == PERCENT:
        return t("dashboard.points", points=format_decimal(100 * value, "+0.0;−0.0", locale=language))
    return t("dashboard.change", percent=format_decimal(100 * value, "+#,##0;−#,##0", locale=language))


def cells(site: Site, table: Table, rows: Sequence[Row]) -> list[Cells]:
    """Rows of a table as they are shown."""
    dim = table.card.name
    return [
        Cells(
            label(dim, row.key),
            link(site, dim, row.key),
            tuple(text_of(column.kind, value) for column, value in zip(table.columns, row.values, strict=True)),
            round(100 * row.weight, 2),
        )
        for row in rows
    ]


def arranged(table: Table, order: Order) -> Page:
    """The rows of a table that match the search, in the order asked for, one page of them."""
    dim, wanted = table.card.name, order.search.casefold()
    rows = [row for row in table.rows if not wanted or wanted in f"{row.key}\n{label(dim, row.key)}".casefold()]
    names = [column.name for column in table.columns]
    if order.sort == "key":
        rows.sort(key=lambda row: label(dim, row.key).casefold(), reverse=order.descending)
    if order.sort in names:
        rows = _by_column(rows, names.index(order.sort), order.descending)
    pages = max(1, -(-len(rows) // PER_PAGE))
    page = min(max(order.page, 1), pages)
    return Page(rows[(page - 1) * PER_PAGE : page * PER_PAGE], len(rows), page, pages)


def _by_column(rows: Sequence[Row], column: int, descending: bool) -> list[Row]:
    """Ordered by one column; rows without a value come last either way."""
    some = [row for row in rows if row.values[column] is not None]
    some.sort(key=lambda row: row.values[column] or 0, reverse=descending)
    return some + [row for row in rows if row.values[column] is None]


def csv_lines(table: Table) -> Iterator[str]:
    """A table as CSV: all rows, names as shown, beside them the code where they are translated, and plain numbers."""
    dim = table.card.name
    coded = dim in CODED
    yield csv_line([dim, *(["code"] if coded else []), *(column.name for column in table.columns)])
    for row in table.rows:
        names = [label(dim, row.key), row.key] if coded else [label(dim, row.key)]
        values = [_plain(column, value) for column, value in zip(table.columns, row.values, strict=True)]
        yield csv_line([*(harmless(name) for name in names), *values])


def _plain(column: Measure, value: float | None) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.4f}" if column.kind == PERCENT else f"{value:.2f}"
