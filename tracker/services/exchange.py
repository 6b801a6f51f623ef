"""The catalogue of a municipality as a file, CSV or JSON, and back without loss. docs/services.md tells the columns.

A column or key that a file leaves out keeps what the catalogue has, so that a file may hold one column for many
services.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import msgspec

from tracker.formula import SIGNS
from tracker.services.fields import COLUMNS, from_fields, keep, to_fields
from tracker.services.rules import Problem, ServiceError, conflicts, problem, problems
from tracker.services.service import Form, Service, Step

LARGEST = 4 * 1024 * 1024  # bytes of a file
LINE, ITEM = "line", "service"
BOM = "\ufeff"
_HARMLESS = re.compile(f"'*[{SIGNS}]")
_GUARDED = re.compile(f"'+[{SIGNS}]")
_LEIKA = re.compile("(..)(...)(...)(...)(...)")
_NEW = Service("", "")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong in one place of a file: the line of a CSV, the number of a service in JSON; 0: the whole file."""

    place: int
    slug: str
    problem: Problem


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a file holds. With findings, nothing of it may be kept. `unit`: what the places of findings count."""

    services: tuple[Service, ...]
    findings: tuple[Finding, ...]
    unit: str = LINE


class _UnreadableError(Exception):
    """A record from which on a file is no CSV; `line` is its first line."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.line = line


def to_csv(services: Iterable[Service]) -> str:
    """The services as CSV (RFC 4180) with semicolons and a byte order mark, as German spreadsheets open it.

    No cell begins as a formula does: an apostrophe stands before it, which the import takes away. The LeiKa key has
    blanks, because a spreadsheet rounds 14 digits.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";")
    writer.writerow(COLUMNS)
    for service in services:
        cells = to_fields(service)
        cells["leika"] = _LEIKA.sub(r"\1 \2 \3 \4 \5", cells["leika"])
        writer.writerow([guarded(cells[name]) for name in COLUMNS])
    return BOM + buffer.getvalue()


def to_json(services: Iterable[Service]) -> str:
    """The services as JSON: {"services": […]}, with the fields of Service."""
    return msgspec.json.format(msgspec.json.encode({"services": list(services)})).decode() + "\n"


def guarded(text: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{text}" if _HARMLESS.match(text) else text


def unguarded(cell: str) -> str:
    """The text of a guarded cell."""
    return cell[1:] if _GUARDED.match(cell) else cell


def read_file(name: str, content: bytes, present: Sequence[Service]) -> Parsed:
    """The services in a file, JSON if its name ends so or it looks so, else CSV; `present` is the catalogue."""
    try:
        text = decode(content)
    except ServiceError as error:
        return Parsed((), tuple(Finding(0, "", broken) for broken in error.problems))
    is_json = name.lower().endswith(".json") or text.lstrip().startswith(("{", "["))
    return (from_json if is_json else from_csv)(text, present)


def decode(content: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 with its mark or Windows-1252; raises ServiceError when it is none."""
    encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            return content.decode(encoding).removeprefix(BOM)
        except UnicodeDecodeError:
            continue
    raise ServiceError([problem("", "encoding")])


def from_csv(text: str, present: Sequence[Service] = ()) -> Parsed:
    """The services in a CSV with semicolons, commas or tabs."""
    text = text.removeprefix(BOM)
    try:
        rows = list(_rows(text))
    except _UnreadableError as error:
        return Parsed((), (Finding(error.line, "", problem("", "csv", detail=str(error))),))
    if not rows:
        return _refused("csv_empty")
    header = [cell.strip().lower() for cell in rows[0][1]]
    if broken := _header_problem(header):
        return Parsed((), (Finding(rows[0][0], "", broken),))
    return _collected(((place, _of_row(header, cells)) for place, cells in rows[1:]), present)


def _refused(rule: str, **values: object) -> Parsed:
    return Parsed((), (Finding(0, "", problem("", rule, **values)),))


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """(first line, cells) of every record that is not blank."""
    first, _, rest = text.partition("\n")
    named = re.fullmatch(r"sep=(.)\r?", first)
    delimiter = named[1] if named else max(";,\t", key=first.count)
    skipped = 1 if named else 0
    reader = csv.reader(io.StringIO(rest if named else text, newline=""), delimiter=delimiter, strict=True)
    begin = skipped + 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield begin, cells
            begin = skipped + reader.line_num + 1
    except csv.Error as error:
        raise _UnreadableError(str(error), begin) from error


def _header_problem(header: list[str]) -> Problem | None:
    known = ", ".join(COLUMNS)
    if "slug" not in header:
        return problem("", "csv_no_slug", known=known)
    for place, name in enumerate(header):
        if name not in COLUMNS:
            return problem("", "csv_column", value=name, known=known)
        if name in header[:place]:
            return problem("", "csv_column_twice", value=name)
    return None


_Found = tuple[str, Callable[[Service], tuple[Service, list[Problem]]]]  # slug; service in the catalogue → new one


def _of_row(header: list[str], cells: list[str]) -> _Found:
    texts = {name: unguarded(cell) for name, cell in zip(header, cells, strict=False)}
    too_many = len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :])

    def change(before: Service) -> tuple[Service, list[Problem]]:
        service, broken = from_fields({**to_fields(before), **texts})
        if too_many:
            broken = [problem("", "csv_cells", count=len(cells), limit=len(header)), *broken]
        return service, broken

    return texts.get("slug", "").strip(), change


def from_json(text: str, present: Sequence[Service] = ()) -> Parsed:
    """The services in a JSON file."""
    try:
        data = msgspec.json.decode(text.removeprefix(BOM))
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError) as error:
        return _refused("json", detail=str(error))
    items = data.get("services") if isinstance(data, dict) else data
    if not isinstance(items, list):
        return _refused("json_list")
    return replace(_collected(((place, _of_item(item)) for place, item in enumerate(items, 1)), present), unit=ITEM)


def _of_item(item: object) -> _Found:
    slug = item["slug"].strip() if isinstance(item, dict) and isinstance(item.get("slug"), str) else ""

    def change(before: Service) -> tuple[Service, list[Problem]]:
        if not isinstance(item, dict):
            return _NEW, [problem("", "json_list")]
        if unknown := _unknown_key(item):
            return replace(_NEW, slug=slug), [unknown]
        try:
            service = keep(msgspec.convert({**msgspec.to_builtins(before), **item}, Service))
        except msgspec.ValidationError as error:
            return replace(_NEW, slug=slug), [problem("", "json_value", detail=str(error))]
        return service, problems(service)

    return slug, change


def _unknown_key(item: dict[str, Any]) -> Problem | None:
    """The first key of a service, its forms or their steps that none of them has."""
    forms = _objects([item], "forms")
    for objects, kind in (([item], Service), (forms, Form), (_objects(forms, "steps"), Step)):
        known = [field.name for field in fields(kind)]
        for name in (name for found in objects for name in found):
            if name not in known:
                return problem("", "json_key", value=name, known=", ".join(known))
    return None


def _objects(owners: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    lists = (owner.get(key) for owner in owners)
    return [found for owned in lists if isinstance(owned, list) for found in owned if isinstance(found, dict)]


def _collected(found: Iterable[tuple[int, _Found]], present: Sequence[Service]) -> Parsed:
    """Each service on top of what the catalogue has, checked by itself and together with all others."""
    known = {service.slug: service for service in present}
    services: dict[str, Service] = {}
    places: dict[str, int] = {}
    findings: list[Finding] = []
    for place, (slug, change) in found:
        service, broken = change(known.get(slug, _NEW))
        if service.slug in services:
            broken = [problem("slug", "slug_twice", value=service.slug), *broken]
        findings += [Finding(place, service.slug, rule) for rule in broken]
        places.setdefault(service.slug, place)
        services.setdefault(service.slug, service)
    others = [service for service in present if service.slug not in services]
    findings += [Finding(places.get(slug, 0), slug, rule) for slug, rule in conflicts([*others, *services.values()])]
    return Parsed(tuple(services.values()), tuple(sorted(findings, key=lambda finding: finding.place)))
