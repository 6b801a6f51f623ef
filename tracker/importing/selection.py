"""Which requests of an access log are views or downloads, and why the others are not: a table of reasons, in order."""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from tracker.address import host_of
from tracker.importing.line import Line
from tracker.store.catalogue import Site

COUNTED: Final = (200, 203, 304)  # 304: the page was seen again, out of the browser's cache
# The same endings that the snippet counts as downloads when a link to them is followed.
DOWNLOAD: Final = re.compile(r"\.(pdf|zip|csv|txt|ics|(doc|xls|ppt|gp)x?|od.|mp.|xml|epub)$", re.IGNORECASE)
ASSET: Final = re.compile(
    r"\.(css|m?js|map|json|wasm|xslt?|png|jpe?g|jfif|gif|svgz?|webp|avif|bmp|tiff?|ico|cur|woff2?|ttf|otf|eot|swf|class"
    r"|webm|ogg|og[av]|wav|aac|flac|m4[av]|mov|avi|vtt|m3u8|ts|jar|exe|msi|deb|rpm|dmg|iso|apk|bin|t?gz|bz2|xz|7z|rar"
    r"|webmanifest)$",
    re.IGNORECASE,
)
MACHINE: Final = re.compile(
    r"/(robots|humans|security|ads|app-ads|llms)\.txt$|/favicon[^/]*$|/apple-touch-icon[^/]*$|/sitemap[^/]*\.(xml|txt)$"
    r"|/(browserconfig|crossdomain|opensearch)\.xml$|^/\.well-known/|/(manifest|site)\.(json|webmanifest)$|/xmlrpc\.php$",
    re.IGNORECASE,
)
FEED: Final = re.compile(r"\.(rss|atom|rdf)$|/(feeds?|rss2?|atom)/?$|/(feed|rss2?|atom|index)\.xml$", re.IGNORECASE)
FEED_QUERY: Final = re.compile(r"[?&](feed=|(type|format|flav|output)=(feed|rss|atom))", re.IGNORECASE)


class Rule(NamedTuple):
    """A reason not to count a request, and what the summary says about it."""

    reason: str
    meaning: str
    applies: Callable[[Line, Site], bool]


def path_of(line: Line) -> str:
    """The path alone, without parameters such as ;jsessionid=…"""
    return line.url.partition("?")[0].partition(";")[0]


def _is_foreign(line: Line, site: Site) -> bool:
    host = host_of(line.url) or line.host
    return bool(host) and not site.owns(host)


RULES: Final = (
    Rule("other_host", "requests of another host", _is_foreign),
    Rule("method", "other methods than GET", lambda line, _: line.method.upper() != "GET"),
    Rule("not_found", "pages that do not exist (404, 410)", lambda line, _: line.status in (404, 410)),
    Rule("error", "errors (other status of 400 and above)", lambda line, _: line.status >= 400),
    Rule(
        "redirect",
        "redirects (300 to 399, but not 304)",
        lambda line, _: line.status != 304 and line.status // 100 == 3,
    ),
    Rule("partial", "parts of files and answers without a page", lambda line, _: line.status not in COUNTED),
    Rule("machine", "robots.txt, icons, sitemaps", lambda line, _: bool(MACHINE.search(path_of(line)))),
    Rule("feed", "news feeds", lambda line, _: bool(FEED.search(path_of(line)) or FEED_QUERY.search(line.url))),
    Rule(
        "asset",
        "images, style sheets, scripts, fonts, program files",
        lambda line, _: bool(ASSET.search(path_of(line))),
    ),
)
# What the steps of anonymising say afterwards, and what a file may hold.
FURTHER: Final = {
    "excluded_network": "networks that are not counted",
    "opted_out": "requests with Do Not Track or Global Privacy Control",
    "prefetch": "pages loaded before anybody asked for them",
    "address": "requests of no page's address",
}
MEANINGS: Final = {row.reason: row.meaning for row in RULES} | FURTHER


def drop_reason(line: Line, site: Site) -> str:
    """The first reason of RULES not to count a request; "" for a view or a download."""
    return next((row.reason for row in RULES if row.applies(line, site)), "")


def is_download(line: Line) -> bool:
    """Whether the request is for a file that the snippet would count as a download."""
    return bool(DOWNLOAD.search(path_of(line)))
