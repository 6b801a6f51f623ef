"""The licences under which a municipality may publish (DCAT-AP.de, list of licences)."""

from collections.abc import Mapping
from typing import NamedTuple

from admin.opendata.tables import Words

_LIST = "http://dcat-ap.de/def/licenses/"


class Licence(NamedTuple):
    """One licence; `attribution`: whoever uses the data must name the source as given."""

    iri: str
    title: Words
    attribution: bool = False


LICENCES: Mapping[str, Licence] = {
    "dl-zero-de/2.0": Licence(
        f"{_LIST}dl-zero-de/2.0",
        Words("Datenlizenz Deutschland – Zero – Version 2.0", "Data licence Germany – Zero – version 2.0"),
    ),
    "dl-by-de/2.0": Licence(
        f"{_LIST}dl-by-de/2.0",
        Words(
            "Datenlizenz Deutschland – Namensnennung – Version 2.0", "Data licence Germany – attribution – version 2.0"
        ),
        attribution=True,
    ),
    "cc-zero": Licence(f"{_LIST}cc-zero", Words("Creative Commons Zero", "Creative Commons Zero")),
    "cc-by/4.0": Licence(
        f"{_LIST}cc-by/4.0",
        Words("Creative Commons Namensnennung 4.0", "Creative Commons Attribution 4.0"),
        attribution=True,
    ),
}
