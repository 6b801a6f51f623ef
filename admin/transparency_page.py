"""What the public pages of a municipality say, out of its released files."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from admin.i18n import change, current_language, day, number, t
from admin.opendata.indexes import BUDGET
from admin.opendata.licences import LICENCES, Licence
from admin.opendata.manifest import INDEX, Manifest
from admin.opendata.tables import BY_NAME, Words
from admin.tables import Order
from admin.transparency_charts import (
    CHARTS,
    SERVICE_CHARTS,
    Chart,
    attempts_of,
    chart_of,
    has_forms,
    month_name,
    months_text,
    name_of,
    rated,
    ratings_in,
    sums_over,
)
from admin.transparency_figures import ABOUT, NOTHING, Figure, Mean, mean_of, share, share_text, sum_of
from admin.transparency_figures import change as change_between
from admin.transparency_files import Book, Row, days_of, figure, month_end, rows
from admin.transparency_svg import Spark, spark

CATALOGUES = ("catalog.jsonld", "catalog.ttl", "catalog.rdf")
SORTS = ("name", "views", "started", "submitted", "completion")
_PAGES = 20  # single pages that are shown


class Line(NamedTuple):
    """A service in the table: figures of the last month, change and trend. Attempts None where it has no form."""

    slug: str
    name: str
    views: Figure
    started: Figure | None
    submitted: Figure | None
    completion: float | None
    completion_text: str
    change: str
    trend: list[Spark]


def services_of(book: Book, order: Order) -> list[Line]:
    """The services of the last month in the order that the reader chose."""
    if not book.months:
        return []
    before = compared(book)
    lines = [_line(book, slug, before) for slug in days_of(book, book.months[-1]).services]
    keys: Mapping[str, Callable[[Line], Any]] = {
        "name": lambda line: line.name.casefold(),
        "views": lambda line: _size(line.views),
        "started": lambda line: (_size(line.started), _size(line.views)),
        "submitted": lambda line: _size(line.submitted),
        "completion": lambda line: -1.0 if line.completion is None else line.completion,
    }
    lines.sort(key=lambda line: line.name.casefold())
    return sorted(lines, key=keys[order.sort], reverse=order.descending)


def margin_of(lines: Sequence[Line]) -> int:
    """By how much a figure of the table marked as changed may differ at most, in about 95 of 100 cases."""
    found = [figure for line in lines for figure in (line.views, line.started, line.submitted) if figure is not None]
    return max((one.margin for one in found if one.state == ABOUT), default=0)


def _size(found: Figure | None) -> int:
    return found.value if found is not None and found.known else -1


def _line(book: Book, slug: str, before: Manifest | None) -> Line:
    found = days_of(book, book.months[-1]).services[slug]
    forms = has_forms(book, slug)
    main = "started" if found.sums["started"].known and forms else "views"
    values = [_of(book, release, slug, main) for release in book.months]
    now, then = found.sums[main], _of(book, before, slug, main) if before else NOTHING
    attempts = attempts_of(found.sums)
    started, submitted = attempts["started"], attempts["submitted"]
    return Line(
        slug,
        found.name,
        found.sums["views"],
        started if forms else None,
        submitted if forms else None,
        share(submitted, started) if forms else None,
        share_text(submitted, started) if forms else "",
        change_text(now, then),
        spark([float(value.value) if value.known else None for value in values]),
    )


def _of(book: Book, release: Manifest, slug: str, measure: str) -> Figure:
    found = days_of(book, release).services.get(slug)
    return figure(found.sums if found else None, measure)


def change_text(now: Figure, then: Figure) -> str:
    """ "+12 %", "kaum verändert" where noise explains it, "" where nobody can tell."""
    ratio = change_between(now, then).ratio
    if ratio is None:
        return ""
    return change(ratio) if ratio else t("transparency.unchanged")


def compared(book: Book) -> Manifest | None:
    """The month with which the last one is compared: the same of last year, else the one before; both whole."""
    if not book.months or not _whole(book, book.months[-1]):
        return None
    last = book.months[-1].first
    year = next((row for row in book.months if row.first == last.replace(year=last.year - 1)), None)
    before = next((row for row in book.months if month_end(row.first) == last - timedelta(days=1)), None)
    return next((row for row in (year, before) if row is not None and _whole(book, row)), None)


def _whole(book: Book, release: Manifest) -> bool:
    return days_of(book, release).measured("views") == month_end(release.first).day


def lead(book: Book, town: str) -> list[str]:
    """What the last month was like, in sentences."""
    if not book.months:
        return [t("transparency.lead_days", town=town, first=day(book.first))]
    release = book.months[-1]
    found = days_of(book, release)
    attempts = sums_over([service.sums for service in found.services.values()])
    visits = sums_over(list(found.by_day.values()))
    month = month_name(release.first)
    said = []
    started, submitted = figure(attempts, "started"), figure(attempts, "submitted")
    if started.value and started.known:
        key = "transparency.lead_attempts" if submitted.known else "transparency.lead_started"
        said.append(t(key, month=month, town=town, started=_words(started), submitted=_words(submitted)))
    for measure in ("visits", "views"):
        count = figure(visits, measure)
        if count.known:
            said.append(t(f"transparency.lead_{measure}", month=month, town=town, count=_words(count)))
            break
    return said or [t("transparency.lead_nothing", month=month)]


def _words(found: Figure) -> str:
    """A number within a sentence, no more exact than it is: "rund 1.200"."""
    if found.state in ("exact", "least"):
        return t(f"transparency.words_{found.state}", number=number(found.value))
    digits = len(str(found.margin)) - 1
    return t("transparency.words_about", number=number(round(found.value, -digits)))


def charts_of(book: Book, slug: str = "") -> dict[str, Chart | None]:
    """The charts of the municipality, or of a service, by kind; None for one that has nothing to show."""
    names = [f"{kind}-{slug}" for kind in SERVICE_CHARTS] if slug else list(CHARTS)
    return {name.partition("-")[0]: chart_of(book, name) for name in names}


def websites_of(book: Book) -> list[tuple[str, Figure, Figure]]:
    """Host, visits and views of each website in the last month."""
    if not book.months:
        return []
    found = days_of(book, book.months[-1]).sites
    return [(host, figure(sums, "visits"), figure(sums, "views")) for host, sums in found.items()]


def pages_of(book: Book) -> list[Row]:
    """The single pages of the last month that have a number, the most viewed first."""
    found = rows(book, book.months[-1], "page-month") if book.months else []
    shown = sorted((row for row in found if row["views"] is not None), key=lambda row: row["views"], reverse=True)
    return shown[:_PAGES]


class Feedback(NamedTuple):
    """The newest ratings of a service that may be told."""

    slug: str
    name: str
    period: str
    ratings: Figure
    mean: Mean


def feedback_of(book: Book) -> list[Feedback]:
    """The newest ratings of each service, the most rated first."""
    found = [_feedback(slug, row["service_name"] or slug, release, row) for slug, (release, row) in rated(book).items()]
    return sorted(found, key=lambda line: (-line.ratings.value, line.name.casefold()))


def _feedback(slug: str, name: str, release: Manifest, row: Row) -> Feedback:
    counts = ratings_in(release, row)
    return Feedback(slug, name, months_text(row), sum_of(counts), mean_of(counts))


def ratings_of(book: Book, slug: str) -> list[Feedback]:
    """All published ratings of a service, the newest first."""
    found = []
    for release in reversed(book.months):
        for row in rows(book, release, "service-feedback-month"):
            if row["service"] == slug and row["ratings"] is not None:
                found.append(_feedback(slug, name_of(book, slug), release, row))
    return found


def service_of(book: Book, slug: str) -> dict[str, Any] | None:
    """A service on its page; None where no month tells of it."""
    found = [service for release in reversed(book.months) if (service := days_of(book, release).services.get(slug))]
    if not found:
        return None
    last = days_of(book, book.months[-1]).services.get(slug)
    forms = has_forms(book, slug)
    figures = {**(attempts_of(last.sums) if forms else {}), "views": last.sums["views"]} if last else {}
    return {
        "slug": slug,
        "name": found[0].name,
        "month": month_name(book.months[-1].first),
        "figures": list(figures.items()),
        "completion": share_text(figures["submitted"], figures["started"]) if last and forms else "",
        "forms": forms,
    }


class Outage(NamedTuple):
    """Days of a site that were not measured."""

    site: str
    text: str


def outages_of(book: Book) -> list[Outage]:
    """The days that were not measured in the months and days shown, the latest first."""
    days: dict[str, set[date]] = defaultdict(set)
    for release in (*book.months, *book.days):
        for site, missing in release.missing.items():
            days[site] |= {found for one in missing if (found := date.fromisoformat(one)) >= book.first}
    spans = [(first, last, site) for site, some in days.items() for first, last in _spans(sorted(some))]
    return [
        Outage(site, day(first) if first == last else f"{day(first)} – {day(last)}")
        for first, last, site in sorted(spans, reverse=True)
    ]


def _spans(days: Sequence[date]) -> list[tuple[date, date]]:
    found: list[tuple[date, date]] = []
    for one in days:
        if found and found[-1][1] == one - timedelta(days=1):
            found[-1] = (found[-1][0], one)
            continue
        found.append((one, one))
    return found


class Way(NamedTuple):
    """How numbers were protected, since a period that is shown. `numbers` are texts."""

    key: str
    since: str
    numbers: Mapping[str, str]


_WAYS = {
    "cell-key": "cell_key",
    "cell-key-wide": "cell_key",
    "threshold": "threshold",
    "differential-privacy": "privacy",
}


def ways_of(book: Book) -> list[Way]:
    """The methods of protection of what is shown, the one in force first."""
    found: dict[str, Way] = {}
    for release in sorted((*book.months, *book.days), key=lambda row: row.first):
        method = release.method
        name = str(method.get("name", ""))
        if name not in found:
            found[name] = Way(_WAYS.get(name, "other"), day(release.first), _numbers(method.get("parameters", {})))
    newest = str(book.newest.method.get("name", ""))
    return sorted(found.values(), key=lambda way: way != found[newest])


def _numbers(parameters: Mapping[str, Any]) -> dict[str, str]:
    names = ("deviation", "smallest", "threshold", "base", "epsilon", "limit")
    shown = {name: number(float(parameters[name])) for name in names if name in parameters}
    wide = [number(float(row["deviation"])) for row in parameters.get("exceptions", {}).values()]
    return {**dict.fromkeys(names, ""), **shown, "wide": max(wide, default="")}


class Download(NamedTuple):
    """A table of a release with its files."""

    title: str
    description: str
    files: tuple[tuple[str, str, int], ...]


def downloads_of(release: Manifest, base: str) -> list[Download]:
    """The tables of a release: of each file its kind, address and size."""
    shown = []
    for row in release.tables:
        table = BY_NAME.get(row.name)
        files = tuple((file.format.upper(), f"{base}/{release.path}/{file.name}", file.bytes) for file in row.files)
        title = in_words(table.title) if table else row.name
        shown.append(Download(title, in_words(table.description) if table else "", files))
    return shown


def in_words(words: Words) -> str:
    """A text of the publication in the reader's language."""
    return words.en if current_language() == "en" else words.de


def others_of(book: Book, base: str) -> list[tuple[str, str]]:
    """The files beside the releases that exist: (key of its text, address)."""
    names = (("index", INDEX), *((name.replace(".", "_"), name) for name in CATALOGUES), ("budget", BUDGET))
    return [(key, f"{base}/{name}") for key, name in names if name in book.beside]


def licence_of(release: Manifest) -> Licence:
    """The licence of a release; its address alone where it is none of the list."""
    known = next((row for row in LICENCES.values() if row.iri == release.licence), None)
    return known or Licence(release.licence, Words(release.licence, release.licence))


def source_of(release: Manifest) -> str:
    """The line that names the source: "Quelle: Marburg, Datenlizenz Deutschland – …"."""
    named = release.attribution or release.publisher.name
    return t("transparency.source", publisher=named, licence=in_words(licence_of(release).title))
