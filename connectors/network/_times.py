"""Instants from what logs write: seconds since 1970 and local time without a zone."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from connectors.lines import by_distinct
from connectors.network._digits import Digits, by_form
from schemas.table import INSTANT

_FIRST = -62_135_596_800.0
_LAST = 253_402_300_799.0
"""Years 1 to 9999: what a date can hold."""
_YEARS = (2, 9_998)
"""The same, away from the edges, where a zone would lead out of it."""
_WHOLE_MINUTES = datetime(1980, 1, 1)  # noqa: DTZ001  # a local time
"""Since then every zone has changed its clock at a whole minute, so that a minute is looked up once."""
_SECONDS, _MICROS = 10, 6
"""Digits of a time in seconds since 1970, and of the microseconds behind its point."""
_EXACT = 2**32
"""Seconds below which a Float64 holds a microsecond, so that reading digits gives the same."""
_HOUR, _MINUTE = 23, 59
_MINUTE_WIDTH = 16
"""Characters of `2026-09-22T08:22`."""
_ZONES = 14
"""Hours that a zone is away from UTC at most."""
_MILLIS = 100_000_000_000.0
"""A larger number of seconds (year 5138) is one of milliseconds."""


def epoch(texts: pl.Series, *, millis: bool = False) -> pl.Series:
    """Instants of decimal seconds since 1970, to the microsecond; null when it is no number or no date.

    With `millis`, numbers beyond the year 5138 are milliseconds (Zeek's JSON can be set to write them).
    """
    places = len(str(texts.first() or "").partition(".")[2])
    form = "9" * _SECONDS + "." + "9" * min(max(places, 1), _MICROS)
    return by_form(texts, form, _decimal, lambda others: _epoch(others, millis=millis))


def _decimal(digits: Digits) -> pl.Series:
    places = digits.values.shape[1] - _SECONDS - 1
    seconds, parts = digits.number(0, _SECONDS), digits.number(_SECONDS + 1, _SECONDS + 1 + places)
    at = seconds * 10**_MICROS + parts * 10 ** (_MICROS - places)
    return pl.Series(at).cast(INSTANT).set(pl.Series(seconds >= _EXACT), None)


def _epoch(texts: pl.Series, *, millis: bool) -> pl.Series:
    seconds = texts.cast(pl.Float64, strict=False)
    if millis:
        seconds = pl.select(pl.when(seconds.abs() >= _MILLIS).then(seconds / 1000).otherwise(seconds)).to_series()
    whole = pl.select(pl.when(seconds.is_between(_FIRST, _LAST)).then(seconds)).to_series()
    return (whole * 1e6).round().cast(pl.Int64).cast(INSTANT)


def utc(digits: Digits) -> pl.Series:
    """Instants of `2026-09-22T08:22:39.578849` in UTC, whatever stands behind; null where there is no such time."""
    days = pl.Series(digits.number(0, 4) * 10_000 + digits.number(5, 7) * 100 + digits.number(8, 10))
    start = by_distinct(days, _days)["day"].cast(INSTANT)
    hours, minutes, seconds = digits.number(11, 13), digits.number(14, 16), digits.number(17, 19)
    micros = ((hours * 60 + minutes) * 60 + seconds) * 10**_MICROS + digits.number(20, 26)
    late = pl.Series((hours > _HOUR) | (minutes > _MINUTE) | (seconds > _MINUTE))
    return (start + pl.Series(micros).cast(pl.Duration("us"))).set(late, None)


def minutes(texts: pl.Series) -> pl.Series:
    """Instants of `2026-09-22T08:22+0200`: minutes with `Z`, `+0200` or `+02:00`; null where there is no such time."""
    zone = pl.col("zone")
    shift = pl.duration(hours=zone.str.slice(1, 2).cast(pl.Int64), minutes=zone.str.slice(-2).cast(pl.Int64))
    frame = pl.DataFrame(
        {"text": texts.str.head(_MINUTE_WIDTH) + ":00.000000+0000", "zone": texts.str.slice(_MINUTE_WIDTH)}
    )
    at = by_form(
        frame["text"], "9999-99-99T99:99:99.999999+0000", utc, lambda others: others.clear(len(others)).cast(INSTANT)
    )
    shifts = frame.select(
        pl.when(zone == "Z").then(pl.duration()).when(zone.str.starts_with("-")).then(-shift).otherwise(shift)
    ).to_series()
    return at.set(shifts.abs() > timedelta(hours=_ZONES), None) - shifts


def _days(written: pl.Series) -> pl.DataFrame:
    """Dates of numbers such as 20260922; null where there is no such day."""
    read = written.cast(pl.String).str.zfill(8).str.to_date("%Y%m%d", strict=False)
    return read.set(read.dt.year() < 1, None).to_frame("day")


def local(texts: pl.Series, form: str, zone: ZoneInfo) -> pl.Series:
    """Instants of local times; null where the text is not of this form.

    An hour that occurs twice when summer time ends counts as the first; a time that the change to summer time skips
    is read as a clock that had not been put forward.
    """
    times = texts.str.to_datetime(form, time_unit="us", strict=False, exact=True, cache=False)
    times = times.set(~times.dt.year().is_between(_YEARS[0], _YEARS[1]), None)
    steps = pl.select(pl.when(times >= _WHOLE_MINUTES).then(times.dt.truncate("1m")).otherwise(times)).to_series()
    known = by_distinct(steps, lambda values: _in_zone(values, str(zone.key)).alias("at").to_frame())["at"]
    return (known + (times - steps)).alias("at")


def _in_zone(times: pl.Series, zone: str) -> pl.Series:
    told = times.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    forward = times.dt.offset_by("1h").dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return told.fill_null(forward).dt.convert_time_zone("UTC")
