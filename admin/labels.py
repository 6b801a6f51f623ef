"""Keys of dimensions as people read them: names of countries and languages, translated words, safe links."""

import re
from datetime import date
from urllib.parse import quote

from babel import Locale
from babel.dates import format_date, format_skeleton

from admin.i18n import current_language, has_text, t
from admin.ranges import Bucket, Range
from tracker.store.catalogue import Site

PAGES = ("page", "entry", "exit", "not_found")
LINKS = ("download", "outbound")  # their keys are whole addresses
CODED = ("channel", "source", "device", "browser", "os", "country", "language", "bot")  # shown in other words
_ADDRESS = re.compile(r"https?://[a-z0-9_][a-z0-9_.-]*(/|$)", re.IGNORECASE)
_SAFE = "/:;,@&=+$!*()%~-._#"


def label(dim: str, key: str) -> str:
    """A key in the reader's language; the key itself where it is its own name."""
    if not key:
        return t(f"dimension.blank_{dim}") if has_text(f"dimension.blank_{dim}") else t("dimension.blank")
    if dim == "country":
        return str(_locale().territories.get(key.upper(), key))
    if dim == "language":
        return str(_locale().languages.get(key.lower(), key))
    if dim in CODED and has_text(f"dimension.{dim}_{key}"):
        return t(f"dimension.{dim}_{key}")
    return key


def link(site: Site, dim: str, key: str) -> str:
    """Where a key leads, or "". Only http and https, and never a referrer, which anyone can make up to be visited."""
    if dim in LINKS and _ADDRESS.match(key):
        return quote(key, safe=_SAFE)
    if dim in PAGES and key.startswith("/"):
        return f"https://{site.host}{quote(key, safe=_SAFE)}"
    host = key.partition("/")[0]
    if dim in PAGES and site.owns(host):
        return f"https://{quote(key, safe=_SAFE)}"
    return ""


def range_title(span: Range) -> str:
    """A range in words: "Heute", "November 2026", "3.–9. Februar 2026"."""
    if span.name in ("today", "yesterday", "7d", "30d"):
        return t(f"dashboard.period_{span.name}")
    return range_dates(span)


def range_dates(span: Range) -> str:
    """The dates of a range: "2026", "November 2026", "23. November 2026", "17.11.2026 – 23.11.2026"."""
    if span.unit == "year":
        return str(span.start.year)
    if span.unit == "month":
        return format_skeleton("yMMMM", span.start, locale=_locale())
    if span.days == 1:
        return format_skeleton("yMMMEd", span.start, locale=_locale())
    return f"{_date(span.start)} – {_date(span.end)}"


def bucket_label(bucket: Bucket, interval: str) -> str:
    """A place of the time axis in words: "13 Uhr", "Mo., 23. Nov.", "KW 48 (23.11. – 29.11.)", "Nov. 2026"."""
    if interval == "hour":
        return t("dashboard.hour", hour=bucket.key[-2:])
    if interval == "day":
        return format_skeleton("yMMMEd", bucket.start, locale=_locale())
    if interval == "week":
        days = f"{_date(bucket.start)} – {_date(bucket.end)}"
        return t("dashboard.week", week=int(bucket.key[-2:]), days=days)
    return format_skeleton("yMMM", bucket.start, locale=_locale())


def bucket_tick(bucket: Bucket, interval: str) -> str:
    """The same as short as an axis needs it: "13", "23.11.", "KW 48", "Nov."."""
    if interval == "hour":
        return bucket.key[-2:]
    if interval == "day":
        return format_skeleton("Md", bucket.start, locale=_locale())
    if interval == "week":
        return t("dashboard.week_short", week=int(bucket.key[-2:]))
    return format_date(bucket.start, "LLL", locale=_locale())


def _date(day: date) -> str:
    return format_date(day, "medium", locale=_locale())


def _locale() -> Locale:
    return Locale("de") if current_language() == "de" else Locale("en", "GB")
