"""How often an address, or a network of IPv6 addresses, may send: in memory only, under a secret of the process."""

import secrets

from tracker.peer import address_group


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
        key = hash((self._secret, address_group(address)))
        due = self._due.get(key, now)
        if due > now + self._tolerance + self._interval:  # no request can be: the clock was put back
            due = now
        due = max(due, now) + self._interval
        if due - now > self._tolerance + self._interval:
            return False
        if len(self._due) >= self._size:
            self._forget(now)
        self._due[key] = due
        return True

    def _forget(self, now: float) -> None:
        """Make room; on a copy, since other threads go on meanwhile."""
        kept = {key: due for key, due in self._due.copy().items() if due > now}
        self._due = kept if len(kept) < self._size else {}
