"""What an import would change, before it does."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from tracker.services.exchange import to_json
from tracker.services.fields import COLUMNS, to_fields
from tracker.services.service import Service

ADDED, CHANGED, UNCHANGED = "added", "changed", "unchanged"


@dataclass(frozen=True, slots=True)
class Difference:
    """One column of a service as it is and as it will be."""

    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one service: `kind` is ADDED, CHANGED or UNCHANGED."""

    kind: str
    service: Service
    differences: tuple[Difference, ...] = ()


def compare(present: Iterable[Service], incoming: Iterable[Service]) -> list[Change]:
    """What keeping the incoming services would change, in their order."""
    known = {service.slug: service for service in present}
    return [_change(known.get(service.slug), service) for service in incoming]


def _change(before: Service | None, after: Service) -> Change:
    if before is None:
        return Change(ADDED, after)
    if before == after:
        return Change(UNCHANGED, after)
    old, new = to_fields(before), to_fields(after)
    differences = (Difference(name, old[name], new[name]) for name in COLUMNS if old[name] != new[name])
    return Change(CHANGED, after, tuple(differences))


def fingerprint(services: Sequence[Service]) -> str:
    """Another text whenever anything in the catalogue is another."""
    return blake2b(to_json(services).encode(), digest_size=12).hexdigest()
