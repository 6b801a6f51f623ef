"""Views of the gateway's pages by country and device (Implementing Regulation (EU) 2020/1121, Art. 3)."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from tracker.sdg.draft import MASKED, STATISTICS, Draft, Entry, counted, url_of
from tracker.sdg.setting import Setting

DEVICES = MOBILE, TABLET, PC = ("Mobile", "Tablet", "PC")
_DEVICES = {"mobile": MOBILE, "tablet": TABLET}  # every other one is a PC
_COUNTRY = re.compile("[A-Z]{2}")
_COUNTRIES = {"GR": "EL"}  # the regulation's own code for Greece


class Row(NamedTuple):
    """One cell of the dimension `sdg`: `key` is device/country/page."""

    host: str  # of the site
    key: str
    views: int


class Totals(NamedTuple):
    """What a draft adds up to."""

    views: int
    devices: dict[str, int]  # in the order of DEVICES
    countries: list[tuple[str, int, tuple[int, ...]]]  # code, views, views by device; the greatest first
    pages: list[tuple[str, int]]  # address, views; the greatest first


def statistics(month: int, rows: Iterable[Row], setting: Setting) -> Draft:
    """The pages of a month with their views; a page of two sites' cells occurs once."""
    pages: dict[str, Counter[tuple[str, str]]] = {}
    unknown = 0
    for row in rows:
        device, country, page = row.key.split("/", 2)
        code = _COUNTRIES.get(country, country) if _COUNTRY.fullmatch(country) else ""
        unknown += 0 if code else row.views
        code = code or setting.unknown_country
        if code and row.views > 0:
            pages.setdefault(url_of(row.host, page), Counter())[_DEVICES.get(device, PC), code] += row.views
    entries = [_entry(url, pages[url]) for url in sorted(pages)]
    notes = counted("masked", sum(bool(MASKED.search(url)) for url in pages))
    if setting.unknown_country:
        notes += counted("unknown_as", unknown, code=setting.unknown_country)
    else:
        notes += counted("unknown", unknown)
    return Draft(STATISTICS, month, entries, notes)


def _entry(url: str, views: Counter[tuple[str, str]]) -> Entry:
    numbers = [
        {"deviceType": device, "nbVisits": views[device, country], "originatingCountry": country}
        for device, country in sorted(views, key=lambda place: (place[1], DEVICES.index(place[0])))
    ]
    return {"source": {"sourceUrl": url, "statistics": numbers}}


def totals(draft: Draft) -> Totals:
    """The sums of a draft of statistics."""
    cells: Counter[tuple[str, str]] = Counter()
    pages: Counter[str] = Counter()
    for entry in draft.entries:
        source = entry["source"]
        for row in source["statistics"]:
            cells[row["originatingCountry"], row["deviceType"]] += row["nbVisits"]
            pages[source["sourceUrl"]] += row["nbVisits"]
    countries = []
    for code in {code for code, _ in cells}:
        numbers = tuple(cells[code, device] for device in DEVICES)
        countries.append((code, sum(numbers), numbers))
    return Totals(
        views=cells.total(),
        devices={device: sum(cells[code, device] for code, _, _ in countries) for device in DEVICES},
        countries=sorted(countries, key=lambda row: (-row[1], row[0])),
        pages=sorted(pages.items(), key=lambda item: (-item[1], item[0])),
    )
