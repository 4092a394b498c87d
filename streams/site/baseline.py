"""A unit's first days are seen by that unit only: until they have passed nothing of it leaves but that there was data.

Counted in days with data that the site has stored, never by the clock, for each unit and signal: the baseline has passed
when from a day with data of the unit on the site has gone on to store days until BASELINE days later, without a gap of
more than twice as many. So a stray record of a sensor whose clock was not set ends nothing. More data can only end a
baseline, in whatever order it comes. That it has ended is remembered, since retention deletes the days that showed it.
"""

from dataclasses import replace

import polars as pl

from streams.site.emit import Emission
from streams.site.file import SiteFile

GAP = 2
"""Baselines without any day of the site that end an unbroken series of days."""
_PLACE = ["unit", "signal"]


def waiting(coverage: pl.DataFrame, days: int, known: pl.DataFrame | None = None) -> pl.DataFrame:
    """Frame (unit, signal): who is in its baseline by what was stored (unit, signal, day); `known` have passed it."""
    seen = coverage.select("unit", "signal", "day").unique()
    places = seen.select(_PLACE).unique()
    if not days or seen.is_empty():
        return places.clear()
    gap = pl.col("day").diff().dt.total_days() > GAP * days
    stored = seen.select("signal", "day").unique().sort("signal", "day")
    stored = stored.with_columns(series=gap.fill_null(value=False).cum_sum().over("signal"))
    stored = stored.with_columns(last=pl.col("day").max().over("signal", "series"))
    lasted = pl.col("last") - pl.col("day") >= pl.duration(days=days)
    passed = seen.join(stored, on=["signal", "day"]).filter(lasted).select(_PLACE)
    passed = passed if known is None else pl.concat([passed, known.select(_PLACE)])
    return places.join(passed, on=_PLACE, how="anti").sort(_PLACE)


def held(file: SiteFile, emission: Emission, days: int) -> Emission:
    """The emission without what is of a unit in its baseline; of that only coverage is said."""
    if not days:
        return emission
    kept = waiting(emission.coverage, days, remembered(file, days))
    passed = emission.coverage.select(_PLACE).unique().join(kept, on=_PLACE, how="anti")
    with file.transaction() as db:
        db.executemany(
            "INSERT INTO baselines VALUES(?, ?, ?) ON CONFLICT(unit, signal) DO UPDATE SET days = max(days, excluded.days)",
            ((unit, signal, days) for unit, signal in passed.rows()),
        )
    network = kept.filter(pl.col("signal") == "network")["unit"]
    return replace(
        emission,
        observations=emission.observations.join(kept, on=_PLACE, how="anti", maintain_order="left"),
        other=emission.other.filter(~pl.col("unit").cast(pl.String).is_in(network.implode())),
    )


def remembered(file: SiteFile, days: int) -> pl.DataFrame:
    """Frame (unit, signal): who has passed a baseline of at least this many days."""
    rows = file.db.execute("SELECT unit, signal FROM baselines WHERE days >= ?", (days,)).fetchall()
    return pl.DataFrame(rows, schema=dict.fromkeys(_PLACE, pl.String), orient="row")
