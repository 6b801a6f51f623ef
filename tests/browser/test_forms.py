"""Forms in static/snippet.js: what a page tells of its steps, and that no value is ever read."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page
from sink import PAGES, Sink

SITE = "www.marburg.de"
SIGNED_IN = {"auth": "bundid", "assurance": "substanziell"}
FILLED_IN = ["geheim-", "Waldi", "bissig", "276098", "Pudel"]

Message = dict[str, Any]


def step(u: str, form: str, name: str, **p: object) -> Message:
    return {"s": SITE, "u": u, "k": "step", "n": form, "p": {"step": name, **p}}


def outcome(u: str, form: str, name: str, **p: object) -> Message:
    return {"s": SITE, "u": u, "k": "outcome", "n": name, "p": {"form": form, **p}}


def is_told(message: Message) -> bool:
    return message.get("k") in {"step", "outcome"}


def told(sink: Sink, count: int, grace: float = 0.1) -> list[Message]:
    """All messages of forms, once `count` have come and `grace` seconds have passed; they may come out of order."""
    with sink.arrived:
        sink.arrived.wait_for(lambda: sum(map(is_told, sink.beacons)) >= count, timeout=30)
    return [message for message in sink.wait(0, grace) if is_told(message)]


def tell_now(page: Page) -> None:
    """What is in the page is looked at once a second, and when it is hidden; do not wait."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def open_form(page: Page, sink: Sink, name: str = "form.html") -> str:
    """Open a page that shows one step and forget what it has told; returns its address."""
    address = f"{sink.site}/{name}"
    page.goto(address)
    assert len(told(sink, 1)) == 1
    sink.beacons.clear()
    return address


def in_order(messages: list[Message]) -> list[Message]:
    return sorted(messages, key=str)


# Steps


def test_a_step_in_the_page_is_told_with_what_the_page_knows(page: Page, sink: Sink) -> None:
    page.goto(f"{sink.site}/form.html")
    assert told(sink, 1) == [step(f"{sink.site}/form.html", "hundesteuer", "2", of=5, **SIGNED_IN)]


def test_a_step_is_told_once_while_it_is_shown(page: Page, sink: Sink) -> None:
    open_form(page, sink)
    page.evaluate("form.setAttribute('data-zw-step', '2'); form.hidden = true; form.hidden = false")
    tell_now(page)
    page.click("#rufname")
    page.evaluate("form.outerHTML += ''")
    assert told(sink, 0, grace=1.2) == []


def test_steps_of_several_pages_follow_each_other(page: Page, sink: Sink) -> None:
    page.goto(f"{sink.site}/form_1.html")
    for following in ["form_2.html", "form_3.html", "form_end.html"]:
        page.fill("#feld", "Waldi")
        page.click("#weiter")
        page.wait_for_url(f"**/{following}?")
    told(sink, 7)
    pages = [f"{sink.site}/form_1.html", f"{sink.site}/form_2.html?", f"{sink.site}/form_3.html?"]
    shown = [step(u, "hundesteuer", str(number), of=3) for number, u in enumerate(pages, start=1)]
    left = [step(u, "hundesteuer", str(number), of=3, done=True) for number, u in enumerate(pages, start=1)]
    end = outcome(f"{sink.site}/form_end.html?", "hundesteuer", "submitted", payment="giropay", payment_status="paid")
    assert in_order(told(sink, 7)) == in_order([*shown, *left, end])


@pytest.mark.parametrize("kept", [True, False], ids=["from the cache", "loaded anew"])
def test_going_back_tells_the_earlier_step_again(page: Page, sink: Sink, kept: bool) -> None:
    if not kept:
        page.add_init_script("addEventListener('unload', () => {})")
    first = open_form(page, sink, "form_1.html")
    page.evaluate("window.kept = true")
    page.fill("#feld", "Waldi")
    page.click("#weiter")
    page.wait_for_url("**/form_2.html?")
    assert len(told(sink, 2)) == 2
    sink.beacons.clear()
    page.go_back(wait_until="commit")
    assert told(sink, 1) == [step(first, "hundesteuer", "1", of=3)]
    assert page.evaluate("window.kept === true") is kept


def test_a_step_is_told_when_its_attribute_changes(page: Page, sink: Sink) -> None:
    address = open_form(page, sink)
    for count, name in enumerate(["3", "2"], start=1):
        page.evaluate("name => form.setAttribute('data-zw-step', name)", name)
        assert told(sink, count, grace=0)[-1] == step(address, "hundesteuer", name, of=5, **SIGNED_IN)


def test_a_step_that_comes_later_is_told_under_the_address_it_has_then(page: Page, sink: Sink) -> None:
    page.goto(f"{sink.site}/form_empty.html")
    sink.wait(1)
    page.evaluate("""
      history.pushState(null, "", "antrag");
      root.innerHTML = '<main data-zw-form="wohngeld" data-zw-step="person">…</main>';
    """)
    assert told(sink, 1) == [step(f"{sink.site}/antrag", "wohngeld", "person")]


def test_a_step_is_told_before_the_page_is_left(page: Page, sink: Sink) -> None:
    page.goto(f"{sink.site}/form_empty.html")
    page.evaluate("""root.innerHTML = '<main data-zw-form="wohngeld" data-zw-step="person">…</main>'""")
    page.goto("about:blank")
    assert told(sink, 1) == [step(f"{sink.site}/form_empty.html", "wohngeld", "person")]


def test_a_step_within_something_hidden_is_not_shown_yet(page: Page, sink: Sink) -> None:
    address = f"{sink.site}/form_script.html"
    page.goto(address)
    assert told(sink, 1) == [step(address, "wohngeld", "person", of=3, auth="konto")]


def test_several_forms_in_one_page_are_told_apart(page: Page, sink: Sink) -> None:
    address = open_form(page, sink)
    page.evaluate("""suche.outerHTML = '<i data-zw-form=a data-zw-step=1></i><i data-zw-form=b data-zw-step=1></i>'""")
    assert in_order(told(sink, 2)) == [step(address, "a", "1"), step(address, "b", "1")]


def test_what_the_page_learns_later_goes_along_with_the_next_message(page: Page, sink: Sink) -> None:
    address = open_form(page, sink)
    page.evaluate(
        "form.setAttribute('data-zw-payment', 'giropay'); form.setAttribute('data-zw-payment-status', 'paid')"
    )
    tell_now(page)
    page.evaluate("form.setAttribute('data-zw-step', '3')")
    payment = {"payment": "giropay", "payment_status": "paid"}
    assert told(sink, 1) == [step(address, "hundesteuer", "3", of=5, **SIGNED_IN, **payment)]


def test_it_waits_for_no_body(page: Page, sink: Sink) -> None:
    page.goto(f"{sink.site}/form_head.html")
    assert page.evaluate("bodyWhenLoaded") == "null"
    assert told(sink, 1) == [step(f"{sink.site}/form_head.html", "hundesteuer", "1")]


def test_forms_in_shadow_trees_are_not_looked_into(page: Page, sink: Sink) -> None:
    page.goto(f"{sink.site}/form_empty.html")
    page.evaluate("""
      root.attachShadow({ mode: "open" }).innerHTML = `
        <form data-zw-form="wohngeld" data-zw-step="1"><input required><button>Weiter</button></form>`;
      root.shadowRoot.querySelector("button").click();
    """)
    assert told(sink, 0, grace=1.2) == []


def test_a_single_page_form_tells_its_way(page: Page, sink: Sink) -> None:
    address = open_form(page, sink, "form_script.html")
    known = {"of": 3, "auth": "konto"}
    page.click("#eins")
    page.click("#zwei")
    page.fill("#betrag", "500")
    page.click("#zurueck")
    page.click("#eins")
    page.click("#zwei")
    page.click("#senden")
    expected = [
        step(address, "wohngeld", "miete", **known),
        step(address, "wohngeld", "miete", error="invalid", field="miete", **known),
        step(address, "wohngeld", "person", **known),
        step(address, "wohngeld", "miete", **known),
        step(address, "wohngeld", "pruefen", **known),
        outcome(address, "wohngeld", "submitted", **known),
    ]
    assert in_order(told(sink, 6)) == in_order(expected)


# Leaving forward


def test_a_submitted_form_has_left_its_step(page: Page, sink: Sink) -> None:
    address = open_form(page, sink, "form_1.html")
    page.fill("#feld", "Waldi")
    page.keyboard.press("Enter")
    page.wait_for_url("**/form_2.html?")
    assert step(address, "hundesteuer", "1", of=3, done=True) in told(sink, 2)


def test_a_submit_that_a_script_takes_over_has_left_the_step_too(page: Page, sink: Sink) -> None:
    address = open_form(page, sink, "form_1.html")
    page.evaluate("document.forms[0].onsubmit = () => false")
    page.fill("#feld", "Waldi")
    page.click("#weiter")
    assert told(sink, 1) == [step(address, "hundesteuer", "1", of=3, done=True)]


def test_a_form_without_a_step_tells_nothing(page: Page, sink: Sink) -> None:
    open_form(page, sink)
    page.click("#suchen")
    page.evaluate("suche.onsubmit = () => false; suche.requestSubmit(); suche.dispatchEvent(new Event('submit'))")
    page.evaluate("suche.dispatchEvent(new CustomEvent('zw-error', { detail: { error: 'leer' } }))")
    assert told(sink, 0, grace=1.2) == []


# Errors


def test_errors_name_the_fields_that_the_author_named_and_only_those(page: Page, sink: Sink) -> None:
    address = open_form(page, sink)
    page.evaluate("rufname.value = ''; merkmale.value = ''")
    page.click("#weiter")
    fields = ["haltung", "merkmale", "rasse", "rufname"]
    errors = [step(address, "hundesteuer", "2", of=5, **SIGNED_IN, error="invalid", field=field) for field in fields]
    assert in_order(told(sink, 4)) == in_order(errors)


def test_errors_of_fields_without_names_are_told_once_without_one(page: Page, sink: Sink) -> None:
    address = open_form(page, sink)
    page.evaluate(
        "for (const field of form.querySelectorAll('[data-zw-field]')) field.removeAttribute('data-zw-field')"
    )
    page.click("#weiter")
    assert told(sink, 1) == [step(address, "hundesteuer", "2", of=5, **SIGNED_IN, error="invalid")]


def test_each_attempt_to_submit_tells_its_errors(page: Page, sink: Sink) -> None:
    address = open_form(page, sink, "form_1.html")
    for count in [1, 2, 3]:
        page.click("#weiter")
        assert told(sink, count) == count * [step(address, "hundesteuer", "1", of=3, error="invalid")]


def test_one_attempt_tells_at_most_ten_errors(page: Page, sink: Sink) -> None:
    open_form(page, sink, "form_1.html")
    page.evaluate("feld.outerHTML = [...Array(30).keys()].map(i => `<input required data-zw-field=f${i}>`).join('')")
    page.click("#weiter")
    assert [message["p"]["field"] for message in in_order(told(sink, 10))] == [f"f{i}" for i in range(10)]


def test_a_script_tells_its_own_errors(page: Page, sink: Sink) -> None:
    address = open_form(page, sink)
    page.evaluate("""
      const tell = (target, detail) => target.dispatchEvent(new CustomEvent("zw-error", { bubbles: true, detail }));
      tell(form, { error: "IBAN unbekannt", field: "iban" });
      tell(rasse, { error: "fehlt" });
      tell(chip, null);
    """)
    errors = [{"error": "IBAN unbekannt", "field": "iban"}, {"error": "fehlt", "field": "rasse"}]
    expected = [step(address, "hundesteuer", "2", of=5, **SIGNED_IN, **error) for error in errors]
    assert in_order(told(sink, 2)) == in_order(expected)


# Outcomes


def test_an_outcome_that_appears_is_told_once(page: Page, sink: Sink) -> None:
    address = open_form(page, sink)
    page.evaluate("form.innerHTML = '<p data-zw-outcome=submitted data-zw-payment=rechnung>Danke</p>'")
    tell_now(page)
    tell_now(page)
    expected = outcome(address, "hundesteuer", "submitted", of=5, **SIGNED_IN, payment="rechnung")
    assert told(sink, 1, grace=1.2) == [expected]


def test_an_outcome_may_be_noted_on_the_form_itself(page: Page, sink: Sink) -> None:
    address = open_form(page, sink)
    page.evaluate("form.setAttribute('data-zw-outcome', 'ended_not_eligible')")
    assert told(sink, 1) == [outcome(address, "hundesteuer", "ended_not_eligible", of=5, **SIGNED_IN)]


# By script


def test_steps_and_outcomes_can_be_told_by_script(page: Page, sink: Sink) -> None:
    address = f"{sink.site}/page.html"
    page.goto(address)
    page.evaluate("""
      zaehlwerk.step("wohngeld", "person", { of: 3, auth: "konto" });
      zaehlwerk.step("wohngeld", 1, { error: "invalid", field: "miete" });
      zaehlwerk.step("wohngeld", "person", { done: true });
      zaehlwerk.outcome("wohngeld", "submitted", { payment: "rechnung" });
      zaehlwerk.outcome("wohngeld", "error_system");
    """)
    expected = [
        step(address, "wohngeld", "person", of=3, auth="konto"),
        {**step(address, "wohngeld", ""), "p": {"step": 1, "error": "invalid", "field": "miete"}},
        step(address, "wohngeld", "person", done=True),
        outcome(address, "wohngeld", "submitted", payment="rechnung"),
        outcome(address, "wohngeld", "error_system"),
    ]
    assert in_order(told(sink, 5)) == in_order(expected)


def test_calls_before_it_has_loaded_are_not_lost(page: Page, sink: Sink) -> None:
    address = f"{sink.site}/form_early.html"
    page.goto(address)
    event = {"s": SITE, "u": address, "k": "event", "n": "Erstes", "p": {"art": "früh"}}
    view = {"s": SITE, "u": address, "r": ""}
    steps = [step(address, "wohngeld", "person", of=3), outcome(address, "wohngeld", "submitted", payment="rechnung")]
    assert in_order(sink.wait(4)) == in_order([view, event, *steps])


def test_the_documented_stub_is_the_tested_one() -> None:
    stub = next(line for line in (PAGES / "form_early.html").read_text().splitlines() if "window.zaehlwerk||" in line)
    for name in ["beacon.md", "forms.md"]:
        assert stub in (PAGES.parents[2] / "docs" / name).read_text(), f"docs/{name} shows another stub"


# Without JavaScript


def test_pages_without_javascript_tell_the_same_by_a_picture(browser: Browser, sink: Sink) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for name in ["form_1.html", "form_end.html"]:
        page.goto(f"{sink.site}/{name}")
    context.close()
    pictures = [parse_qs(urlsplit(url).query) for url in asked if "/beacon.gif" in url]
    assert pictures == [
        {"s": [SITE], "k": ["step"], "n": ["hundesteuer"], "p.step": ["1"], "p.of": ["3"]},
        {"s": [SITE], "k": ["outcome"], "n": ["submitted"], "p.form": ["hundesteuer"], "p.payment_status": ["paid"]},
    ]


# It stays out of the page's way


def test_fields_named_like_what_a_form_can_do_change_nothing(page: Page, sink: Sink) -> None:
    page.goto(f"{sink.site}/form_hostile.html")
    address = f"{sink.site}/form_hostile.html"
    page.evaluate("weiter.click()")  # Playwright's own click trips over such a form
    told(sink, 2)
    page.evaluate("form.addEventListener('submit', event => event.preventDefault()); feld.value = 'Waldi'")
    page.evaluate("weiter.click()")
    assert in_order(told(sink, 3)) == in_order(
        [
            step(address, "hundesteuer", "1"),
            step(address, "hundesteuer", "1", error="invalid", field="name"),
            step(address, "hundesteuer", "1", done=True),
        ]
    )


def test_a_field_named_attributes_hides_its_form_and_breaks_nothing(page: Page, sink: Sink) -> None:
    page.goto(f"{sink.site}/form_clobbered.html")
    page.click("#weiter")
    page.fill("#feld", "Waldi")
    page.click("#weiter")
    page.wait_for_url("**/other.html?*")
    assert told(sink, 0, grace=1.2) == []


def test_it_never_throws_at_strange_events(page: Page, sink: Sink) -> None:
    open_form(page, sink)
    page.evaluate("""
      for (const target of [window, document, document.createElement("p")]) {
        for (const type of ["submit", "invalid", "zw-error"]) target.dispatchEvent(new Event(type, { bubbles: true }));
      }
      const round = {}; round.round = round;
      for (const detail of [1, "Text", round, { field: {} }, { error: round }, { field: 1n }, []]) {
        form.dispatchEvent(new CustomEvent("zw-error", { bubbles: true, detail }));
      }
      zaehlwerk.step(); zaehlwerk.outcome(); zaehlwerk.step("a", "b", null); zaehlwerk.step("a", "b", { of: round });
    """)
    page.wait_for_timeout(1100)  # the errors that reach the page fail the test


# No value is ever read


def fill_fail_and_submit(page: Page, sink: Sink) -> None:
    page.goto(f"{sink.site}/form.html")
    page.click("#weiter")
    page.fill("#rufname", "Waldi")
    page.fill("#merkmale", "bissig")
    page.fill("#chip", "276098")
    page.fill("#kennwort", "geheim-8")
    page.select_option("#rasse", label="Pudel")
    page.check("#haltung-2")
    page.check("#gechipt")
    page.set_input_files("#bild", {"name": "geheim-9.png", "mimeType": "image/png", "buffer": b"geheim-10"})
    page.fill("#alter", "40")
    page.click("#weiter")
    assert len(told(sink, 4)) == 4
    page.evaluate(
        "chip.dispatchEvent(new CustomEvent('zw-error', { bubbles: true, detail: { error: 'x', field: 'y' } }))"
    )
    page.fill("#alter", "4")
    page.evaluate("form.removeAttribute('action'); form.onsubmit = () => false")
    page.keyboard.press("Enter")
    page.evaluate("form.setAttribute('data-zw-outcome', 'submitted')")
    tell_now(page)


def test_it_reads_nothing_of_a_form_that_is_filled_in(page: Page, sink: Sink) -> None:
    page.context.add_init_script(path=PAGES / "trap.js")
    fill_fail_and_submit(page, sink)
    messages = told(sink, 7)
    assert {"2"} == {message["p"]["step"] for message in messages if message["k"] == "step"}
    assert {True} == {message["p"]["done"] for message in messages if "done" in message["p"]}
    assert {"invalid", "x"} == {message["p"]["error"] for message in messages if "error" in message["p"]}
    assert "submitted" in {message["n"] for message in messages}
    assert page.evaluate("trapped") == []
    sent = json.dumps(sink.beacons)
    assert [word for word in FILLED_IN if word in sent] == []
    assert page.context.cookies() == []
