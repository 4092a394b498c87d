"""Windows to numbers by subject, unit, view and day: sums, actors of the day and of 30 days. Still inside the ministry."""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from streams.site.rows import known_sum

DAYS = 30
"""Length of the window that actors, activity and programs are counted over."""

THING = ("subject", "unit")
PLACE = (*THING, "view", "kind", "domain", "period")
"""Where people are counted. Pseudonyms of two periods of the key cannot be compared, so that a count is the larger of
both sides of a border, as it is the largest of a subject's domains."""


@dataclass(frozen=True)
class Counts:
    """Numbers of some slices; `together` adds slices up. None of it says who."""

    sums: pl.DataFrame
    """(subject, unit, view, day): events, blocked, bytes_up, bytes_down, program, internal, label, best match."""
    daily: pl.DataFrame
    """(subject, unit, view, kind, domain, day): actors, upload_actors, candidate_uploads."""
    deltas: pl.DataFrame
    """(subject, unit, view, kind, domain, day): change of the number of actors of 30 days on that day."""


def together(parts: Iterable[Counts]) -> Counts:
    """Counts of all slices; a subject's domains may lie in several."""
    parts = list(parts)
    sums = pl.concat([part.sums for part in parts])
    best = pl.col("matched").sort_by(
        pl.col("matched").struct.field("confidence"),
        pl.col("matched").struct.field("identifier"),
        descending=[True, False],
    )
    return Counts(
        sums.group_by(*THING, "view", "day").agg(
            pl.col("events", "blocked").sum(),
            known_sum("bytes_up"),
            known_sum("bytes_down"),
            pl.col("program").any(),
            pl.col("internal").all(),
            pl.col("label").any(),
            best.first(),
        ),
        pl.concat([part.daily for part in parts]),
        pl.concat([part.deltas for part in parts]),
    )


def by_view(counts: Counts, group_size: int, kinds: tuple[str, ...]) -> pl.DataFrame:
    """One row a (subject, unit, view, day) with everything an observation of use says, before bands.

    Adds to the sums: `actors`, `actors_30d`, `actors_kind` (the kind with the largest 30-day count among `kinds`),
    `upload_actors`, `candidate_uploads`, `blocked_actors`, `up_actors`, `down_actors`, `program_days`, `active_days`, and `largest`: the largest 30-day count of the
    subject at the unit over all views and kinds on that day, which the group size is compared with.
    """
    days = counts.sums.select(*THING, "view", "day")
    monthly = _monthly(counts, counts.sums.select(*THING, "day").unique())
    counted_kind = pl.col("kind").is_in(kinds)
    largest = monthly.filter(counted_kind).group_by(*THING, "day").agg(pl.col("actors_30d").max().alias("largest"))
    daily = counts.daily.group_by(*THING, "view", "kind", "day").agg(
        pl.col("actors", "upload_actors", "blocked_actors", "up_actors", "down_actors").max(),
        pl.col("candidate_uploads").any(),
    )
    chosen = (
        days.join(monthly, on=[*THING, "view", "day"], how="inner")
        .join(daily, on=[*THING, "view", "kind", "day"], how="left")
        .sort(counted_kind, "actors_30d", pl.col("kind").cast(pl.String), descending=[True, True, False])
        .unique([*THING, "view", "day"], keep="first")
        .rename({"kind": "actors_kind"})
    )
    active = daily.filter(counted_kind & (pl.col("actors") >= group_size)).select(*THING, "view", "day").unique()
    programs = counts.sums.filter("program").select(*THING, "view", "day")
    return (
        counts.sums.join(chosen, on=[*THING, "view", "day"], how="left")
        .join(largest, on=[*THING, "day"], how="left")
        .join(in_window(days, active, "active_days"), on=[*THING, "view", "day"], how="left")
        .join(in_window(days, programs, "program_days"), on=[*THING, "view", "day"], how="left")
    )


def _monthly(counts: Counts, days: pl.DataFrame) -> pl.DataFrame:
    """Actors of the 30 days ending on each day of a subject at a unit, by view and kind: the largest over its domains."""
    running = (
        counts.deltas.sort(*PLACE, "day")
        .with_columns(pl.col("delta").cum_sum().over(PLACE).alias("actors_30d"))
        .drop("delta")
        .sort("day")
    )
    places = counts.deltas.select(*PLACE).unique()
    wanted = days.join(places, on=list(THING)).sort("day")
    return (
        wanted.join_asof(running, on="day", by=list(PLACE), strategy="backward", check_sortedness=False)
        .group_by(*THING, "view", "kind", "day")
        .agg(pl.col("actors_30d").fill_null(0).max())
    )


def in_window(days: pl.DataFrame, marked: pl.DataFrame, name: str) -> pl.DataFrame:
    """Column `name`: how many of the marked days lie in the 30 days ending on each day, by subject, unit and view."""
    steps = pl.concat(
        [
            marked.select(*THING, "view", "day", pl.lit(1, dtype=pl.Int64).alias(name)),
            marked.select(
                *THING, "view", pl.col("day").dt.offset_by(f"{DAYS}d"), pl.lit(-1, dtype=pl.Int64).alias(name)
            ),
        ],
    )
    running = (
        steps.group_by(*THING, "view", "day")
        .agg(pl.col(name).sum())
        .sort(*THING, "view", "day")
        .with_columns(pl.col(name).cum_sum().over(*THING, "view"))
        .sort("day")
    )
    return (
        days.sort("day")
        .join_asof(running, on="day", by=[*THING, "view"], strategy="backward", check_sortedness=False)
        .with_columns(pl.col(name).fill_null(0))
    )
