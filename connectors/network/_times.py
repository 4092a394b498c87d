"""Instants from what logs write: seconds since 1970 and local time without a zone."""

from zoneinfo import ZoneInfo

import polars as pl

from connectors.lines import by_distinct
from schemas.table import INSTANT

_FIRST = -62_135_596_800.0
_LAST = 253_402_300_799.0
"""Years 1 to 9999: what a date can hold."""
_YEARS = (2, 9_998)
"""The same, away from the edges, where a zone would lead out of it."""
_MILLIS = 100_000_000_000.0
"""A larger number of seconds (year 5138) is one of milliseconds."""


def epoch(text: pl.Expr, *, millis: bool = False) -> pl.Expr:
    """Instant of decimal seconds since 1970, to the microsecond; null when it is no number or no date.

    With `millis`, numbers beyond the year 5138 are milliseconds (Zeek's JSON can be set to write them).
    """
    seconds = text.cast(pl.Float64, strict=False)
    if millis:
        seconds = pl.when(seconds.abs() >= _MILLIS).then(seconds / 1000).otherwise(seconds)
    whole = pl.when(seconds.is_between(_FIRST, _LAST)).then(seconds)
    return (whole * 1e6).round().cast(pl.Int64).cast(INSTANT)


def local(texts: pl.Series, form: str, zone: ZoneInfo) -> pl.Series:
    """Instants of local times; null where the text is not of this form.

    An hour that occurs twice when summer time ends counts as the first; a time that the change to summer time skips
    is read as a clock that had not been put forward.
    """

    def read(values: pl.Series) -> pl.DataFrame:
        times = values.str.to_datetime(form, time_unit="us", strict=False, exact=True)
        times = times.set(~times.dt.year().is_between(_YEARS[0], _YEARS[1]), None)
        name = str(zone.key)
        told = times.dt.replace_time_zone(name, ambiguous="earliest", non_existent="null")
        forward = times.dt.offset_by("1h").dt.replace_time_zone(name, ambiguous="earliest", non_existent="null")
        return told.fill_null(forward).dt.convert_time_zone("UTC").alias("at").to_frame()

    return by_distinct(texts, read)["at"]
