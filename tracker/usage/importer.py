"""Check or import one file of totals for a municipality: the same way for commands, the admin area and programs."""

import time
from datetime import date
from sqlite3 import Connection
from typing import BinaryIO, NamedTuple

from tracker.calendar import calendar_of, day_date
from tracker.store.catalogue import Municipality
from tracker.store.services import Services
from tracker.store.usage import ImportedFrom, Replaced, Usage
from tracker.usage.figures import Expected, Reading
from tracker.usage.findings import UsageError
from tracker.usage.layout import Connector, Layout
from tracker.usage.names import Names
from tracker.usage.opening import open_grid
from tracker.usage.reading import read


class Source(NamedTuple):
    """A file to import: its content, the name it had, how it came, and the period that it is about, if known."""

    file: BinaryIO
    name: str
    via: str
    span: int | None = None


class Imported(NamedTuple):
    """What a file held, and what became of it; `replaced` is None if nothing was imported."""

    reading: Reading
    replaced: Replaced | None


def today_in(town: Municipality) -> date:
    """The local day of a municipality."""
    return day_date(calendar_of(town.timezone).moment(int(time.time() * 1000)).day)


def check_file(connection: Connection, town: Municipality, layout: Layout, source: Source) -> Reading:
    """What a file holds by a layout, with everything that is wrong; raises UsageError if it cannot be read at all."""
    expected = Expected(Names(Services(connection).all(town.id)), today_in(town), source.span)
    return read(open_grid(source.file, layout.sheet), layout, expected)


def import_file(connection: Connection, town: Municipality, connector: Connector, source: Source) -> Imported:
    """Import a file with a connector if nothing is wrong with it: all of it or nothing. Raises UsageError."""
    reading = check_file(connection, town, connector.layout, source)
    if reading.findings.errors:
        return Imported(reading, None)
    about = ImportedFrom(source.name, source.via, source.span, reading.lines)
    return Imported(reading, Usage(connection).replace(town.id, connector.name, reading.figures, about))


def refused(reading: Reading) -> UsageError:
    """The error of a file that was not imported because of what was found."""
    return UsageError(*(finding for finding in reading.findings.listed if finding.blocks))
