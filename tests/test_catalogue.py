"""The catalogue: valid by the European shapes and the German rules, complete to a reader from outside, and quick."""

import hashlib
import json
from pathlib import Path

import msgspec
import pyshacl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import DCTERMS, FOAF, RDF, XSD, Graph, Literal, Namespace, URIRef

from admin.opendata import catalogue, indexes, manifest
from admin.opendata.page import STATUSES
from admin.opendata.rdf import PREFIXES, SYNTAXES, Iri, Node, Text, Typed, clean, iri
from admin.opendata.tables import TABLES
from tests.hostile import ATTRIBUTION, EMAIL, REASON, TOWN, hostile
from tests.installation import MARBURG
from tests.portal import datasets, downloads, fetch, harvest, read
from tests.published import checksums, choose, counting, next_day, noon, people, publisher
from tests.server import Server
from tracker.config import load_config

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own reader of JSON-LD
ADMS, DCAT, DCATAP, DCATDE, SPDX, VCARD = (
    Namespace(PREFIXES[name]) for name in ("adms", "dcat", "dcatap", "dcatde", "spdx", "vcard")
)
EU = "http://publications.europa.eu/resource/authority"
DE = "http://dcat-ap.de/def"
SHAPES = Path(__file__).parent / "data" / "dcat-ap-SHACL.ttl"
PARSERS = {"ttl": "turtle", "jsonld": "json-ld", "rdf": "xml"}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A served city with hostile names; its installation and the address of its data."""
    path = tmp_path_factory.mktemp("hostile")
    server = Server(path / "data")
    city = hostile(path, server.url)
    with server:
        yield city, f"{server.url}/opendata/{MARBURG}/"


@pytest.fixture(scope="module", params=["ttl", "jsonld", "rdf"])
def harvested(place, request):
    return harvest(f"{place[1]}catalog.{request.param}")


@pytest.fixture(scope="module")
def graph(place):
    return harvest(f"{place[1]}catalog.ttl")


def files(city, pattern="*"):
    return sorted((city.config.opendata / MARBURG).glob(f"*/*/{pattern}"))


def data_files(city):
    found = [path for ending in ("csv", "json", "xlsx", "parquet") for path in files(city, f"*-*.{ending}")]
    return [path for path in found if not path.name.endswith("metadata.json")]


def test_a_reader_from_outside_finds_every_file(place, harvested):
    city, url = place
    root = city.config.opendata / MARBURG
    assert downloads(harvested) == {f"{url}{path.relative_to(root).as_posix()}" for path in data_files(city)}
    named = {str(node) for _, _, node in harvested if str(node).startswith(url) and "#" not in str(node)}
    assert {f"{url}{path.relative_to(root).as_posix()}" for path in files(city)} <= named


def test_the_three_syntaxes_say_the_same(place):
    for name in ("catalog", "catalog-2026-05", "catalog-2026-06"):
        turtle, json_ld, xml = (read(f"{place[1]}{name}.{ending}") for ending in PARSERS)
        assert set(turtle) == set(json_ld) == set(xml)
        assert len(turtle) > 100


def test_every_address_can_be_fetched_and_is_what_the_catalogue_says(graph):
    for distribution in graph.subjects(RDF.type, DCAT.Distribution):
        headers, content = fetch(str(graph.value(distribution, DCAT.downloadURL)))
        checksum = graph.value(distribution, SPDX.checksum)
        assert graph.value(checksum, SPDX.checksumValue).value.hex() == hashlib.sha256(content).hexdigest()
        assert graph.value(distribution, DCAT.byteSize).value == len(content)
        media_type = str(graph.value(distribution, DCAT.mediaType)).partition("/media-types/")[2]
        assert headers["content-type"].partition(";")[0] == media_type


def conforms(graph):
    fine, _, report = pyshacl.validate(graph, shacl_graph=Graph().parse(SHAPES), inference="none", advanced=False)
    return fine and "Results" not in report, report


@pytest.mark.parametrize("name", ["catalog", "catalog-2026-05", "catalog-2026-06"])
def test_each_catalogue_is_valid_by_the_european_shapes_without_a_warning(place, name):
    fine, report = conforms(read(f"{place[1]}{name}.ttl"))
    assert fine, report


def test_all_together_are_valid_too(graph):
    fine, report = conforms(graph)
    assert fine, report


def test_the_shapes_find_what_is_wrong(place):
    broken = read(f"{place[1]}catalog-2026-06.ttl")
    broken.remove((None, DCAT.accessURL, None))
    assert not conforms(broken)[0]


def test_the_german_rules_for_datasets_are_kept(graph):
    found = datasets(graph)
    assert found
    for dataset in found:
        single = {name: list(graph.objects(dataset, name)) for name in (DCTERMS.publisher, DCATDE.contributorID)}
        assert all(len(values) == 1 for values in single.values())
        assert single[DCATDE.contributorID] == [URIRef(f"{DE}/contributors/hessen")]
        assert {text.language for text in graph.objects(dataset, DCTERMS.title)} == {"de", "en"}
        assert {text.language for text in graph.objects(dataset, DCTERMS.description)} == {"de", "en"}
        assert {text.language for text in graph.objects(dataset, DCAT.keyword)} == {"de", "en"}
        assert (dataset, DCAT.theme, URIRef(f"{EU}/data-theme/GOVE")) in graph
        assert (dataset, DCTERMS.accessRights, URIRef(f"{EU}/access-right/PUBLIC")) in graph
        assert (dataset, DCTERMS.language, URIRef(f"{EU}/language/DEU")) in graph
        assert (dataset, DCATAP.availability, URIRef(f"{EU}/planned-availability/STABLE")) in graph
        assert set(graph.objects(dataset, DCTERMS.spatial)) == {
            URIRef(f"{DE}/politicalGeocoding/regionalKey/{MARBURG}"),
            URIRef(f"{DE}/politicalGeocoding/municipalityKey/06534014"),
        }
        level = URIRef(f"{DE}/politicalGeocoding/Level/municipality")
        assert graph.value(dataset, DCATDE.politicalGeocodingLevelURI) == level
        assert graph.value(dataset, DCTERMS.accrualPeriodicity) in (
            URIRef(f"{EU}/frequency/DAILY"),
            URIRef(f"{EU}/frequency/MONTHLY"),
        )
        assert str(graph.value(dataset, DCTERMS.identifier)) == str(dataset)
        for name in (DCTERMS.issued, DCTERMS.modified):
            assert graph.value(dataset, name).datatype == XSD.dateTime
        assert list(graph.objects(dataset, DCAT.distribution))
        assert not list(graph.objects(dataset, DCATDE.politicalGeocodingURI))


def test_the_german_rules_for_distributions_are_kept(graph):
    for distribution in graph.subjects(RDF.type, DCAT.Distribution):
        assert graph.value(distribution, DCAT.accessURL)
        assert graph.value(distribution, DCTERMS.license) == URIRef(f"{DE}/licenses/dl-by-de/2.0")
        assert str(graph.value(distribution, DCATDE.licenseAttributionByText)) == ATTRIBUTION
        assert str(graph.value(distribution, DCTERMS.format)).removeprefix(f"{EU}/file-type/") in {
            "CSV", "JSON", "XLSX", "PARQUET"
        }  # fmt: skip
        assert {text.language for text in graph.objects(distribution, DCTERMS.title)} == {"de", "en"}
        assert graph.value(distribution, DCTERMS.modified).datatype == XSD.dateTime


def test_the_german_rules_for_the_catalogue_are_kept(place, graph):
    url = place[1]
    own = URIRef(f"{url}catalog.ttl")
    assert f"{TOWN}: Nutzung der Online-Dienste" in {str(text) for text in graph.objects(own, DCTERMS.title)}
    assert graph.value(own, DCTERMS.description)
    agent = graph.value(own, DCTERMS.publisher)
    assert str(graph.value(agent, FOAF.name)) == TOWN
    assert graph.value(own, DCAT.themeTaxonomy) == URIRef(f"{EU}/data-theme")
    assert graph.value(own, FOAF.homepage) == URIRef(f"{url}index.html")


def test_the_contact_is_named_as_a_mail_address(graph):
    dataset = next(iter(datasets(graph)))
    contact = graph.value(dataset, DCAT.contactPoint)
    assert (contact, RDF.type, VCARD.Organization) in graph
    address = str(graph.value(contact, VCARD.hasEmail))
    assert address.startswith("mailto:") and not set(address) & set(' <>"')
    assert EMAIL.partition("@")[2] in address


def test_without_a_contact_none_is_made_up(tmp_path):
    graph = published(tmp_path, 1)
    assert not list(graph.objects(None, DCAT.contactPoint))
    assert not list(graph.subjects(RDF.type, VCARD.Organization))
    assert conforms(graph)[0]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, f"{DE}/contributors/hessen"),
        ({"contributor": f"{DE}/contributors/openNRW"}, f"{DE}/contributors/openNRW"),
    ],
)
def test_the_contributor_is_the_lands_unless_another_is_set(tmp_path, changed, expected):
    graph = published(tmp_path, 1, **changed)
    assert set(graph.objects(None, DCATDE.contributorID)) == {URIRef(expected)}


@pytest.mark.parametrize(("licence", "text"), [("dl-zero-de/2.0", None), ("dl-by-de/2.0", "Marburg")])
def test_the_source_is_named_where_the_licence_demands_it(tmp_path, licence, text):
    graph = published(tmp_path, 1, licence=licence)
    assert set(graph.objects(None, DCATDE.licenseAttributionByText)) == ({Literal(text, "de")} if text else set())


def test_each_dataset_tells_the_time_it_is_about(graph):
    told = set()
    for dataset in datasets(graph):
        period = graph.value(dataset, DCTERMS.temporal)
        first, last = (graph.value(period, name) for name in (DCAT.startDate, DCAT.endDate))
        told.add((first.value.isoformat(), last.value.isoformat()))
    assert {("2026-05-01", "2026-05-31"), ("2026-05-30", "2026-05-30"), ("2026-06-02", "2026-06-02")} <= told


def test_each_dataset_is_in_the_series_of_its_table(graph):
    for dataset in datasets(graph):
        series = graph.value(dataset, DCAT.inSeries)
        assert (series, RDF.type, DCAT.DatasetSeries) in graph
        assert str(series).partition("#")[2] == str(dataset).partition("#")[2]


def test_a_correction_names_what_it_replaces_and_why(place, graph):
    for period in ("2026-05-30", "2026-05"):
        old, new = (URIRef(f"{place[1]}{period}/{revision}/#site-day") for revision in (1, 2))
        assert (new, DCTERMS.replaces, old) in graph
        assert (old, DCTERMS.isReplacedBy, new) in graph
        assert [str(text) for text in graph.objects(new, ADMS.versionNotes)] == [REASON]
        assert [str(graph.value(node, DCAT.version)) for node in (old, new)] == ["1", "2"]
        for node, status in ((old, "DEPRECATED"), (new, "COMPLETED")):
            told = {graph.value(file, ADMS.status) for file in graph.objects(node, DCAT.distribution)}
            assert told == {URIRef(f"{EU}/distribution-status/{status}")}


def test_the_first_catalogue_names_the_newest_of_months_and_of_days_whose_month_is_not_out(place):
    url = place[1]
    found = {str(node).removeprefix(url).partition("/#")[0] for node in datasets(read(f"{url}catalog.ttl"))}
    assert found == {"2026-05/2", "2026-06-01/1", "2026-06-02/1"}


def test_simulated_data_is_called_so_in_every_title(tmp_path):
    graph = published(tmp_path, 1, {"simulated": "yes"})
    for kind in (DCAT.Catalog, DCAT.Dataset, DCAT.DatasetSeries):
        for node in graph.subjects(RDF.type, kind):
            titles = {text.language: str(text) for text in graph.objects(node, DCTERMS.title)}
            assert titles["de"].endswith(", simulierte Daten") and titles["en"].endswith(", simulated data")


def published(path, days, settings=None, **changed):
    """What the catalogue of a small city says after some days."""
    city = counting(path, **(settings or {}))
    if changed:
        choose(city, **changed)
    people(city, 18)
    next_day(city, days)
    publisher(city).publish()
    return Graph().parse(city.config.opendata / MARBURG / "catalog.ttl")


def test_a_month_that_did_not_change_is_not_written_again(tmp_path):
    city = counting(tmp_path)
    people(city, 18)
    noon(city, "2026-06-03")
    publisher(city).publish()
    before = written(city)
    next_day(city)
    publisher(city).publish()
    after = written(city)
    changed = {name for name in after if after[name] != before.get(name)}
    assert {name.rpartition(".")[0] for name in changed} == {"catalog", "catalog-2026-06"}


def written(city):
    return {path.name: path.stat().st_mtime_ns for path in (city.config.opendata / MARBURG).glob("catalog*.*")}


def test_another_address_or_contact_is_told_everywhere(tmp_path):
    city = counting(tmp_path)
    people(city, 18)
    noon(city, "2026-06-02")
    publisher(city).publish()
    releases = manifest.all_of(city.config.opendata / MARBURG)
    moved = msgspec.structs.replace(releases[-1].publisher, email="neu@marburg.example")
    releases = [msgspec.structs.replace(row, publisher=moved) for row in releases]
    config = load_config(city.config.data, {"ZAEHLWERK_BASE_URL": "https://neu.example/zahlen"})
    catalogue.write_catalogues(config, releases)
    for path in (city.config.opendata / MARBURG).glob("catalog*.*"):
        text = path.read_text("utf-8")
        assert "https://neu.example/zahlen/opendata/" in text
        assert city.config.base_url not in text
        assert "mailto:neu@marburg.example" in text


def test_a_lost_file_of_a_month_is_written_again(tmp_path):
    city = counting(tmp_path)
    people(city, 18)
    noon(city, "2026-06-02")
    publisher(city).publish()
    root = city.config.opendata / MARBURG
    texts = {path: path.read_bytes() for path in [*root.glob("catalog*.*"), *root.glob(".catalog/2*")]}
    for path, text in texts.items():
        path.unlink()
        catalogue.write_catalogues(city.config, manifest.all_of(root))
        assert path.read_bytes() == text


def test_what_a_crash_left_out_of_a_catalogue_is_in_the_next(tmp_path):
    city = counting(tmp_path)
    people(city, 18)
    noon(city, "2026-05-31")
    publisher(city).publish()
    root = city.config.opendata / MARBURG
    crashed = {path: path.read_bytes() for path in [*root.glob("*.*"), *root.glob(".catalog/*")] if path.is_file()}
    noon(city, "2026-06-01")
    publisher(city).publish()  # May ends, and then a loss of power: releases are there, what names them is as before
    for path in [*root.glob("*.*"), *root.glob(".catalog/*")]:
        if path.is_file():
            path.unlink()
    for path, content in crashed.items():
        path.write_bytes(content)
    noon(city, "2026-06-02")
    publisher(city).publish()
    found = {str(node).rpartition("/#")[0].partition(f"{MARBURG}/")[2] for node in datasets(together(root))}
    assert {"2026-05-31/1", "2026-05/1", "2026-06-01/1"} <= found


def together(root):
    """All catalogues of a directory."""
    graph = Graph()
    for path in root.glob("catalog*.ttl"):
        graph.parse(path)
    return graph


def test_no_release_changes_when_catalogues_do(place):
    city = place[0]
    before = checksums(city)
    catalogue.write_catalogues(city.config, manifest.all_of(city.config.opendata / MARBURG))
    assert checksums(city) == before


def test_the_page_of_the_city_links_its_catalogues(place):
    text = fetch(place[1])[1].decode()
    for name, media_type in (("ttl", "text/turtle"), ("jsonld", "application/ld+json"), ("rdf", "application/rdf+xml")):
        assert f'<link rel="alternate" type="{media_type}" href="catalog.{name}">' in text
        assert f'<a href="catalog.{name}" type="{media_type}">' in text


@pytest.mark.slow
def test_one_day_more_after_five_years_writes_its_own_month_and_the_first_catalogue_alone(place, tmp_path):
    city = place[0]
    own = manifest.all_of(city.config.opendata / MARBURG)
    day, month = (next(row for row in own if row.kind == kind) for kind in ("day", "month"))
    months = [f"{year}-{number:02d}" for year in range(2021, 2026) for number in range(1, 13)]
    releases = [msgspec.structs.replace(month, period=name) for name in months]
    days = [f"{name}-{number:02d}" for name in [*months, "2026-01"] for number in range(1, 29)]
    releases += [msgspec.structs.replace(day, period=name) for name in days]
    releases.sort(key=lambda row: (row.period, row.revision))
    config = load_config(tmp_path, {})
    (config.opendata / MARBURG).mkdir(parents=True)
    indexes.write_indexes(config, releases[:-1], releases[:-1])
    before = {path.name: path.stat().st_ino for path in (config.opendata / MARBURG).glob("catalog*.ttl")}
    indexes.write_indexes(config, releases, releases[-1:])
    after = {path.name: path.stat().st_ino for path in (config.opendata / MARBURG).glob("catalog*.ttl")}
    assert len(before) > len(months)
    assert {name for name in after if after[name] != before[name]} == {"catalog.ttl", "catalog-2026-01.ttl"}
    assert b"2026-01-28/1/#site-day" in (config.opendata / MARBURG / "catalog.ttl").read_bytes()


TEXTS = st.text(max_size=40)
VALUES = st.one_of(
    st.builds(Text, TEXTS.map(clean), st.sampled_from(["", "de", "en"])),
    st.builds(Iri, TEXTS.map(lambda text: f"https://example.org/{iri(text)}")),
    st.builds(Typed, st.integers(0).map(str), st.just("xsd:nonNegativeInteger")),
)
NODES = st.builds(
    Node,
    TEXTS.map(lambda text: f"https://example.org/{iri(text)}"),
    st.sampled_from([("dcat:Dataset",), ("foaf:Agent", "foaf:Organization")]),
    st.lists(st.tuples(st.sampled_from(["dct:title", "dct:relation", "rdfs:seeAlso"]), VALUES)).map(tuple),
)


def meant(nodes):
    """The statements of nodes, put together by hand."""

    def full(name):
        prefix, _, rest = name.partition(":")
        return URIRef(PREFIXES[prefix] + rest)

    for node in nodes:
        yield from ((URIRef(node.iri), RDF.type, full(name)) for name in node.classes)
        for name, value in node.values:
            if isinstance(value, Iri):
                yield URIRef(node.iri), full(name), URIRef(value.iri)
            elif isinstance(value, Typed):
                yield URIRef(node.iri), full(name), Literal(value.text, datatype=full(value.kind))
            else:
                yield URIRef(node.iri), full(name), Literal(value.text, lang=value.language or None)


@settings(max_examples=40)
@given(st.lists(NODES, min_size=1, max_size=4))
def test_any_text_is_read_back_from_every_syntax(nodes):
    for syntax in SYNTAXES:
        content = syntax.document([syntax.texts(nodes)])
        assert set(Graph().parse(data=content, format=PARSERS[syntax.ending])) == set(meant(nodes))


def test_json_ld_is_plain_json_with_absolute_addresses(place):
    content = json.loads(fetch(f"{place[1]}catalog.jsonld")[1])
    found = [node for node in content["@graph"] if node["@type"] == ["dcat:Distribution"]]
    assert all(node["dcat:downloadURL"][0]["@id"].startswith(place[1]) for node in found)


def test_the_documentation_names_every_table_status_and_file(place):
    text = (Path(__file__).parents[1] / "docs" / "opendata.md").read_text("utf-8")
    named = {table.name for table in TABLES} | set(STATUSES)
    named |= {path.name for path in files(place[0], "*") if "-" not in path.name}
    assert not {name for name in named if f"`{name}`" not in text and f" {name}" not in text}
