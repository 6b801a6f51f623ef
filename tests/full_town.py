"""Two municipalities in one installation, each with something in every table, and a mark in every text of its own."""

import json
import secrets
import zlib
from contextlib import closing
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from tests.installation import GIESSEN, MARBURG, Installation, install
from tests.published import next_day, publisher
from tracker.config import Config
from tracker.feedback.feedback import Feedback
from tracker.feedback.receipt import hash_of
from tracker.rollups import DIMENSIONS
from tracker.sdg.draft import Draft as Month
from tracker.sdg.setting import Setting
from tracker.sdg.transfer import make
from tracker.services.service import Form, Service, Step
from tracker.store import Store, open_database
from tracker.store.accounts import EDITOR, Accounts
from tracker.store.audit_log import AuditLog
from tracker.store.feedback import Feedbacks
from tracker.store.opendata import Opendata, OpendataSetting
from tracker.store.services import Services
from tracker.store.tokens import Tokens
from tracker.store.usage import Usage
from tracker.usage.layout import Connector, Layout

MARKS = {MARBURG: "qxmarburg", GIESSEN: "qxgiessen"}  # no word of either is in the other
HOSTS = {MARBURG: "www.marburg.de", GIESSEN: "www.giessen.de"}
CODES = {MARBURG: "MARB-0000-0000-0001", GIESSEN: "GESS-0000-0000-0001"}  # receipts of one comment each
PAGES = 40  # of each site, so that the tables have more than one page


def two_towns(path: Path, **settings: str) -> Installation:
    """An installation with Marburg and Gießen, three days of counts, and published days."""
    city = install(path, search_param="q", **settings)
    city.catalogue.add_municipality("Gießen", GIESSEN)
    city.catalogue.add_site(HOSTS[GIESSEN], GIESSEN, search_param="q")
    for ars in MARKS:
        _settle(city, ars)
    city.worker.refresh()
    for _ in range(3):
        for ars in MARKS:
            _visit(city, ars)
        next_day(city)
    for ars in MARKS:
        _keep(city, ars)
    publisher(city).publish()
    for ars in MARKS:
        _visit(city, ars)
    city.count()
    return city


def _settle(city: Installation, ars: str) -> None:
    """Services and forms, which counting goes by."""
    mark, host = MARKS[ars], HOSTS[ars]
    Services(city.store.connection).add(
        city.catalogue.municipality(ars).id,
        Service(
            f"{mark}-hund",
            f"{mark} Hundesteuer",
            leika="99102013000000",
            contact=f"{mark}@amt.example",
            channels=("web",),
            sdg=True,
            paths=(f"{host}/{mark}-hund/**",),
            forms=(Form(f"{mark}-form", f"{mark} Formular", steps=(Step(f"{mark}-halter", f"{mark} Halter"),)),),
        ),
    )


def _visit(city: Installation, ars: str) -> None:
    """Everything a page can send."""
    mark, host = MARKS[ars], HOSTS[ars]
    for number in range(PAGES):
        where = {"s": host, "address": f"10.1.{number}.{len(mark)}"}
        letters = "".join(chr(97 + int(digit)) for digit in str(number))
        city.send(u=f"https://{host}/{mark}-seite-{letters}?utm_campaign={mark}-kampagne&q={mark}+suche", **where)
        city.send(u=f"https://{host}/{mark}-hund/start", r=f"https://{mark}.example/", **where)
    city.send(s=host, k="event", n=f"{mark} Ereignis", u=f"https://{host}/", p={f"{mark}": f"{mark} Wert"})
    city.send(s=host, k="step", u=f"https://{host}/", p={"form": f"{mark}-form", "step": f"{mark}-halter"})


def _keep(city: Installation, ars: str) -> None:
    """Everything that is not counted."""
    connection, mark = city.store.connection, MARKS[ars]
    town, site = city.catalogue.municipality(ars), city.catalogue.site(HOSTS[ars])
    account = Accounts(connection).add(f"{mark}@stadt.example", "vier zufällige Wörter", EDITOR, town.id)
    Accounts(connection).begin_session(account)
    Tokens(connection).add(town.id, f"{mark} Formularserver")
    layout = Layout({f"{mark} Monat": "period", "Dienst": "service", "Anzahl": "submitted"})
    Usage(connection).save(town.id, Connector(f"{mark}-civento", f"{mark} civento", layout))
    make(connection, town, Month("statistics", 202604, [], []), Setting(), 0)
    Opendata(connection).save(town.id, OpendataSetting(automatic=True, contact=f"{mark} Pressestelle"))
    Opendata(connection).add_outage(site.id, 20260501, 20260502, f"{mark} Stromausfall")
    _say(connection, ars, site.id, account.id)
    _fill_by_hand(connection, ars, town.id, site.id)
    AuditLog(connection).write(city.clock(), account.email, town.id, "services.edit", f"{mark}-hund")
    AuditLog(connection).write(city.clock(), account.email, None, "accounts.password")
    uploads = city.config.data / "uploads"
    uploads.mkdir(exist_ok=True, mode=0o700)
    (uploads / secrets.token_hex(16)).write_text(f"{mark} hochgeladen")


def _say(connection: Connection, ars: str, site: int, account: int) -> None:
    mark = MARKS[ars]
    text = f"{mark} Kommentar war schwierig"
    said = Feedback(site, 20260517, "procedure", f"{mark}-hund", 2, "no", text, 0, f"/{mark}", details={"ease": 3})
    receipt = hash_of(CODES[ars])
    assert receipt
    number = Feedbacks(connection).add(said, receipt, rkey=4711)
    for text in (f"{mark} zweiter Kommentar", ""):
        Feedbacks(connection).add(Feedback(site, 20260516, "information", text=text), secrets.token_bytes(32))
    _insert(
        connection,
        ("feedback_tag", {"feedback_id": number, "tag": f"{mark}-tag"}),
        ("feedback_setting", {"municipality_id": said_in(connection, number), "service": f"{mark}-hund"}),
    )
    connection.execute(
        "update feedback set note = ?, answer = ?, assigned_to = ?, status = 'open' where id = ?",
        (f"{mark} Notiz", f"{mark} Antwort", account, number),
    )


def said_in(connection: Connection, number: int) -> int:
    """The municipality of a piece of feedback."""
    return int(connection.execute("select municipality_id from feedback where id = ?", (number,)).fetchone()[0])


def _fill_by_hand(connection: Connection, ars: str, town: int, site: int) -> None:
    """Tables whose writers need more around them."""
    mark, of = MARKS[ars], {"municipality_id": town}
    (number,) = connection.execute("select min(id) from feedback where municipality_id = ?", (town,)).fetchone()
    (account,) = connection.execute("select min(id) from account where municipality_id = ?", (town,)).fetchone()
    (connector,) = connection.execute("select id from usage_connector where municipality_id = ?", (town,)).fetchone()
    (transfer,) = connection.execute("select id from sdg_transfer where municipality_id = ?", (town,)).fetchone()
    (token,) = connection.execute("select id from token where municipality_id = ?", (town,)).fetchone()
    content = zlib.compress(json.dumps({"mark": mark}).encode())
    file = {"transfer_id": transfer, "part": 1, "revision": 2, "made": 1, "entries": 0, "bytes": 21, "sha256": "0" * 64}
    about = {"topic_id": town * 10, "category": "procedure", "side": "low"}
    comment = {"feedback_id": number, "typical": 1, "day": 20260517, "service": f"{mark}-hund"}
    totals = {"period": 202604, "service": f"{mark}-hund", "measure": "submitted", "number": 7}
    imported = {"connector_id": connector, "file": f"{mark}.csv", "via": "admin", "imported": 1, "lines": 1}
    said = {"title": f"{mark} Titel", "said": "", "did": f"{mark} getan", "about_id": number, "published": 20260511}
    log = {"site": site, "started": 1, "first_day": 20260401, "kind": "log", "file": f"import-{mark}.jsonl"}
    seen = {"site": site, "day": 20260401, "fingerprint": 12345678901}
    _insert(
        connection,
        ("annotation", {**of, "day": 20260510, "text": f"{mark} Anmerkung", "created": 1}),
        ("zsk_setting", {**of, "setting": json.dumps({"mark": mark})}),
        ("sdg_setting", {**of, "setting": json.dumps({"mark": mark})}),
        ("sdg_file", {**file, "figures": "[]", "content": content}),
        ("usage_import", {**imported, "id": town * 10}),
        ("usage", {**totals, "import_id": town * 10}),
        ("import_run", log),
        ("import_seen", seen),
        ("delivery_seen", seen),
        ("delivery", {"token_id": token, "key": b"k", "body": b"b", "received": 1, "answer": mark.encode()}),
        ("public_answer", {**of, **said}),
        ("topic", {**of, "id": town * 10, "key": f"{mark} komm", "name": f"{mark} Kommentar"}),
        ("topic_comment", {**about, **comment}),
        ("topic_count", {**about, "period": 2026, "number": 1}),
        ("topic_choice", {**of, "key": f"{mark} komm", "name": f"{mark} Thema", "account_id": account, "changed": 1}),
        ("uptime", {"hour": 494_000 + town, "minutes": 60}),
    )


def _insert(connection: Connection, *rows: tuple[str, dict[str, Any]]) -> None:
    for table, row in rows:
        names = ", ".join(row)
        marks = ", ".join(f":{name}" for name in row)
        connection.execute(f"insert into {table} ({names}) values ({marks})", row)


def figures(store: Store, host: str) -> dict[str, Any]:
    """Everything that is counted of a site, in each scope: dimension → period → key → measures and record key."""
    rows = store.connection.execute(
        """
        select dim, period, scope.value, key.value, visitors, visits, views, bounces, seconds, events, rkey
        from rollup
        join site on site.id = rollup.site
        join text as scope on scope.id = rollup.scope
        join text as key on key.id = rollup.key
        where host = ?
        order by 1, 2, 3, 4
        """,
        (host,),
    ).fetchall()
    names = {row.number: row.name for row in DIMENSIONS}
    return {names[number]: [row[1:] for row in rows if row[0] == number] for number in {row[0] for row in rows}}


def rows_of(config: Config, table: str) -> int:
    """How many rows a table has."""
    with closing(open_database(config.database)) as connection:
        return int(connection.execute(f"select count(*) from {table}").fetchone()[0])
