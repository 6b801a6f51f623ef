"""The form of the gateway's settings."""

from werkzeug.datastructures import MultiDict

from admin.i18n import t
from tracker.errors import ConfigError
from tracker.sdg.nfk import FIELDS, NEEDED
from tracker.sdg.setting import Setting, wrong_fields
from tracker.usage.mapped import check_columns, columns_in


def sent(form: MultiDict[str, str]) -> tuple[Setting, str]:
    """The setting that was sent, and its columns as they were typed."""
    columns = form.get("columns", "").strip()
    wish = Setting(
        envelope=form.get("envelope", "").strip(),
        dates=form.get("dates", ""),
        transfer_type=form.get("transfer_type", ""),
        unknown_country=form.get("unknown_country", "").strip().upper(),
        columns=columns_in(columns),
    )
    return wish, columns


def errors_in(wish: Setting, columns: str) -> dict[str, str]:
    """Field → what is wrong with it."""
    errors = {name: t(f"sdg.error_{name}") for name in wrong_fields(wish)}
    try:
        check_columns(columns_in(columns), FIELDS, NEEDED)
    except ConfigError:
        errors["columns"] = t("sdg.error_columns", fields=", ".join(FIELDS))
    return errors
