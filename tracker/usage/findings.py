"""What is wrong with a file of totals, or worth knowing: a rule, and the place where it is broken."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tracker.errors import ConfigError

CSV, XLSX, JSON = "csv", "xlsx", "json"
MOST_LISTED = 200  # findings of a file that are kept one by one

# Rule → sentence. admin/i18n says the same in each language, under usage.rule_….
RULES: Mapping[str, str] = {
    "empty": "The file holds no figures.",
    "large": "The file is larger than {limit} MB. Split it, by month for instance.",
    "binary": "This is no CSV, XLSX or JSON file. In your program, choose “save as” CSV or XLSX.",
    "legacy": "This is a workbook in the format of Excel 97 to 2003 (.xls). Save it as XLSX or CSV.",
    "password": "The workbook is protected by a password. Save it without one.",
    "opendocument": "This is an OpenDocument file. Save it as XLSX or CSV.",
    "damaged": "The workbook is damaged. Open it in the program it comes from and save it again as XLSX.",
    "bomb": "Unpacked, the workbook would be larger than {limit} MB. Delete other sheets and pictures, or give CSV.",
    "doctype": "The workbook contains a declaration that no spreadsheet program writes. Save it again as XLSX.",
    "no_sheet": "There is no sheet “{value}”. The workbook has: {known}.",
    "encoding": "The text is neither UTF-8, UTF-16 nor Windows-1252. Save the file as CSV UTF-8.",
    "quotes": 'A quotation mark is not closed, or stands within a cell. Write “""” for one within a quoted cell.',
    "json": "This is no readable JSON: {detail}.",
    "json_list": 'The file must hold a list of objects, such as [{{"period": "2026-01", "submitted": 12}}].',
    "json_value": "A value must be a text or a number, not a list or an object.",
    "rows_many": "The file has more than {limit} lines. Split it, by month for instance.",
    "columns_many": "Many lines have more than {limit} columns. Delete the empty ones at the right.",
    "no_header": "No line has the columns {missing}. If they have other names now, map the columns again.",
    "no_columns": "No line looks like the names of columns.",
    "no_number": "No column holds a number of attempts. Map one, or say that every line is one attempt.",
    "no_period": "No column tells the period. Map one, or name the period that the whole file is about.",
    "no_service": "No column tells the service. Map one, or name the service that the whole file is about.",
    "half_range": "Begin and end of the period belong together: map both columns.",
    "year_alone": "A column with the year needs one with the month beside it.",
    "role_twice": "Two columns are mapped to “{value}”. Only numbers may come from several columns.",
    "role": "“{value}” is nothing that a column can be mapped to.",
    "code": "“{value}” is no code of {list}; expected {known}.",
    "option": "“{value}” is not possible for {name}; expected {known}.",
    "period_missing": "The period is missing.",
    "period": "“{value}” is no period. Write 31.01.2026, 2026-01-31, 01.2026, 2026-01 or Januar 2026.",
    "period_span": "From {first} to {last} is neither one day nor one whole calendar month.",
    "period_future": "The period {value} lies ahead.",
    "period_outside": "The period {value} lies outside of {span}, which this import is about.",
    "service_missing": "The service is missing.",
    "service": "“{value}” is no service of this municipality. Map it to one, or add it to the catalogue.",
    "service_twice": "“{value}” belongs to several services ({known}). Map it to one of them.",
    "leika_rounded": "A spreadsheet rounded the LeiKa key to “{value}”. Make the column text and enter it again.",
    "number": "“{value}” is no whole number.",
    "number_style": "“{value}” is no whole number as {style} writes it. Check the setting of how numbers are written.",
    "number_negative": "“{value}” is below 0.",
    "number_large": "“{value}” is larger than 1 000 000 000.",
    "formula": "The formula has no result in the file. Open it in a spreadsheet program and save it again.",
    "cell_error": "The cell holds the error {value} instead of a number.",
    "cells_many": "The line has more cells than there are columns. Quote a cell that contains the separator.",
    "unknown_code": "“{value}” is not known as {list}; it counts as “other”. Map it to count it by its name.",
    "total_line": "The line looks like a total (“{value}”); it was left out.",
    "note_line": "The line has no number; it was left out (“{value}”).",
    "header_again": "The names of the columns occur again; the line was left out.",
    "skipped_value": "Lines with “{value}” are left out, as the mapping says.",
    "implausible": "More attempts ended ({ended}) than were started ({started}).",
    "mixed": "The service {service} has figures of the whole month {value} and of single days of it; both would count.",
    "many_figures": "The file has more than {limit} different figures. Choose to count whole months.",
}

# Rules that are worth knowing but stop nothing.
HINTS = frozenset(("unknown_code", "total_line", "note_line", "header_again", "skipped_value", "implausible"))

_PLACES = {CSV: "Line {line}, column {place}", XLSX: "Cell {place}{line}", JSON: "Object {line}"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `line` is 0 for the whole file; `place` is the letter (XLSX) or number (CSV) of the column."""

    rule: str
    line: int = 0
    place: str = ""
    column: str = ""
    kind: str = CSV
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def blocks(self) -> bool:
        """Whether nothing of the file may be imported."""
        return self.rule not in HINTS

    @property
    def sentence(self) -> str:
        """What is wrong and what to do, in English."""
        return RULES[self.rule].format_map(self.values)

    @property
    def where(self) -> str:
        """The place in English; "" for the whole file."""
        if not self.line:
            return ""
        name = f" ({self.column})" if self.column else ""
        if not self.place and self.kind != JSON:
            return f"Line {self.line}"
        return _PLACES[self.kind].format(line=self.line, place=self.place) + name

    def __str__(self) -> str:
        return f"{self.where}: {self.sentence}" if self.line else self.sentence


class UsageError(ConfigError):
    """A file or a mapping that cannot be imported; `findings` says why."""

    def __init__(self, *findings: Finding) -> None:
        self.findings = findings
        super().__init__(" ".join(str(finding) for finding in findings[:3]))


def refuse(rule: str, line: int = 0, /, **values: object) -> UsageError:
    """The error of a rule that the whole file, or a line of it, breaks."""
    return UsageError(Finding(rule, line, values=values))


class Findings:
    """Findings in the order in which they were made; of too many only the number is kept."""

    def __init__(self) -> None:
        self.listed: list[Finding] = []
        self.errors = 0
        self.hints = 0

    def add(self, finding: Finding) -> None:
        """Note a finding; errors are listed before hints when there are too many."""
        self.errors += finding.blocks
        self.hints += not finding.blocks
        if len(self.listed) < MOST_LISTED:
            self.listed.append(finding)
        elif finding.blocks and self.errors <= MOST_LISTED:
            place = next((place for place in reversed(range(MOST_LISTED)) if not self.listed[place].blocks), None)
            if place is not None:
                del self.listed[place]
                self.listed.append(finding)

    @property
    def unlisted(self) -> int:
        """How many were made beyond those listed."""
        return self.errors + self.hints - len(self.listed)
