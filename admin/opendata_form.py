"""How a municipality publishes, as the fields of a form and back."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from importlib.util import find_spec
from typing import Any

from admin.i18n import t
from admin.opendata.licences import LICENCES
from admin.opendata.protection import METHODS
from tracker.calendar import day_date, day_number
from tracker.store.catalogue import Site
from tracker.store.opendata import OpendataSetting

TEXTS = ("attribution", "contact", "email", "website", "contributor")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")
_ADDRESS = re.compile(r"https?://[^\s<>\"]{3,300}")
_LONGEST = 300  # characters of a text


def shown_setting(setting: OpendataSetting) -> dict[str, str]:
    """A setting as the fields of its form."""
    return {
        **{name: getattr(setting, name) for name in TEXTS},
        "method": setting.method,
        "licence": setting.licence,
        "start": day_date(setting.start).isoformat() if setting.start else "",
        "pages": setting.pages,
    }


def blank() -> dict[str, str]:
    """The fields of the forms beside it."""
    return dict.fromkeys(("period", "reason", "site", "first", "last", "outage_reason"), "")


def read_setting(
    form: Mapping[str, str], present: OpendataSetting, sites: Sequence[Site]
) -> tuple[OpendataSetting, dict[str, str]]:
    """The setting that a form asks for, and what is wrong with it by field."""
    texts: dict[str, Any] = {name: " ".join(form.get(name, "").split())[:_LONGEST] for name in TEXTS}
    method, licence, start = (form.get(name, "") for name in ("method", "licence", "start"))
    pages = [line.strip() for line in form.get("pages", "").splitlines() if line.strip()]
    errors = {
        "method": _wrong_method(method),
        "licence": "" if licence in LICENCES else t("opendata.error_licence"),
        "attribution": t("opendata.error_attribution") if _needs_text(licence) and not texts["attribution"] else "",
        "email": "" if not texts["email"] or _EMAIL.fullmatch(texts["email"]) else t("opendata.error_email"),
        "start": "" if not start or _day(start) else t("opendata.error_days"),
        "pages": _wrong_page(pages, {site.host for site in sites}),
    }
    for name in ("website", "contributor"):
        if texts[name] and not _ADDRESS.fullmatch(texts[name]):
            errors[name] = t("opendata.error_address")
    day = _day(start)
    setting = replace(
        present,
        **texts,
        method=method,
        licence=licence,
        automatic=form.get("automatic") == "on",
        start=day_number(day) if day else None,
        pages="\n".join(pages),
    )
    return setting, {name: text for name, text in errors.items() if text}


def _wrong_method(method: str) -> str:
    """What is wrong with a method of protection; "" if nothing."""
    if method not in {row.name for row in METHODS}:
        return t("opendata.error_method")
    needs_library = method == "differential-privacy" and find_spec("opendp") is None
    return t("opendata.error_library") if needs_library else ""


def _needs_text(licence: str) -> bool:
    return licence in LICENCES and LICENCES[licence].attribution


def _wrong_page(pages: Sequence[str], hosts: set[str]) -> str:
    """What is wrong with the first page that is none of these hosts'; "" if none is."""
    for page in pages:
        host, slash, _ = page.partition("/")
        if not slash or host.lower() not in hosts or len(page) > 2000:
            return t("opendata.error_page", page=page[:100])
    return ""


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None
