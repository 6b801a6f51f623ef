import os
import threading
from pathlib import Path

import msgspec
import pytest

from tests.installation import Clock, install
from tracker.errors import JournalError
from tracker.journal import ROTATE_SECONDS, JournalWriter, is_finished, journal_files, read_lines
from tracker.reader import BATCH_BYTES, FILES, read_journal
from tracker.record import decode, encode


@pytest.fixture
def clock():
    return Clock()


def test_lines_are_read_back_in_order(tmp_path, clock):
    writer = JournalWriter(tmp_path, clock=clock)
    for number in range(10):
        writer.append(b"%d\n" % number)
    (path,) = journal_files(tmp_path)
    lines, end = read_lines(path, 0, 7)
    assert (lines, end) == ([b"0", b"1", b"2"], 6)
    assert read_lines(path, end, 1000)[0] == [b"%d" % number for number in range(3, 10)]


def test_a_line_longer_than_the_block_is_read_whole(tmp_path):
    (tmp_path / "long.jsonl").write_bytes(b"x" * 100 + b"\ny\n")
    assert read_lines(tmp_path / "long.jsonl", 0, 10)[0][0] == b"x" * 100


def test_a_torn_last_line_is_left(tmp_path):
    (tmp_path / "torn.jsonl").write_bytes(b"whole\ntor")
    assert read_lines(tmp_path / "torn.jsonl", 0, 1000) == ([b"whole"], 6)
    assert read_lines(tmp_path / "torn.jsonl", 6, 1000) == ([], 6)


def test_it_begins_a_new_file_every_hour(tmp_path, clock):
    writer = JournalWriter(tmp_path, clock=clock)
    writer.append(b"a\n")
    clock.now += ROTATE_SECONDS
    writer.append(b"b\n")
    old, new = journal_files(tmp_path)
    assert (is_finished(old), is_finished(new)) == (True, False)
    writer.close()
    assert is_finished(new)


def test_a_file_whose_hour_is_over_is_finished_though_nobody_writes(tmp_path, clock):
    writer = JournalWriter(tmp_path, clock=clock)
    writer.append(b"a\n")
    (path,) = journal_files(tmp_path)
    clock.now += ROTATE_SECONDS - 1
    writer.finish_idle()
    assert not is_finished(path)
    clock.now += 1
    writer.finish_idle()
    assert is_finished(path)
    writer.append(b"b\n")
    assert len(journal_files(tmp_path)) == 2


def test_it_recovers_from_a_file_that_cannot_be_flushed(tmp_path, clock):
    writer = JournalWriter(tmp_path, "fsync", clock=clock)
    writer.append(b"a\n")
    (number,) = (int(path.name) for path in Path("/proc/self/fd").iterdir() if _is_open_on(path, tmp_path))
    reading, writing = os.pipe()
    os.dup2(writing, number)  # which cannot be flushed
    clock.now += ROTATE_SECONDS
    with pytest.raises(JournalError):
        writer.append(b"b\n")
    writer.append(b"c\n")
    assert b"c\n" in [path.read_bytes() for path in journal_files(tmp_path)]
    os.close(reading)
    os.close(writing)


def _is_open_on(descriptor, directory):
    try:
        return descriptor.readlink().is_relative_to(directory)
    except OSError:
        return False


def test_every_process_has_a_file_of_its_own(tmp_path, clock):
    writer = JournalWriter(tmp_path, clock=clock)
    writer.append(b"parent\n")
    child = os.fork()
    if not child:
        writer.append(b"child\n")
        os._exit(0)
    os.waitpid(child, 0)
    writer.append(b"parent\n")
    assert sorted(path.read_bytes() for path in journal_files(tmp_path)) == [b"child\n", b"parent\nparent\n"]


@pytest.mark.parametrize("durability", ["write", "fsync"])
def test_threads_lose_nothing_and_tear_nothing(tmp_path, durability):
    writer = JournalWriter(tmp_path, durability)

    def write(letter):
        for number in range(100):
            writer.append(f"{letter}{number}\n".encode())

    threads = [threading.Thread(target=write, args=(letter,)) for letter in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = [line for path in journal_files(tmp_path) for line in path.read_bytes().splitlines()]
    assert sorted(lines) == sorted(f"{letter}{number}".encode() for letter in "abcd" for number in range(100))


def test_a_folder_that_is_gone_is_an_error_and_no_crash(tmp_path):
    writer = JournalWriter(tmp_path / "missing")
    with pytest.raises(JournalError, match="cannot be written"):
        writer.append(b"x\n")


def test_a_torn_line_of_a_dead_writer_is_dropped_and_its_file_removed(tmp_path):
    city = install(tmp_path)
    city.send(u="/ganz")
    city.worker.journal.close()
    (path,) = journal_files(city.config.journal)
    with path.open("ab") as file:
        file.write(b'[1779098400000,1,5,"v","/zerris')
    city.count()
    city.clock.now += 2 * 86_400
    city.count()
    city.clock.now += 2
    city.count()
    assert city.keys("page") == {"/ganz": 1}
    assert journal_files(city.config.journal) == []


def test_a_damaged_line_is_skipped_and_counted(tmp_path):
    city = install(tmp_path)
    city.send(u="/vorher")
    (path,) = journal_files(city.config.journal)
    with path.open("ab") as file:
        file.write(b"\xff\x00 no json\n[1]\n")
    city.clock.now += 1
    assert city.loader.step().damaged == 2
    assert city.keys("page") == {"/vorher": 1}


def test_a_file_that_got_shorter_is_not_counted_again(tmp_path):
    city = install(tmp_path)
    city.send(u="/a")
    city.send(u="/a")
    city.count()
    (path,) = journal_files(city.config.journal)
    os.truncate(path, 10)
    city.count()
    assert city.keys("page") == {"/a": 2}


def test_a_backlog_of_many_files_is_read_in_pieces_and_in_the_order_of_time(tmp_path):
    city = install(tmp_path)
    city.send()
    city.worker.journal.close()
    (path,) = journal_files(city.config.journal)
    record = decode(path.read_bytes().strip())
    path.unlink()
    line = encode(record)
    for number in range(3 * FILES):
        lines = [encode(msgspec.structs.replace(record, time=record.time + step)) for step in range(0, 6000)]
        (city.config.journal / f"beacons-{number}.jsonl").write_bytes(b"".join(lines))
    positions, times = {}, []
    while (read := read_journal(city.config.journal, positions, record.time + 3_600_000)).records:
        assert len(read.records) * len(line) <= 1.1 * FILES * BATCH_BYTES
        positions.update(read.positions)
        times += [taken.time for _, taken in read.records]
    assert len(times) == 3 * FILES * 6000
    assert times == sorted(times)
