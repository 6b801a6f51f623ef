"""How often an address may send: in memory only, under a secret of the process."""

import secrets


class Limiter:
    """Lets `burst` requests through at once and `rate` per second for long (generic cell rate algorithm)."""

    def __init__(self, rate: int, burst: int, size: int = 100_000) -> None:
        self._interval = 1 / rate
        self._tolerance = burst / rate
        self._size = size
        self._secret = secrets.token_bytes(16)
        self._due: dict[int, float] = {}

    def allows(self, address: str, now: float) -> bool:
        """Whether a request of `address` at `now` (seconds) is within the limit; counts it if so."""
        key = hash((self._secret, address))
        due = self._due.get(key, now)
        due = max(due, now) + self._interval
        if due - now > self._tolerance + self._interval:
            return False
        if len(self._due) >= self._size:
            self._due = {kept: time for kept, time in self._due.items() if time > now}
            if len(self._due) >= self._size:
                self._due.clear()
        self._due[key] = due
        return True
