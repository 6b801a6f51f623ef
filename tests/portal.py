"""Another portal, which knows nothing of ours but an address: it reads RDF over HTTP and follows links."""

import urllib.request

from rdflib import RDF, RDFS, Graph, Namespace, URIRef

DCAT = Namespace("http://www.w3.org/ns/dcat#")
SYNTAXES = {"ttl": ("turtle", "text/turtle"), "jsonld": ("json-ld", "application/ld+json")}
SYNTAXES["rdf"] = ("xml", "application/rdf+xml")


def fetch(url: str, **headers: str) -> tuple[dict[str, str], bytes]:
    """Headers in lower case, and content; raises HTTPError."""
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return {name.lower(): value for name, value in answer.headers.items()}, answer.read()


def read(url: str) -> Graph:
    """A document of RDF, in the syntax that its ending and its content type tell alike."""
    parser, media_type = SYNTAXES[url.rpartition(".")[2]]
    headers, content = fetch(url)
    assert headers["content-type"].partition(";")[0] == media_type
    return Graph().parse(data=content, format=parser, publicID="urn:base-that-nobody-may-need")


def harvest(url: str) -> Graph:
    """What a catalogue says, and those that it links by dcat:catalog, each once, in the syntax of the first."""
    ending = url.rpartition(".")[2]
    found, seen, waiting = Graph(), set(), [URIRef(url)]
    while waiting:
        place = waiting.pop()
        seen.add(place)
        graph = read(_in_syntax(found, place, ending))
        found += graph
        waiting += [part for part in set(graph.objects(None, DCAT.catalog)) - seen if part not in waiting]
    return found


def _in_syntax(known: Graph, place: URIRef, ending: str) -> str:
    """The address of a catalogue in a syntax: its own, or one that rdfs:seeAlso names."""
    others = [str(other) for other in known.objects(place, RDFS.seeAlso)]
    return next((other for other in [str(place), *others] if other.endswith(f".{ending}")), str(place))


def downloads(graph: Graph) -> set[str]:
    """The addresses of all files of data."""
    return {str(url) for url in graph.objects(None, DCAT.downloadURL)}


def datasets(graph: Graph) -> set[URIRef]:
    """Every dataset that is described."""
    return {URIRef(str(node)) for node in graph.subjects(RDF.type, DCAT.Dataset)}
