"""The catalogue of services in the database: what is kept, what is refused, what the loader is told."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from catalogues import CATALOGUES
from hypothesis import HealthCheck, given, settings

from tracker.errors import ConfigError
from tracker.services.rules import RULES, ServiceError, check_leika
from tracker.services.service import Form, Service, Step
from tracker.store import open_database
from tracker.store.catalogue import Catalogue
from tracker.store.services import Services

MARBURG, GIESSEN = 1, 2
DOG = Service(
    "hundesteuer",
    "Hundesteuer anmelden",
    leika="99050012104000",
    paths=("www.marburg.de/leistungen/hundesteuer/**", "hund.www.marburg.de/hund"),
    forms=(Form("hundesteuer", "Anmeldung", end_page=True, steps=(Step("1", "Hund"), Step("2", optional=True))),),
    channels=("web",),
    cost_per_month_cents=0,
)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = open_database(tmp_path / "z.db")
    catalogue = Catalogue(connection)
    catalogue.add_municipality("Marburg", "065340014014")
    catalogue.add_municipality("Gießen", "065310005005")
    catalogue.add_site("www.marburg.de", "065340014014", subdomains=True)
    catalogue.add_site("www.giessen.de", "065310005005")
    yield connection
    connection.close()


@pytest.fixture
def services(connection: sqlite3.Connection) -> Services:
    return Services(connection)


def test_it_keeps_changes_and_removes(services: Services) -> None:
    assert services.add(MARBURG, DOG) == DOG
    assert services.all(MARBURG) == [services.get(MARBURG, "hundesteuer")] == [DOG]
    assert services.all(GIESSEN) == []
    other = Service("hundesteuer", "Hunde", forms=(Form("hundesteuer"), Form("abmeldung")))
    assert services.change(MARBURG, other) == other
    assert services.all(MARBURG) == [other]
    services.remove(MARBURG, "hundesteuer")
    assert services.all(MARBURG) == []


def test_nothing_is_left_of_a_removed_service(services: Services, connection: sqlite3.Connection) -> None:
    services.add(MARBURG, DOG)
    services.remove(MARBURG, DOG.slug)
    for table in ("service", "service_path", "service_channel", "service_form", "service_step"):
        assert connection.execute(f"select count(*) from {table}").fetchone() == (0,), table


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(CATALOGUES)
def test_it_keeps_every_valid_catalogue(services: Services, catalogue: list[Service]) -> None:
    for known in services.all(MARBURG):
        services.remove(MARBURG, known.slug)
    services.apply(MARBURG, catalogue)
    assert sorted(services.all(MARBURG), key=lambda service: service.slug) == sorted(
        catalogue, key=lambda service: service.slug
    )


def test_municipalities_may_use_the_same_names(services: Services) -> None:
    services.add(MARBURG, DOG)
    services.add(GIESSEN, DOG)
    assert services.all(MARBURG) == services.all(GIESSEN)


def test_it_sorts_as_a_dictionary_does(services: Services) -> None:
    services.apply(MARBURG, [Service(name.lower(), name) for name in ("Zoo", "Amt")] + [Service("ae", "Ämter")])
    assert [service.name for service in services.all(MARBURG)] == ["Amt", "Ämter", "Zoo"]


@pytest.mark.parametrize(
    ("service", "sentence"),
    [
        (Service("Hund", "Hund"), "must have 1 to 60 lower-case letters"),
        (Service("-hund", "Hund"), "no hyphen first"),
        (Service("hund", " "), "needs a name"),
        (Service("hund", "x" * 201), "at most 200 characters; these are 201"),
        (Service("hund", "a\x07b"), "control character"),
        (Service("hund", "Hund", leika="9905001210400"), "must have 14 digits"),
        (Service("hund", "Hund", leika="9905001210400O"), "must have 14 digits"),
        (Service("hund", "Hund", channels=("brieftaube",)), "is no channel; expected web, app"),
        (Service("hund", "Hund", cost_per_month_cents=-1), "0 or more"),
        (Service("hund", "Hund", paths=("/hund",)), "must begin with the host name"),
        (Service("hund", "Hund", forms=(Form("a b"),)), "short name “a b” of a form"),
        (Service("hund", "Hund", forms=(Form("a"), Form("a"))), "form “a” occurs twice"),
        (Service("hund", "Hund", forms=(Form("a", steps=(Step("1"), Step("1"))),)), "step “1” occurs twice"),
        (Service("hund", "Hund", forms=(Form("a", steps=(Step(""),)),)), "needs a short name"),
        (Service("hund", "Hund", forms=(Form("a", steps=(Step("93847239"),)),)), "counted as “:id”"),
    ],
)
def test_it_refuses_with_the_rule(services: Services, service: Service, sentence: str) -> None:
    with pytest.raises(ServiceError, match=sentence):
        services.add(MARBURG, service)
    assert services.all(MARBURG) == []


def test_a_leika_key_may_be_written_with_blanks() -> None:
    assert check_leika("99 050 012 104 000") == "99050012104000"
    with pytest.raises(ConfigError, match="must have 14 digits"):
        check_leika("99050012104")


def test_a_name_is_given_once(services: Services) -> None:
    services.add(MARBURG, DOG)
    with pytest.raises(ServiceError, match="already a service “hundesteuer”"):
        services.add(MARBURG, Service(" hundesteuer ", "Noch einmal"))


def test_a_form_belongs_to_one_service(services: Services) -> None:
    services.add(MARBURG, DOG)
    with pytest.raises(ServiceError, match="belongs to the service “hundesteuer” already"):
        services.add(MARBURG, Service("zwei", "Zwei", forms=(Form("hundesteuer"),)))
    services.add(GIESSEN, Service("zwei", "Zwei", forms=(Form("hundesteuer"),)))


def test_what_is_missing_can_not_be_changed_or_removed(services: Services) -> None:
    for act in (lambda: services.change(MARBURG, DOG), lambda: services.remove(MARBURG, DOG.slug)):
        with pytest.raises(ConfigError, match="no service hundesteuer"):
            act()


def test_all_or_nothing_is_kept(services: Services) -> None:
    services.add(MARBURG, DOG)
    with pytest.raises(ServiceError):
        services.apply(MARBURG, [Service("hundesteuer", "Anders"), Service("a", "A"), Service("b", "")])
    assert services.all(MARBURG) == [DOG]


def test_the_loader_learns_pages_and_forms(services: Services, connection: sqlite3.Connection) -> None:
    services.add(MARBURG, DOG)
    matchers = services.matchers()
    site = {found.host: found.id for found in Catalogue(connection).sites()}
    pages = matchers.sites[site["www.marburg.de"]]
    assert pages.services("/leistungen/hundesteuer/antrag") == ("hundesteuer",)
    assert pages.services("hund.www.marburg.de/hund") == ("hundesteuer",)
    assert pages.services("/") == pages.services("/hund") == ()
    assert matchers.sites[site["www.giessen.de"]].services("/leistungen/hundesteuer") == ()
    assert matchers.forms == {MARBURG: {"hundesteuer": "hundesteuer"}, GIESSEN: {}}


def test_every_rule_has_a_sentence_of_its_own() -> None:
    assert len(set(RULES.values())) == len(RULES)
