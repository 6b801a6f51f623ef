"""Data protection: what is stored where, the last audit of the real files, and the documents made of these facts."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from admin.access import config, is_operator, store, worker
from admin.i18n import current_language, t
from admin.privacy_documents import DOCUMENTS, blocks, number_open, spans, written
from admin.privacy_facts import facts_for
from admin.services import chosen_town, sites_of, town_of, towns
from admin.view import language_query
from tracker.audit import texts as audit_texts
from tracker.audit.audit import audit
from tracker.audit.kinds import IMPERSONAL
from tracker.audit.report import GRADES, Report, last, save
from tracker.audit.stored import MOST, PLACES, Fact, facts_of
from tracker.store.catalogue import Catalogue, Municipality

blueprint = Blueprint("privacy", __name__, url_prefix="/admin/privacy")


@blueprint.get("")
def index() -> BaseResponse | str:
    """What is stored where, for how long and since when; what the last audit found; the documents."""
    town = chosen_town()
    if town is None:
        return redirect(url_for("municipalities.new"), 303) if is_operator() else render_template("services_none.html")
    report = last(config())
    facts = facts_for(town, store(), config(), worker().clock())
    return render_template(
        "privacy.html",
        town=town,
        towns=towns(),
        sites=sites_of(town),
        may_check=is_operator(),
        sees_all=sees_all(),
        documents=[(name, number_open(written(name, facts))) for name in DOCUMENTS],
        report=report,
        findings=_findings(report) if report else [],
        when=_moment(report.time, town) if report else "",
        places=_places(),
        personal=audit_texts.texts(current_language())["personal"],
        words=audit_texts.texts(current_language()),
    )


@blueprint.post("/check")
def check() -> BaseResponse:
    """Audit a sample of everything, now."""
    save(config(), audit(config(), worker().clock()))
    query: dict[str, Any] = {"municipality": request.form.get("municipality"), "done": "audited", **language_query()}
    return redirect(url_for("privacy.index", **query), 303)


@blueprint.get("/<ars>/<any(notice, record, threshold, measures, annex):document>")
def document(ars: str, document: str) -> str:
    """A document to read and print."""
    town = town_of(ars)
    text = written(document, facts_for(town, store(), config(), worker().clock()))
    return render_template(
        "privacy_document.html",
        town=town,
        name=document,
        blocks=blocks(text),
        number=number_open(text),
        word=t("privacy.open_word"),
    )


@blueprint.get("/<ars>/<any(notice, record, threshold, measures, annex):document>.md")
def markdown(ars: str, document: str) -> Response:
    """The same as a text file."""
    text = written(document, facts_for(town_of(ars), store(), config(), worker().clock()))
    name = f"{t('privacy.file_' + document)}-{ars}.md"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, headers=headers, content_type="text/markdown; charset=utf-8")


def sees_all() -> bool:
    """Whether the account may know how much is stored: it is about all municipalities of the installation."""
    return is_operator() or len(Catalogue(store().connection).municipalities()) == 1


def _findings(report: Report) -> list[Mapping[str, Any]]:
    """The findings, the worst first."""
    language, places = current_language(), sees_all()
    return [
        {
            "grade": finding.grade,
            "title": audit_texts.title_of(finding.check, language),
            "text": spans(audit_texts.sentence(finding, language, places)),
        }
        for finding in sorted(report.findings, key=lambda row: -GRADES.index(row.grade))
    ]


def _places() -> list[tuple[str, list[Mapping[str, Any]], list[Mapping[str, Any]]]]:
    """Each place with what is or may be personal, and with the rest."""
    facts = facts_of(store(), config())
    return [
        (
            place,
            [_row(fact) for fact in facts if fact.where == place and fact.personal not in IMPERSONAL],
            [_row(fact) for fact in facts if fact.where == place and fact.personal in IMPERSONAL],
        )
        for place in PLACES
    ]


def _row(fact: Fact) -> Mapping[str, Any]:
    """A kind of data in words; amounts and ages only for whom they concern."""
    language, shown = current_language(), sees_all()
    words = audit_texts.texts(language)
    return {
        "what": words["kinds"][fact.name],
        "place": fact.place,
        "personal": words["personal_short"][fact.personal],
        "keep": audit_texts.kept(fact.keep, config(), language),
        "since": fact.since if shown else None,
        "number": fact.number if shown else None,
        "more": fact.number == MOST,
        "megabytes": round(fact.bytes / 1e6, 1) if fact.bytes is not None and shown else None,
    }


def _moment(seconds: float, town: Municipality) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC).astimezone(ZoneInfo(town.timezone)):%d.%m.%Y, %H:%M}"
