"""When people come: by hour, weekday, season, holidays and campaigns."""

from datetime import date, timedelta

from tracker.simulation.city import NEWS_LASTS, News, Service

WORKDAY = (5, 3, 2, 2, 2, 4, 12, 30, 58, 76, 82, 78, 68, 66, 68, 66, 62, 58, 54, 52, 50, 42, 26, 12)
WEEKEND = (7, 5, 3, 2, 2, 2, 5, 10, 22, 36, 46, 48, 44, 42, 44, 46, 48, 50, 52, 52, 48, 38, 24, 12)
WEEKDAYS = (1.22, 1.12, 1.02, 1.08, 0.86, 0.5, 0.47)  # Monday first
MONTHS = (1.16, 1.06, 1.05, 1.02, 1.0, 0.98, 0.94, 0.92, 1.06, 1.12, 1.0, 0.78)
OFFICE = range(8, 17)

START = date(2026, 1, 1)  # of the growth: it stops after five years
GROWTH = 0.12  # a year
LETTER_DAY, LETTER_LASTS, LETTER_FACTOR = (2, 4), 28, 5.0  # the city writes to everyone with a parking permit
LETTER_SERVICE = "anwohnerparken"
NEWSLETTER_LASTS = 3  # days from the first Tuesday of the month on


def expected_visits(day: date, base: float) -> float:
    """How many visits to expect on a day, for `base` on an ordinary day."""
    years = min(years_since_start(day), 5.0)
    quiet = 0.55 if _between_the_years(day) else 1.0
    weekday = WEEKDAYS[6] if is_holiday(day) else WEEKDAYS[day.weekday()]
    return base * weekday * MONTHS[day.month - 1] * quiet * max(0.5, 1 + GROWTH * years)


def years_since_start(day: date) -> float:
    """Years from the start of 2026; negative before."""
    return (day - START).days / 365.25


def hours(day: date) -> tuple[int, ...]:
    """The weights of the 24 local hours."""
    return WORKDAY if is_workday(day) else WEEKEND


def is_workday(day: date) -> bool:
    """Whether offices are open."""
    return day.weekday() < 5 and not is_holiday(day)


def is_holiday(day: date) -> bool:
    """Whether a day is a public holiday in Hesse (Hessisches Feiertagsgesetz, § 1)."""
    fixed = {(1, 1), (5, 1), (10, 3), (12, 25), (12, 26)}
    return (day.month, day.day) in fixed or (day - easter(day.year)).days in {-2, 1, 39, 50, 60}


def easter(year: int) -> date:
    """Easter Sunday by Gauß's rule in the form of Lichtenberg (1997)."""
    century = year // 100
    moon = 15 + (3 * century + 3) // 4 - (8 * century + 13) // 25
    sun = 2 - (3 * century + 3) // 4
    golden = year % 19
    seed = (19 * golden + moon) % 30
    full_moon = 21 + seed - (seed + golden // 11) // 29
    sunday = 7 - (year + year // 4 + sun) % 7
    return date(year, 3, 1) + timedelta(days=full_moon + 7 - (full_moon - sunday) % 7 - 1)


def interest(service: Service, day: date) -> float:
    """How much a service is sought on a day."""
    letter = 1 + LETTER_FACTOR * letter_echo(day) if service.slug == LETTER_SERVICE else 1.0
    return service.weight * service.season.get(day.month, 1.0) * letter


def letter_echo(day: date) -> float:
    """How much of the letter's effect is left: 1 on the day it arrives, 0 when it is forgotten or not yet sent."""
    return _echo(date(day.year, *LETTER_DAY), day, LETTER_LASTS)


def topicality(news: News, day: date) -> float:
    """How much a piece of news is read on a day."""
    begun = date(day.year, news.month, news.day)
    if begun > day:
        begun = begun.replace(year=day.year - 1)
    return news.weight * _echo(begun, day, NEWS_LASTS)


def is_newsletter_day(day: date) -> bool:
    """Whether people still open the newsletter, which is sent on the first Tuesday of the month."""
    first = day.replace(day=1)
    tuesday = first + timedelta(days=(1 - first.weekday()) % 7)
    return 0 <= (day - tuesday).days < NEWSLETTER_LASTS


def _echo(begun: date, day: date, lasts: int) -> float:
    passed = (day - begun).days
    return (1 - passed / lasts) ** 2 if 0 <= passed < lasts else 0.0


def _between_the_years(day: date) -> bool:
    return (day.month, day.day) >= (12, 23) or (day.month, day.day) <= (1, 2)
