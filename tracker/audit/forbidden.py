"""What must not be stored, by the shape of a text. Finds what is there in plain; the masks know many more disguises."""

import ipaddress
import re
from collections.abc import Callable
from typing import NamedTuple

from stdnum import iban

IPV4 = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\d)(?!\w)")
IPV6 = re.compile(r"(?<![\w:.])[0-9a-f]{3,4}:[0-9a-f:]{2,35}(?![\w:])", re.IGNORECASE)
USER_AGENT = re.compile(
    r"Mozilla/\d|AppleWebKit/\d|Windows NT \d|CPU iPhone OS|Gecko/\d{8}"
    r"|(?:Chrome|Firefox|Safari|Edg|OPR|Version)/\d+\.\d"
)
EMAIL = re.compile(r"[\w+-]@[\w-]{1,63}(?:\.[\w-]{1,63})*\.[a-z]{2,24}(?![\w-])", re.IGNORECASE)
PHONE = re.compile(
    r"(?<![\w+.-])\+[1-9]\d{0,2}(?:[ ()./-]{0,3}\d){7,12}(?![\w-])"
    r"|(?<![\w+.-])00[1-9]\d{0,2}[ ()./-](?:[ ()./-]{0,3}\d){6,12}(?![\w-])"
    r"|(?<![\w+./-])\(?0[1-9]\d{1,4}\)?[ /-]{1,3}\d(?:[ /-]?\d){4,9}(?![\w.-])"
)
IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])")
LINK = re.compile(r"https?://[^\s?#\"'<>]{3,2000}\?[^\s\"'<>]", re.IGNORECASE)
COOKIE = re.compile(
    r"(?:set-)?cookie\s?:|(?:PHPSESSID|JSESSIONID|ASP\.NET_SessionId|zw_session|_ga|_pk_id[\w.]*|_fbp)=\w",
    re.IGNORECASE,
)
SECRET = re.compile(r"(?<![\w-])zw_[\w-]{43}(?![\w-])")  # a token of a program in plain


class Forbidden(NamedTuple):
    """One kind of data that must not be stored; `occurs` tells whether a text holds it."""

    name: str
    occurs: Callable[[str], bool]


def _address(text: str) -> bool:
    return any(_is_visitor(found) for found in IPV4.findall(text)) or any(
        _is_visitor(found.rstrip(":")) or _is_visitor(found) for found in IPV6.findall(text)
    )


def _is_visitor(text: str) -> bool:
    """An address, but not that of the machine itself, which the addresses of a trial installation hold."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (found.is_loopback or found.is_unspecified)


def _iban(text: str) -> bool:
    return any(iban.is_valid(found) for found in IBAN.findall(text))


def _occurs(pattern: re.Pattern[str], sign: str = "") -> Callable[[str], bool]:
    """`sign`: without it in the text nothing can match, which is much quicker to see."""
    return lambda text: sign in text and pattern.search(text) is not None


FORBIDDEN: tuple[Forbidden, ...] = (
    Forbidden("address", _address),
    Forbidden("user_agent", _occurs(USER_AGENT)),
    Forbidden("email", _occurs(EMAIL, "@")),
    Forbidden("phone", _occurs(PHONE)),
    Forbidden("iban", _iban),
    Forbidden("link", _occurs(LINK, "?")),
    Forbidden("cookie", _occurs(COOKIE)),
    Forbidden("secret", _occurs(SECRET, "zw_")),
)
NAMES = tuple(row.name for row in FORBIDDEN)


def found_in(text: str) -> set[str]:
    """The names of the kinds that a text holds."""
    return {row.name for row in FORBIDDEN if row.occurs(text)}
