"""The documentation of connectors: its mappings read its samples, and it names everything there is."""

import re
from datetime import date
from pathlib import Path

import pytest

from tests.office import file_of
from tracker.services.service import Service
from tracker.usage.figures import Expected
from tracker.usage.layout import COUNTED, KEYS, OPTIONS, from_json
from tracker.usage.names import Names
from tracker.usage.opening import open_grid
from tracker.usage.reading import read
from tracker.usage.zsk import FIELDS

DOCS = Path(__file__).parents[1] / "docs"
TEXT = (DOCS / "connectors.md").read_text("utf-8")
MAPPINGS = [block for block in re.findall(r"```json\n(.*?)```", TEXT, re.S) if '"columns"' in block]
NAMES = Names(
    [
        Service("hundesteuer", "Hundesteuer"),
        Service("hundesteuer-abmelden", "Hundesteuer abmelden"),
        Service("geburtsurkunde", "Geburtsurkunde anfordern"),
        Service("anwohnerparken", "Anwohnerparken"),
        Service("parkausweis", "Anwohnerparkausweis"),
        Service("lastenrad", "Zuschuss Lastenrad"),
    ]
)


@pytest.mark.parametrize(
    ("file", "mapping", "lines", "sums"),
    [
        ("civento-2026-q1.csv", 0, 61, {"started": 8755, "submitted": 6503}),
        ("zahlungen-2026-03.xlsx", 1, 240, {}),
    ],
)
def test_the_mappings_read_the_samples(file: str, mapping: int, lines: int, sums: dict[str, int]) -> None:
    layout = from_json(MAPPINGS[mapping])
    grid = open_grid(file_of((DOCS / "samples" / file).read_bytes()), layout.sheet)
    reading = read(grid, layout, Expected(NAMES, date(2026, 5, 18)))
    assert reading.findings.errors == 0
    assert reading.lines == lines
    assert {measure: reading.sums()[measure, ""] for measure in sums} == sums


def test_everything_is_explained() -> None:
    words = (*KEYS, *COUNTED, *OPTIONS, *FIELDS, "columns", "values", "fixed", "header_rows", "sheet", "fill_down")
    assert [word for word in words if f"`{word}`" not in TEXT] == []
