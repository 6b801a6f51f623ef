"""`zaehlwerk audit`: what is stored where, and whether the files keep the promise."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import click
import msgspec

from tracker.audit.audit import audit as run
from tracker.audit.report import EVERYTHING, FAILURE, GRADES, Progress, Report, Scope, save
from tracker.audit.stored import Fact, facts_of
from tracker.audit.texts import kept, sentence, texts, title_of
from tracker.commands.common import data_option, table
from tracker.config import Config
from tracker.store import open_store

ENGLISH = "en"


@click.command()
@data_option
@click.option("--full", is_flag=True, help="Read everything instead of a sample.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def audit(config: Config, full: bool, as_json: bool) -> None:
    """Show what is stored where, for how long and since when, and check it. Exit code 1 if anything fails.

    Reads a sample of every table and file unless told otherwise, and changes nothing but the file audit.json, in which
    the page “Privacy” finds the last result.
    """
    with _progress(as_json) as progress:
        report = run(config, time.time(), EVERYTHING if full else Scope(), progress)
    save(config, report)
    with closing(open_store(config.database, readonly=True)) as store:
        facts = facts_of(store, config)
    if as_json:
        click.echo(json.dumps(_document(report, facts, config), ensure_ascii=False, indent=1))
    else:
        _show(report, facts, config)
    raise SystemExit(int(report.grade == FAILURE))


@contextmanager
def _progress(silent: bool) -> Iterator[Progress]:
    """A bar on a terminal."""
    if silent or not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(length=1000, label="Looking", show_eta=False, file=sys.stderr) as bar:
        yield lambda share: bar.update(max(0, int(share * 1000) - bar.pos))
        bar.update(1000 - bar.pos)


def _show(report: Report, facts: list[Fact], config: Config) -> None:
    words = texts(ENGLISH)
    rows = [
        (
            words["kinds"][fact.name],
            f"{words['where'][fact.where]} {fact.place}".strip(),
            words["personal_short"][fact.personal],
            kept(fact.keep, config, ENGLISH),
            fact.since.isoformat() if fact.since else "–",
            _amount(fact),
        )
        for fact in facts
    ]
    table(("what", "where", "personal", "how long", "since", "rows or files"), rows)
    click.echo()
    for finding in report.findings:
        click.echo(f"{finding.grade:8} {title_of(finding.check, ENGLISH)}: {sentence(finding, ENGLISH)}")
    click.echo()
    click.echo(words["words"]["full" if report.full else "sample"].format(seconds=report.seconds))


def _amount(fact: Fact) -> str:
    if fact.number is None:
        return "–"
    return str(fact.number) if fact.bytes is None else f"{fact.number} ({fact.bytes / 1e6:.1f} MB)"


def _document(report: Report, facts: list[Fact], config: Config) -> dict[str, Any]:
    """Findings and facts, with sentences and days as text."""
    findings = [
        {**msgspec.to_builtins(finding), "sentence": sentence(finding, ENGLISH)}
        for finding in sorted(report.findings, key=lambda row: -GRADES.index(row.grade))
    ]
    stored = [
        {
            **fact._asdict(),
            "what": texts(ENGLISH)["kinds"][fact.name],
            "since": fact.since.isoformat() if fact.since else None,
            "kept": kept(fact.keep, config, ENGLISH),
        }
        for fact in facts
    ]
    head = {"grade": report.grade, "time": report.time, "seconds": report.seconds, "full": report.full}
    return {**head, "findings": findings, "stored": stored}
