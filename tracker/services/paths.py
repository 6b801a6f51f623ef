"""How the paths of a service are written: a host and a pattern in one, such as www.marburg.de/leistungen/wohnen/**.

`*` stands for any characters of one name between two slashes, alone for any one name; `**` for any number of names,
also none. A pattern without # takes no notice of the route of a page that has one (/app#/antrag). A closing slash
makes no difference, as pages are stored without it.
"""

import re

from tracker.address import LONGEST_PATH, clean_path
from tracker.errors import ConfigError
from tracker.store.catalogue import check_host

MOST_STARS = 5  # so that no pattern takes long to match
_SCHEME = re.compile(r"^https?://", re.IGNORECASE)
_PORT = re.compile(r":[0-9]{1,5}$")


def written(text: str) -> str:
    """A path as it is kept: without https:// and port, host in lower case, decoded, without closing slash.

    A pattern that would be stored with placeholders, or cut, is left as it is; `path_rule` tells why.
    """
    host, glob = _parts(_SCHEME.sub("", text.strip()))
    cleaned = _clean(glob)
    tells_the_same = cleaned.count(":") <= glob.count(":") and "?" not in glob and len(glob) <= LONGEST_PATH
    return _PORT.sub("", host).lower().rstrip(".") + (cleaned if tells_the_same else glob)


def stored(path: str) -> str:
    """A path as the pages that it matches are stored."""
    host, glob = _parts(path)
    return host + _clean(glob)


def path_rule(path: str) -> str:
    """The rule that a written path breaks; "" if it breaks none."""
    host, glob = _parts(path)
    rules = (
        ("path_host", not _is_host(host)),
        ("path_query", "?" in glob),
        ("path_long", len(glob) > LONGEST_PATH),
        ("path_stars", any("**" in name and name != "**" for name in glob.split("/"))),
        ("path_wildcards", glob.count("*") - glob.count("**") > MOST_STARS),
        ("path_masked", _clean(glob) != glob),
    )
    return next((rule for rule, broken in rules if broken), "")


def _parts(path: str) -> tuple[str, str]:
    host, slash, rest = path.partition("/")
    return host, slash + rest


def _clean(glob: str) -> str:
    """A pattern with its path and its route each cleaned as those of pages are."""
    path, hash_, route = glob.partition("#")
    return clean_path(path) + (hash_ + clean_path(route) if hash_ else "")


def _is_host(host: str) -> bool:
    try:
        return check_host(host) == host
    except ConfigError:
        return False
