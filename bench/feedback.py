"""How long feedback takes: the topics of 200,000 varied comments, and the page of their summary over a year."""

import random
import resource
import secrets
import statistics
import time
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from pathlib import Path

from bench.beacons import HOST
from bench.dashboard import signed_in
from bench.services import seconds
from bench.table import Row, at_most, say
from tracker.calendar import day_number
from tracker.commands.setup import prepare
from tracker.config import Config, load_config
from tracker.feedback.feedback import CATEGORIES, DETAILS, MOMENTS
from tracker.services.service import Service
from tracker.store import open_store
from tracker.store.catalogue import Catalogue
from tracker.store.schema import transaction
from tracker.store.services import Services
from tracker.store.topics import build_topics

ARS = "065340014014"
SERVICES = tuple(f"dienst-{number}" for number in range(60))
NUMBER, QUICK = 200_000, 3_000
BUILD_TARGET, PAGE_TARGET = 120, 1.0  # s
SUBJECTS = {
    2: """Hochladen der Unterlagen|Bearbeitungszeit|Termin im Bürgerbüro|Terminvergabe|Bezahlung mit Kreditkarte|BundID|
       Anmeldung mit dem Online-Ausweis|AusweisApp|Behördendeutsch|Telefonnummer|Fehlermeldung|Sitzung|Rückmeldung|
       Zwischenspeichern|Handy|Öffnungszeiten|Quittung|Bescheid|Postleitzahl|Geburtsurkunde|Passfoto|Wartezeit""",
    5: """Mitarbeiterin am Schalter|Erklärung|Bestätigung per Mail|Ablauf|Onlineformular|Übersicht|Bezahlung|Auskunft|
       Abholung|Wegbeschreibung|einfache Sprache|Vorausfüllung|Terminbuchung|Kontaktformular|Rathaus|Bürgerbüro""",
}
OPENINGS = {
    2: """Leider {0}: {1}.|{1}! {0} geht gar nicht.|Ich ärgere mich über {0}, weil {1}.|{0}? {1}.|Bei {0} heißt es nur,
       {1}.|Zum dritten Mal {0} versucht, {1}.|{1}, und das wegen {0}.|Warum ist {0} so umständlich? {1}.""",
    5: """{0} war sehr gut, {1}.|Besonders gefiel mir {0}: {1}.|Danke, {0} hat geklappt. {1}.|{1}, vor allem {0}!|
       Endlich {0}, {1}.|{0} ging schnell und unkompliziert.|Freundlich und schnell, {1}, auch {0}.""",
}
ENDINGS = {
    2: """nach zwanzig Minuten war alles weg|die Seite stürzt ab|keiner meldet sich zurück|das versteht niemand|am Handy
       sieht man den Knopf nicht|die Datei sei zu groß|das Passwort wird nicht angenommen|es kam ein weißer Bildschirm|
       die Angaben widersprechen sich|auf Papier ging es schneller|das Feld nimmt meinen Namen nicht an""",
    5: """in fünf Minuten erledigt|ohne einen einzigen Weg ins Amt|alles verständlich erklärt|sogar am Handy|die Antwort
       kam am nächsten Tag|kein Papierkram mehr|die Dame war sehr hilfsbereit|so stelle ich mir eine Stadt vor""",
}
SYLLABLES = ("bel", "dor", "fen", "gar", "hol", "kamp", "len", "mar", "nor", "ost", "pels", "rath", "sen", "tal", "ulm")


def rows(build: Path, quick: bool) -> Iterator[Row]:
    """The rows of this part; `build` is a directory for what is made on the way."""
    number = QUICK if quick else NUMBER
    config = _filled(build / f"feedback-{number}", number)
    processor = time.process_time()
    yield at_most(f"feedback: topics of {number:,} comments", _built(config), BUILD_TARGET, "s", digits=1)
    yield Row(f"feedback: CPU for topics of {number:,} comments", f"{time.process_time() - processor:.1f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield Row(f"feedback: memory while topics of {number:,} comments are built", f"{peak:,.0f} MB")
    client, last = signed_in(config), date.today()
    span = f"period=custom&from={last - timedelta(364)}&to={last}"
    for what, address in (
        ("summary of a municipality", f"/admin/feedback/summary?municipality={ARS}&{span}"),
        ("summary of a service", f"/admin/feedback/summary?municipality={ARS}&service={SERVICES[0]}&{span}"),
        ("all topics", f"/admin/feedback/summary/topics?municipality={ARS}&{span}"),
    ):
        say(f"feedback: {what}")
        taken = statistics.median(seconds(client, address))
        yield at_most(f"feedback: {what}, 365 days, {number:,} comments", taken, PAGE_TARGET, "s", digits=3)


def comment(chance: random.Random, rating: int) -> str:
    """A comment of one to three sentences; every third one has a word of its own, as names of streets are."""
    mood = 2 if rating < 4 else 5

    def one_of(texts: dict[int, str]) -> str:
        return " ".join(chance.choice(texts[mood].split("|")).split())

    sentences = [one_of(OPENINGS).format(one_of(SUBJECTS), one_of(ENDINGS)) for _ in range(chance.choice((1, 1, 2, 3)))]
    if chance.random() < 1 / 3:
        sentences.append(f"Es ging um {''.join(chance.choices(SYLLABLES, k=4)).title()}.")
    return " ".join(sentences)


def _built(config: Config) -> float:
    store = open_store(config.database)
    town = Catalogue(store.connection).municipality(ARS)
    begun = time.perf_counter()
    found = build_topics(store.connection, town.id, _told)
    taken = time.perf_counter() - begun
    store.close()
    say(f"feedback: {found} topics")
    return taken


def _told(done: int, of: int) -> None:
    if 10 * done // of != 10 * (done - 500) // of:
        say(f"feedback: topics, {done / of:.0%}")


def _filled(path: Path, number: int) -> Config:
    config = load_config(path, {})
    if (path / "filled").exists():
        return config
    prepare(config)
    store = open_store(config.database)
    catalogue = Catalogue(store.connection)
    town = catalogue.add_municipality("Marburg", ARS)
    site = catalogue.add_site(HOST, ARS).id
    Services(store.connection).apply(town.id, [Service(slug, slug.title()) for slug in SERVICES])
    say(f"feedback: writing {number:,} comments")
    chance, numbers = random.Random(7), count(1)
    with transaction(store.connection):
        store.connection.executemany(
            """
            insert into feedback (id, municipality_id, site, service, day, category, rating, found, text, moment,
              device, language, receipt, rkey)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
            """,
            (_row(chance, next(numbers), town.id, site) for _ in range(number)),
        )
        store.connection.executemany(
            "insert into feedback_detail values (?, ?, ?)",
            ((row, question, chance.randint(1, 5)) for row in range(1, number, 5) for question in DETAILS),
        )
    store.close()
    (path / "filled").touch()
    return config


def _row(chance: random.Random, number: int, town: int, site: int) -> tuple[object, ...]:
    rating = chance.choices((1, 2, 3, 4, 5), (3, 2, 2, 4, 6))[0]
    day = day_number(date.today() - timedelta(chance.randrange(500) % 365))
    return (
        *(number, town, site, chance.choice(SERVICES), day, chance.choice(CATEGORIES), rating),
        *(chance.choice(("", "", "yes", "partly", "no")), comment(chance, rating), chance.choice(("", *MOMENTS))),
        *(chance.choice(("mobile", "desktop", "tablet")), chance.choice(("de", "de", "de", "en", "tr"))),
        secrets.token_bytes(16),
    )
