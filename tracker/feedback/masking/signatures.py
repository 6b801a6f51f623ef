"""Names below what people write: after a closing formula, to the end of the line."""

import re
from collections.abc import Iterator

from tracker.feedback.masking.known import all_first_names
from tracker.feedback.masking.persons import HONOURED
from tracker.feedback.masking.rule import NAME, UPPER, Rule, Span, either
from tracker.feedback.masking.words import common

KIND = either("""
    mit, viele[nr]?, liebe[nr]?, beste[nr]?, freundliche[nrm]?, herzliche[nr]?, schöne[nr]?, sonnige, nette, und
""")
KINDLY = f"(?:{KIND} ){{0,4}}"
CLOSING = either(r"""
    @gr(?:ü|ue)(?:ß|ss)(?:e|en)?, @gru(?:ß|ss), mfg, vg, lg, bg, hg, hochachtungsvoll,
    freundlichst, herzlichst, ergebenst, ciao, tschüss?, unterzeichner(?:in)?, cheers, best, (?:best |kind |warm
    |with kind )*regards, best wishes, sincerely(?: yours)?, yours (?:sincerely|faithfully|truly), gez\.?,
    gezeichnet, i\. ?[av]\.
""").replace("@", KINDLY)
THANKS = either("""
    danke(?: schön| sehr| im voraus| und gru(?:ß|ss))?, (?:besten|vielen|herzlichen) dank(?: im voraus)?, (?:many
    )?thanks(?: a lot| in advance)?, thank you, teşekkürler
""")
WHOSE = rf"(?:[,.!;\s-]{{1,4}}{either('ihre?, eure?, your, from, von, die, der')}(?= ))?"
BREAK = r"[,.!;:\s-]{1,4}"
MORE = r"[\w'-]{0,30}\.?(?:(?: |(?<=\.)|-)[^\W\d_][\w'-]{0,30}\.?){0,3}?"  # of a name after its first letter
END = r"(?=[^\w\n\x00]{0,6}(?:\n|\Z)| (?:aus|vom|from) )"
PATTERNS = (
    re.compile(rf"(?<![\w-]){CLOSING}{WHOSE}{BREAK}{HONOURED}(?P<hit>[^\W\d_]{MORE}){END}", re.IGNORECASE),
    re.compile(rf"(?<![\w-])(?i:{THANKS})(?: ?[,.!-]+\s{{1,3}}|\n{{1,3}})(?P<hit>[{UPPER}]{MORE}){END}"),
    re.compile(
        rf"(?<![\w-])(?i:{CLOSING}){WHOSE}{BREAK}(?P<hit>[{UPPER}]\w{{1,30}}(?: [{UPPER}]\w{{1,30}}){{1,2}})(?=[,;|\n])"
    ),
)
TOGETHER = re.compile(
    rf"(?<![\w-]){CLOSING} (?:von )?(?P<hit>\w{{3,30}}(?: und | u\. | & | and )\w{{3,30}})(?![\w-])", re.IGNORECASE
)


def _signed(text: str, _: str) -> Iterator[Span]:
    for pattern in PATTERNS:
        for match in pattern.finditer(text):
            name = match["hit"].rstrip(".")
            if not any(map(common, name.split())):
                yield match.start("hit"), match.start("hit") + len(name)


def _together(text: str, _: str) -> Iterator[Span]:
    """Two people sign together: each by a known first name."""
    for match in TOGETHER.finditer(text):
        for word in re.finditer(r"\w{3,}", match["hit"]):
            if word[0].casefold() in all_first_names():
                yield match.start("hit") + word.start(), match.start("hit") + word.end()


SIGNATURES = (Rule(NAME, _signed), Rule(NAME, _together))
