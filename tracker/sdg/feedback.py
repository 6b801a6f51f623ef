"""Feedback on the gateway's pages, first level: ratings and whether the information was found, never a text.

Implementing Regulation (EU) 2020/1121, Art. 10(3)(b): free text is not transmitted. Nothing here ever reads one.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tracker.feedback.feedback import INFORMATION
from tracker.sdg.draft import FEEDBACK, MASKED, Draft, Entry, counted, url_of
from tracker.services.service import Service

_CATEGORIES = {"information": "Information", "procedure": "Procedure", "assistance": "Assistance"}
_FOUND = {"yes": "Yes", "partly": "Partly", "no": "No"}


class Said(NamedTuple):
    """What one person said, without the text. "" and None: not given."""

    host: str  # of the site
    service: str
    category: str
    rating: int | None
    found: str
    page: str


class Totals(NamedTuple):
    """What a draft adds up to."""

    number: int
    categories: list[tuple[str, int, tuple[int, ...]]]  # category, answers, answers by rating 1 to 5
    found: dict[str, int]  # "Yes", "Partly", "No" → answers
    pages: list[tuple[str, int]]  # address, answers; the greatest first


def feedback(month: int, said: Iterable[Said], services: Iterable[Service]) -> Draft:
    """The answers of a month about services of the gateway, in the order of their addresses and values."""
    known = {service.slug: service for service in services if service.sdg}
    entries: list[Entry] = []
    left_out: Counter[str] = Counter()
    for one in said:
        if one.service not in known:
            continue
        url = _address(one, known[one.service])
        if one.rating is None or not url:
            left_out["no_rating" if one.rating is None else "no_page"] += 1
            continue
        entries.append({"feedback": _item(one, one.rating, url)})
    entries.sort(key=_order)
    masked = {url for url in (entry["feedback"]["source"] for entry in entries) if MASKED.search(url)}
    notes = [row for rule in ("no_rating", "no_page") for row in counted(rule, left_out[rule])]
    return Draft(FEEDBACK, month, entries, [*notes, *counted("masked", len(masked))])


def _item(said: Said, rating: int, url: str) -> Entry:
    item: Entry = {"category": _CATEGORIES[said.category], "rating": rating, "source": url}
    if said.category == INFORMATION and said.found:
        item["foundInformation"] = _FOUND[said.found]
    return item


def _order(entry: Entry) -> tuple[str, str, int, str]:
    item = entry["feedback"]
    return item["source"], item["category"], item["rating"], item.get("foundInformation", "")


def _address(said: Said, service: Service) -> str:
    """The page that was spoken of, else the first address of the service without placeholder; "" if there is none."""
    if said.page:
        return url_of(said.host, said.page)
    bases = (path.removesuffix("/**") for path in service.paths)
    return next((url_of("", base) for base in bases if "*" not in base), "")


def totals(draft: Draft) -> Totals:
    """The sums of a draft of feedback."""
    items: list[Mapping[str, object]] = [entry["feedback"] for entry in draft.entries]
    cells = Counter((item["category"], item["rating"]) for item in items)
    found = Counter(str(item["foundInformation"]) for item in items if "foundInformation" in item)
    pages = Counter(str(item["source"]) for item in items)
    rows = [(name, tuple(cells[name, rating] for rating in range(1, 6))) for name in _CATEGORIES.values()]
    return Totals(
        number=len(items),
        categories=[(name, sum(numbers), numbers) for name, numbers in rows if any(numbers)],
        found={name: found[name] for name in _FOUND.values()},
        pages=sorted(pages.items(), key=lambda item: (-item[1], item[0])),
    )
