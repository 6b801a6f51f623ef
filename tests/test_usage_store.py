"""Imported totals as they are kept: replaced, undone, added up, each with its source."""

from collections.abc import Iterator
from pathlib import Path
from sqlite3 import Connection

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.office import ENCODINGS, SEPARATORS, SERVICES, Table, as_csv, as_json, as_xlsx, reading_of
from tracker.errors import ConfigError
from tracker.store import Store, open_database
from tracker.store.catalogue import Catalogue
from tracker.store.removal import remove_municipality
from tracker.store.usage import ONLINE, ImportedFrom, Usage
from tracker.usage.figures import Figure
from tracker.usage.layout import Connector, Layout
from tracker.usage.periods import is_day, month

LAYOUT = Layout({"Monat": "period", "Dienst": "service", "Anzahl": "submitted"})
MARBURG, GIESSEN = "065340014014", "065310005005"


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    connection = open_database(tmp_path / "zaehlwerk.db")
    catalogue = Catalogue(connection)
    for name, ars in (("Marburg", MARBURG), ("Gießen", GIESSEN)):
        town = catalogue.add_municipality(name, ars)
        Usage(connection).save(town.id, Connector("civento", "civento", LAYOUT))
    Usage(connection).save(1, Connector("pay", "Bezahlplattform", LAYOUT))
    yield connection
    connection.close()


def put(usage: Usage, figures: dict[Figure, int], name: str = "civento", town: int = 1, span: int | None = None) -> int:
    return usage.replace(town, name, figures, ImportedFrom("a.csv", "command", span, len(figures))).id


def one(period: int, number: int, service: str = "hundesteuer", channel: str = "") -> dict[Figure, int]:
    return {Figure(service, period, channel, "submitted", ""): number}


def test_the_same_period_again_replaces_it(connection: Connection) -> None:
    usage = Usage(connection)
    put(usage, one(202601, 5) | one(202602, 7))
    assert usage.replace(1, "civento", one(202601, 6), ImportedFrom("b.csv", "api", None, 1)).periods == (202601,)
    assert usage.totals(1, "hundesteuer", [2026])["civento"].number("submitted") == 13
    assert [(found.periods, found.figures) for found in usage.imports(1)] == [((202601,), 1), ((202602,), 1)]


def test_an_import_about_a_period_replaces_all_of_it(connection: Connection) -> None:
    usage = Usage(connection)
    put(usage, one(20260101, 5) | one(20260102, 7) | one(20260201, 1))
    put(usage, one(20260103, 2), span=202601)
    assert usage.totals(1, "hundesteuer", [2026])["civento"].number("submitted") == 3


def test_a_month_replaces_its_days_and_a_day_its_month(connection: Connection) -> None:
    usage = Usage(connection)
    put(usage, one(20260101, 5) | one(20260131, 7))
    assert usage.would_replace(1, "civento", {202601}) == (20260101, 20260131)
    put(usage, one(202601, 100))
    assert usage.totals(1, "hundesteuer", [202601])["civento"].number("submitted") == 100
    put(usage, one(20260115, 1))
    assert usage.totals(1, "hundesteuer", [202601])["civento"].number("submitted") == 1


def test_other_connectors_and_municipalities_are_left_alone(connection: Connection) -> None:
    usage = Usage(connection)
    put(usage, one(202601, 5))
    put(usage, one(202601, 50), "pay")
    put(usage, one(202601, 500), town=2)
    put(usage, one(202601, 6))
    sources = usage.totals(1, "hundesteuer", [202601])
    assert {title: figures.number("submitted") for title, figures in sources.items()} == {
        "civento": 6,
        "Bezahlplattform": 50,
    }
    assert usage.totals(2, "hundesteuer", [202601])["civento"].number("submitted") == 500


def test_undoing_removes_and_restores_nothing(connection: Connection) -> None:
    usage = Usage(connection)
    put(usage, one(202601, 5))
    second = put(usage, one(202601, 6))
    assert usage.undo(1, second) == 1
    assert usage.totals(1, "hundesteuer", [2026]) == {}
    assert [found.undone is not None for found in usage.imports(1)] == [True, False]
    for number, town in ((second, 1), (999, 1), (1, 2)):
        with pytest.raises(ConfigError, match="no import"):
            usage.undo(town, number)


def test_a_month_is_told_to_be_left_out_where_single_days_are_asked_for(connection: Connection) -> None:
    usage = Usage(connection)
    put(usage, one(202601, 5) | one(20260203, 2))
    figures = usage.totals(1, "hundesteuer", [20260130, 20260131, 202602])["civento"]
    assert (figures.number("submitted"), figures.left_out) == (2, (202601,))


def test_figures_tell_channels_and_codes(connection: Connection) -> None:
    usage = Usage(connection)
    codes = {Figure("hundesteuer", 202601, "web", "auth", code): n for code, n in (("muk", 2), ("none", 9))}
    put(usage, one(202601, 5, channel="web") | one(202601, 3, channel="in_person") | one(202601, 1) | codes)
    figures = usage.by_service(1, [202601])["hundesteuer"]["civento"]
    assert figures.number("submitted") == 9
    assert figures.number("submitted", ONLINE) == 6
    assert figures.codes("auth") == {"none": 9, "muk": 2}
    assert (figures.has("submitted"), figures.has("started")) == (True, False)


def test_nothing_is_half_imported(connection: Connection) -> None:
    usage = Usage(connection)
    put(usage, one(202601, 5))
    broken = one(202601, 6) | {Figure("hundesteuer", 202601, "", "started", ""): -1}
    with pytest.raises(Exception, match="CHECK"):
        put(usage, broken)
    with pytest.raises(ConfigError, match="no figures"):
        put(usage, {}, span=202601)
    assert usage.totals(1, "hundesteuer", [2026])["civento"].number("submitted") == 5
    assert len(usage.imports(1)) == 1


def test_connectors_have_names_and_titles_of_their_own(connection: Connection) -> None:
    usage = Usage(connection)
    for connector in (Connector("Ä", "x", LAYOUT), Connector("x", " ", LAYOUT), Connector("x", "civento", LAYOUT)):
        with pytest.raises(ConfigError):
            usage.save(1, connector)
    usage.save(1, Connector("civento", "civento neu", LAYOUT))
    assert [found.title for found in usage.connectors(1)] == ["Bezahlplattform", "civento neu"]
    with pytest.raises(ConfigError, match="Known: pay, civento"):
        usage.connector(1, "nichts")


def test_a_connector_goes_with_its_figures(connection: Connection) -> None:
    usage = Usage(connection)
    put(usage, one(202601, 5))
    usage.remove(1, "civento")
    assert (usage.imports(1), usage.totals(1, "hundesteuer", [2026])) == ([], {})
    with pytest.raises(ConfigError, match="no connector"):
        usage.remove(1, "civento")


def test_a_municipality_with_totals_can_be_removed_with_them(connection: Connection) -> None:
    put(Usage(connection), one(202601, 5), town=2)
    remove_municipality(Store(connection), Catalogue(connection).municipality(GIESSEN).id)
    assert connection.execute("select count(*) from usage").fetchone() == (0,)


PERIODS = st.sampled_from([202601, 202602, 20260101, 20260115, 20260131, 20260201, 202512, 20251231])
FIGURES = st.dictionaries(
    st.builds(
        Figure,
        service=st.sampled_from(["hundesteuer", "wohngeld"]),
        period=PERIODS,
        channel=st.sampled_from(["", "web"]),
        measure=st.sampled_from(["started", "submitted"]),
        code=st.just(""),
    ),
    st.integers(0, 100),
    min_size=1,
    max_size=8,
)
STEPS = st.lists(st.tuples(st.sampled_from(["civento", "pay"]), FIGURES) | st.integers(1, 8), max_size=8)


def overlap(first: int, second: int) -> bool:
    return month(first) == month(second) and (first == second or not is_day(first) or not is_day(second))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_any_imports_and_undoings_leave_exact_sums(connection: Connection, steps: list[object]) -> None:
    connection.execute("delete from usage_import")
    connection.execute("delete from sqlite_sequence")
    usage = Usage(connection)
    kept: list[tuple[str, int, Figure, int]] = []
    undone: set[int] = set()
    number = 0
    for step in steps:
        if isinstance(step, int):
            if step > number or step in undone:
                with pytest.raises(ConfigError):
                    usage.undo(1, step)
            else:
                usage.undo(1, step)
                undone.add(step)
                kept = [row for row in kept if row[1] != step]
            continue
        assert isinstance(step, tuple)
        name, figures = step
        periods = {figure.period for figure in figures}
        number = put(usage, figures, name)
        kept = [row for row in kept if row[0] != name or not any(overlap(row[2].period, one) for one in periods)]
        kept += [(name, number, figure, count) for figure, count in figures.items()]
    assert sums_in(usage) == slow_sums(kept)


def sums_in(usage: Usage) -> dict[tuple[str, str, str], int]:
    return {
        (slug, title, measure): figures.number(measure)
        for slug, sources in usage.by_service(1, [2025, 2026]).items()
        for title, figures in sources.items()
        for measure in ("started", "submitted")
        if figures.has(measure)
    }


def slow_sums(kept: list[tuple[str, int, Figure, int]]) -> dict[tuple[str, str, str], int]:
    titles = {"civento": "civento", "pay": "Bezahlplattform"}
    found: dict[tuple[str, str, str], int] = {}
    for name, _, figure, count in kept:
        place = (figure.service, titles[name], figure.measure)
        found[place] = found.get(place, 0) + count
    return found


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["Januar 2026", "2026-02", "03.03.2026", "01.2026"]),
        st.sampled_from([service.slug for service in SERVICES]),
        st.integers(0, 10**6),
        st.integers(0, 10**6) | st.none(),
        st.sampled_from(["web", "persönlich", ""]),
        st.sampled_from(["PayPal", "Überweisung", "Muscheln;,\"'", ""]),
    ),
    min_size=1,
    max_size=12,
)
NAMES = ("Monat", "Dienst", "begonnen", "eingereicht", "Kanal", "Zahlart")
TABLE = Layout(dict(zip(NAMES, ("period", "service", "started", "submitted", "channel", "payment"), strict=True)))
TITLES = st.sampled_from([[], [("Auswertung",)], [("Mandant", "Stadt"), (), ("", "", "Anträge")]])


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, titles=TITLES, total=st.booleans(), grouped=st.booleans(), data=st.data())
def test_every_format_and_encoding_gives_the_same_figures(
    rows: list[tuple[object, ...]], titles: list[tuple[object, ...]], total: bool, grouped: bool, data: st.DataObject
) -> None:
    table: Table = [NAMES, *rows]
    expected = reading_of(as_json(table), TABLE).figures
    around = [*titles, NAMES, *[tuple(written(cell, grouped) for cell in row) for row in rows]]
    if total:
        around.append(("Summe", "", written(sum(int(str(row[2])) for row in rows), grouped), "", "", ""))
    encoding = data.draw(st.sampled_from(ENCODINGS))
    separator = data.draw(st.sampled_from(SEPARATORS))
    assert reading_of(as_csv(around, encoding, separator), TABLE).figures == expected
    plain = [*titles, *table]
    assert (
        reading_of(as_xlsx([[cell if cell != "" else None for cell in row] for row in plain]), TABLE).figures
        == expected
    )


def written(cell: object, grouped: bool) -> object:
    """A number with points between thousands, as in German."""
    return f"{cell:,}".replace(",", ".") if grouped and isinstance(cell, int) else cell
