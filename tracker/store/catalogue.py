"""Master data: municipalities and their sites. Few rows, changed by hand, so sqlite-utils does the SQL."""

import re
import time
from dataclasses import dataclass
from sqlite3 import Connection
from zoneinfo import ZoneInfo, available_timezones

from sqlite_utils import Database

from tracker.calendar import Calendar, calendar_of
from tracker.errors import ConfigError

LEVELS = ("visits", "counts")
_HOST = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?)*$")


@dataclass(frozen=True, slots=True)
class Municipality:
    """A tenant. `ars` has 12 digits, `ags` 8 (STANDARDS: Amtlicher Regionalschlüssel and Gemeindeschlüssel)."""

    id: int
    name: str
    ars: str
    timezone: str

    @property
    def ags(self) -> str:
        """The municipality key derived from the regional key."""
        return self.ars[:5] + self.ars[9:]


@dataclass(frozen=True, slots=True)
class Site:
    """One host name being counted, with its municipality's time zone."""

    id: int
    municipality_id: int
    host: str
    level: str
    subdomains: bool
    search_param: str
    first_beacon: int | None  # seconds since 1970
    timezone: str

    @property
    def calendar(self) -> Calendar:
        """The local calendar of the site."""
        return calendar_of(self.timezone)

    def owns(self, host: str) -> bool:
        """Whether a page's host belongs to the site."""
        return host == self.host or (self.subdomains and host.endswith("." + self.host))


class Catalogue:
    """The municipalities and sites of one data directory."""

    def __init__(self, connection: Connection) -> None:
        self._db = Database(connection)

    def municipalities(self) -> list[Municipality]:
        """All municipalities by name."""
        columns = "id, name, ars, timezone"
        return [
            Municipality(**row) for row in self._db.table("municipality").rows_where(select=columns, order_by="name")
        ]

    def municipality(self, ars: str) -> Municipality:
        """The municipality with an ARS; raises ConfigError when there is none."""
        for found in self.municipalities():
            if found.ars == ars:
                return found
        known = ", ".join(f"{row.ars} ({row.name})" for row in self.municipalities()) or "none yet"
        raise ConfigError(f"There is no municipality with the ARS {ars}. Known: {known}.")

    def add_municipality(self, name: str, ars: str, timezone: str = "Europe/Berlin") -> Municipality:
        """A new municipality; raises ConfigError with the rule that a value breaks."""
        checked_name, checked_ars = name.strip(), check_ars(ars)
        if not 1 <= len(checked_name) <= 200:
            raise ConfigError("The name of a municipality has 1 to 200 characters.")
        if timezone not in available_timezones():
            raise ConfigError(f"“{timezone}” is no time zone; expected a name such as Europe/Berlin.")
        if any(found.ars == checked_ars for found in self.municipalities()):
            raise ConfigError(f"There is already a municipality with the ARS {checked_ars}.")
        ZoneInfo(timezone)
        row = {"name": checked_name, "ars": checked_ars, "timezone": timezone, "created": int(time.time())}
        self._db.table("municipality").insert(row)
        return self.municipality(checked_ars)

    def sites(self, municipality_id: int | None = None) -> list[Site]:
        """All sites, or those of one municipality, by host."""
        rows = self._db.query(
            """
            select site.id, municipality_id, host, level, subdomains, search_param, first_beacon, timezone
            from site
            join municipality on municipality.id = municipality_id
            where :municipality is null or municipality_id = :municipality
            order by host
            """,
            {"municipality": municipality_id},
        )
        return [Site(**{**row, "subdomains": bool(row["subdomains"])}) for row in rows]

    def site(self, host: str) -> Site:
        """The site with a host; raises ConfigError when there is none."""
        for found in self.sites():
            if found.host == host.lower():
                return found
        known = ", ".join(row.host for row in self.sites()) or "none yet; `zaehlwerk site add` makes one"
        raise ConfigError(f"There is no site {host}. Known: {known}.")

    def add_site(
        self, host: str, ars: str, level: str = "visits", subdomains: bool = False, search_param: str = ""
    ) -> Site:
        """A new site; raises ConfigError with the rule that a value breaks."""
        host = check_host(host)
        municipality = self.municipality(ars)
        if any(found.host == host for found in self.sites()):
            raise ConfigError(f"The site {host} exists already.")
        row = {"host": host, "municipality_id": municipality.id, "created": int(time.time())}
        self._db.table("site").insert({**row, **_options(level, subdomains, search_param)})
        return self.site(host)

    def change_site(self, host: str, level: str, subdomains: bool, search_param: str) -> Site:
        """Change how a site is counted from now on; raises ConfigError with the rule that a value breaks.

        In level `counts` nothing row-level is kept: open visitors, attempts and facts of before go at once.
        """
        number = self.site(host).id
        with self._db.atomic():
            self._db.table("site").update(number, _options(level, subdomains, search_param))
            if level == "counts":
                self._forget_visits(number)
        return self.site(host)

    def remove_site(self, host: str) -> None:
        """Remove a site with everything counted of it."""
        number = self.site(host).id
        with self._db.atomic():
            self._forget_visits(number)
            for table in self._db.tables:
                if "site" in table.columns_dict:
                    table.delete_where("site = ?", [number])
            self._db.table("site").delete(number)

    def _forget_visits(self, site: int) -> None:
        """Delete everything row-level of a site."""
        self._db.execute("delete from hit where visit in (select id from visit where site = ?)", [site])
        for table in ("visit", "open_attempt", "open_visitor"):
            self._db.table(table).delete_where("site = ?", [site])


def _options(level: str, subdomains: bool, search_param: str) -> dict[str, str | int]:
    if level not in LEVELS:
        raise ConfigError(f"“{level}” is no privacy level; expected {' or '.join(LEVELS)}.")
    if not re.fullmatch(r"[\w.\[\]-]{0,60}", search_param):
        raise ConfigError("The search parameter is the name of one query parameter, such as q.")
    return {"level": level, "subdomains": int(subdomains), "search_param": search_param}


def check_host(host: str) -> str:
    """A host name in lower case; raises ConfigError when it is none (an address with https:// or a path)."""
    lower = host.strip().lower().rstrip(".")
    if not _HOST.match(lower):
        raise ConfigError(
            f"“{host}” is no host name; expected only the name, such as www.marburg.de, without https://."
        )
    return lower


def check_ars(ars: str) -> str:
    """A regional key; raises ConfigError with the rule it breaks (12 digits, the first two 01 to 16)."""
    digits = re.sub(r"\s", "", ars)
    if not re.fullmatch(r"[0-9]{12}", digits):
        raise ConfigError(f"The ARS “{ars}” must have 12 digits (Marburg: 065340014014); an AGS has only 8.")
    if not 1 <= int(digits[:2]) <= 16:
        raise ConfigError(f"The ARS “{ars}” must begin with the number of a state, 01 to 16.")
    return digits
