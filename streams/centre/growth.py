"""For how many weeks in a row the actors of a usage grew."""

import polars as pl

WEEK = 7
WEEKS_MIN = 3
"""Fewest whole weeks of data that growth is told from."""
_PLACES = 1 << 16


def growth(used: pl.DataFrame, top: pl.DataFrame) -> pl.DataFrame:
    """Columns row, growth_weeks: weeks in a row, ending on the last day, whose busiest day beat the week before.

    From observations sorted by `group` (a view of a usage) and day, with `ago`; and views, the largest of each usage
    first. Usages whose largest view has fewer than WEEKS_MIN whole weeks of data have no row.
    """
    oldest = (pl.col("used_day") - pl.col("first_day")).dt.total_days()
    long = top.filter(pl.col("actors").is_not_null()).unique("row", keep="first", maintain_order=True)
    long = long.select("group", oldest.alias("oldest"))
    long = long.filter(pl.col("oldest") >= WEEKS_MIN * WEEK - 1)
    place = (pl.col("group") * _PLACES - pl.col("ago") // WEEK).alias("place")
    weekly = used.select(place.set_sorted(), "row", "group", (pl.col("ago") // WEEK).alias("week"), "actors")
    peaks = weekly.group_by("place", maintain_order=True).agg(
        pl.col("row", "group", "week").first(), pl.col("actors").max()
    )
    peaks = peaks.drop_nulls("actors").join(long, on="group")
    whole = peaks.filter((pl.col("week") + 1) * WEEK <= pl.col("oldest") + 1).sort("row", "week")
    following = pl.col("row", "week", "actors").shift(-1).name.suffix("_before")
    grew = (
        (pl.col("row") == pl.col("row_before"))
        & (pl.col("week_before") == pl.col("week") + 1)
        & (pl.col("actors") > pl.col("actors_before"))
    )
    broken = pl.col("week").filter(~pl.col("grew")).min()
    weeks = (
        whole.with_columns(following)
        .with_columns(grew.fill_null(value=False).alias("grew"))
        .group_by("row")
        .agg(
            pl.when(pl.col("week").min() == 0).then(broken).otherwise(0).alias("growth_weeks"), pl.len().alias("weeks")
        )
    )
    return weeks.filter(pl.col("weeks") >= WEEKS_MIN).drop("weeks")
