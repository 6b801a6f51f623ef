"""What the simulated city has on its website: services, other pages, what is searched for and what is gone."""

from collections.abc import Mapping
from typing import NamedTuple


class Service(NamedTuple):
    """One online service. `weight`: its share of the interest; `season`: month → factor; `online`: can be applied for.

    `leads` are the addresses its page links to, `terms` the words by which it is looked for.
    """

    slug: str
    name: str
    about: str
    weight: float
    season: Mapping[int, float] = {}
    online: bool = True
    form: str = ""
    leads: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The address of its page."""
        return f"/leistungen/{self.slug}"


class Page(NamedTuple):
    """Another page and its share of the interest."""

    path: str
    weight: float


class News(NamedTuple):
    """A page that is of interest for some weeks from a day of each year on: `month` and `day`, `weight` at first."""

    path: str
    month: int
    day: int
    weight: float


BUND = "https://www.bundesdruckerei.de/de/privatpersonen"
JUSTIZ = "https://www.fuehrungszeugnis.bund.de/ffw"
FINANZ = "https://www.elster.de/eportal/start"
FAMILIE = "https://familienportal.de/familienportal/familienleistungen"
LAND = "https://wirtschaft.hessen.de/wohnen"
TOURISM = "https://www.marburg-tourismus.de/"

SERVICES = (
    Service(
        "anwohnerparken", "Anwohnerparken",
        "Mit dem Ausweis parken Sie in der Zone, in der Sie wohnen.",
        12, {1: 1.3, 10: 1.5, 11: 1.1}, True, "antrag-anwohnerparken",
        ("https://www.rmv.de/", "https://www.marburg-biedenkopf.de/"),
        ("anwohnerparken", "parkausweis", "bewohnerparkausweis", "parken oberstadt"),
    ),
    Service(
        "bewohnerparkausweis-verlaengern", "Bewohnerparkausweis verlängern",
        "Der Ausweis gilt zwei Jahre. Verlängern Sie ihn auf dem Formularserver.",
        3, {1: 1.3, 2: 1.6, 10: 1.3}, True, "",
        (),
        ("parkausweis verlängern", "bewohnerparkausweis"),
    ),
    Service(
        "termin-im-stadtbuero", "Termin im Stadtbüro",
        "Buchen Sie einen Termin für alles, was Sie nicht online erledigen können.",
        16, {6: 1.2, 7: 1.2, 10: 1.3}, True, "",
        (),
        ("termin", "stadtbüro", "termin stadtbüro", "bürgerbüro"),
    ),
    Service(
        "hundesteuer-anmelden", "Hundesteuer anmelden",
        "Wer einen Hund hält, meldet ihn innerhalb von zwei Wochen an.",
        6, {1: 1.7, 2: 1.2, 5: 1.2}, True, "anmeldung-hundesteuer",
        ("https://www.tierheim-marburg.de/",),
        ("hundesteuer", "hund anmelden", "hundemarke"),
    ),
    Service(
        "zuschuss-beantragen", "Zuschuss beantragen",
        "Die Stadt fördert Vereine, Solaranlagen und begrünte Dächer.",
        4, {1: 1.4, 3: 1.5, 9: 1.2}, True, "antrag-zuschuss",
        (LAND,),
        ("zuschuss", "förderung", "balkonkraftwerk", "vereinsförderung"),
    ),
    Service(
        "geburtsurkunde", "Geburtsurkunde",
        "Bestellen Sie Urkunden über Geburten, die in Marburg beurkundet sind.",
        6, {}, True, "",
        (),
        ("geburtsurkunde", "urkunde", "standesamt"),
    ),
    Service(
        "personalausweis", "Personalausweis beantragen",
        "Den Ausweis beantragen Sie persönlich im Stadtbüro.",
        9, {5: 1.3, 6: 1.6, 7: 1.5}, False, "",
        (BUND,),
        ("personalausweis", "ausweis", "perso abgelaufen", "online-ausweis"),
    ),
    Service(
        "reisepass", "Reisepass beantragen",
        "Ein Pass braucht vier bis sechs Wochen, ein Expresspass drei Werktage.",
        7, {4: 1.4, 5: 1.6, 6: 1.8, 7: 1.5}, False, "",
        (BUND,),
        ("reisepass", "expresspass", "kinderreisepass"),
    ),
    Service(
        "fuehrungszeugnis", "Führungszeugnis",
        "Beantragen Sie das Zeugnis für Arbeit oder Ehrenamt.",
        4, {8: 1.3, 9: 1.3}, True, "",
        (JUSTIZ,),
        ("führungszeugnis", "erweitertes führungszeugnis"),
    ),
    Service(
        "wohnsitz-ummelden", "Wohnsitz ummelden",
        "Melden Sie sich innerhalb von zwei Wochen nach dem Einzug um.",
        9, {4: 1.6, 9: 1.3, 10: 2.1}, True, "wohnungsgeberbestaetigung",
        ("https://wohnsitzanmeldung.gov.de/",),
        ("ummelden", "anmelden", "wohnsitz", "wohnungsgeberbestätigung"),
    ),
    Service(
        "kita-platz", "Kita-Platz",
        "Melden Sie Ihr Kind für eine Kindertagesstätte vor.",
        5, {1: 1.3, 2: 1.7, 3: 1.5, 8: 1.2}, True, "",
        (FAMILIE,),
        ("kita", "kita anmeldung", "kindergarten", "tagesmutter"),
    ),
    Service(
        "sperrmuell", "Sperrmüll",
        "Bestellen Sie die Abholung zweimal im Jahr ohne Gebühr.",
        7, {3: 1.4, 4: 1.4, 9: 1.2}, True, "",
        ("https://www.dbm-marburg.de/",),
        ("sperrmüll", "müll", "abfallkalender", "wertstoffhof"),
    ),
    Service(
        "gewerbe-anmelden", "Gewerbe anmelden",
        "Zeigen Sie Beginn, Änderung oder Ende eines Gewerbes an.",
        3, {1: 1.6}, True, "gewerbeanmeldung",
        (FINANZ,),
        ("gewerbe", "gewerbeanmeldung", "gewerbeschein"),
    ),
    Service(
        "bauantrag", "Bauantrag",
        "Welche Unterlagen die Bauaufsicht für Ihr Vorhaben braucht.",
        3, {3: 1.3, 4: 1.4, 5: 1.3}, False, "bauantrag",
        ("https://bauportal.hessen.de/",),
        ("bauantrag", "baugenehmigung", "bebauungsplan"),
    ),
    Service(
        "wohngeld", "Wohngeld",
        "Ein Zuschuss zu Miete oder Eigenheim bei kleinem Einkommen.",
        5, {1: 1.7, 2: 1.3, 11: 1.2}, True, "antrag-wohngeld",
        (LAND,),
        ("wohngeld", "mietzuschuss"),
    ),
    Service(
        "elternbeitrag", "Elternbeitrag",
        "Berechnen und ermäßigen Sie den Beitrag für die Betreuung.",
        2, {7: 1.3, 8: 1.7}, True, "",
        (FAMILIE,),
        ("elternbeitrag", "kitagebühren"),
    ),
    Service(
        "fundsachen", "Fundsachen",
        "Verloren oder gefunden: So kommt es zurück.",
        2, {7: 1.4, 12: 1.2}, False, "",
        (),
        ("fundbüro", "schlüssel verloren"),
    ),
    Service(
        "bibliotheksausweis", "Bibliotheksausweis",
        "Leihen Sie Bücher, Filme und Spiele, auch digital.",
        2.5, {10: 1.8, 11: 1.3}, True, "",
        ("https://onleiheverbundhessen.de/",),
        ("bücherei", "stadtbücherei", "onleihe"),
    ),
    Service(
        "marktstand", "Marktstand",
        "Bewerben Sie sich um einen Stand auf Wochen- und Weihnachtsmarkt.",
        1.2, {9: 1.6, 10: 2.2, 11: 1.6}, True, "antrag-marktstand",
        (),
        ("markt", "weihnachtsmarkt standplatz"),
    ),
    Service(
        "veranstaltung-anmelden", "Veranstaltung anmelden",
        "Straßenfest, Flohmarkt oder Lauf: Melden Sie es rechtzeitig an.",
        1.6, {3: 1.3, 4: 1.6, 5: 1.6, 6: 1.3}, True, "anzeige-veranstaltung",
        (),
        ("veranstaltung", "straßenfest", "plakatieren"),
    ),
    Service(
        "meldebescheinigung", "Meldebescheinigung",
        "Eine Bescheinigung, dass Sie in Marburg gemeldet sind.",
        3, {3: 1.2, 9: 1.3}, True, "",
        (),
        ("meldebescheinigung", "meldebestätigung"),
    ),
    Service(
        "eheschliessung", "Eheschließung anmelden",
        "Welche Papiere Sie brauchen und wo Sie sich trauen lassen können.",
        2, {1: 1.6, 2: 1.3}, False, "",
        (TOURISM,),
        ("heiraten", "trauung", "trautermine"),
    ),
)  # fmt: skip

PAGES = (
    Page("/rathaus/oeffnungszeiten", 6),
    Page("/rathaus/kontakt", 4),
    Page("/rathaus/stellenangebote", 6),
    Page("/rathaus/ansprechpersonen", 2),
    Page("/rathaus/stadtrecht", 1.2),
    Page("/aktuelles", 3),
    Page("/leben/abfallkalender", 5),
    Page("/leben/schwimmbaeder", 4),
    Page("/leben/veranstaltungen", 4),
    Page("/leben/familie", 1.5),
    Page("/stadtplan", 1.5),
    Page("/impressum", 0.7),
    Page("/datenschutz", 0.5),
    Page("/leichte-sprache", 0.6),
)
HOME, OVERVIEW, SEARCH = "/", "/leistungen", "/suche"

NEWS = (
    News("/aktuelles/buergerversammlung", 1, 20, 2),
    News("/aktuelles/neue-parkzonen", 2, 2, 7),
    News("/aktuelles/drei-tage-marburg", 6, 25, 12),
    News("/aktuelles/sommerferienprogramm", 6, 8, 6),
    News("/aktuelles/unwetter-schaeden", 8, 3, 15),
    News("/aktuelles/haushalt", 9, 22, 2),
    News("/aktuelles/buslinien", 12, 10, 4),
    News("/aktuelles/weihnachtsmarkt", 11, 24, 10),
    News("/aktuelles/wahlhelfer-gesucht", 3, 5, 4),
)
NEWS_LASTS = 21  # days until interest has gone

GONE = (  # addresses of the website before the last relaunch, which others still link to
    ("/buergerservice/formulare", 5),
    ("/buergerservice/parken", 3),
    ("/de/stadtverwaltung/parkausweise", 2),
    ("/downloads/gebuehrenordnung.pdf", 2),
    ("/aktuelles/archiv", 1.5),
    ("/leistungen/hundesteuer", 3),
)  # fmt: skip
OTHER_TERMS = (
    ("schwimmbad", 4),
    ("stellenangebote", 4),
    ("öffnungszeiten", 3),
    ("bußgeld", 2),
    ("führerschein", 4),  # the district's, not the city's: people look in vain
    ("kfz zulassung", 3),
    ("grundsteuer", 2),
    ("wahlen", 1),
)
PLACES = (("Frauenbergstraße", 6), ("Cappel", 2), ("Wehrda", 1))  # where appointments can be had
