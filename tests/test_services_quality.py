"""What is missing or suspicious in a catalogue."""

from dataclasses import replace

from tracker.services.quality import KINDS, Seen, flags, unknown_forms
from tracker.services.service import Form, Service, Step
from tracker.store.catalogue import Site

SITES = [Site(1, 1, "www.marburg.de", "visits", False, "", None, "Europe/Berlin")]
DOG = Service(
    "hundesteuer",
    "Hundesteuer anmelden",
    "Register a dog",
    "Wer einen Hund hält, meldet ihn an.",
    "Whoever keeps a dog registers it.",
    leika="99050012104000",
    category="Steuern",
    department="Kämmerei",
    contact="hund@marburg.de",
    paths=("www.marburg.de/leistungen/hundesteuer/**",),
    forms=(Form("hund", "Anmeldung", "", True, (Step("1"), Step("2", optional=True))),),
)
USED = Seen({"hundesteuer"}, {"hund"}, {"hund": {"1", "2"}}, {"hund"})


def found(service: Service, seen: Seen = USED, *others: Service) -> list[tuple[str, str, tuple[str, ...]]]:
    """The flags of a service as kind, form and items."""
    by_slug = flags([service, *others], SITES, seen)
    return [(flag.kind, flag.form, flag.items) for flag in by_slug[service.slug]]


def test_a_service_in_order_has_no_flag() -> None:
    assert found(DOG) == []


def test_it_misses_a_leika_key_and_doubts_a_made_up_one() -> None:
    assert found(replace(DOG, leika="")) == [("leika_missing", "", ())]
    for key in ("00000000000000", "12345678901234", "9905001210400"):
        assert found(replace(DOG, leika=key)) == [("leika_malformed", "", (key,))]


def test_it_sees_the_same_pages_in_two_services() -> None:
    other = replace(DOG, slug="steuern", paths=("www.marburg.de/leistungen/*", "www.marburg.de/x"), forms=())
    seen = replace(USED, services={"hundesteuer", "steuern"})
    assert found(DOG, seen, other) == [("paths_shared", "", ("steuern (www.marburg.de/leistungen/*)",))]
    assert found(other, seen, DOG) == [
        ("paths_shared", "", ("hundesteuer (www.marburg.de/leistungen/hundesteuer/**)",))
    ]


def test_it_sees_pages_that_nobody_counts() -> None:
    assert found(replace(DOG, paths=("www.giessen.de/x",))) == [("host_unknown", "", ("www.giessen.de",))]
    assert found(replace(DOG, paths=(), forms=())) == [("nothing_counted", "", ())]


def test_it_sees_silence() -> None:
    assert found(DOG, Seen()) == [("silent", "", ()), ("form_silent", "hund", ())]
    assert found(DOG, Seen({"hundesteuer"})) == [("form_silent", "hund", ())]
    assert found(DOG, replace(USED, services=())) == []


def test_it_compares_steps_declared_and_seen() -> None:
    seen = replace(USED, steps={"hund": {"1", "3", "zahlung"}})
    assert found(DOG, seen) == [("steps_undeclared", "hund", ("3", "zahlung")), ("steps_unseen", "hund", ("2",))]
    bare = replace(DOG, forms=(replace(DOG.forms[0], steps=()),))
    assert found(bare) == [("steps_undeclared", "hund", ("1", "2"))]
    assert found(bare, replace(USED, steps={})) == [("steps_missing", "hund", ())]


def test_it_misses_the_end_page() -> None:
    endless = replace(DOG, forms=(replace(DOG.forms[0], end_page=False),))
    assert found(endless) == [("no_end_page", "hund", ())]
    assert found(DOG, replace(USED, ended=())) == [("end_unseen", "hund", ())]


def test_it_names_the_texts_that_are_missing() -> None:
    assert found(replace(DOG, name_en="", contact="")) == [("incomplete", "", ("name_en", "contact"))]


def test_it_names_forms_that_no_service_has() -> None:
    assert unknown_forms([DOG], replace(USED, forms={"hund", "katze"})) == ["katze"]


def test_the_worst_comes_first() -> None:
    kinds = [kind for kind, _, _ in found(Service("leer", "Leer"))]
    assert kinds == sorted(kinds, key=list(KINDS).index)
    assert kinds[0] == "nothing_counted"
