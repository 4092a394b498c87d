"""Instants from what logs write: seconds since 1970 and local time without a zone."""

from zoneinfo import ZoneInfo

import polars as pl

from connectors.lines import by_distinct
from schemas.table import INSTANT

_FIRST = -62_135_596_800.0
_LAST = 253_402_300_799.0
"""Years 1 to 9999: what a date can hold."""
_ISO = "%Y-%m-%dT%H:%M:%S%.f"
_ZONED = (
    r"^([0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?)(Z|z|[+-][0-9]{2}(?::?[0-9]{2})?)$"
)
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
        name = str(zone.key)
        told = times.dt.replace_time_zone(name, ambiguous="earliest", non_existent="null")
        forward = times.dt.offset_by("1h").dt.replace_time_zone(name, ambiguous="earliest", non_existent="null")
        return told.fill_null(forward).dt.convert_time_zone("UTC").alias("at").to_frame()

    return by_distinct(texts, read)["at"]


def zoned(texts: pl.Series) -> pl.Series:
    """Instants of ISO 8601 times that state their zone (`Z`, `+0200`, `+02:00`); null for anything else."""
    if texts.is_null().all():
        return texts.cast(INSTANT)
    moment, zone = texts.str.extract(_ZONED, 1), texts.str.extract(_ZONED, 2)
    base = moment.str.replace(" ", "T", literal=True).str.to_datetime(_ISO, time_unit="us", strict=False)
    offset = by_distinct(
        zone, lambda values: pl.DataFrame({"us": [_offset_of(value) for value in values]}, {"us": pl.Int64})
    )
    return (base.cast(pl.Int64) - offset["us"]).cast(INSTANT)


def _offset_of(zone: str | None) -> int | None:
    if zone is None or zone in "Zz":
        return None if zone is None else 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return (int(digits[:2]) * 3600 + int(digits[2:]) * 60) * 1_000_000 * (-1 if zone[0] == "-" else 1)
