"""At most 200 names of a registrable domain a day; the others count as the domain itself.

The shortest names stay (fewest labels, then characters, then spelling): services have short names, trackers long random
ones. What stays of a union is among what stays of its parts, so blocks may be capped before they are merged.
"""

import polars as pl

from streams.site.keys import SiteKey
from streams.site.rows import NAMES

NAMES_MAX = 200
"""Names of one registrable domain that are told apart on one day."""


def capped(rows: pl.DataFrame, names: pl.DataFrame, key: SiteKey) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows with the names beyond the cap replaced, and the NAMES that then occur; rows are not merged again."""
    crowded = names.group_by("domain").agg(pl.col("host").n_unique().alias("hosts")).filter(pl.col("hosts") > NAMES_MAX)
    if not crowded.height:
        return rows, names
    hosts = names.join(crowded, on="domain", how="semi").select("name", "host", "domain", "application")
    seen = rows.select("name", "day").unique().join(hosts, on="name")
    order = pl.struct(
        pl.col("host").str.count_matches(".", literal=True).alias("labels"),
        pl.col("host").str.len_chars().alias("length"),
        "host",
    )
    beyond = seen.with_columns(order.rank("dense").over("domain", "day").alias("rank")).filter(
        pl.col("rank") > NAMES_MAX
    )
    if not beyond.height:
        return rows, names
    whole = beyond.select("domain", "application").unique()
    texts = whole.select(
        pl.concat_str("domain", pl.lit(""), pl.col("application").fill_null(""), separator="\n")
    ).to_series()
    whole = whole.with_columns(pl.Series("whole", key.words("name", texts), dtype=pl.UInt64))
    moved = beyond.join(whole, on=["domain", "application"], nulls_equal=True).select("name", "day", "whole")
    rows = (
        rows.join(moved, on=["name", "day"], how="left").with_columns(name=pl.coalesce("whole", "name")).drop("whole")
    )
    added = whole.select(
        pl.col("whole").alias("name"),
        pl.col("domain").alias("host"),
        "domain",
        pl.lit(None, pl.String).alias("address"),
        "application",
    )
    known = pl.concat([names.select(NAMES.names()), added]).unique("name", maintain_order=True)
    return rows, known.join(rows.select("name"), on="name", how="semi")
