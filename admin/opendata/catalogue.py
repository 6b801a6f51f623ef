"""The catalogue of a municipality's open data by DCAT-AP.de 3.0, in three syntaxes, for the readers of other portals.

1. `catalog` names the newest release of every month, and of each day whose month is not out yet; it links
2. `catalog-2026-05`, one per month, which name every file of the month and of its days, replaced ones among them.
3. A month that did not change is not written again. What `catalog` says of it is kept in a hidden file: ten years are
   put together in some hundredths of a second.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import msgspec

from admin.opendata import dcat, due, formats, licences, manifest, rdf, tables, vocabulary
from admin.opendata.dcat import Said, Town, both
from admin.opendata.manifest import Manifest, latest
from admin.opendata.rdf import SYNTAXES, Iri, Node, Text, Typed, clean, iri
from admin.opendata.release import replace_file
from admin.opendata.tables import BY_NAME, MONTH, Words
from tracker.config import Config

KEPT, KEYS = ".catalog", "keys.json"
_FIRST = SYNTAXES[0].ending  # a catalogue's IRI is the address of its file in this syntax
_CODE = (dcat, due, formats, licences, manifest, rdf, tables, vocabulary)
_TITLE = Words("Nutzung der Online-Dienste", "Use of the online services")
_MONTH_TITLE = Words("Nutzung der Online-Dienste, alle Dateien", "Use of the online services, all files")
_DESCRIPTION = Words(
    "Wie Websites und Online-Dienste genutzt werden, jeden Tag und jeden Monat.",
    "How websites and online services are used, day by day and month by month.",
)


def write_catalogues(config: Config, releases: Sequence[Manifest]) -> None:
    """Bring the catalogues of a municipality up to date; raises ReleaseError. `releases`: all, by period, not none."""
    town = town_of(config, releases)
    root = config.opendata / town.publisher.ars
    (root / KEPT).mkdir(mode=0o755, exist_ok=True)
    months = by_month(releases)
    keys = {month: _key(town, rows) for month, rows in months.items()}
    known = _known(root)
    for month, rows in months.items():
        if known.get(month) != keys[month]:
            _write_month(root, town, month, rows)
    if known != keys:
        replace_file(root / KEPT / KEYS, json.dumps(keys).encode())
    nodes = catalogue(town, releases)
    for syntax in SYNTAXES:
        pieces = [(root / KEPT / f"{month}.{syntax.ending}").read_text("utf-8") for month in months]
        replace_file(root / f"catalog.{syntax.ending}", syntax.document([syntax.texts(nodes), *pieces]))


def town_of(config: Config, releases: Sequence[Manifest]) -> Town:
    """Where and as whom a municipality publishes, by the newest of its releases."""
    newest = max(releases, key=lambda row: row.released)
    root = f"{config.base_url}/opendata/{newest.publisher.ars}/"
    return Town(iri(root), newest.publisher, newest.simulated)


def by_month(releases: Iterable[Manifest]) -> dict[str, list[Manifest]]:
    """Month → every release of it and of its days."""
    found: dict[str, list[Manifest]] = defaultdict(list)
    for release in releases:
        found[release.period[:7]].append(release)
    return dict(sorted(found.items()))


def newest_of(releases: Sequence[Manifest]) -> list[Manifest]:
    """The newest release of months, and of the days whose month has none."""
    newest = latest(list(releases))
    return [row for period, row in sorted(newest.items()) if row.kind == MONTH or period[:7] not in newest]


def month_file(month: str, ending: str = _FIRST) -> str:
    """The name of the catalogue of a month such as 2026-05."""
    return f"catalog-{month}.{ending}"


def _known(root: Path) -> dict[str, str]:
    """Month → what its files were made of; nothing of a month whose files are not all there."""
    path = root / KEPT / KEYS
    keys: dict[str, str] = json.loads(path.read_bytes()) if path.exists() else {}
    return {
        month: key
        for month, key in keys.items()
        if all(
            (root / month_file(month, syntax.ending)).exists() and (root / KEPT / f"{month}.{syntax.ending}").exists()
            for syntax in SYNTAXES
        )
    }


def _key(town: Town, releases: Sequence[Manifest]) -> str:
    """A digest of all that makes the files of a month: its releases, which never change, municipality, program."""
    parts = [_code(), msgspec.json.encode(town).decode(), *(row.path for row in releases)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@cache
def _code() -> str:
    """A digest of the program that makes the text, so that a new version of it writes everything anew."""
    paths = [Path(__file__), *(Path(str(module.__file__)) for module in _CODE)]
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def _write_month(root: Path, town: Town, month: str, releases: Sequence[Manifest]) -> None:
    """Write the catalogue of a month, and keep what the catalogue of everything says of it."""
    everything = month_catalogue(town, month, releases)
    newest = dcat.datasets(town, newest_of(releases), releases)
    for syntax in SYNTAXES:
        replace_file(root / month_file(month, syntax.ending), syntax.document([syntax.texts(everything)]))
        replace_file(root / KEPT / f"{month}.{syntax.ending}", syntax.texts(newest).encode())


def catalogue(town: Town, releases: Sequence[Manifest]) -> list[Node]:
    """The catalogue of everything without its datasets: itself, those of the months, series, publisher, code lists."""
    months = by_month(releases)
    own: Said = [("dcat:catalog", Iri(town.at(month_file(month)))) for month in months]
    own += _members(town, newest_of(releases), _names(releases))
    return [
        _catalogue(town, "catalog", _TITLE, releases, own),
        *(_month_node(town, month, rows, []) for month, rows in months.items()),
        *(node for name in _names(releases) for node in _dated_series(town, name, releases)),
        *_shared(town, releases),
    ]


def month_catalogue(town: Town, month: str, releases: Sequence[Manifest]) -> list[Node]:
    """The catalogue of a month, complete in itself: every file of every revision of the month and of its days."""
    return [
        _month_node(town, month, releases, _members(town, releases, _names(releases))),
        *(_series(town, name) for name in _names(releases)),
        *_shared(town, releases),
        *dcat.datasets(town, releases, releases),
    ]


def _month_node(town: Town, month: str, releases: Sequence[Manifest], members: Said) -> Node:
    title = Words(*(f"{text}, {when}" for text, when in zip(_MONTH_TITLE, dcat.month_in_words(month), strict=True)))
    own: Said = [*members, ("dct:isPartOf", Iri(town.at(f"catalog.{_FIRST}")))]
    return _catalogue(town, f"catalog-{month}", title, releases, own)


def _catalogue(town: Town, name: str, title: Words, releases: Sequence[Manifest], own: Said) -> Node:
    licence = max(releases, key=lambda row: row.released).licence
    values: Said = [
        *both("dct:title", title, f"{clean(town.publisher.name)}: ", simulated=town.simulated),
        *both("dct:description", Words(*map(" ".join, zip(_DESCRIPTION, dcat.PROTECTED, strict=True)))),
        ("dct:publisher", Iri(town.at("#publisher"))),
        ("foaf:homepage", Iri(town.at("index.html"))),
        ("dct:license", Iri(iri(licence))),
        ("dcat:themeTaxonomy", Iri(vocabulary.THEMES)),
        *(("dct:language", Iri(language)) for language in (vocabulary.GERMAN, vocabulary.ENGLISH)),
        *(("dct:spatial", Iri(place)) for place in vocabulary.places_of(town.publisher)),
        *(("rdfs:seeAlso", Iri(town.at(f"{name}.{syntax.ending}"))) for syntax in SYNTAXES[1:]),
        *dcat.stable(),
        *_dates(releases),
    ]
    return Node(town.at(f"{name}.{_FIRST}"), ("dcat:Catalog",), (*values, *own))


def _members(town: Town, releases: Iterable[Manifest], names: Iterable[str]) -> Said:
    """The datasets of a catalogue, and their series."""
    found: Said = [("dcat:resource", Iri(dcat.series(town, name))) for name in names]
    return found + [
        ("dcat:dataset", Iri(dcat.dataset(town, row.path, table.name))) for row in releases for table in row.tables
    ]


def _series(town: Town, name: str) -> Node:
    """The series of a table."""
    title, description = dcat.words_of(name)
    values: Said = [
        *both("dct:title", title, f"{clean(town.publisher.name)}: ", simulated=town.simulated),
        *both("dct:description", description),
        ("dct:accrualPeriodicity", Iri(vocabulary.FREQUENCY[BY_NAME[name].period if name in BY_NAME else MONTH])),
        *dcat.of_the_town(town),
    ]
    return Node(dcat.series(town, name), ("dcat:DatasetSeries",), tuple(values))


def _dated_series(town: Town, name: str, releases: Sequence[Manifest]) -> list[Node]:
    """The series of a table, with what only the catalogue of everything knows: its dates and the time it is about."""
    of = [release for release in releases if any(table.name == name for table in release.tables)]
    own = town.at(f"#{name}-period")
    node = _series(town, name)
    values = (*node.values, *_dates(of), ("dct:temporal", Iri(own)))
    first, last = min(row.first for row in of), max(dcat.last_day(row) for row in of)
    return [node._replace(values=values), dcat.period_node(own, first, last)]


def _names(releases: Iterable[Manifest]) -> list[str]:
    """The tables of releases, in their order."""
    return list(dict.fromkeys(table.name for release in releases for table in release.tables))


def _dates(releases: Sequence[Manifest]) -> Said:
    instants = sorted(release.released for release in releases)
    return [("dct:issued", Typed(instants[0], "xsd:dateTime")), ("dct:modified", Typed(instants[-1], "xsd:dateTime"))]


def _shared(town: Town, releases: Sequence[Manifest]) -> list[Node]:
    """What every catalogue says beside its datasets: publisher, contact, area, licences, code lists."""
    publisher = town.publisher
    name = clean(publisher.name)
    licence = max(releases, key=lambda row: row.released).licence
    homepage: Said = [("foaf:homepage", Iri(iri(publisher.website)))] if publisher.website else []
    return [
        Node(town.at("#publisher"), ("foaf:Agent", "foaf:Organization"), (("foaf:name", Text(name)), *homepage)),
        *([_contact(town)] if dcat.has_contact(town) else []),
        *(
            Node(place, ("dct:Location",), (("skos:prefLabel", Text(name, "de")),))
            for place in vocabulary.places_of(publisher)
        ),
        Node(town.at("index.html"), ("foaf:Document",), ()),
        Node(iri(licence), ("dct:LicenseDocument",), ()),
        *vocabulary.NODES,
    ]


def _contact(town: Town) -> Node:
    publisher = town.publisher
    values: Said = [("vcard:fn", Text(clean(publisher.contact) or clean(publisher.name)))]
    if publisher.email:
        values.append(("vcard:hasEmail", Iri(f"mailto:{iri(publisher.email)}")))
    if publisher.website:
        values.append(("vcard:hasURL", Iri(iri(publisher.website))))
    return Node(town.at("#contact"), ("vcard:Kind", "vcard:Organization"), tuple(values))
