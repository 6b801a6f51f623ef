"""An installation in which everything is switched on and something of every kind is stored."""

import os
from datetime import date
from pathlib import Path

from admin.nightly import find_topics
from admin.opendata.publisher import Publisher
from tests.installation import HOST, MARBURG, Installation
from tests.published import choose, counting, next_day, people
from tracker.backup import default_target, make_backup
from tracker.calendar import day_number
from tracker.counters import write_json
from tracker.feedback.erased import note_erased
from tracker.feedback.feedback import Feedback
from tracker.feedback.masking import screen
from tracker.feedback.receipt import hash_of
from tracker.nightly import STATUS
from tracker.sdg.draft import STATISTICS
from tracker.sdg.setting import Setting
from tracker.sdg.transfer import draft, make
from tracker.services.service import Service
from tracker.store.accounts import EDITOR, Accounts
from tracker.store.annotations import Annotations
from tracker.store.answers import Answers, Draft
from tracker.store.audit_log import AuditLog
from tracker.store.backup import copy_database
from tracker.store.deliveries import Deliveries
from tracker.store.feedback import Feedbacks
from tracker.store.feedback import Setting as Asked
from tracker.store.imports import Imports
from tracker.store.opendata import Opendata
from tracker.store.schema import COPY_PREFIX
from tracker.store.sdg import Transfers
from tracker.store.services import Services
from tracker.store.tokens import Tokens
from tracker.store.usage import ImportedFrom, Usage
from tracker.usage.figures import Figure
from tracker.usage.layout import Connector, Layout

WRITTEN = "Der Anhang war zu groß. Rufen Sie mich an: 06421 201-1234, Frau Petra Schmidt."
CONTACT = {
    "contact": "Pressestelle, Telefon 06421 201-0",
    "email": "opendata@marburg.example",
    "website": "https://www.marburg.de/daten",
    "contributor": "http://dcat-ap.de/def/contributors/stadtMarburg",
}


def whole(path: Path, **settings: str) -> Installation:
    """Marburg after a day of visits, with feedback, releases, imports, backups and whatever else there is."""
    city = counting(path, **settings)
    store, town = city.store, city.catalogue.municipality(MARBURG)
    city.catalogue.add_site("zaehlung.marburg.de", MARBURG, "counts")
    _visits(city)
    _feedback(city)
    _office(city)
    next_day(city)
    people(city, 3)
    city.send(k="step", u=f"https://{HOST}/hund/antrag", p={"form": "hund", "step": "halter"})
    city.count()
    choose(city, automatic=True, **CONTACT)
    Publisher(store, city.config, town, city.clock()).publish()
    make(store.connection, town, draft(store, town, STATISTICS, 202604, Setting()), Setting(), int(city.clock()))
    find_topics(city.config, city.clock())
    _files(city)
    return city


def _visits(city: Installation) -> None:
    people(city, 12)
    city.send(u=f"https://{HOST}/suche?q=anwohnerparken&utm_campaign=fruehling", r="https://www.example.org/a?id=1")
    city.send(k="event", n="outbound", p={"url": "https://x.example/formular?m=1"})
    for step in ("halter", "hund"):
        city.send(k="step", u=f"https://{HOST}/hund/antrag", p={"form": "hund", "step": step})
    city.count()


def _feedback(city: Installation) -> None:
    connection, town = city.store.connection, city.catalogue.municipality(MARBURG)
    feedbacks = Feedbacks(connection)
    for number in range(12):
        seen = screen(WRITTEN, "de")
        given = {"service": "hundesteuer", "rating": 2, "language": "de", "details": {"easy": 4}}
        feedback = Feedback(1, 20260518, "procedure", text=seen.text, masked=seen.masked, page="/hund", **given)
        last = feedbacks.add(feedback, hash_of(f"7K2M-Q8ZD-1XNA-5VT{number % 10}") + bytes([number]))
    feedbacks.save_setting(town.id, "hundesteuer", Asked("procedure", True))
    answer = Draft("Anhänge", "Anhänge waren zu groß", "Bis 20 MB sind jetzt erlaubt.", "hundesteuer", last)
    Answers(connection).add(town.id, answer, date(2026, 5, 18))
    note_erased(city.config.data, b"\1" * 32, 20260518)


def _office(city: Installation) -> None:
    connection, town = city.store.connection, city.catalogue.municipality(MARBURG)
    accounts, tokens = Accounts(connection), Tokens(connection)
    accounts.begin_session(accounts.add("redaktion@marburg.example", "vier zufällige Wörter", EDITOR, town.id))
    secret = tokens.add(town.id, "Formularserver")
    token = tokens.find(secret)
    assert token is not None
    deliveries = Deliveries(connection, token.id)
    deliveries.begin("a", b"{}", int(city.clock() * 1000))
    deliveries.finish("a", b'{"kept": 1}')
    imports = Imports(connection)
    imports.is_first_delivery(1, 20260518, 1)
    imports.begin(1, "import-1", 20260518, 0, int(city.clock()))
    imports.is_new(1, 20260518, 2)
    Annotations(connection, town.id).add(date(2026, 5, 18), "Neues Formular", "hundesteuer")
    usage = Usage(connection)
    usage.save(
        town.id,
        Connector("civento", "civento", Layout({"Monat": "period", "Dienst": "service", "Anzahl": "submitted"})),
    )
    figures = {Figure("hundesteuer", 202604, "", "submitted", ""): 5}
    usage.replace(town.id, "civento", figures, ImportedFrom("a.csv", "command", None, 1))
    usage.save_zsk_setting(town.id, "{}")
    Transfers(connection).save_setting(town.id, "{}")
    AuditLog(connection).write(city.clock(), "redaktion@marburg.example", town.id, "services.edit", "hundesteuer")
    Services(connection).add(
        town.id, Service("pass", "Pass", contact="buero@marburg.example, 06421 201-1", channels=("web",), sdg=True)
    )
    opendata = Opendata(connection)
    opendata.note_minute(city.clock())
    opendata.add_outage(1, 20260501, 20260502, "Umzug des Rechenzentrums")


def _files(city: Installation) -> None:
    config = city.config
    (config.data / "zaehlwerk.toml").write_text('trusted_proxies = ["10.1.2.3"]\n')
    (config.data / "uploads").mkdir(mode=0o700)
    upload = config.data / "uploads" / ("0" * 32)
    upload.touch(mode=0o600)
    upload.write_text("Monat;Anzahl\n2026-04;5\n")
    write_json(config.data / STATUS, {"day": day_number(date(2026, 5, 19)), "time": city.clock(), "failed": {}})
    make_backup(config, city.store.connection, default_target(config, city.clock()), lambda _: None)
    copy_database(city.store.connection, config.data / "backup" / f"{COPY_PREFIX}6-1.db", lambda _: None)
    for path in (*(config.data / "backup").iterdir(), upload):
        os.utime(path, (city.clock(), city.clock()))
