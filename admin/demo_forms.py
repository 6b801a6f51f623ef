"""The forms of the simulated city: pages step by step, with and without scripts.

Answers travel from page to page in hidden fields; nothing is kept on the server or in the browser.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import Blueprint, current_app, redirect, render_template, request
from werkzeug import Response
from werkzeug.exceptions import NotFound

from tracker.simulation.attempt import END, FIRST, REFUSAL
from tracker.simulation.city import SERVICES, Service
from tracker.simulation.fields import (
    ACCOUNT,
    LIVES_HERE,
    NO,
    PAID,
    PAYMENT,
    REFUSED,
    Field,
    Mistake,
    fields_of,
    mistakes,
)
from tracker.simulation.forms import ASSURANCE, FORMS, Plan, Station
from tracker.simulation.journey import APPOINTMENT, REMOTE

LEFT = "von"  # hidden field: the step that is being left
Answers = Mapping[str, str]
Page = Response | tuple[str, int] | str

blueprint = Blueprint("city_forms", __name__)
_SERVICES = {row.slug: row for row in SERVICES if row.slug in FORMS and row.slug not in (APPOINTMENT, REMOTE)}


class Here(NamedTuple):
    """A step that is shown: of which form, with which answers so far, and what is wrong."""

    service: Service
    plan: Plan
    position: int
    answers: Answers
    wrong: tuple[Mistake, ...] = ()
    refused: bool = False

    @property
    def station(self) -> Station:
        return self.plan.stations[self.position]

    @property
    def facts(self) -> dict[str, str]:
        """What the page knows of sign-in and payment, by the names of the beacon."""
        found = {}
        if (auth := self.answers.get(ACCOUNT, "")) and self.position:
            found = {"auth": auth, "assurance": ASSURANCE.get(auth, "unknown")}
        payment = self.answers.get(PAYMENT, "")
        if self.refused:
            return {**found, "payment": PAID, "payment_status": "failed"}
        if payment and self.station.slug == "pruefen":
            found["payment"] = PAID if payment == REFUSED else payment
            found.update({"payment_status": "started"} if payment in (PAID, REFUSED) else {})
        return found


@blueprint.get("/leistungen/<slug>/antrag")
def begin(slug: str) -> Page:
    """The first step."""
    return _show(Here(*_form(slug), 0, {}))


@blueprint.get("/leistungen/<slug>/antrag/<step>")
def lost(slug: str, **_: str) -> Page:
    """A step without the answers before it: begins anew."""
    _form(slug)
    return redirect(f"/leistungen/{slug}/{FIRST}", 303)


@blueprint.post("/leistungen/<slug>/antrag", defaults={"step": ""})
@blueprint.post("/leistungen/<slug>/antrag/<step>")
def turn(slug: str, step: str) -> Page:
    """Another step, forward if the one that is left is in order, or back."""
    service, plan = _form(slug)
    answers = request.form.to_dict()
    left, wanted = _position(plan, answers.get(LEFT, "")), _position(plan, step)
    if wanted > left:
        if wrong := mistakes(_fields(plan, left), answers, date.today()):
            return _show(Here(service, plan, left, answers, tuple(wrong)))
        if answers.get(LIVES_HERE) == NO:
            return redirect(f"{service.path}/{REFUSAL}", 303)
    return _show(Here(service, plan, wanted, answers))


@blueprint.post("/leistungen/<slug>/danke")
def send(slug: str) -> Page:
    """The last step is left: a refused card leads back to the payment, all else to the end page."""
    service, plan = _form(slug)
    answers = request.form.to_dict()
    last = len(plan.stations) - 1
    if wrong := mistakes(_fields(plan, last), answers, date.today()):
        return _show(Here(service, plan, last, answers, tuple(wrong)))
    if answers.get(PAYMENT) == REFUSED:
        return _show(Here(service, plan, _position(plan, "zahlung"), answers, refused=True))
    paid = "?" + urlencode({"bezahlt": 1}) if answers.get(PAYMENT) == PAID else ""
    return redirect(f"{service.path}/{END}{paid}", 303)


@blueprint.get("/leistungen/<slug>/danke")
def sent(slug: str) -> Page:
    """The end page: it reports the outcome, unless the form has none on purpose."""
    service, plan = _form(slug)
    facts = {"payment_status": "succeeded"} if "bezahlt" in request.args else {}
    return _end("demo/thanks.html", service, plan, "submitted" if plan.end_page else "", facts)


@blueprint.get("/leistungen/<slug>/nicht-zustaendig")
def refusal(slug: str) -> Page:
    """The end for somebody who is not entitled."""
    return _end("demo/refusal.html", *_form(slug), "ended_not_eligible", {})


def picture(site: str, kind: str, form: str, facts: Answers) -> str:
    """The address of the picture that counts a message about a form where no script runs."""
    return "/beacon.gif?" + urlencode({"s": site, "k": kind, **facts, "p.form": form})


def _form(slug: str) -> tuple[Service, Plan]:
    service = _SERVICES.get(slug)
    if service is None:
        raise NotFound
    return service, FORMS[slug]


def _position(plan: Plan, step: str) -> int:
    """The position of a step; that of the first for an unknown one."""
    return next((place for place, row in enumerate(plan.stations) if row.slug == step), 0)


def _fields(plan: Plan, position: int) -> tuple[Field, ...]:
    return fields_of(plan.slug, plan.stations[position].slug)


def _all_fields(plan: Plan) -> list[Field]:
    return [field for position in range(len(plan.stations)) for field in _fields(plan, position)]


def _show(here: Here) -> tuple[str, int]:
    """The page of a step."""
    steps = len(here.plan.stations)
    following = f"{FIRST}/{here.plan.stations[here.position + 1].slug}" if here.position + 1 < steps else END
    before = here.position and (f"{FIRST}/{here.plan.stations[here.position - 1].slug}" if here.position > 1 else FIRST)
    fields = _fields(here.plan, here.position)
    page = render_template(
        "demo/form.html",
        **here._asdict(),
        station=here.station,
        facts=here.facts,
        steps=steps,
        following=following,
        before=before,
        fields=fields,
        hidden=_hidden(here, fields),
        summary=_summary(here),
        pictures=_pictures(here),
    )
    return page, 422 if here.wrong else 200


def _hidden(here: Here, fields: tuple[Field, ...]) -> dict[str, str]:
    """The answers that the page hands on, besides its own fields."""
    own = {field.name for field in fields}
    known = {field.name for field in _all_fields(here.plan)}
    return {name: value for name, value in here.answers.items() if name in known - own}


def _summary(here: Here) -> list[tuple[str, str]]:
    """Questions and answers, for the last step."""
    if here.station.slug != "pruefen":
        return []
    rows = [(row, here.answers.get(row.name)) for row in _all_fields(here.plan)]
    return [(row.label, dict(row.choices).get(answer, answer)) for row, answer in rows if answer]


def _pictures(here: Here) -> list[str]:
    """What a page tells without scripts: the step, or each mistake."""
    site, form, step = current_app.config["SITE"], here.plan.slug, {"p.step": here.station.slug}
    if here.wrong:
        return [picture(site, "step", form, {**step, "p.error": row.error, "p.field": row.field}) for row in here.wrong]
    facts = {f"p.{name}": value for name, value in here.facts.items()}
    return [picture(site, "step", form, {**step, "p.of": str(len(here.plan.stations)), **facts})]


def _end(template: str, service: Service, plan: Plan, outcome: str, facts: dict[str, str]) -> str:
    told = {"n": outcome, **{f"p.{name}": value for name, value in facts.items()}}
    pictures = [picture(current_app.config["SITE"], "outcome", plan.slug, told)] if outcome else []
    known: dict[str, Any] = {"service": service, "plan": plan, "outcome": outcome, "facts": facts}
    return render_template(template, **known, pictures=pictures)
