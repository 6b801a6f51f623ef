"""What a public feedback page asks about: a service, or the pages of a site, in the words of the reader."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from werkzeug.exceptions import NotFound

from admin.access import config, store
from admin.feedback_texts import Words, chosen
from tracker.errors import ConfigError
from tracker.feedback.feedback import CATEGORIES, DETAILS, INFORMATION
from tracker.services.service import Service
from tracker.store.catalogue import Catalogue, Municipality, Site
from tracker.store.feedback import Feedbacks
from tracker.store.services import Services


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked about, and which questions. `service` is None for pages of no service."""

    town: Municipality
    site: Site
    service: Service | None
    words: Words
    category: str
    details: tuple[str, ...]

    @property
    def slug(self) -> str:
        """The short name of the service, "" for pages of no service."""
        return self.service.slug if self.service else ""

    @property
    def name(self) -> str:
        """What it is called in the reader's language, as far as there is a name in it."""
        return name_of(self.service, self.words) or self.site.host

    @property
    def first(self) -> str:
        """The field of the first question."""
        return "found" if self.category == INFORMATION else "rating"

    @property
    def origin(self) -> str:
        """Where the site is: on this very machine if it is the simulated city's."""
        address = urlsplit(config().base_url)
        port = f":{address.port}" if address.port else ""
        return f"{address.scheme}://{self.site.host}{port}" if config().simulated else f"https://{self.site.host}"


def asked_about(host: str, slug: str, category: str) -> Asked:
    """What an address asks about, as the service is set unless a category is named; 404 if there is nothing."""
    catalogue = Catalogue(store().connection)
    site = next((site for site in catalogue.sites() if site.host == host.lower()), None)
    if site is None:
        raise NotFound
    town = next(town for town in catalogue.municipalities() if town.id == site.municipality_id)
    service = _service(town, slug) if slug else None
    setting = Feedbacks(store().connection).setting(town.id, slug)
    chosen_category = category if category in CATEGORIES else setting.category
    return Asked(town, site, service, chosen(), chosen_category, DETAILS if setting.details else ())


def name_of(service: Service | None, words: Words) -> str:
    """The name of a service in the reader's language, else in German; "" for none."""
    if service is None:
        return ""
    return (service.name_en if words.tag == "en" else "") or service.name


def _service(town: Municipality, slug: str) -> Service:
    try:
        return Services(store().connection).get(town.id, slug)
    except ConfigError as error:
        raise NotFound from error
