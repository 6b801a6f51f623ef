"""Monthly feedback for the national component (NFK) as aggregated counts. Its field list is not public."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from tracker.sdg.draft import Note, counted, note
from tracker.sdg.feedback import Said
from tracker.services.service import Service
from tracker.store.catalogue import Municipality
from tracker.usage.mapped import Columns, columns_csv
from tracker.usage.periods import written

NEEDED = "number"
COLUMNS = ("period", "leika_key", "ars", "service_id", "category", "rating", "found", NEEDED)
FIELDS = (*COLUMNS, "ags", "ozg_id", "service_name", "municipality")  # that a column may have


class Row(NamedTuple):
    """How many people said the same of a service. `rating` and `found` are "" where they were not given."""

    service: Service
    category: str
    rating: str
    found: str
    number: int


class Report(NamedTuple):
    """One month of a municipality. `rows`: what is in the file; `notes`: what is not."""

    town: Municipality
    month: int
    rows: list[Row]
    notes: list[Note]


def report(town: Municipality, month: int, said: Iterable[Said], services: Iterable[Service]) -> Report:
    """The answers of a month about services with a LeiKa key, counted."""
    known = {service.slug: service for service in services}
    cells = Counter((one.service, one.category, str(one.rating or ""), one.found) for one in said)
    rows, missing = [], Counter[str]()
    for (slug, category, rating, found), number in sorted(cells.items()):
        service = known.get(slug)
        if service is None or not service.leika:
            missing[slug] += number
            continue
        rows.append(Row(service, category, rating, found, number))
    notes = counted("no_service", missing.pop("", 0))
    for slug, number in missing.items():
        name = known[slug].name if slug in known else slug
        notes.append(note("no_leika" if slug in known else "unknown_service", service=name, number=number))
    return Report(town, month, rows, notes)


def to_csv(report: Report, columns: Columns) -> str:
    """A report as CSV with semicolons; no cell begins as a formula does."""
    return columns_csv(columns, (_cells(report, row) for row in report.rows))


def _cells(report: Report, row: Row) -> dict[str, str]:
    return {
        "period": written(report.month),
        "leika_key": row.service.leika,
        "ars": report.town.ars,
        "service_id": row.service.slug,
        "category": row.category,
        "rating": row.rating,
        "found": row.found,
        "number": str(row.number),
        "ags": report.town.ags,
        "ozg_id": row.service.ozg,
        "service_name": row.service.name,
        "municipality": report.town.name,
    }
