"""Who comes, by what, from where and with what: shares as a German city of this size sees them."""

from collections.abc import Iterable
from typing import NamedTuple

from tracker.simulation.chance import Weighted
from tracker.source import Referrer, classify


class Client(NamedTuple):
    """What is kept of a user-agent."""

    device: str
    browser: str
    os: str


class Origin(NamedTuple):
    """A page that leads here, its share, how that share grows a year, and which pages it leads to."""

    url: str
    weight: float
    growth: float = 1.0
    lands: str = "page"  # on the page that is sought, or at "home"


CLIENTS = (
    (Client("mobile", "Safari", "iOS"), 26),
    (Client("mobile", "Chrome", "Android"), 19),
    (Client("mobile", "Samsung Internet", "Android"), 4.5),
    (Client("mobile", "Firefox", "Android"), 2.2),
    (Client("mobile", "Chrome", "iOS"), 2),
    (Client("mobile", "Google App", "iOS"), 1.6),
    (Client("mobile", "DuckDuckGo", "iOS"), 0.5),
    (Client("mobile", "Firefox", "iOS"), 0.5),
    (Client("mobile", "Huawei Browser", "Android"), 0.4),
    (Client("mobile", "MIUI Browser", "Android"), 0.3),
    (Client("mobile", "Firefox Focus", "Android"), 0.3),
    (Client("tablet", "Safari", "iOS"), 1.2),
    (Client("tablet", "Chrome", "Android"), 1.4),
    (Client("tablet", "Silk", "Android"), 0.2),
    (Client("desktop", "Chrome", "Windows"), 15),
    (Client("desktop", "Edge", "Windows"), 9.5),
    (Client("desktop", "Firefox", "Windows"), 6.5),
    (Client("desktop", "Safari", "macOS"), 4.2),
    (Client("desktop", "Chrome", "macOS"), 1.8),
    (Client("desktop", "Firefox", "Linux"), 1.3),
    (Client("desktop", "Firefox", "macOS"), 0.7),
    (Client("desktop", "Opera", "Windows"), 0.6),
    (Client("desktop", "Chrome", "Linux"), 0.5),
    (Client("desktop", "Vivaldi", "Windows"), 0.2),
    (Client("desktop", "Chrome", "ChromeOS"), 0.1),
    (Client("other", "", ""), 0.2),
)
OFFICE_DESKTOP = 1.9  # how much more often a desktop computer is used at office hours than in the evening

ORIGINS = (
    Origin("https://www.google.com/", 36),
    Origin("https://www.google.de/", 3),
    Origin("android-app://com.google.android.googlequicksearchbox/", 2),
    Origin("https://www.bing.com/", 5.5),
    Origin("https://duckduckgo.com/", 2.2),
    Origin("https://www.ecosia.org/", 1.8),
    Origin("https://www.startpage.com/", 0.6),
    Origin("https://suche.web.de/", 0.6),
    Origin("", 21),
    Origin("", 9, lands="home"),
    Origin("https://verwaltung.bund.de/", 2.6, 1.4),
    Origin("https://verwaltungsportal.hessen.de/", 2.4, 1.3),
    Origin("https://hessen.de/", 1.2),
    Origin("https://www.marburg-biedenkopf.de/", 1.8),
    Origin("https://www.uni-marburg.de/", 1.7),
    Origin("https://www.op-marburg.de/", 1.4),
    Origin("https://www.marburg-tourismus.de/", 0.8, lands="home"),
    Origin("https://de.wikipedia.org/", 0.7, lands="home"),
    Origin("https://www.stadtwerke-marburg.de/", 0.5),
    Origin("https://www.facebook.com/", 1.6),
    Origin("https://l.instagram.com/", 1.3, 1.2),
    Origin("https://mastodon.social/", 0.2),
    Origin("https://www.linkedin.com/", 0.2),
    Origin("https://chatgpt.com/", 1.1, 2.6),
    Origin("https://www.perplexity.ai/", 0.25, 2.0),
    Origin("https://copilot.microsoft.com/", 0.3, 1.8),
    Origin("https://gemini.google.com/", 0.25, 2.4),
)
LETTER = {"utm_source": "brief", "utm_medium": "qr"}  # a printed letter with a code to photograph
NEWSLETTER = {"utm_source": "stadtbrief", "utm_medium": "email"}

COUNTRIES = Weighted(
    (
        ("DE", 93.6), ("US", 0.9), ("AT", 0.7), ("CH", 0.6), ("FR", 0.6), ("NL", 0.5), ("TR", 0.5), ("PL", 0.5),
        ("GB", 0.4), ("IT", 0.3), ("ES", 0.3), ("IN", 0.2), ("UA", 0.2), ("RO", 0.2), ("BE", 0.2), ("", 0.3),
    )
)  # fmt: skip
LANGUAGES = Weighted(
    (
        ("de", 86), ("en", 5.5), ("ar", 1.5), ("tr", 1.5), ("uk", 1.4), ("ru", 1.1), ("pl", 0.5), ("fa", 0.5),
        ("ro", 0.3), ("fr", 0.3), ("es", 0.3), ("it", 0.3), ("zh", 0.3), ("", 0.5),
    )
)  # fmt: skip
SPOKEN = {
    "US": "en", "GB": "en", "IN": "en", "FR": "fr", "NL": "nl", "TR": "tr", "PL": "pl", "IT": "it", "ES": "es",
    "UA": "uk", "RO": "ro",
}  # fmt: skip
BOTS = Weighted(
    (
        ("Googlebot", 30), ("bingbot", 17), ("GPTBot", 9), ("ClaudeBot", 7), ("AhrefsBot", 7), ("Applebot", 5),
        ("SemrushBot", 4), ("YandexBot", 3), ("facebookexternalhit", 3), ("PerplexityBot", 3), ("Amazonbot", 3),
        ("DuckDuckBot", 1), ("UptimeRobot", 6), ("other", 4),
    )
)  # fmt: skip


def clients(desktop: float) -> Weighted[Client]:
    """The clients, with desktop computers `desktop` times as likely."""
    return Weighted((row, weight * (desktop if row.device == "desktop" else 1)) for row, weight in CLIENTS)


def origins(years: float) -> Weighted[tuple[Origin, Referrer]]:
    """The origins with what the collector makes of them, `years` after the start of 2026 (may be negative)."""
    return Weighted(((row, arrival), row.weight * _grown(row.growth, years)) for row, arrival in _classified(ORIGINS))


def campaign(parameters: dict[str, str], name: str) -> Referrer:
    """What the collector makes of a link with campaign parameters."""
    return classify("", lambda _: False, {**parameters, "utm_campaign": name})


def _classified(rows: Iterable[Origin]) -> list[tuple[Origin, Referrer]]:
    return [(row, classify(row.url, lambda _: False, {})) for row in rows]


def _grown(growth: float, years: float) -> float:
    """Growth that goes on for three years at most: the demo may be started at any time."""
    return float(growth ** max(-3.0, min(years, 3.0)))
