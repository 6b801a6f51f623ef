"""Names below what people write: after a closing formula, to the end of the line."""

import re
from collections.abc import Iterator

from tracker.feedback.masking.known import all_first_names
from tracker.feedback.masking.names import HONOURED, UPPER
from tracker.feedback.masking.rule import NAME, Match, Rule, Span
from tracker.feedback.masking.words import common

CLOSING = (
    r"(?:(?:mit |viele[nr]? |liebe[nr]? |beste[nr]? |freundliche[nrm]? |herzliche[nr]? |schöne[nr]? |sonnige |nette |und )*"
    r"(?:gr(?:ü|ue)(?:ß|ss)(?:e|en)?|gru(?:ß|ss))|mfg|vg|lg|bg|hg|hochachtungsvoll|(?:best |kind |warm |with kind )*regards|"
    r"best wishes|sincerely(?: yours)?|yours (?:sincerely|faithfully|truly)|cheers|best|gez\.?|gezeichnet|i\. ?[av]\.)"
)
THANKS = (
    r"(?:danke(?: schön| sehr| im voraus| und gru(?:ß|ss))?|(?:besten|vielen|herzlichen) dank(?: im voraus)?|"
    r"(?:many )?thanks(?: a lot| in advance)?|thank you|saludos|teşekkürler)"
)
SAYING = r"(?:[,.!;\s-]{1,4}(?:ihre?|eure?|your|from|von|die|der)(?= ))?"
MORE = r"[\w'-]{0,30}\.?(?:(?: |(?<=\.)|-)[^\W\d_][\w'-]{0,30}\.?){0,3}"  # of a name after its first letter
END = r"(?=[^\w\n\x00]{0,6}(?:\n|\Z))"
SIGNED = re.compile(
    rf"(?<![\w-]){CLOSING}{SAYING}[,.!;:\s-]{{1,4}}{HONOURED}(?P<hit>[^\W\d_]{MORE}){END}", re.IGNORECASE
)
THANKED = re.compile(rf"(?<![\w-])(?i:{THANKS})(?: ?[,.!-]+\s{{1,3}}|\n{{1,3}})(?P<hit>[{UPPER}]{MORE}){END}")
FORMAL = re.compile(
    rf"(?<![\w-])(?i:{CLOSING}){SAYING}[,.!;:\s-]{{1,4}}(?P<hit>[{UPPER}]\w+(?: [{UPPER}]\w+){{1,2}})(?=[,;|\n])"
)
TWO = re.compile(
    rf"(?<![\w-])(?i:{CLOSING}) (?i:von )?(?P<hit>\w{{3,30}}(?: und | u\. | & | and )\w{{3,30}})(?![\w-])",
    re.IGNORECASE,
)


def _hit(match: Match) -> Span:
    return match.start("hit"), match.start("hit") + len(match["hit"].rstrip("."))


def _signed(text: str, _: str) -> Iterator[Span]:
    for pattern in (SIGNED, THANKED, FORMAL):
        for match in pattern.finditer(text):
            if not any(common(word) for word in match["hit"].rstrip(".").split()):
                yield _hit(match)


def _both(text: str, _: str) -> Iterator[Span]:
    """Two people sign together."""
    for match in TWO.finditer(text):
        start = match.start("hit")
        for word in re.finditer(r"\w{3,}", match["hit"]):
            if word[0].casefold() in all_first_names():
                yield start + word.start(), start + word.end()


SIGNATURES = (Rule(NAME, _signed), Rule(NAME, _both))
