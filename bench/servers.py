"""A WSGI server as `zaehlwerk serve` starts it, with an application of one's choice, for the length of a block."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tracker.commands.serve import server_arguments

WORKERS = 2
PATIENCE = 60.0  # s until a server must answer
ENVIRONMENT = {
    "ZAEHLWERK_TRUSTED_PROXIES": "127.0.0.0/8",
    "ZAEHLWERK_RATE_LIMIT": "100000",
    "ZAEHLWERK_RATE_BURST": "1000000",
}
QUESTION = b"OPTIONS /beacon HTTP/1.1\r\nHost: bench\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@contextmanager
def serving(server: str, application: str, data: Path) -> Iterator[tuple[int, int]]:
    """(port, process number) of the server, which is stopped at the end of the block."""
    port = _free_port()
    command = [sys.executable, "-m", *server_arguments(server, "127.0.0.1", port, WORKERS)[:-1], application]
    environment = {**os.environ, **ENVIRONMENT, "ZAEHLWERK_DATA": str(data)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_ready(process, port)
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def cpu_seconds(process: int) -> float:
    """CPU time that a process and its children took so far, from Linux's /proc."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
        tasks = list(Path(f"/proc/{process}/task").iterdir())
        children = [int(child) for task in tasks for child in (task / "children").read_text("utf-8").split()]
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") + sum(map(cpu_seconds, children))


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_until_ready(process: "subprocess.Popen[bytes]", port: int) -> None:
    """Until every worker can be expected to have loaded the application: some connections answer one after another."""
    deadline = time.monotonic() + PATIENCE
    answered = 0
    while answered < 5 * WORKERS:
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"The server did not start: {process.args!r}.")
        answered = answered + 1 if _answers(port) else 0
        time.sleep(0.1)


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(
                b"OPTIONS /beacon HTTP/1.1\r\nHost: bench\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            return connection.recv(16).startswith(b"HTTP/1.1 2")
    except OSError:
        return False
