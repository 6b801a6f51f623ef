"""JSON: a list of objects, each a line; their keys are the columns."""

from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from tracker.usage.findings import JSON, Finding, UsageError, refuse
from tracker.usage.grid import MOST_COLUMNS, MOST_LINES, Cell, Line

LARGEST = 16  # MB; it is read as a whole


def looks_like_json(file: BinaryIO, encoding: str) -> bool:
    """Whether a text begins as a JSON list or object does."""
    file.seek(0)
    return file.read(200).decode(encoding, "ignore").lstrip("\ufeff \t\r\n").startswith(("[", "{"))


def json_objects(file: BinaryIO, encoding: str) -> list[dict[str, Any]]:
    """The objects of a file: a list, or an object with one list in it. Raises UsageError."""
    file.seek(0)
    content = file.read(LARGEST * 1024 * 1024 + 1)
    if len(content) > LARGEST * 1024 * 1024:
        raise refuse("large", limit=LARGEST)
    try:
        data = msgspec.json.decode(content.decode(encoding).removeprefix("\ufeff"))
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise refuse("json", detail=str(error)) from error
    if isinstance(data, dict):
        lists = [value for value in data.values() if isinstance(value, list)]
        data = lists[0] if len(lists) == 1 else data
    if not isinstance(data, list) or not all(isinstance(item, dict) for item in data):
        raise refuse("json_list")
    if len(data) > MOST_LINES:
        raise refuse("rows_many", limit=MOST_LINES)
    return data


def json_lines(objects: list[dict[str, Any]]) -> Iterator[Line]:
    """The keys of all objects as line 0, then the objects; raises UsageError for a list or an object in one."""
    keys = list(dict.fromkeys(key for item in objects for key in item))[:MOST_COLUMNS]
    if keys:
        yield Line(0, tuple(keys))
    for number, item in enumerate(objects, 1):
        cells = tuple(_cell(item.get(key), number, key) for key in keys)
        if any(cell is not None for cell in cells):
            yield Line(number, cells)


def _cell(value: object, number: int, key: str) -> Cell:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return value
    raise UsageError(Finding("json_value", number, column=key, kind=JSON))
