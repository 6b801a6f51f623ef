"""Monthly transactions for the federal statistics (ZSK): a transaction is an application, notification or report.

Its field list is not public, so the columns are settings. Transactions are attempts that pages and form servers
reported as submitted, and those that connectors tell, on the channels that count.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from tracker.codes import CHANNEL
from tracker.errors import ConfigError
from tracker.services.service import Service
from tracker.store.catalogue import Municipality
from tracker.store.usage import ONLINE, Figures
from tracker.usage.mapped import Columns, as_they_are, check_columns, columns_csv, columns_in, stored_setting
from tracker.usage.periods import is_day, parse_period, written

COLUMNS = ("period", "leika_key", "ars", "service_id", "transactions")
FIELDS = (*COLUMNS, "ags", "ozg_id", "service_name", "municipality")  # that a column may have
CHANNELS = ("", *CHANNEL)  # "": not told

# Rule → sentence. admin/i18n says the same in each language, under usage.zsk_….
RULES: Mapping[str, str] = {
    "running": "The month {period} is not over; the figures still grow.",
    "no_leika": "{service}: {number} transactions are not in the file, as the service has no LeiKa key.",
    "not_measured": "{service}: no form belongs to it and no connector tells figures, so it is not in the file.",
    "both": "{service}: pages tell {measured} and connectors {imported}. If both are the same, leave one out.",
    "no_service": "The form {form} belongs to no service: {number} submitted attempts are not in the file.",
    "unknown_service": "The service {service} is not in the catalogue: {number} transactions are not in the file.",
}


class Finding(NamedTuple):
    """Something about the figures that people should know; `values` are those of its sentence."""

    rule: str
    values: Mapping[str, object]

    @property
    def sentence(self) -> str:
        """In English."""
        return RULES[self.rule].format_map(self.values)


@dataclass(frozen=True, slots=True)
class Setting:
    """`columns`: (field, heading) in their order. `channels` that count. `without`: names of connectors left out."""

    columns: Columns = as_they_are(COLUMNS)
    channels: tuple[str, ...] = ONLINE
    without: tuple[str, ...] = field(default=())


class Transactions(NamedTuple):
    """The transactions of one service in one month."""

    service: Service
    measured: int  # by pages and form servers
    imported: int

    @property
    def number(self) -> int:
        """All of them."""
        return self.measured + self.imported


class Report(NamedTuple):
    """One month of a municipality. `rows`: what is in the file; `findings`: what is not, and what is doubtful."""

    town: Municipality
    month: int
    rows: list[Transactions]
    findings: list[Finding]


def parse_month(text: str) -> int:
    """2026-10 → 202610; raises ConfigError."""
    period = parse_period(text)
    if is_day(period):
        raise ConfigError(f"“{text}” is no month; expected one such as 2026-10.")
    return period


def setting_of(text: str) -> Setting:
    """A setting from JSON, "" is the default; raises ConfigError with the rule that it breaks."""
    setting = stored_setting(text, Setting, "the federal statistics")
    check_setting(setting)
    return setting


def setting_json(setting: Setting) -> str:
    """A setting as it is kept."""
    return msgspec.json.encode(setting).decode()


def parse_columns(text: str) -> Columns:
    """Columns in lines or separated by commas, each “field” or “field = heading”; raises ConfigError."""
    columns = columns_in(text)
    check_setting(Setting(columns))
    return columns


def check_setting(setting: Setting) -> None:
    """Raise ConfigError with the rule that a setting breaks."""
    check_columns(setting.columns, FIELDS, "transactions")
    wrong = [channel for channel in setting.channels if channel not in CHANNELS]
    if wrong or not setting.channels:
        raise ConfigError(f"The channels that count are one or more of {', '.join(CHANNEL)}, or blank.")


def report(
    town: Municipality,
    month: int,
    services: Iterable[Service],
    measured: Mapping[str, int],
    imported: Mapping[str, Sequence[Figures]],
    setting: Setting,
) -> Report:
    """The transactions of a month. `measured`: form → submitted attempts; `imported`: service → figures of sources."""
    found = Report(town, month, [], [])
    forms, slugs = set(measured), set(imported)
    for service in services:
        slugs.discard(service.slug)
        forms -= {form.slug for form in service.forms}
        figures = [figure for figure in imported.get(service.slug, ()) if figure.has("submitted")]
        row = Transactions(
            service,
            sum(measured.get(form.slug, 0) for form in service.forms),
            sum(figure.number("submitted", setting.channels) for figure in figures),
        )
        _add(found, row, bool(service.forms or figures))
    for form in sorted(form for form in forms if measured[form]):
        found.findings.append(Finding("no_service", {"form": form, "number": measured[form]}))
    for slug in sorted(slugs):
        number = sum(figure.number("submitted", setting.channels) for figure in imported[slug])
        found.findings.append(Finding("unknown_service", {"service": slug, "number": number}))
    return found


def _add(found: Report, row: Transactions, is_measured: bool) -> None:
    name = row.service.name
    if not is_measured:
        found.findings.append(Finding("not_measured", {"service": name}))
        return
    if row.measured and row.imported:
        values = {"service": name, "measured": row.measured, "imported": row.imported}
        found.findings.append(Finding("both", values))
    if not row.service.leika:
        found.findings.append(Finding("no_leika", {"service": name, "number": row.number}))
        return
    found.rows.append(row)


def to_csv(report: Report, setting: Setting) -> str:
    """A report as CSV with semicolons (RFC 4180 otherwise); no cell begins as a formula does."""
    return columns_csv(setting.columns, (_cells(report, row) for row in report.rows))


def _cells(report: Report, row: Transactions) -> dict[str, str]:
    return {
        "period": written(report.month),
        "leika_key": row.service.leika,
        "ars": report.town.ars,
        "service_id": row.service.slug,
        "transactions": str(row.number),
        "ags": report.town.ags,
        "ozg_id": row.service.ozg,
        "service_name": row.service.name,
        "municipality": report.town.name,
    }
