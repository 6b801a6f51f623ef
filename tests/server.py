"""The real product as processes on loopback: `zaehlwerk serve` in all but name, with its log in a file."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path

from tests.installation import CHROME

COMMANDS = {
    "gunicorn": ["gunicorn", "-c", "python:tracker.gunicorn_settings", "-w", "2", "-b", "127.0.0.1:{port}", "wsgi:app"],
    "plain gunicorn": ["gunicorn", "-w", "2", "-b", "127.0.0.1:{port}", "wsgi:app"],
    "granian": [
        "granian", "--interface", "wsgi", "--workers", "2", "--host", "127.0.0.1", "--port", "{port}", "--no-ws",
        "--respawn-failed-workers", "wsgi:app",
    ],
}  # fmt: skip


class Server:
    """One server on a data directory; use it in a `with`."""

    def __init__(self, data: Path, kind: str = "gunicorn", **settings: str) -> None:
        self.data = data
        self.port = free_port()
        self.log = data.parent / f"server-{self.port}.log"
        environ = {f"ZAEHLWERK_{name.upper()}": value for name, value in settings.items()}
        self._environ = {**os.environ, "ZAEHLWERK_DATA": str(data), **environ}
        self._command = [sys.executable, "-m", *(part.format(port=self.port) for part in COMMANDS[kind])]
        self._root = Path(__file__).parents[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "Server":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command, cwd=self._root, env=self._environ, stdout=log, stderr=log, start_new_session=True
            )
        self.wait_until_healthy()

    def wait_until_healthy(self, seconds: float = 90) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with suppress(OSError):
                if self.get("/health")[0] == 200:
                    return
            time.sleep(0.1)
        raise AssertionError(f"not healthy: {self.log.read_text()[-3000:]}")

    def stop(self, seconds: float = 60) -> int:
        """End it as an operator does; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        finally:
            self.kill()

    def kill(self) -> None:
        """kill -9 of every process."""
        for pid in self.pids():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def pids(self) -> list[int]:
        """Every living process of the server: its master, workers and loader."""
        return [int(path.name) for path in Path("/proc").glob("[0-9]*") if self._is_mine(int(path.name))]

    def workers_and_loader(self) -> list[int]:
        return [pid for pid in self.pids() if pid != self.process.pid]

    def loaders(self) -> list[int]:
        return [pid for pid in self.pids() if b"tracker.loading" in Path(f"/proc/{pid}/cmdline").read_bytes()]

    def _is_mine(self, pid: int) -> bool:
        try:
            status = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return False
        return status[0] != "Z" and int(status[3]) == self.process.pid  # its session

    def get(self, path: str) -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(self.url + path, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def send(self, headers: dict[str, str] | None = None, **beacon: object) -> int:
        """POST a beacon; the status, or 0 when there was no answer."""
        return self.post("/beacon", beacon, headers)

    def post(self, path: str, message: object, headers: dict[str, str] | None = None) -> int:
        """POST a message as the scripts in pages do; the status, or 0 when there was no answer."""
        given = {"User-Agent": CHROME, "Content-Type": "text/plain", **(headers or {})}
        request = urllib.request.Request(self.url + path, json.dumps(message).encode(), given)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
