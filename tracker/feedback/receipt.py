"""The code that is shown once after sending, and what one can do with it: see, take along and delete what one wrote."""

import re
from dataclasses import asdict
from hashlib import blake2b

from tracker.calendar import day_date
from tracker.store.feedback import Kept

BYTES = 10  # of a code: 80 bits
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O and U
_READ_AS = str.maketrans("ILO", "110")
_FORM = re.compile(f"[{ALPHABET}]{{16}}")
_BETWEEN = re.compile(r"[\s\-‐‑‒–—_.]+")


def code_of(raw: bytes) -> str:
    """Ten bytes as XXXX-XXXX-XXXX-XXXX."""
    number = int.from_bytes(raw, "big")
    letters = "".join(ALPHABET[number >> shift & 31] for shift in range(75, -1, -5))
    return "-".join(letters[place : place + 4] for place in range(0, 16, 4))


def hash_of(code: str) -> bytes | None:
    """What is stored of a code, as somebody typed it; None if it cannot be one.

    Capitals do not matter, nor do blanks and dashes; I and L are read as 1, O as 0.
    """
    letters = _BETWEEN.sub("", code[:100]).upper().translate(_READ_AS)
    if not _FORM.fullmatch(letters):
        return None
    return blake2b(letters.encode(), digest_size=32, person=b"receipt").digest()


def document(kept: Kept) -> dict[str, object]:
    """What somebody wrote and what became of it, for reading by machines (GDPR, Articles 15 and 20).

    The office's own notes are left out: its tags, its internal note, and the employee whom it was assigned to.
    """
    feedback = asdict(kept.feedback)
    del feedback["site"], feedback["day"]
    return {
        "site": kept.host,
        "day": day_date(kept.feedback.day).isoformat(),
        **feedback,
        "status": kept.status,
        "answer": kept.answer,
        "answered": None if kept.answered is None else day_date(kept.answered).isoformat(),
        "released": kept.released,
        "text_deleted": kept.text_deleted,
    }
