"""Made-up visits as anonymised records, the same in every run: what the journal of a city's site would hold."""

import random
from collections.abc import Iterator
from itertools import accumulate, product

from bench.beacons import paths, zipf
from tracker.record import EVENT, LEAVE, VIEW, Record

SITE = 1
HOUR = 3_600_000  # ms
HOURS = tuple(accumulate((2, 1, 1, 1, 1, 3, 8, 20, 40, 50, 52, 50, 45, 46, 48, 46, 42, 38, 34, 32, 30, 22, 12, 6)))
# Weight, and the values in the order of a record.
SOURCES = (
    (45, ("direct", "", "", "")),
    (33, ("search", "Google", "www.google.com", "")),
    (6, ("search", "Bing", "www.bing.com", "")),
    (4, ("search", "DuckDuckGo", "duckduckgo.com", "")),
    (4, ("social", "Facebook", "www.facebook.com", "")),
    (3, ("administration", "service.hessen.de", "service.hessen.de", "")),
    (2, ("website", "op-marburg.de", "www.op-marburg.de", "")),
    (2, ("ai", "ChatGPT", "chatgpt.com", "")),
    (1, ("campaign", "newsletter", "", "Haushalt 2026")),
)
CLIENTS = (
    (30, ("mobile", "Chrome", "Android")),
    (24, ("mobile", "Safari", "iOS")),
    (18, ("desktop", "Chrome", "Windows")),
    (9, ("desktop", "Edge", "Windows")),
    (8, ("desktop", "Firefox", "Windows")),
    (4, ("desktop", "Safari", "macOS")),
    (3, ("mobile", "Samsung Internet", "Android")),
    (2, ("desktop", "Firefox", "Linux")),
    (2, ("tablet", "Safari", "iOS")),
)
PLACES = (
    (88, ("DE", "de")),
    (3, ("DE", "en")),
    (2, ("DE", "tr")),
    (2, ("US", "en")),
    (2, ("", "")),
    (1, ("AT", "de")),
    (1, ("CH", "de")),
    (1, ("UA", "uk")),
)
ORIGINS = [(a * b * c, (*x, *y, *z)) for (a, x), (b, y), (c, z) in product(SOURCES, CLIENTS, PLACES)]
INTERNAL = ("internal", "", "", "")
MARKED = (("event", "Merkblatt"), ("property", "Merkblatt · sprache = de"))


class Visits:
    """Draws the visits of a site with so many paths; a visit goes on after a page with the likelihood `goes_on`."""

    def __init__(self, number_of_paths: int, goes_on: float, seed: int = 1) -> None:
        self._source = random.Random(seed)
        self._paths, self._weights = paths(number_of_paths), zipf(number_of_paths)
        self._origins = [origin for _, origin in ORIGINS]
        self._origin_weights = list(accumulate(weight for weight, _ in ORIGINS))
        self._goes_on = goes_on

    def day(self, begin: int, views: int, leaves: bool) -> Iterator[list[Record]]:
        """The visits of a day of 24 hours that begins at `begin` (ms), with so many views in all.

        With `leaves` every view is followed by the message that the page was left.
        """
        source = self._source
        pages = iter(source.choices(self._paths, cum_weights=self._weights, k=views))
        page = next(pages, "")
        while page:
            time = begin + HOUR * source.choices(range(24), cum_weights=HOURS)[0] + source.randrange(HOUR)
            read = [page]
            page = next(pages, "")
            while page and source.random() < self._goes_on:
                read.append(page)
                page = next(pages, "")
            yield self._visit(time, read, leaves)

    def _visit(self, time: int, pages: list[str], leaves: bool) -> list[Record]:
        source = self._source
        visitor = source.getrandbits(63) or 1
        values = source.choices(self._origins, cum_weights=self._origin_weights)[0]
        records = []
        for page in pages:
            records.append(Record(time, SITE, visitor, VIEW, page, *values, 0, source.getrandbits(32)))
            values = (*INTERNAL, *values[4:])
            if source.random() < 0.05:
                records.append(Record(time, SITE, visitor, EVENT, page, *values, 0, source.getrandbits(32), MARKED))
            seconds = source.randrange(2, 120)
            time += seconds * 1000
            if leaves:
                records.append(Record(time, SITE, visitor, LEAVE, page, *values, seconds, source.getrandbits(32)))
        return records
