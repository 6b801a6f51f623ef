"""Every promise of static/snippet.js, kept in a real Chromium against a real server."""

import json
import math
import re
import time
from typing import Any

import pytest
from playwright.sync_api import Page
from sink import PAGES, Sink

SITE = "www.marburg.de"
STEERED = """
  Object.assign(window, { steered: { hidden: false, focused: true } });
  Object.defineProperty(document, "hidden", { get: () => steered.hidden });
  document.hasFocus = () => steered.focused;
"""
NO_BEACON = {
    "says no": "navigator.sendBeacon = () => false",
    "throws": "navigator.sendBeacon = () => { throw new TypeError('blocked') }",
    "is missing": "Object.defineProperty(Navigator.prototype, 'sendBeacon', { value: undefined })",
}


def view(u: str, r: str = "") -> dict[str, Any]:
    return {"s": SITE, "u": u, "r": r}


def event(u: str, n: str, p: dict[str, Any] | None = None) -> dict[str, Any]:
    properties = {} if p is None else {"p": p}
    return {"s": SITE, "u": u, "k": "event", "n": n, **properties}


def leave(u: str, d: int) -> dict[str, Any]:
    return {"s": SITE, "u": u, "k": "leave", "d": d}


def open_page(page: Page, sink: Sink, name: str = "page.html") -> str:
    """Open a page of the site and forget its first view; returns its address."""
    address = f"{sink.site}/{name}"
    page.goto(address)
    sink.wait(1, grace=0)
    sink.beacons.clear()
    return address


def stop_the_clock(page: Page) -> None:
    """From now on time passes only when `page.clock.run_for` says so."""
    page.clock.install(time=0)
    page.clock.pause_at(1)


# Views


def test_it_counts_a_view_without_fragment_and_as_plain_text(page: Page, sink: Sink) -> None:
    page.goto(f"{sink.site}/page.html?utm_source=amtsblatt#teil")
    assert sink.wait(1) == [view(f"{sink.site}/page.html?utm_source=amtsblatt")]
    assert sink.headers[0]["Content-Type"] == "text/plain;charset=UTF-8"
    assert sink.headers[0]["Cookie"] is None


def test_the_first_view_names_the_referrer(page: Page, sink: Sink) -> None:
    before = open_page(page, sink)
    page.click("#next")
    assert sink.wait(1) == [view(f"{sink.site}/other.html", before)]


def test_it_shortens_an_address_that_the_server_would_refuse(page: Page, sink: Sink) -> None:
    page.goto(f"{sink.site}/page.html?x={'a' * 3000}")
    [beacon] = sink.wait(1)
    assert len(beacon["u"]) == 2000


@pytest.mark.parametrize("name", ["not_found_attribute.html", "not_found_meta.html"])
def test_it_marks_a_not_found_page(page: Page, sink: Sink, name: str) -> None:
    page.goto(f"{sink.site}/{name}")
    assert sink.wait(1) == [view(f"{sink.site}/{name}") | {"p": {"not_found": True}}]


def test_a_second_copy_counts_nothing(page: Page, sink: Sink) -> None:
    page.goto(f"{sink.site}/twice.html")
    page.click("#button")
    page.evaluate("history.pushState(null, '', 'neu')")
    assert [beacon.get("n", "view") for beacon in sink.wait(3)] == ["view", "Klick", "view"]


def test_a_page_from_the_back_forward_cache_is_a_view(page: Page, sink: Sink) -> None:
    first = open_page(page, sink)
    page.evaluate("window.kept = true")
    page.click("#next")
    sink.wait(1)
    page.go_back(wait_until="commit")
    beacons = sink.wait(2)
    assert page.evaluate("window.kept"), "Chromium did not keep the page"
    assert beacons[1] == view(first, first)


def test_a_page_that_was_not_restored_is_one_view(page: Page, sink: Sink) -> None:
    open_page(page, sink)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: false }))")
    assert sink.wait(0) == []


def test_a_prerendered_page_counts_once_it_is_shown(page: Page, sink: Sink) -> None:
    page.add_init_script(
        "window.waiting = true; Object.defineProperty(document, 'prerendering', { get: () => window.waiting })"
    )
    page.goto(f"{sink.site}/page.html")
    page.evaluate("zaehlwerk('Im Voraus')")
    page.evaluate("history.pushState(null, '', 'zwei')")
    assert sink.wait(0, grace=0.3) == []
    page.evaluate("window.waiting = false; document.dispatchEvent(new Event('prerenderingchange'))")
    first, second = f"{sink.site}/page.html", f"{sink.site}/zwei"
    expected = [view(first), event(first, "Im Voraus"), view(second, first)]
    assert sorted(sink.wait(3), key=str) == sorted(expected, key=str)


def test_it_does_nothing_and_breaks_nothing_when_included_as_a_module(page: Page, sink: Sink) -> None:
    page.goto(f"{sink.site}/module.html")
    page.evaluate("history.pushState(null, '', 'neu')")
    assert sink.wait(0) == []


# Single-page applications


def test_a_navigation_of_a_single_page_application_is_a_view(page: Page, sink: Sink) -> None:
    before = open_page(page, sink)
    for count, (call, target) in enumerate(
        [
            ("history.pushState(null, '', 'neu#teil')", "neu"),
            ("history.pushState(null, '', '?seite=2')", "neu?seite=2"),
            ("history.replaceState(null, '', 'anders?a=1')", "anders?a=1"),
        ],
        start=1,
    ):
        page.evaluate(call)
        after = f"{sink.site}/{target}"
        assert sink.wait(count, grace=0)[-1] == view(after, before)
        before = after
    assert len(sink.wait(3)) == 3


def test_an_address_that_stays_the_same_page_is_no_view(page: Page, sink: Sink) -> None:
    open_page(page, sink)
    for call in [
        "history.pushState({ a: 1 }, '', location.href)",
        "history.pushState({ a: 1 }, '')",
        "history.pushState(null, '', '#teil')",
        "history.replaceState(null, '', '?sortierung=datum')",
        "history.replaceState(null, '', 'page.html')",
        "location.hash = 'anderer-teil'",
    ]:
        page.evaluate(call)
    assert sink.wait(0) == []


def test_going_back_within_an_application_is_a_view(page: Page, sink: Sink) -> None:
    first = open_page(page, sink)
    page.evaluate("history.pushState(null, '', 'neu')")
    page.evaluate("history.back()")
    assert sink.wait(2) == [view(f"{sink.site}/neu", first), view(first, f"{sink.site}/neu")]


def test_hash_routing_counts_when_the_attribute_asks_for_it(page: Page, sink: Sink) -> None:
    first = open_page(page, sink, "hash.html")
    page.click("#route")
    second = f"{sink.site}/hash.html#/antrag"
    assert sink.wait(1) == [view(second, first)]
    page.evaluate("history.replaceState(null, '', '#/zwei?filter=1')")
    page.evaluate("history.back()")
    third = f"{sink.site}/hash.html#/zwei?filter=1"
    assert sink.wait(3)[1:] == [view(third, second), view(first, third)]


def test_the_wrapped_history_keeps_this_arguments_and_result(page: Page, sink: Sink) -> None:
    page.add_init_script("""
      for (const name of ["pushState", "replaceState"]) {
        const own = history[name];
        history[name] = function (...values) { own.apply(this, values); return [this === history, ...values]; };
      }
    """)
    open_page(page, sink)
    assert page.evaluate("history.pushState({ a: 1 }, 'x', 'neu')") == [True, {"a": 1}, "x", "neu"]
    assert page.evaluate("history.replaceState(7, 'y')") == [True, 7, "y"]


def test_an_error_of_history_itself_still_reaches_the_page(page: Page, sink: Sink) -> None:
    open_page(page, sink)
    call = "try { history.pushState(null, '', 'https://other.example/') } catch (error) { error.name }"
    assert page.evaluate(call) == "SecurityError"


# Attention


def test_it_sends_whole_seconds_of_attention_when_the_page_is_left(page: Page, sink: Sink) -> None:
    stop_the_clock(page)
    first = open_page(page, sink)
    page.clock.run_for(3900)
    page.goto(f"{sink.site}/other.html")
    assert leave(first, 3) in sink.wait(2)


def test_attention_below_a_second_is_not_sent(page: Page, sink: Sink) -> None:
    stop_the_clock(page)
    open_page(page, sink)
    page.clock.run_for(900)
    page.goto(f"{sink.site}/other.html")
    assert sink.wait(1) == [view(f"{sink.site}/other.html")]


def test_only_a_visible_and_focused_page_has_attention(page: Page, sink: Sink) -> None:
    page.add_init_script(STEERED)
    stop_the_clock(page)
    address = open_page(page, sink)
    for hidden, focused in [("false", "true"), ("true", "true"), ("false", "false"), ("true", "false")]:
        page.evaluate(f"steered = {{ hidden: {hidden}, focused: {focused} }}")
        page.clock.run_for(2000)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert sink.wait(1) == [leave(address, 2)]


def test_what_is_left_of_a_second_is_carried_over(page: Page, sink: Sink) -> None:
    page.add_init_script(STEERED)
    stop_the_clock(page)
    address = open_page(page, sink)
    for _ in range(2):
        page.clock.run_for(1500)
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert sorted(sink.wait(2), key=str) == [leave(address, 1), leave(address, 2)]


def test_hiding_twice_sends_the_attention_once(page: Page, sink: Sink) -> None:
    stop_the_clock(page)
    address = open_page(page, sink)
    page.clock.run_for(2000)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange')); dispatchEvent(new Event('pagehide'))")
    assert sink.wait(1) == [leave(address, 2)]


def test_attention_of_the_old_address_goes_out_before_the_new_view(page: Page, sink: Sink) -> None:
    page.add_init_script("""
      const send = navigator.sendBeacon;
      window.sent = [];
      navigator.sendBeacon = (url, body) => { sent.push(JSON.parse(body)); return send.call(navigator, url, body); };
    """)
    stop_the_clock(page)
    first = open_page(page, sink)
    page.clock.run_for(4000)
    page.evaluate("history.pushState(null, '', 'neu')")
    assert page.evaluate("sent")[1:] == [leave(first, 4), view(f"{sink.site}/neu", first)]


def test_attention_is_measured_in_real_time(page: Page, sink: Sink) -> None:
    begun = time.monotonic()
    address = open_page(page, sink)
    page.wait_for_timeout(2300)
    page.goto("about:blank")
    stayed = time.monotonic() - begun
    assert sink.wait(1) in [[leave(address, seconds)] for seconds in range(2, math.ceil(stayed) + 1)]


# Links


LINKS = [
    ("#outbound", "left", "outbound", "{stats}/amt/seite"),
    ("#nested", "left", "outbound", "{stats}/amt/seite"),
    ("#nested", "middle", "outbound", "{stats}/amt/seite"),
    ("#svg text", "left", "outbound", "{stats}/svg"),
    ("#svg-relative text", "left", "download", "{site}/karte.zip"),
    ("#download", "left", "download", "{site}/Antrag%20A.PDF"),
    ("#download", "middle", "download", "{site}/Antrag%20A.PDF"),
    ("#foreign-download", "left", "download", "{stats}/plan.docx"),
    ("#in-shadow", "left", "outbound", "{stats}/schatten"),
]


def test_it_counts_outbound_links_and_downloads(page: Page, sink: Sink) -> None:
    address = open_page(page, sink)
    page.evaluate(
        "url => shadow.attachShadow({ mode: 'open' }).innerHTML = `<a href='${url}'><b id='in-shadow'>Amt</b></a>`",
        f"{sink.stats}/schatten?a=1",
    )
    for count, (selector, button, name, target) in enumerate(LINKS, start=1):
        page.click(selector, button=button)
        url = target.format(site=sink.site, stats=sink.stats)
        assert sink.wait(count, grace=0)[-1] == event(address, name, {"url": url}), (selector, button)
    assert len(sink.wait(len(LINKS))) == len(LINKS)


def test_it_counts_a_link_that_the_keyboard_opens(page: Page, sink: Sink) -> None:
    address = open_page(page, sink)
    page.focus("#outbound")
    page.keyboard.press("Enter")
    assert sink.wait(1) == [event(address, "outbound", {"url": f"{sink.stats}/amt/seite"})]


def test_it_counts_a_link_whose_click_the_page_swallows(page: Page, sink: Sink) -> None:
    open_page(page, sink)
    page.evaluate("document.body.addEventListener('click', event => event.stopPropagation(), true)")
    page.click("#outbound")
    assert len(sink.wait(1)) == 1


def test_it_never_prevents_a_click(page: Page, sink: Sink) -> None:
    open_page(page, sink)
    page.evaluate("addEventListener('click', event => { window.prevented = event.defaultPrevented })")
    page.click("#download")
    assert page.evaluate("prevented") is False


def test_it_counts_nothing_else_that_is_clicked(page: Page, sink: Sink) -> None:
    open_page(page, sink)
    page.evaluate("addEventListener('click', event => event.preventDefault())")
    for selector in ["#mail", "#script", "#bare", "#broken", "h1", "#field"]:
        page.click(selector)
    page.click("#nested", button="right")
    assert sink.wait(0) == []


ENDINGS = "pdf doc docx xls xlsx ppt pptx odt ods odp odg csv txt zip ics epub mp3 mp4 xml gpx"


def test_it_knows_the_usual_file_endings(page: Page, sink: Sink) -> None:
    open_page(page, sink)
    page.evaluate("addEventListener('click', event => event.preventDefault())")
    for ending in [*ENDINGS.split(), "html", "php", "jpg", "pdfx", "de"]:
        page.evaluate(f"bare.href = 'datei.{ending}'; bare.click()")
    urls = [beacon["p"]["url"] for beacon in sink.wait(len(ENDINGS.split()))]
    assert sorted(url.rpartition(".")[2] for url in urls) == sorted(ENDINGS.split())


# Events


def test_it_sends_an_event_with_its_properties(page: Page, sink: Sink) -> None:
    address = open_page(page, sink)
    page.evaluate("zaehlwerk('Gebühr berechnet', { art: 'Hund', zahl: 2, neu: true })")
    page.evaluate("zaehlwerk('Ohne')")
    expected = [event(address, "Gebühr berechnet", {"art": "Hund", "zahl": 2, "neu": True}), event(address, "Ohne")]
    assert sorted(sink.wait(2), key=str) == sorted(expected, key=str)


def test_calls_before_it_has_loaded_are_not_lost(page: Page, sink: Sink) -> None:
    address = f"{sink.site}/early.html"
    page.goto(address)
    expected = [view(address), event(address, "Erstes", {"art": "früh"}), event(address, "Zweites")]
    assert sorted(sink.wait(3), key=str) == sorted(expected, key=str)


def test_an_annotated_element_sends_its_event(page: Page, sink: Sink) -> None:
    address = open_page(page, sink)
    page.click("#in-button")
    assert sink.wait(1) == [event(address, "Rechner", {"art": "Hund", "zahl": "2"})]


def test_an_annotated_download_sends_both(page: Page, sink: Sink) -> None:
    address = open_page(page, sink)
    page.click("#both")
    expected = [event(address, "Merkblatt", {}), event(address, "download", {"url": f"{sink.site}/merkblatt.odt"})]
    assert sorted(sink.wait(2), key=str) == sorted(expected, key=str)


def test_an_annotated_form_sends_its_event_when_it_is_submitted(page: Page, sink: Sink) -> None:
    address = open_page(page, sink)
    page.click("#field")
    page.click("#submit")
    page.focus("#field")
    page.keyboard.press("Enter")
    page.evaluate("form.requestSubmit()")
    assert sink.wait(3) == 3 * [event(address, "Suche", {"ort": "Kopf"})]


# It stays out of the page's way


@pytest.mark.parametrize("sabotage", NO_BEACON.values(), ids=NO_BEACON)
def test_it_falls_back_to_fetch_when_send_beacon(page: Page, sink: Sink, sabotage: str) -> None:
    page.add_init_script(sabotage)
    page.goto(f"{sink.site}/page.html")
    assert sink.wait(1) == [view(f"{sink.site}/page.html")]
    assert sink.headers[0]["Content-Type"] == "text/plain;charset=UTF-8"
    assert sink.headers[0]["Cookie"] is None


@pytest.mark.parametrize(
    "sabotage",
    [
        "window.fetch = () => { throw new TypeError('blocked') }",
        "window.fetch = () => Promise.reject(new TypeError('blocked'))",
        "delete window.fetch",
    ],
)
def test_it_never_throws_into_the_page_when_nothing_can_be_sent(page: Page, sink: Sink, sabotage: str) -> None:
    page.add_init_script(f"{NO_BEACON['throws']}; {sabotage}")
    page.goto(f"{sink.site}/page.html")
    page.evaluate("zaehlwerk('Ereignis')")
    page.evaluate("history.pushState(null, '', 'neu')")
    page.click("#download")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    assert sink.wait(0) == []


def test_it_never_throws_at_strange_events_and_forms(page: Page, sink: Sink) -> None:
    open_page(page, sink)
    page.evaluate("const round = {}; round.round = round; zaehlwerk('Kreis', round); zaehlwerk('Zahl', { a: 1n })")
    page.evaluate("dispatchEvent(new Event('click')); document.dispatchEvent(new Event('submit'))")
    page.click("#hostile-submit")
    assert sink.wait(0) == []


def test_it_adds_one_name_to_the_page(page: Page, sink: Sink) -> None:
    names = "Object.getOwnPropertyNames(window)"
    page.add_init_script(f"window.before = {names}")
    open_page(page, sink)
    ids = set(page.evaluate("[...document.querySelectorAll('[id]')].map(element => element.id)"))
    assert set(page.evaluate(names)) - set(page.evaluate("before")) - ids == {"before", "zaehlwerk"}


# The trap


def trapped(page: Page) -> list[str]:
    found: list[str] = page.evaluate("trapped")
    return found


def use_every_feature(page: Page, sink: Sink) -> None:
    page.goto(f"{sink.site}/page.html")
    page.evaluate("zaehlwerk('Ereignis', { a: 1 })")
    page.evaluate("history.pushState(null, '', 'neu'); history.replaceState(null, '', 'anders'); history.back()")
    for selector in ["#outbound", "#download", "#svg text", "#button", "#submit", "#mail", "h1", "#hostile-submit"]:
        page.click(selector)
    page.click("#nested", button="middle")
    page.fill("#field", "Hundesteuer")
    page.keyboard.press("Enter")
    page.wait_for_timeout(1100)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange')); dispatchEvent(new Event('pagehide'))")


@pytest.mark.parametrize("sabotage", ["", NO_BEACON["says no"]], ids=["beacon", "fetch"])
def test_it_touches_nothing_that_is_forbidden(page: Page, sink: Sink, sabotage: str) -> None:
    page.context.add_init_script(path=PAGES / "trap.js")
    page.add_init_script(sabotage)
    use_every_feature(page, sink)
    sent = {beacon.get("n", beacon.get("k", "view")) for beacon in sink.wait(13)}
    assert sent == {"view", "leave", "Ereignis", "outbound", "download", "Rechner", "Suche"}
    assert "Hundesteuer" not in json.dumps(sink.beacons) and "geheim" not in json.dumps(sink.beacons)
    assert trapped(page) == []
    assert page.context.cookies() == []
    assert page.context.storage_state() == {"cookies": [], "origins": []}


def test_the_trap_springs(page: Page, sink: Sink) -> None:
    page.context.add_init_script(path=PAGES / "trap.js")
    page.goto(f"{sink.site}/spy.html")
    page.wait_for_function("document.readyState == 'complete'")
    assert page.evaluate("untrappable") == []
    touched = re.findall(r"^// trap: (.+)$", (PAGES / "spy" / "snippet.js").read_text(), re.MULTILINE)
    assert trapped(page) == touched
