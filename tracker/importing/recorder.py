"""A request out of a log becomes a record by the same steps as the beacon that its page would have sent."""

import secrets
from hashlib import blake2b
from typing import Final

import msgspec

from tracker.anonymise import HEADER_STEPS, Draft, Drop, anonymise
from tracker.beacon import ADDRESS_LIMIT, Beacon
from tracker.config import Config
from tracker.country import open_country
from tracker.errors import BeaconError
from tracker.importing.line import Line
from tracker.importing.selection import drop_reason, is_download
from tracker.importing.spool import fingerprint
from tracker.peer import client_address
from tracker.record import Record
from tracker.store.catalogue import Site
from tracker.useragent import Client, ClientCache

UNKNOWN: Final = Client("", "", "", "")  # of a log that does not tell user-agents


class ImportKey:
    """Names the visitors of one import: 32 random bytes that end with the process, another name for each day."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def pseudonym(self, day: int, text: bytes) -> int:
        """A visitor's pseudonym on a local day: a signed 64-bit number that is never 0."""
        keyed = blake2b(text, digest_size=8, key=self._key, salt=day.to_bytes(16, "big"))
        return int.from_bytes(keyed.digest(), "big", signed=True) or 1


class Recorder:
    """Anonymises the requests of one import."""

    def __init__(self, config: Config, site: Site) -> None:
        self._config = config
        self._site = site
        self._key = ImportKey()
        self._country = open_country(config.country_db).country
        self._client = ClientCache().get

    def record(self, line: Line) -> Record | Drop:
        """The record of a view or a download with its fingerprint in `once`, or why there is none."""
        if reason := drop_reason(line, self._site):
            return Drop(reason)
        address = client_address(line.environ, self._config.trusted_proxies)
        for step in HEADER_STEPS:
            if (drop := step(line.environ, address, self._config)) is not None:
                return drop
        draft = self._draft(line, address)
        try:
            record = anonymise(draft)
        except BeaconError:
            return Drop("address")
        if isinstance(record, Drop):
            return record
        return msgspec.structs.replace(record, once=_fingerprint(line, draft, record))

    def _draft(self, line: Line, address: str) -> Draft:
        tells_clients = "HTTP_USER_AGENT" in line.environ
        return Draft(
            beacon=_beacon(line, self._site),
            site=self._site,
            key=self._key,
            now=line.time,
            address=address,
            environ=line.environ,
            country_of=self._country,
            client_of=self._client if tells_clients else lambda _: UNKNOWN,
        )


def _beacon(line: Line, site: Site) -> Beacon:
    """What the snippet would have sent."""
    url = line.url[:ADDRESS_LIMIT]
    address = f"https://{line.host or site.host}{url}" if url.startswith("/") else url
    referrer = line.environ.get("HTTP_REFERER", "")
    if is_download(line):
        return Beacon(s=site.host, u=address, r=referrer, k="event", n="download", p={"url": address})
    return Beacon(s=site.host, u=address, r=referrer)


def _fingerprint(line: Line, draft: Draft, record: Record) -> int:
    """By what the same line is known again: only what may be stored, in classes that many people share."""
    referrer, client = draft.referrer, draft.client
    assert referrer is not None
    assert client is not None
    request = (record.site, line.time // 1000, line.method, draft.page, line.status, line.size)
    return fingerprint(*request, referrer.host, *client, record.country)
