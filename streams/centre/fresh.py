"""Which arriving observations say something that the usages do not know yet."""

import polars as pl

from schemas.observation import OBSERVATION
from streams.centre.measure import exploded


def fresh(arriving: pl.DataFrame, usages: pl.DataFrame) -> pl.DataFrame:
    """Rows with a higher revision than what is stored under their id, or another content under the same revision."""
    if usages.is_empty() or arriving.is_empty():
        return arriving
    known = exploded(usages)
    known = known.filter(pl.col("id").is_in(arriving["id"].unique().implode()))
    held = known.group_by("id").agg(pl.col("revision").max().alias("held"))
    rows = arriving.join(held, on="id", how="left", maintain_order="left")
    newer = rows.filter(pl.col("held").is_null() | (pl.col("revision") > pl.col("held"))).drop("held")
    again = rows.filter(pl.col("revision") == pl.col("held")).drop("held")
    if again.is_empty():
        return newer
    content = pl.struct(OBSERVATION.names).hash(seed=3).alias("content")
    said = known.join(again, on="id", how="semi").select(content)
    other = again.with_columns(content).join(said, on="content", how="anti").drop("content")
    return pl.concat([newer, other])
