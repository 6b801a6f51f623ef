"""Settings: one table of fields, read once at start from the environment and `zaehlwerk.toml`."""

import ipaddress
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from tracker.errors import ConfigError

PREFIX = "ZAEHLWERK_"
FILE = "zaehlwerk.toml"
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def choice(*allowed: str) -> Callable[[str], str]:
    """A parser that accepts the words `allowed`."""

    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"one of {', '.join(allowed)}")
        return text

    return parse


def whole(low: int, high: int) -> Callable[[str], int]:
    """A parser for a whole number from `low` to `high`."""

    def parse(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(text)

    return parse


def switch(text: str) -> bool:
    """A parser for yes or no."""
    words = {"1": True, "yes": True, "true": True, "on": True, "0": False, "no": False, "false": False, "off": False}
    if text.lower() not in words:
        raise ValueError("yes or no")
    return words[text.lower()]


def networks(text: str) -> tuple[Network, ...]:
    """A parser for addresses and networks with commas between them."""
    try:
        return tuple(ipaddress.ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise ValueError("addresses or networks such as 10.1.0.0/16, with commas between them") from error


def base_url(text: str) -> str:
    """A parser for the public address of the installation, without a slash at its end."""
    if not text.startswith(("http://", "https://")) or any(char in text for char in "?# "):
        raise ValueError("an address such as https://stats.example.de")
    return text.rstrip("/")


def optional_path(text: str) -> Path | None:
    """A parser for a file that may be left out."""
    return Path(text) if text else None


def setting(default: Any, parse: Callable[[str], Any], meaning: str) -> Any:
    """One row of the table of settings."""
    return field(default=default, metadata={"parse": parse, "help": meaning})


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All settings of one installation; docs/settings.md explains each."""

    data: Path = setting(Path("data"), Path, "directory of everything that is kept")
    base_url: str = setting("http://127.0.0.1:8000", base_url, "public address of this installation, used in links")
    durability: str = setting(
        "write", choice("write", "fsync"), "a 202 survives: write = kill -9 of all processes, fsync = loss of power"
    )
    trusted_proxies: tuple[Network, ...] = setting((), networks, "proxies whose X-Forwarded-For header is believed")
    excluded_networks: tuple[Network, ...] = setting((), networks, "networks that are not counted (the town hall's)")
    honour_dnt: bool = setting(True, switch, "requests with DNT: 1 or Sec-GPC: 1 are not counted")
    rate_limit: int = setting(20, whole(1, 100_000), "beacons per second and address, over some seconds")
    rate_burst: int = setting(200, whole(1, 1_000_000), "beacons that an address may send at once")
    country_db: Path | None = setting(None, optional_path, "own country database (MMDB) instead of the built-in one")
    facts_days: int = setting(35, whole(0, 400), "days that row-level visits (without pseudonym) are kept")
    rollup_months: int = setting(25, whole(1, 120), "months that daily, monthly and yearly counts are kept")
    backup_days: int = setting(30, whole(1, 3650), "days that backups in the data directory's folder backup are kept")
    feedback_text_months: int = setting(12, whole(1, 120), "months that the texts of feedback are kept")
    audit_months: int = setting(24, whole(1, 120), "months that the audit log is kept")
    feedback_per_minute: int = setting(1, whole(1, 100_000), "pieces of feedback per minute and address")
    simulated: bool = setting(False, switch, "mark every page as simulated data (set by `zaehlwerk demo`)")

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.data / "zaehlwerk.db"

    @property
    def journal(self) -> Path:
        """The directory of the journal's files."""
        return self.data / "journal"

    @property
    def opendata(self) -> Path:
        """The directory of the published files."""
        return self.data / "opendata"


SETTINGS: tuple[Field[Any], ...] = fields(Config)


def load_config(data: Path | None = None, environ: Mapping[str, str] = os.environ) -> Config:
    """The settings: defaults, then `zaehlwerk.toml` in the data directory, then environment variables.

    Raises ConfigError, which names the setting, where it was read, and what is expected.
    """
    directory = (data or Path(environ.get(PREFIX + "DATA") or "data")).absolute()
    given = {**_from_file(directory / FILE), **_from_environment(environ)}
    values: dict[str, Any] = {"data": directory}
    rows = {row.name: row for row in SETTINGS if row.name != "data"}
    for name, (text, place) in given.items():
        if name not in rows:
            raise ConfigError(f"{place}: there is no setting “{name}”. Known settings: {', '.join(sorted(rows))}.")
        try:
            values[name] = rows[name].metadata["parse"](text)
        except ValueError as error:
            raise ConfigError(f"{place}: {name} = “{text}” is not possible; expected {error}.") from error
    return Config(**values)


def _from_file(path: Path) -> dict[str, tuple[str, str]]:
    if not path.exists():
        return {}
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name} is not valid TOML: {error}.") from error
    return {name: (_as_text(value), path.name) for name, value in table.items()}


def _as_text(value: object) -> str:
    if isinstance(value, list):
        return ",".join(str(item) for item in value)
    return str(value)


_NOT_SETTINGS = {"DATA", "CHROMIUM", "REQUIRE_BROWSER"}


def _from_environment(environ: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    names = [name for name in environ if name.startswith(PREFIX) and name.removeprefix(PREFIX) not in _NOT_SETTINGS]
    return {name.removeprefix(PREFIX).lower(): (environ[name], name) for name in names}
