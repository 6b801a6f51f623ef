"""The load generator, a process of its own: `python -m bench.load PORT CONNECTIONS SECONDS` prints one JSON object.

The server always has requests of one half of the connections to answer while the answers of the other half are read.
Only a 202 counts that does not say that the beacon was dropped.
"""

import json
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import cycle

from bench.beacons import Request, requests

DIFFERENT = 20_000  # requests made beforehand
Sent = list[tuple[socket.socket, str]]  # what waits for an answer, and the kind of its beacon


def connect(port: int) -> socket.socket:
    """A connection that is kept."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def send(connections: list[socket.socket], source: Iterator[Request]) -> Sent:
    """One request on each connection."""
    sent = []
    for connection in connections:
        request = next(source)
        connection.sendall(request.data)
        sent.append((connection, request.kind))
    return sent


def answer(connection: socket.socket) -> bytes:
    """One whole answer, whose body is empty."""
    found = connection.recv(4096)
    while not found.endswith(b"\r\n\r\n"):
        more = connection.recv(4096)
        if not more:
            raise SystemExit(f"The server closed the connection after {found!r}.")
        found += more
    return found


def receive(sent: Sent, kept: Counter[str]) -> None:
    """Wait for all answers, and count the beacons acknowledged by their kind."""
    for connection, kind in sent:
        found = answer(connection)
        acknowledged = found.startswith(b"HTTP/1.1 202") and b"dropped" not in found.lower()
        kept[kind if acknowledged else "refused"] += 1


def run(port: int, number: int, seconds: float) -> dict[str, float]:
    """Load the server for so long over so many connections: acknowledged beacons by kind, and the time it took."""
    connections = [connect(port) for _ in range(number)]
    source = cycle(requests(DIFFERENT))
    kept: Counter[str] = Counter()
    half = number // 2
    begun, cpu = time.perf_counter(), time.process_time()
    sent = send(connections[:half], source)
    while time.perf_counter() - begun < seconds:
        also = send(connections[half:], source)
        receive(sent, kept)
        sent = send(connections[:half], source)
        receive(also, kept)
    receive(sent, kept)
    return {**kept, "seconds": time.perf_counter() - begun, "cpu": time.process_time() - cpu}


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))))
