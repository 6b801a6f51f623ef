"""Code lists: how people signed in and paid, how attempts end, over which channel. Source: docs/attempts.md.

A code that is not in its list is counted as `other`; it never costs a beacon.
"""

OTHER = "other"

AUTH = (
    "none", "contact_verified", "account_password", "bundid_basic", "bundid_elster", "bundid_eid", "bundid_eu",
    "bundid_unspecified", "muk", "eid_direct", "eudi_wallet", OTHER, "unknown",
)  # fmt: skip
ASSURANCE = ("none", "basic", "low", "substantial", "high", OTHER, "unknown")
PAYMENT = (
    "not_required", "invoice", "prepayment_transfer", "sepa_direct_debit", "credit_card", "paypal", "wero",
    "apple_pay", "google_pay", "giropay", "paydirekt", "on_site", OTHER, "unknown",
)  # fmt: skip
PAYMENT_STATUS = ("started", "succeeded", "failed", "cancelled", OTHER)
OUTCOME = ("submitted", "ended_not_eligible", "ended_redirected", "error_system", OTHER)
CHANNEL = ("web", "app", "assisted", "in_person", "phone", "post", OTHER)

CODES = {
    "auth": AUTH,
    "assurance": ASSURANCE,
    "payment": PAYMENT,
    "payment_status": PAYMENT_STATUS,
    "outcome": OUTCOME,
    "channel": CHANNEL,
}


def code(name: str, text: str) -> str:
    """The code of a list (by its name), `other` for one that it does not have, "" for none."""
    given = text.strip().lower()
    if not given:
        return ""
    return given if given in CODES[name] else OTHER
