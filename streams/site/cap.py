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
    full = crowded(names)
    if not full.any():
        return rows, names
    hosts = names.filter(full)
    seen = rows.select("name", "day").unique().join(hosts.select("name"), on="name", how="semi")
    moved, whole = beyond(seen, hosts, key)
    if not moved.height:
        return rows, names
    rows = (
        rows.join(moved, on=["name", "day"], how="left").with_columns(name=pl.coalesce("whole", "name")).drop("whole")
    )
    known = pl.concat([names.select(NAMES.names()), whole]).unique("name", maintain_order=True)
    return rows, known.join(rows.select("name"), on="name", how="semi")


def crowded(names: pl.DataFrame) -> pl.Series:
    """True for NAMES of domains that could be beyond the cap on some day."""
    many = names.group_by("domain").len().filter((pl.col("len") > NAMES_MAX) & pl.col("domain").is_not_null())
    if not many.height:
        return pl.repeat(value=False, n=names.height, eager=True)
    hosts = (
        names.filter(pl.col("domain").is_in(many["domain"].implode())).group_by("domain").agg(pl.col("host").n_unique())
    )
    full = hosts.filter(pl.col("host") > NAMES_MAX)["domain"]
    return names["domain"].is_in(full.implode()).fill_null(value=False)


def beyond(seen: pl.DataFrame, names: pl.DataFrame, key: SiteKey) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Which names of `seen` (name, day: distinct) are beyond the cap, with what they count as (name, day, whole); its NAMES.

    `names` has at least all names that are seen; of a domain that is seen, all its days are.
    """
    hosts = seen.join(names.select("name", "host", "domain", "application"), on="name")
    order = hosts.select("host").unique()
    order = order.sort(
        pl.col("host").str.count_matches(".", literal=True), pl.col("host").str.len_chars(), "host"
    ).with_row_index("place")
    # numbers are ranked, not texts: a tracker's names fill a block, and ranking them as texts takes ten times the memory
    rank = pl.col("place").rank("dense").over("domain", "day")
    after = hosts.join(order, on="host").filter(rank > NAMES_MAX).drop("place")
    whole = after.select("domain", "application").unique()
    texts = whole.select(
        pl.concat_str("domain", pl.lit(""), pl.col("application").fill_null(""), separator="\n")
    ).to_series()
    whole = whole.with_columns(pl.Series("whole", key.words("name", texts), dtype=pl.UInt64))
    moved = after.join(whole, on=["domain", "application"], nulls_equal=True).select("name", "day", "whole")
    return moved, whole.select(
        pl.col("whole").alias("name"),
        pl.col("domain").alias("host"),
        "domain",
        pl.lit(None, pl.String).alias("address"),
        "application",
    )
