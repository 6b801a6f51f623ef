"""What the address of a summary of feedback asks for, and the addresses that lead on from there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from werkzeug.exceptions import NotFound

from admin.access import store
from admin.i18n import t
from admin.labels import range_dates, range_title
from admin.ranges import Range, previous
from admin.services import chosen_town, name_of, services_of, towns
from admin.view import language_query, period_links, range_of, range_query, shift_links
from tracker.calendar import calendar_of, day_number
from tracker.feedback.feedback import CATEGORIES
from tracker.feedback.summary import LEAST
from tracker.services.service import Service
from tracker.store.catalogue import Municipality
from tracker.store.feedback_counts import FeedbackCounts, Scope
from tracker.store.topics import Topics

NO_SERVICE = "-"  # in an address: pages that belong to no service


@dataclass(frozen=True, slots=True)
class FeedbackView:
    """What the address asks for. `service` is a slug, NO_SERVICE or "" for all; `problem` tells of a bad range."""

    town: Municipality
    services: list[Service]
    now: datetime
    span: Range
    problem: str
    interval: str  # "" when the range is too short for a graph
    service: str
    category: str

    @property
    def scope(self) -> Scope:
        """The answers of the range."""
        return self.scope_of(self.span)

    @property
    def before(self) -> Range | None:
        """The range that this one is compared with."""
        return previous(self.span)

    @property
    def intervals(self) -> list[str]:
        """Into what the graph can be cut."""
        return self.span.intervals_of_days

    @property
    def counts(self) -> FeedbackCounts:
        """Where the answers are counted."""
        return FeedbackCounts(store().connection, self.town.id)

    @property
    def topics(self) -> Topics:
        """Where the topics are kept."""
        return Topics(store().connection, self.town.id)

    def scope_of(self, span: Range) -> Scope:
        """The answers of another range."""
        service = None if not self.service else "" if self.service == NO_SERVICE else self.service
        return Scope(day_number(span.start), day_number(span.end), service, self.category)

    def name_of(self, slug: str) -> str:
        """A service by its name; the slug where it is no longer in the catalogue."""
        if not slug:
            return t("feedback_summary.no_service")
        return next((name_of(service) for service in self.services if service.slug == slug), slug)

    def url(self, endpoint: str = "feedback_summary.index", **changes: str | None) -> str:
        """The address of a page with the same choices but for `changes`; None leaves one out."""
        query: dict[str, Any] = {**self.query(), **changes}
        return url_for(endpoint, **query)

    def file_url(self, sheet: str, kind: str = "csv") -> str:
        """The address of a table as a file, in the same range."""
        return self.url(f"feedback_summary.sheet_{kind}", sheet=sheet)

    def inbox_url(self, search: str = "") -> str:
        """The address of the answers themselves: of the same range, service and category, narrowed by words."""
        chosen = {
            "from": self.span.start.isoformat(),
            "to": self.span.end.isoformat(),
            "service": self.service,
            "category": self.category,
            "q": search,
        }
        query: dict[str, Any] = {name: value for name, value in chosen.items() if value} | language_query()
        return url_for("inbox.index", municipality=self.town.ars, **query)

    def query(self) -> dict[str, str]:
        """The choices as query parameters; what is the default is left out."""
        query = {"municipality": self.town.ars, **range_query(self.span)}
        chosen = {"service": self.service, "category": self.category}
        if self.interval and self.interval != self.span.interval:
            chosen["interval"] = self.interval
        return {**query, **{name: value for name, value in chosen.items() if value}, **language_query()}


def view_of(args: Mapping[str, str]) -> FeedbackView:
    """Read the address; what cannot be shown becomes the default. 404 for a municipality that is not yours."""
    town = chosen_town()
    if town is None:
        raise NotFound
    now = datetime.now(calendar_of(town.timezone).zone)
    services = services_of(town)
    span, problem = range_of(args, now.date())
    interval, service, category = (args.get(name, "") for name in ("interval", "service", "category"))
    return FeedbackView(
        town=town,
        services=services,
        now=now,
        span=span,
        problem=problem,
        interval=span.chosen(interval, span.intervals_of_days),
        service=service if service in {NO_SERVICE, *(each.slug for each in services)} else "",
        category=category if category in CATEGORIES else "",
    )


def head_of(view: FeedbackView, endpoint: str = "feedback_summary.index") -> dict[str, Any]:
    """Heading and choices of a page; `endpoint` is the page that they lead to."""

    def url(**changes: str | None) -> str:
        return view.url(endpoint, **changes)

    return {
        "town": view.town,
        "towns": towns(),
        "view": view,
        "span": view.span,
        "problem": view.problem,
        "title": range_title(view.span),
        "dates": range_dates(view.span),
        "subject": view.name_of("" if view.service == NO_SERVICE else view.service) if view.service else "",
        "periods": period_links(view.span, url),
        "shifts": shift_links(view.span, url),
        "range_action": url_for(endpoint),
        "range_swaps": False,
        "hidden": {name: value for name, value in view.query().items() if name not in ("period", "from", "to")},
        "kept": {name: value for name, value in view.query().items() if name not in ("service", "category")},
        "services": [(service.slug, name_of(service)) for service in view.services],
        "none": NO_SERVICE,
        "categories": CATEGORIES,
        "least": LEAST,
        "inbox_url": view.inbox_url(),
    }
