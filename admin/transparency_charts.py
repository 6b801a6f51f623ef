"""The charts of the public page: what each shows, out of released files alone. One row each in CHARTS."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from babel import Locale
from babel.dates import format_date, format_skeleton

from admin.i18n import current_language, day, has_text, number, t
from admin.labels import label
from admin.opendata.manifest import Manifest
from admin.transparency_figures import Figure, cell, noise_of, sum_of
from admin.transparency_files import Book, Row, Sums, days_of, figure, month_end, rows
from admin.transparency_svg import NARROW, WIDE, Bars, Columns, Mark, bars, columns

OVER_TIME, BY_SIZE = "columns", "bars"
ATTEMPTS = ("started", "submitted", "abandoned", "other_ends")
RATINGS = tuple(f"rating_{n}" for n in range(5, 0, -1))


class Point(NamedTuple):
    """One place of a chart with a figure for each column of its table. `note` tells what is special about it."""

    label: str
    tick: str
    figures: tuple[Figure, ...]
    note: str = ""
    partial: bool = False


class Chart(NamedTuple):
    """A chart and its table, which show the same. `columns`: headings of the figures, of which the first is drawn.

    `whole`: every row has its place; else bars are drawn only for those that have a length.
    """

    name: str
    title: str
    kind: str
    heading: str
    columns: tuple[str, ...]
    points: tuple[Point, ...]
    period: str
    whole: bool = False

    @property
    def marks(self) -> list[Mark]:
        """What is drawn."""
        every = self.whole or self.kind == OVER_TIME
        drawn = [point for point in self.points if every or point.figures[0].value]
        return [_mark(point) for point in drawn or self.points]

    def drawing(self, width: int) -> Columns | Bars:
        """The chart in a width."""
        return columns(self.marks, width) if self.kind == OVER_TIME else bars(self.marks, width)

    @property
    def drawings(self) -> list[Columns | Bars]:
        """The chart for a wide page and for a narrow one; bars by size only in the narrow form, of which two fit."""
        return [self.drawing(width) for width in ((WIDE, NARROW) if self.kind == OVER_TIME else (NARROW,))]


def _mark(point: Point) -> Mark:
    """A point as it is drawn; a sum that only says "at least" is drawn as one of a part of the days."""
    drawn = point.figures[0]
    text = f"{drawn.text} {drawn.spread}".strip()
    value = float(drawn.value) if drawn.known else None
    margin = drawn.margin if drawn.known and not drawn.hidden else 0
    return Mark(point.label, text, point.tick, value, margin, point.partial or bool(drawn.hidden))


def month_name(first: date) -> str:
    """ "September 2026"."""
    return format_skeleton("yMMMM", first, locale=_locale())


def _locale() -> Locale:
    return Locale("de") if current_language() == "de" else Locale("en", "GB")


def _months(book: Book, sums: Callable[[Manifest], Sums | None], measures: Sequence[str]) -> tuple[Point, ...]:
    """A place for each month that was published, with what the days of it add up to."""
    points = []
    for release in book.months:
        counted, whole = days_of(book, release).measured("views"), month_end(release.first).day
        note = t("transparency.days_of", days=number(counted), whole=number(whole)) if counted < whole else ""
        found = sums(release)
        tick = format_date(release.first, "MMM yy", _locale())
        limited = attempts_of(found)
        figures = tuple(limited.get(measure) or figure(found, measure) for measure in measures)
        points.append(Point(month_name(release.first), tick, figures, note, bool(note)))
    return tuple(points)


def _titles(measures: Iterable[str]) -> tuple[str, ...]:
    return tuple(t(f"transparency.measure_{measure}") for measure in measures)


def _span(book: Book) -> str:
    if not book.months:
        return ""
    first, last = month_name(book.months[0].first), month_name(book.months[-1].first)
    return first if first == last else f"{first} – {last}"


def _over_months(
    book: Book, name: str, title: str, measures: tuple[str, ...], sums: Callable[[Manifest], Sums | None]
) -> Chart | None:
    points = _months(book, sums, measures)
    known = [place for place, _ in enumerate(measures) if any(point.figures[place].known for point in points)]
    if not known:
        return None
    kept = tuple(point._replace(figures=tuple(point.figures[place] for place in known)) for point in points)
    headings = _titles(measures[place] for place in known)
    return Chart(name, title, OVER_TIME, t("transparency.month"), headings, kept, _span(book))


def attempts_of(sums: Sums | None) -> dict[str, Figure]:
    """The figures of attempts: no more can have ended in any way than were begun."""
    begun = figure(sums, "started")
    ends = {measure: figure(sums, measure).within(begun) for measure in ATTEMPTS[1:]}
    return {ATTEMPTS[0]: begun, **ends}


def _attempts(book: Book, name: str, _slug: str) -> Chart | None:
    """The attempts of all services by month."""
    return _over_months(book, name, t("transparency.chart_attempts"), ATTEMPTS, lambda row: _all_services(book, row))


def _all_services(book: Book, release: Manifest) -> Sums:
    return sums_over([service.sums for service in days_of(book, release).services.values()])


def sums_over(some: Sequence[Sums]) -> Sums:
    """Several sums as one."""
    names = some[0] if some else ()
    return {name: sum_of([sums[name] for sums in some]) for name in names}


def _visits(book: Book, name: str, _slug: str) -> Chart | None:
    """Visits and views of all websites by month."""

    def sums(release: Manifest) -> Sums:
        return sums_over(list(days_of(book, release).by_day.values()))

    return _over_months(book, name, t("transparency.chart_visits"), ("visits", "views"), sums)


def _days(book: Book, name: str, _slug: str) -> Chart | None:
    """Visits and views of all websites by day."""
    measures = ("visits", "views")
    found = [(release.first, days_of(book, release).by_day.get(release.period)) for release in book.days]
    points = [
        Point(
            format_skeleton("yMMMEd", first, locale=_locale()),
            format_skeleton("Md", first, locale=_locale()),
            tuple(figure(sums, measure) for measure in measures),
        )
        for first, sums in found
    ]
    known = [place for place in (0, 1) if any(point.figures[place].known for point in points)]
    if not known:
        return None
    kept = tuple(point._replace(figures=tuple(point.figures[place] for place in known)) for point in points)
    headings = _titles(measures[place] for place in known)
    period = f"{day(found[0][0])} – {day(found[-1][0])}"
    return Chart(name, t("transparency.chart_days"), OVER_TIME, t("transparency.day"), headings, kept, period)


def _property(table: str, column: str, dim: str) -> Callable[[Book, str, str], Chart | None]:
    """The visits of all websites in the last month by a property of them."""

    def chart(book: Book, name: str, _slug: str) -> Chart | None:
        names = [(row, _name(dim, str(row[column]))) for row in _last(book, table)]
        return _by_size(book, name, t(f"transparency.chart_{name}"), table, ("visits", "views"), names)

    return chart


def _codes(table: str, column: str) -> Callable[[Book, str, str], Chart | None]:
    """The attempts of a service in the last month by a code that its form told."""

    def chart(book: Book, name: str, slug: str) -> Chart | None:
        some = [row for row in _last(book, table) if row["service"] == slug]
        names = [(row, t(f"service_report.{column}_{row[column]}")) for row in some if row["attempts"] != 0]
        title = t(f"transparency.chart_{name.partition('-')[0]}", service=name_of(book, slug))
        return _by_size(book, name, title, table, ("attempts",), names)

    return chart


def _by_size(
    book: Book, name: str, title: str, table: str, measures: tuple[str, ...], found: Sequence[tuple[Row, str]]
) -> Chart | None:
    """Rows of the last month, the largest first; what is left over last."""
    noise = [noise_of(book.months[-1].method, table, measure) for measure in measures] if found else []
    points = [
        Point(text, "", tuple(cell(row, *pair) for pair in zip(measures, noise, strict=True))) for row, text in found
    ]
    known = [place for place, _ in enumerate(measures) if any(point.figures[place].known for point in points)]
    if not known:
        return None
    kept = [point._replace(figures=tuple(point.figures[place] for place in known)) for point in points]
    kept.sort(key=lambda point: point.figures[0].value if point.figures[0].known else -1, reverse=True)
    headings = _titles(measures[place] for place in known)
    period = month_name(book.months[-1].first)
    return Chart(name, title, BY_SIZE, t(f"transparency.column_{table}"), headings, tuple(kept), period)


def _last(book: Book, table: str) -> list[Row]:
    return rows(book, book.months[-1], table) if book.months else []


def _name(dim: str, key: str) -> str:
    """A published key in words."""
    if has_text(f"transparency.{dim}_{key}"):
        return t(f"transparency.{dim}_{key}")
    return label(dim, key)


def name_of(book: Book, slug: str) -> str:
    """The newest published name of a service; the slug where there is none."""
    for release in reversed(book.months):
        found = days_of(book, release).services.get(slug)
        if found:
            return found.name
    return slug


def has_forms(book: Book, slug: str) -> bool:
    """Whether attempts of a service can be counted at all: only such services are in the table of sign-in types."""
    return any(row["service"] == slug for row in _last(book, "service-auth-month"))


def _service(book: Book, name: str, slug: str) -> Chart | None:
    """The use of a service by month."""
    measures = (*ATTEMPTS, "views") if has_forms(book, slug) else ("views",)

    def sums(release: Manifest) -> Sums | None:
        found = days_of(book, release).services.get(slug)
        return found.sums if found else None

    return _over_months(book, name, t("transparency.chart_service", service=name_of(book, slug)), measures, sums)


def _steps(book: Book, name: str, slug: str) -> Chart | None:
    """How many attempts reached each step of a service's forms in the last month, in the order of the steps."""
    table = "service-step-month"
    found = [row for row in _last(book, table) if row["service"] == slug]
    forms = len({row["form"] for row in found})
    names = [(row, f"{row['form']}: {row['step_name']}" if forms > 1 else str(row["step_name"])) for row in found]
    chart = _by_size(
        book, name, t("transparency.chart_steps", service=name_of(book, slug)), table, ("reached", "abandoned"), names
    )
    if chart is None:
        return None
    order = {text: place for place, (_, text) in enumerate(names)}
    return chart._replace(points=tuple(sorted(chart.points, key=lambda point: order[point.label])), whole=True)


def _feedback(book: Book, name: str, slug: str) -> Chart | None:
    """How often each rating was given, in the newest period that has enough of them."""
    found = rated(book).get(slug)
    if found is None:
        return None
    release, row = found
    counts = zip(RATINGS, reversed(ratings_in(release, row)), strict=True)
    points = tuple(Point(t(f"transparency.{rating}"), "", (count,)) for rating, count in counts)
    title = t("transparency.chart_feedback", service=name_of(book, slug))
    heading, columns_ = t("transparency.column_rating"), _titles(["ratings"])
    return Chart(name, title, BY_SIZE, heading, columns_, points, months_text(row), True)


def ratings_in(release: Manifest, row: Row) -> list[Figure]:
    """How often each rating from 1 to 5 was given, in a row of feedback of this release."""
    table = "service-feedback-month"
    return [cell(row, rating, noise_of(release.method, table, rating)) for rating in reversed(RATINGS)]


def rated(book: Book) -> Mapping[str, tuple[Manifest, Row]]:
    """Service → release and row of its newest feedback that has enough ratings."""
    found: dict[str, tuple[Manifest, Row]] = {}
    for release in reversed(book.months):
        for row in rows(book, release, "service-feedback-month"):
            if row["ratings"] is not None:
                found.setdefault(row["service"], (release, row))
    return found


def months_text(row: Row) -> str:
    """The period of a row of feedback: "September 2026" or "Juli 2026 – September 2026"."""
    first, last = (month_name(date.fromisoformat(f"{row[key]}-01")) for key in ("from_month", "month"))
    return first if first == last else f"{first} – {last}"


# Of the municipality by their name, of a service by name and slug: "steps-hundesteuer".
CHARTS: Mapping[str, Callable[[Book, str, str], Chart | None]] = {
    "attempts": _attempts,
    "visits": _visits,
    "days": _days,
    "devices": _property("device-month", "device", "device"),
    "origins": _property("country-group-month", "country-group", "origin"),
    "languages": _property("language-month", "language", "language"),
    "channels": _property("channel-month", "channel", "channel"),
}
SERVICE_CHARTS: Mapping[str, Callable[[Book, str, str], Chart | None]] = {
    "service": _service,
    "steps": _steps,
    "auth": _codes("service-auth-month", "auth"),
    "assurance": _codes("service-assurance-month", "assurance"),
    "payment": _codes("service-payment-month", "payment"),
    "feedback": _feedback,
}


def chart_of(book: Book, name: str) -> Chart | None:
    """The chart of a name; None where there is none, or nothing to show."""
    kind, _, slug = name.partition("-")
    table = SERVICE_CHARTS if slug else CHARTS
    return table[kind](book, name, slug) if kind in table else None
