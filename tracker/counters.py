"""Counters of a process, shared with the others of the machine through small files in memory. No personal data."""

import json
import os
import time
from collections import Counter
from pathlib import Path
from typing import Any


class Counters:
    """What a worker answered: (answer, reason) → how often."""

    def __init__(self, directory: Path | None) -> None:
        self.beacons: Counter[tuple[str, str]] = Counter()
        self._directory = directory

    def save(self) -> None:
        """Let the other processes see the numbers."""
        if self._directory is None:
            return
        rows = [[answer, reason, number] for (answer, reason), number in sorted(self.beacons.items())]
        write_json(self._directory / f"worker-{os.getpid()}.json", {"beacons": rows})

    def total(self) -> Counter[tuple[str, str]]:
        """The sum over all workers since the machine started; workers that ended are included."""
        self.save()
        if self._directory is None:
            return self.beacons
        total: Counter[tuple[str, str]] = Counter()
        for path in self._directory.glob("worker-*.json"):
            for answer, reason, number in (read_json(path) or {}).get("beacons", []):
                total[answer, reason] += number
        return total


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Replace a small file in one piece; its folder is made again if somebody tidied it up."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    hidden = path.with_name(f".{path.name}.{os.getpid()}")
    hidden.write_text(json.dumps(value), "utf-8")
    hidden.replace(path)


def read_json(path: Path) -> dict[str, Any] | None:
    """The content of a file that `write_json` wrote; None if there is none."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return found if isinstance(found, dict) else None


def heartbeat_is_fresh(status: dict[str, Any] | None, within: float = 5.0) -> bool:
    """Whether the loader reported within so many seconds."""
    return status is not None and time.time() - float(status["time"]) < within
