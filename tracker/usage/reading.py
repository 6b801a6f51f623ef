"""From the lines of a file to figures, by a layout. Every problem names its line and column.

1. The header is found by the names of the columns that the layout maps.
2. Each line gives its period, service, channel and numbers; totals, notes and repeated headers are left out, and said.
3. A breakdown (sign-in, payment …) counts the attempts of its line: the number mapped for that, else those started,
   else those submitted, else the first number that it has.
4. Figures of the same service, period, channel, measure and code are added up.
"""

from tracker.usage.asides import Asides
from tracker.usage.figures import Expected, Figure, Reading
from tracker.usage.findings import Finding, UsageError
from tracker.usage.grid import Grid, Line
from tracker.usage.header import find_header, head_of
from tracker.usage.layout import COUNT, MEASURES, Layout, Number
from tracker.usage.linereader import LeftOut, LineReader, Row
from tracker.usage.periods import is_day, written

MOST_FIGURES = 500_000


def read(grid: Grid, layout: Layout, expected: Expected) -> Reading:
    """Read all lines of a file; raises UsageError where its header cannot be found."""
    header = find_header(head_of(grid), layout.columns, layout.header_rows)
    reading = Reading(header)
    if not layout.column("period") and not layout.column("from") and expected.span is None:
        reading.findings.add(Finding("no_period"))
        return reading
    try:
        _read_lines(grid, layout, expected, reading)
    except UsageError as error:
        for finding in error.findings:
            reading.findings.add(finding)
    _refuse_mixed(reading)
    if not reading.figures and not reading.findings.errors:
        reading.findings.add(Finding("empty"))
    return reading


def _read_lines(grid: Grid, layout: Layout, expected: Expected, reading: Reading) -> None:
    reader = LineReader(grid, layout, expected, reading)
    asides = Asides(layout, reader.columns, expected.names)
    begin = reading.header.begin + reading.header.rows
    for place, line in enumerate(grid.lines()):
        if place < begin:
            continue
        if aside := asides.of(line):
            reader.say(line, *aside)
            reading.left_out += 1
            continue
        try:
            row = reader.row(line)
        except LeftOut:
            reading.left_out += 1
            continue
        if row is not None:
            _add(reading, row)
            _doubt(reader, line, row)


def _refuse_mixed(reading: Reading) -> None:
    """Note services that have figures of a month and of days of it, which would count twice."""
    told = {(figure.service, figure.period) for figure in reading.figures}
    for service, period in sorted({(slug, period // 100) for slug, period in told if is_day(period)} & told):
        reading.findings.add(Finding("mixed", values={"service": service, "value": written(period)}))


def _add(reading: Reading, row: Row) -> None:
    reading.lines += 1
    for number, count in row.counts.items():
        if number.measure != COUNT:
            reading.add(Figure(row.service, row.period, number.channel, number.measure, number.code), count)
    for channel, count in _attempts(row.counts).items():
        for kind, code in row.codes:
            reading.add(Figure(row.service, row.period, channel, kind, code), count)
    if len(reading.figures) > MOST_FIGURES:
        raise UsageError(Finding("many_figures", values={"limit": MOST_FIGURES}))


def _attempts(counts: dict[Number, int]) -> dict[str, int]:
    """Channel → the attempts of a line: of COUNT or the first measure, in the order of MEASURES, that it tells."""
    found: dict[str, int] = {}
    for measure in (COUNT, *MEASURES):
        for number, count in counts.items():
            if number.measure == measure:
                found.setdefault(number.channel, count)
    return found


def _doubt(reader: LineReader, line: Line, row: Row) -> None:
    """Say where more ended than began."""
    started = sum(count for number, count in row.counts.items() if number.measure == "started")
    ended = sum(count for number, count in row.counts.items() if number.measure in MEASURES[1:])
    if started and ended > started:
        reader.say(line, "implausible", None, ended=ended, started=started)
