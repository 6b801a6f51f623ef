"""Totals by program: `PUT /api/v1/usage/<connector>/<period>` with a file as its body."""

import shutil
from tempfile import SpooledTemporaryFile
from typing import Any, cast

from flask import Blueprint, abort, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from admin.access import current_token, worker, writable
from admin.i18n import t
from tracker.errors import ConfigError
from tracker.store.catalogue import Catalogue, Municipality
from tracker.store.usage import Usage
from tracker.usage.findings import Finding, UsageError
from tracker.usage.importer import Imported, Source, import_file
from tracker.usage.layout import Connector
from tracker.usage.opening import LARGEST
from tracker.usage.periods import parse_period, written

blueprint = Blueprint("usage_api", __name__, url_prefix="/api/v1")

_IN_MEMORY = 1024 * 1024  # bytes of a body


@blueprint.put("/usage/<connector>/<period>")
def usage(connector: str, period: str) -> ResponseReturnValue:
    """Import a file that is about one month or day, with a connector of the token's municipality.

    It replaces all that the connector told of that period, so that a repetition does no harm.
    """
    if not worker().limiter.allows(f"token {current_token().id}", worker().clock()):
        abort(429)
    town, found = _town(), _connector(connector)
    try:
        span = parse_period(period)
    except ConfigError:
        abort(400, "period")
    request.max_content_length = LARGEST * 1024 * 1024
    with SpooledTemporaryFile(_IN_MEMORY) as body:
        shutil.copyfileobj(request.stream, body)
        source = Source(cast(Any, body), f"{connector} {written(span)}", "api", span)
        try:
            return _answer(import_file(writable(), town, found, source))
        except UsageError as error:
            return _refusal(list(error.findings))


def _town() -> Municipality:
    number = current_token().municipality_id
    return next(town for town in Catalogue(writable()).municipalities() if town.id == number)


def _connector(name: str) -> Connector:
    try:
        return Usage(writable()).connector(current_token().municipality_id, name)
    except ConfigError as error:
        raise NotFound("connector") from error


def _answer(done: Imported) -> ResponseReturnValue:
    if done.replaced is None:
        return _refusal(done.reading.findings.listed)
    return jsonify(
        {
            "import": done.replaced.id,
            "lines": done.reading.lines,
            "left_out": done.reading.left_out,
            "periods": [written(period) for period in sorted(done.reading.periods)],
            "replaced": [written(period) for period in done.replaced.periods],
            "findings": [_shown(finding) for finding in done.reading.findings.listed],
        }
    )


def _refusal(findings: list[Finding]) -> ResponseReturnValue:
    """Nothing was imported, and why (RFC 9457)."""
    answer = jsonify(
        type="about:blank",
        status=422,
        title=t("usage.refused_title"),
        detail=t("usage.refused_detail"),
        findings=[_shown(finding) for finding in findings],
    )
    answer.mimetype = "application/problem+json"
    return answer, 422


def _shown(finding: Finding) -> dict[str, object]:
    return {
        "rule": finding.rule,
        "error": finding.blocks,
        "line": finding.line,
        "column": finding.column,
        "message": finding.sentence,
    }
