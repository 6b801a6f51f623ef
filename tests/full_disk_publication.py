"""Run in a mount namespace of its own by test_publication_kill.py: what is published lies on a small file system.

It fills up while releases are written, after more and more of them; every time, what is there is complete.
"""

import random
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from admin.opendata.manifest import ReleaseError
from tests.filled import fill
from tests.published import counting, publisher
from tests.test_publication_kill import DAYS, YESTERDAY, Reader, check_end

PATH = Path(sys.argv[1])
ROOM = 64 * 1024 * 1024  # bytes


def fill_up(ballast: Path, left: int) -> None:
    """Take all of the file system but `left` bytes."""
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 65_536)
        except OSError:
            file.truncate(max(0, file.tell() - left))


def main() -> None:
    city = counting(PATH)
    fill(city, YESTERDAY - timedelta(DAYS - 1), YESTERDAY)
    city.clock.now = time.time()
    root = city.config.opendata
    root.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(root)], check=True)
    chance, refused = random.Random(6), 0
    with Reader(city) as reader:
        for _ in range(8):
            fill_up(root / "ballast", chance.randrange(1_500_000))
            try:
                publisher(city).publish()
            except ReleaseError:
                refused += 1
            (root / "ballast").unlink()
            reader.check_all()
        publisher(city).publish()
    check_end(city, reader)
    assert refused > 2, refused
    print(f"{len(reader.releases())} releases published at last, {refused} refusals before")


main()
