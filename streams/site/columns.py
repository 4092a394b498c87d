"""Columns of network events: days, private addresses, and frames without needless copies."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import polars as pl

STATE_ZONE = ZoneInfo("Europe/Berlin")
"""A day is a day in the state's time zone, for everything."""
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""Events before this are rejected: the sensor's clock was not set."""
LATEST = timedelta(days=1)
"""Events further ahead of their receipt are rejected."""

_PRIVATE = ("10.", "192.168.", "169.254.", "127.", "fc", "fd", "fe80:", "::1", *(f"172.{i}." for i in range(16, 32)))


def where(frame: pl.DataFrame, condition: pl.Expr | pl.Series) -> pl.DataFrame:
    """The rows that meet a condition; the frame itself when all do, as nearly always: filtering copies every column."""
    meets = frame.select(condition).to_series() if isinstance(condition, pl.Expr) else condition
    return frame if meets.all() else frame.filter(meets)


def days(instants: pl.Series) -> npt.NDArray[np.int64]:
    """Day in the state's zone of each instant, as days since 1970."""
    local = instants.dt.convert_time_zone(STATE_ZONE.key).dt.date()
    numbers: npt.NDArray[np.int64] = local.to_physical().cast(pl.Int64).to_numpy()
    return numbers


def private(addresses: pl.Series) -> pl.Series:
    """True for private addresses; never null."""
    address = pl.col("address")
    return (
        addresses.to_frame("address").select(
            pl.any_horizontal(address.str.starts_with(prefix) for prefix in _PRIVATE).fill_null(value=False)
        )["address"]
        if len(addresses)
        else pl.Series("address", [], dtype=pl.Boolean)
    )


def category(codes: npt.NDArray[Any], dtype: pl.Enum) -> pl.Series:
    """The categories that numbers stand for."""
    return dtype.categories.gather(pl.Series(codes).cast(pl.UInt32)).cast(dtype)
