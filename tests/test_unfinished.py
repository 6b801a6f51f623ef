"""What killed processes left under hidden names goes, and what a living one writes stays."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tracker.unfinished import beside, leftovers, remove_leftovers, unfinished

WRITE = (
    "import sys; from pathlib import Path; from tracker.unfinished import beside, unfinished\n"
    "with unfinished(beside(Path(sys.argv[1])), sys.argv[2] == 'True') as path:\n"
    "    (path / 'text' if path.is_dir() else path).write_text('Ein Kommentar')\n"
    "    print('written', flush=True)\n"
    "    sys.stdin.read()\n"
)


def writing(target: Path, folder: bool) -> "subprocess.Popen[str]":
    """A process that is at work on a target."""
    command = [sys.executable, "-c", WRITE, str(target), str(folder)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "written\n"
    return process


@pytest.mark.parametrize("folder", [False, True])
def test_what_a_living_process_writes_stays_and_what_a_killed_one_left_goes(tmp_path: Path, folder: bool) -> None:
    target = tmp_path / "a[b].zip"
    with writing(target, folder) as process:
        (path,) = tmp_path.iterdir()
        remove_leftovers(beside(target))
        assert (path.exists(), leftovers(beside(target))) == (True, [])
        process.kill()
        assert process.wait() == -signal.SIGKILL
        assert leftovers(beside(target)) == [path]
        remove_leftovers(beside(target))
        with unfinished(beside(target), folder) as mine:
            assert list(tmp_path.iterdir()) == [mine]
            assert mine.stat().st_mode & 0o077 == 0
            remove_leftovers(beside(target))
            mine.rename(target)
    assert list(tmp_path.iterdir()) == [target]


def test_only_names_of_this_target_are_leftovers(tmp_path: Path) -> None:
    names = [".x.zip.0123abcd", ".x.zip.old", "x.zip.0123abcd", ".xxzip.0123abcd", ".x.zip.0123abcde"]
    for name in names:
        (tmp_path / name).touch()
    (tmp_path / ".x.zip.01234567").symlink_to(tmp_path / "x.zip.0123abcd")
    remove_leftovers(beside(tmp_path / "x.zip"))
    assert {path.name for path in tmp_path.iterdir()} == {*names[1:], ".x.zip.01234567"}
    remove_leftovers(beside(tmp_path / "nowhere" / "x.zip"))


def test_nothing_is_left_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), unfinished(tmp_path / ".import-", folder=True) as path:
        (path / "text").write_text("x")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []
