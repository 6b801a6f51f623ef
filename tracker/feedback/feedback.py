"""One piece of feedback as it is kept, and the codes it may hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field

CATEGORIES = INFORMATION, PROCEDURE, ASSISTANCE = ("information", "procedure", "assistance")
FOUND = ("yes", "partly", "no")  # "found what you were looking for", on information pages
MOMENTS = ("submitted", "ended_not_eligible", "abandoned")  # at which end of a form it was asked
DETAILS = ("easy", "clear", "current", "complete", "quick")  # further questions, each answered with 1 to 5
STATUSES = NEW, OPEN, ANSWERED, CLOSED, SPAM = ("new", "open", "answered", "closed", "spam")
TEXT_LIMIT = 1200  # characters that a person may write


@dataclass(frozen=True, slots=True)
class Feedback:
    """What one person said. `text` is masked; `day` as 20260131; `rating` 1 to 5; "" and None mean not given."""

    site: int
    day: int
    category: str
    service: str = ""
    rating: int | None = None
    found: str = ""
    text: str = ""
    masked: int = 0  # placeholders in the text
    page: str = ""  # path, cleaned as that of a view
    moment: str = ""
    device: str = ""
    language: str = ""
    details: Mapping[str, int] = field(default_factory=dict)
