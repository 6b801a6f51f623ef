"""The page of one site: its figures, graph and cards, and each card expanded and as CSV."""

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from flask import Blueprint, Response, abort, render_template, request

from admin import stats
from admin.access import site_of, store
from admin.i18n import current_language
from admin.labels import bucket_label, bucket_tick, range_dates, range_title
from admin.ranges import RangeError, parse_range, previous
from admin.stats import CARDS, GROUPS, Card
from admin.tables import Order, arranged, cells, change_of, csv_lines, text_of
from admin.view import View, interval_links, language_query, order_of, period_links, range_query, shift_links, view_of

blueprint = Blueprint("dashboard", __name__, url_prefix="/admin/sites")

ROWS = 10  # of a card before it is expanded


@blueprint.get("/<host>")
def site(host: str) -> Response | str:
    """The dashboard, or with `fragment=1` only its inside, which is 304 while nothing was counted."""
    found = site_of(host)
    view = view_of(found, request.args, datetime.now(UTC))
    if request.args.get("fragment") != "1":
        return render_template("dashboard.html", **page_of(view))
    signature = _signature(view)
    known = request.if_none_match.contains(signature)
    response = Response(status=304) if known else Response(render_template("dashboard_body.html", **page_of(view)))
    response.set_etag(signature)
    return response


def _signature(view: View) -> str:
    """Another text whenever anything on the page may be another."""
    parts = (stats.signature(store(), view.site, view.span, view.now), view.url(), view.problem, current_language())
    return blake2b("\n".join(parts).encode(), digest_size=12).hexdigest()


def page_of(view: View) -> dict[str, Any]:
    """Everything that the template of the dashboard shows."""
    before = previous(view.span)
    return {
        "site": view.site,
        "span": view.span,
        "problem": view.problem,
        "title": range_title(view.span),
        "dates": range_dates(view.span),
        "dates_before": range_dates(before) if before else "",
        "signature": _signature(view),
        "periods": period_links(view.span, view.url),
        "shifts": shift_links(view.span, view.url),
        "intervals": interval_links(view.span.intervals, view.interval, view.url),
        "compare": view.compare and before is not None,
        "compare_url": view.url(compare="0" if view.compare else None) if before else "",
        "figures": _figures(view),
        "graph": _graph(view),
        "bots": _bots(view),
        "groups": _groups(view),
        "hidden": {name: value for name, value in view.query().items() if name not in ("period", "from", "to")},
    }


def _figures(view: View) -> list[dict[str, Any]]:
    """The top row. A figure that means nothing by the hour leads nowhere while the graph shows hours."""
    return [
        {
            "name": figure.measure.name,
            "value": text_of(figure.measure.kind, figure.value),
            "before": text_of(figure.measure.kind, figure.before),
            "change": change_of(figure.measure.kind, figure.change),
            "rises": None if not figure.change else figure.change > 0,
            "url": view.url(measure=figure.measure.name) if figure.measure.hourly or view.interval != "hour" else "",
            "current": figure.measure == view.measure,
        }
        for figure in stats.figures(store(), view.site, view.span)
    ]


def _graph(view: View) -> dict[str, Any]:
    points = stats.graph(store(), view.site, view.span, view.interval, view.measure, view.now)
    kind = view.measure.kind
    rows = [
        {
            "label": bucket_label(point.bucket, view.interval),
            "tick": bucket_tick(point.bucket, view.interval),
            "state": point.bucket.state,
            "value": point.value,
            "text": text_of(kind, point.value),
            "before_label": bucket_label(point.before_bucket, view.interval) if point.before_bucket else "",
            "before": point.before,
            "before_text": text_of(kind, point.before),
        }
        for point in points
    ]
    return {"measure": view.measure.name, "kind": kind, "interval": view.interval, "rows": rows}


def _bots(view: View) -> dict[str, Any]:
    found = stats.bot_share(store(), view.site, view.span)
    return {"requests": found.requests, "views": found.views, "share": found.share}


def _groups(view: View) -> list[dict[str, Any]]:
    return [
        {"name": group, "cards": [_card(view, card) for card in CARDS.values() if card.group == group]}
        for group in GROUPS
    ]


def _card(view: View, card: Card) -> dict[str, Any]:
    """A card with its first rows, and the addresses of the whole of it."""
    table = stats.table(store(), view.site, view.span, card, ROWS)
    return {
        "name": card.name,
        "columns": table.columns,
        "rows": cells(view.site, table, table.rows),
        "number": table.number,
        "more": table.number > len(table.rows),
        "url": view.card_url("dashboard.card", card.name),
        "csv_url": view.card_url("dashboard.card_csv", card.name),
    }


@blueprint.get("/<host>/cards/<card>")
def card(host: str, card: str) -> str:
    """The whole table of a card: to search, to put in order, page by page."""
    found, chosen = site_of(host), card_of(card)
    view = view_of(found, request.args, datetime.now(UTC))
    table = stats.table(store(), found, view.span, chosen)
    order = order_of(request.args, table)
    page = arranged(table, order)

    def url(**changes: str | int | None) -> str:
        shown = {"q": order.search or None, "sort": order.sort, "order": None if order.descending else "asc"}
        return view.card_url("dashboard.card", card, **{**shown, **changes})

    return render_template(
        "dashboard_card.html",
        site=found,
        card=chosen,
        table=table,
        order=order,
        page=page,
        rows=cells(found, table, page.rows),
        headings=_headings(table, order, url),
        dates=range_dates(view.span),
        title=range_title(view.span),
        problem=view.problem,
        query={**range_query(view.span), **language_query()},
        back_url=f"{view.url()}#group-{chosen.group}",
        csv_url=view.card_url("dashboard.card_csv", card),
        page_url=lambda number: url(page=number),
        clear_url=url(q=None),
    )


def _headings(table: stats.Table, order: Order, url: Callable[..., str]) -> list[dict[str, Any]]:
    """The headings; one that is chosen again turns the order round. Names begin with A, numbers with the largest."""
    shown = []
    for name in ("key", *(column.name for column in table.columns)):
        current = name == order.sort
        descending = not order.descending if current else name != "key"
        shown.append(
            {
                "name": name,
                "url": url(sort=name, order=None if descending else "asc"),
                "sorted": ("descending" if order.descending else "ascending") if current else None,
            }
        )
    return shown


@blueprint.get("/<host>/cards/<card>.csv")
def card_csv(host: str, card: str) -> Response:
    """All rows of a card as CSV. A range that cannot be shown is refused: a file carries no message."""
    found, chosen = site_of(host), card_of(card)
    try:
        span = parse_range(request.args, stats.today_of(found, datetime.now(UTC)))
    except RangeError:
        abort(400, "range")
    table = stats.table(store(), found, span, chosen)
    name = f"{found.host}-{chosen.name}-{span.start}-{span.end}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response("".join(csv_lines(table)), headers=headers, content_type="text/csv; charset=utf-8; header=present")


def card_of(name: str) -> Card:
    """The card of a name; 404 when there is none."""
    if name not in CARDS:
        abort(404)
    return CARDS[name]
