"""Hours of working days: an office that rests over a weekend or a holiday is not silent."""

from datetime import date, datetime, time, timedelta
from functools import cache

from streams.site.columns import STATE_ZONE

LONGEST = timedelta(days=400)
"""Silence is not counted beyond."""


def is_working_day(day: date, state: str) -> bool:
    """Monday to Friday, and no legal holiday of the state; holidays of single municipalities are working days."""
    return day.weekday() < 5 and day not in _holidays(day.year, state)  # noqa: PLR2004  # Saturday


def working_hours(start: datetime, end: datetime, state: str) -> float:
    """Hours of working days between two instants, each such day counted with its 24 hours."""
    start, end = max(start, end - LONGEST).astimezone(STATE_ZONE), end.astimezone(STATE_ZONE)
    seconds, day = 0.0, start.date()
    while day <= end.date():
        if is_working_day(day, state):
            midnight = datetime.combine(day, time(), STATE_ZONE).timestamp()
            after = datetime.combine(day + timedelta(1), time(), STATE_ZONE).timestamp()
            seconds += max(0.0, min(end.timestamp(), after) - max(start.timestamp(), midnight))
        day += timedelta(1)
    return seconds / 3600


@cache
def _holidays(year: int, state: str) -> frozenset[date]:
    from holidays.countries.germany import Germany  # takes 60 ms, and few commands ask

    return frozenset(Germany(subdiv=state.upper(), years=year))
