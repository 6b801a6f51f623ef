"""Which service of the catalogue a text in a file means."""

import re
from collections.abc import Iterable

from tracker.services.service import Service
from tracker.usage.findings import Finding
from tracker.usage.grid import Cell, shown
from tracker.usage.layout import normal

_LEIKA = re.compile(r"[0-9]{14}")
_ROUNDED = re.compile(r"[0-9]+[.,]?[0-9]*e\+?[0-9]+", re.IGNORECASE)
_MARKS = re.compile(r"[\s./-]")


class Names:
    """The services of a municipality by slug, LeiKa key and name."""

    def __init__(self, services: Iterable[Service]) -> None:
        self.slugs: dict[str, str] = {}  # slug → name
        self._by_leika: dict[str, list[str]] = {}
        self._by_name: dict[str, list[str]] = {}
        for service in services:
            self.slugs[service.slug] = service.name
            if service.leika:
                self._by_leika.setdefault(service.leika, []).append(service.slug)
            for name in {normal(service.name), normal(service.name_en)} - {""}:
                self._by_name.setdefault(name, []).append(service.slug)

    def find(self, cell: Cell) -> str | Finding:
        """The slug of the service that a cell names; a finding without place when it is none, or several."""
        text = shown(cell)
        if text.lower() in self.slugs:
            return text.lower()
        key = _MARKS.sub("", text)
        found = self._by_leika.get(key, []) if _LEIKA.fullmatch(key) else self._by_name.get(normal(text), [])
        if len(found) == 1:
            return found[0]
        if found:
            return Finding("service_twice", values={"value": text, "known": ", ".join(found)})
        return Finding("leika_rounded" if _ROUNDED.fullmatch(text) else "service", values={"value": text[:80]})
