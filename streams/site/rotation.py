"""Keys of pseudonyms come and go: a new one every `rotate_days`, an old one destroyed when its last day is 35 days over."""

from datetime import date, timedelta

from streams.site import closed
from streams.site.closed import CLOSED
from streams.site.file import SiteFile
from streams.site.keys import SiteKey
from streams.site.limits import ACTORS
from streams.site.shares import Split

AHEAD = timedelta(days=2)
"""A key holds from the day after tomorrow: a record may claim a day later than its receipt, and none is keyed twice."""
_ROTATED = "rotated"


def turn(file: SiteFile, key: SiteKey, rotate_days: int, today: date) -> None:
    """Rotate when it is time; the first key counts from the first call. 0 days: never."""
    last = file.meta(_ROTATED)
    if last is None:
        with file.transaction():
            file.remember(_ROTATED, today.isoformat())
    elif rotate_days and date.fromisoformat(last) + timedelta(days=rotate_days) <= today:
        rotate(file, key, today)


def rotate(file: SiteFile, key: SiteKey, today: date) -> date:
    """A new key from the day after tomorrow on, once a day at most; gives its first day."""
    first = today + AHEAD
    if key.periods[-1].first < first:
        key.periods.begin(first)
        _kept(file, key)
    with file.transaction():
        file.remember(_ROTATED, today.isoformat())
    return first


def destroyed(file: SiteFile, key: SiteKey, as_of: date) -> int:
    """Destroy the keys whose last day is more than ACTORS days over, and close their days; gives their number."""
    over = key.periods.over(as_of - timedelta(days=ACTORS + 1))
    if not over:
        return 0
    following = key.periods[len(over)].first
    with file.transaction():
        for signal in closed.REACH:
            closed.until(file, CLOSED, signal, following - timedelta(days=1))
    del key.periods[: len(over)]
    _kept(file, key)
    return len(over)


def _kept(file: SiteFile, key: SiteKey) -> None:
    folder, site = file.path.parent / "keys", file.meta("site") or ""
    key.write(SiteKey.path(folder, site))
    shares = Split.of(folder, site)
    if shares.exists():
        Split(shares).follow(key)
