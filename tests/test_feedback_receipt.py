"""With the code, and nothing else, one sees, takes along and deletes what one wrote; deleted is deleted."""

import hashlib
import json
import os
import re
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.installation import HOST
from tests.saying import ADDRESS, Town
from tests.test_privacy import bytes_on_disk
from tracker.backup import make_backup, restore_backup
from tracker.config import load_config
from tracker.errors import StoreError
from tracker.feedback import erased
from tracker.feedback.erased import erased_receipts, forget_erased, note_erased
from tracker.feedback.own import GUESSES, erase, find
from tracker.feedback.receipt import ALPHABET, BYTES, code_of, document, hash_of
from tracker.feedback.submission import Refused
from tracker.feedback.words import query
from tracker.retention import purge
from tracker.store import open_store
from tracker.store.backup import copy_database
from tracker.store.feedback import purge_erased

ENVIRON = {"REMOTE_ADDR": ADDRESS}
WRONG = "0000-0000-0000-0000"
PIECES = 120


@pytest.fixture
def town(tmp_path):
    return Town(tmp_path, feedback_per_minute="100000")


def reason(code, environ, town):
    with pytest.raises(Refused) as caught:
        find(code, environ, town.city.worker)
    return caught.value.reason


@given(st.binary(min_size=BYTES, max_size=BYTES))
def test_every_code_is_read_back(raw):
    code = code_of(raw)
    assert re.fullmatch(f"[{ALPHABET}]{{4}}(-[{ALPHABET}]{{4}}){{3}}", code)
    careless = code.lower().replace("0", "o").replace("1", "l").replace("-", " ")
    assert hash_of(code) == hash_of(careless) == hash_of(f"  {code.replace('-', '').replace('1', 'I')}\n")


def test_codes_differ_as_their_secrets_do():
    assert code_of(bytes(10)) == WRONG
    assert code_of(b"\xff" * 10) == "ZZZZ-ZZZZ-ZZZZ-ZZZZ"
    assert len({code_of(os.urandom(10)) for _ in range(1000)}) == 1000


@pytest.mark.parametrize("typed", ["", "0000", "0000-0000-0000-000U", "0" * 17, "x" * 100_000, "\ud800", "ä" * 16])
def test_what_can_be_no_code_has_no_hash(typed):
    assert hash_of(typed) is None


def test_the_code_itself_is_nowhere_on_disk(town, tmp_path):
    code = town.say(r=3, t="Ganz gut").json["receipt"]
    stored = b"".join(content for _, content in bytes_on_disk(tmp_path))
    assert hash_of(code) in stored, "the search itself works"
    for form in (code, code.replace("-", ""), code.lower()):
        assert form.encode() not in stored
    number = sum(ALPHABET.index(sign) << 5 * place for place, sign in enumerate(reversed(code.replace("-", ""))))
    assert number.to_bytes(10, "big") not in stored


def test_with_the_code_one_finds_what_one_wrote(town):
    code = town.say(r=3, t="Ganz gut").json["receipt"]
    kept = find(code.lower().replace("-", ""), ENVIRON, town.city.worker)
    assert (kept.feedback.text, kept.feedback.rating) == ("Ganz gut", 3)


def test_the_document_holds_what_was_said_and_became_of_it_but_no_note_of_the_office(town):
    code = town.say(r=3, f="yes", t="Ganz gut", m="submitted", d={"easy": 4}).json["receipt"]
    town.connection.execute(
        "update feedback set status = 'answered', answer = 'Danke!', answered = 20260519, note = 'x'"
    )
    told = document(find(code, ENVIRON, town.city.worker))
    assert json.loads(json.dumps(told)) == {
        "site": HOST,
        "day": "2026-05-18",
        "category": "procedure",
        "service": "hundesteuer",
        "rating": 3,
        "found": "yes",
        "text": "Ganz gut",
        "masked": 0,
        "page": "/leistungen/hundesteuer",
        "moment": "submitted",
        "device": "desktop",
        "language": "de",
        "details": {"easy": 4},
        "status": "answered",
        "answer": "Danke!",
        "answered": "2026-05-19",
        "released": False,
        "text_deleted": False,
    }


def test_guessing_is_limited_per_address_and_right_codes_are_no_guesses(town):
    code = town.say(r=3).json["receipt"]
    worker = town.city.worker
    for _ in range(3 * GUESSES):
        find(code, ENVIRON, worker)
    assert [reason(WRONG, ENVIRON, town) for _ in range(GUESSES + 1)] == ["unknown_receipt"] * GUESSES + ["rate"]
    assert reason(code, ENVIRON, town) == "rate", "a right guess among many tells nothing"
    find(code, {"REMOTE_ADDR": "93.184.216.35"}, worker)
    town.later()
    find(code, ENVIRON, worker)


@pytest.mark.parametrize("code", ["", WRONG, "Unfug", "\x00" * 16])
def test_an_unknown_code_is_not_found(town, code):
    assert reason(code, ENVIRON, town) == "unknown_receipt"


def marker(number):
    """A word that occurs in one piece of feedback only; the search index has it as it is."""
    digest = hashlib.blake2b(str(number).encode(), digest_size=8).hexdigest()
    return digest.translate(str.maketrans("0123456789abcdef", "bcdfghjklmpqvwxz"))


def fill(town, pieces=PIECES):
    """Many pieces with words of their own; their codes."""
    return [
        town.say(
            r=1 + number % 5, d={"easy": 3}, u=f"https://{HOST}/seite/{marker(number)}",
            t=f"Es dauert {marker(number)} zu lange. " + "Und noch etwas dazu. " * (number % 50),
            address=f"10.0.{number // 250}.{number % 250}",
        ).json["receipt"]
        for number in range(pieces)
    ]  # fmt: skip


def left(path, numbers):
    """Those of the numbers whose word is left anywhere below a directory; the index leaves out common beginnings."""
    stored = b"\n".join(content for _, content in bytes_on_disk(path))
    return [number for number in numbers if marker(number)[5:].encode() in stored]


def test_deleted_means_that_no_byte_is_left(town, tmp_path):
    codes = fill(town)
    gone = list(range(0, PIECES, 3))
    for number in gone:
        (where,) = town.found(query(marker(number)))
        town.connection.execute("insert into feedback_tag values (?, ?)", (where, f"Tag{marker(number)}"))
        town.connection.execute(
            "update feedback set note = ?, answer = ? where id = ?", (marker(number), marker(number), where)
        )
    town.city.count()
    assert left(tmp_path, range(PIECES)) == list(range(PIECES)), "the search itself works"
    for number in gone:
        erase(codes[number], {"REMOTE_ADDR": f"10.1.0.{number}"}, town.city.worker)
    assert left(tmp_path, range(PIECES)) == [number for number in range(PIECES) if number not in gone]
    hashes = [hash_of(codes[number]) for number in gone]
    database = town.city.config.database.read_bytes()
    assert [receipt for receipt in hashes if receipt in database] == []
    for table in ("feedback", "feedback_search"):
        assert town.connection.execute(f"select count(*) from {table}").fetchone() == (PIECES - len(gone),)
    for table in ("feedback_tag", "feedback_detail"):
        orphans = f"select count(*) from {table} where feedback_id not in (select id from feedback)"
        assert town.connection.execute(orphans).fetchone() == (0,)
    assert town.found(query(marker(gone[0]))) == []
    assert reason(codes[0], ENVIRON, town) == "unknown_receipt"
    assert town.connection.execute("pragma integrity_check").fetchone() == ("ok",)
    town.connection.execute("insert into feedback_search (feedback_search) values ('integrity-check')")


def test_a_removed_site_takes_its_feedback_and_its_words_along(town, tmp_path):
    fill(town, 20)
    town.city.catalogue.remove_site(HOST)
    for table in ("feedback", "feedback_detail", "feedback_search"):
        assert town.connection.execute(f"select count(*) from {table}").fetchone() == (0,)


def test_what_is_deleted_does_not_come_back_with_an_older_backup(town, tmp_path):
    codes = fill(town, 10)
    backup = tmp_path / "backup.db"
    copy_database(town.connection, backup, lambda _: None)
    for code in codes[:4]:
        erase(code, {"REMOTE_ADDR": "10.9.0.1"}, town.city.worker)
    restored = open_store(backup)
    hashes = erased_receipts(town.city.config.data)
    assert hashes == {hash_of(code) for code in codes[:4]}
    assert purge_erased(restored.connection, hashes) == 4
    assert purge_erased(restored.connection, hashes) == 0
    restored.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("backup.db*"))
    assert [number for number in range(10) if marker(number)[5:].encode() in stored] == list(range(4, 10))


def test_a_restored_installation_forgets_what_was_deleted_before_and_after_its_backup(town, tmp_path):
    codes, config = fill(town, 6), town.city.config
    early, backup = tmp_path / "early", tmp_path / "backup"
    make_backup(config, town.connection, early, lambda _: None)
    erase(codes[0], {"REMOTE_ADDR": "10.9.0.1"}, town.city.worker)
    make_backup(config, town.connection, backup, lambda _: None)
    erase(codes[1], {"REMOTE_ADDR": "10.9.0.1"}, town.city.worker)
    for number, (source, deletions, expected) in enumerate(
        [
            (early, None, [0, 1, 2, 3, 4, 5]),
            (early, backup / erased.FILE, [1, 2, 3, 4, 5]),
            (early, config.data / erased.FILE, [2, 3, 4, 5]),
            (backup, None, [1, 2, 3, 4, 5]),
        ]
    ):
        restored = load_config(tmp_path / f"restored{number}", {})
        restore_backup(source, restored, lambda _: None, deletions)
        assert left(restored.data, range(6)) == expected


def test_a_list_of_deletions_is_added_to_that_of_the_backup(town, tmp_path):
    codes, config = fill(town, 4), town.city.config
    note_erased(tmp_path, hash_of(codes[2]), 20260517)
    backup = tmp_path / "backup"
    erase(codes[0], {"REMOTE_ADDR": "10.9.0.1"}, town.city.worker)
    make_backup(config, town.connection, backup, lambda _: None)
    restored = load_config(tmp_path / "restored", {})
    restore_backup(backup, restored, lambda _: None, tmp_path / erased.FILE)
    assert erased_receipts(restored.data) == {hash_of(codes[0]), hash_of(codes[2])}
    assert left(restored.data, range(4)) == [1, 3]
    assert (restored.data / erased.FILE).stat().st_mode & 0o077 == 0


LINE = b"20260101 " + b"0f" * 32 + b"\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (Path("/etc/passwd").read_bytes(), "not the file erased-receipts of a data directory"),
        (b"Hallo\n", "not the file erased-receipts"),
        (b"2026", "not the file erased-receipts"),
        (bytes(740), "not the file erased-receipts"),
        (LINE.replace(b"\n", b"\r\n") * 3, "not the file erased-receipts"),
        (LINE + LINE.upper(), "not the file erased-receipts"),
        (LINE * 2 + b"more", "not the file erased-receipts"),
        (LINE + LINE[1:] + LINE, "not the file erased-receipts"),
        (LINE * 2 + LINE[:20], r"ends in the middle of a deletion.*first 148 bytes \(head -c 148\)"),
        (LINE[:20], "not the file erased-receipts"),
    ],
)
def test_another_file_is_no_list_of_deletions(town, tmp_path, content, said):
    make_backup(town.city.config, town.connection, tmp_path / "backup", lambda _: None)
    (tmp_path / "list").write_bytes(content)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(StoreError, match=said):
        restore_backup(tmp_path / "backup", load_config(tmp_path / "new", {}), lambda _: None, tmp_path / "list")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("content", [b"", LINE, LINE + bytes(74) + LINE, LINE + LINE[:30] + bytes(44) + LINE])
def test_what_the_program_itself_leaves_is_a_list_of_deletions(tmp_path, content):
    (tmp_path / "list").write_bytes(content)
    assert erased.read_list(tmp_path / "list") == ({b"\x0f" * 32: 20260101} if content else {})


def test_the_hourly_purge_deletes_what_a_crash_or_a_restored_file_left(town):
    code = town.say(r=3, t="Ganz gut").json["receipt"]
    note_erased(town.city.config.data, hash_of(code), 20260518)
    assert purge(town.city.store, town.city.config, town.city.clock())["feedback"] == 1
    assert town.kept() == []


def test_deletions_are_remembered_until_no_backup_can_hold_what_is_so_old(town):
    data, config = town.city.config.data, town.city.config
    note_erased(data, b"\x01" * 32, 20240301)
    note_erased(data, b"\x02" * 32, 20260501)
    purge(town.city.store, config, town.city.clock())
    assert erased_receipts(data) == {b"\x02" * 32}


def test_the_list_of_deletions_outlives_torn_lines(tmp_path):
    note_erased(tmp_path, b"\x01" * 32, 20260101)
    path = tmp_path / erased.FILE
    path.write_bytes(path.read_bytes() + b"20260102 0f0f")
    assert erased_receipts(tmp_path) == {b"\x01" * 32}
    note_erased(tmp_path, b"\x02" * 32, 20260103)
    path.write_bytes(path.read_bytes() + bytes(74))
    note_erased(tmp_path, b"\x03" * 32, 20260104)
    assert erased_receipts(tmp_path) == {b"\x01" * 32, b"\x02" * 32, b"\x03" * 32}
    assert forget_erased(tmp_path, 20260103) == 1
    assert erased_receipts(tmp_path) == {b"\x02" * 32, b"\x03" * 32}
    assert path.stat().st_mode & 0o077 == 0
    assert forget_erased(tmp_path / "nowhere", 20260103) == 0


def test_a_deletion_that_finds_the_database_busy_can_be_repeated(town, monkeypatch):
    monkeypatch.setattr("tracker.store.feedback.PATIENCE", 50)
    code = town.say(r=3).json["receipt"]
    town.connection.execute("begin immediate")
    with pytest.raises(Refused, match="try again"):
        erase(code, ENVIRON, town.city.worker)
    town.connection.execute("rollback")
    erase(code, ENVIRON, town.city.worker)
    assert town.kept() == []


def test_a_reader_delays_no_deletion(town, monkeypatch):
    monkeypatch.setattr("tracker.store.feedback.PATIENCE", 50)
    code = town.say(r=3).json["receipt"]
    reader = sqlite3.connect(town.city.config.database, isolation_level=None)
    reader.execute("begin")
    reader.execute("select count(*) from feedback").fetchone()
    erase(code, ENVIRON, town.city.worker)
    reader.execute("rollback")
    reader.close()
    assert town.kept() == []
