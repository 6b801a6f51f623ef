"""`zaehlwerk demo` as a real process, and what it printed."""

import json
import re
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

from server import free_port

COMMAND = str(Path(sys.executable).with_name("zaehlwerk"))


class Demo:
    """One demo on a data directory; use it in a `with`."""

    def __init__(self, data: Path, months: int) -> None:
        self.data = data
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.log = data.parent / f"demo-{self.port}.log"
        self._months = months

    def __enter__(self) -> "Demo":
        command = [COMMAND, "demo", "--port", str(self.port), "--months", str(self._months), "--data", str(self.data)]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        self._wait_for_first_page()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(20)

    @property
    def printed(self) -> str:
        return self.log.read_text("utf-8")

    def told(self, what: str) -> str:
        """The word that was printed beside `what`."""
        found = re.search(rf"^  {what} +(\S+)", self.printed, re.MULTILINE)
        assert found, self.printed
        return found[1]

    def stats(self, *options: str) -> dict[str, Any]:
        """What `zaehlwerk stats --json` says of today."""
        site = self.told("Dashboard").rsplit("/", 1)[1]
        today = time.strftime("%Y-%m-%d")
        command = [COMMAND, "stats", site, "--data", str(self.data), "--from", today, "--to", today, "--json", *options]
        answer: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        return answer

    def get(self, path: str) -> tuple[int, str]:
        with urllib.request.urlopen(self.base + path, timeout=30) as answer:
            return answer.status, answer.read().decode()

    def _wait_for_first_page(self, seconds: float = 120) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            with suppress(OSError):
                self.get("/demo/")
                return
            time.sleep(0.1)
        raise AssertionError(self.printed)
