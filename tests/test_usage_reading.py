"""From office files to figures: periods, numbers, services, codes, and lines that are none."""

from datetime import date, datetime

import pytest

from tests.office import NAMES, as_csv, as_json, as_xlsx, guessed, moment, reading_of, said
from tracker.usage.figures import Figure, Reading
from tracker.usage.findings import UsageError
from tracker.usage.grid import Broken, Cell
from tracker.usage.layout import Layout, from_json, to_json
from tracker.usage.numbers import count_of
from tracker.usage.periods import period_of

PLAIN = Layout({"Monat": "period", "Dienst": "service", "Anzahl": "submitted"})
HEADER = ("Monat", "Dienst", "Anzahl")


def sums(reading: Reading) -> dict[str, int]:
    return {f"{measure} {code}".strip(): number for (measure, code), number in reading.sums().items()}


@pytest.mark.parametrize(
    ("cell", "period"),
    [
        ("31.01.2026", 20260131),
        ("1. 2. 26", 20260201),
        ("2026-01-31", 20260131),
        ("2026/01/31", 20260131),
        ("20260131", 20260131),
        (20260131, 20260131),
        ("31. Januar 2026", 20260131),
        ("31.01.2026 14:05", 20260131),
        ("2026-01-31T14:05:00Z", 20260131),
        (moment("2026-01-31 14:05"), 20260131),
        ("01.2026", 202601),
        ("1/2026", 202601),
        ("2026-01", 202601),
        ("202601", 202601),
        (202601.0, 202601),
        ("Januar 2026", 202601),
        ("Jän. 26", 202601),
        ("März 2026", 202603),
        ("Mrz-26", 202603),
        ("May 2026", 202605),
        ("2026 Dezember", 202612),
        ("01.01.2026 - 31.01.2026", 202601),
        ("01.01.2026 – 31.01.2026", 202601),
        ("1.2.2026 bis 28.2.2026", 202602),
        ("29.02.2024", 20240229),
        ("29.02.2026", None),
        ("31.04.2026", None),
        ("13.2026", None),
        ("01/31/2026", None),
        ("Q1 2026", None),
        ("2026", None),
        ("01.01.2026 - 07.01.2026", None),
        ("01.01.2026 - 31.03.2026", None),
        ("Summe", None),
        ("", None),
        (1.2026, None),
        ("31.01.1999", None),
        ("9" * 5000, None),
    ],
)
def test_it_reads_days_and_months_as_offices_write_them(cell: Cell, period: int | None) -> None:
    assert period_of(cell) == period


NUMBERS = [
    ("1234", 1234, 1234),
    ("1.234", 1234, "number_style"),
    ("1,234", "number_style", 1234),
    ("1.234.567", 1234567, "number_style"),
    ("1 234", 1234, 1234),
    ("1\u00a0234", 1234, 1234),
    ("1\u202f234", 1234, 1234),
    ("1'234", 1234, 1234),
    ("12,0", 12, "number_style"),
    ("12.00", "number_style", 12),
    ("1.234,0", 1234, "number_style"),
    ("1.234,5", "number", "number"),
    ("1.5", "number", "number"),
    ("12.34", "number", "number"),
    ("-3", "number_negative", "number_negative"),
    ("+3", 3, 3),
    ("0", 0, 0),
    ("-", None, None),
    ("k. A.", None, None),
    ("", None, None),
    (None, None, None),
    (12, 12, 12),
    (12.0, 12, 12),
    (12.5, "number", "number"),
    (float("nan"), "number", "number"),
    (float("inf"), "number", "number"),
    ("zwölf", "number", "number"),
    ("1E+3", "number", "number"),
    ("12 %", "number", "number"),
    ("١٢", "number", "number"),
    ("2000000000", "number_large", "number_large"),
    ("9" * 400, "number", "number"),
    (Broken("formula", "=A1"), "formula", "formula"),
]


@pytest.mark.parametrize(("cell", "german", "english"), NUMBERS)
def test_it_reads_whole_numbers_in_either_style(cell: Cell, german: object, english: object) -> None:
    for style, expected in (("de", german), ("en", english)):
        found = count_of(cell, style)
        assert (found.rule if isinstance(found, Broken) else found) == expected


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("hundesteuer", "hundesteuer"),
        ("Hundesteuer anmelden", "hundesteuer"),
        ("HUNDESTEUER  Anmelden", "hundesteuer"),
        ("99102013060000", "hundesteuer"),
        ("99 102 013 060 000", "hundesteuer"),
        (99102013060000, "hundesteuer"),
        (99102013060000.0, "hundesteuer"),
        ("99107023017000", "service_twice"),
        ("9,9102E+13", "leika_rounded"),
        ("Grundsteuer", "service"),
    ],
)
def test_it_finds_the_service(text: Cell, slug: str) -> None:
    found = NAMES.find(text)
    assert (found if isinstance(found, str) else found.rule) == slug


def test_it_finds_the_header_under_titles_and_leaves_totals_and_notes_out() -> None:
    rows = [
        ("Nutzungsstatistik der Onlinedienste",),
        ("Mandant:", "Stadt Marburg"),
        (),
        ("", "", "Anträge", "", ""),
        (*HEADER, "Anmeldung mit", "Bemerkung"),
        ("Januar 2026", "Hundesteuer anmelden", "1.000", "BundID", ""),
        (),
        ("01.2026", "anwohnerparken", "15", "ohne Anmeldung", "läuft"),
        (*HEADER, "Anmeldung mit", "Bemerkung"),
        ("Feb. 2026", "99102013060000", "7", "BundID", ""),
        ("Summe", "", "1.022", "", ""),
        ("Stand: 01.03.2026",),
    ]
    reading = reading_of(as_csv(rows))
    assert sums(reading) == {"submitted": 1022, "auth bundid_unspecified": 1007, "auth none": 15}
    assert said(reading) == [
        "Line 9: The names of the columns occur again; the line was left out.",
        "Line 11: The line looks like a total (“Summe”); it was left out.",
        "Line 12: The line has no number; it was left out (“Stand: 01.03.2026”).",
    ]
    assert (reading.lines, reading.left_out) == (3, 3)


def test_merged_headers_name_columns_by_both_lines() -> None:
    rows = [
        ("Monat", "Dienst", "Online", "", "Vor Ort", ""),
        ("", "", "begonnen", "eingereicht", "begonnen", "eingereicht"),
        ("2026-01", "wohngeld", 10, 8, 3, 3),
    ]
    layout = guessed(as_csv(rows))
    assert layout.header_rows == 2
    assert list(layout.columns)[2:] == [
        "Online / begonnen", "Online / eingereicht", "Vor Ort / begonnen", "Vor Ort / eingereicht",
    ]  # fmt: skip
    wide = Layout(
        {
            "Monat": "period",
            "Dienst": "service",
            "Online / eingereicht": "submitted@web",
            "Vor Ort / eingereicht": "submitted@in_person",
        },
        header_rows=2,
    )
    for content in (as_csv(rows), as_xlsx([[cell or None for cell in row] for row in rows])):
        assert reading_of(content, wide).figures == {
            Figure("wohngeld", 202601, "web", "submitted", ""): 8,
            Figure("wohngeld", 202601, "in_person", "submitted", ""): 3,
        }


def test_columns_of_one_name_are_told_apart_by_the_merged_line_above() -> None:
    rows = [
        ("Auswertung 2026",),
        ("", "", "Online", "Papier"),
        ("Monat", "Dienst", "Anzahl", "Anzahl"),
        ("2026-01", "wohngeld", 10, 8),
    ]
    assert list(guessed(as_csv(rows)).columns) == ["Monat", "Dienst", "Online / Anzahl", "Papier / Anzahl"]


def test_a_moved_header_and_new_columns_do_no_harm() -> None:
    rows = [("Titel",), ("x", "y", "z", "w"), ("neu", *HEADER), ("?", "2026-01", "wohngeld", 5)]
    assert sums(reading_of(as_csv(rows), PLAIN)) == {"submitted": 5}


def test_it_names_the_columns_that_are_missing() -> None:
    with pytest.raises(UsageError, match="No line has the columns Anzahl"):
        reading_of(as_csv([("Monat", "Dienst", "Zahl"), ("2026-01", "wohngeld", 5)]), PLAIN)


def test_every_problem_names_line_and_column() -> None:
    rows = [
        HEADER,
        ("Q1 2026", "hundesteuer", 5),
        ("2026-01", "", 5),
        ("", "hundesteuer", 5),
        ("2026-01", "Grundsteuer", "5,5"),
        ("2026-06", "hundesteuer", 5),
        ("2026-01", "99107023017000", -1),
    ]
    reading = reading_of(as_csv(rows), PLAIN)
    assert [line.split(": ")[0] for line in said(reading)] == [
        "Line 2, column 1 (Monat)",
        "Line 3, column 2 (Dienst)",
        "Line 4, column 1 (Monat)",
        "Line 5, column 2 (Dienst)",
        "Line 5, column 3 (Anzahl)",
        "Line 6, column 1 (Monat)",
        "Line 7, column 2 (Dienst)",
        "Line 7, column 3 (Anzahl)",
    ]
    assert reading.findings.errors == 8
    assert said(reading_of(as_xlsx(rows), PLAIN))[3].startswith("Cell B5 (Dienst): “Grundsteuer” is no service")
    assert said(reading_of(as_json(rows), PLAIN))[3].startswith("Object 4 (Dienst): “Grundsteuer” is no service")


def test_lines_count_behind_quoted_line_breaks() -> None:
    content = b'Monat;Dienst;Anzahl;Text\n2026-01;wohngeld;1;"a\nb"\n\n2026-01;wohngeld;x;\n'
    assert said(reading_of(content, PLAIN)) == ["Line 5, column 3 (Anzahl): “x” is no whole number."]


def test_from_and_to_make_up_a_day_or_a_month() -> None:
    layout = Layout({"von": "from", "bis": "to", "Dienst": "service", "Anzahl": "submitted"})
    rows = [("von", "bis", "Dienst", "Anzahl"), ("01.01.2026", "31.01.2026", "wohngeld", 5)]
    rows += [("03.02.2026", "03.02.2026", "wohngeld", 2), ("01.03.2026", "07.03.2026", "wohngeld", 1)]
    reading = reading_of(as_csv(rows), layout)
    assert reading.periods == {202601, 20260203}
    assert said(reading) == [
        "Line 4, column 1 (von): From 01.03.2026 to 07.03.2026 is neither one day nor one whole calendar month."
    ]


def test_year_and_month_may_stand_in_two_columns() -> None:
    rows = [("Jahr", "Monat", "Dienst", "Anzahl"), (2026, "Januar", "wohngeld", 5), (2026, 2, "wohngeld", 6)]
    for content in (as_csv(rows), as_xlsx(rows), as_json(rows)):
        assert reading_of(content).periods == {202601, 202602}
    reading = reading_of(as_csv([*rows, (2026, "13", "wohngeld", 1)]))
    assert said(reading)[0].startswith("Line 4, column 2 (Monat): “13 2026” is no period")


def test_a_date_may_stand_for_its_month() -> None:
    rows = [HEADER, (datetime(2026, 1, 1), "wohngeld", 5), (datetime(2026, 2, 1), "wohngeld", 6)]
    assert guessed(as_xlsx(rows)).grain == "month"
    assert reading_of(as_xlsx(rows)).periods == {202601, 202602}
    assert reading_of(as_xlsx(rows), PLAIN).periods == {20260101, 20260201}


def test_the_whole_file_may_be_about_one_period_and_one_service() -> None:
    layout = Layout({"Anzahl": "submitted"}, fixed={"service": "wohngeld", "channel": "phone"})
    content = as_csv([("Anzahl", "Art"), (3, "a"), (4, "b")])
    assert reading_of(content, layout, 202601).figures == {Figure("wohngeld", 202601, "phone", "submitted", ""): 7}
    assert said(reading_of(content, layout)) == [
        "No column tells the period. Map one, or name the period that the whole file is about."
    ]


def test_a_line_outside_of_the_period_of_the_import_is_an_error() -> None:
    content = as_csv([HEADER, ("31.01.2026", "wohngeld", 1), ("01.02.2026", "wohngeld", 1)])
    assert said(reading_of(content, PLAIN, 202601)) == [
        "Line 3, column 1 (Monat): The period 2026-02-01 lies outside of 2026-01, which this import is about."
    ]


def test_a_month_and_its_days_do_not_count_together() -> None:
    content = as_csv(
        [HEADER, ("2026-01", "wohngeld", 1), ("03.01.2026", "wohngeld", 1), ("03.01.2026", "hundesteuer", 1)]
    )
    reading = reading_of(content, PLAIN)
    assert [finding.rule for finding in reading.findings.listed] == ["mixed"]


def test_every_line_may_be_one_attempt() -> None:
    rows = [("Datum", "Verwendungszweck", "Zahlart", "Status"), ("03.01.2026", "Wohngeld", "PayPal", "erfolgreich")]
    rows += [("03.01.2026", "Wohngeld", "Visa", "Abbruch"), ("Stand: heute", "", "", "")]
    layout = Layout(
        {"Datum": "period", "Verwendungszweck": "service", "Zahlart": "payment", "Status": "payment_status"},
        each_line="submitted",
        grain="month",
    )
    assert sums(reading_of(as_csv(rows), layout)) == {
        "submitted": 2,
        "payment paypal": 1,
        "payment_status succeeded": 1,
        "payment credit_card": 1,
        "payment_status cancelled": 1,
    }


def test_breakdowns_count_the_attempts_started_or_else_submitted() -> None:
    rows = [
        (*HEADER, "begonnen", "Zahlart"),
        ("2026-01", "wohngeld", 8, 10, "paypal"),
        ("2026-01", "wohngeld", 3, "", "wero"),
    ]
    assert sums(reading_of(as_csv(rows))) == {"submitted": 11, "started": 10, "payment paypal": 10, "payment wero": 3}


def test_counts_of_codes_may_stand_in_columns_of_their_own() -> None:
    layout = Layout({**PLAIN.columns, "davon BundID": "auth:bundid_unspecified", "davon PayPal": "payment:paypal"})
    rows = [(*HEADER, "davon BundID", "davon PayPal"), ("2026-01", "wohngeld", 8, 5, 2)]
    assert sums(reading_of(as_csv(rows), layout)) == {
        "submitted": 8,
        "auth bundid_unspecified": 5,
        "payment paypal": 2,
    }


def test_an_unknown_code_counts_as_other_and_is_said_once() -> None:
    rows = [(*HEADER, "Zahlart"), ("2026-01", "wohngeld", 8, "Muscheln"), ("2026-01", "wohngeld", 2, "muscheln")]
    reading = reading_of(as_csv(rows))
    assert sums(reading) == {"submitted": 10, "payment other": 10}
    assert said(reading) == [
        "Line 2, column 4 (Zahlart): “Muscheln” is not known as payment; it counts as “other”. "
        "Map it to count it by its name."
    ]


def test_values_are_mapped_or_left_out() -> None:
    layout = Layout(
        {**PLAIN.columns, "Zahlart": "payment"},
        {"payment": {"Muscheln": "on_site"}, "service": {"HuSt": "hundesteuer", "Test": "-"}},
    )
    rows = [(*HEADER, "Zahlart"), ("2026-01", "hust", 8, "MUSCHELN"), ("2026-01", "Test", 99, "")]
    reading = reading_of(as_csv(rows), layout)
    assert sums(reading) == {"submitted": 8, "payment on_site": 8}
    assert said(reading) == ["Line 3, column 2 (Dienst): Lines with “Test” are left out, as the mapping says."]


def test_blank_cells_take_the_value_above_if_the_layout_says_so() -> None:
    rows = [HEADER, ("2026-01", "wohngeld", 1), ("", "hundesteuer", 2), ("2026-02", "", 3)]
    filled = Layout(PLAIN.columns, fill_down=True)
    assert reading_of(as_csv(rows), filled).figures == {
        Figure("wohngeld", 202601, "", "submitted", ""): 1,
        Figure("hundesteuer", 202601, "", "submitted", ""): 2,
        Figure("hundesteuer", 202602, "", "submitted", ""): 3,
    }
    assert reading_of(as_csv(rows), PLAIN).findings.errors == 2


def test_more_ended_than_started_is_worth_knowing() -> None:
    rows = [(*HEADER, "begonnen"), ("2026-01", "wohngeld", 8, 5)]
    assert said(reading_of(as_csv(rows))) == ["Line 2: More attempts ended (8) than were started (5)."]


def test_a_day_ahead_is_refused_and_today_is_not() -> None:
    rows = [HEADER, ("18.05.2026", "wohngeld", 1), ("19.05.2026", "wohngeld", 1), ("05.2026", "hundesteuer", 1)]
    reading = reading_of(as_csv(rows), PLAIN, today=date(2026, 5, 18))
    assert [finding.line for finding in reading.findings.listed] == [3]


def test_a_file_without_figures_is_an_error() -> None:
    assert said(reading_of(as_csv([HEADER]), PLAIN)) == ["The file holds no figures."]
    with pytest.raises(UsageError, match="no figures"):
        guessed(b"\n\n")


def test_of_many_findings_errors_are_listed_before_hints() -> None:
    hints = [("2026-01", "wohngeld", "")] * 300
    rows = [HEADER, *hints, ("2026-01", "Grundsteuer", 1), ("2026-01", "wohngeld", 1)]
    reading = reading_of(as_csv(rows), PLAIN)
    assert reading.findings.listed[-1].rule == "service"
    assert (reading.findings.errors, reading.findings.hints, reading.findings.unlisted) == (1, 300, 101)


@pytest.mark.parametrize(
    ("layout", "rule"),
    [
        ({"columns": {"a": "period", "b": "service"}}, "no_number"),
        ({"columns": {"a": "period", "c": "submitted"}}, "no_service"),
        ({"columns": {"a": "from", "b": "service", "c": "submitted"}}, "half_range"),
        ({"columns": {"a": "year", "b": "service", "c": "submitted"}}, "year_alone"),
        ({"columns": {"a": "period", "b": "service", "d": "service", "c": "submitted"}}, "role_twice"),
        ({"columns": {"a": "colour", "b": "service", "c": "submitted"}}, "role"),
        ({"columns": {"b": "service", "c": "submitted@moon"}}, "code"),
        ({"columns": {"b": "service", "c": "payment:shells"}}, "code"),
        ({"columns": {"b": "service", "c": "payment:"}}, "role"),
        ({"columns": {"b": "service", "c": "submitted"}, "values": {"payment": {"x": "shells"}}}, "code"),
        ({"columns": {"b": "service", "c": "submitted"}, "values": {"colour": {}}}, "role"),
        ({"columns": {"b": "service", "c": "submitted"}, "fixed": {"channel": "moon"}}, "code"),
        ({"columns": {"b": "service", "c": "submitted"}, "numbers": "fr"}, "option"),
        ({"columns": {"b": "service", "c": "submitted"}, "header_rows": 9}, "option"),
    ],
)
def test_a_layout_that_cannot_be_is_refused_with_its_rule(layout: dict[str, object], rule: str) -> None:
    import msgspec

    with pytest.raises(UsageError) as caught:
        from_json(msgspec.json.encode(layout).decode())
    assert rule in [finding.rule for finding in caught.value.findings]


def test_a_layout_is_kept_as_it_is() -> None:
    layout = Layout({"Ä": "period", "b": "service", "c": "submitted"}, {"service": {"x": "y"}}, {"channel": "web"})
    assert from_json(to_json(layout)) == layout
