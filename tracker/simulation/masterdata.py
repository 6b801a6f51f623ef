"""The catalogue of the simulated city: what `zaehlwerk service` and the admin area know of its services.

Keys are made up: those of the real Leistungskatalog begin with 99, these with 00. A few faults are in it on purpose, so
that the page about the quality of master data has something to say; FAULTS lists them.
"""

from collections.abc import Mapping
from typing import NamedTuple

from tracker.services.service import Form, Service, Step
from tracker.simulation import city
from tracker.simulation.forms import FORMS, Plan


class Row(NamedTuple):
    """What a service is beside its page. `number`: of its key; `cost`: euros a month; `ways`: beside the web."""

    name_en: str
    about_en: str
    number: int
    category: str
    department: str
    cost: int
    ways: tuple[str, ...] = ("in_person", "phone")


FAULTS = {
    "marktstand": "has no LeiKa key",
    "meldebescheinigung": "claims a page of wohnsitz-ummelden too",
    "elternbeitrag": "has a form without end page",
    "kita-platz": "has a form with a step that is not declared",
}
# Procedures of Annex II of Regulation (EU) 2018/1724.
GATEWAY = ("geburtsurkunde", "meldebescheinigung", "wohnsitz-ummelden", "gewerbe-anmelden")
WITHOUT_KEY, CLAIMS_TOO_MUCH, CLAIMED = "marktstand", "meldebescheinigung", "wohnsitz-ummelden"

_OFFICE, _FINANCE, _ORDER = "Stadtbüro", "Finanzservice", "Ordnungsamt"
_MOBILITY, _HOME, _FAMILY = "Mobilität", "Wohnen und Umziehen", "Familie und Kind"
_PAPERS, _TAXES, _WORK, _LEISURE = "Ausweise und Urkunden", "Steuern und Abgaben", "Wirtschaft", "Kultur und Freizeit"

ROWS: Mapping[str, Row] = {
    "anwohnerparken": Row(
        "Resident’s parking permit", "Park in the zone in which you live.", 11, _MOBILITY, "Straßenverkehrsbehörde", 410
    ),
    "bewohnerparkausweis-verlaengern": Row(
        "Renewal of the resident’s parking permit", "Renew it on the form server.", 12, _MOBILITY,
        "Straßenverkehrsbehörde", 290, ("in_person",),
    ),
    "termin-im-stadtbuero": Row(
        "Appointment at the citizens’ office", "For everything that cannot be done online.", 13, _PAPERS, _OFFICE, 180
    ),
    "hundesteuer-anmelden": Row(
        "Dog tax: registration", "Register a dog within two weeks.", 14, _TAXES, _FINANCE, 120, ("in_person", "post")
    ),
    "zuschuss-beantragen": Row(
        "Grant", "The city supports clubs, solar panels and green roofs.", 15, _HOME, "Fachdienst Umwelt", 95, ("post",)
    ),
    "geburtsurkunde": Row(
        "Birth certificate", "Order certificates of births in Marburg.", 16, _PAPERS, "Standesamt", 160
    ),
    "personalausweis": Row(
        "Identity card", "Apply for it in person.", 17, _PAPERS, _OFFICE, 0, ("in_person",)
    ),
    "reisepass": Row("Passport", "It takes four to six weeks.", 18, _PAPERS, _OFFICE, 0, ("in_person",)),
    "fuehrungszeugnis": Row("Certificate of conduct", "For work or volunteering.", 19, _PAPERS, _OFFICE, 70),
    "wohnsitz-ummelden": Row(
        "Change of address", "Within two weeks of moving in.", 20, _HOME, _OFFICE, 330, ("in_person",)
    ),
    "kita-platz": Row(
        "Place at a day nursery", "Put your child’s name down.", 21, _FAMILY, "Fachbereich Kinder", 240, ("in_person",)
    ),
    "sperrmuell": Row(
        "Bulky waste", "Collected twice a year free of charge.", 22, _HOME, "Dienstleistungsbetrieb", 85, ("phone",)
    ),
    "gewerbe-anmelden": Row(
        "Trade registration", "Begin, change or end of a trade.", 23, _WORK, _ORDER, 150, ("in_person", "post")
    ),
    "bauantrag": Row(
        "Building permit", "Which papers the authority needs.", 24, _HOME, "Bauaufsicht", 0, ("in_person", "post")
    ),
    "wohngeld": Row(
        "Housing benefit", "Support with the rent for those who earn little.", 25, _HOME, "Fachdienst Soziales", 260,
        ("in_person", "post"),
    ),
    "elternbeitrag": Row(
        "Parents’ contribution", "Calculate what day care costs.", 26, _FAMILY, "Fachbereich Kinder", 60
    ),
    "fundsachen": Row("Lost property", "How it finds its way back.", 27, _LEISURE, _ORDER, 0),
    "bibliotheksausweis": Row(
        "Library card", "Borrow books, films and games.", 28, _LEISURE, "Stadtbücherei", 40, ("in_person",)
    ),
    "marktstand": Row(
        "Market stall", "At the weekly and the Christmas market.", 29, _WORK, _ORDER, 30, ("post",)
    ),
    "veranstaltung-anmelden": Row(
        "Event notification", "Street party, flea market or run.", 30, _LEISURE, _ORDER, 45, ("post",)
    ),
    "meldebescheinigung": Row(
        "Certificate of residence", "That you are registered in Marburg.", 31, _PAPERS, _OFFICE, 55, ("in_person",)
    ),
    "eheschliessung": Row(
        "Marriage", "Which papers you need, and where to marry.", 32, _PAPERS, "Standesamt", 0, ("in_person",)
    ),
}  # fmt: skip


def catalogue(host: str) -> list[Service]:
    """The services of the city, whose pages are on `host`."""
    return [_service(row, ROWS[row.slug], host) for row in city.SERVICES]


def _service(page: city.Service, row: Row, host: str) -> Service:
    paths = [f"{host}{page.path}/**"]
    if page.slug == CLAIMS_TOO_MUCH:
        paths.append(f"{host}/leistungen/{CLAIMED}/danke")
    return Service(
        slug=page.slug,
        name=page.name,
        name_en=row.name_en,
        description=f"{page.about}\nSimulierte Leistung; ihr Schlüssel ist erfunden.",
        description_en=f"{row.about_en}\nA simulated service; its key is made up.",
        leika="" if page.slug == WITHOUT_KEY else f"00990{row.number:03}000000",
        ozg=f"SIM-{row.number}",
        category=row.category,
        department=row.department,
        contact=f"{row.department}, Telefon 115 (simuliert)",
        paths=tuple(paths),
        forms=(_form(FORMS[page.slug]),) if page.slug in FORMS else (),
        channels=(*(("web",) if page.online else ()), *row.ways),
        cost_per_month_cents=100 * row.cost if page.online else None,
        sdg=page.slug in GATEWAY,
    )


def _form(plan: Plan) -> Form:
    steps = tuple(
        Step(row.slug, row.name, row.name_en, optional=row.taken < 1) for row in plan.stations if row.declared
    )
    return Form(plan.slug, plan.name, plan.name_en, plan.end_page, steps)
