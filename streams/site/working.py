"""Hours of working days: an office that rests over a weekend or a holiday is not silent.

Source: the holiday laws of the German states as of 2026 (legal holidays of a whole state; those of single municipalities,
such as the Assumption in parts of Bavaria, are working days here).
"""

from datetime import date, datetime, time, timedelta
from functools import cache

from streams.site.columns import STATE_ZONE

_EVERYWHERE = ((1, 1), (5, 1), (10, 3), (12, 25), (12, 26))
"""Month and day of holidays of all states."""
_MOVING = (-2, 1, 39, 50)
"""Days after Easter Sunday: Good Friday, Easter Monday, Ascension, Whit Monday."""
_CORPUS_CHRISTI = 60
_FIXED = {
    (1, 6): "bw by st",
    (3, 8): "be mv",
    (8, 15): "sl",
    (9, 20): "th",
    (10, 31): "bb hb hh mv ni sh sn st th",
    (11, 1): "bw by nw rp sl",
}
_WITH_CORPUS_CHRISTI = "bw by he nw rp sl"
_WEDNESDAY_BEFORE = (11, 23)
"""Saxony's day of repentance is the last Wednesday before this."""
LONGEST = timedelta(days=400)
"""Silence is not counted beyond."""


def is_working_day(day: date, state: str) -> bool:
    """Monday to Friday, and no legal holiday of the state."""
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
    easter = _easter(year)
    moving = [*_MOVING, *([_CORPUS_CHRISTI] if state in _WITH_CORPUS_CHRISTI.split() else ())]
    found = {easter + timedelta(days) for days in moving}
    found |= {date(year, month, day) for month, day in _EVERYWHERE}
    found |= {date(year, month, day) for (month, day), states in _FIXED.items() if state in states.split()}
    if state == "sn":
        eve = date(year, *_WEDNESDAY_BEFORE) - timedelta(1)
        found.add(eve - timedelta((eve.weekday() - 2) % 7))
    return frozenset(found)


def _easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Butcher's algorithm)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)
