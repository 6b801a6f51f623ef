"""Totals on the command line: connectors, imports, undo, and the monthly report."""

import json
from pathlib import Path

import pytest

from tests.installation import MARBURG, install
from tests.office import SERVICES, as_csv
from tests.test_commands import run
from tracker.services.service import Service
from tracker.store.services import Services

ROWS = [("Monat", "Dienst", "Anzahl"), ("2026-01", "hundesteuer", "1.000"), ("2026-01", "neu", "5")]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    city = install(tmp_path)
    Services(city.store.connection).apply(1, [*SERVICES, Service("neu", "Neu")])
    city.store.close()
    (tmp_path / "januar.csv").write_bytes(as_csv(ROWS, "cp1252"))
    mapping = tmp_path / "mapping.json"
    mapping.write_text(guess(tmp_path / "januar.csv"), "utf-8")
    run(city.config.data, "connector", "add", "civento", "--title", "civento Nord", "--mapping", str(mapping))
    return city.config.data


def guess(file: Path) -> str:
    from click.testing import CliRunner

    from tracker.cli import main

    return CliRunner().invoke(main, ["connector", "guess", str(file)]).output


def test_a_connector_is_guessed_added_shown_and_removed(data: Path) -> None:
    assert "civento Nord" in run(data, "connector", "list")
    shown = json.loads(run(data, "connector", "show", "civento"))
    assert shown["columns"] == {"Monat": "period", "Dienst": "service", "Anzahl": "submitted"}
    run(data, "connector", "remove", "civento", "--yes")
    assert "Known: none yet" in run(data, "connector", "show", "civento", code=1)


def test_a_file_is_checked_imported_listed_and_undone(data: Path) -> None:
    file = str(data.parent / "januar.csv")
    assert "Nothing was imported" in run(data, "import", "usage", file, "--connector", "civento", "--check")
    assert "Import 1. Replaced: nothing." in run(data, "import", "usage", file, "--connector", "civento")
    assert "Import 2. Replaced: 2026-01." in run(data, "import", "usage", file, "--connector", "civento")
    listed = run(data, "import", "list")
    assert "replaced" in listed
    assert "januar.csv" in listed
    assert "does not come back" in run(data, "import", "undo", "2", "--yes")
    assert "undone" in run(data, "import", "list")
    assert "no import 2 to undo" in run(data, "import", "undo", "2", "--yes", code=1)


def test_a_file_with_errors_ends_with_code_1_and_their_places(data: Path) -> None:
    file = data.parent / "februar.csv"
    file.write_bytes(as_csv([*ROWS, ("2026-02", "Grundsteuer", "x")]))
    output = run(data, "import", "usage", str(file), "--connector", "civento", code=1)
    assert "Line 4, column 2 (Dienst): “Grundsteuer” is no service" in output
    assert "Nothing was imported" in output
    assert "januar" not in run(data, "import", "list")


def test_errors_are_one_sentence(data: Path) -> None:
    file = str(data.parent / "januar.csv")
    assert "Known: civento" in run(data, "import", "usage", file, "--connector", "x", code=1)
    assert "no period" in run(data, "import", "usage", file, "--connector", "civento", "--period", "x", code=1)
    mapping = data.parent / "kaputt.json"
    for text in ("{", "[]", '{"columns": {"a": "colour"}}', "\ufeff"):
        mapping.write_text(text, "utf-8")
        run(data, "connector", "add", "x", "--mapping", str(mapping), code=1)


def test_the_monthly_report_is_printed(data: Path) -> None:
    run(data, "import", "usage", str(data.parent / "januar.csv"), "--connector", "civento")
    output = run(data, "export", "zsk", "--month", "2026-01", "--municipality", MARBURG)
    assert f"2026-01;99102013060000;{MARBURG};hundesteuer;1000" in output
    assert "Neu: 5 transactions are not in the file, as the service has no LeiKa key." in output
    target = data.parent / "zsk.csv"
    columns = "transactions=Anzahl,leika_key=Leistung,service_name"
    run(data, "export", "zsk", "--month", "2026-01", "--columns", columns, "--output", str(target))
    assert target.read_text("utf-8") == "Anzahl;Leistung;service_name\n1000;99102013060000;Hundesteuer anmelden\n"
    assert "1000" not in run(data, "export", "zsk", "--month", "2026-01", "--without", "civento")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--month", "2026"),
        ("--month", "2026-01-01"),
        ("--month", "2026-01", "--columns", "colour"),
        ("--month", "2026-01", "--channel", "moon"),
    ],
)
def test_a_wrong_option_of_the_report_is_refused(data: Path, arguments: tuple[str, ...]) -> None:
    assert "Error: " in run(data, "export", "zsk", *arguments, code=1)
