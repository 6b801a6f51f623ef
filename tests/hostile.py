"""A published city whose names would break every format that does not keep text and syntax apart."""

from pathlib import Path

from admin.opendata.manifest import Manifest
from tests.installation import HOST, MARBURG, Installation
from tests.published import choose, counting, noon, people, publisher
from tracker.services.service import Service
from tracker.store.opendata import Opendata
from tracker.store.services import Services

FORMULA = "=cmd|' /C calc'!A0"
NAMES = (
    FORMULA,
    "+1-1",
    "-2+3",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "Straße; \"Groß\", 'klein'\\n",
    "</script><script>alert(1)</script>&amp;",
    "\u202eתודה رخصة\u202c",
    "Ausweis 🪪 {{ 7*7 }} ${x} %s ]]>",
    "12345",
    "true",
)
TOWN = "Marburg <b>\"a\"</b> & 'Söhne' \u202eלאן\u202c ]]>"
REASON = "Fehler <i>\"1\"</i> & 'so' @prefix \\ ]]> \u202eא\u202c"
EMAIL, WEBSITE = 'daten+"a b"<x>@marburg.example', 'https://www.marburg.example/a b?q="<x>"&r=ü'
ATTRIBUTION = 'Stadt Marburg, "Daten" <2026> & mehr \\'


def hostile(path: Path, base_url: str) -> Installation:
    """A city with such names, published from 2026-05-30 to 2026-06-02, with a correction of the first day."""
    city = counting(path, base_url=base_url)
    town = city.catalogue.municipality(MARBURG)
    city.store.connection.execute("update municipality set name = ?", (TOWN,))
    for number, name in enumerate(NAMES):
        Services(city.store.connection).add(town.id, Service(f"dienst-{number}", name, paths=(f"{HOST}/d{number}/**",)))
    choose(
        city,
        licence="dl-by-de/2.0",
        attribution=ATTRIBUTION,
        contact='Amt <Daten> & "Zahlen"',
        email=EMAIL,
        website=WEBSITE,
        pages=f"{HOST}/hund/start",
    )
    noon(city, "2026-05-30")
    people(city, 18)
    people(city, 25, "/d0/antrag")
    noon(city, "2026-05-31")
    people(city, 40, "/d5/antrag")
    noon(city, "2026-06-03")
    publisher(city).publish()
    correct(city)
    return city


def correct(city: Installation) -> list[Manifest]:
    """A day, and with it its month, published anew for a reason."""
    Opendata(city.store.connection).add_outage(city.catalogue.site(HOST).id, 20260530, 20260530, "Umbau")
    return publisher(city).correct("2026-05-30", REASON)
