"""What comments talk about: all topics of a range, and what an editor decides about them."""

from typing import Any, NamedTuple

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from admin.access import current_account, is_editor, writable
from admin.feedback_sheets import topic_change
from admin.feedback_view import FeedbackView, head_of, view_of
from admin.i18n import percent, t
from admin.services import town_of
from tracker.errors import ConfigError
from tracker.feedback.summary import UNCLEAR
from tracker.feedback.topics.phrases import LEAST
from tracker.feedback.topics.words import telling
from tracker.store.topics import HIGH, LONGEST_NAME, LOW, SIDES, Mentions, NameTakenError, Topics

blueprint = Blueprint("feedback_topics", __name__, url_prefix="/admin/feedback")

ON_SUMMARY, TYPICAL = 8, 2  # topics of one side on the summary, comments of one side that are shown of a topic
SHOWN = 60  # topics on their own page
_QUOTED = 300  # characters of a comment


class _Counted(NamedTuple):
    """The topics of a range, and of the one before by their keys, with how many comments there were."""

    topics: list[Mentions]
    comments: int
    before: dict[str, Mentions]
    comments_before: int


@blueprint.get("/summary/topics")
def index() -> str:
    """The topics of a range."""
    return _page(view_of(request.args))


def _page(view: FeedbackView, problem: str = "") -> str:
    found = _counted(view)
    return render_template(
        "feedback_topics.html",
        **{**head_of(view, "feedback_topics.index"), "decision_problem": problem},
        comments=found.comments,
        rows=[_row(view, topic, found) for topic in found.topics if not topic.silenced][:SHOWN],
        silenced=[topic for topic in found.topics if topic.silenced],
        names=sorted(view.topics.names().items(), key=lambda item: item[1].casefold()),
        may_decide=is_editor(),
        longest=LONGEST_NAME,
        csv_url=view.file_url("topics"),
        xlsx_url=view.file_url("topics", "xlsx"),
    )


@blueprint.post("/summary/topics/<ars>")
def change(ars: str) -> Response | tuple[str, int]:
    """Rename, merge, separate or silence a topic; the rest of the address is that of the page it is sent from."""
    town, form = town_of(ars), request.form
    topics, account, key = Topics(writable(), town.id), current_account().id, form.get("key", "")
    decisions = {
        "rename": lambda: topics.rename(key, form.get("name", ""), account),
        "merge": lambda: topics.merge(key, form.get("into", ""), account),
        "separate": lambda: topics.separate(key, account),
        "silence": lambda: topics.silence(key, True, account),
        "hear": lambda: topics.silence(key, False, account),
    }
    decision = decisions.get(form.get("decision", ""))
    try:
        if decision is None:
            raise ConfigError("There is no such decision.")
        decision()
    except ConfigError as error:
        reason = "name_taken" if isinstance(error, NameTakenError) else "decision_refused"
        return _page(view_of({**request.args, "municipality": ars}), t(f"feedback_summary.{reason}")), 400
    view = view_of({**request.args, "municipality": ars})
    return redirect(view.url("feedback_topics.index", done="topic_changed"), 303)


def side_cards(view: FeedbackView) -> list[dict[str, Any]]:
    """What the low and what the high ratings talk about: the most frequent topics of each side."""
    found = _counted(view)
    cards = []
    for side in (LOW, HIGH):
        topics = [topic for topic in found.topics if not topic.silenced and topic.sides.get(side, 0) >= LEAST]
        topics.sort(key=lambda topic: (-topic.sides[side], topic.name, topic.key))
        longest = max((topic.sides[side] for topic in topics), default=1)
        rows = [
            {**_row(view, topic, found, (side,)), "bar": round(100 * topic.sides[side] / longest, 2)}
            for topic in topics[:ON_SUMMARY]
        ]
        cards.append({"side": side, "rows": rows, "more": max(0, len(topics) - ON_SUMMARY)})
    return cards


def _counted(view: FeedbackView) -> _Counted:
    before = view.scope_of(view.before) if view.before else None
    then = view.topics.mentions(before) if before else []
    return _Counted(
        view.topics.mentions(view.scope),
        view.counts.comments(view.scope),
        {topic.key: topic for topic in then},
        view.counts.comments(before) if before else 0,
    )


def _row(view: FeedbackView, topic: Mentions, found: _Counted, sides: tuple[str, ...] = (LOW, HIGH)) -> dict[str, Any]:
    """A topic in words, with comments that are typical of it on these sides."""
    moved = topic_change(topic, found.comments, found.before, found.comments_before)
    return {
        "topic": topic,
        "sides": {side: topic.sides.get(side, 0) for side in SIDES},
        "share": percent(min(1.0, topic.number / found.comments)) if found.comments else "",
        "way": moved.way if moved else UNCLEAR,
        "typical": [(side, _quoted(text)) for side in sides for _, text in _typical(view, topic, side)],
        "inbox_url": view.inbox_url(telling(topic.written)),
    }


def _typical(view: FeedbackView, topic: Mentions, side: str) -> list[tuple[int, str]]:
    return view.topics.typical(topic, side, view.scope, TYPICAL) if topic.sides.get(side) else []


def _quoted(text: str) -> str:
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED].rstrip()} …"
