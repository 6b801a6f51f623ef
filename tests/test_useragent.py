import time
from importlib.resources import files

import pytest
from crawleruseragents import CRAWLER_USER_AGENTS_DATA
from hypothesis import given
from hypothesis import strategies as st

from tracker.useragent import BROWSERS, CORRECTED_PATTERNS, SYSTEMS, Client, ClientCache, parse

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
ANDROID = f"Mozilla/5.0 (Linux; Android 14; SM-S918B Build/UP1A.231005.007; wv) {WEBKIT} Version/4.0 Chrome/130.0.0.0"

PEOPLE = [
    (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/130.0.0.0 Safari/537.36", "desktop Chrome Windows"),
    (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/130.0.0.0 Safari/537.36 Edg/130.0.2849.68",
     "desktop Edge Windows"),
    (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/128.0.0.0 Safari/537.36 OPR/114.0.0.0",
     "desktop Opera Windows"),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0", "desktop Firefox Windows"),
    ("Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko", "desktop Internet Explorer Windows"),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 "
     "Safari/605.1.15", "desktop Safari macOS"),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:132.0) Gecko/20100101 Firefox/132.0", "desktop Firefox macOS"),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "desktop Firefox Linux"),
    ("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "desktop Firefox Linux"),
    (f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} Chrome/130.0.0.0 Safari/537.36", "desktop Chrome Linux"),
    (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/130.0.0.0 Safari/537.36", "desktop Chrome ChromeOS"),
    ("Mozilla/5.0 (X11; FreeBSD amd64; rv:128.0) Gecko/20100101 Firefox/128.0", "desktop Firefox FreeBSD"),
    (f"{IPHONE} Version/17.5 Mobile/15E148 Safari/604.1", "mobile Safari iOS"),
    (f"{IPHONE} CriOS/130.0.6723.90 Mobile/15E148 Safari/604.1", "mobile Chrome iOS"),
    (f"{IPHONE} FxiOS/132.0 Mobile/15E148 Safari/605.1.15", "mobile Firefox iOS"),
    (f"{IPHONE} Version/17.0 EdgiOS/129.0.2792.84 Mobile/15E148 Safari/605.1.15", "mobile Edge iOS"),
    (f"{IPHONE} GSA/340.3.689937600 Mobile/15E148 Safari/604.1", "mobile Google App iOS"),
    (f"{IPHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/488.0.0.60.103;FBBV/656245731;FBDV/iPhone15,3;FBMD/iPhone;FBSN/iOS]",
     "mobile Facebook iOS"),
    (f"{IPHONE} Mobile/21F90 Instagram 355.0.0.27.107 (iPhone15,3; iOS 17_5; de_DE; de; scale=3.00)",
     "mobile Instagram iOS"),
    (f"{IPHONE} Mobile/15E148", "mobile Safari iOS"),
    (f"{IPHONE} Version/17.5 Mobile/15E148 DuckDuckGo/7 Safari/605.1.15", "mobile DuckDuckGo iOS"),
    ("Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 "
     "Mobile/15E148 Safari/604.1", "tablet Safari iOS"),
    ("Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/130.0.6723.90 "
     "Mobile/15E148 Safari/604.1", "tablet Chrome iOS"),
    (f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/130.0.0.0 Mobile Safari/537.36", "mobile Chrome Android"),
    (f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/130.0.0.0 Safari/537.36", "tablet Chrome Android"),
    (f"Mozilla/5.0 (Linux; Android 13; SM-X700) {WEBKIT} SamsungBrowser/26.0 Chrome/122.0.0.0 Safari/537.36",
     "tablet Samsung Internet Android"),
    (f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36",
     "mobile Samsung Internet Android"),
    (f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/130.0.0.0 Mobile Safari/537.36 EdgA/130.0.0.0",
     "mobile Edge Android"),
    ("Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0", "mobile Firefox Android"),
    ("Mozilla/5.0 (Android 14; Tablet; rv:132.0) Gecko/132.0 Firefox/132.0", "tablet Firefox Android"),
    (f"{ANDROID} Mobile Safari/537.36", "mobile Android WebView Android"),
    (f"{ANDROID} Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/488.0.0.78.79;]", "mobile Facebook Android"),
    (f"{ANDROID} Mobile Safari/537.36 MetaIAB Facebook", "mobile Android WebView Android"),
    (f"{ANDROID} Mobile Safari/537.36 Instagram 355.0.0.41.103 Android (34/14; 480dpi; 1080x2115; samsung; SM-S918B)",
     "mobile Instagram Android"),
    (f"Mozilla/5.0 (Linux; Android 15; CPH2557 Build/AP3A.240617.008; wv) {WEBKIT} Version/4.0 Chrome/142.0.7444.142 "
     "Mobile Safari/537.36", "mobile Android WebView Android"),
    (f"Mozilla/5.0 (Linux; Android 9; CUBOT_X18_Plus) {WEBKIT} Chrome/96.0.4664.45 Mobile Safari/537.36",
     "mobile Chrome Android"),
    (f"Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) {WEBKIT} Chrome/110.0.0.0 Mobile Safari/537.36",
     "mobile Chrome Android"),
    (f"Mozilla/5.0 (Linux; Android 5.0.2; HTC Butterfly 2) {WEBKIT} Chrome/60.0.3112.116 Mobile Safari/537.36",
     "mobile Chrome Android"),
    (f"Mozilla/5.0 (Linux; U; Android 13; de-de; 2201117TG) {WEBKIT} Version/4.0 Chrome/112.0.5615.136 Mobile "
     "Safari/537.36 XiaoMi/MiuiBrowser/14.8.0-gn", "mobile MIUI Browser Android"),
    (f"Mozilla/5.0 (Linux; Android 12; ELE-L29; HMSCore 6.14.0.302) {WEBKIT} Chrome/114.0.5735.196 "
     "HuaweiBrowser/15.0.4.312 Mobile Safari/537.36", "mobile Huawei Browser Android"),
    (f"Mozilla/5.0 (Linux; Android 9; KFMAWI) {WEBKIT} Silk/130.4.1 like Chrome/130.0.6723.102 Safari/537.36",
     "tablet Silk Android"),
    ("Opera/9.80 (Android; Opera Mini/84.0.2254/191.308; U; de) Presto/2.12.423 Version/12.16",
     "mobile Opera Mini Android"),
    (f"Mozilla/5.0 (Web0S; Linux/SmartTV) {WEBKIT} Chrome/94.0.4606.128 Safari/537.36 WebAppManager",
     "other Chrome webOS"),
    (f"Mozilla/5.0 (Linux; Android 11; BRAVIA 4K VH2) {WEBKIT} Chrome/110.0.5481.154 Safari/537.36",
     "other Chrome Android"),
    (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox One) {WEBKIT} Chrome/130.0.0.0 Safari/537.36 "
     "Edge/44.18363.8131", "other Edge Windows"),
    ("Mozilla/5.0 (Mobile; Nokia_8110_4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5.4", "mobile Firefox KaiOS"),
    (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/128.0.0.0 Safari/537.36 Vivaldi/6.9.3447.41",
     "desktop Vivaldi Windows"),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "desktop  Windows"),
]  # fmt: skip

BOTS = [
    ("", "other"),
    ("-", "other"),
    ("Mozilla/5.0", "other"),
    ("curl/8.5.0", "curl"),
    ("Wget/1.21.4", "Wget"),
    ("python-requests/2.32.3", "python-requests"),
    ("Go-http-client/2.0", "Go-http-client"),
    ("SomeTownApp/3.1", "other"),
    ("<script>alert(1)</script>", "other"),
    ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot"),
    ("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "bingbot"),
    (f"Mozilla/5.0 {WEBKIT}; compatible; GPTBot/1.2; +https://openai.com/gptbot)", "GPTBot"),
    (f"Mozilla/5.0 (X11; Linux x86_64) {WEBKIT} HeadlessChrome/130.0.0.0 Safari/537.36", "HeadlessChrome"),
    ("Mozilla/5.0 (compatible; NeverHeardOf/0.1; +https://example.org/why)", "other"),
    ("WhatsApp/2.23.20.0", "WhatsApp"),
    ("Mozilla/5.0 (compatible; ClaudeBot/1.0; +claudebot@anthropic.com)", "ClaudeBot"),
]  # fmt: skip


@pytest.mark.parametrize(("user_agent", "expected"), PEOPLE)
def test_it_knows_people(user_agent: str, expected: str) -> None:
    client = parse(user_agent)
    assert client.bot == ""
    assert f"{client.device} {client.browser} {client.os}" == expected


@pytest.mark.parametrize(("user_agent", "name"), BOTS)
def test_it_knows_bots_and_impossible_clients(user_agent: str, name: str) -> None:
    assert parse(user_agent) == Client("other", "", "", name)


def test_it_recognises_every_bot_of_the_list() -> None:
    missed = [
        instance
        for row in CRAWLER_USER_AGENTS_DATA
        if CORRECTED_PATTERNS.get(row["pattern"]) != ""
        for instance in row["instances"]
        if not parse(instance).bot
    ]
    assert missed == []
    assert len(CRAWLER_USER_AGENTS_DATA) > 1000


def test_the_corrected_patterns_are_still_in_the_list() -> None:
    patterns = {row["pattern"] for row in CRAWLER_USER_AGENTS_DATA}
    assert set(CORRECTED_PATTERNS) <= patterns, "a correction that the list no longer needs can go"


@given(st.text(max_size=300) | st.from_regex(r"Mozilla/5\.0 \([A-Za-z0-9 ;.]{0,40}\)[ -~]{0,80}", fullmatch=True))
def test_it_answers_only_known_words_whatever_comes(user_agent: str) -> None:
    client = parse(user_agent)
    assert client.device in {"mobile", "tablet", "desktop", "other"}
    assert client.browser in {"", *BROWSERS.values()}
    assert client.os in {"", *SYSTEMS.values()}


def test_the_cache_answers_as_parse_does_and_keeps_no_string() -> None:
    cache = ClientCache(size=3)
    for user_agent, _ in PEOPLE * 2:
        assert cache.get(user_agent) == parse(user_agent)
    assert len(cache._clients) <= 3
    assert not any(isinstance(key, str) for key in cache._clients)


def pass_over_people() -> float:
    start = time.process_time()
    for user_agent, _ in PEOPLE:
        parse(user_agent)
    return (time.process_time() - start) / len(PEOPLE)


def test_it_is_quick_without_the_cache() -> None:
    """The native engine takes about 15 µs and pure Python 700; the limit tells them apart on a busy machine."""
    assert min(pass_over_people() for _ in range(5)) < 200e-6


def test_the_native_engine_is_installed() -> None:
    assert files("ua_parser_rs").is_dir()
