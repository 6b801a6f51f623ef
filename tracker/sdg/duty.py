"""When a month is due."""

from datetime import date, timedelta

from tracker.usage.periods import last_day

WORKING_DAYS = 5  # after the month (Single Digital Gateway, feedback)
_SATURDAY = 5
RUNNING, DUE, LATE, MADE = "running", "due", "late", "made"


def due_day(month: int) -> date:
    """The fifth weekday, Monday to Friday, after a month; public holidays are not looked at."""
    day, left = last_day(month), WORKING_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < _SATURDAY
    return day


def state(month: int, today: date, is_made: bool) -> str:
    """How it stands with the duty of a month: MADE, RUNNING while the month is not over, DUE, or LATE."""
    if is_made:
        return MADE
    if today <= last_day(month):
        return RUNNING
    return DUE if today <= due_day(month) else LATE
