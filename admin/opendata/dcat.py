"""What the catalogue says of tables and files: datasets and distributions by DCAT-AP.de 3.0, on top of DCAT-AP 3.0.0.

One dataset per table, period and revision: so a dataset never changes, as its files never do, and a correction is a
dataset of its own that names what it replaces. One distribution per file.
Sources: https://www.dcat-ap.de/def/dcatde/3.0/spec/, https://semiceu.github.io/DCAT-AP/releases/3.0.0/.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from babel.dates import format_date

from admin.opendata import vocabulary
from admin.opendata.due import end_of
from admin.opendata.formats import FORMATS
from admin.opendata.licences import LICENCES
from admin.opendata.manifest import DataFile, Manifest, Publisher, TableFiles
from admin.opendata.rdf import Iri, Node, Text, Typed, Value, clean, iri
from admin.opendata.tables import BY_NAME, DAY, Words

KEYWORDS = (
    Words("Online-Dienste", "online services"),
    Words("Nutzungsstatistik", "usage statistics"),
    Words("Verwaltungsdigitalisierung", "digital government"),
    Words("Kommune", "municipality"),
)
PROTECTED = Words(
    "Kleine Zahlen sind zum Schutz einzelner Menschen verändert oder weggelassen; jeder Wert trägt seinen Status.",
    "Small numbers are changed or left out so that nobody can be recognised; every value has its status.",
)
SIMULATED = Words("simulierte Daten", "simulated data")
_AUTHORITY = {row.ending: row.authority for row in FORMATS}
_DEMANDING = {row.iri for row in LICENCES.values() if row.attribution}
_PAGE, _BESIDE = "index.html", ("release.json", "datapackage.json", "SHA256SUMS")  # of a release
Said = list[tuple[str, Value]]


class Town(NamedTuple):
    """Where a municipality publishes, `root` with a slash at its end, who it is today, and whether it is made up."""

    root: str
    publisher: Publisher
    simulated: bool = False

    def at(self, name: str) -> str:
        """The address of a file; of something within the catalogue if the name begins with #."""
        return f"{self.root}{name}"


def dataset(town: Town, path: str, table: str) -> str:
    """The IRI of a table of a release, which leads to its place on the page of the release."""
    return town.at(f"{path}/#{table}")


def series(town: Town, table: str) -> str:
    """The IRI of all datasets of a table together."""
    return town.at(f"#{table}")


def datasets(town: Town, chosen: Iterable[Manifest], releases: Sequence[Manifest]) -> list[Node]:
    """What is said of the tables and files of the `chosen` of the `releases` of a month."""
    known = {(row.path, table.name) for row in releases for table in row.tables}
    found: list[Node] = []
    licences: set[str] = set()
    media_types: dict[str, str] = {}
    for release in chosen:
        found += _release(town, release)
        licences.add(release.licence)
        for table in release.tables:
            found += _table(town, release, table, known)
            media_types |= {file.format: file.media_type for file in table.files}
    found += [Node(iri(licence), ("dct:LicenseDocument",), ()) for licence in sorted(licences)]
    return found + _media_types(media_types)


def _media_types(media_types: dict[str, str]) -> list[Node]:
    found = []
    for ending, media_type in sorted(media_types.items()):
        found.append(Node(f"{vocabulary.MEDIA_TYPE}{media_type}", ("dct:MediaType",), ()))
        if ending in _AUTHORITY:
            found.append(Node(f"{vocabulary.FILE_TYPE}{_AUTHORITY[ending]}", ("dct:MediaTypeOrExtent",), ()))
    return found


def _release(town: Town, release: Manifest) -> list[Node]:
    """What the datasets of a release share: the period and the files beside the tables."""
    return [
        period_node(_part(town, release, "period"), release.first, last_day(release)),
        Node(town.at(f"{release.path}/{_PAGE}"), ("foaf:Document",), ()),
        *(Node(town.at(f"{release.path}/{name}"), ("rdfs:Resource",), ()) for name in _BESIDE),
    ]


def _table(town: Town, release: Manifest, table: TableFiles, known: set[tuple[str, str]]) -> list[Node]:
    """A dataset with its distributions."""
    title, description = words_of(table.name)
    schema = f"{table.name}.csv-metadata.json"
    daily = table.name in BY_NAME and BY_NAME[table.name].period == DAY
    values: Said = [
        *both(
            "dct:title", title, f"{clean(town.publisher.name)}: ", _when(release.period), simulated=release.simulated
        ),
        *both("dct:description", description),
        ("dct:identifier", Text(dataset(town, release.path, table.name))),
        ("dcat:version", Text(str(release.revision))),
        ("dct:issued", Typed(release.released, "xsd:dateTime")),
        ("dct:modified", Typed(release.released, "xsd:dateTime")),
        ("dct:temporal", Iri(_part(town, release, "period"))),
        ("dct:accrualPeriodicity", Iri(vocabulary.FREQUENCY[release.kind])),
        ("dcat:temporalResolution", Typed("P1D" if daily else "P1M", "xsd:duration")),
        ("dcat:inSeries", Iri(series(town, table.name))),
        ("dcat:landingPage", Iri(town.at(f"{release.path}/{_PAGE}"))),
        *_versions(town, release, table.name, known),
        *of_the_town(town),
    ]
    values += [("dct:relation", Iri(town.at(f"{release.path}/{name}"))) for name in (*_BESIDE, schema)]
    values += [("dcat:distribution", Iri(_part(town, release, file.name))) for file in table.files]
    replaced = (_after(release), table.name) in known
    return [
        Node(dataset(town, release.path, table.name), ("dcat:Dataset",), tuple(values)),
        Node(town.at(f"{release.path}/{schema}"), ("rdfs:Resource",), ()),
        *(node for file in table.files for node in _file(town, release, title, file, replaced)),
    ]


def _versions(town: Town, release: Manifest, table: str, known: set[tuple[str, str]]) -> Said:
    """What a revision replaces and why, and what replaces it."""
    found: Said = []
    before = f"{release.period}/{release.revision - 1}"
    if (before, table) in known:
        names = ("dct:replaces", "dcat:previousVersion")
        found += [(name, Iri(dataset(town, before, table))) for name in names]
    if release.reason:
        found.append(("adms:versionNotes", Text(clean(release.reason), "de")))
    if (_after(release), table) in known:
        found.append(("dct:isReplacedBy", Iri(dataset(town, _after(release), table))))
    return found


def _after(release: Manifest) -> str:
    """Where the next revision lies, if there is one."""
    return f"{release.period}/{release.revision + 1}"


def _file(town: Town, release: Manifest, title: Words, file: DataFile, replaced: bool) -> list[Node]:
    """A distribution and its checksum."""
    own, checksum = _part(town, release, file.name), _part(town, release, f"{file.name}-sha256")
    place = Iri(town.at(f"{release.path}/{file.name}"))
    values: Said = [
        *both("dct:title", title, "", Words(file.format.upper(), file.format.upper())),
        ("dcat:accessURL", place),
        ("dcat:downloadURL", place),
        *_licence(release),
        ("dcat:mediaType", Iri(f"{vocabulary.MEDIA_TYPE}{file.media_type}")),
        ("dcat:byteSize", Typed(str(file.bytes), "xsd:nonNegativeInteger")),
        ("spdx:checksum", Iri(checksum)),
        ("dct:modified", Typed(release.released, "xsd:dateTime")),
        ("adms:status", Iri(vocabulary.DEPRECATED if replaced else vocabulary.COMPLETED)),
        *stable(),
    ]
    if file.format in _AUTHORITY:
        values.append(("dct:format", Iri(f"{vocabulary.FILE_TYPE}{_AUTHORITY[file.format]}")))
    summed: Said = [
        ("spdx:algorithm", Iri(vocabulary.SHA256)),
        ("spdx:checksumValue", Typed(file.sha256, "xsd:hexBinary")),
    ]
    return [
        Node(own, ("dcat:Distribution",), tuple(values)),
        Node(place.iri, ("rdfs:Resource",), ()),
        Node(checksum, ("spdx:Checksum",), tuple(summed)),
    ]


def _licence(release: Manifest) -> Said:
    """The licence, with how to name the source where it demands that (a must of DCAT-AP.de)."""
    licence: Said = [("dct:license", Iri(iri(release.licence)))]
    if release.licence not in _DEMANDING:
        return licence
    text = clean(release.attribution) or clean(release.publisher.name)
    return [*licence, ("dcatde:licenseAttributionByText", Text(text, "de"))]


def of_the_town(town: Town) -> Said:
    """What is alike for every dataset and series of a municipality."""
    found: Said = [pair for keyword in KEYWORDS for pair in both("dcat:keyword", keyword)]
    found += [("dct:spatial", Iri(place)) for place in vocabulary.places_of(town.publisher)]
    found += [
        ("dct:publisher", Iri(town.at("#publisher"))),
        ("dcat:theme", Iri(vocabulary.GOVERNMENT)),
        ("dct:language", Iri(vocabulary.GERMAN)),
        ("dct:accessRights", Iri(vocabulary.PUBLIC)),
        ("dcatde:politicalGeocodingLevelURI", Iri(vocabulary.MUNICIPALITY)),
        *stable(),
    ]
    contributor = vocabulary.contributor_of(town.publisher)
    if contributor:
        found.append(("dcatde:contributorID", Iri(iri(contributor))))
    if has_contact(town):
        found.append(("dcat:contactPoint", Iri(town.at("#contact"))))
    return found


def has_contact(town: Town) -> bool:
    """Whether it is said how to reach the municipality (convention 1 of DCAT-AP.de: by mail or on a page)."""
    return bool(town.publisher.email or town.publisher.website)


def stable() -> Said:
    """That it will stay; in the namespace of the EU, and as the German rules of before 3.0 spell it."""
    return [("dcatap:availability", Iri(vocabulary.STABLE)), ("r5r:availability", Iri(vocabulary.STABLE))]


def both(name: str, words: Words, before: str = "", after: Words | None = None, simulated: bool = False) -> Said:
    """A text in German and in English; what follows stands behind commas."""
    further = [text for text in (after, SIMULATED if simulated else None) if text]
    de = ", ".join([words.de, *(text.de for text in further)])
    en = ", ".join([words.en, *(text.en for text in further)])
    return [(name, Text(f"{before}{de}", "de")), (name, Text(f"{before}{en}", "en"))]


@lru_cache
def words_of(table: str) -> tuple[Words, Words]:
    """Title and description of a table; its name, if this version does not know it any more."""
    if table not in BY_NAME:
        return Words(table, table), PROTECTED
    row = BY_NAME[table]
    de, en = (f"{text} {protected}" for text, protected in zip(row.description, PROTECTED, strict=True))
    return row.title, Words(de, en)


def period_node(own: str, first: date, last: date) -> Node:
    """A stretch of time from a day to a day, both included."""
    values: Said = [
        ("dcat:startDate", Typed(first.isoformat(), "xsd:date")),
        ("dcat:endDate", Typed(last.isoformat(), "xsd:date")),
    ]
    return Node(own, ("dct:PeriodOfTime",), tuple(values))


def last_day(release: Manifest) -> date:
    """The last day of the period of a release."""
    return release.first if release.kind == DAY else end_of(release.period)


@lru_cache(maxsize=8192)
def _when(period: str) -> Words:
    """A period in words."""
    if len(period) == len("2026-01"):
        return month_in_words(period)
    day = date.fromisoformat(period)
    return Words(format_date(day, "d. MMMM y", "de"), format_date(day, "d MMMM y", "en"))


def month_in_words(month: str) -> Words:
    """A month such as 2026-01 in words."""
    first = date.fromisoformat(f"{month}-01")
    return Words(format_date(first, "MMMM y", "de"), format_date(first, "MMMM y", "en"))


def _part(town: Town, release: Manifest, name: str) -> str:
    return town.at(f"{release.path}/#{name}")
