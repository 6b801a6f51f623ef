"""The words of the audit in German and English: kinds of data, how long they are kept, and what the checks found."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from tracker.audit.kinds import keep_values
from tracker.audit.report import Finding
from tracker.config import Config

LANGUAGES = ("de", "en")


@cache
def texts(language: str) -> Mapping[str, Mapping[str, str]]:
    """Section → key → text, as in tracker/data/audit."""
    path = files("tracker").joinpath("data", "audit", f"{language}.toml")
    return tomllib.loads(path.read_text("utf-8"))


def title_of(check: str, language: str) -> str:
    """What a check looks at."""
    return texts(language)["checks"][check]


def sentence(finding: Finding, language: str, places: bool = True) -> str:
    """What was found and what to do; without `places`, only that and where to ask."""
    said = texts(language)
    if not places and finding.grade != "ok":
        return said["words"]["hidden"]
    values: dict[str, Any] = dict(finding.values)
    if "kind" in values:
        values["kind"] = said["forbidden"][str(values["kind"])]
    if "fields" in values:
        values["fields"] = ", ".join(said["fields"][name] for name in str(values["fields"]).split(", "))
    return said["findings"][f"{finding.check}_{finding.reason}"].format_map(values)


def kept(keep: str, config: Config, language: str) -> str:
    """How long, with the numbers of the running configuration."""
    name = "facts_none" if keep == "facts" and not config.facts_days else keep
    return texts(language)["keep"][name].format_map(keep_values(config))
