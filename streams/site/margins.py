"""The sums beside the observations: none of them, minus what is shown exact, gives what is shown as a power of ten."""

from dataclasses import replace

import polars as pl

from streams.site.differences import at_least, at_most
from streams.site.emit import Emission

_OPEN = {"events": at_most("events"), "blocked": pl.when(pl.col("blocked") == 0).then(0).alias("blocked")}
_OPEN |= {name: at_least(name) for name in ("bytes_up", "bytes_down")}
"""What is told of the numbers of a day that is not over while a site is followed."""


def coarse(emission: Emission) -> Emission:
    """The emission with records and `other` as powers of ten.

    All records of a unit's day, minus `other`, minus the exact observations, would be the one that is not shown exact; and
    on a day of one person they would be that person's day. Nobody at the centre needs them exact.
    """
    sums = ("events", "bytes_up", "bytes_down")
    return replace(
        emission,
        coverage=emission.coverage.with_columns(at_most("records")),
        other=emission.other.with_columns(at_most(name) for name in sums),
    )


def open_days(emission: Emission) -> Emission:
    """The emission with numbers of the newest day of the network, which is not over, in powers of ten.

    Two revisions of an exact number some minutes apart would differ by what one person did in between.
    """
    last = emission.coverage.filter(pl.col("signal") == "network")["day"].max()
    if last is None:
        return emission
    unfinished = (pl.col("signal") == "network") & (pl.col("day") >= last) & pl.col("band").is_null()
    numbers = (pl.when(unfinished).then(told).otherwise(name).alias(name) for name, told in _OPEN.items())
    return replace(emission, observations=emission.observations.with_columns(numbers))
