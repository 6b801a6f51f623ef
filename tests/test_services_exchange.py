"""The catalogue as CSV and JSON: the round trip, and what offices make of such files."""

import csv
import io
import json

import pytest
from catalogues import CATALOGUES
from hypothesis import example, given

from tracker.services.changes import compare
from tracker.services.exchange import BOM, from_csv, from_json, read_file, to_csv, to_json
from tracker.services.fields import COLUMNS
from tracker.services.service import Form, Service, Step

DOG = Service(
    "hundesteuer",
    "Hundesteuer anmelden",
    name_en="Register a dog",
    leika="99050012104000",
    paths=("www.marburg.de/leistungen/hundesteuer/**",),
    forms=(
        Form(
            "hundesteuer", "Anmeldung", "Registration", True, (Step("1", "Hund", "Dog"), Step("2", "Zahlung", "", True))
        ),
    ),
    channels=("web", "post"),
    cost_per_month_cents=12_050,
)


@given(CATALOGUES)
@example([DOG])
def test_csv_and_json_come_back_as_they_went(services: list[Service]) -> None:
    for text, name in ((to_csv(services), "x.csv"), (to_json(services), "x.json")):
        parsed = read_file(name, text.encode(), [])
        assert parsed.findings == ()
        assert list(parsed.services) == services
        again = read_file(name, text.encode(), services)
        assert {change.kind for change in compare(services, again.services)} <= {"unchanged"}
        assert again.findings == ()


@given(CATALOGUES)
def test_no_cell_is_a_formula(services: list[Service]) -> None:
    rows = list(csv.reader(io.StringIO(to_csv(services).removeprefix(BOM), newline=""), delimiter=";"))
    assert not [cell for row in rows for cell in row if cell.startswith(tuple("=+-@\t\r\n＝＋－＠"))]


@given(CATALOGUES)
def test_a_spreadsheet_may_save_it_with_commas_in_windows_1252_or_utf_16(services: list[Service]) -> None:
    rows = list(csv.reader(io.StringIO(to_csv(services).removeprefix(BOM), newline=""), delimiter=";"))
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    assert list(from_csv(buffer.getvalue()).services) == services
    assert list(read_file("x.csv", buffer.getvalue().encode("utf-16"), []).services) == services


def parse(text: str, present: tuple[Service, ...] = ()) -> list[tuple[int, str, str]]:
    """The findings of a file as place, slug and rule."""
    return [(found.place, found.slug, found.problem.rule) for found in read_file("x", text.encode(), present).findings]


def test_it_reads_windows_1252_and_a_line_that_names_the_separator() -> None:
    parsed = read_file("x.csv", "sep=,\r\nslug,name\r\nmuell,Müll\r\n".encode("cp1252"), [])
    assert [(service.slug, service.name) for service in parsed.services] == [("muell", "Müll")]


def test_a_column_that_is_left_out_stays_as_it_is() -> None:
    parsed = from_csv("slug;department\nhundesteuer;Kämmerei\n", [DOG])
    (change,) = compare([DOG], parsed.services)
    assert [(found.column, found.before, found.after) for found in change.differences] == [
        ("department", "", "Kämmerei")
    ]
    parsed = from_json('[{"slug": "hundesteuer", "channels": ["web"]}]', [DOG])
    assert parsed.services[0].channels == ("web",)
    assert parsed.services[0].forms == DOG.forms


def test_an_empty_cell_empties() -> None:
    assert from_csv("slug;leika\nhundesteuer;\n", [DOG]).services[0].leika == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [(0, "", "csv_empty")]),
        ("\n\n", [(0, "", "csv_empty")]),
        ("name;x\n", [(1, "", "csv_no_slug")]),
        ("slug;nmae\n", [(1, "", "csv_column")]),
        ("slug;name;name\n", [(1, "", "csv_column_twice")]),
        ('slug;name\na;"x', [(2, "", "csv")]),
        ("slug;name\na;A;b\n", [(2, "a", "csv_cells")]),
        ("slug;name\na;A;\n", []),
        ("slug;name\na;\nb;B\nÄ;C\n", [(2, "a", "name"), (4, "Ä", "slug")]),
        ("slug;name\na;A\n\na;A\n", [(4, "a", "slug_twice")]),
        ('slug;name;description\na;A;"1\n2"\nb;;\n', [(4, "b", "name")]),
        ("slug;name;leika\na;A;9905001210400\n", [(2, "a", "leika")]),
        ("slug;name;leika\na;A;9,90500E+13\n", [(2, "a", "leika_rounded")]),
        ("slug;name;leika\na;A;99 050 012 104 000\n", []),
        ("slug;name;channels\na;A;web brieftaube\n", [(2, "a", "channel")]),
        ("slug;name;cost_per_month_cents\na;A;12,50\n", [(2, "a", "cost")]),
        ("slug;name;sdg\na;A;vielleicht\n", [(2, "a", "flag")]),
        ("slug;name;paths\na;A;/leistungen\n", [(2, "a", "path_host")]),
        ("slug;name;forms\na;A;f\nb;B;f\n", [(3, "b", "form_taken")]),
        ("slug;name;forms;steps\na;A;f;g/1\n", [(2, "a", "step_form")]),
        ("slug;name;forms;steps\na;A;f;f/1|x|y|vielleicht\n", [(2, "a", "step_flag")]),
        ("slug;name;forms;steps\na;A;f;f/1|x|y|optional|z\n", [(2, "a", "step_parts")]),
        ("{", [(0, "", "json")]),
        ("[" * 100_000, [(0, "", "json")]),
        ('{"x": 1}', [(0, "", "json_list")]),
        ('["x"]', [(1, "", "json_list")]),
        ('[{"slug": "a", "nmae": "A"}]', [(1, "a", "json_key")]),
        ('[{"slug": "a", "name": "A", "forms": [{"slug": "f", "steps": [{"x": 1}]}]}]', [(1, "a", "json_key")]),
        ('[{"slug": "a", "name": 1}]', [(1, "a", "json_value")]),
        ('[{"slug": "a", "name": "A", "forms": 1}]', [(1, "a", "json_value")]),
        ('[{"slug": "a", "name": "A"}, {"slug": "b"}]', [(2, "b", "name")]),
        ('[{"slug": "a", "name": "A\\u0000"}]', [(1, "a", "control")]),
    ],
)
def test_it_says_line_by_line_what_is_wrong(text: str, expected: list[tuple[int, str, str]]) -> None:
    assert parse(text) == expected


def test_what_is_no_text_is_refused() -> None:
    assert read_file("x.csv", b"slug;name\na;\x81\x8d", []).findings[0].problem.rule == "encoding"


def test_a_form_that_another_service_has_is_refused() -> None:
    present = Service("b", "B", forms=(Form("hundesteuer"),))
    assert [found.problem.rule for found in from_csv(to_csv([DOG]), [present]).findings] == ["form_taken"]


def test_a_form_may_move_to_another_service() -> None:
    present = [DOG, Service("b", "B")]
    moved = "slug;forms;steps\nhundesteuer;;\nb;hundesteuer | Anmeldung;hundesteuer/1\n"
    parsed = from_csv(moved, present)
    assert parsed.findings == ()
    assert [len(service.forms) for service in parsed.services] == [0, 1]


def test_the_files_have_the_columns_and_keys_that_the_documentation_names() -> None:
    header = to_csv([]).removeprefix(BOM).strip().split(";")
    assert header == list(COLUMNS)
    keys = json.loads(to_json([DOG]))["services"][0].keys()
    assert set(keys) == set(COLUMNS) - {"steps"}


@pytest.mark.parametrize(("cell", "expected"), [("yes", True), ("Ja", True), ("x", True), ("", False), ("nein", False)])
def test_the_mark_of_the_gateway_is_read_as_people_write_it(cell: str, expected: bool) -> None:
    assert from_csv(f"slug;name;sdg\na;A;{cell}\n").services[0].sdg is expected
