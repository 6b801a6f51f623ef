"""By which methods the released files of a municipality protect small numbers, in words.

A release never changes, and there are thousands; so what was read of one is remembered under its path.
"""

import os
from functools import lru_cache
from pathlib import Path

from admin.i18n import has_text, t
from admin.opendata import manifest as manifests
from admin.opendata.manifest import ReleaseError


def released(root: Path) -> list[str]:
    """The names of the methods of all releases below the directory of a municipality, by period, the newest last."""
    found: dict[str, str] = {}
    for folder in _folders(root):
        try:
            name = _method(folder)
        except ReleaseError:  # damaged or being replaced; the audit tells of it
            continue
        found.pop(name, None)
        found[name] = name
    return list(found)


def in_words(names: list[str], setting: str) -> str:
    """The methods, and the one that is set where it is not that of the newest release; the set one if none is out."""
    if not names:
        return _quoted(setting)
    said = t("privacy.method_and").join(_quoted(name) for name in names)
    return said if setting == names[-1] else t("privacy.method_next", methods=said, method=_quoted(setting))


def _quoted(name: str) -> str:
    key = f"opendata.method_{name}"
    return t("privacy.method_name", name=t(key) if has_text(key) else name)


def _folders(root: Path) -> list[Path]:
    """The folders of all releases, by period and revision."""
    periods = sorted(name for name in os.listdir(root) if name[0].isdecimal()) if root.is_dir() else []  # noqa: PTH208
    return [
        root / period / str(revision)
        for period in periods
        for revision in sorted(int(name) for name in os.listdir(root / period) if name.isdecimal())  # noqa: PTH208
    ]


@lru_cache(maxsize=16_384)
def _method(folder: Path) -> str:
    return str(manifests.read(folder).method.get("name", ""))
