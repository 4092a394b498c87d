"""Which arriving observations say something that the usages do not know yet."""

import numpy as np
import polars as pl

from connectors.store.loose import Loose

_KNOWN = ["usage", "id"]


def fresh(arriving: pl.DataFrame, held: Loose, usages: pl.Series) -> pl.DataFrame:
    """Rows with a higher revision than what is stored under their id, or another content under the same revision.

    `usages` are the ids of the documents of `held`; arriving rows name theirs in `usage`.
    """
    if held.ids is None or arriving.is_empty() or not len(held.ids):
        return arriving
    places = np.flatnonzero(held.ids.is_in(arriving["id"].implode()).to_numpy())
    if not len(places):
        return arriving
    known = held.frame(places).with_columns(usages.gather(held.document[places]).alias("usage"))
    newest = known.group_by(_KNOWN).agg(pl.col("revision").max().alias("held"))
    rows = arriving.join(newest, on=_KNOWN, how="left", maintain_order="left")
    newer = rows.filter(pl.col("held").is_null() | (pl.col("revision") > pl.col("held"))).drop("held")
    again = rows.filter(pl.col("revision") == pl.col("held")).drop("held")
    if again.is_empty():
        return newer
    content = pl.struct("usage", *held.schema.names()).hash(seed=3).alias("content")
    said = known.join(again, on=_KNOWN, how="semi").select(content)
    other = again.with_columns(content).join(said, on="content", how="anti").drop("content")
    return pl.concat([newer, other])
