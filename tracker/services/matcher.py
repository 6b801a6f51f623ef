"""Which services a page belongs to. Most patterns are one path, or all below a path: those are looked up, not tried."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_REMEMBERED = 20_000  # pages


@dataclass(slots=True)
class _Patterns:
    """Patterns by how they are matched: whole paths, everything below a path, and the rest as regular expressions."""

    whole: dict[str, list[str]] = field(default_factory=dict)
    below: dict[str, list[str]] = field(default_factory=dict)
    rest: list[tuple[re.Pattern[str], str]] = field(default_factory=list)

    def add(self, pattern: str, slug: str) -> None:
        base = pattern.removesuffix("/**")
        if "*" in base:
            self.rest.append((compiled(pattern), slug))
        elif base != pattern:
            self.below.setdefault(base, []).append(slug)
        else:
            self.whole.setdefault(_bare(pattern), []).append(slug)

    def match(self, page: str) -> Iterator[str]:
        yield from self.whole.get(page, ())
        for above in _ancestors(page) if self.below else ():
            yield from self.below.get(above, ())
        for expression, slug in self.rest:
            if expression.fullmatch(page):
                yield slug


class Matcher:
    """The services of the pages of one site. `rows`: slug and pattern, the pattern written as pages are stored.

    Pages on another host of the site begin with that host, and so do the patterns for them.
    """

    def __init__(self, rows: Iterable[tuple[str, str]] = ()) -> None:
        self._paths, self._routes = _Patterns(), _Patterns()
        self._known: dict[str, tuple[str, ...]] = {}
        for slug, pattern in rows:
            (self._routes if "#" in pattern else self._paths).add(pattern, slug)

    def services(self, page: str) -> tuple[str, ...]:
        """The slugs of the services that a page as stored belongs to, in alphabetical order; mostly none or one."""
        found = self._known.get(page)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[page] = self._match(page)
        return found

    def _match(self, page: str) -> tuple[str, ...]:
        path, route, _ = page.partition("#")
        slugs = set(self._paths.match(_bare(path)))
        if route:
            slugs.update(self._routes.match(_bare(page)))
        return tuple(sorted(slugs))


def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern as a regular expression for pages without closing slash."""
    first, *names = _bare(pattern).split("/")
    return re.compile(_of_name(first) + "".join(_below(name) for name in names))


def _below(name: str) -> str:
    return "(?:/[^/]+)*" if name == "**" else "/" + _of_name(name)


def _of_name(name: str) -> str:
    return "[^/]+" if name == "*" else "[^/]*".join(re.escape(part) for part in name.split("*"))


def _bare(page: str) -> str:
    """Without closing slash; the first page of a site is ""."""
    return page.rstrip("/")


def _ancestors(page: str) -> Iterator[str]:
    """A page and all above it: /a/b, /a, ""; for another host www.b.de/a, www.b.de."""
    end = len(page)
    while end >= 0:
        yield page[:end]
        end = page.rfind("/", 0, end)
