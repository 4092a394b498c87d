"""How many actors have a share in each number of a place and day: what decides whether the number may leave exact."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from streams.site.arrays import Flags, Numbers, with_null
from streams.site.counts import PLACE, Counts
from streams.site.sightings import Told, codes, grouped
from streams.site.sightings import counted as plainly
from streams.site.slices import Rows

_DAY = [*PLACE, "day"]


def counted(rows: Rows, told: Told, matches: pl.DataFrame) -> Counts:
    """Counts of rows, with `blocked_actors`, `up_actors`, `down_actors` in `daily`: who has a share in these numbers."""
    counts = plainly(rows, told, matches)
    daily = counts.daily.with_columns(
        pl.lit(None, dtype=pl.Int64).alias("blocked_actors"),
        pl.col("actors").alias("up_actors"),
        pl.col("actors").alias("down_actors"),
    )
    for name, found in _apart(rows, told):
        daily = daily.join(found, on=_DAY, how="full", coalesce=True, nulls_equal=True)
        daily = daily.with_columns(pl.coalesce("apart", name).alias(name)).drop("apart")
    return Counts(counts.sums, daily, counts.deltas)


def _apart(rows: Rows, told: Told) -> Iterator[tuple[str, pl.DataFrame]]:
    """Name of a column, and frame (PLACE, day, apart) of the places where not simply all actors of the day have a share.

    Nearly always every actor has one in what is known; only places with rows that lack it are looked at.
    """
    blocked = rows.where((rows.actor != 0) & (rows.blocked > 0))
    if len(blocked):
        yield "blocked_actors", _shares(blocked, told, np.ones(len(blocked), dtype=np.bool_))
    seen = rows.where((rows.actor != 0) & (rows.events > 0))
    for column in ("up", "down"):
        stored = getattr(seen, f"bytes_{column}")
        some: Flags = with_null(stored)[0] > 0 if len(seen) and stored.any() else np.ones(len(seen), dtype=np.bool_)
        if not some.all():
            yield f"{column}_actors", _shares(seen, told, some)


def _shares(rows: Rows, told: Told, some: Flags) -> pl.DataFrame:
    """Distinct actors of the rows with a share, at places where some row has none; at all places when every row has one."""
    of_name, name = codes(told.names, "subject", "domain")
    of_slot, slot = codes(told.slots, "unit", "view", "kind", "day")
    place, who, when = grouped(rows, of_name, of_slot)
    lacks = np.full(len(who), some.all())
    lacks[place[~some]] = True
    wanted: Flags = some & lacks[place]
    pairs = pl.DataFrame({"place": place[wanted], "actor": rows.actor[wanted]}).unique()
    number: Numbers = np.bincount(pairs["place"].to_numpy(), minlength=len(who))
    at = np.flatnonzero(lacks)
    return pl.concat(
        [
            told.names[name[who[at]]].select("subject", "domain"),
            told.slots[slot[when[at]]].select("unit", "view", "kind", "period", "day"),
            pl.DataFrame({"apart": number[at]}, schema={"apart": pl.Int64}),
        ],
        how="horizontal",
    )
