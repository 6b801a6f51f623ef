"""What the developer documents leave open or contradict themselves about: settings of a municipality."""

import re
from dataclasses import dataclass

import msgspec

from tracker.errors import ConfigError
from tracker.sdg.nfk import COLUMNS, FIELDS, NEEDED
from tracker.usage.mapped import Columns, as_they_are, check_columns, stored_setting

CONTENT = "content"
DATES = ISO, PLAIN = ("iso", "plain")  # 2026-01-31T23:59:59Z, 2026-01-31 23:59:59
TYPES = MANUAL, API = ("Manual", "API")
_ENVELOPE = re.compile(r"(?!isSDG$)[A-Za-z][A-Za-z0-9_-]{0,39}")
_COUNTRY = re.compile(r"(?!GR)[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class Setting:
    """`envelope`: what the transfer stands under; CONTENT holds a list of it, another name the object itself.

    `unknown_country`: the code for views of an unknown country; "" leaves them out. `columns`: of the file for the
    national component.
    """

    envelope: str = CONTENT
    dates: str = ISO
    transfer_type: str = MANUAL
    unknown_country: str = ""
    columns: Columns = as_they_are(COLUMNS)


def setting_of(text: str) -> Setting:
    """A setting from JSON, "" is the default; raises ConfigError with the rule that it breaks."""
    setting = stored_setting(text, Setting, "the Single Digital Gateway")
    check_setting(setting)
    return setting


def setting_json(setting: Setting) -> str:
    """A setting as it is kept."""
    return msgspec.json.encode(setting).decode()


def wrong_fields(setting: Setting) -> list[str]:
    """The fields that are not possible, but for `columns`."""
    rules = (
        ("envelope", _ENVELOPE.fullmatch(setting.envelope)),
        ("dates", setting.dates in DATES),
        ("transfer_type", setting.transfer_type in TYPES),
        ("unknown_country", not setting.unknown_country or _COUNTRY.fullmatch(setting.unknown_country)),
    )
    return [name for name, right in rules if not right]


def check_setting(setting: Setting) -> None:
    """Raise ConfigError with the rule that a setting breaks."""
    for name in wrong_fields(setting):
        raise ConfigError(f"{name} = “{getattr(setting, name)}” is not possible; docs/sdg.md tells what is.")
    check_columns(setting.columns, FIELDS, NEEDED)
