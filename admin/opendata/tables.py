"""The declared tables of the open data: what is published, by what, how often. Nothing else is.

No free text, no page but those on the municipality's list, and no two properties of visitors at once. Every domain is
closed: a row is there whatever was counted, so that its absence tells nothing.
"""

from collections.abc import Callable
from typing import NamedTuple

from admin.opendata import reading
from admin.opendata.reading import Place, Rows

DAY, MONTH = "day", "month"
NUMBER, MEAN = "number", "mean"


class Words(NamedTuple):
    """A text in the languages of the publication."""

    de: str
    en: str


class Dimension(NamedTuple):
    """A column that tells what a row is about."""

    name: str
    title: Words
    kind: str = "string"  # or date, yearmonth: the types of Table Schema


class Measure(NamedTuple):
    """A column with numbers, beside which stands their status.

    `unit` and `bound`: what one unit of it is and how much one can add (admin/opendata/protection/values.py); a measure
    without a unit is derived from the protected ones of its row.
    """

    name: str
    title: Words
    unit: str = ""
    bound: int = 1
    kind: str = NUMBER
    block: str = ""


class Table(NamedTuple):
    """One published table. `threshold`: the answers below which a period is merged with the next, 0 for none.

    `read` gives, for periods in their order, the true rows of each; `attributes` follow from a dimension.
    """

    name: str
    title: Words
    description: Words
    period: str
    dimensions: tuple[Dimension, ...]
    measures: tuple[Measure, ...]
    read: Callable[[Place, list[int]], dict[int, Rows]]
    attributes: tuple[Dimension, ...] = ()
    threshold: int = 0
    sensitive: bool = False  # a property of visitors: by the month, and never crossed with another


_DAY = Dimension("day", Words("Tag", "Day"), "date")
_MONTH = Dimension("month", Words("Monat", "Month"), "yearmonth")
_SITE = Dimension("site", Words("Website", "Website"))
_SERVICE = Dimension("service", Words("Online-Dienst", "Service"))
_FORM, _STEP = Dimension("form", Words("Formular", "Form")), Dimension("step", Words("Schritt", "Step"))
_NAMED = (
    Dimension("service_name", Words("Name des Online-Dienstes", "Name of the service")),
    Dimension("leika", Words("LeiKa-Schlüssel", "LeiKa key")),
)
_VISITORS = Measure("visitors", Words("Besuchende", "Visitors"), "visitor-day")
_VISITS = Measure("visits", Words("Besuche", "Visits"), "visit")
_VIEWS_ALONE = Measure(
    "views_without_visits",
    Words("Seitenaufrufe von Websites ohne Besuchszählung", "Page views of websites without visits"),
    "view",
)
_VIEWS = Measure("views", Words("Seitenaufrufe", "Page views"), "view")
_TOGETHER = "attempts"  # hidden together, because one can be told from the others
_STARTED = Measure("started", Words("Begonnene Vorgänge", "Attempts started"), "attempt", block=_TOGETHER)
_SUBMITTED = Measure("submitted", Words("Abgeschlossene Vorgänge", "Attempts submitted"), "attempt", block=_TOGETHER)
_ABANDONED = Measure("abandoned", Words("Abgebrochene Vorgänge", "Attempts abandoned"), "attempt", block=_TOGETHER)
_OTHER_ENDS = Measure("other_ends", Words("Andere Enden", "Other ends"), "attempt", block=_TOGETHER)
_REACHED = Measure("reached", Words("Erreicht", "Reached"), "step")
_ABANDONED_HERE = Measure("abandoned", Words("Hier abgebrochen", "Abandoned here"), "attempt")
_RATINGS = tuple(
    Measure(f"rating_{n}", Words(f"Bewertungen mit {n}", f"Ratings of {n}"), "answer", block="ratings")
    for n in range(1, 6)
)
_ATTEMPTS = Measure("attempts", Words("Vorgänge", "Attempts"), "attempt")


def _codes(name: str, title: Words, of: Words, dim: str) -> Table:
    """A table of the attempts of each service by a code."""
    return Table(
        f"service-{name}-month",
        Words(f"Vorgänge nach {of.de}", f"Attempts by {of.en}"),
        Words(
            f"Vorgänge je Online-Dienst, Monat und {of.de}. Genannt ist, was das Formular meldet.",
            f"Attempts by service, month and {of.en}, as told by the form.",
        ),
        MONTH,
        (_MONTH, _SERVICE, Dimension(name, title)),
        (_ATTEMPTS,),
        lambda place, periods: reading.codes(place, periods, dim),
        _NAMED,
        sensitive=True,
    )


def _visitors_by(name: str, title: Words, description: Words, dim: str) -> Table:
    """A table of the visits of all sites by one property."""
    return Table(
        f"{name}-month",
        Words(f"Besuche nach {title.de}", f"Visits by {title.en.lower()}"),
        description,
        MONTH,
        (_MONTH, Dimension(name, title)),
        (_VISITS, _VIEWS_ALONE),
        lambda place, periods: reading.visits_by(place, periods, dim),
        sensitive=True,
    )


TABLES = (
    Table(
        "site-day",
        Words("Nutzung der Websites je Tag", "Use of the websites by day"),
        Words(
            "Besuchende, Besuche und Seitenaufrufe je Website und Tag. Besuchende werden je Tag einmal gezählt; über "
            "mehrere Tage sind es summierte Tageswerte.",
            "Visitors, visits and page views by website and day. A visitor is counted once a day; over several days "
            "these are daily visitors, summed.",
        ),
        DAY,
        (_DAY, _SITE),
        (_VISITORS, _VISITS, _VIEWS),
        reading.sites,
    ),
    Table(
        "service-day",
        Words("Nutzung der Online-Dienste je Tag", "Use of the services by day"),
        Words(
            "Seitenaufrufe und Vorgänge je Online-Dienst und Tag: begonnen, abgeschlossen, abgebrochen und anders "
            "beendet (nicht berechtigt, weitergeleitet, Fehler des Systems).",
            "Page views and attempts by service and day: started, submitted, abandoned and ended otherwise (not "
            "eligible, redirected, fault of the system).",
        ),
        DAY,
        (_DAY, _SERVICE),
        (_VIEWS, _STARTED, _SUBMITTED, _ABANDONED, _OTHER_ENDS),
        reading.services,
        _NAMED,
    ),
    Table(
        "service-step-month",
        Words("Schritte der Formulare je Monat", "Steps of the forms by month"),
        Words(
            "Wie viele Vorgänge einen Schritt eines Formulars erreicht haben und wie viele dort abgebrochen wurden.",
            "How many attempts reached a step of a form, and how many were abandoned there.",
        ),
        MONTH,
        (_MONTH, _SERVICE, _FORM, _STEP),
        (_REACHED, _ABANDONED_HERE),
        reading.steps,
        (*_NAMED, Dimension("step_name", Words("Name des Schritts", "Name of the step"))),
    ),
    _codes("auth", Words("Anmeldung", "Sign-in"), Words("Art der Anmeldung", "type of sign-in"), "auth"),
    _codes(
        "assurance",
        Words("Vertrauensniveau", "Level of assurance"),
        Words("Vertrauensniveau", "level of assurance"),
        "assurance",
    ),
    _codes("payment", Words("Zahlungsart", "Payment"), Words("Zahlungsart", "type of payment"), "payment"),
    _visitors_by(
        "device",
        Words("Gerät", "Device"),
        Words("Besuche aller Websites nach Art des Geräts.", "Visits by device."),
        "device",
    ),
    _visitors_by(
        "country-group",
        Words("Herkunft", "Origin"),
        Words(
            "Besuche aller Websites nach Herkunft: Deutschland, übrige EU, übrige Welt, unbekannt.",
            "Visits by origin: Germany, the rest of the EU, the rest of the world, unknown.",
        ),
        "country",
    ),
    _visitors_by(
        "language",
        Words("Sprache", "Language"),
        Words(
            "Besuche aller Websites nach der ersten Sprache des Browsers; seltene zusammengefasst.",
            "Visits by the first language of the browser; rare ones together.",
        ),
        "language",
    ),
    _visitors_by(
        "channel",
        Words("Zugangsweg", "Channel"),
        Words(
            "Besuche aller Websites nach dem Weg, auf dem der Besuch begann.",
            "Visits by the way on which the visit began.",
        ),
        "channel",
    ),
    Table(
        "service-feedback-month",
        Words("Rückmeldungen zu den Online-Diensten", "Feedback on the services"),
        Words(
            "Zahl, Mittelwert und Verteilung der Bewertungen (1 bis 5) je Online-Dienst. Monate mit weniger als 10 "
            "Bewertungen werden mit den folgenden zusammengefasst.",
            "Number, mean and distribution of the ratings (1 to 5) by service. Months with fewer than 10 ratings are "
            "merged with those that follow.",
        ),
        MONTH,
        (_MONTH, Dimension("from_month", Words("Erster Monat", "First month"), "yearmonth"), _SERVICE),
        (
            *_RATINGS,
            Measure("ratings", Words("Bewertungen", "Ratings")),
            Measure("mean", Words("Mittelwert", "Mean"), kind=MEAN),
        ),
        reading.feedback,
        _NAMED,
        threshold=10,
    ),
    Table(
        "page-month",
        Words("Seitenaufrufe einzelner Seiten", "Views of single pages"),
        Words(
            "Seitenaufrufe der Seiten, die die Kommune zur Veröffentlichung bestimmt hat.",
            "Views of the pages that the municipality has chosen to publish.",
        ),
        MONTH,
        (_MONTH, _SITE, Dimension("page", Words("Seite", "Page"))),
        (_VIEWS,),
        reading.pages,
    ),
)
BY_NAME = {table.name: table for table in TABLES}
