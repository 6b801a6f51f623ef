"""A request becomes a record without address and user-agent, or is dropped for a reason.

The steps are taken in order, the cheapest first: HEADER_STEPS before the body is read, STEPS with the beacon. Each
returns None to go on, or a Drop. The address and the user-agent live in the Draft and end with it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import getrandbits
from typing import Any, NamedTuple

from tracker.address import CAMPAIGN, clean_link, clean_path, clean_text, query_params, split
from tracker.beacon import Beacon
from tracker.codes import code
from tracker.config import Config
from tracker.daykey import Pseudonyms
from tracker.errors import BeaconError
from tracker.language import primary
from tracker.peer import is_inside
from tracker.record import BOT, EVENT, LEAVE, STEP, VIEW, Message, Record
from tracker.source import Referrer, classify
from tracker.store.catalogue import Site
from tracker.useragent import Client

KINDS = {"view": VIEW, "event": EVENT, "leave": LEAVE, "step": STEP, "outcome": STEP}
LINKS = ("outbound", "download")  # events that are counted by the address they lead to
_NOT = {None, False, "0", "false", ""}
NAME_LIMIT = 60  # characters of the name of a form, step, error or field
OPT_OUT_COOKIE = "zaehlwerk_opt_out"
OPT_OUT = f"{OPT_OUT_COOKIE}=1"
SEPARATOR = " · "  # between an event's name and its property in the dimension `property`
_PREVIEWS = (  # header → words that tell that nobody looks at the page yet
    ("HTTP_SEC_PURPOSE", ("prefetch", "prerender", "preview")),
    ("HTTP_PURPOSE", ("prefetch", "preview")),
    ("HTTP_X_PURPOSE", ("preview",)),
    ("HTTP_X_MOZ", ("prefetch",)),
)

Environ = Mapping[str, Any]


class Drop(NamedTuple):
    """A beacon that is deliberately not counted."""

    reason: str


@dataclass(slots=True)
class Draft:
    """A beacon on its way through the steps."""

    beacon: Beacon
    site: Site
    key: Pseudonyms
    now: int  # ms
    address: str
    environ: Environ
    country_of: Callable[[str], str]
    client_of: Callable[[str], Client]
    host: str = ""
    page: str = ""
    query: dict[str, str] = field(default_factory=dict)
    referrer: Referrer | None = None
    client: Client | None = None
    visitor: int = 0
    keys: list[tuple[str, str]] = field(default_factory=list)
    message: Message | None = None


def opted_out(environ: Environ, _address: str, config: Config) -> Drop | None:
    """Do Not Track and Global Privacy Control."""
    if config.honour_dnt and (environ.get("HTTP_SEC_GPC") == "1" or environ.get("HTTP_DNT") == "1"):
        return Drop("opted_out")
    return None


def refused(environ: Environ, _address: str, _config: Config) -> Drop | None:
    """A cookie that the visitor set at an explicit wish, on the page /opt-out; the snippet knows nothing of it."""
    cookies = environ.get("HTTP_COOKIE")
    if cookies and OPT_OUT in (cookie.strip() for cookie in cookies.split(";")):
        return Drop("opted_out")
    return None


def previewed(environ: Environ, _address: str, _config: Config) -> Drop | None:
    """Pages that a browser loads before anybody asked to see them."""
    for header, words in _PREVIEWS:
        value = environ.get(header)
        if value and any(word in value.lower() for word in words):
            return Drop("prefetch")
    return None


def excluded(_environ: Environ, address: str, config: Config) -> Drop | None:
    """Networks that the operator does not count, such as the town hall's own."""
    return Drop("excluded_network") if is_inside(address, config.excluded_networks) else None


HEADER_STEPS: tuple[Callable[[Environ, str, Config], Drop | None], ...] = (opted_out, refused, previewed, excluded)


class Place(NamedTuple):
    """Where something happened: the page as it is stored, and what may be kept of its query."""

    host: str
    page: str
    query: dict[str, str]


def place_of(url: str, site: Site) -> Place:
    """The place that an address names. Raises BeaconError when it is none, or not one of the site's."""
    address, _, fragment = url.partition("#")
    try:
        host, path, query = split(address, site.host)
    except ValueError as error:
        raise BeaconError(str(error)) from error
    if not site.owns(host):
        raise BeaconError(f"the page's host does not belong to the site {site.host}")
    page = clean_path(path)
    if fragment.startswith(("/", "!/")):  # the snippet sends a fragment only where it is the route of the page
        page += "#" + clean_path(fragment.removeprefix("!"))
    if host != site.host:
        page = host + page
    return Place(host, page, query_params(query, site.search_param or None))


def locate(draft: Draft) -> Drop | None:
    """Clean the page's address. Raises BeaconError when the page does not belong to the site."""
    draft.host, draft.page, draft.query = place_of(draft.beacon.u, draft.site)
    return None


def come_from(draft: Draft) -> Drop | None:
    """The referrer becomes host, source and channel."""
    campaign = {name: value for name, value in draft.query.items() if name in CAMPAIGN} if draft.query else {}
    draft.referrer = classify(draft.beacon.r, draft.site.owns, campaign)
    return None


def recognise(draft: Draft) -> Drop | None:
    """The user-agent becomes device, browser and system, or the name of a bot."""
    draft.client = draft.client_of(draft.environ.get("HTTP_USER_AGENT", ""))
    return None


def describe(draft: Draft) -> Drop | None:
    """The further dimensions in which the beacon counts."""
    beacon = draft.beacon
    if beacon.k == "event":
        draft.keys = _event_keys(beacon, draft.site)
    if beacon.k in {"step", "outcome"}:
        draft.message = message_of(beacon)
        if not draft.message.form or (beacon.k == "step" and not draft.message.step):
            raise BeaconError("the names of form and step are empty once cleaned")
    if beacon.k == "view":
        if beacon.p.get("not_found") not in _NOT:
            draft.keys.append(("not_found", draft.page))
        term = draft.query.get(draft.site.search_param)
        if draft.site.search_param and term:
            draft.keys.append(("search", term.lower()))
    return None


def name_visitor(draft: Draft) -> Drop | None:
    """The pseudonym of the day, in level `visits` only."""
    if draft.site.level == "visits":
        user_agent = draft.environ.get("HTTP_USER_AGENT", "")
        who = f"{draft.site.id}\n{draft.address}\n{user_agent}".encode(errors="surrogatepass")
        draft.visitor = draft.key.pseudonym(draft.site.calendar.moment(draft.now).day, who)
    return None


STEPS: tuple[Callable[[Draft], Drop | None], ...] = (locate, come_from, recognise, describe, name_visitor)


def _event_keys(beacon: Beacon, site: Site) -> list[tuple[str, str]]:
    """An event counts under its name and its properties; a followed link under the address it leads to."""
    name = clean_text(beacon.n)
    if name in LINKS:
        link = clean_link(str(beacon.p.get("url", "")))
        if not link:
            raise BeaconError(f"an event “{name}” needs the property url, an http or https address")
        host, _, path = link.partition("://")[2].partition("/")
        return [(name, "/" + path if host == site.host else link)]
    rows = [f"{clean_text(key)} = {clean_text(_text(value))}" for key, value in beacon.p.items()]
    return [("event", name), *(("property", name + SEPARATOR + row) for row in dict.fromkeys(rows))]


def message_of(beacon: Beacon) -> Message:
    """What a beacon of kind step or outcome says about a form."""
    given = {name: _text(value) for name, value in beacon.p.items()}
    outcome = beacon.n if beacon.k == "outcome" else ""
    return Message(
        form=_name(given.get("form") or beacon.n),
        step=_name(given.get("step", "")),
        done=given.get("done", "") not in {"", "0", "false"} and not outcome,
        error=_name(given.get("error", "")),
        field=_name(given.get("field", "")),
        outcome=code("outcome", outcome),
        auth=code("auth", given.get("auth", "")),
        assurance=code("assurance", given.get("assurance", "")),
        payment=code("payment", given.get("payment", "")),
        payment_status=code("payment_status", given.get("payment_status", "")),
    )


def _name(text: str) -> str:
    """The name of a form, step, error or field: cleaned, and without the slash that joins them in keys."""
    return clean_text(text, NAME_LIMIT).replace("/", "-")


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def anonymise(draft: Draft) -> Record | Drop:
    """Take the steps; the record, or why there is none. Raises BeaconError for a malformed beacon.

    A bot is a record too, of which only the bot's name is kept.
    """
    for step in STEPS:
        if (drop := step(draft)) is not None:
            return drop
    referrer, client = draft.referrer, draft.client
    assert referrer is not None
    assert client is not None
    if client.bot:
        return _bot(draft, client)
    return Record(
        time=draft.now,
        site=draft.site.id,
        visitor=draft.visitor,
        kind=KINDS[draft.beacon.k],
        page=draft.page,
        channel=referrer.channel,
        source=referrer.source,
        referrer=referrer.host,
        campaign=referrer.campaign,
        device=client.device,
        browser=client.browser,
        os=client.os,
        country=draft.country_of(draft.address),
        language=primary(draft.environ.get("HTTP_ACCEPT_LANGUAGE", "")),
        seconds=round(draft.beacon.d),
        rkey=getrandbits(32),  # published nowhere: whoever had it could undo the noise
        keys=tuple(draft.keys),
        message=draft.message,
    )


def _bot(draft: Draft, client: Client) -> Record:
    """A bot's request: only its name is kept."""
    return Record(
        time=draft.now,
        site=draft.site.id,
        visitor=0,
        kind=BOT,
        rkey=getrandbits(32),
        keys=(("bot", client.bot),),
    )
