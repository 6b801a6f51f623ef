"""Documents written in a small part of Markdown: filled in with facts, and taken apart into blocks for the page.

A block is a heading, a paragraph, a list or a table. Within a line, `code`, addresses and markers of open questions
are told apart; everything else is plain text, which the template escapes.
"""

import re
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from flask import render_template

from admin.i18n import current_language, t
from admin.privacy_facts import DocumentFacts

DOCUMENTS = ("notice", "record", "threshold", "measures", "annex")
_SPAN = re.compile(r"\[(?:offen|open): (?P<open>[^\]]+)\]|`(?P<code>[^`]+)`|(?P<link>https?://[^\s<>()|]+[\w/])")
_RULE = re.compile(r"\|[\s|:-]+\|")


class Span(NamedTuple):
    """A part of a line. `kind`: text, code, link or open."""

    kind: str
    text: str


Line = list[Span]


class Block(NamedTuple):
    """`kind`: h1, h2, p, list or table; `lines` are those of a list, or one; `rows` are those of a table."""

    kind: str
    lines: list[Line]
    rows: list[list[Line]]


def written(name: str, facts: DocumentFacts) -> str:
    """A document as Markdown, in the reader's language."""
    text = render_template(
        f"privacy/{current_language()}/{name}.md", facts=facts, config=facts.config, open=open_question, cell=one_line
    )
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def open_question(text: str) -> str:
    """The marker of what nobody but the municipality can know."""
    return f"[{t('privacy.open_word')}: {text}]"


def one_line(text: str) -> str:
    """A value as part of a line or of a table's cell: it cannot begin a block, a cell or a marker."""
    return re.sub(r"[|\[\]*#\s]+", " ", text).strip()


def blocks(text: str) -> list[Block]:
    """The blocks of a document."""
    found: list[Block] = []
    for kind, lines in groupby(text.splitlines(), key=_kind):
        found += _blocks(kind, [line for line in lines if line.strip()])
    return found


def number_open(text: str) -> int:
    """How many open questions a document names."""
    return sum(match["open"] is not None for match in _SPAN.finditer(text))


def _kind(line: str) -> str:
    if not line.strip():
        return ""
    for sign, kind in (("# ", "h1"), ("## ", "h2"), ("- ", "list"), ("|", "table")):
        if line.startswith(sign):
            return kind
    return "p"


def _blocks(kind: str, lines: list[str]) -> Iterator[Block]:
    if kind in ("h1", "h2"):
        for line in lines:
            yield Block(kind, [spans(line.lstrip("# "))], [])
    if kind == "list":
        yield Block(kind, [spans(line[2:]) for line in lines], [])
    if kind == "p":
        yield Block(kind, [spans(" ".join(lines))], [])
    if kind == "table":
        rows = [line for line in lines if not _RULE.fullmatch(line)]
        yield Block(kind, [], [[spans(cell.strip()) for cell in _cells(line)] for line in rows])


def _cells(line: str) -> list[str]:
    return line.strip().strip("|").split("|")


def spans(line: str) -> Line:
    """The parts of a line."""
    found: Line = []
    end = 0
    for match in _SPAN.finditer(line):
        if match.start() > end:
            found.append(Span("text", line[end : match.start()]))
        kind = str(match.lastgroup)
        found.append(Span(kind, match[kind]))
        end = match.end()
    return found + ([Span("text", line[end:])] if line[end:] else [])
