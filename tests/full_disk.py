"""Run in a mount namespace of its own by test_full_disk.py: a data directory on a file system of 4 MB that fills up."""

import sqlite3
import subprocess
import sys
from pathlib import Path

from tests.installation import HOST, install

PATH = Path(sys.argv[1])


def main() -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(PATH)], check=True)
    city = install(PATH, rate_limit="100000", rate_burst="1000000")
    ballast = PATH / "ballast"
    acknowledged = [f"/a{letter}" for letter in "abcdefgh" if city.send(u=f"/a{letter}").status_code == 202]
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            pass
    refused = 0
    while refused < 5:
        page = "/b" + "x" * (len(acknowledged) % 40)
        if city.send(u=page).status_code == 202:
            acknowledged.append(page)
        else:
            refused += 1
    city.clock.now += 1
    try:
        city.loader.step()
        raise SystemExit("the loader found room on a full disk")
    except (sqlite3.OperationalError, OSError):
        pass
    ballast.unlink()
    for letter in "abcdefgh":
        assert city.send(u=f"/c{letter}").status_code == 202, "counting resumes by itself"
        acknowledged.append(f"/c{letter}")
    city.count()
    expected = {page: acknowledged.count(page) for page in acknowledged}
    assert city.keys("page") == expected, (city.keys("page"), expected)
    print(f"{len(acknowledged)} acknowledged and counted at {HOST}, {refused} refused")


main()
