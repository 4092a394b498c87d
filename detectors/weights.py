"""Every number that grade and urgency weigh with, in one place. Points are chosen so that a track never exceeds 100."""

from datetime import timedelta
from decimal import Decimal

MEGABYTE = 1_000_000
"""Bytes; decimal, as network equipment counts."""
GIGABYTE = 1_000_000_000

# grade ------------------------------------------------------------------------------------------------------------
UPLOAD_BYTES = MEGABYTE
"""Bytes up per actor from which traffic is an upload and no longer requests for pages (design.md, section 3)."""
UPLOAD_SHARE = 4
"""An upload is at least a quarter of what comes down."""
RECURRING_DAYS = 3
"""Days of 30, by the group size or by a program, from which contact is use."""
LASTING_DAYS = 20
"""Days of 30 on which the group size was reached: every working day of a month with one week off."""
LASTING_ACTORS = 50
"""Actors from which lasting use is reliance where the headcount is unknown."""
LASTING_SHARE = 0.10
"""Share of the headcount from which lasting use is reliance."""
ROLLED_OUT_DEVICES = 50
"""Devices from which an installation is a roll-out where the headcount is unknown."""
ROLLED_OUT_SHARE = 0.50
"""Share of the headcount from which an installation is a roll-out."""
BAND_FACTOR = 10
"""Below the group size bytes are the next power of ten: the true value is above a tenth."""

# urgency of use: 20 + 22 + 25 + 8 + 8 + 8 + 9 = 100 ---------------------------------------------------------------
SHARE_POINTS_PER_PERCENT = 2
SHARE_POINTS_MAX = 20
"""Share of headcount: two points a percent."""
UPLOAD_POINTS = ((GIGABYTE, 22), (100 * MEGABYTE, 14), (10 * MEGABYTE, 6))
"""Data going out in 30 days: at least so many bytes, so many points."""
RULE_POINTS = {
    "prohibited_service": 25,
    "generative_ai": 20,
    "end_of_life_software": 15,
    "unlisted_service": 8,
    "edition_unknown": 4,
}
"""Legal duty and rules: the heaviest reason counts, the others are its consequence."""
GROWTH_POINTS_MAX = 8
"""Growth: a point a week in a row."""
GROWTH_WEEKS = 3
"""Weeks of growth below which chance explains it."""
AGE_POINTS_PER_WEEK = 2
AGE_POINTS_MAX = 8
"""Age of an unanswered question."""
JURISDICTION_POINTS = 8
"""A known place outside the EU and EEA without any adequacy decision."""
SENSITIVE_POINTS = 9
"""The unit works on security-relevant or otherwise sensitive data."""

# urgency of purchases: 60 + 40 = 100 ------------------------------------------------------------------------------
MONEY_POINTS = (
    (Decimal(1_000_000), 60),
    (Decimal(250_000), 50),
    (Decimal(100_000), 40),
    (Decimal(25_000), 25),
    (Decimal(10_000), 15),
    (Decimal(1_000), 5),
)
"""Money at stake, EUR net: at least so much, so many points."""
DEADLINE_POINTS = ((timedelta(30), 40), (timedelta(90), 25), (timedelta(180), 10))
"""Days until the next term ends: at most so many, so many points."""

LIMITS = (("high", 70), ("medium", 40), ("low", 0))
"""Word for a sum of points: at least so many."""
URGENCY_MAX = 100


def word(points: int) -> str:
    """`low`, `medium` or `high`.

    >>> word(58)
    'medium'
    """
    return next(name for name, least in LIMITS if points >= least)
