"""`zaehlwerk service` on the command line."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tracker.cli import main

DOG = (
    *("service", "add", "hundesteuer", "--name", "Hundesteuer anmelden", "--leika", "99 050 012 104 000"),
    *("--path", "https://www.marburg.de/leistungen/hundesteuer/**", "--channel", "web", "--channel", "post"),
    *("--form", "hundesteuer | Anmeldung | Registration | end page", "--step", "hundesteuer/1 | Hund"),
    *("--step", "hundesteuer/2 | Zahlung | Payment | optional", "--cost-per-month-cents", "12050"),
)


def run(data: Path, *arguments: str, code: int = 0) -> str:
    """Run a command on a data directory; its output."""
    done = CliRunner().invoke(main, [*arguments, "--data", str(data)])
    assert done.exit_code == code, done.output
    return done.output


@pytest.fixture
def data(tmp_path: Path) -> Path:
    run(tmp_path / "data", "init")
    run(tmp_path / "data", "municipality", "add", "Marburg", "--ars", "065340014014")
    return tmp_path / "data"


def test_a_service_is_added_listed_shown_and_removed(data: Path) -> None:
    assert "Added Hundesteuer anmelden" in run(data, *DOG)
    assert "hundesteuer  Hundesteuer anmelden  99050012104000" in run(data, "service", "list")
    shown = run(data, "service", "show", "hundesteuer")
    assert "www.marburg.de/leistungen/hundesteuer/**" in shown
    assert "hundesteuer/2 | Zahlung | Payment | optional" in shown
    assert run(data, "service", "remove", "hundesteuer", "--yes") == "Removed.\n"
    assert "hundesteuer" not in run(data, "service", "list")


def test_files_go_round(data: Path, tmp_path: Path) -> None:
    run(data, *DOG)
    before = run(data, "service", "show", "hundesteuer", "--json")
    for name in ("catalogue.csv", "catalogue.json"):
        file = str(tmp_path / name)
        run(data, "service", "export", file)
        assert run(data, "service", "import", file).startswith("unchanged  hundesteuer")
        run(data, "service", "remove", "hundesteuer", "--yes")
        assert "added      hundesteuer" in run(data, "service", "import", file, "--dry-run")
        assert "hundesteuer" not in run(data, "service", "list")
        run(data, "service", "import", file)
        assert run(data, "service", "show", "hundesteuer", "--json") == before


def test_it_prints_what_it_exports(data: Path) -> None:
    run(data, *DOG)
    assert run(data, "service", "export").startswith("\ufeffslug;name;")
    assert json.loads(run(data, "service", "export", "--format", "json"))["services"][0]["slug"] == "hundesteuer"


def test_a_file_with_an_error_changes_nothing_and_names_the_line(data: Path, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("slug;name;leika\na;A;\nb;B;123\n", "utf-8")
    output = run(data, "service", "import", str(tmp_path / "x.csv"), code=1)
    assert "line 3: The LeiKa key “123” must have 14 digits." in output
    assert "nothing was imported" in output
    assert "A" not in run(data, "service", "list")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("add", "Hund", "--name", "x"), "lower-case"),
        (("add", "hund", "--name", "x", "--leika", "123"), "must have 14 digits"),
        (("show", "nichts"), "no service nichts"),
        (("remove", "nichts", "--yes"), "no service nichts"),
        (("list", "--municipality", "065310005005"), "no municipality with the ARS"),
    ],
)
def test_errors_are_sentences(data: Path, arguments: tuple[str, ...], sentence: str) -> None:
    assert sentence in run(data, "service", *arguments, code=1)


def test_with_several_municipalities_one_must_be_named(data: Path, tmp_path: Path) -> None:
    run(data, "municipality", "add", "Gießen", "--ars", "065310005005")
    assert "--municipality ARS" in run(data, *DOG, code=1)
    run(data, *DOG, "--municipality", "065310005005")
    assert "hundesteuer" in run(data, "service", "list", "--municipality", "065310005005")
    run(tmp_path / "empty", "init")
    assert "municipality add" in run(tmp_path / "empty", "service", "list", code=1)
