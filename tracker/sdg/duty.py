"""When a month is due."""

from datetime import date, timedelta

from tracker.sdg.draft import FEEDBACK
from tracker.usage.periods import last_day

WORKING_DAYS = 5  # after the month (Single Digital Gateway, feedback)
_SATURDAY = 5
RUNNING, DUE, LATE, MADE = "running", "due", "late", "made"


def due_day(kind: str, month: int) -> date:
    """Until when a month is to be sent.

    Feedback: the fifth weekday, Monday to Friday, after it; public holidays are not looked at. Statistics: no day is
    known, so the end of the next month, as they are due once a month.
    """
    if kind != FEEDBACK:
        following = last_day(month) + timedelta(days=1)
        return last_day(following.year * 100 + following.month)
    day, left = last_day(month), WORKING_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < _SATURDAY
    return day


def state(kind: str, month: int, today: date, is_made: bool) -> str:
    """How it stands with a month: MADE, RUNNING while the month is not over, DUE, or LATE."""
    if is_made:
        return MADE
    if today <= last_day(month):
        return RUNNING
    return DUE if today <= due_day(kind, month) else LATE
