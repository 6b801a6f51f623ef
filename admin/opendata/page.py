"""The pages for people beside the files: static, complete by themselves, in German with English beside it."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from admin.opendata.manifest import Manifest
from admin.opendata.published import STATUS, Published, columns_of
from admin.opendata.rdf import SYNTAXES
from admin.opendata.tables import MONTH, TABLES, Words

STYLE = "style.css"
SHOWN = 40  # rows of a table that a page shows
STATUSES: Mapping[str, Words] = {
    "ok": Words("unverändert", "unchanged"),
    "perturbed": Words("zum Schutz leicht verändert", "slightly changed for protection"),
    "rounded": Words("gerundet", "rounded"),
    "suppressed": Words("zum Schutz weggelassen", "left out for protection"),
    "missing": Words("nicht gemessen", "not measured"),
}
METHODS: Mapping[str, Words] = {
    "cell-key": Words(
        "Jede Zahl ist zufällig um höchstens 3 verändert; eine 0 bleibt 0, eine 1 oder 2 kommt nicht vor.",
        "Each number is changed at random by 3 at most; a 0 stays 0, and there is no 1 or 2.",
    ),
    "cell-key-wide": Words(
        "Jede Zahl ist zufällig um höchstens 3 verändert, Seitenaufrufe um höchstens 10; eine 0 bleibt 0.",
        "Each number is changed at random by 3 at most, page views by 10 at most; a 0 stays 0.",
    ),
    "threshold": Words(
        "Zahlen unter 10 fehlen, dazu manche, aus denen sie sich errechnen ließen; alle anderen sind auf 5 gerundet.",
        "Numbers below 10 are left out, with some that would tell them; all others are rounded to 5.",
    ),
    "differential-privacy": Words(
        "Jede Zahl ist zufällig verändert, ohne feste Obergrenze; was unter 0 fiele, ist 0.",
        "Each number is changed at random, by no fixed bound; what would fall below 0 is 0.",
    ),
}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("admin", "templates/opendata"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(STATUSES=STATUSES, METHODS=METHODS)
    return environment


def release_page(release: Manifest, tables: Sequence[Published]) -> str:
    """The page of one release."""
    shown = [_shown(published, release) for published in tables]
    return _environment().get_template("release.html").render(release=release, tables=shown)


def index_page(releases: Sequence[Manifest]) -> str:
    """The page of a municipality: all releases by month, the newest first; not for an empty list."""
    newest = {(row.period, row.revision) for row in {row.period: row for row in releases}.values()}
    names = {table.name for release in releases for table in release.tables}
    by_month = groupby(sorted(releases, key=_place, reverse=True), key=lambda release: release.period[:7])
    return (
        _environment()
        .get_template("index.html")
        .render(
            simulated=releases[-1].simulated,
            months=[(month, list(of)) for month, of in by_month],
            publisher=releases[-1].publisher,
            newest=newest,
            catalogues=[(f"catalog.{row.ending}", row.media_type, row.label) for row in SYNTAXES],
            tables=[table for table in TABLES if table.name in names],
        )
    )


def _place(release: Manifest) -> tuple[str, bool, str, int]:
    """Where a release stands among all: a month before its days, if both are turned round."""
    return release.period[:7], release.kind == MONTH, release.period, release.revision


def root_page(towns: Sequence[tuple[str, str]]) -> str:
    """The page above all: the municipalities that publish, as (name, ARS)."""
    return _environment().get_template("root.html").render(towns=towns)


def style() -> bytes:
    """The style sheet of these pages."""
    return files("zaehlwerk_static").joinpath("opendata", STYLE).read_bytes()


def _shown(published: Published, release: Manifest) -> dict[str, Any]:
    """A table as the page shows it: without the columns for machines, a status only where it is no plain number."""
    columns = columns_of(published.table)
    names = {f"{row.name}_{STATUS}" for row in published.table.measures} | {"method", "leika"}
    places = [place for place, column in enumerate(columns) if column.name not in names]
    measures = {row.name for row in published.table.measures}
    rows = [
        [(row[place], row[place + 1] if columns[place].name in measures else "") for place in places]
        for row in published.rows[:SHOWN]
    ]
    downloads = next(table.files for table in release.tables if table.name == published.table.name)
    return {
        "table": published.table,
        "columns": [(columns[place], columns[place].name in measures) for place in places],
        "rows": rows,
        "more": max(0, len(published.rows) - SHOWN),
        "files": downloads,
    }
