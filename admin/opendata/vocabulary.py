"""The words of others that the catalogue uses: authority tables of the EU, code lists of DCAT-AP.de."""

from collections.abc import Mapping

from admin.opendata.manifest import Publisher
from admin.opendata.rdf import Iri, Node, Text
from admin.opendata.tables import DAY, MONTH

_EU = "http://publications.europa.eu/resource/authority"
_DE = "http://dcat-ap.de/def"
THEMES = f"{_EU}/data-theme"
GOVERNMENT = f"{THEMES}/GOVE"
GERMAN, ENGLISH = f"{_EU}/language/DEU", f"{_EU}/language/ENG"
PUBLIC = f"{_EU}/access-right/PUBLIC"
STABLE = f"{_EU}/planned-availability/STABLE"
COMPLETED, DEPRECATED = f"{_EU}/distribution-status/COMPLETED", f"{_EU}/distribution-status/DEPRECATED"
FREQUENCY = {DAY: f"{_EU}/frequency/DAILY", MONTH: f"{_EU}/frequency/MONTHLY"}
FILE_TYPE = f"{_EU}/file-type/"
MEDIA_TYPE = "https://www.iana.org/assignments/media-types/"
SHA256 = "http://spdx.org/rdf/terms#checksumAlgorithm_sha256"
MUNICIPALITY = f"{_DE}/politicalGeocoding/Level/municipality"
_REGION, _KEY = f"{_DE}/politicalGeocoding/regionalKey/", f"{_DE}/politicalGeocoding/municipalityKey/"

# Who hands the metadata of a Land's municipalities to GovData, by the first two digits of an ARS, where that Land has a
# portal of its own; https://www.dcat-ap.de/def/contributors/ of 2022-05-02, Hesse since. Elsewhere it must be set.
CONTRIBUTORS: Mapping[str, str] = {
    "01": "schleswigHolstein",
    "05": "openNRW",
    "06": "hessen",
    "07": "openGovernmentDataPortalRheinlandPfalz",
    "08": "openBW",
    "09": "openDataBayern",
    "12": "landBrandenburg",
    "13": "mecklenburgVorpommern",
}

# Validators want every IRI of a code list to have its class in the same document.
NODES = (
    Node(THEMES, ("skos:ConceptScheme",), (("dct:title", Text("Data theme", "en")),)),
    Node(
        GOVERNMENT,
        ("skos:Concept",),
        (
            ("skos:prefLabel", Text("Regierung und öffentlicher Sektor", "de")),
            ("skos:prefLabel", Text("Government and public sector", "en")),
            ("skos:inScheme", Iri(THEMES)),
        ),
    ),
    Node(STABLE, ("skos:Concept",), (("skos:prefLabel", Text("stable", "en")),)),
    Node(COMPLETED, ("skos:Concept",), (("skos:prefLabel", Text("completed", "en")),)),
    Node(DEPRECATED, ("skos:Concept",), (("skos:prefLabel", Text("deprecated", "en")),)),
    Node(GERMAN, ("dct:LinguisticSystem",), ()),
    Node(ENGLISH, ("dct:LinguisticSystem",), ()),
    Node(PUBLIC, ("dct:RightsStatement",), ()),
    Node(SHA256, ("spdx:ChecksumAlgorithm",), ()),
    *(Node(frequency, ("dct:Frequency",), ()) for frequency in FREQUENCY.values()),
)


def contributor_of(publisher: Publisher) -> str:
    """The contributorID under which GovData takes the metadata (conventions 12 and 13 of DCAT-AP.de), "" if unknown."""
    known = CONTRIBUTORS.get(publisher.ars[:2])
    return publisher.contributor or (f"{_DE}/contributors/{known}" if known else "")


def places_of(publisher: Publisher) -> tuple[str, ...]:
    """The IRIs of the municipality's area: by its ARS, and by its AGS as older readers know it."""
    return (f"{_REGION}{publisher.ars}", f"{_KEY}{publisher.ags}")
