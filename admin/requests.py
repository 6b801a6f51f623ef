"""How a request of a person is answered truthfully: what can be found and why, and letters from the facts of now.

GDPR, Articles 11, 12, 15 and 17: whoever keeps nothing by which a person can be found says so, and why.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import NamedTuple

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from admin.access import config, is_operator
from admin.i18n import LANGUAGES, texts
from admin.services import chosen_town, sites_of, towns
from tracker.config import Config
from tracker.store.catalogue import Municipality, Site

blueprint = Blueprint("requests", __name__, url_prefix="/admin/requests")


@dataclass(frozen=True, slots=True)
class Facts:
    """What answers depend on, as it is set now.

    `visits`: a site counts visits by a pseudonym of the day; `signals`: Do Not Track is honoured; `search`: a site
    counts search terms.
    """

    town: str
    receipt: str
    opt_out: str
    visits: bool
    signals: bool
    search: bool
    facts_days: int
    months: int
    text_months: int
    backup_days: int


class Paragraph(NamedTuple):
    """A paragraph of a letter: its text, and when it belongs there."""

    key: str
    applies: Callable[[Facts], bool] = lambda _: True


_NOTHING = (
    Paragraph("nothing"),
    Paragraph("address"),
    Paragraph("pseudonym", lambda facts: facts.visits),
    Paragraph("no_pseudonym", lambda facts: not facts.visits),
    Paragraph("single_visits", lambda facts: facts.visits and facts.facts_days > 0),
    Paragraph("counts"),
    Paragraph("search", lambda facts: facts.search),
)
LETTERS: dict[str, tuple[Paragraph, ...]] = {
    "access": (
        Paragraph("greeting"),
        Paragraph("thanks_access"),
        *_NOTHING,
        Paragraph("feedback"),
        Paragraph("article_11"),
        Paragraph("rights"),
        Paragraph("end"),
    ),
    "erasure": (
        Paragraph("greeting"),
        Paragraph("thanks_erasure"),
        *_NOTHING,
        Paragraph("erase_nothing"),
        Paragraph("erase_feedback"),
        Paragraph("object_signals", lambda facts: facts.signals),
        Paragraph("object", lambda facts: not facts.signals),
        Paragraph("rights"),
        Paragraph("end"),
    ),
}


@blueprint.get("")
def index() -> Response | str:
    """What can be found of a person, step by step, and the letters."""
    town = chosen_town()
    if town is None:
        return redirect(url_for("municipalities.new"), 303) if is_operator() else render_template("services_none.html")
    facts = facts_of(config(), town, sites_of(town))
    return render_template(
        "requests.html",
        town=town,
        towns=towns(),
        facts=facts,
        letters=[(kind, language, letter(kind, facts, language)) for kind in LETTERS for language in LANGUAGES],
        LANGUAGES=LANGUAGES,
    )


def facts_of(settings: Config, town: Municipality, sites: list[Site]) -> Facts:
    """The facts of a municipality and of the installation."""
    return Facts(
        town=town.name,
        receipt=f"{settings.base_url}{url_for('feedback_receipt.form')}",
        opt_out=f"{settings.base_url}{url_for('opt_out.page')}",
        visits=any(site.level == "visits" for site in sites),
        signals=settings.honour_dnt,
        search=any(site.search_param for site in sites),
        facts_days=settings.facts_days,
        months=settings.rollup_months,
        text_months=settings.feedback_text_months,
        backup_days=settings.backup_days,
    )


def letter(kind: str, facts: Facts, language: str) -> str:
    """A model letter, whatever language the reader has."""
    known, values = texts(language), asdict(facts)
    rows = [row for row in LETTERS[kind] if row.applies(facts)]
    return "\n\n".join(known[f"requests.letter_{row.key}"].format_map(values) for row in rows)
