"""Words for totals: findings, roles, codes and periods in the reader's language."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import NamedTuple

from babel.dates import format_date, format_datetime

from admin.i18n import current_language, has_text, t
from tracker.calendar import calendar_of
from tracker.codes import CODES
from tracker.services.service import Service
from tracker.store.catalogue import Municipality
from tracker.usage import zsk
from tracker.usage.figures import Reading
from tracker.usage.findings import JSON, XLSX, Finding, Findings
from tracker.usage.layout import BREAKDOWNS, COUNTED, KEYS, MEASURES, SKIP, number_of
from tracker.usage.periods import first_day, is_day, last_day

Options = list[tuple[str, str]]


class Said(NamedTuple):
    """A finding as it is shown."""

    blocks: bool
    where: str
    sentence: str


class Sums(NamedTuple):
    """What a file holds of one service: its numbers in the order of the columns; None where it does not tell one."""

    service: str
    numbers: list[int | None]


def findings_of(findings: Findings | Iterable[Finding]) -> list[Said]:
    """Findings as they are shown, errors first."""
    listed = findings.listed if isinstance(findings, Findings) else list(findings)
    return [Said(one.blocks, where(one), sentence(one)) for one in sorted(listed, key=lambda one: not one.blocks)]


def where(finding: Finding) -> str:
    """The place of a finding: line and column, or cell."""
    if not finding.line:
        return t("usage.place_file") if not finding.column else finding.column
    kind = "line"
    if finding.kind == JSON:
        kind = "json"
    elif finding.place:
        kind = "xlsx" if finding.kind == XLSX else "csv"
    text = t(f"usage.place_{kind}", line=finding.line, place=finding.place)
    return f"{text} ({finding.column})" if finding.column else text


def sentence(finding: Finding) -> str:
    """What is wrong and what to do."""
    values = dict(finding.values)
    if "list" in values:
        values["list"] = t(f"usage.role_{values['list']}")
    if finding.rule == "role_twice":
        values["value"] = role_name(str(values["value"]))
    return t(f"usage.rule_{finding.rule}", **values)


def zsk_sentence(finding: zsk.Finding) -> str:
    """What people should know about the figures for the federal statistics."""
    return t(f"usage.zsk_{finding.rule}", **finding.values)


def role_name(role: str) -> str:
    """What a column is mapped to: "Eingereicht", "Eingereicht (persönlich)", "Zahlart: PayPal"."""
    number = number_of(role)
    if number is None:
        return t(f"usage.role_{role}") if has_text(f"usage.role_{role}") else role
    if number.code:
        return f"{t(f'usage.role_{number.measure}')}: {code_name(number.measure, number.code)}"
    name = t(f"usage.role_{number.measure}")
    return f"{name} ({code_name('channel', number.channel)})" if number.channel else name


def code_name(role: str, code: str) -> str:
    """A code in words."""
    key = f"usage.{role}_{code}"
    return t(key) if has_text(key) else code


def role_groups() -> list[tuple[str, Options]]:
    """What a column may be mapped to, in groups."""
    return [
        (t("usage.group_keys"), [(role, role_name(role)) for role in KEYS]),
        (t("usage.group_numbers"), [(measure, role_name(measure)) for measure in COUNTED]),
        (
            t("usage.group_channels"),
            _names(f"{measure}@{code}" for measure in MEASURES[:3] for code in CODES["channel"]),
        ),
        *[
            (t("usage.group_codes", list=t(f"usage.role_{kind}")), _names(f"{kind}:{code}" for code in CODES[kind]))
            for kind in BREAKDOWNS
        ],
    ]


def _names(roles: Iterable[str]) -> Options:
    return [(role, role_name(role)) for role in roles]


def value_options(role: str, services: Iterable[Service]) -> Options:
    """What a text in the column of a role may mean."""
    if role == "service":
        known = [(service.slug, service.name) for service in services]
    else:
        known = [(code, code_name(role, code)) for code in CODES[role]]
    return [*known, (SKIP, t("usage.skip"))]


def period_name(period: int) -> str:
    """20260131 → "31.01.2026", 202601 → "Januar 2026"."""
    return _day(first_day(period)) if is_day(period) else _month(first_day(period))


def periods_name(periods: Iterable[int]) -> str:
    """Periods in few words: "Januar 2026", "Januar 2026 – März 2026", "01.01.2026 – 31.01.2026"."""
    found = list(periods)
    if not found:
        return "–"
    first, last = min(found, key=first_day), max(found, key=last_day)
    return period_name(first) if first == last else f"{period_name(first)} – {period_name(last)}"


def _day(day: date) -> str:
    return format_date(day, "medium", _locale())


def _month(day: date) -> str:
    return format_date(day, "MMMM yyyy", _locale())


def moment_name(seconds: int, town: Municipality) -> str:
    """An instant in the time of a municipality: "31.01.2026, 14:05"."""
    local = datetime.fromtimestamp(seconds, UTC).astimezone(calendar_of(town.timezone).zone)
    return format_datetime(local, "dd.MM.yyyy, HH:mm" if _locale() == "de" else "d MMM yyyy, HH:mm", locale=_locale())


def _locale() -> str:
    return "de" if current_language() == "de" else "en_GB"


def sums_of(reading: Reading, names: dict[str, str]) -> tuple[list[str], list[Sums]]:
    """The measures that a file tells, in words, and the numbers of each service by name; breakdowns by their sum."""
    found: dict[str, dict[str, int]] = {}
    for figure, number in reading.figures.items():
        numbers = found.setdefault(figure.service, {})
        numbers[figure.measure] = numbers.get(figure.measure, 0) + number
    told = [name for name in (*MEASURES, *BREAKDOWNS) if any(name in numbers for numbers in found.values())]
    rows = [Sums(names.get(slug, slug), [numbers.get(name) for name in told]) for slug, numbers in found.items()]
    return [role_name(name) for name in told], sorted(rows, key=lambda row: row.service.casefold())
