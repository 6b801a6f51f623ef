"""The loader alone: `python -m bench.drain DATA NOW` counts the journal as at NOW (ms) and prints its cost."""

import json
import sys
import time
from pathlib import Path

from tracker.config import Config
from tracker.loader import Loader
from tracker.store import open_store


def drain(data: Path, now: int) -> dict[str, float]:
    """Lines counted, seconds, seconds of CPU, and the most memory that the process ever had, in MB."""
    config = Config(data=data)
    store = open_store(config.database)
    loader = Loader(store, config, lambda: now / 1000)
    counted = 0

    def add(lines: int) -> None:
        nonlocal counted
        counted += lines

    begun, cpu = time.perf_counter(), time.process_time()
    loader.drain(add)
    taken = {"seconds": time.perf_counter() - begun, "cpu": time.process_time() - cpu}
    store.close()
    return {"counted": counted, **taken, "memory": _peak()}


def _peak() -> float:
    """From Linux's /proc: the high-water mark of the resident set."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


if __name__ == "__main__":
    print(json.dumps(drain(Path(sys.argv[1]), int(sys.argv[2]))))
