import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.address import query_params
from tracker.source import CHANNELS, NAMED, SOURCES, Referrer, classify


def is_own(host: str) -> bool:
    return host == "marburg.example" or host.endswith(".marburg.example")


@pytest.mark.parametrize(
    ("referrer", "source", "channel"),
    [
        ("https://www.google.de/", "Google", "search"),
        ("https://www.google.com/search?q=hundesteuer", "Google", "search"),
        ("https://www.bing.com/", "Bing", "search"),
        ("https://duckduckgo.com/", "DuckDuckGo", "search"),
        ("https://www.ecosia.org/", "Ecosia", "search"),
        ("https://www.startpage.com/", "Startpage", "search"),
        ("https://metager.de/", "MetaGer", "search"),
        ("https://suche.t-online.de/x", "T-Online", "search"),
        ("android-app://com.google.android.googlequicksearchbox/https/www.google.com", "Google", "search"),
        ("https://m.facebook.com/", "Facebook", "social"),
        ("https://l.instagram.com/?u=x", "Instagram", "social"),
        ("https://t.co/abc", "X", "social"),
        ("https://hessen.social/@stadt", "Mastodon", "social"),
        ("https://social.bund.de/@bmi", "Mastodon", "social"),
        ("https://www.linkedin.com/feed/", "LinkedIn", "social"),
        ("https://nebenan.de/feed", "Nebenan.de", "social"),
        ("https://mail.google.com/mail/u/0/", "Gmail", "email"),
        ("android-app://com.google.android.gm/", "Gmail", "email"),
        ("https://deref-web.de/mail/client/x/dereferrer/", "Web.de", "email"),
        ("https://webmail.stadtwerke.example/", "webmail.stadtwerke.example", "email"),
        ("https://service.bund.de/Content/DE", "service.bund.de", "administration"),
        ("https://verwaltung.bund.de/leistungsverzeichnis/", "verwaltung.bund.de", "administration"),
        ("https://verwaltungsportal.hessen.de/leistung?id=1", "verwaltungsportal.hessen.de", "administration"),
        ("https://www.bayernportal.de/", "bayernportal.de", "administration"),
        ("https://www.service-bw.de/", "service-bw.de", "administration"),
        ("https://service.berlin.de/", "service.berlin.de", "administration"),
        ("https://www.marburg-biedenkopf.de/", "marburg-biedenkopf.de", "administration"),
        ("https://www.stadt-irgendwo.de/", "stadt-irgendwo.de", "administration"),
        ("https://www.landkreis-irgendwo.de/", "landkreis-irgendwo.de", "administration"),
        ("https://www.rhein-sieg-kreis.de/", "rhein-sieg-kreis.de", "administration"),
        ("https://www.stadt-apotheke-irgendwo.de/", "stadt-apotheke-irgendwo.de", "website"),
        ("https://chatgpt.com/", "ChatGPT", "ai"),
        ("https://copilot.microsoft.com/", "Copilot", "ai"),
        ("https://www.perplexity.ai/search/x", "Perplexity", "ai"),
        ("https://gemini.google.com/", "Gemini", "ai"),
        ("https://claude.ai/", "Claude", "ai"),
        ("https://chat.mistral.ai/", "Mistral", "ai"),
        ("https://maps.google.com/", "Google Maps", "website"),
        ("https://docs.google.com/document/d/x", "Google", "website"),
        ("https://de.wikipedia.org/wiki/Marburg", "Wikipedia", "website"),
        ("https://www.op-marburg.example/lokales", "op-marburg.example", "website"),
        ("https://googleads.g.doubleclick.net/", "Google", "campaign"),
    ],
)
def test_it_names_source_and_channel(referrer: str, source: str, channel: str) -> None:
    assert classify(referrer, is_own, {})[1:] == (source, channel, "")


@pytest.mark.parametrize(
    ("referrer", "host", "channel"),
    [
        ("", "", "direct"),
        ("javascript:alert(1)", "", "direct"),
        ("about:blank", "", "direct"),
        ("junk", "", "direct"),
        ("https://", "", "direct"),
        ("android-app://<script>/", "", "direct"),
        ("file:///home/max/akte.html", "", "direct"),
        ("https://marburg.example/rathaus", "", "internal"),
        ("https://service.marburg.example/x", "", "internal"),
        ("https://notmarburg.example/x", "notmarburg.example", "website"),
        ("https://marburg.example.evil.example/x", "marburg.example.evil.example", "website"),
        ("https://marburg.example@evil.example/", "evil.example", "website"),
        ("HTTPS://User:Secret@WWW.Example.ORG:8443/a?b#c", "www.example.org", "website"),
        ("http://192.168.178.1/", "", "website"),
        ("http://intranet/akten", "", "website"),
    ],
)
def test_it_keeps_the_host_and_nothing_else(referrer: str, host: str, channel: str) -> None:
    found = classify(referrer, is_own, {})
    assert (found.host, found.channel) == (host, channel)


@pytest.mark.parametrize(
    ("referrer", "query", "expected"),
    [
        ("", "utm_source=flyer&utm_campaign=Sommer+2026", Referrer("", "flyer", "campaign", "Sommer 2026")),
        ("", "utm_campaign=Sommer", Referrer("", "", "campaign", "Sommer")),
        ("", "utm_source=newsletter&utm_medium=email", Referrer("", "newsletter", "email", "")),
        ("", "utm_source=rathausbrief&utm_medium=Newsletter&utm_campaign=Mai",
         Referrer("", "rathausbrief", "email", "Mai")),
        ("https://www.google.de/", "utm_source=google&utm_medium=cpc&utm_campaign=Ausbildung",
         Referrer("www.google.de", "Google", "campaign", "Ausbildung")),
        ("https://l.facebook.com/", "utm_medium=social&utm_source=facebook",
         Referrer("l.facebook.com", "Facebook", "social", "")),
        ("", "utm_source=chatgpt.com", Referrer("", "ChatGPT", "ai", "")),
        ("", "utm_source=Perplexity&utm_medium=referral", Referrer("", "Perplexity", "ai", "")),
        ("https://www.google.de/", "utm_term=x", Referrer("www.google.de", "Google", "search", "")),
        ("https://marburg.example/", "utm_source=flyer", Referrer("", "", "internal", "")),
        ("", "utm_source=max@example.org", Referrer("", ":email", "campaign", "")),
    ],
)  # fmt: skip
def test_campaign_parameters_follow_the_documented_order(referrer: str, query: str, expected: Referrer) -> None:
    assert classify(referrer, is_own, query_params(query)) == expected


@given(st.text(max_size=80) | st.from_regex(r"(https?|android-app)://[a-z0-9.@:_\-]{0,40}(/.{0,20})?"))
def test_it_answers_a_plain_host_and_a_known_channel_whatever_comes(referrer: str) -> None:
    found = classify(referrer, is_own, {})
    assert found.channel in CHANNELS
    assert re.fullmatch(r"[a-z0-9_.-]*", found.host)
    assert found.source == "" or found.source in {source.name for source in SOURCES.values()} | {
        found.host,
        found.host.removeprefix("www."),
    }


def test_every_row_can_be_met() -> None:
    """Hosts are in lower case, without scheme or path, and lead to a declared channel."""
    wrong = [host for host in SOURCES if not re.fullmatch(r"[a-z0-9_.:-]+", host)]
    assert wrong == []
    assert {source.channel for source in SOURCES.values()} <= set(CHANNELS)
    assert NAMED["google"].channel == "search"
    assert len(SOURCES) > 2000
