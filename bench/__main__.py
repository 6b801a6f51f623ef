"""`python -m bench [--quick] [--fresh] [PART…]`: measure, and print one table."""

import argparse
import platform
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from os import cpu_count, getloadavg
from pathlib import Path

from bench import collector, dashboard, disk, feedback, loader, masking, opendata, services
from bench.table import Row, lines, say

BUILD = Path("build") / "bench"
Part = Callable[[Path, bool], Iterator[Row]]
PARTS: dict[str, Part] = {
    "collector": collector.rows,
    "loader": loader.rows,
    "dashboard": dashboard.rows,
    "services": services.rows,
    "feedback": feedback.rows,
    "disk": disk.rows,
    "masking": masking.rows,
    "opendata": opendata.rows,
}


def main() -> None:
    """Run the parts asked for, in their order."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measures what docs/performance.md claims.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"one or more of {', '.join(PARTS)}; all without")
    parser.add_argument("--quick", action="store_true", help="a small version that only shows that all of it runs")
    parser.add_argument("--fresh", action="store_true", help="fill the databases anew")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    build = BUILD / "quick" if asked.quick else BUILD
    if asked.fresh:
        shutil.rmtree(build, ignore_errors=True)
    build.mkdir(parents=True, exist_ok=True)
    machine = f"Python {platform.python_version()}, {cpu_count()} cores, load {getloadavg()[0]:.1f} before"
    rows = [row for name in asked.parts or PARTS for row in PARTS[name](build, asked.quick)]
    say("")
    print(f"{datetime.now():%Y-%m-%d}, {machine}")
    print("\n".join(lines(rows)))


if __name__ == "__main__":
    main()
