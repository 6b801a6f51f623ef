"""Statements in the three syntaxes of RDF, written node by node: Turtle, JSON-LD and RDF/XML.

A library's graph takes a second for what a month's catalogue says; this takes some hundredths, and the text of a node
is the same wherever it stands, so that a document can be put together of pieces that were written before. No node is
blank. The tests hold all of it against rdflib.
Sources: https://www.w3.org/TR/turtle/, https://www.w3.org/TR/json-ld11/, https://www.w3.org/TR/rdf-syntax-grammar/.
"""

import json
import re
from collections.abc import Callable, Iterable
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

PREFIXES = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "dcatde": "http://dcat-ap.de/def/dcatde/",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "r5r": "http://data.europa.eu/r5r#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAME = itemgetter(0)
_IN_AN_IRI = ";/?:@&=+$,#%[]!'()*~-._"


class Iri(NamedTuple):
    """A reference to something else."""

    iri: str


class Text(NamedTuple):
    """A text in a language, as `de`; "" for a text in none."""

    text: str
    language: str = ""


class Typed(NamedTuple):
    """A value and its type, as `xsd:date`."""

    text: str
    kind: str


Value = Iri | Text | Typed


class Node(NamedTuple):
    """What is said of one thing: its IRI, its classes and its properties, both as `prefix:name`."""

    iri: str
    classes: tuple[str, ...]
    values: tuple[tuple[str, Value], ...]


class Syntax(NamedTuple):
    """One syntax. A document is `head`, the texts of its nodes with `between` between them, and `tail`."""

    label: str
    ending: str
    media_type: str
    head: str
    between: str
    tail: str
    write: Callable[[Node], str]

    def texts(self, nodes: Iterable[Node]) -> str:
        """The text of nodes, as a piece of a document."""
        return self.between.join(map(self.write, nodes))

    def document(self, pieces: Iterable[str]) -> bytes:
        """A whole document of pieces; those without a node are left out."""
        return (self.head + self.between.join(filter(None, pieces)) + self.tail).encode()


def iri(text: str) -> str:
    """An address as an IRI: what must not be in one is escaped."""
    return quote(text.strip(), safe=_IN_AN_IRI, errors="replace")


def clean(text: str) -> str:
    """A text without line breaks and without the characters that XML cannot hold."""
    return _NOT_IN_XML.sub("", " ".join(text.split()))


def _turtle(node: Node) -> str:
    lines = [f"<{node.iri}> a {', '.join(node.classes)}"]
    for name, pairs in groupby(node.values, _NAME):
        lines.append(f"    {name} {', '.join(_turtle_value(value) for _, value in pairs)}")
    return " ;\n".join(lines) + " .\n"


def _turtle_value(value: Value) -> str:
    if isinstance(value, Iri):
        return f"<{value.iri}>"
    text = json.dumps(value.text, ensure_ascii=False)  # a string of JSON is one of Turtle
    if isinstance(value, Typed):
        return f"{text}^^{value.kind}"
    return f"{text}@{value.language}" if value.language else text


def _json(node: Node) -> str:
    found: dict[str, Any] = {"@id": node.iri, "@type": list(node.classes)}
    for name, value in node.values:
        found.setdefault(name, []).append(_json_value(value))
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


def _json_value(value: Value) -> dict[str, str]:
    if isinstance(value, Iri):
        return {"@id": value.iri}
    if isinstance(value, Typed):
        return {"@value": value.text, "@type": value.kind}
    return {"@value": value.text, "@language": value.language} if value.language else {"@value": value.text}


def _xml(node: Node) -> str:
    first, *others = node.classes
    values: list[tuple[str, Value]] = [("rdf:type", Iri(_expanded(name))) for name in others]
    lines = [_xml_value(name, value) for name, value in [*values, *node.values]]
    return "\n".join([f"<{first} rdf:about={quoteattr(node.iri)}>", *lines, f"</{first}>\n"])


def _xml_value(name: str, value: Value) -> str:
    if isinstance(value, Iri):
        return f"  <{name} rdf:resource={quoteattr(value.iri)}/>"
    if isinstance(value, Typed):
        return f'  <{name} rdf:datatype="{_expanded(value.kind)}">{escape(value.text)}</{name}>'
    language = f' xml:lang="{value.language}"' if value.language else ""
    return f"  <{name}{language}>{escape(value.text)}</{name}>"


def _expanded(name: str) -> str:
    prefix, _, rest = name.partition(":")
    return PREFIXES[prefix] + rest


SYNTAXES = (
    Syntax(
        "Turtle",
        "ttl",
        "text/turtle",
        "".join(f"@prefix {name}: <{place}> .\n" for name, place in PREFIXES.items()) + "\n",
        "\n",
        "",
        _turtle,
    ),
    Syntax(
        "JSON-LD",
        "jsonld",
        "application/ld+json",
        f'{{"@context":{json.dumps(PREFIXES)},"@graph":[\n',
        ",\n",
        "\n]}\n",
        _json,
    ),
    Syntax(
        "RDF/XML",
        "rdf",
        "application/rdf+xml",
        '<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF\n'
        + "\n".join(f'  xmlns:{name}="{place}"' for name, place in PREFIXES.items())
        + ">\n",
        "",
        "</rdf:RDF>\n",
        _xml,
    ),
)
