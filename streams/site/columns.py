"""Columns of network events in small numbers: distinct values and their places, days, flags, rows brought to one."""

from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from detectors.site.program import follows_links, is_program
from streams.site.rows import known_sum

STATE_ZONE = ZoneInfo("Europe/Berlin")
"""A day is a day in the state's time zone, for everything."""

_HOUR = 3_600_000_000
_PRIVATE = ("10.", "192.168.", "169.254.", "127.", "fc", "fd", "fe80:", "::1", *(f"172.{i}." for i in range(16, 32)))

_NEAR = sorted(
    {*(prefix[:3] for prefix in _PRIVATE), *(f"{two}{c}" for two in ("fc", "fd") for c in "0123456789abcdef:")}
)

Codes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def where(frame: pl.DataFrame, condition: pl.Expr | pl.Series) -> pl.DataFrame:
    """The rows that meet a condition; the frame itself when all do, as nearly always: filtering copies every column."""
    meets = frame.select(condition).to_series() if isinstance(condition, pl.Expr) else condition
    return frame if meets.all() else frame.filter(meets)


def encoded(series: pl.Series) -> tuple[Codes, pl.Series]:
    """Place of each value among the distinct ones (-1 for null) and the distinct values."""
    if series.null_count() == len(series):
        return np.full(len(series), -1, dtype=np.int64), series.clear()
    array: Any = pc.dictionary_encode(series.to_arrow())
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    codes = pl.Series(pl.from_arrow(array.indices)).cast(pl.Int64).fill_null(-1).to_numpy()
    return codes, pl.Series(series.name, pl.from_arrow(array.dictionary), dtype=series.dtype)


def days(instants: pl.Series) -> npt.NDArray[np.int64]:
    """Day in the state's zone of each instant, as days since 1970; by hour, since zones here shift by whole hours."""
    hours = instants.to_physical().to_numpy() // _HOUR
    if not len(hours):
        return hours
    place, distinct = encoded(pl.Series(hours))
    local = (distinct * _HOUR).cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(STATE_ZONE.key).dt.date()
    days_of: npt.NDArray[np.int64] = local.to_physical().cast(pl.Int64).to_numpy()[place]
    return days_of


def summed(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of the same name, actor, unit, view, kind and day brought to one, by one packed number."""
    if not rows.height:
        return rows.with_columns(events=pl.lit(0, dtype=pl.UInt32))
    first = int(rows["day"].min() or 0)  # type: ignore[arg-type]  # days are numbers here
    units = int(rows["unit"].max() or 0) + 1  # type: ignore[arg-type]  # places in the list of codes
    slot = (((rows["day"] - first) * _VIEWS + rows["view"]) * _KINDS + rows["kind"]) * units + rows["unit"]
    slots: pl.Series | None = None
    if int(slot.max() or 0) >= _SLOTS:  # type: ignore[arg-type]  # numbers
        place, slots = encoded(slot)
        slot = pl.Series(place)
    sums = (
        rows.select(((pl.col("name") * _ACTORS + pl.col("actor") + 1) * _SLOTS + slot).alias("packed"), *_SUMS)
        .group_by("packed")
        .agg(pl.len().alias("events"), pl.col("blocked").sum(), *(_brought(rows, name) for name in _SUMS[1:]))
    )
    key = sums["packed"]
    low = key % _SLOTS if slots is None else slots.gather(key % _SLOTS)
    name_actor = key // _SLOTS
    return sums.with_columns(
        events=(pl.col("events") - pl.col("blocked")).cast(pl.UInt32),
        name=name_actor // _ACTORS,
        actor=name_actor % _ACTORS - 1,
        unit=low % units,
        kind=low // units % _KINDS,
        view=low // (units * _KINDS) % _VIEWS,
        day=low // (units * _KINDS * _VIEWS) + first,
    )


_ACTORS, _SLOTS, _VIEWS, _KINDS = 1 << 21, 1 << 20, 8, 8
"""Room for the parts of the packed number: a block has fewer actors, and fewer kinds of days, units and views."""
_SUMS = ("blocked", "bytes_up", "bytes_down", "program", "internal")


def _brought(rows: pl.DataFrame, name: str) -> pl.Expr:
    """Sum of bytes or `any` of a flag in a group; what says nothing in the whole block is not computed."""
    if rows.schema[name] == pl.Boolean:
        return pl.col(name).any() if rows[name].any() else pl.lit(value=False).alias(name)
    nulls = rows[name].null_count()
    if nulls == rows.height:
        return pl.lit(None, dtype=pl.Int64).alias(name)
    return known_sum(name) if nulls else pl.col(name).sum()


def category(codes: pl.Series, dtype: pl.Enum) -> pl.Series:
    """The categories that numbers stand for."""
    return dtype.categories.gather(codes.cast(pl.UInt32)).cast(dtype).alias(codes.name)


def taken(values: pl.Series, codes: Codes, absent: int) -> npt.NDArray[np.int64]:
    """The number at each place; `absent` for -1."""
    if not len(values):
        return np.full(len(codes), absent, dtype=np.int64)
    return np.where(codes >= 0, values.cast(pl.Int64).to_numpy()[codes], absent)


def texts(values: pl.Series, codes: Codes) -> pl.Series:
    """The text at each place; null for -1."""
    if not len(values):
        return pl.Series([None] * len(codes), dtype=pl.String)
    return pl.select(pl.when(pl.Series(codes >= 0)).then(values.gather(np.maximum(codes, 0)))).to_series()


def agents(names: pl.Series) -> tuple[Flags, Flags]:
    """For each record: was it a program's, and does it only follow links that somebody else has sent?"""
    codes, distinct = encoded(names)
    program, follows = (np.append(said(distinct).to_numpy(), [False])[codes] for said in (is_program, follows_links))
    return program, follows


def internal(events: pl.DataFrame) -> pl.Series | pl.Expr:
    """True for servers with a private address; the first three characters rule nearly all others out."""
    address = events["address"]
    near = address.str.head(3).is_in(_NEAR)
    if not near.any():
        return pl.lit(value=False)
    private = pl.any_horizontal(pl.col("address").str.starts_with(prefix) for prefix in _PRIVATE)
    return events.select((near & private).fill_null(value=False)).to_series()
