"""Made-up beacons that look like a city's: pages, referrers, user-agents and addresses, the same in every run."""

import json
import random
from itertools import accumulate
from typing import NamedTuple

HOST = "www.marburg.de"
REFERRERS = ("", "", "", "https://www.google.com/", "https://www.bing.com/search?q=hund", "https://duckduckgo.com/")
LANGUAGES = (
    "de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7",
    "de,en-US;q=0.7,en;q=0.3",
    "en-GB,en;q=0.9",
    "tr-TR,tr;q=0.9,de;q=0.8",
)
TOPICS = (
    "anwohnerparken",
    "hundesteuer",
    "zuschuss",
    "geburtsurkunde",
    "termin-im-stadtbuero",
    "bauantrag",
    "wohngeld",
)
PLACES = ("rathaus", "leben", "wirtschaft", "kultur", "umwelt", "verkehr", "bildung", "soziales")
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
DESKTOPS = ("Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64")
PHONES = (
    "Linux; Android 10; K",
    "Linux; Android 14; SM-S918B",
    "Linux; Android 13; Pixel 7",
    "Linux; Android 12; M2101K6G",
)


class Request(NamedTuple):
    """One HTTP request and the kind of the beacon in it."""

    data: bytes
    kind: str


def paths(number: int) -> list[str]:
    """So many paths, the most read first."""
    named = [f"/{place}/{topic}" for place in PLACES for topic in TOPICS]
    news = [f"/{PLACES[n % len(PLACES)]}/aktuelles/meldung-{n}" for n in range(number)]
    return ["/", *named, *news][:number]


def zipf(number: int) -> list[float]:
    """Cumulated weights by which the n-th of `number` things is chosen in proportion to 1/n."""
    return list(accumulate(1 / rank for rank in range(1, number + 1)))


def user_agents() -> list[str]:
    """Some 200 user-agents of people, of browsers in use."""
    versions = range(118, 138)
    chrome = [
        f"Mozilla/5.0 ({system}) {WEBKIT} Chrome/{n}.0.0.0{form} Safari/537.36"
        for systems, form in ((DESKTOPS, ""), (PHONES, " Mobile"))
        for system in systems
        for n in versions
    ]
    firefox = [
        f"Mozilla/5.0 ({system}; rv:{n}.0) Gecko/20100101 Firefox/{n}.0" for system in DESKTOPS for n in versions
    ]
    safari = [
        f"Mozilla/5.0 (iPhone; CPU iPhone OS {major}_{minor} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        f"Version/{major}.{minor} Mobile/15E148 Safari/604.1"
        for major in (15, 16, 17, 18)
        for minor in range(6)
    ]
    return chrome + firefox + safari


def addresses(number: int, source: random.Random) -> list[str]:
    """Public addresses, a quarter of them IPv6."""
    return [_address(source, sixth=n % 4 == 0) for n in range(number)]


def _address(source: random.Random, sixth: bool) -> str:
    if sixth:
        return f"2a02:8108:{source.randrange(65536):x}:{source.randrange(65536):x}::{source.randrange(1, 65536):x}"
    return f"{source.randrange(77, 95)}." + ".".join(str(source.randrange(1, 255)) for _ in range(3))


def requests(number: int, seed: int = 1) -> list[Request]:
    """So many POST requests for /beacon as a browser sends them through a proxy; a visitor sends three on average."""
    source = random.Random(seed)
    count = number // 3 + 1
    visitors = list(zip(addresses(count, source), source.choices(user_agents(), k=count), strict=True))
    pages = source.choices(paths(1000), cum_weights=zipf(1000), k=number)
    return [_request(source, *source.choice(visitors), path) for path in pages]


def _request(source: random.Random, address: str, user_agent: str, path: str) -> Request:
    kind, beacon = _beacon(source, path)
    body = json.dumps(beacon, separators=(",", ":"))
    lines = (
        "POST /beacon HTTP/1.1",
        f"Host: statistik.{HOST}",
        f"X-Forwarded-For: {address}",
        "X-Forwarded-Proto: https",
        f"User-Agent: {user_agent}",
        "Content-Type: text/plain;charset=UTF-8",
        f"Content-Length: {len(body)}",
        "Accept: */*",
        f"Origin: https://{HOST}",
        "Sec-Fetch-Site: same-site",
        "Sec-Fetch-Mode: no-cors",
        "Sec-Fetch-Dest: empty",
        f"Referer: https://{HOST}/",
        "Accept-Encoding: gzip, deflate, br, zstd",
        f"Accept-Language: {source.choice(LANGUAGES)}",
    )
    return Request(("\r\n".join(lines) + "\r\n\r\n" + body).encode(), kind)


def _beacon(source: random.Random, path: str) -> tuple[str, dict[str, object]]:
    """Of ten beacons six are views, three tell that a page was left, one is an event."""
    beacon: dict[str, object] = {"s": HOST, "u": f"https://{HOST}{path}"}
    kind = source.choices(("view", "leave", "event"), weights=(6, 3, 1))[0]
    if kind == "view":
        return kind, beacon | {"r": source.choice(REFERRERS)}
    if kind == "leave":
        return kind, beacon | {"k": kind, "d": source.randrange(1, 90)}
    return kind, beacon | {"k": kind, "n": "Merkblatt", "p": {"sprache": "de"}}
